"""What the regime asks for, counted as of a day; the command that tells it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from supervision.supply import rules
from supervision.supply.models import Indicator, Instalment, LandSupply, Regime
from supervision.supply.rules import Cause, Track
from supervision.supply.selectors import facts_of, terms
from supervision.supply.selectors.arrears import arrears, unpaid
from supervision.supply.selectors.indicators import Counted, count
from tests.supply.factories import TODAY, happen, make_supply

pytestmark = pytest.mark.django_db
K = rules.Kind


def counted(on: date = TODAY) -> Counted:
    return count(LandSupply.objects.all(), on)


def value(code: str, on: date = TODAY) -> tuple[int, int]:
    one = counted(on).values()[code][1]
    return int(one.done), int(one.all)


# --- Unpaid money -----------------------------------------------------------------------------------------


def a_mixed_ledger() -> None:
    """Late, demanded, part paid, exempt, not due, paid, without a rate, ended."""
    due = TODAY - timedelta(days=70)
    plain = make_supply(signed_on=date(2026, 1, 5), instalments=[(1, due, 1_000_000), (2, TODAY, 500_000)])
    happen(plain, K.PAYMENT, due + timedelta(days=20), amount=Decimal(400_000), seq=1)
    demanded = make_supply(signed_on=date(2026, 1, 5), instalments=[(1, due, 1_000_000)])
    happen(demanded, K.DEMAND, due + timedelta(days=5))
    exempt = make_supply(signed_on=date(2026, 1, 5), instalments=[(1, due, 1_000_000)])
    happen(
        exempt,
        K.DETERMINATION,
        due + timedelta(days=9),
        track=Track.PAYMENT,
        cause=Cause.GOVERNMENT,
    )
    make_supply(
        signed_on=date(2026, 1, 5), payment_rate=None, instalments=[(1, TODAY + timedelta(days=90), 700_000)]
    )
    paid = make_supply(signed_on=date(2026, 1, 5), instalments=[(1, due, 1_000_000)])
    happen(paid, K.PAYMENT, due, amount=Decimal(1_200_000))
    refunded = make_supply(signed_on=date(2026, 1, 5), instalments=[(1, due, 1_000_000)])
    happen(refunded, K.PAYMENT, due, amount=Decimal(1_000_000))
    happen(refunded, K.REFUND, TODAY, amount=Decimal(300_000))
    ended = make_supply(signed_on=date(2026, 1, 5), instalments=[(1, due, 1_000_000)])
    happen(ended, K.TERMINATION, TODAY - timedelta(days=1))
    make_supply(signed_on=TODAY + timedelta(days=1), instalments=[(1, due, 1_000_000)])


@pytest.mark.parametrize("days", [-75, -69, -60, -30, -1, 0, 10])
def test_unpaid_instalments_are_those_of_the_rules_on_any_day(days: int) -> None:
    a_mixed_ledger()
    on = TODAY + timedelta(days=days)
    found = {
        (one.supply, one.seq): (one.state, one.balance, one.days_late, one.damages)
        for one in unpaid(Instalment.objects.all(), on, terms())
    }
    expected = {}
    supplies = LandSupply.objects.select_related("parcel")
    for pk, facts in facts_of(supplies).items():
        view = rules.view_of(facts, on, terms())
        if view.closed_on or (facts.signed_on and facts.signed_on > on):
            continue
        for one in view.payment:
            if one.balance > 0:
                expected[pk, one.seq] = (one.state, one.balance, one.days_late, one.damages)
    assert found == expected


def test_money_is_read_in_four_queries_however_much_is_late(django_assert_num_queries: Any) -> None:
    numbers = terms()
    for _ in range(2):
        a_mixed_ledger()
        with django_assert_num_queries(4):
            arrears(LandSupply.objects.all(), TODAY, numbers)


def test_what_was_paid_ahead_or_beyond_does_not_raise_the_collection_rate() -> None:
    supply = make_supply(
        signed_on=date(2026, 1, 5),
        instalments=[(1, date(2026, 6, 1), 1_000_000), (2, date(2027, 6, 1), 1_000_000)],
    )
    make_supply(signed_on=date(2026, 1, 5), instalments=[(1, date(2026, 6, 1), 1_000_000)])
    happen(supply, K.PAYMENT, date(2026, 6, 1), amount=Decimal(1_500_000))
    assert value("collection") == (1_000_000, 2_000_000)
    assert value("collection", date(2026, 5, 31)) == (0, 0)


# --- Dates kept -------------------------------------------------------------------------------------------


def test_on_time_is_what_was_reached_by_its_date_of_what_was_due_this_year() -> None:
    on_time = make_supply(agreed_start_on=date(2026, 3, 1), agreed_completion_on=date(2027, 3, 1))
    happen(on_time, K.START, date(2026, 3, 1))
    late = make_supply(agreed_start_on=date(2026, 3, 1))
    happen(late, K.START, date(2026, 3, 2))
    make_supply(agreed_start_on=date(2026, 11, 30))  # not due yet
    make_supply(agreed_start_on=date(2025, 12, 31))  # of another year
    assert value("start_on_time") == (1, 2)
    assert value("start_on_time", date(2026, 2, 28)) == (0, 0)
    assert value("completion_on_time") == (0, 0)


def test_an_extended_start_is_judged_by_its_new_date() -> None:
    supply = make_supply(agreed_start_on=date(2026, 3, 1))
    happen(
        supply,
        K.EXTENSION_APPROVED,
        date(2026, 2, 20),
        track=Track.START,
        new_due_on=date(2026, 9, 1),
    )
    happen(supply, K.START, date(2026, 8, 1))
    assert value("start_on_time") == (1, 1)
    assert value("start_on_time", date(2026, 6, 1)) == (0, 0)


def test_a_supply_that_ended_before_its_date_owed_nothing() -> None:
    supply = make_supply(agreed_start_on=date(2026, 3, 1))
    happen(supply, K.TERMINATION, date(2026, 2, 1))
    kept = make_supply(agreed_start_on=date(2026, 3, 1))
    happen(kept, K.COMPLETION, date(2026, 2, 15))
    happen(kept, K.ACCEPTANCE, date(2026, 10, 1))
    assert value("start_on_time") == (1, 1)


# --- Visits -----------------------------------------------------------------------------------------------


def test_a_visit_is_required_once_its_stage_is_over_and_counts_within_it() -> None:
    due = date(2026, 6, 15)
    visited, missed, too_late, begun, running = (make_supply(agreed_start_on=due) for _ in range(5))
    happen(visited, K.VISIT, due - timedelta(days=30))
    happen(missed, K.VISIT, due - timedelta(days=31))
    happen(too_late, K.VISIT, due + timedelta(days=2))
    happen(begun, K.START, due - timedelta(days=40))
    assert running.agreed_start_on == due
    assert value("visits", due) == (0, 0), "the stage runs to the day after its date"
    assert value("visits", due + timedelta(days=1)) == (2, 5)
    happen(running, K.VISIT, due + timedelta(days=1))
    assert value("visits", due + timedelta(days=1)) == (3, 5)


def test_monthly_visits_are_asked_of_every_supply_of_the_whole_month() -> None:
    Regime.objects.update(visit_rule=Regime.VisitRule.MONTHLY)
    seen = make_supply(signed_on=date(2026, 1, 5))
    happen(seen, K.VISIT, date(2026, 11, 1))
    make_supply(signed_on=date(2026, 11, 1))
    make_supply(signed_on=date(2026, 11, 2))  # not the whole month
    ended = make_supply(signed_on=date(2026, 1, 5))
    happen(ended, K.ACCEPTANCE, date(2026, 11, 10))
    assert value("visits") == (1, 2)
    assert counted().values()["visits"][0] == "2026-11"
    assert value("visits", date(2026, 12, 1)) == (0, 3)


def test_boards_are_asked_for_where_the_land_was_handed_over() -> None:
    posted, given = make_supply(), make_supply()
    make_supply()
    for supply in (posted, given):
        happen(supply, K.HANDOVER, date(2026, 5, 1))
    happen(posted, K.BOARD, date(2026, 5, 2))
    assert value("boards") == (1, 2)
    assert value("boards", date(2026, 5, 1)) == (0, 2)


# --- The command ------------------------------------------------------------------------------------------


def told(*args: str) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("indicators", *args, "--format", "json", stdout=out)
    return list(json.loads(out.getvalue()))


def test_the_command_tells_each_indicator_against_what_is_required() -> None:
    late = make_supply(agreed_start_on=date(2026, 3, 1))
    happen(late, K.START, date(2026, 3, 2))
    kept = [make_supply(agreed_start_on=date(2026, 3, 1)) for _ in range(2)]
    for supply in kept:
        happen(supply, K.START, date(2026, 2, 1))
    lines = {line["indicator"]: line for line in told("--date", "2026-11-23")}
    assert lines["start_on_time"] == {
        "regime": "post_supply",
        "indicator": "start_on_time",
        "period": "2026",
        "required": "90.00",
        "actual": "66.67",
        "met": False,
    }
    assert lines["visits"]["met"] is True, "who has started need not be visited"
    assert set(lines) == set(Indicator.objects.values_list("code", flat=True))


def test_where_nothing_was_required_there_is_no_figure() -> None:
    assert all((line["actual"], line["met"]) == (None, None) for line in told("--date", "2026-11-23"))


def test_a_figure_just_below_all_is_not_rounded_up_to_all() -> None:
    from supervision.supply.selectors.indicators import ratio

    assert ratio(99_999, 100_000).percent == Decimal("99.99")
    assert ratio(3, 3).percent == Decimal("100.00")


def test_the_text_is_chinese() -> None:
    out = StringIO()
    call_command("indicators", "--date", "2026-11-23", stdout=out)
    assert "无须计算" in out.getvalue()
