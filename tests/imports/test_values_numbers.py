"""Whole numbers, and quantities with units."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbureau.imports.errors import Problem, Wrong
from landbureau.imports.reading.cells import Cell
from landbureau.imports.units import UNITS, find_unit
from landbureau.imports.values import Integer, Quantity
from tests.imports.problems import message_of, outcome, problem_of

MONEY, AREA, RATIO, BARE = Quantity("money"), Quantity("area"), Quantity("ratio"), Quantity()


def refusal(kind: Integer | Quantity, cell: Cell, unit: str = "") -> tuple[str, str]:
    """Code and proposal of what is wrong."""
    how, code, proposal = problem_of(kind, cell, unit)
    assert how is Wrong
    return code, proposal


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (1234.5, "1234.50"),
        (1234, "1234.00"),
        ("1234.5", "1234.50"),
        ("1,234.5", "1234.50"),
        ("1，234.5", "1234.50"),
        ("１，２３４.５", "1234.50"),
        ("1 234.50", "1234.50"),
        ("¥1,000.00", "1000.00"),
        ("￥ 1,000", "1000.00"),
        ("-5", "-5.00"),
        ("－5.5", "-5.50"),
        ("+5", "5.00"),
        (".5", "0.50"),
        ("5,136 万元", "51360000.00"),
        ("5136万", "51360000.00"),
        ("5136万元整", "51360000.00"),
        ("0.5亿元", "50000000.00"),
        ("12元", "12.00"),
        ("12.00（元）", "12.00"),
        ("007", "7.00"),
    ],
)
def test_amounts_are_read_however_they_are_written(cell: Cell, value: str) -> None:
    amount = MONEY.parse(cell)
    assert str(amount) == value


def test_areas_are_converted_to_square_metres() -> None:
    assert AREA.parse("12.30亩") == Decimal("8200.00")
    assert AREA.parse("1.5 hm²") == Decimal("15000.00")
    assert AREA.parse("40020㎡") == AREA.parse(40020.0) == Decimal("40020.00")
    assert AREA.parse(1.0, find_unit("亩")) == Decimal("666.67")


def test_percent_is_read_only_where_ratios_are_expected() -> None:
    assert RATIO.parse("1‰") == Decimal("1.00")
    assert RATIO.parse("0.5％") == Decimal("5.00")
    assert refusal(BARE, "5%") == ("wrong_unit", "")
    assert refusal(MONEY, "5%") == ("wrong_unit", "")


def test_the_unit_in_the_cell_comes_before_that_of_the_column() -> None:
    assert MONEY.parse(5136.12, find_unit("万元")) == Decimal("51361200.00")
    assert MONEY.parse("5136.12", find_unit("万元")) == Decimal("51361200.00")
    assert MONEY.parse("5136.12元", find_unit("万元")) == Decimal("5136.12")


def test_a_unit_of_another_dimension_is_an_error() -> None:
    assert refusal(MONEY, "12亩") == ("wrong_unit", "")
    assert refusal(AREA, 12.0, "万元") == ("wrong_unit", "")
    assert message_of(AREA, "12元") == "单位不对，本列应填面积。"
    assert message_of(BARE, "12元") == "单位不对，本列不带单位。"


@pytest.mark.parametrize(
    "text",
    ["约5亩", "1 234,5", "1,23", "1234,567", "1,234 567", "1.2.3", "5.", "1 2", "12²", "①", "5元/亩",
     "3万5千", "五亩", "1e5", "NaN", "Infinity", "(5)", "--5", "٣", "1_000", "5亩3分"],
)  # fmt: skip
def test_what_is_not_clearly_one_number_is_an_error(text: str) -> None:
    assert refusal(MONEY, text) == ("not_a_number", "")


def test_a_day_or_a_logical_value_is_no_number() -> None:
    assert refusal(MONEY, date(2026, 3, 1)) == refusal(Integer(), date(2026, 3, 1)) == ("not_a_number", "")
    assert refusal(MONEY, True) == refusal(Integer(), False) == ("logical_value", "")


def test_the_arithmetic_of_computers_leaves_no_trace() -> None:
    assert MONEY.parse(0.1) == Decimal("0.10")
    assert MONEY.parse(0.1 + 0.2) == Decimal("0.30")
    assert MONEY.parse(123.45000000001) == Decimal("123.45")
    assert MONEY.parse(1234.1000000001, find_unit("元")) == Decimal("1234.10"), "a unit in the head, too"
    assert MONEY.parse("1234.1000000001") == Decimal("1234.10"), "as a program wrote it into a text"
    assert MONEY.parse("0.30000000000000004元") == Decimal("0.30")
    assert MONEY.parse(1234567890123.45) == Decimal("1234567890123.45")
    assert str(MONEY.parse(-0.0)) == str(MONEY.parse("-0")) == "0.00"


@pytest.mark.parametrize(("cell", "unit", "proposal"), [
    (12.345, "", "12.35"), ("12.345", "", "12.35"), ("12.345元", "万元", "12.35元"), (12.344, "元", "12.34元")
])  # fmt: skip
def test_more_places_than_the_column_has_are_not_cut_off_silently(
    cell: Cell, unit: str, proposal: str
) -> None:
    assert refusal(MONEY, cell, unit) == ("too_precise", proposal)
    assert MONEY.parse(proposal, find_unit(unit)) == Decimal(proposal.removesuffix("元"))


@pytest.mark.parametrize(
    "cell", [1e15, 10**400, "1" * 5000, "1" * 1_000_001, float("inf"), float("nan"), 1e13, "99亿亿", 1e300]
)
def test_numbers_beyond_what_a_spreadsheet_holds_are_refused(cell: Cell) -> None:
    assert refusal(MONEY, cell)[0] in ("too_large", "not_a_number")


def test_bounds_are_kept_in_the_stored_unit() -> None:
    rate = Quantity("ratio", least=0, most=1000)
    assert rate.parse("100%") == 1000
    assert message_of(rate, "101%") == "不能大于 1,000。"
    assert message_of(rate, -1.0) == "不能小于 0。"
    assert message_of(Quantity("area", positive=True), 0.0) == "应大于 0。"


def test_a_word_may_mean_a_value() -> None:
    assert RATIO.parse("无") is None
    assert Quantity("ratio", keep_words={"无": Decimal(0)}).parse(" 无 ") == 0
    assert Integer(keep_words={"无": 0}).parse("无") == 0


def test_amounts_are_compared_in_the_places_of_the_column() -> None:
    assert MONEY.same(Decimal("5.0000"), Decimal("5.00"))
    assert MONEY.same(Decimal("5.001"), Decimal("5.00"))
    assert not MONEY.same(Decimal("5.01"), Decimal("5.00"))
    assert not MONEY.same(None, Decimal("0.00"))


def test_amounts_are_shown_with_separators() -> None:
    assert MONEY.show(Decimal("51360000.00")) == "51,360,000.00"
    assert MONEY.show(None) == ""


@given(st.decimals(0, 10**6, places=4), st.sampled_from(list(UNITS)))
def test_a_quantity_is_converted_exactly_and_rounded_half_up(number: Decimal, unit: object) -> None:
    found = next(other for other in UNITS if other == unit)
    exact = Fraction(number) * found.factor
    kind = Quantity(found.dimension, places=4)
    cents, rest = divmod(exact * 10**4, 1)
    expected = Decimal(int(cents) + (rest >= Fraction(1, 2))).scaleb(-4)
    if expected < 10**11:
        assert kind.parse(f"{number}{found.name}") == expected
        assert kind.parse(str(number), found) == expected


@given(st.floats(-(10**9), 10**9))
def test_a_float_is_never_moved_by_more_than_noise(number: float) -> None:
    value = outcome(MONEY, number)
    if isinstance(value, Problem):
        assert Decimal(f"{number:.15g}") != Decimal(value.proposal)
    else:
        assert abs(value - Decimal(number)) < Decimal("0.000001")


@pytest.mark.parametrize(
    ("cell", "number"), [(3.0, 3), (3, 3), ("3", 3), ("１２", 12), ("1,234", 1234), ("3.0", 3), ("-3", -3)]
)
def test_whole_numbers_are_read(cell: Cell, number: int) -> None:
    value = Integer().parse(cell)
    assert value == number
    assert type(value) is int


@pytest.mark.parametrize(
    ("cell", "code"),
    [(3.5, "not_whole"), ("3.5", "not_whole"), ("3天", "not_a_number"), ("三", "not_a_number"),
     (1e15, "too_large"), (float("nan"), "too_large"), ("9" * 5000, "too_large")],
)  # fmt: skip
def test_what_is_no_whole_number_is_an_error(cell: Cell, code: str) -> None:
    assert refusal(Integer(), cell) == (code, "")


def test_whole_numbers_have_bounds() -> None:
    assert Integer(1, 3).parse("3") == 3
    assert refusal(Integer(1, 3), "0") == refusal(Integer(1, 3), 4.0) == ("out_of_range", "")
