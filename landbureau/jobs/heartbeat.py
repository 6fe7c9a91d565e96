"""Signs of life of Celery's two processes, written into the database that the status page reads."""

from __future__ import annotations

import logging
import socket
from time import monotonic
from typing import Any

from celery import bootsteps
from celery.beat import Scheduler
from django.conf import settings
from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)


def write(role: str, host: str) -> None:
    """Note that a process is alive; a database that does not answer must not end the process."""
    from landbureau.jobs.services import sign_of_life  # Celery loads this module before Django's apps

    try:
        sign_of_life(role, host)
    except DatabaseError as error:
        logger.warning("no sign of life of %s written: %s", role, error)
    finally:
        connection.close()  # children forked later must not inherit it


class WorkerHeartbeat(bootsteps.StartStopStep):
    """Part of every worker: its main loop writes a sign of life every ``JOBS_HEARTBEAT`` seconds."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self.timer: Any = None

    def start(self, parent: Any) -> None:
        write("worker", parent.hostname)
        self.timer = parent.timer.call_repeatedly(settings.JOBS_HEARTBEAT, write, ("worker", parent.hostname))

    def stop(self, parent: Any) -> None:
        if self.timer:
            self.timer.cancel()
            self.timer = None


class HeartbeatScheduler(Scheduler):
    """Celery's scheduler, whose loop leaves a sign of life.

    It keeps no file of last runs: ``services.recover`` makes up for slots that were missed.
    """

    _written = -1e9

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if monotonic() - self._written >= settings.JOBS_HEARTBEAT:
            self._written = monotonic()
            write("beat", socket.gethostname())
        return super().tick(*args, **kwargs)
