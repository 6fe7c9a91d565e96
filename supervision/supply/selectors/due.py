"""What is still open on a day: the one definition behind figures, presets and lists.

``open_instalments`` and ``open_stages`` name the rows; a figure counts them, a preset of the list of supplies
shows the supplies to which they belong, so that both say the same.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from supervision.supply.models import Instalment, Milestone
from supervision.supply.selectors.supervised import under_supervision

DAY = timedelta(days=1)
COMING_DAYS = 30


def instalment_is_open(on: date, until: date | None = None) -> Q:
    """Condition: dated, of a supply under supervision, and not paid in full on ``on``.

    ``until``: only what is due by then matters. A reminder begins before the due date, so that the index of
    what is unsettled finds these without reading what is due later.
    """
    unsettled = Q(settled_on=None) if until is None else Q(settled_on=None, remind_from__lte=until)
    return Q(
        unsettled | Q(settled_on__gt=on),
        under_supervision("supply__", on),
        due_on__isnull=False,
        effective_due_on__isnull=False,
    )


def open_instalments(on: date, until: date | None = None) -> QuerySet[Instalment]:
    """Those due by ``until``, or all."""
    rows = Instalment.objects.filter(instalment_is_open(on, until)).order_by()
    return rows if until is None else rows.filter(effective_due_on__lte=until)


def open_stages(on: date, until: date) -> QuerySet[Milestone]:
    """Agreed starts and completions in force on ``on``, due by ``until``, of supplies under supervision, not
    reached by ``on``.

    What is open for good is found by the day of its reminder; what changed after ``on`` by its own indexes.
    """
    begun = Q(until=None, reached_on=None, remind_from__lte=until)
    return Milestone.objects.filter(
        begun | Q(until__gt=on) | Q(reached_on__gt=on),
        Q(until=None) | Q(until__gt=on),
        Q(reached_on=None) | Q(reached_on__gt=on),
        under_supervision("supply__", on),
        known_from__lte=on,
        due_on__lte=until,
    ).order_by()


def overdue_payment(on: date) -> Q:
    """Supplies with an instalment that is late: those of the figure 逾期未缴."""
    return _of(open_instalments(on, on - DAY))


def overdue_stage(track: str, on: date) -> Q:
    """Supplies whose agreed start or completion has passed without it."""
    return _of(open_stages(on, on - DAY).filter(track=track))


def overdue(on: date) -> Q:
    """Supplies of which anything is late: money, start or completion."""
    late = open_instalments(on, on - DAY)
    missed = open_stages(on, on - DAY)
    return _of(late) | _of(missed)


def due_between(first: date, last: date, on: date) -> Q:
    """Supplies of which money, start or completion falls due from ``first`` to ``last`` (both included)."""
    payable = open_instalments(on, last).filter(effective_due_on__gte=first)
    goals = open_stages(on, last).filter(due_on__gte=first)
    return _of(payable) | _of(goals)


def due_this_week(on: date) -> Q:
    """From ``on`` to Sunday."""
    return due_between(on, on + (6 - on.weekday()) * DAY, on)


def due_soon(on: date) -> Q:
    """Those of the figure 30 天内到期."""
    return due_between(on, on + COMING_DAYS * DAY, on)


def _of(rows: QuerySet[Any]) -> Q:
    return Q(pk__in=rows.values("supply"))
