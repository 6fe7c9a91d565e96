"""The reasons that the calculator gives."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from landbureau.workdays import rules
from landbureau.workdays.rules import Unit
from tests.workdays.factories import day, published_calendar

CALENDAR = published_calendar()


def steps(event_on: str, number: int, unit: Unit, rolls: bool = False, backwards: bool = False):
    due = rules.due_on(day(event_on), number, unit, rolls, CALENDAR, backwards=backwards)
    return rules.explain(day(event_on), due, unit, CALENDAR)


def test_skipped_and_made_up_days_are_named_in_runs() -> None:
    found = steps("2025-09-26", 5, Unit.WORKING_DAYS)
    assert [(f"{s.first:%m-%d}", s.days, s.name, s.counted) for s in found] == [
        ("09-27", 1, "", False),
        ("09-28", 1, "国庆节", True),
        ("10-01", 5, "国庆节", False),
        ("10-06", 1, "中秋", False),
        ("10-07", 2, "国庆节", False),
    ]


def test_days_over_which_the_end_rolled_are_named() -> None:
    found = steps("2025-09-19", 15, Unit.DAYS, rolls=True)
    assert found[0].first == day("2025-10-04")
    assert found[-1].last == day("2025-10-08")
    assert all(step.rolled for step in found)


def test_an_end_that_did_not_roll_needs_no_reason() -> None:
    assert steps("2025-09-01", 15, Unit.DAYS, rolls=True) == []


def test_provisional_days_are_marked() -> None:
    assert [s.provisional for s in steps("2026-12-30", 3, Unit.WORKING_DAYS)] == [True, True]


@given(st.dates(date(2005, 1, 1), date(2025, 6, 1)), st.integers(1, 40), st.booleans())
def test_skipped_days_and_counted_days_make_up_the_span(start: date, number: int, backwards: bool) -> None:
    due = rules.due_on(start, number, Unit.WORKING_DAYS, False, CALENDAR, backwards=backwards)
    found = rules.explain(start, due, Unit.WORKING_DAYS, CALENDAR)
    skipped = sum(step.days for step in found if not step.counted)
    assert skipped + number == abs((due.on - start).days)
