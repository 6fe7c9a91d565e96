"""Money of a supply (domain.md C.4): which payment filled which instalment, damages, interest. Yuan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from supervision.supply.rules.facts import Event, Facts, Kind

CENT = Decimal("0.01")
ZERO = Decimal(0)
PER_MILLE = Decimal(1000)
DAYS_A_YEAR = Decimal(365)
ALWAYS = date.min  # a deposit of a contract without a signing date


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a payment (negative: of a refund) that counts for instalment ``seq`` from ``on``.

    ``moved``: it was not paid, but another supply owes it from ``on``, with the damages for it. ``surplus``:
    paid beyond all instalments; it stands with the last one. ``event``: ``order`` of the payment, None for
    the deposit.
    """

    seq: int
    on: date
    amount: Decimal
    surplus: bool = False
    event: int | None = None
    moved: bool = False


def yuan(amount: Decimal) -> Decimal:
    """Rounded half up to the cent, at the end of a computation only."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def shares(facts: Facts) -> list[Share]:
    """Payments spread over the instalments, in the order of their days.

    A payment for an instalment fills that one first; any other, and what is left, the oldest due date.
    The deposit is the first payment of the day of signing. A refund takes from what was filled last. The
    order is that of the days, so that the shares until a day are those of the facts until that day.
    """
    if not facts.instalments:
        return []
    filling = _Filling(facts)
    signed_on, deposit = facts.signed_on or ALWAYS, facts.deposit
    for event in facts.of_kind(Kind.PAYMENT, Kind.REFUND, Kind.TRANSFER):
        if deposit and signed_on <= event.on:
            filling.pay(signed_on, deposit, None, None)
            deposit = None
        if event.moved is not None:
            filling.move(event)
        elif event.amount and event.kind != Kind.TRANSFER:
            (filling.pay if event.kind == Kind.PAYMENT else filling.refund)(
                event.on, event.amount, event.seq, event.order
            )
    if deposit:
        filling.pay(signed_on, deposit, None, None)
    return filling.shares


def paid_until(facts: Facts, on: date) -> Decimal:
    """What had been paid of the price by the end of ``on``, the deposit too, less what was paid back."""
    known = facts.until(on)
    moved = known.of_kind(Kind.PAYMENT, Kind.REFUND)
    signs = {Kind.PAYMENT: 1, Kind.REFUND: -1}
    return sum((signs[event.kind] * (event.amount or ZERO) for event in moved), known.deposit or ZERO)


class _Filling:
    def __init__(self, facts: Facts) -> None:
        self.open = {one.seq: one.amount for one in facts.instalments}  # oldest due date first
        self.last = facts.instalments[-1].seq
        self.filled: list[tuple[int, Decimal, bool]] = []
        self.shares: list[Share] = []

    def pay(self, on: date, amount: Decimal, seq: int | None, event: int | None) -> None:
        wanted = [seq] if seq in self.open else []
        for target in (*wanted, *self.open):
            part = min(amount, self.open[target])
            if part > 0:
                self._add(target, on, part, False, event)
                amount -= part
        if amount > 0:
            self._add(self.last, on, amount, True, event)

    def refund(self, on: date, amount: Decimal, seq: int | None, event: int | None) -> None:
        wanted = [place for place in reversed(range(len(self.filled))) if self.filled[place][0] == seq]
        others = [place for place in reversed(range(len(self.filled))) if self.filled[place][0] != seq]
        for place in (*wanted, *others):
            target, held, surplus = self.filled[place]
            part = min(amount, held)
            if part > 0:
                self.filled[place] = target, held - part, surplus
                self._take(target, on, part, surplus, event)
                amount -= part
        if amount > 0:  # more than was ever paid
            self._take(self.last, on, amount, False, event)

    def move(self, event: Event) -> None:
        for seq, amount in event.moved.instalments if event.moved else ():
            if amount and seq in self.open:
                self.open[seq] -= amount
                self.shares.append(Share(seq, event.on, amount, event=event.order, moved=True))

    def _add(self, seq: int, on: date, part: Decimal, surplus: bool, event: int | None) -> None:
        self.filled.append((seq, part, surplus))
        if not surplus:
            self.open[seq] -= part
        self.shares.append(Share(seq, on, part, surplus, event))

    def _take(self, seq: int, on: date, part: Decimal, surplus: bool, event: int | None) -> None:
        if not surplus:
            self.open[seq] += part
        self.shares.append(Share(seq, on, -part, surplus, event))


def damages_for_payment(
    amount: Decimal,
    effective_due_on: date,
    paid: Iterable[Share],
    rate: Decimal | None,
    on: date,
    cap: Decimal | None = None,
) -> Decimal | None:
    """Damages for one instalment of ``amount`` until ``on``, from the day after ``effective_due_on``.

    Each part counts for the days it was late (``paid``: the shares until ``on``), what is open until ``on``;
    what has gone to another supply counts there, also for the days before.
    None: no rate in ‰ a day (国办发〔2006〕100号, by contract); a rate of 0 owes 0.
    """
    if rate is None:
        return None
    open_amount, late_days = amount, ZERO
    for share in paid:
        if share.moved:
            open_amount -= share.amount
        elif not share.surplus:
            open_amount -= share.amount
            late_days += share.amount * max(0, (share.on - effective_due_on).days)
    late_days += open_amount * max(0, (on - effective_due_on).days)
    damages = max(ZERO, late_days) * rate / PER_MILLE
    return yuan(damages if cap is None else min(damages, cap))


def damages_for_delay(price: Decimal | None, rate: Decimal | None, days_late: int | None) -> Decimal | None:
    """Damages for a late start or completion: ``price × rate ‰ × days``; None: no price, rate or date."""
    if price is None or rate is None or days_late is None:
        return None
    return yuan(price * rate / PER_MILLE * days_late)


def interest(
    amount: Decimal, annual_rate: Decimal | None, first_paid_on: date | None, due_on: date | None
) -> Decimal:
    """Interest on an instalment from the 2nd on: ``amount × rate % × days / 365`` from the first payment."""
    if not annual_rate or first_paid_on is None or due_on is None:
        return yuan(ZERO)
    return yuan(amount * annual_rate / 100 * max(0, (due_on - first_paid_on).days) / DAYS_A_YEAR)


def settled_on(amount: Decimal, paid: Sequence[Share]) -> date | None:
    """The day since which the instalment has been paid in full; None: it is not. ``paid`` by day.

    What counts is the end of a day: money that goes and comes back within one changes nothing.
    """
    balance, since = amount, ALWAYS if amount <= 0 else None
    for on, parts in groupby(paid, key=lambda share: share.on):
        balance -= sum((share.amount for share in parts), ZERO)
        if balance > 0:
            since = None
        elif since is None:
            since = on
    return since


def demanded_on(
    effective_due_on: date | None, seq: int, amount: Decimal, paid: Sequence[Share], demands: Iterable[Event]
) -> date | None:
    """The first demand served for the instalment after it was due.

    A demand that names no instalment covers each one that is late on its day.
    """
    if effective_due_on is None:
        return None
    for event in demands:
        if event.on <= effective_due_on:
            continue
        if event.seq == seq:
            return event.on
        if event.seq is None:
            balance = amount - sum((share.amount for share in paid if share.on <= event.on), ZERO)
            if balance > 0:
                return event.on
    return None
