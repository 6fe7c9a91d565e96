"""Arithmetic of time limits: 民法典 art. 200-203, 民事诉讼法 art. 85.

The day of the event is not counted. What is counted in working days ends on a day worked by itself; what is
counted otherwise ends, where its rule rolls, on the next day worked when the last day is a day off.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from landbureau.workdays.rules.calendar import Calendar, Day, WorkdaysError

ONE_DAY = timedelta(days=1)
HOURS_OF_A_DAY = 24
MONTHS_OF_A_YEAR = 12


class Unit(StrEnum):
    """In what a limit counts; it belongs to each limit (domain.md H)."""

    DAYS = "days"
    WORKING_DAYS = "workdays"
    MONTHS = "months"
    YEARS = "years"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a limit.

    nominal_on: before it was rolled. passed_over: days off that were not counted, or rolled over, in the
    order they were met. provisional: a day that was looked at has no announcement yet.
    """

    on: date
    nominal_on: date
    provisional: bool = False
    passed_over: tuple[Day, ...] = ()

    @property
    def rolled(self) -> bool:
        return self.on != self.nominal_on


@dataclass(frozen=True, slots=True)
class Count:
    """A number of working days."""

    days: int
    provisional: bool


def add_days(start: date, number: int) -> date:
    """``number`` calendar days after ``start`` (before it, if negative)."""
    try:
        return start + timedelta(days=number)
    except OverflowError:
        raise _out_of_range() from None


def add_months(start: date, number: int) -> date:
    """The same day of the month ``number`` months later; the month's last day where there is none.

    民法典 art. 202: 2024-01-31 and one month is 2024-02-29.
    """
    year, month = divmod(start.year * MONTHS_OF_A_YEAR + start.month - 1 + number, MONTHS_OF_A_YEAR)
    if not date.min.year <= year <= date.max.year:
        raise _out_of_range()
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def add_years(start: date, number: int) -> date:
    """The corresponding day ``number`` years later; 29 February becomes 28 February."""
    return add_months(start, number * MONTHS_OF_A_YEAR)


def add_working_days(start: date, number: int, calendar: Calendar) -> Due:
    """The ``number``-th day worked after ``start`` (before it, if negative; 0 is ``start`` itself)."""
    if not date.min.toordinal() <= start.toordinal() + number <= date.max.toordinal():
        raise _out_of_range()
    step = ONE_DAY if number > 0 else -ONE_DAY
    on, left, provisional = start, abs(number), False
    passed_over = []
    while left:
        on = _next(on, step)
        day = calendar.day(on)
        provisional = provisional or day.provisional
        if day.is_workday:
            left -= 1
        else:
            passed_over.append(day)
    return Due(on, on, provisional, tuple(passed_over))


def working_days_between(start: date, end: date, calendar: Calendar) -> Count:
    """Days worked in (``start``, ``end``]. Raises ``WorkdaysError`` if ``end`` is before ``start``."""
    if end < start:
        raise WorkdaysError("截止日期早于起始日期")
    days = [calendar.day(date.fromordinal(n)) for n in range(start.toordinal() + 1, end.toordinal() + 1)]
    return Count(sum(day.is_workday for day in days), any(day.provisional for day in days))


def roll_forward(last: date, calendar: Calendar) -> Due:
    """``last``, or the next day worked if it is a day off. A Sunday made a workday does not roll."""
    on, passed_over = last, []
    while not (day := calendar.day(on)).is_workday:
        passed_over.append(day)
        on = _next(on, ONE_DAY)
    provisional = day.provisional or any(off.provisional for off in passed_over)
    return Due(on, last, provisional, tuple(passed_over))


def due_on(
    event_on: date, number: int, unit: Unit, rolls: bool, calendar: Calendar, *, backwards: bool = False
) -> Due:
    """The last day of a limit of ``number`` ``unit`` from the event (``backwards``: before the event).

    Hours are counted in whole days: the limit ends by the same hour of that day. A limit that is counted
    backwards never rolls: later would be too late.
    """
    if number < 0:
        raise WorkdaysError("期限的数量不能为负数")
    signed = -number if backwards else number
    if unit == Unit.WORKING_DAYS:
        return add_working_days(event_on, signed, calendar)
    if unit == Unit.MONTHS:
        last = add_months(event_on, signed)
    elif unit == Unit.YEARS:
        last = add_years(event_on, signed)
    elif unit == Unit.HOURS:
        days = -(-number // HOURS_OF_A_DAY)
        last = add_days(event_on, -days if backwards else days)
    else:
        last = add_days(event_on, signed)
    return roll_forward(last, calendar) if rolls and not backwards else Due(last, last)


def _next(on: date, step: timedelta) -> date:
    try:
        return on + step
    except OverflowError:
        raise _out_of_range() from None


def _out_of_range() -> WorkdaysError:
    return WorkdaysError("日期超出可以推算的范围（公元1年至9999年）")
