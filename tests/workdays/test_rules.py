"""The arithmetic of time limits by number (domain.md H, E.5, F, C.5, C.6), without a database."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbureau.workdays import rules
from landbureau.workdays.rules import Unit
from tests.workdays.factories import day, published_calendar, weekday_calendar

CALENDAR = published_calendar()
DAYS = st.dates(date(2005, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-08-31", 6, "2025-02-28"),
        ("2025-03-31", 6, "2025-09-30"),
        ("2025-09-30", 3, "2025-12-30"),
        ("2025-12-15", 1, "2026-01-15"),
        ("2025-03-31", -1, "2025-02-28"),
        ("2025-01-15", -2, "2024-11-15"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_months_last(start: str, months: int, end: str) -> None:
    assert rules.add_months(day(start), months) == day(end)


def test_a_year_after_29_february_ends_on_the_28th() -> None:
    assert rules.add_years(day("2024-02-29"), 1) == day("2025-02-28")
    assert rules.add_years(day("2024-02-29"), 2) == day("2026-02-28")
    assert rules.add_years(day("2024-02-29"), 4) == day("2028-02-29")


@pytest.mark.parametrize(
    ("last", "rolled"),
    [
        ("2025-10-01", "2025-10-09"),  # C.6 no. 8
        ("2025-10-04", "2025-10-09"),
        ("2025-10-08", "2025-10-09"),
        ("2025-01-31", "2025-02-05"),  # C.6 no. 9
        ("2026-01-04", "2026-01-04"),  # C.6 no. 20: a Sunday made a workday
        ("2025-10-11", "2025-10-11"),  # a Saturday made a workday
        ("2025-10-12", "2025-10-13"),
        ("2024-03-01", "2024-03-01"),
    ],
)
def test_a_last_day_off_rolls_to_the_next_day_worked(last: str, rolled: str) -> None:
    assert rules.roll_forward(day(last), CALENDAR).on == day(rolled)


def test_working_days_count_made_up_sundays_and_skip_holidays() -> None:
    due = rules.add_working_days(day("2025-09-26"), 5, CALENDAR)
    assert due.on == day("2025-10-10")  # 09-28 is a workday, 10-01 to 10-08 are off
    assert [off.on.day for off in due.passed_over] == [27, 1, 2, 3, 4, 5, 6, 7, 8]
    assert due.passed_over[1].name == "国庆节"
    assert not due.provisional


def test_working_days_count_backwards_from_the_event() -> None:
    assert rules.add_working_days(day("2025-10-16"), -7, CALENDAR).on == day("2025-09-30")
    notified = rules.due_on(day("2025-10-16"), 7, Unit.WORKING_DAYS, False, CALENDAR, backwards=True)
    assert notified.on == day("2025-09-30")


def test_no_days_after_a_day_is_the_day_itself() -> None:
    assert rules.add_working_days(day("2025-10-01"), 0, CALENDAR).on == day("2025-10-01")


def test_the_interval_excludes_its_first_and_includes_its_last_day() -> None:
    assert rules.working_days_between(day("2026-02-10"), day("2026-03-02"), CALENDAR).days == 10
    assert rules.working_days_between(day("2026-02-10"), day("2026-02-10"), CALENDAR).days == 0
    assert rules.working_days_between(day("2026-02-13"), day("2026-02-14"), CALENDAR).days == 1


def test_an_interval_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(rules.WorkdaysError, match="早于"):
        rules.working_days_between(day("2026-02-10"), day("2026-02-09"), CALENDAR)


def test_hours_are_counted_in_whole_days() -> None:
    assert rules.due_on(day("2025-09-30"), 24, Unit.HOURS, False, CALENDAR).on == day("2025-10-01")
    assert rules.due_on(day("2025-09-30"), 25, Unit.HOURS, False, CALENDAR).on == day("2025-10-02")
    assert rules.due_on(day("2025-10-02"), 24, Unit.HOURS, False, CALENDAR, backwards=True).on == day(
        "2025-10-01"
    )


def test_a_limit_counted_backwards_never_rolls() -> None:
    due = rules.due_on(day("2025-10-19"), 15, Unit.DAYS, True, CALENDAR, backwards=True)
    assert due.on == due.nominal_on == day("2025-10-04")


def test_a_limit_says_where_it_would_have_ended_without_rolling() -> None:
    due = rules.due_on(day("2025-09-19"), 15, Unit.DAYS, True, CALENDAR)
    assert (due.nominal_on, due.on, due.rolled) == (day("2025-10-04"), day("2025-10-09"), True)


@pytest.mark.parametrize(
    "count",
    [
        lambda: rules.add_days(date.max, 1),
        lambda: rules.add_days(date.min, -1),
        lambda: rules.add_months(date.max, 1),
        lambda: rules.add_years(date.min, -1),
        lambda: rules.add_working_days(date(9999, 12, 20), 11, CALENDAR),
        lambda: rules.add_working_days(date(9999, 12, 24), 6, CALENDAR),
        lambda: rules.add_working_days(date(2025, 1, 1), 10**9, CALENDAR),
        lambda: rules.roll_forward(date.max, weekday_calendar(lambda on: True)),
    ],
)
def test_days_beyond_the_calendar_are_refused_in_chinese(count) -> None:
    with pytest.raises(rules.WorkdaysError, match="超出可以推算的范围"):
        count()


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(rules.WorkdaysError, match="不能为负数"):
        rules.due_on(day("2025-01-01"), -1, Unit.DAYS, False, CALENDAR)


# --- Sources and certainty -----------------------------------------------------------------------------


def test_days_after_the_published_years_are_provisional() -> None:
    assert not CALENDAR.day(day("2026-12-31")).provisional
    assert CALENDAR.day(day("2027-01-01")) == rules.Day(
        day("2027-01-01"), False, "元旦", "办法", provisional=True
    )
    assert CALENDAR.day(day("2027-03-10")).provisional
    assert not CALENDAR.day(day("2027-03-13")).is_workday
    assert CALENDAR.day(day("2003-12-31")).provisional


def test_fixed_holidays_begin_with_their_regulation() -> None:
    old = rules.OfficialCalendar({}, lambda on: None, {}, CALENDAR.fixed)
    assert not old.day(day("2025-05-02")).is_workday
    assert old.day(day("2024-05-02")).is_workday


def test_the_bureaus_table_wins_over_the_library() -> None:
    own = rules.Day(day("2026-10-01"), True, "抢险", "县政府通知")
    assert published_calendar(own).day(day("2026-10-01")) == own
    assert not CALENDAR.day(day("2026-10-01")).is_workday


def test_a_year_whose_notice_was_taken_over_is_certain() -> None:
    own = rules.Day(day("2027-02-08"), False, "春节", "国办通知")
    calendar = published_calendar(own, complete={2027: "国办通知"})
    assert not calendar.day(day("2027-03-10")).provisional
    assert calendar.day(day("2027-03-10")).source == "国办通知"
    assert not calendar.day(day("2027-05-01")).provisional
    assert calendar.day(day("2028-03-10")).provisional


@pytest.mark.parametrize(
    ("due", "provisional"),
    [
        (rules.add_working_days(day("2026-12-30"), 1, CALENDAR), False),
        (rules.add_working_days(day("2026-12-30"), 2, CALENDAR), True),
        (rules.due_on(day("2026-12-20"), 15, Unit.DAYS, True, CALENDAR), True),
        (rules.due_on(day("2026-12-20"), 15, Unit.DAYS, False, CALENDAR), False),
    ],
)
def test_a_result_is_provisional_when_an_unannounced_day_was_looked_at(
    due: rules.Due, provisional: bool
) -> None:
    assert due.provisional is provisional


def test_an_interval_is_provisional_when_it_reaches_an_unannounced_day() -> None:
    assert not rules.working_days_between(day("2026-12-01"), day("2026-12-31"), CALENDAR).provisional
    assert rules.working_days_between(day("2026-12-01"), day("2027-01-01"), CALENDAR).provisional


def test_thousands_of_working_days_take_no_time() -> None:
    began = time.perf_counter()
    rules.add_working_days(day("2005-01-04"), 5000, CALENDAR)
    assert time.perf_counter() - began < 0.5


# --- Properties --------------------------------------------------------------------------------------------


@given(DAYS, st.integers(1, 200))
def test_counting_back_what_was_added_gives_the_same_number(start: date, number: int) -> None:
    end = rules.add_working_days(start, number, CALENDAR).on
    assert rules.working_days_between(start, end, CALENDAR).days == number
    assert CALENDAR.day(end).is_workday


@given(DAYS, st.integers(1, 60))
def test_adding_and_subtracting_from_a_workday_returns_to_it(start: date, number: int) -> None:
    worked = rules.roll_forward(start, CALENDAR).on
    end = rules.add_working_days(worked, number, CALENDAR).on
    assert rules.add_working_days(end, -number, CALENDAR).on == worked


@given(DAYS, DAYS, st.integers(0, 90), st.sampled_from(Unit), st.booleans())
def test_a_later_event_never_ends_earlier(a: date, b: date, number: int, unit: Unit, rolls: bool) -> None:
    first, second = sorted((a, b))
    assert (
        rules.due_on(first, number, unit, rolls, CALENDAR).on
        <= rules.due_on(second, number, unit, rolls, CALENDAR).on
    )


@given(DAYS, st.integers(0, 90), st.sampled_from(Unit), st.booleans())
def test_a_longer_limit_never_ends_earlier(start: date, number: int, unit: Unit, rolls: bool) -> None:
    shorter = rules.due_on(start, number, unit, rolls, CALENDAR).on
    assert shorter <= rules.due_on(start, number + 1, unit, rolls, CALENDAR).on


@given(DAYS, st.integers(1, 200))
def test_the_day_of_the_event_is_not_counted(start: date, number: int) -> None:
    assert (rules.due_on(start, number, Unit.DAYS, False, CALENDAR).on - start).days == number
    assert rules.add_working_days(start, number, CALENDAR).on > start


@given(DAYS)
def test_rolling_lands_on_the_first_day_worked(last: date) -> None:
    due = rules.roll_forward(last, CALENDAR)
    assert CALENDAR.day(due.on).is_workday
    assert [off.on for off in due.passed_over] == [
        last + timedelta(days=n) for n in range((due.on - last).days)
    ]
    assert not any(off.is_workday for off in due.passed_over)


@given(DAYS, st.integers(-60, 60))
def test_months_keep_the_day_of_the_month_where_there_is_one(start: date, number: int) -> None:
    end = rules.add_months(start, number)
    assert (end.year - start.year) * 12 + end.month - start.month == number
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(DAYS, DAYS, DAYS)
def test_intervals_add_up(a: date, b: date, c: date) -> None:
    first, middle, last = sorted((a, b, c))
    whole = rules.working_days_between(first, last, CALENDAR).days
    parts = [
        rules.working_days_between(first, middle, CALENDAR).days,
        rules.working_days_between(middle, last, CALENDAR).days,
    ]
    assert whole == sum(parts)


@given(st.dates(date(1990, 1, 1), date(2060, 12, 31)), st.booleans())
def test_the_table_wins_on_every_day(on: date, is_workday: bool) -> None:
    assert published_calendar(rules.Day(on, is_workday)).day(on).is_workday is is_workday
    assert not published_calendar(rules.Day(on, is_workday)).day(on).provisional
