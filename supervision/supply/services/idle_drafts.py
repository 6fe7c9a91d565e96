"""Drafts whose matter is settled before anybody approved them are given up by the system (C.6, 22)."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document
from landbureau.documents.services import discard
from supervision.supply.models import Notice

logger = logging.getLogger(__name__)


def idle_drafts() -> QuerySet[Notice]:
    """Closed notices with a draft that was neither approved nor given up."""
    drafts = Document.objects.filter(approved_on=None, voided_on=None).order_by().values("pk")
    rows: QuerySet[Notice] = Notice.objects.filter(closed_on__isnull=False, document__in=drafts)
    return rows


@transaction.atomic
def give_up_drafts(notices: Collection[int] | QuerySet[Notice, int], today: date) -> int:
    """Give up the drafts of these closed notices; how many.

    A document on which somebody is at work just now is not waited for, since that act may wait for the
    notice: the job comes back to it.
    """
    reasons = dict(
        Notice.objects.filter(pk__in=list(notices), document__isnull=False).values_list(
            "document", "closed_because"
        )
    )
    if not reasons:
        return 0
    drafts = Document.objects.filter(pk__in=reasons, approved_on=None, voided_on=None).order_by("pk")
    locked = drafts.select_for_update(no_key=True, of=("self",), skip_locked=True)
    return sum(_give_up(draft, reasons[draft.pk], today) for draft in locked)


def _give_up(draft: Document, reason: str, today: date) -> bool:
    """False: on the day ``today`` it cannot be (a sweep of a past day)."""
    try:
        with transaction.atomic():
            discard(document=draft, actor=None, today=today, reason=f"{reason or '事项已了结'}，不再发出")
    except DocumentError as error:
        logger.info("draft %s stays: %s", draft.pk, error.message)
        return False
    return True
