"""What the ledgers of supplies asked of every import: heads of two lines, titles, numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.conf import settings

from landbureau.imports.choices import Choices
from landbureau.imports.errors import FileRefused
from landbureau.imports.recognise import recognise
from supervision.supply import identity as identities
from supervision.supply.imports import Supplies
from supervision.supply.imports.kinds import Seq, plain_key
from supervision.supply.models import LandSupply
from tests.imports import files
from tests.supply.sheets import bring, errors, found, ledger, supply

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]


def test_a_head_of_two_lines_in_a_file_without_merged_cells() -> None:
    rows: list[list[object]] = [
        ["电子监管号", "用地单位", "第一期", None, "第二期", None, "备注"],
        [None, None, "日期", "金额", "日期", "金额", None],
    ]
    top = [(number, cells) for number, cells in enumerate(rows, 1)]
    found_heads = recognise("台账", top, [], [Supplies], Choices())  # type: ignore[arg-type]
    assert [head.column for head in found_heads.heads] == [
        *("supervision_number", "land_user"),
        *("due_on_1", "amount_1", "due_on_2", "amount_2", "remark"),
    ]


def test_a_title_among_the_rows_is_no_supply() -> None:
    rows = ledger(supply())
    rows.insert(1, ["一、2025年供应", *[None] * (len(rows[0]) - 1)])
    rows.insert(1, [None, None, "工业用地", *[None] * (len(rows[0]) - 3)])
    report = bring(rows, accept=True)
    assert found(report)[0] == (2, "供应方式", "foot_row")
    assert errors(bring(rows)) == []


def test_a_file_that_is_no_ledger_is_told_what_is_needed() -> None:
    with pytest.raises(FileRefused, match="没有认出可以导入的表"):
        bring([["甲", "乙"], ["1", "2"]])
    with pytest.raises(FileRefused, match="电子监管号或合同编号/划拨决定书编号"):
        bring(files.xlsx([["甲", "乙"], ["1", "2"]]), kinds=("supplies",))


@pytest.mark.parametrize(
    ("typed", "seq"),
    [("第2期", 2), ("第二期", 2), ("首期", 1), ("十二", 12), ("３", 3), (2.0, 2), (None, None)],
)
def test_instalments_are_numbered_in_many_ways(typed: str | float | None, seq: int | None) -> None:
    assert Seq().parse(typed) == seq


def test_numbers_are_compared_without_spaces_and_shapes_of_brackets() -> None:
    assert plain_key("新土让[2025] 1号") == plain_key("新土让〔２０２５〕1号")
    assert plain_key("2025-1-12") != plain_key("2025-11-2")


@pytest.mark.parametrize(
    ("identity", "doubt"),
    [
        ("91110000600037341L", ""),
        ("130530199001010012", ""),
        ("911100006000373411", "校验位不符"),
        ("13053019900101", "不是 18 位，现为 14 位"),
    ],
)
def test_check_digits(identity: str, doubt: str) -> None:
    assert identities.fault(identity) == doubt


def test_the_tables_to_try_come_in() -> None:
    folder = settings.FIXTURES_DIR / "demo" / "tables"
    report = bring((folder / "供地台账-合并单元格.xlsx").read_bytes(), accept=True)
    assert report.committed, found(report)
    assert [(row, code) for row, _, code in found(report)] == [
        (7, "unknown_township"),
        (8, "dates_out_of_order"),
        (9, "foot_row"),
    ]
    assert report.count("created") == 5
    first, second = LandSupply.objects.filter(land_user__name="新河县演示机械有限公司").order_by("number")
    assert (first.parcel.area, second.parcel.area) == (Decimal("26680.00"), Decimal("12000.00"))

    report = bring((folder / "供后事项-口语.csv").read_bytes(), "供后事项.csv", accept=True)
    assert report.committed, found(report)
    assert [(row, code) for row, _, code in found(report)] == [(11, "completion_without_start")]
    assert report.count("created") == 10
