"""Reads: the calendar as it stands or would stand, the time limits that a change would move."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Max, Min, Q, QuerySet
from django.db.models.functions import Greatest

from landbureau.workdays import rules
from landbureau.workdays.calendars import library_day, library_years
from landbureau.workdays.models import CalendarChange, CalendarDay, Deadline, FixedHoliday, Limit, TimeLimit

SOON_DAYS = 7
BY_HAND = "本单位设定"


@dataclass(frozen=True)
class DayChange:
    """One day of a proposal; ``is_workday`` None: no entry of the bureau's own any more."""

    on: date
    is_workday: bool | None
    name: str = ""


@dataclass(frozen=True)
class Proposal:
    """A change of the calendar that is not made yet.

    ``complete_year``: the list is a whole year's notice; other days of that year are certain then. A proposal
    without days and year recomputes what is provisional (a newer library may know more).
    """

    days: Sequence[DayChange]
    source: str
    announced_on: date | None = None
    complete_year: int | None = None

    def span(self) -> tuple[date, date] | None:
        """First and last day on which anything may change; None: nothing does."""
        days = [day.on for day in self.days]
        if self.complete_year:
            days += [date(self.complete_year, 1, 1), date(self.complete_year, 12, 31)]
        return (min(days), max(days)) if days else None


@dataclass(frozen=True)
class Move:
    """What a changed calendar does to one running time limit.

    ``moves``: its last day is another one; else it only becomes certain or provisional. ``kept``: it would
    move, but its date was told to somebody, so it stays.
    """

    deadline: Deadline
    old_on: date
    due: rules.Due

    @property
    def kept(self) -> bool:
        return self.moves and self.deadline.told_on is not None

    @property
    def moves(self) -> bool:
        return self.due.on != self.old_on


@dataclass(frozen=True)
class Preview:
    """What a proposal would do: days (before, after), and time limits."""

    days: list[tuple[rules.Day, rules.Day]]
    moves: list[Move]
    revision: int


def current_calendar() -> rules.OfficialCalendar:
    """The calendar in force, in three queries. The table holds some tens of rows a year: all are read."""
    table = {
        day.date: rules.Day(day.date, day.is_workday, day.name, day.source)
        for day in CalendarDay.objects.all()
    }
    notices = CalendarChange.objects.exclude(complete_year=None).order_by("revision")
    complete = {
        year: source for year, source in notices.values_list("complete_year", "source") if year is not None
    }
    fixed = [
        rules.FixedDay(day.month, day.day, day.name, day.source, day.valid_from)
        for day in FixedHoliday.objects.order_by("valid_from")
    ]
    return rules.OfficialCalendar(table, library_day, complete, fixed)


def proposed_calendar(
    proposal: Proposal, current: rules.OfficialCalendar | None = None
) -> rules.OfficialCalendar:
    """The calendar as it would be after ``proposal``."""
    current = current or current_calendar()
    table = dict(current.table)
    for change in proposal.days:
        if change.is_workday is None:
            table.pop(change.on, None)
        else:
            table[change.on] = rules.Day(change.on, change.is_workday, change.name, proposal.source)
    complete = dict(current.complete_years)
    if proposal.complete_year:
        complete[proposal.complete_year] = proposal.source
    return replace(current, table=table, complete_years=complete)


def moves(
    proposal: Proposal, calendar: rules.OfficialCalendar | None = None, *, lock: bool = False
) -> list[Move]:
    """The open time limits whose last day or certainty ``proposal`` changes, by their present last day.

    Those whose date was told to somebody are listed too (``kept``). ``calendar``: the proposed one, if known.
    """
    calendar = calendar or proposed_calendar(proposal)
    running = Deadline.objects.filter(settled_on=None)
    span = proposal.span()
    if span is None:
        running = running.filter(provisional=True)
    else:  # nothing outside event … last day was looked at when the day was computed
        first, last = span
        running = running.filter(
            Q(event_on__lte=last, due_on__gte=first) | Q(due_on__lte=last, event_on__gte=first)
        )
    running = running.select_for_update(of=("self",)) if lock else running.select_related("owner", "limit")
    found = []
    for deadline in running.order_by("pk"):  # the order in which everybody locks them
        due = deadline.due(deadline.event_on, calendar)
        if (due.on, due.provisional) != (deadline.due_on, deadline.provisional):
            found.append(Move(deadline, deadline.due_on, due))
    return sorted(found, key=lambda move: (move.old_on, move.deadline.pk))


def preview(proposal: Proposal) -> Preview:
    """Everything that a person should see before the calendar is changed."""
    current = current_calendar()
    proposed = proposed_calendar(proposal, current)
    days = [(current.day(change.on), proposed.day(change.on)) for change in proposal.days]
    return Preview(days, moves(proposal, proposed), revision())


def revision() -> int:
    """How often the calendar has been changed: what an editor started from."""
    return CalendarChange.objects.aggregate(latest=Max("revision"))["latest"] or 0


def changes_of_day(on: date) -> list[CalendarChange]:
    """The changes that touched one day, newest first. There are a few a year: all are looked through."""
    iso = on.isoformat()
    changes = CalendarChange.objects.select_related("made_by").defer("text")
    return [change for change in changes if any(day["date"] == iso for day in change.days)]


def is_announced(year: int) -> bool:
    """Whether the holidays of ``year`` are known, from the library or from a notice taken over."""
    return year in library_years() or CalendarChange.objects.filter(complete_year=year).exists()


def awaits_recomputing() -> bool:
    """Whether provisional time limits could be certain now: all their days are in years that are known.

    A notice confirms them itself; this happens when a newer library brings a year. Those told to somebody
    are left out: they may have to stay as they are. Usually one query.
    """
    years = library_years()
    waiting = Deadline.objects.filter(
        settled_on=None, told_on=None, provisional=True, event_on__year__gte=years[0]
    )
    ends = waiting.aggregate(first=Min(Greatest("event_on", "due_on")))["first"]
    return ends is not None and all(is_announced(year) for year in range(years[-1], ends.year + 1))


# --- Time limits that run ------------------------------------------------------------------------


def open_deadlines(deadlines: QuerySet[Deadline]) -> QuerySet[Deadline]:
    return deadlines.filter(settled_on=None)


def overdue(deadlines: QuerySet[Deadline], today: date) -> QuerySet[Deadline]:
    """Open, and the last day has passed."""
    return open_deadlines(deadlines).filter(due_on__lt=today)


def due_soon(deadlines: QuerySet[Deadline], today: date, days: int = SOON_DAYS) -> QuerySet[Deadline]:
    """Open, and ending today or within ``days`` days."""
    return open_deadlines(deadlines).filter(due_on__range=(today, today + timedelta(days=days)))


def just_registered(
    *, title: str, owner: Any, event_on: date, limit: TimeLimit | None, due_on: date, since: datetime
) -> Deadline | None:
    """The same time limit, registered after ``since``."""
    same = Deadline.objects.filter(title=title, owner=owner, event_on=event_on, limit=limit, due_on=due_on)
    return same.filter(settled_on=None, registered_at__gte=since).first()


@dataclass(frozen=True)
class Result:
    """A computed last day with its reasons."""

    limit: Limit
    event_on: date
    due: rules.Due
    steps: list[rules.Step]


def result_of(limit: Limit, event_on: date, calendar: rules.Calendar) -> Result:
    """``limit`` (a row of the law, or one that runs) counted from ``event_on``."""
    due = limit.due(event_on, calendar)
    return Result(limit, event_on, due, rules.explain(event_on, due, rules.Unit(limit.unit), calendar))


def state_of(deadline: Deadline, today: date) -> tuple[str, str]:
    """Colour and word of a time limit on ``today``."""
    if deadline.settled_on:
        return "green", "已办结"
    if deadline.due_on < today:
        return "red", "逾期"
    if deadline.due_on <= today + timedelta(days=SOON_DAYS):
        return "orange", "即将到期"
    return "grey", "未到期"


def owners_for(user: Any, codename: str) -> QuerySet[Any]:
    """Active people for whom ``user`` holds ``codename``, and ``user``."""
    people = get_user_model().objects
    return people.filter(
        Q(pk=user.pk) | Q(pk__in=people.visible_to(user, codename).values("pk")), is_active=True
    )


# --- The year as a page ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Month:
    """A month of the grid: ``weeks`` of seven days from Monday, None outside the month."""

    number: int
    weeks: list[list[rules.Day | None]]
    worked: int


def year_grid(year: int, calendar: rules.Calendar) -> list[Month]:
    """Twelve months with all their days."""
    months = []
    for number in range(1, 13):
        days = list(_days_of_month(year, number, calendar))
        cells: list[rules.Day | None] = [*[None] * days[0].on.weekday(), *days]
        cells += [None] * (-len(cells) % 7)
        weeks = [cells[at : at + 7] for at in range(0, len(cells), 7)]
        months.append(Month(number, weeks, sum(day.is_workday for day in days)))
    return months


def _days_of_month(year: int, month: int, calendar: rules.Calendar) -> Iterable[rules.Day]:
    for number in range(1, monthrange(year, month)[1] + 1):
        yield calendar.day(date(year, month, number))
