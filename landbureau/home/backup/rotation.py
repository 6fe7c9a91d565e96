"""Which backups stay: the newest of each of the last days, weeks and months."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any


def backups_to_keep(made_at: Iterable[datetime], *, daily: int, weekly: int, monthly: int) -> set[datetime]:
    """Of backups made at these times (local), those that stay.

    ``daily``, ``weekly``, ``monthly``: how many days, ISO weeks and months that *have* a backup keep their
    newest one; days without a backup use up nothing. The newest backup always stays.
    """
    newest_first = sorted(made_at, reverse=True)
    kept = set(newest_first[:1])
    kept |= _newest_per([(moment.date(), moment) for moment in newest_first], daily)
    kept |= _newest_per([(moment.isocalendar()[:2], moment) for moment in newest_first], weekly)
    return kept | _newest_per([((moment.year, moment.month), moment) for moment in newest_first], monthly)


def _newest_per(periods: Collection[tuple[Any, datetime]], count: int) -> set[datetime]:
    newest: dict[Any, datetime] = {}
    for period, moment in periods:
        newest.setdefault(period, moment)
    return set(list(newest.values())[:count])
