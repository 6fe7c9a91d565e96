"""Why a limit ends on its day, in steps that a reader can check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from landbureau.workdays.rules.calendar import Calendar, Day
from landbureau.workdays.rules.limits import Due, Unit

MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Step:
    """Days in a row that are treated alike. ``counted``: worked although a weekend; else passed over."""

    first: date
    last: date
    name: str
    counted: bool
    rolled: bool
    provisional: bool

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def explain(event_on: date, due: Due, unit: Unit, calendar: Calendar) -> list[Step]:
    """The days between event and last day that do not follow from counting alone, in their order.

    For working days: days off that were skipped, and weekends that were worked. For other units: the days off
    over which the last day rolled. At most ``MOST_STEPS``, the latest.
    """
    if unit == Unit.WORKING_DAYS:
        first, last = min(event_on, due.on), max(event_on, due.on)
        span = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
        days = [calendar.day(on) for on in span if on != event_on]
        days = [day for day in days if not day.is_workday or day.is_weekend]
    else:
        days = list(due.passed_over)
    return list(_steps(days, rolled=unit != Unit.WORKING_DAYS))[-MOST_STEPS:]


def _steps(days: list[Day], *, rolled: bool) -> Iterator[Step]:
    step: Step | None = None
    for day in days:
        joins = (
            step
            and day.on - step.last == timedelta(days=1)
            and (day.name, day.is_workday, day.provisional) == (step.name, step.counted, step.provisional)
        )
        if step and joins:
            step = Step(step.first, day.on, step.name, step.counted, rolled, step.provisional)
            continue
        if step:
            yield step
        step = Step(day.on, day.on, day.name, day.is_workday, rolled, day.provisional)
    if step:
        yield step
