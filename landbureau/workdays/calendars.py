"""The second source of truth: chinesecalendar, the published holidays of 2004-2026 (its release 1.11)."""

from datetime import date
from functools import cache

from chinese_calendar.constants import Holiday, holidays, workdays

from landbureau.workdays.rules import Day

SOURCE = "国务院办公厅历年节假日安排"


@cache
def _published() -> tuple[dict[date, Day], range]:
    """Days that differ from the weekday rule or have a name, and the years that are covered.

    Read once from the library's tables: its functions search them anew for every single day.
    """
    names = {holiday.value: holiday.chinese for holiday in Holiday}
    days = {on: Day(on, False, names[name], SOURCE) for on, name in holidays.items()}
    days |= {on: Day(on, True, names[name], SOURCE) for on, name in workdays.items()}
    return days, range(min(holidays).year, max(holidays).year + 1)


def library_day(on: date) -> Day | None:
    """The day as published; None for a year that the library does not know."""
    days, years = _published()
    if on.year not in years:
        return None
    return days.get(on) or Day(on, on.weekday() < 5, "", SOURCE)


def library_years() -> range:
    """The years that the library covers."""
    return _published()[1]
