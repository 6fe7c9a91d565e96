"""Generated histories of land supplies: what ledgers say, in any order and with anything missing.

Their days lie close to a few days each, a month, two months or a year apart: there states change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from supervision.supply.rules import Cause, Event, Facts, Finding, Instalment, Kind, Terms, Track

BEGIN = date(2024, 1, 31)
COIN = Decimal("1000.01")  # what amounts are multiples of, so that they often meet
TERMS = Terms(remind_days=30, terminable_days=60, start_years_after_handover=1, idle_years=1)
MOST = 5  # instalments
STEPS = (0, 0, 0, 1, -1, 2, -30, -31, 30, 31, 60, 61, 62, 365, 366, 367, -365)

amounts = st.integers(0, 40).map(lambda n: n * COIN)
paid_amounts = st.integers(1, 60).map(lambda n: n * COIN)
rates = st.sampled_from([None, Decimal(0), Decimal("0.5"), Decimal(1), Decimal("0.333")])
seqs = st.none() | st.integers(1, MOST + 1)  # one more than there can be
anywhere = st.integers(0, 900).map(lambda n: BEGIN + timedelta(days=n))
JUDGED = tuple(Kind)[:19]
OFTEN = (
    Kind.PAYMENT,
    Kind.VISIT,
    Kind.EXTENSION_APPROVED,
    Kind.DEMAND,
    Kind.DETERMINATION,
    Kind.REFUND,
    Kind.START,
    Kind.STOP,
    Kind.HANDOVER,
)


def near(pool: Sequence[date]) -> st.SearchStrategy[date]:
    """A day of the pool, or one that stands in a meaningful distance from it."""
    return st.builds(
        lambda on, step: on + timedelta(days=step), st.sampled_from(pool), st.sampled_from(STEPS)
    )


@st.composite
def instalments(draw: st.DrawFn, days: st.SearchStrategy[date]) -> list[Instalment]:
    """Some without a date, of nothing, or due on the same day; not always in the order of their numbers."""
    found = []
    for seq in range(1, draw(st.integers(0, MOST)) + 1):
        due_on = draw(days) if draw(st.integers(0, 4)) else None
        effective = due_on + timedelta(days=draw(st.sampled_from([0, 0, 1, 2, 8]))) if due_on else None
        found.append(Instalment(seq, due_on, effective, draw(amounts)))
    return found


@st.composite
def happenings(draw: st.DrawFn, days: st.SearchStrategy[date]) -> Event:
    """One event with what such an event can say."""
    kind = draw(st.sampled_from(JUDGED) | st.sampled_from(OFTEN))
    values: dict[str, Any] = {}
    match kind:
        case Kind.PAYMENT | Kind.REFUND | Kind.DAMAGES:
            values = {"amount": draw(paid_amounts), "seq": draw(seqs)}
        case Kind.DEMAND:
            values = {"seq": draw(seqs), "track": draw(st.sampled_from([None, None, *Track]))}
        case Kind.DETERMINATION:
            values = {
                "track": draw(st.sampled_from([None, *Track])),
                "cause": draw(st.none() | st.sampled_from(Cause)),
                "seq": draw(seqs),
            }
        case Kind.EXTENSION_APPLIED | Kind.EXTENSION_APPROVED | Kind.EXTENSION_REJECTED:
            values = {
                "track": draw(st.sampled_from([None, Track.START, Track.COMPLETION])),
                "new_due_on": draw(st.none() | days),
                "new_completion_on": draw(st.none() | days),
            }
        case Kind.VISIT:
            values = {
                "finding": draw(st.none() | st.sampled_from(Finding)),
                "developed_area": draw(st.none() | st.sampled_from([Decimal(0), Decimal(500)])),
                "invested": draw(st.none() | st.sampled_from([Decimal(0), Decimal(9000)])),
            }
        case Kind.TRANSFER:
            values = {"partial": draw(st.booleans())}
    return Event(kind, draw(days), **values)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Facts, st.SearchStrategy[date]]:
    """A supply with all that happened, and days on which it is worth looking at it."""
    days = near(draw(st.lists(anywhere, min_size=1, max_size=4)))
    events = draw(st.lists(happenings(days), min_size=draw(st.sampled_from([0, 4, 8])), max_size=14))
    facts = Facts.of(
        number="1",
        signed_on=draw(st.none() | days),
        price=draw(st.none() | st.sampled_from([Decimal(0), Decimal(5_000_000), Decimal("1234567.89")])),
        deposit=draw(st.none() | amounts),
        area=draw(st.none() | st.just(Decimal(20_000))),
        agreed_handover_on=draw(st.none() | days),
        agreed_start_on=draw(st.none() | days),
        agreed_completion_on=draw(st.none() | days),
        payment_rate=draw(rates),
        start_rate=draw(rates),
        completion_rate=draw(rates),
        damages_cap=draw(st.sampled_from([None, None, Decimal(30_000)])),
        total_investment=draw(st.none() | st.just(Decimal(90_000_000))),
        instalments=draw(instalments(days)),
        events=[replace(event, order=order) for order, event in enumerate(events, 1)],
    )
    return facts, days


@st.composite
def looks(draw: st.DrawFn) -> tuple[Facts, date]:
    """A supply and a day."""
    facts, days = draw(histories())
    return facts, draw(days)
