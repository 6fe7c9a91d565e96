"""The ledger of supplies: what comes in, how, and what is refused."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from landbureau.accounts.models import Assignment, Bureau, Township, TownshipOffice, User, Village
from landbureau.imports.choices import Choices
from landbureau.imports.cleaning import fold
from supervision.supply.imports import Events, Supplies
from supervision.supply.models import Correction, Event, Instalment, LandSupply, LandUser
from supervision.supply.selectors import regime
from supervision.supply.services import assign_officers, project
from tests.factories import UserFactory, VillageFactory, allow
from tests.imports import files
from tests.supply.factories import TODAY, happen, make_land_user, make_supply
from tests.supply.sheets import (
    bring,
    counts,
    errors,
    exported,
    found,
    further,
    ledger,
    only,
    question,
    supply,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]


def lines(number: int = 1) -> list[tuple[int, date | None, Decimal]]:
    rows = Instalment.objects.filter(supply__supervision_number=f"1305302025B{number:05}").order_by("seq")
    return list(rows.values_list("seq", "due_on", "amount"))


def officer(name: str = "演示国土员", **columns: Any) -> User:
    person: User = UserFactory.create(name=name, **columns)
    return allow(person, "create_visit")


# --- Heads and formats -----------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [Supplies, Events])
def test_no_head_means_two_columns(target: type[Any]) -> None:
    heads = [
        (fold(head), column.name) for column in target.columns for head in (column.title, *column.synonyms)
    ]
    names: dict[str, set[str]] = {}
    for head, name in heads:
        names.setdefault(head, set()).add(name)
    assert {head: found for head, found in names.items() if len(found) > 1} == {}


def test_a_row_goes_in_exactly() -> None:
    assert counts(bring(ledger(supply(plot_ratio="≤1.8", remark="首宗")))) == (1, 0, 0)

    row = LandSupply.objects.select_related("parcel__township", "land_user").get()
    assert (row.number, row.contract_number, row.method) == (
        "1305302025B00001",
        "新土让〔2025〕1号",
        "listing",
    )
    assert (row.land_user.name, row.land_user.identity) == ("新河县演示1号有限公司", "91110000600037341L")
    assert (row.land_user.contact, row.land_user.phone) == ("演示人", "13800000001")
    assert row.parcel.township == Township.objects.get(name="寻寨镇")
    assert (row.parcel.area, row.parcel.use, row.parcel.plot_ratio) == (
        Decimal("26680.00"),
        "工业用地",
        "≤1.8",
    )
    assert (row.price, row.investment) == (Decimal("5000000.00"), Decimal("20000000.00"))
    assert (row.payment_rate, row.start_rate, row.completion_rate) == (Decimal(1), None, None)
    assert (row.section, row.remark) == (regime().section, "首宗")
    assert lines() == [(1, date(2025, 4, 1), Decimal("5000000.00"))]
    assert row.urgent_on == date(2025, 4, 1)  # what follows is there as well


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods", "csv", "bom", "gb18030"])
def test_every_format_gives_the_same(form: str) -> None:
    rows = ledger(supply(), further(seq=2, due_on=date(2025, 9, 1), amount=1_000_000), supply(2))
    make = {
        "xlsx": files.xlsx,
        "xls": files.xls,
        "ods": files.ods,
        "csv": lambda rows: files.csv(rows, "utf-8"),
        "bom": files.csv,
        "gb18030": lambda rows: files.csv(rows, "gb18030"),
    }[form]
    name = f"台账.{form if form in ('xlsx', 'xls', 'ods') else 'csv'}"

    assert counts(bring(make(rows), name)) == (3, 0, 0)

    assert [seq for seq, _, _ in lines()] == [1, 2]
    assert LandSupply.objects.get(number="1305302025B00002").signed_on == date(2025, 3, 3)
    assert counts(bring(make(rows), name)) == (0, 0, 3)


MESSY = [
    ["新河县国有建设用地供应台账（2024年度）"],
    ["填报单位：演示科室", None, None, None, None, None, "单位：万元、公顷"],
    [
        "序号",
        "监管号",
        "合同编号",
        "供地方式",
        "受让人",
        "出让面积（亩）",
        "成交价（万元）",
        "合同签订日期",
        "约定动工时间",
        "约定竣工时间",
        "第一期",
        "",
        "第二期",
        "",
        "所在乡镇",
    ],
    [None] * 10 + ["应缴日期", "应缴金额", "应缴日期", "应缴金额"],
    [
        "1",
        "1305302024B00011",
        "新土让[2024]11号",
        "挂牌出让",
        "新河县演示 十一号有限公司",
        "40.02亩",
        "１,２００",
        "2024年3月1日",
        "2024.9.1",
        "2026-9-1",
        "2024/4/1",
        "600",
        "2024年9月1日",
        "600",
        "新河县寻寨镇",
    ],
    [
        "2",
        "1305302024B00012",
        "新土让[2024]12号",
        "拍卖",
        None,
        "10",
        "300万元",
        "2024年3月1日",
        "2024.9.1",
        "2026-9-1",
        "2024.4.1",
        "300",
        None,
        None,
        "寻寨镇",
    ],
    ["3", "1305302024B00013", None, "划拨", "新河县演示十三局", "3", None, "2024年3月1日"],
    ["合计", None, None, None, None, "53.02", "1500"],
]


def test_a_messy_table_of_an_office_in_gb18030() -> None:
    report = bring(files.csv(MESSY, "gb18030"), "台账.csv", accept=True)

    assert counts(report) == (3, 0, 0)
    assert [code for _, _, code in found(report)] == ["foot_row"]
    first, second, third = LandSupply.objects.order_by("number").select_related("parcel", "land_user")
    assert (first.parcel.area, first.price) == (Decimal("26680.00"), Decimal("12000000.00"))
    assert first.agreed_start_on == date(2024, 9, 1)
    assert list(first.instalments.values_list("seq", "due_on", "amount")) == [
        (1, date(2024, 4, 1), Decimal("6000000.00")),
        (2, date(2024, 9, 1), Decimal("6000000.00")),
    ]
    assert second.land_user == first.land_user  # a merged cell of the company
    assert second.instalments.count() == 1
    assert (third.method, third.price, third.instalments.count()) == ("allocation", None, 0)

    assert counts(bring(files.csv(MESSY, "gb18030"), "台账.csv", accept=True)) == (0, 0, 3)


def test_merged_cells_of_a_supply_cover_its_instalments() -> None:
    rows = ledger(supply(), {"seq": 2, "due_on": date(2025, 9, 1), "amount": 10}, supply(2))
    merges = [(2, column, 3, column) for column in range(17)]

    assert counts(bring(files.xlsx(rows, merges))) == (3, 0, 0)

    assert [seq for seq, _, _ in lines()] == [1, 2]


# --- Instalments -----------------------------------------------------------------------------------------


def test_rows_without_a_number_of_the_instalment_are_numbered_in_order() -> None:
    rows = ledger(
        supply(seq=None, amount=3_000_000),
        supply(seq=None, amount=2_000_000, due_on=date(2025, 9, 1)),  # the same, repeated
    )

    assert counts(bring(rows)) == (2, 0, 0)
    assert [(seq, int(amount)) for seq, _, amount in lines()] == [(1, 3_000_000), (2, 2_000_000)]


def test_instalments_as_columns_of_the_row() -> None:
    heads = {
        "amount_1": "首期金额（万元）",
        "due_on_1": "首期日期",
        "amount_2": "第2期金额",
        "due_on_2": "第2期日期",
    }
    wide = supply(seq=None, due_on=None, amount=None, amount_1=300, due_on_1=date(2025, 4, 1))
    wide |= {"amount_2": 2_000_000, "due_on_2": date(2026, 3, 1)}

    assert counts(bring(ledger(wide, heads=heads))) == (1, 0, 0)
    assert [(seq, int(amount)) for seq, _, amount in lines()] == [(1, 3_000_000), (2, 2_000_000)]
    again = bring(ledger(wide, heads=heads))
    assert counts(again) == (0, 0, 1)
    assert only(again).missing == 0

    wide["amount_2"] = wide["due_on_2"] = None
    report = bring(ledger(wide, heads=heads))
    assert [change[1:] for change in only(report).changes] == [
        ("第2期金额", "2,000,000.00", ""),
        ("第2期日期", "2026-03-01", ""),
    ]
    assert [seq for seq, _, _ in lines()] == [1]


def test_what_rows_of_one_supply_say_differently_names_both_rows() -> None:
    report = bring(ledger(supply(), further(seq=2, amount=1, price=4_000_000)))

    assert errors(report) == [(3, "成交价款", "conflict")]
    assert "第 2 行" in only(report).errors[0].message
    assert not LandSupply.objects.exists()


def test_an_instalment_twice_is_an_error() -> None:
    assert errors(bring(ledger(supply(), further(seq=1, amount=1)))) == [(3, "期次", "duplicate_row")]
    heads = {"amount_1": "第1期金额"}
    assert errors(bring(ledger(supply(amount_1=5), heads=heads))) == [(2, "应缴金额", "duplicate_instalment")]


def test_a_supply_twice_is_an_error() -> None:
    assert errors(bring(ledger(supply(), supply(seq=None, due_on=None, amount=None)))) == [
        (3, "电子监管号", "duplicate_row")
    ]


def test_a_day_without_an_amount_is_an_error() -> None:
    assert errors(bring(ledger(supply(amount=None)))) == [(2, "应缴金额", "required")]


def test_a_row_without_a_number_may_be_a_further_instalment() -> None:
    rows = ledger(supply(), {"seq": 2, "due_on": date(2025, 9, 1), "amount": 10})

    asked = question(bring(rows))
    assert (asked.row, asked.code, asked.proposal) == (3, "no_number", "1305302025B00001")

    assert counts(bring(rows, accept=True)) == (2, 0, 0)
    assert errors(bring(ledger(supply(supervision_number=None, contract_number=None)))) == [
        (2, "电子监管号", "required")
    ]


def test_an_allocation_has_no_instalment() -> None:
    row = supply(method="划拨", price=None, seq=None, due_on=None, amount=None)
    assert counts(bring(ledger(row))) == (1, 0, 0)
    assert lines() == []
    assert counts(bring(ledger(row))) == (0, 0, 1)


# --- Rates, numbers, words ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"), [(None, "1"), ("无", None), (0, "0"), (0.5, "0.5"), ("2‰", "2")]
)
def test_a_blank_rate_is_the_regimes_and_zero_is_not_none(typed: Any, stored: str | None) -> None:
    assert counts(bring(ledger(supply(payment_rate=typed)))) == (1, 0, 0)
    assert LandSupply.objects.get().payment_rate == (Decimal(stored) if stored else None)
    again = bring(ledger(supply(payment_rate=typed)))
    assert counts(again) == (0, 0, 1)


@pytest.mark.parametrize(("typed", "stored"), [(None, None), ("无", None), (0, Decimal(0))])
def test_a_blank_rate_for_a_late_start_is_none_and_zero_is_a_rate(typed: Any, stored: Any) -> None:
    assert counts(bring(ledger(supply(start_rate=typed, completion_rate=0.5)))) == (1, 0, 0)
    row = LandSupply.objects.get()
    assert (row.start_rate, row.completion_rate) == (stored, Decimal("0.500"))


def test_a_rate_that_is_a_fraction_is_asked_about() -> None:
    asked = question(bring(ledger(supply(payment_rate=0.001))))
    assert (asked.code, asked.proposal) == ("small_rate", "1")


def test_numbers_that_lost_digits_are_errors_at_their_cells() -> None:
    report = bring(ledger(supply(supervision_number=1.305302025123456e15, identity=911100006000373412.0)))

    assert errors(report) == [
        (2, "电子监管号", "digits_lost"),
        (2, "统一社会信用代码/身份证号", "digits_lost"),
    ]


def test_a_wrong_check_digit_is_told_and_stops_nothing() -> None:
    report = bring(ledger(supply(identity="911100006000373411")))

    assert counts(report) == (1, 0, 0)
    assert only(report).consequences == ["统一社会信用代码/身份证号校验位不符，照原样登记：第 2 行。"]
    assert LandUser.objects.get().identity == "911100006000373411"


def test_every_wrong_cell_is_named_and_nothing_is_imported() -> None:
    report = bring(
        ledger(
            supply(1, signed_on="2025-2-30", area="很大"),
            supply(2, method="公开出让", price=-1),
            supply(3),
            supply(4, agreed_start_on="2025年", amount="1,2,3"),
        )
    )

    assert errors(report) == [
        (2, "面积", "not_a_number"),
        (2, "签订日期", "no_such_day"),
        (3, "供应方式", "unknown_choice"),
        (3, "成交价款", "out_of_range"),
        (5, "约定开工日期", "day_missing"),
        (5, "应缴金额", "not_a_number"),
    ]
    assert not LandSupply.objects.exists()
    assert not LandUser.objects.exists()


def test_further_rows_of_a_supply_whose_first_row_is_wrong_add_no_errors() -> None:
    report = bring(ledger(supply(signed_on="2025-2-30"), further(seq=2, amount=1, due_on=date(2025, 9, 1))))
    assert errors(report) == [(2, "签订日期", "no_such_day")]


def test_a_file_without_a_number_is_told_what_it_lacks() -> None:
    report = bring([["供应方式", "用地单位"], ["挂牌", "演示公司"]])
    assert errors(report) == [(1, "电子监管号或合同编号/划拨决定书编号", "column_missing")]


def test_unknown_columns_are_named() -> None:
    report = bring(ledger(supply(strange="?"), heads={"strange": "风水"}))
    assert errors(report) == [(1, "风水", "unknown_column")]


def test_a_new_supply_needs_a_land_user_and_a_method() -> None:
    report = bring([["电子监管号", "成交价款"], ["1305302025B00001", 5]])
    assert errors(report) == [(2, "供应方式", "required"), (2, "用地单位", "required")]


def test_a_completion_before_the_start_is_asked_about() -> None:
    rows = ledger(supply(agreed_completion_on=date(2025, 9, 1)))
    assert question(bring(rows)).code == "dates_out_of_order"
    assert counts(bring(rows, accept=True)) == (1, 0, 0)
    assert counts(bring(rows)) == (0, 0, 1)  # known now, and not asked again


def test_what_is_unusual_about_a_contract_is_told() -> None:
    report = bring(ledger(supply(amount=1_000_000, due_on=date(2026, 6, 1), deposit=6_000_000)))

    assert counts(report) == (1, 0, 0)
    assert only(report).consequences == [
        "各期应缴金额之和与成交价款不等：第 2 行。",
        "签订后 1 个月内应缴的不到成交价款的 50%：第 2 行。",
        "最后一期晚于签订后 12 个月：第 2 行。",
        "定金多于成交价款：第 2 行。",
    ]


# --- Places and officers ---------------------------------------------------------------------------------


def test_an_unknown_township_is_the_nearest_or_left_open_or_new() -> None:
    asked = question(bring(ledger(supply(township="寻寨乡"))))
    assert (asked.code, asked.proposal) == ("unknown_township", "寻寨镇")

    far = ledger(supply(township="演示开发区", remark="原备注"))
    asked = question(bring(far))
    assert asked.proposal == "暂不填"
    assert ("演示开发区", "新建“演示开发区”") in asked.options

    assert counts(bring(far, accept=True)) == (1, 0, 0)
    row = LandSupply.objects.select_related("parcel").get()
    assert (row.parcel.township, row.remark) == (None, "原备注（表中乡镇：演示开发区）")
    assert counts(bring(far, accept=True)) == (0, 0, 1)

    choices = Choices(answers={asked.question: "演示开发区"})
    report = bring(far, choices=choices)
    assert counts(report) == (0, 1, 0)
    assert only(report).consequences == ["新建乡镇：演示开发区（演示开发区国土所）。"]
    row = LandSupply.objects.select_related("parcel__township__office").get()
    assert row.parcel.township is not None
    assert row.parcel.township.office == TownshipOffice.objects.get(name="演示开发区国土所")
    assert row.remark == "原备注"


def test_villages_of_a_township_without_any_come_in_with_the_ledger() -> None:
    report = bring(ledger(supply(village="寻寨镇东苑村"), supply(2, village="东苑村")))

    assert counts(report) == (2, 0, 0)
    assert only(report).consequences == ["新建村居：寻寨镇东苑村。"]
    assert {row.parcel.village for row in LandSupply.objects.all()} == {Village.objects.get(name="东苑村")}


def test_a_village_that_the_township_does_not_have_is_asked_about() -> None:
    village = VillageFactory.create(name="东苑村", township=Township.objects.get(name="寻寨镇"))
    asked = question(bring(ledger(supply(village="东园村"))))
    assert (asked.code, asked.proposal) == ("unknown_village", "暂不填")  # another name, another village
    assert ("东苑村", "东苑村") in asked.options
    choices = Choices(answers={asked.question: "东苑村"})
    assert counts(bring(ledger(supply(village="东园村")), choices=choices)) == (1, 0, 0)
    assert LandSupply.objects.get().parcel.village == village


def test_a_village_tells_its_township() -> None:
    village = VillageFactory.create(name="东苑村", township=Township.objects.get(name="寻寨镇"))
    assert counts(bring(ledger(supply(township=None, village="东苑村")))) == (1, 0, 0)
    assert LandSupply.objects.get().parcel.township == village.township
    assert counts(bring(ledger(supply(township=None, village="东苑村")))) == (0, 0, 1)


def test_an_officer_answers_for_the_supply_from_today() -> None:
    person = officer()
    assert counts(bring(ledger(supply(officer="演示国土员")))) == (1, 0, 0)
    row = Assignment.objects.get()
    assert (row.user, row.object_id, row.starts_on) == (person, LandSupply.objects.get().pk, TODAY)

    other = officer("演示国土员乙")
    assert counts(bring(ledger(supply(officer="演示国土员乙")))) == (0, 1, 0)
    assert Assignment.objects.get(ends_on=None).user == other
    assert counts(bring(ledger(supply(officer=None)))) == (0, 1, 0)
    assert not Assignment.objects.filter(ends_on=None).exists()


def test_an_unknown_officer_is_left_open_or_enrolled() -> None:
    rows = ledger(supply(officer="某某某"))
    asked = question(bring(rows))
    assert (asked.code, asked.proposal) == ("unknown_officer", "暂不填")

    assert counts(bring(rows, accept=True)) == (1, 0, 0)
    assert not Assignment.objects.exists()
    assert LandSupply.objects.get().remark == "（表中监管国土员：某某某）"

    report = bring(rows, choices=Choices(answers={asked.question: "某某某"}))
    assert counts(report) == (0, 1, 0)
    person = Assignment.objects.get().user
    assert (person.name, person.office) == ("某某某", TownshipOffice.objects.get(name="寻寨国土所"))
    assert person.has_perm("accounts.create_visit", person.office)
    assert counts(bring(rows)) == (0, 0, 1)


def test_officers_of_one_name_are_told_apart() -> None:
    officer("演示同名", username="one")
    second = officer("演示同名", username="two", office=TownshipOffice.objects.get(name="寻寨国土所"))
    asked = question(bring(ledger(supply(officer="演示同名"))))
    assert (asked.code, asked.proposal) == ("several_officers", "演示同名（two）")
    assert counts(bring(ledger(supply(officer="two")))) == (1, 0, 0)
    assert Assignment.objects.get().user == second
    assert counts(bring(exported())) == (0, 0, 1)


# --- Land users ------------------------------------------------------------------------------------------


def test_the_same_identity_is_the_same_land_user() -> None:
    known = make_land_user("新河县演示1号有限公司", identity="91110000600037341L", phone="13800000009")
    assert counts(bring(ledger(supply(phone=None, contact="新联系人")))) == (1, 0, 0)
    known.refresh_from_db()
    assert LandSupply.objects.get().land_user == known
    assert (known.phone, known.contact) == ("13800000009", "新联系人")
    assert Correction.objects.get().subject == known


def test_the_same_name_without_an_identity_is_the_same_land_user() -> None:
    known = make_land_user("新河县演示1号有限公司")
    assert counts(bring(ledger(supply()))) == (1, 0, 0)
    known.refresh_from_db()
    assert (LandSupply.objects.get().land_user, known.identity) == (known, "91110000600037341L")


def test_the_same_identity_under_another_name_is_asked_about() -> None:
    known = make_land_user("演示旧名有限公司", identity="91110000600037341L")
    rows = ledger(supply())
    asked = question(bring(rows))
    assert (asked.code, asked.proposal) == ("other_name", "演示旧名有限公司")
    assert "91110000600037341L" not in asked.message

    bring(rows, choices=Choices(answers={asked.question: "新河县演示1号有限公司"}))
    known.refresh_from_db()
    assert known.name == "新河县演示1号有限公司"
    assert LandSupply.objects.get().land_user == known


def test_the_same_name_with_another_identity_is_asked_about() -> None:
    known = make_land_user("新河县演示1号有限公司", identity="91110000000000000A")
    rows = ledger(supply())
    asked = question(bring(rows))
    assert (asked.code, asked.proposal) == ("other_identity", "新的用地单位")
    same = asked.options[1][0]
    bring(rows, choices=Choices(answers={asked.question: same}))
    assert LandSupply.objects.get().land_user == known
    bring(ledger(supply(2, land_user=known.name, identity="91110000600037341L")), accept=True)
    assert LandUser.objects.count() == 2


def test_a_merged_land_user_stands_for_the_other() -> None:
    known = make_land_user("演示新公司", identity="91110000600037341L")
    make_land_user("新河县演示1号有限公司", merged_into=known)
    assert counts(bring(ledger(supply()), accept=True)) == (1, 0, 0)
    assert LandSupply.objects.get().land_user == known


def test_two_phones_of_one_land_user_are_asked_about() -> None:
    company = {"land_user": "新河县演示1号有限公司", "identity": None}
    rows = ledger(supply(), supply(2, phone="13800000002", **company))
    asked = question(bring(rows))
    assert (asked.row, asked.code, asked.proposal) == (3, "other_detail", "13800000001")
    assert counts(bring(rows, accept=True)) == (2, 0, 0)
    assert LandUser.objects.get().phone == "13800000001"


# --- Again, and changed ------------------------------------------------------------------------------------


def test_a_changed_contract_leaves_a_correction() -> None:
    bring(ledger(supply()))
    report = bring(ledger(supply(price=6_000_000, amount=6_000_000, use="商业用地", location="演示路以西")))

    assert counts(report) == (0, 1, 0)
    row = LandSupply.objects.select_related("parcel").get()
    assert (row.price, row.parcel.use, row.version, row.parcel.version) == (
        Decimal(6_000_000),
        "商业用地",
        2,
        2,
    )
    correction = Correction.objects.get()
    assert (correction.reason, correction.subject) == ("台账导入", row)
    assert correction.changes == [
        ["成交价款", "5000000.00", "6000000.00"],
        ["宗地坐落", "演示路以东", "演示路以西"],
        ["用途", "工业用地", "商业用地"],
        ["分期缴款", "第1期 2025-04-01 5,000,000.00 元", "第1期 2025-04-01 6,000,000.00 元"],
    ]


def test_a_new_instalment_of_a_known_supply_is_added() -> None:
    bring(ledger(supply()))
    report = bring(ledger(supply(), further(seq=2, amount=7, due_on=date(2025, 9, 1))))
    assert counts(report) == (1, 0, 1)
    assert [seq for seq, _, _ in lines()] == [1, 2]
    assert Correction.objects.get().changes[0][0] == "分期缴款"


def test_an_instalment_that_was_paid_is_not_cleared() -> None:
    bring(ledger(supply()))
    empty = ledger(supply(seq=None, due_on=None, amount=None))
    happen(LandSupply.objects.get(), "payment", date(2025, 4, 1), amount=Decimal(1))
    assert errors(bring(empty)) == [(2, "应缴金额", "instalment_paid")]

    Event.objects.all().delete()
    project(LandSupply.objects.values_list("pk", flat=True))
    report = bring(empty)
    assert counts(report) == (0, 1, 0)
    assert lines() == []
    assert counts(bring(empty)) == (0, 0, 1)


def test_a_supply_known_by_its_contract_gets_its_supervision_number() -> None:
    bring(ledger(supply(supervision_number=None)))
    assert LandSupply.objects.get().number == "新土让〔2025〕1号"

    assert counts(bring(ledger(supply(contract_number="新土让[2025]1号")))) == (0, 1, 0)
    assert LandSupply.objects.get().number == "1305302025B00001"
    assert counts(bring(ledger(supply(supervision_number=None, contract_number="新土让[2025]1号")))) == (
        0,
        0,
        1,
    )


def test_a_contract_under_another_supervision_number_is_asked_about() -> None:
    bring(ledger(supply()))
    asked = question(bring(ledger(supply(supervision_number="1305302025B00009"))))
    assert (asked.code, asked.proposal) == ("same_contract", "另一宗供地")


def test_columns_that_the_file_lacks_stay_as_they_are() -> None:
    person = officer()
    bring(ledger(supply(officer="演示国土员")))
    report = bring([["电子监管号", "约定开工日期"], ["1305302025B00001", date(2025, 11, 1)]])
    assert counts(report) == (0, 1, 0)
    assert only(report).missing == 0
    row = LandSupply.objects.get()
    assert (row.agreed_start_on, row.price) == (date(2025, 11, 1), Decimal(5_000_000))
    assert lines()
    assert Assignment.objects.get().user == person


def test_sheets_of_several_years_belong_together() -> None:
    sheets = {
        "2024": ledger(supply(1), supply(2)),
        "2025": ledger(supply(3), further(2, seq=2, due_on=date(2025, 9, 1), amount=5)),
    }
    report = bring(files.xlsx(sheets))
    assert report.committed, found(report)
    assert [seq for seq, _, _ in lines(2)] == [1, 2]
    assert bring(files.xlsx(sheets)).count("unchanged") == 4


def test_what_the_file_lacks_is_counted() -> None:
    bring(ledger(supply(1), further(1, seq=2, due_on=date(2025, 9, 1), amount=5), supply(2)))
    sheet = only(bring(ledger(supply(2))))
    assert (sheet.missing, sheet.unchanged) == (1, 1), "a supply is one, however many instalments it has"
    assert sheet.missing_names == ["1305302025B00001　新河县演示1号有限公司"]
    sheet = only(bring(ledger(supply(1), supply(2))))
    assert sheet.missing_names == ["1305302025B00001　第2期　新河县演示1号有限公司"]


# --- Who may, and how fast -------------------------------------------------------------------------------


def test_who_registers_supplies_of_the_section_may_import() -> None:
    clerk: User = UserFactory.create()
    assert not Supplies.allows(clerk)
    allow(clerk, "create_supply", on=regime().section)
    assert not Supplies.allows(clerk)
    allow(clerk, "update_supply", on=regime().section)
    assert Supplies.allows(clerk)
    assert Events.allows(clerk)
    assert counts(bring(ledger(supply()), actor=clerk)) == (1, 0, 0)


def test_supplies_of_another_section_stay_as_they_are() -> None:
    clerk: User = UserFactory.create()
    allow(clerk, "create_supply", "update_supply", on=regime().section)
    make_supply(supervision_number="1305302025B00001")
    assert errors(bring(ledger(supply()), actor=clerk)) == [(2, "电子监管号", "other_section")]


def test_a_clerk_creates_no_places() -> None:
    clerk: User = UserFactory.create()
    allow(clerk, "create_supply", "update_supply", on=regime().section)
    asked = question(bring(ledger(supply(village="东苑村")), actor=clerk))
    assert (asked.code, asked.options) == ("unknown_village", (("暂不填", "暂不填，原文记入备注"),))


def test_assigning_the_same_officer_again_changes_nothing() -> None:
    row = make_supply(supervision_number="1305302025B00001")
    assign_officers(officers={row.pk: officer()}, on=TODAY)
    assert counts(bring(exported())) == (0, 0, 1)


def test_queries_do_not_grow_with_the_rows() -> None:
    def queries(rows: int, first: int) -> int:
        sheet = ledger(*(supply(number, officer="演示国土员") for number in range(first, first + rows)))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert counts(bring(sheet)) == (rows, 0, 0)
        return len(captured)

    officer()
    queries(1, 2)
    assert queries(25, 100) <= queries(20, 200) + 2


def test_a_township_of_another_name_is_offered_but_never_proposed() -> None:
    """With --accept-proposals the land would lie in the wrong township."""
    asked = question(bring(ledger(supply(township="新寨镇"))))
    assert asked.proposal == "暂不填"
    assert ("新河镇", "新河镇") in asked.options


def test_a_township_with_its_whole_address_is_known() -> None:
    assert counts(bring(ledger(supply(township="河北省邢台市新河县西流乡")))) == (1, 0, 0)


def test_a_further_instalment_without_a_unit_has_the_unit_of_the_instalments() -> None:
    heads = {"price": "成交价款（万元）", "amount": "应缴金额（万元）"}
    heads |= {"amount_2": "第2期金额", "due_on_2": "第2期日期"}
    row = supply(price=100, amount=50, due_on="2026-04-01", amount_2=50, due_on_2="2026-06-01")
    assert bring(ledger(row, heads=heads)).committed
    amounts = Instalment.objects.order_by("seq").values_list("amount", flat=True)
    assert list(amounts) == [Decimal(500_000), Decimal(500_000)]


# --- Before go-live --------------------------------------------------------------------------------------


def test_an_old_ledger_without_a_day_of_go_live_is_warned_of() -> None:
    past = supply(1)
    ahead = supply(2, due_on=date(2027, 1, 5), agreed_start_on=date(2027, 3, 1))
    (warning,) = only(bring(ledger(past, ahead), dry_run=True)).warnings
    assert "表中有 1 宗供地的约定日期早于今天" in warning.text
    assert "由系统管理员" in warning.text
    assert warning.url == ""
    assert only(bring(ledger(ahead), dry_run=True)).warnings == []
    Bureau.objects.update(go_live_on=TODAY)
    assert only(bring(ledger(past), dry_run=True)).warnings == []


def test_who_may_set_the_day_of_go_live_is_shown_where() -> None:
    administrator = allow(UserFactory(), "create_supply", "update_supply", "update_config")
    (warning,) = only(bring(ledger(supply(1)), dry_run=True, actor=administrator)).warnings
    assert (warning.url, warning.link) == ("/desk/people/bureau/edit/", "去设定启用日期")


def test_the_command_warns_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "台账.xlsx"
    file.write_bytes(files.xlsx(ledger(supply(1))))
    call_command("import_supplies", str(file), "--dry-run")
    assert "　注意　本单位还没有设定启用日期" in capsys.readouterr().out
    call_command("import_supplies", str(file), "--dry-run", "--format", "json")
    said = capsys.readouterr()
    assert json.loads(said.out)["sheets"][0]["created"] == 1
    assert "本单位还没有设定启用日期" in said.err
