"""domain.md C.6, one by one (12, 13, 15, 17 to 20 belong to idle land)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from supervision.supply.rules import Cause, Event, Facts, Instalment, Kind, Terms, view_of

TERMS = Terms(remind_days=30, terminable_days=60, start_years_after_handover=1, idle_years=1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def instalment(*events: Event, due: str = "2024-03-01", effective: str = "") -> Facts:
    one = Instalment(1, day(due), day(effective or due), Decimal(1_000_000))
    return Facts.of(number="1", payment_rate=Decimal(1), instalments=[one], events=events)


def paid(on: str, amount: int) -> Event:
    return Event(Kind.PAYMENT, day(on), amount=Decimal(amount))


def payment(facts: Facts, on: str) -> tuple[str, int | None, Any]:
    [one] = view_of(facts, day(on), TERMS).payment
    return one.state.value, one.days_late, one.damages


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2024-01-30", ("NOT_DUE", 0, Decimal("0.00"))),
        ("2024-01-31", ("REMINDER", 0, Decimal("0.00"))),
        ("2024-03-01", ("REMINDER", 0, Decimal("0.00"))),
        ("2024-03-02", ("OVERDUE", 1, Decimal("1000.00"))),
    ],
    ids=["1", "2", "3", "4"],
)
def test_examples_1_to_4_an_unpaid_instalment(on: str, expected: tuple[str, int, Decimal]) -> None:
    assert payment(instalment(), on) == expected


def test_example_5_paid_forty_days_late() -> None:
    facts = instalment(paid("2024-04-10", 1_000_000))
    assert payment(facts, "2024-05-01") == ("PAID", 40, Decimal("40000.00"))


def test_example_6_paid_in_two_parts() -> None:
    facts = instalment(paid("2024-03-11", 400_000), paid("2024-04-10", 600_000))
    assert payment(facts, "2024-05-01") == ("PAID", 40, Decimal("28000.00"))


def test_example_7_terminable_from_the_sixty_first_day_after_a_demand() -> None:
    facts = instalment(Event(Kind.DEMAND, day("2024-03-10"), seq=1))
    assert payment(facts, "2024-04-30")[:2] == ("OVERDUE", 60)
    assert payment(facts, "2024-05-01")[:2] == ("TERMINABLE", 61)


def test_example_8_lateness_counts_from_the_rolled_date() -> None:
    facts = instalment(due="2025-10-01", effective="2025-10-09")
    assert payment(facts, "2025-10-09")[:2] == ("REMINDER", 0)
    assert payment(facts, "2025-10-10")[:2] == ("OVERDUE", 1)


def test_examples_10_and_11_the_start_is_reminded_then_checked() -> None:
    facts = Facts.of(number="1", agreed_start_on=day("2024-03-15"))
    assert view_of(facts, day("2024-02-13"), TERMS).start.code == "WAITING"
    assert view_of(facts, day("2024-02-14"), TERMS).start.code == "START_REMINDER"
    assert view_of(facts, day("2024-03-16"), TERMS).start.code == "START_RECHECK"
    visited = Facts.of(
        number="1", agreed_start_on=day("2024-03-15"), events=[Event(Kind.VISIT, day("2024-03-16"))]
    )
    view = view_of(visited, day("2024-03-16"), TERMS).start
    assert (view.code, view.cause) == ("START_DEFAULT", None)


def test_example_14_an_approved_extension_replaces_the_date() -> None:
    facts = Facts.of(
        number="1",
        agreed_start_on=day("2024-04-30"),
        events=[
            Event(Kind.DETERMINATION, day("2024-05-01"), cause=Cause.GOVERNMENT),
            Event(Kind.EXTENSION_APPROVED, day("2024-05-20"), new_due_on=day("2025-04-30")),
            Event(Kind.VISIT, day("2025-05-01")),
        ],
    )
    view = view_of(facts, day("2025-06-01"), TERMS).start
    assert (view.code, view.due_on, view.cause) == ("START_DEFAULT", day("2025-04-30"), None)


def test_example_16_the_start_follows_from_the_handover() -> None:
    facts = Facts.of(number="1", events=[Event(Kind.HANDOVER, day("2023-08-15"))])
    assert view_of(facts, day("2023-08-14"), TERMS).start.due_on is None
    assert view_of(facts, day("2023-08-15"), TERMS).start.due_on == day("2024-08-15")


def test_example_21_a_hundred_days_late() -> None:
    facts = Facts.of(
        number="1",
        agreed_start_on=day("2024-03-01"),
        price=Decimal(5_000_000),
        start_rate=Decimal("0.5"),
        events=[Event(Kind.START, day("2024-06-09"))],
    )
    view = view_of(facts, day("2026-01-01"), TERMS).start
    assert (view.code, view.days_late, view.damages) == ("STARTED", 100, Decimal("250000.00"))


def test_example_22_completed_before_the_date() -> None:
    facts = Facts.of(
        number="1",
        agreed_completion_on=day("2024-05-31"),
        events=[Event(Kind.COMPLETION, day("2024-05-20"))],
    )
    assert view_of(facts, day("2024-05-19"), TERMS).completion.code == "COMPLETION_REMINDER"
    assert view_of(facts, day("2024-05-25"), TERMS).completion.code == "COMPLETED"
