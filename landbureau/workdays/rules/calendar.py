"""Which days are worked, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

SATURDAY = 5


class WorkdaysError(ValueError):
    """A request about days that cannot be met; the message (Chinese) is for the user."""


@dataclass(frozen=True, slots=True)
class Day:
    """What is known of one day. ``provisional``: only the weekday rule says so, no announcement yet."""

    on: date
    is_workday: bool
    name: str = ""
    source: str = ""
    provisional: bool = False

    @property
    def is_weekend(self) -> bool:
        return self.on.weekday() >= SATURDAY


class Calendar(Protocol):
    """All that the arithmetic needs to know."""

    def day(self, on: date) -> Day: ...


@dataclass(frozen=True, slots=True)
class FixedDay:
    """A statutory holiday on a fixed date of the solar year, from the day its regulation takes effect."""

    month: int
    day: int
    name: str
    source: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class OfficialCalendar:
    """The order of truth (domain.md H): the bureau's table, the library, the weekday rule.

    table: days that the bureau has set or taken over from a notice.
    library: a day of a published year, or None for a year that it does not know.
    complete_years: year → source, where the bureau has the whole year's notice: days that it does not
        list follow the weekday rule and are certain.
    fixed: statutory holidays that need no announcement; lunar ones cannot be known.
    """

    table: Mapping[date, Day]
    library: Callable[[date], Day | None]
    complete_years: Mapping[int, str]
    fixed: Sequence[FixedDay]

    def day(self, on: date) -> Day:
        """The day by the first source that knows it."""
        known = self.table.get(on) or self.library(on)
        if known is not None:
            return known
        source = self.complete_years.get(on.year)
        for holiday in self.fixed:
            if (on.month, on.day) == (holiday.month, holiday.day) and on >= holiday.valid_from:
                return Day(on, False, holiday.name, source or holiday.source, provisional=source is None)
        return Day(on, on.weekday() < SATURDAY, "", source or "", provisional=source is None)
