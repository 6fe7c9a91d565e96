"""Imports that nobody finished, files that nobody needs any more."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Coalesce
from django.utils import timezone

from landbureau.imports.errors import ImportRefused
from landbureau.imports.models import ImportSession
from landbureau.imports.services import leave
from landbureau.imports.services.sessions import files
from landbureau.jobs.progress import Progress

FILES = ("file", "report", "restore")


def clear_imports(run: Progress) -> None:
    """Remove imports left open, files of old finished ones (their rows and the audit record stay), and files
    that a crash left unnamed."""
    now = timezone.now()
    open_until = now - timedelta(days=settings.IMPORTS_KEEP_OPEN_DAYS)
    left = 0
    unfinished = ImportSession.objects.exclude(state=ImportSession.State.DONE).select_related("run")
    touched = unfinished.annotate(touched_at=Coalesce("checked_at", "created_at"))
    for session in touched.filter(touched_at__lt=open_until):
        if not session.waits:
            with contextlib.suppress(ImportRefused):  # somebody has just gone on with it
                leave(session=session)
                left += 1
    cleared = 0
    done_until = now - timedelta(days=settings.IMPORTS_KEEP_DONE_DAYS)
    for done in ImportSession.objects.filter(finished_at__lt=done_until).exclude(file=""):
        for file in done.files():
            file.delete(save=False)
            cleared += 1
        done.save(update_fields=FILES)
    run.counts.update({"open": left, "files": cleared + _clear_unnamed(now - timedelta(days=1))})


def _clear_unnamed(before: datetime) -> int:
    """Files written until ``before`` that no row names."""
    storage = files()
    found: list[str] = []
    with contextlib.suppress(FileNotFoundError):  # nothing was imported yet
        found = [f"imports/{name}" for name in storage.listdir("imports")[1]]
    named = {name for names in ImportSession.objects.values_list(*FILES) for name in names}
    gone = [name for name in found if name not in named and storage.get_modified_time(name) < before]
    for name in gone:
        storage.delete(name)
    return len(gone)
