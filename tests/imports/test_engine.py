"""A table's way through a file: recognised, checked, compared, written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from landbureau.imports.choices import NOT_IMPORTED
from landbureau.imports.errors import FileRefused
from tests.imports import files
from tests.imports.lots import HEAD, Choices, bring, codes, lot, only, sheet
from tests.ledger.models import Lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]


def test_a_clean_table_goes_in_exactly() -> None:
    report = bring(sheet(lot(1), lot(2)))

    assert report.committed
    assert report.as_json() == {
        "sheets": [
            {
                "sheet": "Sheet1",
                "kind": "lots",
                "rows": 2,
                "created": 2,
                "updated": 0,
                "unchanged": 0,
                "missing": 0,
                "questions": [],
                "errors": [],
            }
        ],
        "committed": True,
    }
    first = Lot.objects.get(number="2026B00001")
    assert (first.area, first.price, first.plot_ratio) == (
        Decimal("17343.50"),
        Decimal("5136001.00"),
        Decimal("1.20"),
    )
    assert (first.signed_on, first.completion_on) == (date(2026, 3, 1), date(2028, 9, 1))
    assert (first.phone, first.instalments, first.remark) == ("138 0000 0001", 2, "")


def test_the_same_file_again_changes_nothing() -> None:
    bring(sheet(lot(1), lot(2)))

    report = bring(sheet(lot(1), lot(2)))

    assert report.committed
    assert (only(report).unchanged, only(report).created, only(report).updated) == (2, 0, 0)


def test_what_differs_is_shown_old_and_new_and_only_that_is_written() -> None:
    bring(sheet(lot(1), lot(2)))
    Lot.objects.filter(number="2026B00001").update(remark="别处写的")

    report = bring(sheet(lot(1, remark="别处写的"), lot(2, completion_on=date(2028, 12, 1), area="20,000")))

    assert only(report).changes == [
        (3, "面积", "17,344.50", "20,000.00"),
        (3, "约定竣工日期", "2028-09-01", "2028-12-01"),
    ]
    changed = Lot.objects.get(number="2026B00002")
    assert (changed.completion_on, changed.area) == (date(2028, 12, 1), Decimal(20000))


def test_personal_data_of_the_system_is_masked_where_it_is_compared() -> None:
    bring(sheet(lot(1)))

    ((_, column, old, new),) = only(bring(sheet(lot(1, phone="138 0000 9999")), dry_run=True)).changes

    assert column == "联系电话"
    assert "*" in old
    assert "0000 00" not in old
    assert new == "138 0000 9999"


def test_a_blank_cell_empties_the_value_and_is_counted() -> None:
    bring(sheet(lot(1, remark="旧的备注")))

    report = bring(sheet(lot(1)))

    assert only(report).changes == [(2, "备注", "旧的备注", "")]
    assert only(report).cleared == 1
    assert Lot.objects.get().remark == ""


def test_columns_that_the_file_lacks_are_left_alone() -> None:
    bring(sheet(lot(1, remark="保留")))
    names = ["电子监管号", "供应方式", "用地单位", "乡镇", "面积", "签订日期"]
    places = [HEAD.index(name) for name in names]

    report = bring(sheet([lot(1, method="拍卖")[place] for place in places], head=names))

    assert report.committed
    kept = Lot.objects.get()
    assert (kept.method, kept.remark, kept.phone) == ("拍卖", "保留", "138 0000 0001")


def test_what_the_file_lacks_is_named_and_never_deleted() -> None:
    bring(sheet(lot(1), lot(2), lot(3)))

    report = bring(sheet(lot(2)))

    assert only(report).missing == 2
    assert only(report).missing_names == [
        "2026B00001　新河县演示1号有限公司",
        "2026B00003　新河县演示3号有限公司",
    ]
    assert Lot.objects.count() == 3


def test_all_errors_are_told_at_their_places_and_nothing_is_written() -> None:
    report = bring(
        sheet(
            lot(1),
            lot(2, signed_on="2026-2-30"),
            lot(3, area="一百亩", method=None),
            lot(4, deposit=9999999.0),
        )
    )

    assert not report.committed
    assert not Lot.objects.exists()
    assert codes(report) == [
        (3, "签订日期", "no_such_day"),
        (4, "供应方式", "required"),
        (4, "面积", only(report).errors[2].code),
        (5, "定金", "deposit_too_large"),
    ]
    assert only(report).errors[0].value == "2026-2-30"
    assert {outcome for _, outcome, _ in only(report).outcomes} == {"created", "failed"}


def test_a_question_holds_the_file_back_until_it_is_answered() -> None:
    rows = sheet(lot(1), lot(2, township="寻寨"))

    report = bring(rows)

    assert not report.committed
    assert not Lot.objects.exists()
    (asked,) = only(report).questions
    assert asked.as_json() == {
        "row": 3,
        "column": "乡镇",
        "code": "unknown_township",
        "message": "不在乡镇名单中。",
        "value": "寻寨",
        "proposal": "寻寨镇",
    }
    answered = bring(rows, choices=Choices(answers={asked.question: "白神首乡"}))
    assert answered.committed
    assert Lot.objects.get(number="2026B00002").township == "白神首乡"


def test_with_proposals_accepted_the_file_goes_in_and_the_questions_are_still_told() -> None:
    report = bring(sheet(lot(1, township="寻寨")), accept=True)

    assert report.committed
    assert [finding.code for finding in only(report).questions] == ["unknown_township"]
    assert Lot.objects.get().township == "寻寨镇"


def test_a_dry_run_writes_nothing() -> None:
    report = bring(sheet(lot(1)), dry_run=True)

    assert (only(report).created, report.committed) == (1, False)
    assert not Lot.objects.exists()


def test_a_cell_may_be_corrected_without_changing_the_file() -> None:
    rows = sheet(lot(1, signed_on="2026-2-30"))

    report = bring(rows, choices=Choices(cells={"Sheet1": {2: {HEAD.index("签订日期"): "2026-02-28"}}}))

    assert report.committed
    assert Lot.objects.get().signed_on == date(2026, 2, 28)


def test_a_row_that_comes_twice_is_an_error_that_names_the_first() -> None:
    report = bring(sheet(lot(1), lot(2), lot(1)))

    assert codes(report) == [(4, "电子监管号", "duplicate_row")]
    assert "第 2 行" in only(report).errors[0].message


def test_two_sheets_of_one_table_are_one_table() -> None:
    report = bring(files.xlsx({"出让": sheet(lot(1)), "划拨": sheet(lot(2), lot(1))}))

    assert codes(report) == [(3, "电子监管号", "duplicate_row")]
    assert "“出让”第 2 行" in report.sheets[1].errors[0].message


# --- The head --------------------------------------------------------------------------------------------


def test_title_rows_above_the_head_are_passed_over() -> None:
    rows = [["新河县2026年供地台账"], ["填报单位：新河县国土资源局", None, "2026年11月"], *sheet(lot(1))]

    report = bring(rows)

    assert report.committed
    assert only(report).header == (3, 3)


@pytest.mark.parametrize(
    ("head", "value", "stored"),
    [
        ("成交价款（万元）", 513.6, Decimal("5136000.00")),
        ("成交价款/万元", "513.60", Decimal("5136000.00")),
        ("出让价款(元)", "5,136,000", Decimal("5136000.00")),
        ("价款", "513.6万元", Decimal("5136000.00")),
        ("成 交\n价 款（亿元）", 0.05136, Decimal("5136000.00")),
    ],
)
def test_units_come_from_the_head_or_the_cell(head: str, value: Any, stored: Decimal) -> None:
    heads = [head if title == "成交价款" else title for title in HEAD]

    report = bring(sheet(lot(1, price=value, deposit=None), head=heads))

    assert report.committed, codes(report)
    assert Lot.objects.get().price == stored


@pytest.mark.parametrize("head", ["成交价款（万美元）", "面积（万元）"])
def test_a_unit_that_cannot_be_converted_is_an_error(head: str) -> None:
    heads = [head if head.startswith(title) else title for title in HEAD]

    assert (1, head, "wrong_unit") in codes(bring(sheet(lot(1), head=heads)))


def test_a_line_above_the_head_names_the_units() -> None:
    report = bring([["单位：万元、公顷"], *sheet(lot(1, price=513.6, deposit=100.0, area=1.5))])

    assert report.committed, codes(report)
    kept = Lot.objects.get()
    assert (kept.price, kept.deposit, kept.area) == (
        Decimal("5136000.00"),
        Decimal("1000000.00"),
        Decimal("15000.00"),
    )


def test_mu_become_square_metres() -> None:
    heads = ["宗地面积（亩）" if title == "面积" else title for title in HEAD]

    bring(sheet(lot(1, area=26.01), head=heads))

    assert Lot.objects.get().area == Decimal("17340.00")


def test_a_head_of_two_lines_is_read_as_one() -> None:
    upper, lower = list(HEAD), [None] * len(HEAD)
    at = HEAD.index("约定开工日期")
    upper[at : at + 2] = ["约定", None]
    lower[at : at + 2] = ["开工日期", "竣工日期"]
    merges = [(1, at, 1, at + 1)] + [(1, i, 2, i) for i in range(len(HEAD)) if i not in (at, at + 1)]

    report = bring(files.xlsx([upper, lower, lot(1)], merges=merges))

    assert report.committed, codes(report)
    assert only(report).header == (1, 2)
    assert Lot.objects.get().completion_on == date(2028, 9, 1)


def test_units_in_a_second_line_belong_to_the_head() -> None:
    lower = [{"面积": "（公顷）", "成交价款": "（万元）", "定金": "（万元）"}.get(title) for title in HEAD]

    report = bring([HEAD, lower, lot(1, area=1.5, price=513.6, deposit=100)])

    assert report.committed, codes(report)
    assert (Lot.objects.get().area, Lot.objects.get().price) == (Decimal("15000.00"), Decimal("5136000.00"))


def test_an_unknown_column_is_an_error_that_names_it() -> None:
    report = bring(sheet([*lot(1), "甲级"], head=[*HEAD, "土地等级"]))

    assert codes(report) == [(1, "土地等级", "unknown_column")]
    assert not report.committed


def test_an_unknown_column_may_be_left_out_or_given_its_meaning() -> None:
    rows = sheet([*lot(1), "甲级"], head=[*HEAD, "土地等级"])

    left_out = bring(rows, choices=Choices(columns={"Sheet1": {len(HEAD): NOT_IMPORTED}}))
    assert left_out.committed

    place = HEAD.index("备注")
    rows[0][place], rows[0][-1] = "附注", "等级"
    given = bring(rows, choices=Choices(columns={"Sheet1": {place: NOT_IMPORTED, len(HEAD): "remark"}}))
    assert given.committed
    assert Lot.objects.get().remark == "甲级"


def test_a_column_with_content_and_no_head_is_an_error() -> None:
    report = bring(sheet([*lot(1), "说不清"], [*lot(2), "也是"]))

    assert codes(report) == [(2, "U 列", "no_head")]
    left_out = Choices(columns={"Sheet1": {len(HEAD): NOT_IMPORTED}})
    assert bring(sheet([*lot(1), "说不清"], [*lot(2), "也是"]), choices=left_out).committed


def test_two_heads_of_one_meaning_are_an_error() -> None:
    report = bring(sheet([*lot(1), date(2026, 3, 2)], head=[*HEAD, "合同签订日期"]))

    assert codes(report) == [(1, "合同签订日期", "duplicate_column")]


def test_a_column_without_a_head_may_be_given_its_meaning() -> None:
    head = [None if title == "备注" else title for title in HEAD]

    report = bring(
        sheet(lot(1, remark="甲"), head=head),
        choices=Choices(columns={"Sheet1": {HEAD.index("备注"): "remark"}}),
    )

    assert report.committed, codes(report)
    assert Lot.objects.get().remark == "甲"


def test_a_missing_column_is_an_error_when_it_is_needed() -> None:
    place = HEAD.index("签订日期")
    row = lot(1)
    del row[place]

    report = bring(sheet(row, head=[title for title in HEAD if title != "签订日期"]))

    assert (1, "签订日期", "column_missing") in codes(report)
    assert not report.committed


def test_running_numbers_are_no_unknown_column() -> None:
    report = bring(sheet([1, *lot(1)], [2, *lot(2)], [3], [4], head=["序号", *HEAD]))

    assert report.committed, codes(report)
    assert only(report).rows == 2


def test_a_file_without_the_head_is_refused_in_one_sentence() -> None:
    with pytest.raises(FileRefused, match="没有找到“供地台账”的表头"):
        bring([["姓名", "年龄"], ["张三", 30]])


def test_a_sheet_beside_the_table_is_asked_about() -> None:
    report = bring(files.xlsx({"台账": sheet(lot(1)), "填表说明": [["请如实填写"]]}))

    assert codes(report) == [(1, "", "unknown_sheet")]
    assert [told["kind"] for told in report.as_json()["sheets"]] == ["lots", None]
    assert bring(files.xlsx({"台账": sheet(lot(1)), "说明": [["请如实填写"]]}), accept=True).committed
    left_out = Choices(kinds={"填表说明": NOT_IMPORTED})
    assert bring(
        files.xlsx({"台账": sheet(lot(2)), "填表说明": [["请如实填写"]]}), choices=left_out
    ).committed


# --- Rows -------------------------------------------------------------------------------------------------


def test_merged_cells_are_carried_down() -> None:
    place = HEAD.index("用地单位")
    rows = sheet(lot(1), lot(2, land_user=None), lot(3, land_user=None), lot(4))

    report = bring(files.xlsx(rows, merges=[(2, place, 4, place)]))

    assert report.committed, codes(report)
    assert set(Lot.objects.filter(number__lt="2026B00004").values_list("land_user", flat=True)) == {
        "新河县演示1号有限公司"
    }


def test_a_blank_cell_outside_the_merged_ones_is_a_question() -> None:
    place = HEAD.index("用地单位")
    rows = sheet(lot(1), lot(2, land_user=None), lot(3, land_user=None))

    report = bring(files.xlsx(rows, merges=[(2, place, 3, place)]))

    (asked,) = only(report).questions
    assert (asked.row, asked.code, asked.proposal) == (4, "carry_down", "新河县演示1号有限公司")
    assert bring(files.xlsx(rows, merges=[(2, place, 3, place)]), accept=True).committed


def test_a_csv_knows_no_merged_cells_and_blanks_are_carried_down() -> None:
    report = bring(files.csv(sheet(lot(1), lot(2, land_user=None))), name="台账.csv")

    assert report.committed, codes(report)
    assert Lot.objects.filter(land_user="新河县演示1号有限公司").count() == 2


def test_the_head_printed_again_on_the_next_page_is_no_row() -> None:
    report = bring([*sheet(lot(1)), HEAD, lot(2)])

    assert report.committed, codes(report)
    assert only(report).rows == 2


@pytest.mark.parametrize("first", ["合计", "合 计", "注：面积以证书为准", "填表人：演示人"])
def test_sums_and_notes_below_the_table_are_asked_about(first: str) -> None:
    foot = [first, *[None] * (len(HEAD) - 1)]
    report = bring([*sheet(lot(1)), foot])

    assert codes(report) == [(3, "电子监管号", "foot_row")]
    accepted = bring([*sheet(lot(1)), foot], accept=True)
    assert accepted.committed
    assert only(accepted).outcomes[-1][1] == "skipped"


def test_a_table_without_rows_brings_nothing() -> None:
    report = bring(sheet())

    assert report.committed
    assert (only(report).rows, only(report).findings) == (0, [])


def test_cells_merged_downwards_say_the_same_in_every_column() -> None:
    place = HEAD.index("用途")
    rows = sheet(lot(1, use="商服用地"), lot(2, use=None), lot(3, use=None), lot(4, use=None))

    report = bring(files.xlsx(rows, merges=[(2, place, 4, place)]))

    assert report.committed, codes(report)
    assert list(Lot.objects.order_by("number").values_list("use", flat=True)) == ["商服用地"] * 3 + [""]


def test_merged_cells_that_are_blank_say_nothing() -> None:
    """Not what stands above them."""
    place = HEAD.index("用途")
    rows = sheet(lot(1, use="商服用地"), *(lot(number, use=None) for number in (2, 3, 4)))

    report = bring(files.xlsx(rows, merges=[(3, place, 5, place)]))

    assert report.committed, codes(report)
    assert list(Lot.objects.order_by("number").values_list("use", flat=True)) == ["商服用地", "", "", ""]


def test_cells_merged_both_ways_have_their_value_in_the_first_column() -> None:
    place = HEAD.index("送达地址")  # and 宗地坐落 beside it
    rows = sheet(lot(1, location="甲处"), *(lot(number, address="乙路", location=None) for number in (2, 3)))
    rows[3][place] = None

    report = bring(files.xlsx(rows, merges=[(3, place, 4, place + 1)]))

    assert report.committed, codes(report)
    held = list(Lot.objects.order_by("number").values_list("address", "location"))
    assert held[1:] == [("乙路", ""), ("乙路", "")]


@pytest.mark.parametrize("title", ["一、工业用地", "（以下空白）", "第1页 共1页"])
def test_a_row_of_one_cell_is_asked_about(title: str) -> None:
    rows = [*sheet(lot(1)), [title], lot(2)]

    report = bring(rows)

    assert codes(report) == [(3, "电子监管号", "foot_row")]
    assert bring(rows, accept=True).committed
    assert Lot.objects.count() == 2


def test_a_row_may_be_left_out() -> None:
    rows = sheet(lot(1), lot(2, area="很大"))

    report = bring(rows, choices=Choices(rows={"Sheet1": [3]}))

    assert report.committed
    assert [outcome for _, outcome, _ in only(report).outcomes] == ["created", "skipped"]


def test_a_hidden_sheet_is_asked_about() -> None:
    book = {"台账": sheet(lot(1)), "旧表": sheet(lot(2))}
    hidden = files.xlsx(book, hidden=["旧表"])

    report = bring(hidden)

    assert codes(report) == [(1, "", "hidden_sheet")]
    assert bring(hidden, accept=True).committed
    assert Lot.objects.count() == 1, "as proposed it stays out"
    (asked,) = report.sheets[1].questions
    assert bring(hidden, choices=Choices(answers={asked.question: "导入"})).committed
    assert Lot.objects.count() == 2


def test_of_one_kind_of_error_the_first_are_told_and_the_others_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("landbureau.imports.report.MOST_FINDINGS", 3)

    report = bring(
        sheet(*(lot(number, area="很大") for number in range(1, 9)), lot(9, signed_on="2026-2-30"))
    )

    assert [code for _, _, code in codes(report)] == ["not_a_number"] * 3 + ["no_such_day"]
    assert report.unlisted == 5
    assert not report.is_clear


def test_questions_that_are_not_told_hold_the_file_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbureau.imports.report.MOST_FINDINGS", 1)
    rows = sheet(lot(1, township="寻寨"), lot(2, township="白神"))

    (asked,) = only(bring(rows)).questions
    assert not bring(rows, choices=Choices(answers={asked.question: "寻寨镇"})).committed
    assert not Lot.objects.exists()


def test_a_long_text_above_the_table_is_no_head_and_costs_nothing() -> None:
    assert bring([["(" * 16000 + ")" * 16000], *sheet(lot(1))]).committed


def test_new_rows_are_shown_with_what_they_hold() -> None:
    ((row, holds),) = only(bring(sheet(lot(1)), dry_run=True)).news

    assert row == 2
    assert "乡镇 新河镇" in holds
    assert "成交价款 5,136,001.00" in holds
    assert "2026B00001" not in holds, "the key names the row"


def test_queries_grow_with_chunks_and_not_with_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbureau.imports.engine.CHUNK", 20)

    def queries(first: int, count: int) -> int:
        rows = sheet(*(lot(number) for number in range(first, first + count)))
        with CaptureQueriesContext(connection) as captured:
            assert bring(rows).committed
        return len(captured)

    assert queries(1, 10) == queries(100, 20), "one chunk, however full"
    few, many = queries(1000, 40), queries(2000, 80)
    assert many - few == 2 * 2, "a chunk costs one query to compare and one to write"
