"""Old rows and files that nobody needs any more."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from landbureau.documents.models import Lookup, PrintBatch
from landbureau.jobs.progress import Progress


def clear_paper(run: Progress) -> None:
    """Remove print batches with their files, and wrong questions to the public page.

    Documents and the right questions about them stay.
    """
    now = timezone.now()
    old = PrintBatch.objects.filter(created_at__lt=now - timedelta(days=settings.PRINT_BATCH_DAYS))
    batches = 0
    for batch in old:
        if batch.pdf:
            batch.pdf.delete(save=False)  # before the row: a kill in between leaves no file without one
        batch.delete()
        batches += 1
    wrong = Lookup.objects.filter(document=None, at__lt=now - timedelta(days=settings.VERIFY_WRONG_DAYS))
    run.counts.update({"batches": batches, "lookups": wrong.delete()[0]})
