"""The time at which something is registered. The demo registers what was done days ago."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """Default of the times that the database does not let anybody change (``freeze``)."""
    return _moment.get() or timezone.now()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """What is done in here is registered at ``moment``."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
