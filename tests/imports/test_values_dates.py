"""Days in the ways that offices write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbureau.imports.errors import Unsure, Wrong
from landbureau.imports.reading.cells import Cell
from landbureau.imports.values import Date
from tests.imports.problems import message_of, problem_of

KIND = Date()
DAY = date(2026, 3, 1)
DAYS = st.dates(date(1949, 10, 1), date(2100, 12, 31))
NUMERALS = "〇一二三四五六七八九"


def in_words(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{NUMERALS[tens]}十") + (
        NUMERALS[ones] if ones else ""
    )


def year_in_words(year: int) -> str:
    return "".join(NUMERALS[int(digit)] for digit in str(year))


WAYS: list[Callable[[date], Cell]] = [
    lambda day: day,
    lambda day: datetime(day.year, day.month, day.day, 15, 30),  # noqa: DTZ001
    lambda day: day.isoformat(),
    lambda day: f"{day:%Y%m%d}",
    lambda day: float(f"{day:%Y%m%d}"),
    lambda day: int(f"{day:%Y%m%d}"),
    lambda day: f"{day.year}.{day.month}.{day.day}",
    lambda day: f"{day.year}. {day.month}. {day.day}",
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day.year}-{day.month}-{day.day}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day.year} 年 {day.month} 月 {day.day} 号",
    lambda day: f"{day:%Y年%m月%d日}",
    lambda day: f"{day} 00:00:00",
    lambda day: f"{day}T08:30:00.000",
    lambda day: f"{day.year}/{day.month}/{day.day} 0:00",
    lambda day: f"{day.year}-{day.month}-{day.day}(周日)",
    lambda day: f"{day.year}年{day.month}月{day.day}日（星期日）上午9时30分",
    lambda day: f"{day.year}－{day.month}－{day.day}".translate(
        {48 + digit: 0xFF10 + digit for digit in range(10)}
    ),
    lambda day: f"{day.year} {day.month} {day.day}",
    lambda day: f"{year_in_words(day.year)}年{in_words(day.month)}月{in_words(day.day)}日",
]


@given(DAYS, st.sampled_from(WAYS))
def test_a_day_is_read_however_it_is_written(day: date, way: Callable[[date], Cell]) -> None:
    assert KIND.parse(way(day)) == day


@given(st.dates(date(1970, 1, 1), date(2100, 12, 31)), st.floats(0, 0.999))
def test_a_serial_number_is_read_as_a_date(day: date, time: float) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert KIND.parse(serial + time) == KIND.parse(serial) == KIND.parse(str(serial)) == day


def test_a_number_that_is_rather_a_month_than_a_serial_number_is_a_question() -> None:
    assert problem_of(KIND, 20263.0) == (Unsure, "serial_date", "1955-06-23")


@pytest.mark.parametrize("cell", ["26.3.1", "26-03-1", "26年3月1日", "260301", 260301.0])
def test_a_year_of_two_figures_is_a_question(cell: Cell) -> None:
    assert problem_of(KIND, cell) == (Unsure, "short_date", "2026-03-01")


def test_a_year_of_two_figures_from_fifty_on_is_of_the_last_century() -> None:
    assert problem_of(KIND, "85.3.1") == (Unsure, "short_date", "1985-03-01")
    assert problem_of(KIND, "49.3.1") == (Unsure, "short_date", "2049-03-01")


@pytest.mark.parametrize(
    ("cell", "proposal"),
    [("13/1/2026", "2026-01-13"), ("1/13/2026", "2026-01-13"), ("3/3/2026", "2026-03-03")],
)
def test_a_year_at_the_end_is_a_question_where_only_one_reading_is_possible(
    cell: Cell, proposal: str
) -> None:
    assert problem_of(KIND, cell) == (Unsure, "short_date", proposal)


@pytest.mark.parametrize("cell", ["3/1/2026", "1/3/26", "01-02-03", "26.03.01", "201201"])
def test_a_date_with_several_readings_is_an_error(cell: Cell) -> None:
    assert problem_of(KIND, cell) == (Wrong, "ambiguous_date", "")


@pytest.mark.parametrize("cell", ["2026年3月", "2026年3月份", "2026-03", "2026.3", "202603", 202603.0])
def test_a_month_is_not_a_day(cell: Cell) -> None:
    assert problem_of(KIND, cell) == (Wrong, "day_missing", "2026-03-01")


@pytest.mark.parametrize("cell", ["2026", "2026年", 2026.0, 2026.1])
def test_a_year_alone_or_a_month_that_lost_its_zero_has_no_proposal(cell: Cell) -> None:
    assert problem_of(KIND, cell) == (Wrong, "day_missing", "")


@pytest.mark.parametrize("cell", ["3月1日", "3.1", "3-1"])
def test_a_day_without_year_is_an_error(cell: Cell) -> None:
    assert problem_of(KIND, cell) == (Wrong, "year_missing", "")


@pytest.mark.parametrize(
    ("cell", "proposal"),
    [("2026-2-30", "2026-02-28"), ("2026-02-30", "2026-02-28"), ("2024年2月31日", "2024-02-29"),
     ("20260431", "2026-04-30"), ("2026-13-01", ""), ("2026-02-32", ""), ("2026-1-0", ""), ("20261301", ""),
     ("2026年十三月", "")],
)  # fmt: skip
def test_a_day_that_does_not_exist_is_an_error(cell: Cell, proposal: str) -> None:
    kind, code, proposed = problem_of(KIND, cell)
    assert (kind, proposed) == (Wrong, proposal)
    assert code == ("not_a_date" if "十三" in str(cell) else "no_such_day")


@pytest.mark.parametrize("cell", [date(1905, 7, 18), "1949-09-30", "2101年1月1日", "0026-03-01"])
def test_a_day_far_from_our_time_is_an_error(cell: Cell) -> None:
    assert problem_of(KIND, cell)[1] == "date_out_of_range"


def test_a_column_may_have_bounds_of_its_own() -> None:
    kind = Date(date(2020, 1, 1), date(2026, 12, 31))
    assert message_of(kind, "2027-01-01") == "应在 2020-01-01 至 2026-12-31 之间，请核对年份。"


@pytest.mark.parametrize(
    "cell",
    ["至今", "2026-3-1至2026-5-1", "2026-3-110:00", "2026-03-01T16:00:00Z", "2026-W01-1", "2026301",
     7.0, -1.0, 1e9, 99999.0, 20260301.5, float("nan"), float("inf"), "99.99.99", "二〇二六年三月三二日"],
)  # fmt: skip
def test_what_is_no_date_is_an_error(cell: Cell) -> None:
    assert problem_of(KIND, cell)[:2] in ((Wrong, "not_a_date"), (Wrong, "no_such_day"))


def test_a_logical_value_is_no_date() -> None:
    assert problem_of(KIND, True) == (Wrong, "logical_value", "")


def test_dates_are_shown_as_they_are_typed() -> None:
    assert KIND.show(DAY) == "2026-03-01"
    assert KIND.show(None) == ""
