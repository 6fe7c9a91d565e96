"""The rules against contract.md told slowly (``oracle``), and what must hold for any history and any day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from supervision.supply import rules
from supervision.supply.management.commands.supplies import states_of
from supervision.supply.rules import Event, Facts, Instalment, Kind, Track, view_of, yuan
from tests.supply.oracle import Oracle
from tests.supply.strategies import COIN, JUDGED, TERMS, anywhere, happenings, histories, looks

REPEAT = {"payment_demand": 30, "start_recheck": None, "completion_recheck": 45}
DAY = timedelta(days=1)
PAYMENT_ORDER = ("NOT_DUE", "REMINDER", "OVERDUE", "TERMINABLE", "PAID")
STAGE_ORDER = ("WAITING", "REMINDER", "RECHECK", "DEFAULT", "REACHED")
Look = tuple[Facts, date]


def shown(facts: Facts, on: date) -> dict[str, Any]:
    return states_of(view_of(facts, on, TERMS))


def with_events(facts: Facts, events: Iterable[Event]) -> Facts:
    numbered = [replace(event, order=order) for order, event in enumerate(events, 1)]
    return replace(facts, events=tuple(sorted(numbered, key=lambda event: (event.on, event.order))))


@settings(max_examples=200)
@given(looks())
def test_every_state_and_amount_is_as_the_contract_says(look: Look) -> None:
    facts, on = look
    assert shown(facts, on) == Oracle(facts, TERMS).states(on)


@settings(max_examples=200)
@given(looks(), st.booleans())
def test_what_is_due_is_as_the_contract_says(look: Look, monthly: bool) -> None:
    facts, on = look
    found = rules.matters(facts, on, TERMS, REPEAT, monthly=monthly)
    assert len(found) == len({one.key for one in found})
    told = {(one.code.value, one.about, one.due_on, one.round) for one in found}
    assert told == Oracle(facts, TERMS).due(on, REPEAT, monthly=monthly)


@given(looks(), st.integers(1, 500))
def test_without_a_new_fact_no_state_moves_backwards(look: Look, wait: int) -> None:
    facts, on = look
    later = on + timedelta(days=wait)
    moving = [event.on for event in facts.events] + ([facts.signed_on] if facts.signed_on else [])
    later = min([later, *(day - DAY for day in moving if day > on)])
    assume(later > on)
    before, after = view_of(facts, on, TERMS), view_of(facts, later, TERMS)
    for old, new in zip(before.payment, after.payment, strict=True):
        assert PAYMENT_ORDER.index(new.state) >= PAYMENT_ORDER.index(old.state)
        assert (new.state == "PAID") == (old.state == "PAID")
        assert (new.days_late or 0) >= (old.days_late or 0)
        assert (new.damages or 0) >= (old.damages or 0)
    for old, new in ((before.start, after.start), (before.completion, after.completion)):
        assert STAGE_ORDER.index(new.state) >= STAGE_ORDER.index(old.state)
        assert (new.state == "REACHED") == (old.state == "REACHED")
        assert (new.days_late or 0) >= (old.days_late or 0)
        assert (new.damages or 0) >= (old.damages or 0)
        assert new.due_on == old.due_on
    assert after.handover == before.handover
    assert after.closed_on == before.closed_on


@given(looks(), st.data())
def test_a_payment_in_two_parts_on_one_day_is_the_same_payment(look: Look, data: st.DataObject) -> None:
    facts, on = look
    payments = [event for event in facts.events if event.kind == Kind.PAYMENT]
    assume(payments)
    split = data.draw(st.sampled_from(payments))
    assert split.amount is not None
    part = data.draw(st.integers(0, int(split.amount / COIN))) * COIN
    events: list[Event] = []
    for event in facts.events:
        if event is split:
            events += [replace(event, amount=part), replace(event, amount=split.amount - part)]
        else:
            events.append(event)
    assert shown(with_events(facts, events), on) == shown(facts, on)


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(-40, 400)), min_size=1, max_size=6),
    st.sampled_from([Decimal(1), Decimal("0.5"), Decimal("0.333")]),
)
def test_damages_are_the_sum_of_what_each_part_owes(parts: list[tuple[int, int]], rate: Decimal) -> None:
    due_on = date(2024, 3, 1)
    amount = sum(n for n, _ in parts) * COIN
    facts = Facts.of(
        number="1",
        payment_rate=rate,
        instalments=[Instalment(1, due_on, due_on, amount)],
        events=[
            Event(Kind.PAYMENT, due_on + timedelta(days=late), order, amount=n * COIN)
            for order, (n, late) in enumerate(parts)
        ],
    )
    [one] = view_of(facts, due_on + timedelta(days=500), TERMS).payment
    assert one.damages == yuan(sum((n * COIN * rate / 1000 * max(0, late) for n, late in parts), Decimal(0)))
    assert one.days_late == max(0, *(late for _, late in parts), 0)


@given(looks(), st.data())
def test_a_pending_or_rejected_extension_changes_nothing(look: Look, data: st.DataObject) -> None:
    facts, on = look
    event = Event(
        data.draw(st.sampled_from([Kind.EXTENSION_APPLIED, Kind.EXTENSION_REJECTED])),
        data.draw(anywhere),
        track=data.draw(st.sampled_from([None, Track.START, Track.COMPLETION])),
        new_due_on=data.draw(anywhere),
        new_completion_on=data.draw(anywhere),
    )
    assert shown(with_events(facts, [*facts.events, event]), on) == shown(facts, on)
    assert rules.matters(with_events(facts, [*facts.events, event]), on, TERMS, REPEAT, monthly=False) == (
        rules.matters(facts, on, TERMS, REPEAT, monthly=False)
    )


@given(looks(), st.sampled_from([kind for kind in Kind if kind not in JUDGED]), anywhere)
def test_a_step_within_the_office_changes_nothing(look: Look, kind: Kind, day: date) -> None:
    facts, on = look
    assert shown(with_events(facts, [*facts.events, Event(kind, day)]), on) == shown(facts, on)


@given(looks(), st.data())
def test_facts_of_later_days_do_not_change_the_view_of_a_day(look: Look, data: st.DataObject) -> None:
    facts, on = look
    later = data.draw(st.lists(happenings(st.integers(1, 400).map(lambda n: on + timedelta(days=n)))))
    known = [event for event in facts.events if event.on <= on]
    assert view_of(with_events(facts, [*known, *later]), on, TERMS) == view_of(
        with_events(facts, known), on, TERMS
    )


@given(histories(), st.data())
def test_a_supply_that_ended_is_shown_as_of_its_last_day(
    history: tuple[Facts, st.SearchStrategy[date]], data: st.DataObject
) -> None:
    facts, days = history
    ended = rules.closed_on(facts)
    assume(ended)
    assert ended is not None
    on = max(ended, data.draw(days))
    assert view_of(facts, on, TERMS) == view_of(facts, ended, TERMS)
    assert rules.matters(facts, on, TERMS, REPEAT, monthly=True) == []
