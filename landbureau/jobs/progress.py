"""What a job's function holds of its own run.

A worker may be killed at any moment, and a worker that was only slow may come back after its run was given to
another. So a function

* works in batches and calls ``run.progress(...)`` *inside* the transaction of each batch: batch and progress
  are committed together, or ``LeaseLost`` is raised and neither is;
* begins at ``run.done``: where the attempt before it was interrupted.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError, connection
from django.utils import timezone

from landbureau.jobs.models import JobRun

logger = logging.getLogger(__name__)
LOG_LENGTH = 20_000  # characters kept of a run's log; the oldest go first


class LeaseLost(Exception):
    """The run was given to another worker; what this one does must not be committed."""


def lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.JOBS_LEASE)


def with_line(log: str, text: str) -> str:
    """The log with one more line, cut to its last ``LOG_LENGTH`` characters."""
    return f"{log}{timezone.localtime():%H:%M:%S} {text}\n"[-LOG_LENGTH:]


class Progress:
    """Handle of one attempt at a run: its arguments, and what it reports back.

    ``args``: ids, as given to ``enqueue``. ``actor``: who started it, or None. ``done``, ``total``: what was
    last reported, by an earlier attempt too. ``counts``: numbers of the result, kept with the next report.
    """

    def __init__(self, run: JobRun) -> None:
        self.run_id: int = run.pk
        self.attempt = run.attempt
        self.args: dict[str, Any] = run.args
        self.actor: AbstractBaseUser | None = run.actor
        self.done = run.done
        self.total = run.total
        self.counts: dict[str, Any] = run.counts
        self._log = run.log

    def progress(self, done: int, total: int | None = None) -> None:
        """Report that ``done`` (of ``total``) is done. One UPDATE: once a batch, not once a row.

        Raises ``LeaseLost``.
        """
        self.done = done
        self.total = self.total if total is None else total
        self._write(done=self.done, total=self.total, counts=self.counts)

    def note(self, text: str) -> None:
        """Add a line to the log (Chinese; no personal data). Raises ``LeaseLost``."""
        self._log = with_line(self._log, text)
        self._write(log=self._log)

    def end(self, state: JobRun.State, *, error: str = "", traceback: str = "") -> None:
        """Mark the run as over. Raises ``LeaseLost``."""
        self._write(
            state=state,
            error=error,
            traceback=traceback,
            counts=self.counts,
            log=self._log,
            finished_at=timezone.now(),
            lease_until=None,
        )

    def extend_lease(self) -> None:
        self._write()

    def _write(self, **values: Any) -> None:
        mine = JobRun.objects.filter(pk=self.run_id, state=JobRun.State.RUNNING, attempt=self.attempt)
        if not mine.update(**{"lease_until": lease_end(timezone.now()), **values}):
            raise LeaseLost(f"run {self.run_id}, attempt {self.attempt}")


class KeepLease(threading.Thread):
    """Extends the lease while the run is at work, so that one long step is not taken for a dead worker.

    It dies with its process. A step that never ends is ended by ``CELERY_TASK_TIME_LIMIT``.
    """

    def __init__(self, progress: Progress) -> None:
        super().__init__(name=f"lease-{progress.run_id}", daemon=True)
        self._progress = progress
        self._over = threading.Event()

    def run(self) -> None:
        try:
            while not self._over.wait(settings.JOBS_LEASE / 4):
                try:
                    self._progress.extend_lease()
                except LeaseLost:
                    return  # the function finds out at its next report
                except DatabaseError as error:
                    logger.warning("lease of run %s not extended: %s", self._progress.run_id, error)
        finally:
            connection.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self.join(timeout=5)
