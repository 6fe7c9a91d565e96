"""Photos that nobody needs any more."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from django.utils import timezone

from landbureau.jobs.progress import Progress
from supervision.supply.models import Photo
from supervision.supply.services.photos import clear_drafts, small_name

KEEP_DRAFTS_DAYS = 30
"""As long as the browser keeps the draft they belong to (``visit-store.js``)."""


def clear_visit_photos(run: Progress) -> None:
    """Job: remove photos of visits that were never sent, and files that a crash left without a row."""
    now = timezone.now()
    run.counts["photos"] = clear_drafts(now - timedelta(days=KEEP_DRAFTS_DAYS))
    last_month = timezone.localtime(now).replace(day=1) - timedelta(days=1)
    months = {f"supply/{timezone.localtime(month):%Y/%m}" for month in (now, last_month)}
    run.counts["files"] = sum(clear_unnamed(folder, now - timedelta(days=1)) for folder in sorted(months))


def clear_unnamed(folder: str, before: datetime) -> int:
    """Remove the files in ``folder`` written until ``before`` that no photo names; how many."""
    storage = Photo._meta.get_field("file").storage
    found: list[str] = []
    with contextlib.suppress(FileNotFoundError):  # nothing was uploaded that month
        found = storage.listdir(folder)[1]
    named: set[str] = set()
    for photo in Photo.objects.filter(file__startswith=f"{folder}/").only("file").iterator():
        named |= {photo.file.name or "", small_name(photo)}
    gone = [name for name in (f"{folder}/{file}" for file in found) if name not in named]
    gone = [name for name in gone if storage.get_modified_time(name) < before]
    for name in gone:
        storage.delete(name)
    return len(gone)
