"""Old rows and files that nobody needs any more."""

import contextlib
import re
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from landbureau.documents.models import Document, Lookup, PrintBatch
from landbureau.jobs.progress import Progress

WRITTEN = re.compile(r"(\d+)-[0-9a-f]{32}\w*\.pdf")  # the document's key is in the name (``rendering``)


def clear_paper(run: Progress) -> None:
    """Remove print batches with their files, files that a crash left unnamed, wrong questions to the
    public page. Documents and the right questions about them stay, without who asked.
    """
    now = timezone.now()
    old = PrintBatch.objects.filter(created_at__lt=now - timedelta(days=settings.PRINT_BATCH_DAYS))
    batches = 0
    for batch in old:
        if batch.pdf:
            batch.pdf.delete(save=False)  # before the row: a kill in between leaves no file without one
        batch.delete()
        batches += 1
    lookups = Lookup.objects.filter(at__lt=now - timedelta(days=settings.VERIFY_WRONG_DAYS))
    wrong = lookups.filter(document=None)
    lookups.exclude(document=None).exclude(address=None).update(address=None)
    for month in (now, now.replace(day=1) - timedelta(days=1)):
        clear_unnamed(f"documents/{timezone.localtime(month):%Y/%m}", now - timedelta(days=1))
    run.counts.update({"batches": batches, "lookups": wrong.delete()[0]})


def clear_unnamed(folder: str, before: datetime) -> None:
    """Remove the PDFs in ``folder`` written until ``before`` that their document does not name."""
    storage = Document._meta.get_field("pdf").storage
    found: list[str] = []
    with contextlib.suppress(FileNotFoundError):  # nothing was issued that month
        found = storage.listdir(folder)[1]
    keys = {f"{folder}/{name}": int(match[1]) for name in found if (match := WRITTEN.fullmatch(name))}
    named = set(Document.objects.filter(pk__in=set(keys.values())).values_list("pdf", flat=True))
    for name in keys.keys() - named:
        if storage.get_modified_time(name) < before:
            storage.delete(name)
