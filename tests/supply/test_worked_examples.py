"""domain.md C.6 by number (12, 13, 15 and 17 to 20 belong to idle land)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from landbureau.workdays.calendars import library_day
from landbureau.workdays.rules import OfficialCalendar, roll_forward
from supervision.supply.rules import Cause, Event, Facts, Instalment, Kind, premium_due, view_of
from tests.supply.test_states import TERMS, day, happened, instalment, supply

CALENDAR = OfficialCalendar({}, library_day, {}, [])


def one_of_a_million(*events: Event) -> Facts:
    return supply(*events, instalments=[instalment(1, "2024-03-01")])


def payment(facts: Facts, on: str) -> tuple[str, int | None, Any]:
    [one] = view_of(facts, day(on), TERMS).payment
    return one.state.value, one.days_late, one.damages


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param("2024-01-30", ("NOT_DUE", 0, Decimal("0.00")), id="1"),
        pytest.param("2024-01-31", ("REMINDER", 0, Decimal("0.00")), id="2"),
        pytest.param("2024-03-01", ("REMINDER", 0, Decimal("0.00")), id="3"),
        pytest.param("2024-03-02", ("OVERDUE", 1, Decimal("1000.00")), id="4"),
    ],
)
def test_examples_1_to_4_an_unpaid_instalment(on: str, expected: tuple[str, int, Decimal]) -> None:
    assert payment(one_of_a_million(), on) == expected


def test_example_5_paid_forty_days_late() -> None:
    facts = one_of_a_million(happened(Kind.PAYMENT, "2024-04-10", amount=1_000_000))
    assert payment(facts, "2024-04-10") == ("PAID", 40, Decimal("40000.00"))
    assert payment(facts, "2025-04-10") == ("PAID", 40, Decimal("40000.00"))


def test_example_6_paid_in_two_parts() -> None:
    facts = one_of_a_million(
        happened(Kind.PAYMENT, "2024-03-11", amount=400_000),
        happened(Kind.PAYMENT, "2024-04-10", amount=600_000),
    )
    assert payment(facts, "2024-05-01") == ("PAID", 40, Decimal("28000.00"))


def test_example_7_terminable_from_the_sixty_first_day_after_a_demand() -> None:
    facts = one_of_a_million(happened(Kind.DEMAND, "2024-03-10", seq=1))
    assert payment(facts, "2024-04-30")[:2] == ("OVERDUE", 60)
    assert payment(facts, "2024-05-01")[:2] == ("TERMINABLE", 61)


def test_example_8_lateness_counts_from_the_next_day_worked() -> None:
    due_on = day("2025-10-01")
    effective = roll_forward(due_on, CALENDAR).on
    assert effective == day("2025-10-09")
    facts = supply(instalments=[Instalment(1, due_on, effective, Decimal(1_000_000))])
    assert payment(facts, "2025-10-09")[:2] == ("REMINDER", 0)
    assert payment(facts, "2025-10-10")[:2] == ("OVERDUE", 1)


def test_example_9_half_within_a_month_and_the_rest_within_a_year() -> None:
    signed_on = day("2024-01-31")
    assert premium_due(signed_on, 1, CALENDAR).on == day("2024-02-29")
    last = premium_due(signed_on, 12, CALENDAR)
    assert (last.nominal_on, last.on) == (day("2025-01-31"), day("2025-02-05"))


def test_example_10_the_reminder_begins_thirty_days_before() -> None:
    facts = supply(agreed_start_on="2024-03-15")
    assert view_of(facts, day("2024-02-13"), TERMS).start.code == "WAITING"
    assert view_of(facts, day("2024-02-14"), TERMS).start.code == "START_REMINDER"


def test_example_11_a_visit_that_finds_nothing_is_a_default_without_a_cause() -> None:
    assert view_of(supply(agreed_start_on="2024-03-15"), day("2024-03-16"), TERMS).start.code == (
        "START_RECHECK"
    )
    visited = supply(happened(Kind.VISIT, "2024-03-16"), agreed_start_on="2024-03-15")
    start = view_of(visited, day("2024-03-16"), TERMS).start
    assert (start.code, start.cause) == ("START_DEFAULT", None)


def test_example_14_an_approved_extension_replaces_the_date() -> None:
    facts = supply(
        happened(Kind.DETERMINATION, "2024-05-01", cause=Cause.GOVERNMENT),
        happened(Kind.EXTENSION_APPROVED, "2024-05-20", new_due_on="2025-04-30"),
        happened(Kind.VISIT, "2025-05-01"),
        agreed_start_on="2024-04-30",
    )
    start = view_of(facts, day("2025-06-01"), TERMS).start
    assert (start.code, start.due_on, start.cause) == ("START_DEFAULT", day("2025-04-30"), None)


def test_example_16_the_start_follows_from_the_handover() -> None:
    facts = supply(happened(Kind.HANDOVER, "2023-08-15"))
    assert view_of(facts, day("2023-08-14"), TERMS).start.due_on is None
    assert view_of(facts, day("2023-08-15"), TERMS).start.due_on == day("2024-08-15")


def test_example_21_a_hundred_days_late() -> None:
    facts = supply(
        happened(Kind.START, "2024-06-09"),
        agreed_start_on="2024-03-01",
        price=Decimal(5_000_000),
        start_rate=Decimal("0.5"),
    )
    start = view_of(facts, day("2026-01-01"), TERMS).start
    assert (start.code, start.days_late, start.damages) == ("STARTED", 100, Decimal("250000.00"))


def test_example_22_completed_before_the_date() -> None:
    facts = supply(happened(Kind.COMPLETION, "2024-05-20"), agreed_completion_on="2024-05-31")
    assert view_of(facts, day("2024-05-19"), TERMS).completion.code == "COMPLETION_REMINDER"
    assert view_of(facts, day("2024-05-25"), TERMS).completion.code == "COMPLETED"
