"""Documents that should be there and are not: their drafting failed, was given up, or never ran."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q, QuerySet

from landbureau.documents.models import Document
from supervision.supply import kinds
from supervision.supply.models import Event, LandSupply, Milestone, Notice
from supervision.supply.models.events import FindingChoice, KindChoice
from supervision.supply.rules import Track
from supervision.supply.selectors.supervised import under_supervision

PATIENCE = timedelta(minutes=30)
"""The job drafts within minutes of a sweep: a document that is not there after so long is missed."""


def undrafted(now: datetime) -> Q:
    """Condition on notices: their kind makes a document, and none came."""
    missed = ~Q(error="") | Q(sweep__began_at__lt=now - PATIENCE)
    return Q(missed, document=None, kind__document_kind__isnull=False)


def is_undrafted(notice: Notice, now: datetime) -> bool:
    """``undrafted`` of one open notice with its kind and sweep."""
    if notice.document_id is not None or notice.kind.document_kind_id is None:
        return False
    return bool(notice.error) or notice.sweep.began_at < now - PATIENCE


def unsent(prefix: str = "") -> Q:
    """Condition on notices: a visit in the stage has called for the held draft, and it was not sent."""
    visits = Event.objects.in_force().filter(
        supply=OuterRef(f"{prefix}supply"), kind=KindChoice.VISIT, on__gte=OuterRef(f"{prefix}found_on")
    )
    return Q(Exists(visits), kind__held=True)


def missing_start_notices(today: date) -> QuerySet[Milestone]:
    """Agreed starts after which a visit found nothing, and no 《开工通知书》 was drafted for that date.

    Not where the default is determined already: then other papers are due.
    """
    events = Event.objects.in_force().filter(supply=OuterRef("supply"), on__gt=OuterRef("due_on"))
    visits = events.filter(kind=KindChoice.VISIT, finding=FindingChoice.NOT_STARTED, visit__isnull=False)
    determined = events.filter(kind=KindChoice.DETERMINATION, track=Track.START.value)
    rows: QuerySet[Any] = Milestone.objects.filter(
        under_supervision("supply__", today),
        Exists(visits),
        ~Exists(determined),
        ~Exists(_start_notices()),
        track=Track.START.value,
        until=None,
        reached_on=None,
        due_on__lt=today,
        known_from__lte=today,
        visited_on__lte=today,
    )
    return rows


def _start_notices() -> QuerySet[Document]:
    """Those about the supply or one of its events since its agreed start (``papers.submit_held``)."""
    types = ContentType.objects.get_for_models(LandSupply, Event)
    events = Event.objects.filter(supply=OuterRef(OuterRef("supply"))).order_by()
    of_supply = Q(content_type=types[LandSupply], object_id=OuterRef("supply"))
    of_events = Q(content_type=types[Event], object_id__in=events.values("pk"))
    rows: QuerySet[Document] = Document.objects.filter(
        of_supply | of_events,
        kind__code=kinds.START_NOTICE,
        drafted_on__gt=OuterRef("due_on"),
        voided_on=None,
    )
    return rows
