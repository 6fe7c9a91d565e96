"""The PDF of an issued document: written once, after the act that issued it was committed, then frozen.

A document without a PDF is the order to write it. Who writes claims it first: ``render_attempts`` is the
token of the claim, ``render_until`` its end. A worker that dies leaves the claim to end by itself.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.documents import pdf
from landbureau.documents.models import Document
from landbureau.documents.selectors import TO_RENDER
from landbureau.jobs.models import JobRun
from landbureau.jobs.progress import Progress
from landbureau.jobs.services import enqueue

logger = logging.getLogger(__name__)
JOB = "render_documents"
LEASE = timedelta(minutes=5)  # many times what the longest document takes
LONGEST_WAIT = timedelta(hours=1)  # between two attempts at a document that fails again and again
MOST_AT_ONCE = 500  # documents in one run of the upkeep: the next run takes the others


def render_later(documents: Sequence[int], actor: User | None) -> JobRun:
    """Have the PDFs of these issued documents written soon after the caller's transaction has committed."""
    trigger = JobRun.Trigger.PERSON if actor else JobRun.Trigger.BEAT
    args = {"documents": sorted(documents)}
    return enqueue(JOB, trigger=trigger, actor=actor, args=args, recorded=False)


def render_documents(run: Progress) -> None:
    """Job: write the PDFs of ``run.args["documents"]``; one that fails stops no other and is tried again."""
    keys = run.args.get("documents", [])
    counts = {"rendered": 0, "failed": 0, **run.counts}
    for done, key in enumerate(keys[run.done :], run.done + 1):
        if render(key):
            counts["rendered"] += 1
        elif Document.objects.filter(TO_RENDER, pk=key).exclude(render_error="").exists():
            counts["failed"] += 1
        run.counts.update(counts)
        run.progress(done, len(keys))


def pick_up_documents() -> None:
    """The minute's upkeep: have written what no run is about to write and nobody has claimed."""
    State = JobRun.State
    if JobRun.objects.filter(kind=JOB, state__in=[State.QUEUED, State.RUNNING]).exists():
        return
    keys = list(
        _unclaimed(timezone.now()).order_by("issued_on", "pk").values_list("pk", flat=True)[:MOST_AT_ONCE]
    )
    if keys:
        render_later(keys, None)


def render(document_id: int) -> bool:
    """Write the PDF of an issued document and freeze it with its hash. True: done, by this call.

    False: there is one, somebody else is writing it or has just failed, or it fails now
    (``render_error``; tried again later and later).
    """
    now = timezone.now()
    attempt = _claim(document_id, now)
    if attempt is None:
        return False
    try:
        written = pdf.write_pdf(Document.objects.values_list("content", flat=True).get(pk=document_id))
        return _store(document_id, attempt, written)
    except Exception:  # whatever is wrong with one document, the others are written
        logger.exception("document %s not rendered, attempt %s", document_id, attempt)
        _mine(document_id, attempt).update(
            render_error=f"已试 {attempt} 次，原因在系统日志中，请告知系统管理员。",
            render_until=timezone.now() + _wait(attempt),
        )
        return False


def _unclaimed(now: datetime) -> QuerySet[Document]:
    unclaimed: QuerySet[Document] = Document.objects.filter(
        TO_RENDER, Q(render_until=None) | Q(render_until__lt=now)
    )
    return unclaimed


def _claim(document_id: int, now: datetime) -> int | None:
    """Compare-and-set; the number of this attempt, None: not to be had.

    Each attempt holds it longer, for a document that kills its workers.
    """
    document = _unclaimed(now).filter(pk=document_id).only("render_attempts").first()
    if document is None:
        return None
    attempt: int = document.render_attempts + 1
    free = _unclaimed(now).filter(pk=document_id, render_attempts=attempt - 1)
    claimed = free.update(render_attempts=F("render_attempts") + 1, render_until=now + LEASE + _wait(attempt))
    return attempt if claimed else None


def _mine(document_id: int, attempt: int) -> QuerySet[Document]:
    """The document as long as this attempt holds it."""
    mine: QuerySet[Document] = Document.objects.filter(TO_RENDER, pk=document_id, render_attempts=attempt)
    return mine


def _store(document_id: int, attempt: int, written: pdf.Pdf) -> bool:
    """File first, then the row: a crash in between leaves a file that nothing names, never a row without one.

    A worker that was too slow finds that another has the document, and takes its file away.
    """
    with transaction.atomic():
        document = _mine(document_id, attempt).select_for_update(no_key=True).first()
        if document is None:
            return False
        document.pdf.save(f"{document_id}-{uuid.uuid4().hex}.pdf", ContentFile(written.data), save=False)
        document.sha256 = hashlib.sha256(written.data).hexdigest()
        document.pages, document.receipt_page = written.pages, written.receipt_page
        document.render_until, document.render_error = None, ""
        try:
            document.save(
                update_fields=["pdf", "sha256", "pages", "receipt_page", "render_until", "render_error"]
            )
        except BaseException:
            document.pdf.delete(save=False)
            raise
    return True


def _wait(attempt: int) -> timedelta:
    """One minute after the first failure, then two, four ... minutes."""
    return min(timedelta(minutes=2 ** min(attempt - 1, 10)), LONGEST_WAIT)
