"""Unpaid instalments as of a day, with balance and damages: work in proportion to what is unpaid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from supervision.supply import rules
from supervision.supply.models import Event, Instalment, LandSupply, Share
from supervision.supply.models.events import KindChoice, TrackChoice
from supervision.supply.rules import PaymentState, Terms
from supervision.supply.rules.dates import days_after, days_before
from supervision.supply.selectors.due import instalment_is_open, open_instalments
from supervision.supply.selectors.supervised import MOST_NAMED, inside

ZERO = Decimal("0.00")
COLUMNS = (
    "pk",
    "supply",
    "seq",
    "due_on",
    "effective_due_on",
    "amount",
    "demanded_on",
    "supply__payment_rate",
    "supply__damages_cap",
)


@dataclass(frozen=True, slots=True)
class Unpaid:
    """An instalment that is not paid in full, in yuan. ``damages`` None: the contract names no rate."""

    instalment: int
    supply: int
    seq: int
    due_on: date
    effective_due_on: date
    amount: Decimal
    balance: Decimal
    days_late: int
    damages: Decimal | None
    state: PaymentState

    @property
    def is_late(self) -> bool:
        return self.state in (PaymentState.OVERDUE, PaymentState.TERMINABLE)


def arrears(supplies: QuerySet[LandSupply], on: date, terms: Terms) -> list[Unpaid]:
    """The instalments of ``supplies`` that are OVERDUE or TERMINABLE on ``on``; of ended supplies none."""
    return unpaid_until(supplies, on - timedelta(days=1), on, terms)


def unpaid_until(
    supplies: QuerySet[LandSupply], last: date, on: date, terms: Terms, *conditions: Q
) -> list[Unpaid]:
    """What is unpaid on ``on`` and due by ``last``, of ``supplies``: in four queries. ``conditions``: on the
    instalments.

    What is due is read first, by its index, then whose it is: a condition on the supplies would have the
    database begin with all of them.
    """
    rows: QuerySet[Any] = open_instalments(on, last).filter(*conditions)
    found = list(rows.order_by("effective_due_on", "pk").values_list(*COLUMNS))
    if not found:
        return []
    seen = inside(supplies, {row[1] for row in found})
    return _lines(rows, [row for row in found if row[1] in seen], on, terms)


def unpaid(instalments: QuerySet[Instalment], on: date, terms: Terms) -> list[Unpaid]:
    """Those of ``instalments`` that are dated, under supervision and not paid in full on ``on``.

    The same as ``rules.view_of`` says of each, in three queries.
    """
    rows: QuerySet[Any] = instalments.filter(instalment_is_open(on))
    found = list(rows.order_by("effective_due_on", "pk").values_list(*COLUMNS))
    return _lines(rows, found, on, terms)


def _lines(rows: QuerySet[Any], found: Collection[tuple[Any, ...]], on: date, terms: Terms) -> list[Unpaid]:
    """``found``: the columns of ``rows``, or of some of them."""
    if not found:
        return []
    few = len(found) <= MOST_NAMED
    paid = _shares([row[0] for row in found] if few else rows.order_by().values("pk"), on)
    exempt = _determinations({row[1] for row in found} if few else rows.order_by().values("supply"), on)
    lines = (
        _unpaid(row, paid[row[0]], exempt[row[1]], on, terms)  # the shares of its key, those of its supply
        for row in found
    )
    return [line for line in lines if line.balance > 0]


def _shares(instalments: Collection[int] | QuerySet[Any], on: date) -> dict[int, list[rules.Share]]:
    found: dict[int, list[rules.Share]] = defaultdict(list)
    rows = Share.objects.filter(instalment__in=instalments, on__lte=on).order_by("on", "pk")
    for pk, day, amount, surplus, moved in rows.values_list("instalment", "on", "amount", "surplus", "moved"):
        found[pk].append(rules.Share(0, day, amount, surplus, moved=moved))
    return found


Determination = tuple[int | None, date, str]


def _determinations(supplies: Collection[int] | QuerySet[Any], on: date) -> dict[int, list[Determination]]:
    """Determinations on payment, oldest first: which instalment, on which day, with what cause."""
    found: dict[int, list[Determination]] = defaultdict(list)
    rows = Event.objects.in_force().filter(
        supply__in=supplies,
        kind=KindChoice.DETERMINATION,
        track=TrackChoice.PAYMENT,
        on__lte=on,
    )
    for supply, seq, day, cause in rows.order_by("on", "pk").values_list("supply", "seq", "on", "cause"):
        found[supply].append((seq, day, cause))
    return found


def _unpaid(
    row: tuple[Any, ...],
    shares: list[rules.Share],
    determinations: list[Determination],
    on: date,
    terms: Terms,
) -> Unpaid:
    pk, supply, seq, due_on, effective, amount, demanded_on, rate, cap = row
    causes = [cause for of, day, cause in determinations if day > effective and of in (None, seq)]
    damages = rules.damages_for_payment(amount, effective, shares, rate, on, cap)
    if damages is not None and causes and causes[-1] in rules.EXEMPT:
        damages = ZERO
    demanded = demanded_on is not None and demanded_on <= on
    if on < days_before(due_on, terms.remind_days):
        state = PaymentState.NOT_DUE
    elif on <= effective:
        state = PaymentState.REMINDER
    elif demanded and on > days_after(effective, terms.terminable_days):
        state = PaymentState.TERMINABLE
    else:
        state = PaymentState.OVERDUE
    return Unpaid(
        instalment=pk,
        supply=supply,
        seq=seq,
        due_on=due_on,
        effective_due_on=effective,
        amount=amount - sum((share.amount for share in shares if share.moved), Decimal(0)),
        balance=amount - sum((share.amount for share in shares), Decimal(0)),
        days_late=max(0, (on - effective).days),
        damages=damages,
        state=state,
    )


def total(lines: list[Unpaid]) -> tuple[Decimal, Decimal]:
    """Balance and damages of all together, in yuan."""
    balance = sum((line.balance for line in lines), ZERO)
    return balance, sum((line.damages or ZERO for line in lines), ZERO)
