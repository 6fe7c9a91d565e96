"""What becomes of our documents is a fact of the supply (``settings.DOCUMENT_FOLLOWERS``, ADR 10).

A demand that was served is an event; a reminder that was served has done what its notice asked for. A
publication counts as served days after it was registered: then the nightly ``catch_up`` makes up for it.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q, QuerySet

from landbureau.accounts.models import User
from landbureau.documents.models import Document
from supervision.supply import kinds
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, Instalment, LandSupply, Notice
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import NoticeCode, Track
from supervision.supply.services.corrections import correct_event, withdraw_event
from supervision.supply.services.events import append_event, lock_supply
from supervision.supply.services.notices import close_notice
from supervision.supply.services.papers import VOIDED

logger = logging.getLogger(__name__)
SERVED = "文书已送达"
ISSUED = "文书已印发"
NOT_SERVED = "文书的送达登记已更正或者文书已作废"
"""Why the event of a demand was withdrawn: not by hand, so that a later service brings it back."""
REMINDERS: tuple[Any, ...] = (
    NoticeCode.PAYMENT_REMINDER,
    NoticeCode.START_REMINDER,
    NoticeCode.COMPLETION_REMINDER,
)


def follow(*, document: Document, actor: User | None, today: date) -> None:
    """A document was issued, served, corrected or voided: in the transaction of that act."""
    if document.content_type_id is None:
        return
    is_demand = document.kind.code == kinds.PAYMENT_DEMAND
    if is_demand and isinstance(document.subject, Instalment):
        lock_supply(document.subject.supply)  # before its notices, as everybody does
    _link(document)
    _take_over_letter(document)
    if is_demand:
        follow_demand(document, actor, today)
    _close_reminders(document, today)
    if document.voided_on is not None:
        _unlink(document, by_hand=actor is not None)


def catch_up(today: date) -> int:
    """Services whose day has come since they were registered; how many documents."""
    demands = Document.objects.filter(
        ~Exists(_demands_made(OuterRef("pk"))),
        kind__code=kinds.PAYMENT_DEMAND,
        content_type=ContentType.objects.get_for_model(Instalment),
        served_on__lte=today,
        voided_on=None,
    )
    reminders = Document.objects.filter(
        pk__in=Notice.objects.open().filter(kind__in=REMINDERS, document__isnull=False).values("document"),
        served_on__lte=today,
        voided_on=None,
    )
    done = 0
    for document in demands.select_related("kind").order_by("served_on", "pk"):
        done += follow_demand(document, None, today)
    for document in reminders.select_related("kind").order_by("served_on", "pk"):
        _close_reminders(document, today)
        done += 1
    return done


def follow_demand(document: Document, actor: User | None, today: date) -> bool:
    """Make the events of the supply say when this demand was served; whether one was written."""
    instalment = document.subject
    if not isinstance(instalment, Instalment):  # it was removed by a correction of the contract
        return False
    served_on = document.served_on if document.voided_on is None else None
    if served_on is not None and served_on > today:
        served_on = None  # a publication: not yet
    event = Event.objects.in_force().filter(document=document, kind=KindChoice.DEMAND).first()
    try:
        if event is None and served_on is not None:
            append_event(
                supply=instalment.supply,
                kind=KindChoice.DEMAND,
                on=served_on,
                actor=actor,
                today=today,
                track=Track.PAYMENT.value,
                seq=instalment.seq,
                document=document,
                remark=document.number or "",
            )
            return True
        if event is not None and served_on is None:
            withdraw_event(event=event, reason=NOT_SERVED, actor=actor, today=today)
            return True
        if event is not None and event.on != served_on:
            correct_event(
                event=event, changes={"on": served_on}, reason="更正送达日期", actor=actor, today=today
            )
            return True
    except SupplyError as error:  # after the end of the supply a demand changes nothing any more
        logger.info("demand %s leaves no event: %s", document.pk, error.message)
    return False


def _demands_made(document: OuterRef) -> QuerySet[Event]:
    """Its events, without those that were withdrawn with its service: what a person withdrew stays so."""
    withdrawn = Event.objects.filter(corrects=OuterRef("pk"), withdrawn=True, reason=NOT_SERVED)
    rows: QuerySet[Event] = Event.objects.filter(
        ~Exists(withdrawn), document=document, kind=KindChoice.DEMAND
    )
    return rows


def _link(document: Document) -> None:
    """A document that was written anew by hand takes the place of the one that was given up."""
    if document.voided_on is not None or Notice.objects.filter(document=document).exists():
        return
    subject = document.content_type.model_class() if document.content_type else None
    if subject is Instalment:
        about = Q(instalment=document.object_id)
    elif subject is LandSupply:
        about = Q(supply=document.object_id, instalment=None)
    else:
        return
    waiting = Notice.objects.open().filter(about, document=None, kind__document_kind=document.kind_id)
    notice = waiting.order_by("-due_on", "-round", "-pk").first()
    if notice is not None:
        Notice.objects.filter(pk=notice.pk, document=None).update(
            document=document, error="", claimed_until=None
        )


def _take_over_letter(document: Document) -> None:
    """The letter that was written anew is the one that the brigade waits for."""
    if document.replaces_id and document.kind.code == kinds.BRIGADE_TRANSFER and document.voided_on is None:
        waiting = Event.objects.filter(kind=KindChoice.TO_BRIGADE, document=document.replaces_id)
        waiting.update(document=document)


def _unlink(document: Document, *, by_hand: bool) -> None:
    """Given up by a person: it is told again only by hand, as long as the matter is open. By the system,
    whose matter was settled: should that turn out to be wrong, a new one is drafted."""
    Notice.objects.filter(document=document).update(
        document=None, error=VOIDED if by_hand else "", claimed_until=None
    )


def _close_reminders(document: Document, today: date) -> None:
    """A reminder is done once it was served (issued, where its kind is not served), and not before."""
    done_on = document.served_on if document.needs_service else document.issued_on
    reason = SERVED if document.needs_service else ISSUED
    rows = Notice.objects.filter(document=document, kind__in=REMINDERS)
    if done_on is None or done_on > today or document.voided_on is not None:
        rows.filter(closed_because=reason).update(closed_on=None, closed_because="")
        return
    for notice in rows.filter(closed_on=None):
        close_notice(notice, today, reason)
