"""Facts are appended: every other service ends here. Corrections: ``services.corrections``."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from landbureau.accounts.models import User
from supervision.supply import rules
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, LandSupply
from supervision.supply.models.events import KindChoice
from supervision.supply.selectors.facts import JUDGED
from supervision.supply.services.notices import settle_notices
from supervision.supply.services.projection import project

AFTER_THE_END = {KindChoice.REFUND, KindChoice.DAMAGES, KindChoice.PAYMENT}
"""Money may still move after a supply has ended."""
BATCH = 500
OTHER_FORM = "这次提交属于另一份记录，请重新打开页面。"


def lock_supply(supply: LandSupply) -> LandSupply:
    """The supply as it is now; nobody else adds facts to it until the transaction ends.

    ``no_key``: rows that point to it may be written meanwhile, so that acts and the sweep do not wait for
    each other.
    """
    rows = LandSupply.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("parcel").get(pk=supply.pk)


@transaction.atomic
def append_event(
    *,
    supply: LandSupply,
    kind: str,
    on: date,
    actor: User | None,
    today: date,
    request_key: uuid.UUID | None = None,
    **details: Any,
) -> Event:
    """Add something that happened on ``on``; ``details`` are columns of ``Event``.

    The same ``request_key`` twice (a form sent twice) gives the first row. Raises ``SupplyError``: the day
    lies ahead, or after the end of the supply; the key is that of another form.
    """
    supply = lock_supply(supply)
    if (sent := sent_before(request_key, supply, actor)) is not None:
        if sent.kind != kind:
            raise SupplyError(OTHER_FORM)
        return sent
    check_day(supply, kind, on, today)
    event = Event(supply=supply, kind=kind, on=on, recorded_by=actor, request_key=request_key, **details)
    refuse_facts_after_the_end(event)
    event.save()
    project([supply.pk])
    settle_notices([supply.pk], today)
    return event


def sent_before(request_key: uuid.UUID | None, supply: LandSupply, actor: User | None) -> Event | None:
    """What the same form has done already. Raises ``SupplyError``: it was another form's."""
    if request_key is None:
        return None
    sent: Event | None = Event.objects.filter(request_key=request_key).first()
    if sent and (sent.supply_id, sent.recorded_by_id) != (supply.pk, actor.pk if actor else None):
        raise SupplyError(OTHER_FORM)
    return sent


@transaction.atomic
def append_events(*, events: Sequence[Event], today: date) -> None:
    """Add many unsaved rows in sets and project their supplies once: a ledger, the demo.

    In their order, but what answers or corrects another row of them comes after it. The caller has judged
    their days (``check_day``). Raises ``ValueError``: rows that wait for each other.
    """
    waiting = list(events)
    while waiting:
        ready = [one for one in waiting if not _waits(one)]
        if not ready:
            raise ValueError("events that answer or correct each other in a circle")
        Event.objects.bulk_create(ready, batch_size=BATCH)
        waiting = [one for one in waiting if one.pk is None]
    keys = {one.supply_id for one in events}
    project(keys)
    settle_notices(keys, today)


def _waits(event: Event) -> bool:
    """Whether it points to a row that has no key yet."""
    pointed_to = [
        getattr(event, name) for name in ("answers", "corrects") if getattr(event, f"{name}_id") is None
    ]
    return any(row is not None and row.pk is None for row in pointed_to)


def check_day(supply: LandSupply, kind: str, on: date, today: date) -> None:
    """Raises ``SupplyError`` where nothing of this kind can have happened on ``on``."""
    if on > today:
        raise SupplyError("日期不能晚于今天。", "on")
    if supply.closed_on is not None and on > supply.closed_on and kind not in AFTER_THE_END:
        raise SupplyError(f"这宗供地已于 {supply.closed_on} 终止监管，此后不能再登记。", "on")


def closes(event: Event) -> bool:
    """Whether a row of this kind ends a supply."""
    return rules.Event(rules.Kind(event.kind), event.on, partial=event.partial).closes


def refuse_facts_after_the_end(event: Event) -> None:
    """What ends a supply comes after all that happened to it: later facts would count for nothing."""
    if not closes(event):
        return
    later = event.supply.events.in_force().filter(on__gt=event.on, kind__in=JUDGED)
    later = later.exclude(kind__in=(KindChoice.REFUND, KindChoice.DAMAGES)).exclude(pk=event.corrects_id or 0)
    if last := later.order_by("on", "pk").last():
        raise SupplyError(f"{last.on} 已登记{last.get_kind_display()}，终止监管不能早于这一天。", "on")


def finish_correction(old: Event, new: Event, today: date) -> Event:
    """Put ``new`` in the place of ``old``, with what follows from it; the supply is locked."""
    Event.objects.filter(pk=old.pk).update(in_force=False)
    new.save()
    project([old.supply_id])
    settle_notices([old.supply_id], today)
    return new
