"""A supply as of a day: the four tracks of domain.md C.3, in the words of contract.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from supervision.supply.rules.dates import Version, days_after, days_before, in_force, judged_by, versions
from supervision.supply.rules.facts import EXEMPT, Cause, Facts, Instalment, Kind, Terms, Track
from supervision.supply.rules.money import (
    ALWAYS,
    ZERO,
    Share,
    damages_for_delay,
    damages_for_payment,
    demanded_on,
    settled_on,
    shares,
    yuan,
)


class PaymentState(StrEnum):
    NOT_DUE = "NOT_DUE"
    REMINDER = "REMINDER"
    OVERDUE = "OVERDUE"
    TERMINABLE = "TERMINABLE"
    PAID = "PAID"


class HandoverState(StrEnum):
    AWAITING_HANDOVER = "AWAITING_HANDOVER"
    HANDED_OVER = "HANDED_OVER"
    BOARD_POSTED = "BOARD_POSTED"


class StageState(StrEnum):
    """States of start and completion, without the name of the stage (``START_REMINDER`` …)."""

    WAITING = "WAITING"
    REMINDER = "REMINDER"
    RECHECK = "RECHECK"
    DEFAULT = "DEFAULT"
    REACHED = "REACHED"

    def of(self, track: Track) -> str:
        """As JSON and pages name it."""
        if self is StageState.REACHED:
            return "STARTED" if track == Track.START else "COMPLETED"
        return self.value if self is StageState.WAITING else f"{track.upper()}_{self.value}"


@dataclass(frozen=True, slots=True)
class InstalmentView:
    """``damages``: None without a rate; ``settled_on``: since when nothing of it is open.

    ``amount``: without what has gone to another supply (``moved``).
    """

    seq: int
    due_on: date | None
    effective_due_on: date | None
    state: PaymentState
    amount: Decimal
    paid: Decimal
    days_late: int | None
    damages: Decimal | None
    settled_on: date | None
    demanded_on: date | None
    moved: Decimal = ZERO

    @property
    def balance(self) -> Decimal:
        """Negative: paid beyond all instalments."""
        return self.amount - self.paid


@dataclass(frozen=True, slots=True)
class HandoverView:
    agreed_on: date | None
    actual_on: date | None
    board_on: date | None
    state: HandoverState


@dataclass(frozen=True, slots=True)
class DateView:
    """Start or completion. ``cause``: of the determination that counts, if there is one."""

    track: Track
    due_on: date | None
    state: StageState
    reached_on: date | None
    days_late: int | None
    damages: Decimal | None
    cause: Cause | None
    version: Version | None

    @property
    def code(self) -> str:
        return self.state.of(self.track)


@dataclass(frozen=True, slots=True)
class View:
    """``on``: the day that is shown, which is ``closed_on`` for a supply that had ended by then."""

    on: date
    closed_on: date | None
    payment: tuple[InstalmentView, ...]
    handover: HandoverView
    start: DateView
    completion: DateView
    suspended_since: date | None

    @property
    def moved(self) -> Decimal:
        """What other supplies owe of the price, since a transfer or split; yuan."""
        return sum((one.moved for one in self.payment), ZERO)


def closed_on(facts: Facts) -> date | None:
    """The day on which the supply ended."""
    return next((event.on for event in facts.events if event.closes), None)


def view_of(facts: Facts, on: date, terms: Terms) -> View:
    """The supply as of ``on``: facts of later days do not count, nor does what happened after its end."""
    ended = closed_on(facts)
    ended = ended if ended is not None and ended <= on else None
    on = ended or on
    facts = facts.until(on).left()
    board = facts.first(Kind.BOARD)
    handed_over = facts.first(Kind.HANDOVER)
    state = HandoverState.HANDED_OVER if handed_over else HandoverState.AWAITING_HANDOVER
    return View(
        on=on,
        closed_on=ended,
        payment=_payment(facts, on, terms),
        handover=HandoverView(
            facts.agreed_handover_on, handed_over, board, HandoverState.BOARD_POSTED if board else state
        ),
        start=_stage(facts, Track.START, on, terms),
        completion=_stage(facts, Track.COMPLETION, on, terms),
        suspended_since=facts.suspended_since,
    )


def _payment(facts: Facts, on: date, terms: Terms) -> tuple[InstalmentView, ...]:
    spread = shares(facts)
    return tuple(
        _instalment(facts, one, [share for share in spread if share.seq == one.seq], on, terms)
        for one in sorted(facts.instalments, key=lambda one: one.seq)
    )


def _instalment(
    facts: Facts, one: Instalment, paid: Sequence[Share], on: date, terms: Terms
) -> InstalmentView:
    settled = settled_on(one.amount, paid)
    effective = one.effective_due_on
    demanded = demanded_on(effective, one.seq, one.amount, paid, facts.demands)
    if settled is not None:
        state = PaymentState.PAID
    elif one.due_on is None or effective is None or on < days_before(one.due_on, terms.remind_days):
        state = PaymentState.NOT_DUE
    elif on <= effective:
        state = PaymentState.REMINDER
    elif demanded and on > days_after(effective, terms.terminable_days):
        state = PaymentState.TERMINABLE
    else:
        state = PaymentState.OVERDUE
    moved = sum((share.amount for share in paid if share.moved), ZERO)
    if effective is None:
        days_late, damages = None, None
    else:
        days_late = max(0, ((on if settled is None else settled) - effective).days)
        damages = damages_for_payment(one.amount, effective, paid, facts.payment_rate, on, facts.damages_cap)
        if damages is not None and _payment_exempt(facts, one.seq, effective):
            damages = yuan(ZERO)
    return InstalmentView(
        seq=one.seq,
        due_on=one.due_on,
        effective_due_on=effective,
        state=state,
        amount=one.amount - moved,
        paid=sum((share.amount for share in paid if not share.moved), ZERO),
        days_late=days_late,
        damages=damages,
        settled_on=None if settled == ALWAYS else settled,
        demanded_on=demanded,
        moved=moved,
    )


def _payment_exempt(facts: Facts, seq: int, effective: date) -> bool:
    """Whether the last determination on this instalment names a cause that owes no damages."""
    causes = [
        event.cause
        for event in facts.of_kind(Kind.DETERMINATION)
        if event.track == Track.PAYMENT and event.on > effective and event.seq in (None, seq)
    ]
    return bool(causes) and causes[-1] in EXEMPT


def _stage(facts: Facts, track: Track, on: date, terms: Terms) -> DateView:
    found = versions(facts, track, terms)
    version = in_force(found, on)
    if track == Track.START:
        reached, reached_on = facts.start_reached_on is not None, facts.started_on
    else:
        reached, reached_on = facts.completed_on is not None, facts.completed_on
    state = StageState.REACHED if reached else _state(version, on, terms)
    judged = judged_by(found, on, reached_on)
    if judged is None or (reached and reached_on is None):
        days_late = None
    else:
        days_late = max(0, ((reached_on or on) - judged.due_on).days)
    cause = _cause(facts, track, judged.due_on) if judged else None
    rate = facts.start_rate if track == Track.START else facts.completion_rate
    damages = damages_for_delay(facts.price, rate, days_late)
    if damages is not None and cause in EXEMPT:
        damages = yuan(ZERO)
    return DateView(
        track=track,
        due_on=version.due_on if version else None,
        state=state,
        reached_on=reached_on,
        days_late=days_late,
        damages=damages,
        cause=cause,
        version=version,
    )


def _state(version: Version | None, on: date, terms: Terms) -> StageState:
    if version is None or on < days_before(version.due_on, terms.remind_days):
        return StageState.WAITING
    if on <= version.due_on:
        return StageState.REMINDER
    return StageState.DEFAULT if version.visited_on else StageState.RECHECK


def _cause(facts: Facts, track: Track, due_on: date) -> Cause | None:
    """Of the last determination of this stage after the date in force."""
    causes = [
        event.cause
        for event in facts.of_kind(Kind.DETERMINATION)
        if facts.stage_of(event) == track and event.on > due_on
    ]
    return causes[-1] if causes else None
