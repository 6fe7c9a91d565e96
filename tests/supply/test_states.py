"""contract.md, "States in supplies", sentence by sentence."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from supervision.supply.rules import (
    Cause,
    DateView,
    Event,
    Facts,
    Finding,
    Instalment,
    InstalmentView,
    Kind,
    Terms,
    Track,
    View,
    view_of,
)

TERMS = Terms(remind_days=30, terminable_days=60, start_years_after_handover=1, idle_years=1)
ZERO = Decimal("0.00")
MILLION = Decimal(1_000_000)


def day(text: str) -> date:
    return date.fromisoformat(text)


def happened(kind: Kind, on: str, **values: Any) -> Event:
    for name in ("new_due_on", "new_completion_on"):
        if name in values:
            values[name] = day(values[name])
    if "amount" in values:
        values["amount"] = Decimal(values["amount"])
    return Event(kind, day(on), **values)


def instalment(
    seq: int, due: str | None, amount: int = 1_000_000, effective: str | None = None
) -> Instalment:
    rolled = effective or due
    return Instalment(seq, day(due) if due else None, day(rolled) if rolled else None, Decimal(amount))


def supply(*events: Event, **contract: Any) -> Facts:
    for name in ("signed_on", "agreed_start_on", "agreed_completion_on"):
        if name in contract:
            contract[name] = day(contract[name])
    numbered = [
        Event(**{name: getattr(event, name) for name in Event.__slots__} | {"order": order})
        for order, event in enumerate(events, 1)
    ]
    return Facts.of(number="1", events=numbered, **{"payment_rate": Decimal(1)} | contract)


def view(facts: Facts, on: str) -> View:
    return view_of(facts, day(on), TERMS)


def payment(facts: Facts, on: str, seq: int = 1) -> InstalmentView:
    return next(one for one in view(facts, on).payment if one.seq == seq)


def start(facts: Facts, on: str) -> DateView:
    return view(facts, on).start


def completion(facts: Facts, on: str) -> DateView:
    return view(facts, on).completion


def balances(facts: Facts, on: str) -> list[Decimal]:
    return [one.balance for one in view(facts, on).payment]


# --- The end of a supply -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.TERMINATION, Kind.TAKE_BACK, Kind.ACCEPTANCE, Kind.TRANSFER])
def test_a_supply_ends_terminated_taken_back_accepted_or_transferred(kind: Kind) -> None:
    facts = supply(happened(kind, "2024-05-10"))
    assert view(facts, "2024-05-09").closed_on is None
    assert view(facts, "2024-05-10").closed_on == day("2024-05-10")


def test_a_transfer_of_a_part_ends_nothing() -> None:
    facts = supply(happened(Kind.TRANSFER, "2024-05-10", partial=True))
    assert view(facts, "2025-01-01").closed_on is None


def test_a_supply_that_ended_is_shown_as_it_stood_on_that_day() -> None:
    facts = supply(
        happened(Kind.TERMINATION, "2024-05-10"),
        happened(Kind.PAYMENT, "2024-06-01", amount=1_000_000),
        instalments=[instalment(1, "2024-05-01")],
        agreed_start_on="2024-06-01",
    )
    shown = view(facts, "2025-01-01")
    assert (shown.payment[0].state, shown.payment[0].days_late) == ("OVERDUE", 9)
    assert shown.payment[0].damages == Decimal("9000.00")
    assert shown.start.code == "START_REMINDER"


# --- Payment -----------------------------------------------------------------------------------------------


def test_a_reminder_counts_from_the_agreed_day_and_lateness_from_the_rolled_one() -> None:
    facts = supply(instalments=[instalment(1, "2025-10-01", effective="2025-10-09")])
    assert payment(facts, "2025-08-31").state == "NOT_DUE"
    assert payment(facts, "2025-09-01").state == "REMINDER"
    assert payment(facts, "2025-10-09").state == "REMINDER"
    late = payment(facts, "2025-10-10")
    assert (late.state, late.days_late, late.damages) == ("OVERDUE", 1, Decimal("1000.00"))


def test_an_instalment_is_terminable_only_after_a_demand_served_when_it_was_late() -> None:
    one = [instalment(1, "2024-03-01", effective="2024-03-04")]
    assert payment(supply(instalments=one), "2024-09-01").state == "OVERDUE"
    on_the_last_day = supply(happened(Kind.DEMAND, "2024-03-04", seq=1), instalments=one)
    assert payment(on_the_last_day, "2024-09-01").state == "OVERDUE"
    late = supply(happened(Kind.DEMAND, "2024-03-05", seq=1), instalments=one)
    assert payment(late, "2024-05-03").state == "OVERDUE"
    assert payment(late, "2024-05-04").state == "TERMINABLE"
    after_the_sixty_days = supply(happened(Kind.DEMAND, "2024-08-01", seq=1), instalments=one)
    assert payment(after_the_sixty_days, "2024-07-31").state == "OVERDUE"
    assert payment(after_the_sixty_days, "2024-08-01").state == "TERMINABLE"


def test_a_demand_without_a_number_covers_what_is_late_on_its_day() -> None:
    facts = supply(
        happened(Kind.PAYMENT, "2024-03-20", seq=2, amount=1_000_000),
        happened(Kind.DEMAND, "2024-04-01"),
        happened(Kind.REFUND, "2024-04-02", seq=2, amount=1_000_000),
        instalments=[instalment(1, "2024-03-01"), instalment(2, "2024-03-02"), instalment(3, "2024-04-01")],
    )
    assert [one.state for one in view(facts, "2024-07-01").payment] == ["TERMINABLE", "OVERDUE", "OVERDUE"]


def test_a_demand_concerns_the_instalment_that_it_names_and_the_payment_only() -> None:
    one = [instalment(1, "2024-03-01")]
    other = supply(happened(Kind.DEMAND, "2024-04-01", seq=2), instalments=one)
    assert payment(other, "2024-07-01").state == "OVERDUE"
    about_the_start = supply(happened(Kind.DEMAND, "2024-04-01", track=Track.START), instalments=one)
    assert payment(about_the_start, "2024-07-01").state == "OVERDUE"
    said = supply(happened(Kind.DEMAND, "2024-04-01", track=Track.PAYMENT), instalments=one)
    assert payment(said, "2024-07-01").state == "TERMINABLE"


def test_an_instalment_of_nothing_is_paid() -> None:
    one = payment(supply(instalments=[instalment(1, "2024-03-01", 0)]), "2024-07-01")
    assert (one.state, one.days_late, one.damages) == ("PAID", 0, ZERO)


def test_an_instalment_without_a_date_is_not_due_and_nothing_is_known_of_its_lateness() -> None:
    one = payment(supply(instalments=[instalment(1, None)]), "2024-07-01")
    assert (one.state, one.due_on, one.days_late, one.damages) == ("NOT_DUE", None, None, None)


def test_a_price_without_instalments_shows_none() -> None:
    assert view(supply(price=MILLION), "2024-07-01").payment == ()


def test_damages_are_computed_to_the_day_while_unpaid_and_to_the_days_of_payment_after() -> None:
    facts = supply(
        happened(Kind.PAYMENT, "2024-03-11", amount=400_000),
        happened(Kind.PAYMENT, "2024-04-10", amount=600_000),
        instalments=[instalment(1, "2024-03-01")],
    )
    assert payment(facts, "2024-03-11").damages == Decimal("10000.00")
    assert payment(facts, "2024-03-12").damages == Decimal("10600.00")
    paid = payment(facts, "2026-01-01")
    assert (paid.state, paid.days_late, paid.damages) == ("PAID", 40, Decimal("28000.00"))


def test_no_rate_no_damages_but_a_rate_and_no_delay_is_zero() -> None:
    one = [instalment(1, "2024-03-01")]
    for rate, damages in ((None, None), (Decimal(0), ZERO)):
        late = payment(supply(instalments=one, payment_rate=rate), "2024-03-11")
        assert (late.days_late, late.damages) == (10, damages)
    assert payment(supply(instalments=one), "2024-02-01").damages == ZERO


def test_the_deposit_counts_as_paid_on_the_signing_day_into_the_oldest_instalment() -> None:
    facts = supply(
        signed_on="2024-02-01",
        deposit=Decimal(300_000),
        instalments=[instalment(1, "2024-06-01"), instalment(2, "2024-03-01", 200_000)],
    )
    assert balances(facts, "2024-02-01") == [Decimal(900_000), Decimal(0)]
    assert balances(facts, "2024-01-31") == [MILLION, Decimal(200_000)]


def test_what_was_paid_before_the_signing_comes_before_the_deposit() -> None:
    facts = supply(
        happened(Kind.PAYMENT, "2024-01-20", amount=200_000),
        signed_on="2024-02-10",
        deposit=Decimal(300_000),
        instalments=[instalment(1, "2024-02-01", 200_000), instalment(2, "2024-03-01")],
    )
    assert payment(facts, "2024-02-10").days_late == 0
    assert balances(facts, "2024-02-10") == [Decimal(0), Decimal(700_000)]


def test_a_payment_without_a_number_fills_the_oldest_due_date_first() -> None:
    facts = supply(
        happened(Kind.PAYMENT, "2024-02-01", amount=1_500_000),
        instalments=[instalment(1, "2024-06-01"), instalment(2, "2024-03-01"), instalment(3, None)],
    )
    assert balances(facts, "2024-02-01") == [Decimal(500_000), Decimal(0), MILLION]


def test_a_payment_with_a_number_fills_that_instalment_first() -> None:
    facts = supply(
        happened(Kind.PAYMENT, "2024-02-01", seq=2, amount=1_500_000),
        instalments=[instalment(1, "2024-03-01"), instalment(2, "2024-06-01")],
    )
    assert balances(facts, "2024-02-01") == [Decimal(500_000), Decimal(0)]


def test_a_surplus_shows_as_a_negative_balance_of_the_last_instalment() -> None:
    facts = supply(
        happened(Kind.PAYMENT, "2024-02-01", seq=1, amount=2_300_000),
        instalments=[instalment(1, "2024-03-01"), instalment(2, "2024-06-01")],
    )
    assert balances(facts, "2024-02-01") == [Decimal(0), Decimal(-300_000)]


def test_a_refund_takes_from_the_last_filled() -> None:
    facts = supply(
        happened(Kind.PAYMENT, "2024-02-01", amount=1_500_000),
        happened(Kind.REFUND, "2024-02-02", amount=700_000),
        instalments=[instalment(1, "2024-03-01"), instalment(2, "2024-06-01")],
    )
    assert balances(facts, "2024-02-02") == [Decimal(200_000), MILLION]


def test_an_instalment_that_was_paid_and_refunded_is_owed_again() -> None:
    facts = supply(
        happened(Kind.PAYMENT, "2024-03-11", amount=1_000_000),
        happened(Kind.REFUND, "2024-03-21", amount=1_000_000),
        happened(Kind.PAYMENT, "2024-03-31", amount=1_000_000),
        instalments=[instalment(1, "2024-03-01")],
    )
    assert payment(facts, "2024-03-15").damages == Decimal("10000.00")
    assert payment(facts, "2024-03-22").damages == Decimal("11000.00")
    paid = payment(facts, "2024-05-01")
    assert (paid.state, paid.days_late, paid.damages) == ("PAID", 30, Decimal("20000.00"))


def test_money_that_goes_and_comes_back_within_a_day_changes_nothing() -> None:
    facts = supply(
        happened(Kind.PAYMENT, "2024-02-01", amount=1_000_000),
        happened(Kind.REFUND, "2024-04-01", amount=1_000_000),
        happened(Kind.PAYMENT, "2024-04-01", amount=1_000_000),
        instalments=[instalment(1, "2024-03-01")],
    )
    assert payment(facts, "2024-05-01").days_late == 0


def test_damages_paid_apart_do_not_fill_an_instalment() -> None:
    facts = supply(
        happened(Kind.DAMAGES, "2024-03-11", amount=50_000), instalments=[instalment(1, "2024-03-01")]
    )
    assert balances(facts, "2024-04-01") == [MILLION]


@pytest.mark.parametrize("cause", [Cause.GOVERNMENT, Cause.FORCE_MAJEURE, Cause.PREPARATORY_WORK])
def test_exempt_causes_owe_nothing_on_the_track_that_was_determined(cause: Cause) -> None:
    facts = supply(
        happened(Kind.DETERMINATION, "2024-04-01", track=Track.PAYMENT, cause=cause),
        instalments=[instalment(1, "2024-03-01")],
        agreed_start_on="2024-03-01",
        price=MILLION,
        start_rate=Decimal(1),
    )
    assert payment(facts, "2024-03-31").damages == Decimal("30000.00")
    one = payment(facts, "2024-04-01")
    assert (one.state, one.days_late, one.damages) == ("OVERDUE", 31, ZERO)
    assert start(facts, "2024-04-01").damages == Decimal("31000.00")


def test_the_last_determination_counts() -> None:
    facts = supply(
        happened(Kind.DETERMINATION, "2024-04-01", track=Track.START, cause=Cause.GOVERNMENT),
        happened(Kind.DETERMINATION, "2024-04-05", track=Track.START, cause=Cause.LAND_USER),
        agreed_start_on="2024-03-01",
        price=MILLION,
        start_rate=Decimal(1),
    )
    assert start(facts, "2024-04-04").damages == ZERO
    assert start(facts, "2024-04-05").damages == Decimal("35000.00")


# --- Handover and sign board -------------------------------------------------------------------------------


def test_handover_and_sign_board() -> None:
    facts = supply(happened(Kind.HANDOVER, "2024-03-01"), happened(Kind.BOARD, "2024-03-05"))
    states = [view(facts, on).handover.state for on in ("2024-02-29", "2024-03-01", "2024-03-05")]
    assert states == ["AWAITING_HANDOVER", "HANDED_OVER", "BOARD_POSTED"]
    assert view(facts, "2024-03-05").handover.actual_on == day("2024-03-01")


# --- Start and completion ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("track", "contract", "done"),
    [
        (Track.START, "agreed_start_on", "STARTED"),
        (Track.COMPLETION, "agreed_completion_on", "COMPLETED"),
    ],
)
def test_a_stage_is_waited_for_reminded_rechecked_in_default_and_reached(
    track: Track, contract: str, done: str
) -> None:
    kind = Kind.START if track == Track.START else Kind.COMPLETION
    facts = supply(
        happened(Kind.VISIT, "2024-03-20"), happened(kind, "2024-04-01"), **{contract: "2024-03-16"}
    )
    name = track.value.upper()
    days = ("2024-02-14", "2024-02-15", "2024-03-16", "2024-03-17", "2024-03-20", "2024-04-01")
    codes = [getattr(view(facts, on), track.value).code for on in days]
    assert codes == [
        "WAITING",
        f"{name}_REMINDER",
        f"{name}_REMINDER",
        f"{name}_RECHECK",
        f"{name}_DEFAULT",
        done,
    ]


def test_start_and_completion_never_roll() -> None:
    sunday = supply(agreed_start_on="2024-03-17")
    assert start(sunday, "2024-03-18").days_late == 1


def test_without_a_date_the_stage_waits_and_nothing_is_known_of_its_lateness() -> None:
    facts = supply(price=MILLION, start_rate=Decimal(1))
    one = start(facts, "2024-03-18")
    assert (one.due_on, one.code, one.days_late, one.damages) == (None, "WAITING", None, None)


def test_the_last_approval_by_day_counts_in_whatever_order_they_were_entered() -> None:
    facts = supply(
        happened(Kind.EXTENSION_APPROVED, "2024-06-01", new_due_on="2025-06-01"),
        happened(Kind.EXTENSION_APPROVED, "2024-04-01", new_due_on="2024-12-01"),
        agreed_start_on="2024-03-01",
    )
    dues = [start(facts, on).due_on for on in ("2024-03-31", "2024-04-01", "2024-06-01")]
    assert dues == [day("2024-03-01"), day("2024-12-01"), day("2025-06-01")]


def test_a_visit_counts_only_after_the_date_in_force() -> None:
    before = supply(happened(Kind.VISIT, "2024-03-15"), agreed_start_on="2024-03-15")
    assert start(before, "2024-03-16").code == "START_RECHECK"
    replaced = supply(
        happened(Kind.VISIT, "2024-03-20"),
        happened(Kind.EXTENSION_APPROVED, "2024-04-01", new_due_on="2024-06-01"),
        agreed_start_on="2024-03-15",
    )
    assert start(replaced, "2024-03-31").code == "START_DEFAULT"
    assert start(replaced, "2024-04-01").code == "WAITING"
    assert start(replaced, "2024-06-02").code == "START_RECHECK"


def test_one_visit_that_found_nothing_counts_for_both_stages() -> None:
    facts = supply(
        happened(Kind.VISIT, "2024-06-01", finding=Finding.NOT_STARTED),
        agreed_start_on="2024-03-01",
        agreed_completion_on="2024-05-31",
    )
    shown = view(facts, "2024-06-01")
    assert (shown.start.code, shown.completion.code) == ("START_DEFAULT", "COMPLETION_DEFAULT")


def test_a_determination_counts_for_its_own_stage() -> None:
    facts = supply(
        happened(Kind.DETERMINATION, "2024-06-01", track=Track.COMPLETION),
        agreed_start_on="2024-03-01",
        agreed_completion_on="2024-05-31",
    )
    shown = view(facts, "2024-06-01")
    assert (shown.start.code, shown.completion.code) == ("START_RECHECK", "COMPLETION_DEFAULT")


def test_completion_runs_independently_of_the_start() -> None:
    facts = supply(agreed_start_on="2024-03-01", agreed_completion_on="2024-05-31")
    shown = view(facts, "2024-06-01")
    assert (shown.start.code, shown.completion.code) == ("START_RECHECK", "COMPLETION_RECHECK")


def test_what_is_completed_was_started_on_an_unknown_day() -> None:
    facts = supply(
        happened(Kind.COMPLETION, "2024-05-20"),
        agreed_start_on="2024-03-01",
        price=MILLION,
        start_rate=Decimal(1),
    )
    assert (start(facts, "2024-05-19").code, start(facts, "2024-05-19").days_late) == ("START_RECHECK", 79)
    one = start(facts, "2024-05-20")
    assert (one.code, one.days_late, one.damages) == ("STARTED", None, None)


def test_days_late_stay_what_they_were_when_the_goal_was_reached() -> None:
    facts = supply(
        happened(Kind.START, "2024-03-11"),
        happened(Kind.EXTENSION_APPROVED, "2024-04-01", track=Track.START, new_due_on="2025-03-01"),
        agreed_start_on="2024-03-01",
        price=MILLION,
        start_rate=Decimal(1),
    )
    for on in ("2024-03-20", "2024-05-01", "2026-01-01"):
        assert (start(facts, on).days_late, start(facts, on).damages) == (10, Decimal("10000.00"))


def test_exempt_causes_leave_the_days_of_a_late_start() -> None:
    facts = supply(
        happened(Kind.DETERMINATION, "2024-03-05", cause=Cause.FORCE_MAJEURE),
        happened(Kind.START, "2024-03-11"),
        agreed_start_on="2024-03-01",
        price=MILLION,
        start_rate=Decimal(1),
    )
    one = start(facts, "2024-05-01")
    assert (one.days_late, one.damages, one.cause) == (10, ZERO, Cause.FORCE_MAJEURE)


def test_a_determination_against_a_replaced_date_gives_no_cause() -> None:
    facts = supply(
        happened(Kind.DETERMINATION, "2024-03-05", cause=Cause.GOVERNMENT),
        happened(Kind.EXTENSION_APPROVED, "2024-04-01", new_due_on="2024-06-01"),
        agreed_start_on="2024-03-01",
        price=MILLION,
        start_rate=Decimal(1),
    )
    one = start(facts, "2024-06-11")
    assert (one.cause, one.damages) == (None, Decimal("10000.00"))


@pytest.mark.parametrize(("rate", "damages"), [(None, None), (Decimal(0), ZERO)])
def test_without_a_rate_nothing_is_known_and_by_a_rate_of_zero_nothing_is_owed(
    rate: Decimal | None, damages: Decimal | None
) -> None:
    facts = supply(agreed_start_on="2024-03-01", price=MILLION, start_rate=rate)
    assert (start(facts, "2024-03-11").days_late, start(facts, "2024-03-11").damages) == (10, damages)


def test_a_rate_and_no_delay_is_zero_for_a_stage_too() -> None:
    facts = supply(agreed_completion_on="2024-03-01", price=MILLION, completion_rate=Decimal(1))
    assert completion(facts, "2024-01-01").damages == ZERO


# --- What an event is about --------------------------------------------------------------------------------


def test_a_start_of_the_same_day_counts_as_made_for_the_choice_of_the_stage() -> None:
    facts = supply(
        happened(Kind.EXTENSION_APPROVED, "2024-04-01", new_due_on="2025-06-01"),
        happened(Kind.START, "2024-04-01"),
        agreed_start_on="2024-03-01",
        agreed_completion_on="2024-12-01",
    )
    shown = view(facts, "2024-05-01")
    assert (shown.start.due_on, shown.completion.due_on) == (day("2024-03-01"), day("2025-06-01"))


def test_an_approval_of_the_start_without_a_completion_date_leaves_the_completion() -> None:
    facts = supply(
        happened(Kind.EXTENSION_APPROVED, "2024-04-01", new_due_on="2024-06-01"),
        agreed_start_on="2024-03-01",
        agreed_completion_on="2024-12-01",
    )
    shown = view(facts, "2024-05-01")
    assert (shown.start.due_on, shown.completion.due_on) == (day("2024-06-01"), day("2024-12-01"))


def test_an_approval_of_the_start_may_move_the_completion_too() -> None:
    facts = supply(
        happened(
            Kind.EXTENSION_APPROVED, "2024-04-01", new_due_on="2024-06-01", new_completion_on="2025-03-01"
        ),
        agreed_start_on="2024-03-01",
        agreed_completion_on="2024-12-01",
    )
    assert view(facts, "2024-05-01").completion.due_on == day("2025-03-01")


@pytest.mark.parametrize("finding", [Finding.STARTED, Finding.UNDER_WAY])
def test_a_visit_that_sees_work_sets_the_start_if_it_is_unknown(finding: Finding) -> None:
    facts = supply(happened(Kind.VISIT, "2024-03-20", finding=finding), agreed_start_on="2024-03-01")
    assert (start(facts, "2024-04-01").code, start(facts, "2024-04-01").days_late) == ("STARTED", 19)
    known = supply(
        happened(Kind.START, "2024-02-20"),
        happened(Kind.VISIT, "2024-03-20", finding=finding),
        agreed_start_on="2024-03-01",
    )
    assert start(known, "2024-04-01").reached_on == day("2024-02-20")


def test_a_visit_that_sees_it_finished_sets_the_completion() -> None:
    facts = supply(
        happened(Kind.VISIT, "2024-03-20", finding=Finding.COMPLETED), agreed_completion_on="2024-03-01"
    )
    one = completion(facts, "2024-04-01")
    assert (one.code, one.reached_on, one.days_late) == ("COMPLETED", day("2024-03-20"), 19)


@pytest.mark.parametrize("finding", [None, Finding.NOT_STARTED, Finding.STOPPED])
def test_any_other_visit_found_none(finding: Finding | None) -> None:
    facts = supply(happened(Kind.VISIT, "2024-03-20", finding=finding), agreed_start_on="2024-03-01")
    assert start(facts, "2024-03-20").code == "START_DEFAULT"


def test_a_visit_on_the_day_of_the_start_found_it() -> None:
    facts = supply(
        happened(Kind.VISIT, "2024-03-20"),
        happened(Kind.START, "2024-03-20"),
        agreed_start_on="2024-03-01",
    )
    assert start(facts, "2024-03-20").code == "STARTED"


def test_a_start_derived_from_the_handover_is_shown_as_due() -> None:
    facts = supply(happened(Kind.HANDOVER, "2024-02-29"))
    assert start(facts, "2024-02-28").due_on is None
    assert start(facts, "2024-02-29").due_on == day("2025-02-28")


def test_an_approved_date_stands_above_the_one_derived_from_the_handover() -> None:
    approved = happened(Kind.EXTENSION_APPROVED, "2024-02-01", new_due_on="2024-09-01")
    facts = supply(approved, happened(Kind.HANDOVER, "2024-03-01"))
    assert start(facts, "2024-04-01").due_on == day("2024-09-01")


# --- Stopped work ------------------------------------------------------------------------------------------


def test_work_is_stopped_between_stop_and_resumption() -> None:
    facts = supply(
        happened(Kind.STOP, "2024-01-05"),
        happened(Kind.START, "2024-02-01"),
        happened(Kind.STOP, "2024-03-01"),
        happened(Kind.VISIT, "2024-03-20", finding=Finding.STOPPED),
        happened(Kind.RESUME, "2024-04-01"),
        happened(Kind.VISIT, "2024-05-01", finding=Finding.STOPPED),
        happened(Kind.COMPLETION, "2024-06-01"),
    )
    days = ("2024-01-10", "2024-02-01", "2024-03-25", "2024-04-01", "2024-05-02", "2024-06-01")
    assert [view(facts, on).suspended_since for on in days] == [
        None,  # what never began cannot stop
        None,
        day("2024-03-01"),
        None,
        day("2024-05-01"),
        None,
    ]


# --- Odd days ----------------------------------------------------------------------------------------------


def test_a_date_at_the_end_of_the_calendar_breaks_nothing() -> None:
    facts = supply(
        agreed_start_on="9999-12-31",
        agreed_completion_on="0001-01-02",
        instalments=[instalment(1, "9999-12-31"), instalment(2, "0001-01-01")],
    )
    shown = view(facts, "2024-06-01")
    assert [one.state for one in shown.payment] == ["NOT_DUE", "OVERDUE"]
    assert (shown.start.code, shown.completion.code) == ("WAITING", "COMPLETION_RECHECK")
    assert shown.completion.days_late == (day("2024-06-01") - date.min - timedelta(days=1)).days
