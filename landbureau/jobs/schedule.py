"""Everything that runs by itself, in one reviewable list."""

from typing import Any


def beat_schedule() -> dict[str, dict[str, Any]]:
    """The list as Celery beat reads it."""
    return {}
