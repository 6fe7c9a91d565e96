"""States as annotations: the same answers as ``rules.view_of``, asked of the database.

Stored dates are compared with bounds computed here; a closed supply is compared as of the day it ended, with
columns, since every row has another day then.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateField,
    DecimalField,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Round

from supervision.supply import rules
from supervision.supply.models import Instalment, LandSupply, Share
from supervision.supply.rules import HandoverState, PaymentState, StageState, Terms, Track
from supervision.supply.rules.dates import days_before

MONEY = DecimalField(max_digits=16, decimal_places=2)
CENTS = 2
"""Places to which sums are rounded: SQLite adds in floating point, and what is paid to the cent is paid."""
PAYMENT_STATES = (
    PaymentState.TERMINABLE,
    PaymentState.OVERDUE,
    PaymentState.REMINDER,
    PaymentState.NOT_DUE,
    PaymentState.PAID,
)
"""Worst first: of several instalments the supply shows the worst."""


def _ended(prefix: str, today: date) -> Q:
    """Condition: the supply had ended by ``today``."""
    return Q(**{f"{prefix}closed_on__lte": today})


def instalments_with_state(today: date, terms: Terms) -> QuerySet[Any]:
    """Instalments with ``paid``, ``balance`` and ``state`` as of ``today``.

    Those that are settled for good by ``today`` are told by their stored day; for the rest the shares are
    summed up. ``paid`` has in it what has gone to another supply: it is not owed here any more.
    """
    paid = (
        Share.objects.filter(instalment=OuterRef("pk"), on__lte=today)
        .order_by()
        .values("instalment")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    zero = Value(rules.yuan(rules.money.ZERO), MONEY)
    rows = Instalment.objects.annotate(
        paid=Round(Coalesce(Subquery(paid, MONEY), zero, output_field=MONEY), precision=CENTS),
    ).annotate(balance=Round(F("amount") - F("paid"), precision=CENTS))
    return rows.annotate(state=_payment_case(today, terms))


def _payment_case(today: date, terms: Terms) -> Case:
    ended = _ended("supply__", today)
    late_before = days_before(today, terms.terminable_days)
    open_ = ~ended
    closed_on = F("supply__closed_on")
    return Case(
        When(balance__lte=0, then=Value(PaymentState.PAID.value)),
        When(Q(due_on=None) | Q(effective_due_on=None), then=Value(PaymentState.NOT_DUE.value)),
        When(
            open_ & Q(effective_due_on__lt=late_before, demanded_on__lte=today),
            then=Value(PaymentState.TERMINABLE.value),
        ),
        When(
            ended & Q(terminable_from__lte=closed_on, demanded_on__lte=closed_on),
            then=Value(PaymentState.TERMINABLE.value),
        ),
        When(open_ & Q(effective_due_on__lt=today), then=Value(PaymentState.OVERDUE.value)),
        When(ended & Q(effective_due_on__lt=closed_on), then=Value(PaymentState.OVERDUE.value)),
        When(open_ & Q(remind_from__lte=today), then=Value(PaymentState.REMINDER.value)),
        When(ended & Q(remind_from__lte=closed_on), then=Value(PaymentState.REMINDER.value)),
        default=Value(PaymentState.NOT_DUE.value),
        output_field=CharField(),
    )


def with_state(supplies: QuerySet[LandSupply], today: date, terms: Terms) -> QuerySet[LandSupply]:
    """Supplies with the states of their tracks as of ``today``.

    ``start_state``, ``completion_state`` (codes of contract.md), ``start_due_on``, ``completion_due_on``,
    ``handover_state``, ``payment_state`` (the worst instalment's; None: there is none) and ``ended_on``.
    """
    rows: Any = supplies
    for track in (Track.START, Track.COMPLETION):
        rows = rows.annotate(
            **{
                f"{track.value}_milestone": FilteredRelation(
                    "milestones",
                    condition=Q(milestones__track=track.value, milestones__known_from__lte=today)
                    & (Q(milestones__until=None) | Q(milestones__until__gt=today)),
                )
            }
        ).annotate(
            **{
                f"{track.value}_due_on": F(f"{track.value}_milestone__due_on"),
                f"{track.value}_state": stage_state(track, today),
            }
        )
    return rows.annotate(
        handover_state=Case(
            When(board_on__lte=today, then=Value(HandoverState.BOARD_POSTED.value)),
            When(handed_over_on__lte=today, then=Value(HandoverState.HANDED_OVER.value)),
            default=Value(HandoverState.AWAITING_HANDOVER.value),
            output_field=CharField(),
        ),
        payment_state=payment_state(today, terms),
        ended_on=Case(
            When(_ended("", today), then=F("closed_on")), default=Value(None), output_field=DateField()
        ),
    )


def stage_state(track: Track, today: date) -> Case:
    """The state of start or completion, by the milestone that was joined as ``<track>_milestone``."""
    at = f"{track.value}_milestone__"
    ended = _ended("", today)
    closed_on = F("closed_on")

    def word(state: StageState) -> Value:
        return Value(state.of(track))

    return Case(
        When(_reached(track, today), then=word(StageState.REACHED)),
        When(Q(**{f"{at}due_on": None}), then=word(StageState.WAITING)),
        When(
            (~ended & Q(**{f"{at}due_on__lt": today})) | (ended & Q(**{f"{at}due_on__lt": closed_on})),
            then=Case(
                When(Q(**{f"{at}visited_on__lte": today}), then=word(StageState.DEFAULT)),
                default=word(StageState.RECHECK),
            ),
        ),
        When(
            (~ended & Q(**{f"{at}remind_from__lte": today}))
            | (ended & Q(**{f"{at}remind_from__lte": closed_on})),
            then=word(StageState.REMINDER),
        ),
        default=word(StageState.WAITING),
        output_field=CharField(),
    )


def _reached(track: Track, today: date) -> Q:
    if track == Track.COMPLETION:
        return Q(completed_on__lte=today)
    return Q(started_on__lte=today) | Q(completed_on__lte=today)


def payment_state(today: date, terms: Terms) -> Subquery:
    """The worst state of a supply's instalments; None: it has none."""
    order = Case(
        *(When(state=state.value, then=Value(place)) for place, state in enumerate(PAYMENT_STATES)),
        default=Value(len(PAYMENT_STATES)),
    )
    rows = instalments_with_state(today, terms).filter(supply=OuterRef("pk")).order_by(order, "seq")
    return Subquery(rows.values("state")[:1], CharField())
