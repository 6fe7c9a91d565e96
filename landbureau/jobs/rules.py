"""When a crontab falls due, as pure functions of the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "日一二三四五六"
HORIZON = 41 * 366  # days; a 29 February that is a Monday can be forty years away


class Crontab(Protocol):
    """The sets that Celery's ``crontab`` makes of its fields; Sunday is 0, days must fit all three sets."""

    minute: set[int]
    hour: set[int]
    day_of_week: set[int]
    day_of_month: set[int]
    month_of_year: set[int]


def last_due(when: Crontab, now: datetime) -> datetime:
    """The latest moment at or before ``now`` that ``when`` names on Shanghai's clock.

    It names the run: whoever asks within the same period, and however often, gets the same moment.
    """
    return max(moment for moment in _on_first_day(when, now, step=-1) if moment <= now)


def next_due(when: Crontab, now: datetime) -> datetime:
    """The first moment after ``now`` that ``when`` names on Shanghai's clock."""
    return min(moment for moment in _on_first_day(when, now, step=1) if moment > now)


def in_words(when: Crontab) -> str:
    """``每分钟``, ``每天 02:30``, ``每周一、五 08:00``, ``每月1日 06:00``: what an office has."""
    if len(when.minute) == 60 and len(when.hour) == 24:
        return "每分钟"
    days = "每天"
    if len(when.day_of_month) < 31:
        days = "、".join(str(day) for day in sorted(when.day_of_month)) + "日"
        year = len(when.month_of_year) == 12
        days = (
            "每月" if year else "、".join(str(month) for month in sorted(when.month_of_year)) + "月"
        ) + days
    elif len(when.day_of_week) < 7:
        days = "每周" + "、".join(WEEKDAYS[day] for day in sorted(when.day_of_week, key=lambda day: day or 7))
    return f"{days} " + "、".join(f"{at:%H:%M}" for at in sorted(_times(when.hour, when.minute)))


def _on_first_day(when: Crontab, now: datetime, *, step: int) -> list[datetime]:
    """The due moments of the nearest day that has any on the right side of ``now``.

    Raises ``ValueError`` for a day that never comes (30 February).
    """
    today = now.astimezone(ZONE).date()
    for day in (today + timedelta(days=step * n) for n in range(HORIZON)):
        if not _names_day(when, day):
            continue
        moments = [datetime.combine(day, at, tzinfo=ZONE) for at in _times(when.hour, when.minute)]
        if any(moment <= now if step < 0 else moment > now for moment in moments):
            return moments
    raise ValueError("crontab names no day")


def _names_day(when: Crontab, day: date) -> bool:
    return (
        day.month in when.month_of_year
        and day.day in when.day_of_month
        and day.isoweekday() % 7 in when.day_of_week
    )


def _times(hours: Iterable[int], minutes: Iterable[int]) -> Iterator[time]:
    return (time(hour, minute) for hour in hours for minute in minutes)
