"""What the sweep must write (contract.md, detail 6), one supply and one day at a time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from supervision.supply.rules import Event, Facts, Finding, Kind, matters, round_of
from tests.supply.test_states import TERMS, day, happened, instalment, supply

REPEAT = {"payment_demand": 30}


def due(facts: Facts, on: str, *, monthly: bool = False) -> list[tuple[str, str, str | None, int]]:
    found = matters(facts, day(on), TERMS, REPEAT, monthly=monthly)
    return [(one.code.value, one.about, _iso(one.due_on), one.round) for one in found]


def kinds(facts: Facts, on: str, *, monthly: bool = False) -> list[str]:
    return [kind for kind, *_ in due(facts, on, monthly=monthly)]


def _iso(on: date | None) -> str | None:
    return on.isoformat() if on else None


def complete(*events: Event, **contract: object) -> Facts:
    """Nothing is missing, nothing is due but what the test says."""
    far = {"agreed_start_on": "2030-01-01", "agreed_completion_on": "2032-01-01"}
    return supply(*events, **far | contract)


def test_every_kind_is_that_of_the_present_state() -> None:
    facts = complete(instalments=[instalment(1, "2024-03-01")])
    told = {on: kinds(facts, on) for on in ("2024-01-30", "2024-01-31", "2024-03-01", "2024-03-02")}
    assert told == {
        "2024-01-30": [],
        "2024-01-31": ["payment_reminder"],
        "2024-03-01": ["payment_reminder"],
        "2024-03-02": ["payment_demand"],
    }


def test_a_demand_is_told_again_until_one_was_served() -> None:
    one = [instalment(1, "2024-03-01")]
    facts = complete(instalments=one)
    assert [due(facts, on)[0][3] for on in ("2024-03-02", "2024-03-31", "2024-04-01", "2024-05-01")] == [
        1,
        1,
        2,
        3,
    ]
    served = complete(happened(Kind.DEMAND, "2024-04-01", seq=1), instalments=one)
    assert kinds(served, "2024-03-31") == ["payment_demand"]
    assert kinds(served, "2024-04-01") == []
    assert kinds(served, "2024-08-01") == [], "what is terminable is a to-do of the section head"


def test_a_demand_counts_from_the_rolled_day_and_is_named_by_the_agreed_one() -> None:
    facts = complete(instalments=[instalment(1, "2025-10-01", effective="2025-10-09")])
    assert due(facts, "2025-10-10") == [("payment_demand", "1", "2025-10-01", 1)]


def test_the_tracks_are_independent_of_each_other() -> None:
    facts = supply(
        instalments=[instalment(1, "2024-03-01"), instalment(2, "2024-06-01")],
        agreed_start_on="2024-03-01",
        agreed_completion_on="2024-06-15",
    )
    assert kinds(facts, "2024-05-20") == [
        "payment_demand",
        "payment_reminder",
        "start_recheck",
        "completion_reminder",
        "visit_due",
    ]


def test_what_is_paid_started_completed_or_in_default_is_not_told() -> None:
    facts = supply(
        happened(Kind.PAYMENT, "2024-02-01", amount=1_000_000),
        happened(Kind.START, "2024-02-01"),
        happened(Kind.VISIT, "2024-06-02"),
        instalments=[instalment(1, "2024-03-01")],
        agreed_start_on="2024-03-01",
        agreed_completion_on="2024-06-01",
    )
    assert kinds(facts, "2024-06-02") == []


def test_a_stage_that_has_passed_is_not_made_up() -> None:
    facts = complete(agreed_start_on="2024-03-01")
    assert kinds(facts, "2024-05-01") == ["start_recheck"]


def test_an_amended_date_is_another_matter() -> None:
    facts = complete(
        happened(Kind.EXTENSION_APPROVED, "2024-03-10", new_due_on="2024-04-01"), agreed_start_on="2024-03-01"
    )
    assert due(facts, "2024-03-09")[0] == ("start_recheck", "", "2024-03-01", 1)
    assert due(facts, "2024-03-10")[0] == ("start_reminder", "", "2024-04-01", 1)


def test_a_supply_is_left_alone_before_it_is_signed_and_when_it_has_ended() -> None:
    facts = supply(happened(Kind.TERMINATION, "2024-05-01"), signed_on="2024-02-01", price=Decimal(1))
    assert kinds(facts, "2024-01-31") == []
    assert kinds(facts, "2024-02-01") == ["data_gap"] * 3
    assert kinds(facts, "2024-05-01") == []


# --- Visits ------------------------------------------------------------------------------------------------


def test_one_visit_is_due_in_each_stage_from_thirty_days_before_to_the_day_after() -> None:
    facts = complete(agreed_start_on="2024-03-15")
    told = {
        on: "visit_due" in kinds(facts, on) for on in ("2024-02-13", "2024-02-14", "2024-03-16", "2024-03-17")
    }
    assert told == {"2024-02-13": False, "2024-02-14": True, "2024-03-16": True, "2024-03-17": False}
    assert ("visit_due", "start", "2024-03-15", 1) in due(facts, "2024-03-01")


@pytest.mark.parametrize(("on", "is_due"), [("2024-02-13", True), ("2024-02-14", False)])
def test_only_a_visit_within_the_stage_does(on: str, is_due: bool) -> None:
    facts = complete(happened(Kind.VISIT, on), agreed_start_on="2024-03-15")
    assert ("visit_due" in kinds(facts, "2024-03-01")) is is_due


def test_no_visit_is_due_once_the_goal_is_reached() -> None:
    facts = complete(happened(Kind.START, "2024-03-01"), agreed_start_on="2024-03-15")
    assert kinds(facts, "2024-03-01") == []


def test_a_bureau_may_visit_every_month_until_the_end() -> None:
    facts = complete(
        happened(Kind.VISIT, "2024-04-10"), happened(Kind.ACCEPTANCE, "2024-06-01"), signed_on="2024-02-15"
    )
    days = ("2024-02-20", "2024-03-01", "2024-03-31", "2024-04-09", "2024-04-10", "2024-05-01", "2024-06-01")
    told = {on: due(facts, on, monthly=True) for on in days}
    assert told == {
        "2024-02-20": [],  # signed within the month
        "2024-03-01": [("visit_due", "month", "2024-03-01", 1)],
        "2024-03-31": [("visit_due", "month", "2024-03-01", 1)],
        "2024-04-09": [("visit_due", "month", "2024-04-01", 1)],
        "2024-04-10": [],
        "2024-05-01": [("visit_due", "month", "2024-05-01", 1)],
        "2024-06-01": [],
    }


# --- Missing facts -----------------------------------------------------------------------------------------


def test_one_gap_for_each_fact_that_is_missing() -> None:
    facts = supply(price=Decimal(1), instalments=[instalment(1, None), instalment(2, None)])
    assert due(facts, "2024-01-01") == [
        ("data_gap", "start_date", None, 1),
        ("data_gap", "completion_date", None, 1),
        ("data_gap", "instalment_date-1", None, 1),
        ("data_gap", "instalment_date-2", None, 1),
    ]


def test_a_price_without_instalments_is_a_gap_and_no_price_is_none() -> None:
    assert due(complete(price=Decimal(1)), "2024-01-01") == [("data_gap", "instalments", None, 1)]
    assert due(complete(price=Decimal(0)), "2024-01-01") == []
    assert due(complete(), "2024-01-01") == []


def test_a_start_that_follows_from_the_handover_is_no_gap_any_more() -> None:
    facts = supply(happened(Kind.HANDOVER, "2024-02-01"), agreed_completion_on="2030-01-01")
    assert due(facts, "2024-01-31") == [("data_gap", "start_date", None, 1)]
    assert due(facts, "2024-02-01") == []


def test_what_is_settled_lacks_nothing() -> None:
    facts = supply(
        happened(Kind.PAYMENT, "2024-02-01", amount=1_000_000),
        happened(Kind.COMPLETION, "2024-02-01"),
        instalments=[instalment(1, None)],
    )
    assert len(due(facts, "2024-01-31")) == 3
    assert due(facts, "2024-02-01") == []


def test_both_tests_of_type_b_are_missing_when_work_has_stopped_for_more_than_a_year() -> None:
    stopped = (happened(Kind.START, "2024-01-01"), happened(Kind.STOP, "2024-01-10"))
    facts = complete(*stopped, area=Decimal(100), total_investment=Decimal(100))
    assert due(facts, "2025-01-10") == []
    assert due(facts, "2025-01-11") == [("data_gap", "type_b_tests", None, 1)]
    seen = happened(Kind.VISIT, "2024-06-01", finding=Finding.STOPPED, developed_area=Decimal(30))
    assert due(complete(*stopped, seen, area=Decimal(100)), "2025-01-11") == []
    assert kinds(complete(*stopped, seen), "2025-01-11") == ["data_gap"], "a part without its whole"
    assert kinds(complete(stopped[1], agreed_start_on="2030-01-01"), "2025-01-11") == []


# --- Keys --------------------------------------------------------------------------------------------------


def test_the_round_follows_from_days_alone() -> None:
    first = date(2024, 3, 2)
    assert [round_of(first, date(2024, 3, n), 10) for n in (2, 11, 12, 22)] == [1, 1, 2, 3]
    assert round_of(first, date(2030, 1, 1), None) == 1


def test_a_key_says_kind_subject_agreed_date_and_round() -> None:
    found = matters(
        complete(instalments=[instalment(2, "2024-03-01")]), day("2024-04-01"), TERMS, REPEAT, monthly=False
    )
    assert [one.key for one in found] == ["payment_demand:2:2024-03-01:2"]
