"""What falls on which day: due dates of money, starts and completions, visits, decisions that wait."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from supervision.supply.models import Event, Instalment, LandSupply, Milestone, Notice
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import NoticeCode, Terms, Track, month_of
from supervision.supply.selectors.arrears import unpaid
from supervision.supply.selectors.indicators import end_of_month
from supervision.supply.selectors.overview import named
from supervision.supply.selectors.supervised import under_supervision

DAY = timedelta(days=1)
KINDS = {
    "payment": "缴款",
    "start": "开工",
    "completion": "竣工",
    "recheck": "复核",
    "visit": "巡查",
    "extension": "延期",
}
STAGES = (Track.START.value, Track.COMPLETION.value)
GOALS = {Track.START.value: "开工", Track.COMPLETION.value: "竣工"}
PAYMENT_WORDS = {
    "NOT_DUE": ("grey", "未到期"),
    "REMINDER": ("blue", "提醒期"),
    "OVERDUE": ("red", "逾期"),
    "TERMINABLE": ("red", "可解除"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on a day. ``supply`` None: many of a kind in one line, ``what`` says how many."""

    on: date
    kind: str
    supply: LandSupply | None
    what: str
    colour: str
    word: str


@dataclass(frozen=True, slots=True)
class _Found:
    on: date
    kind: str
    supply: int
    what: str
    colour: str
    word: str


MOST_ALIKE = 5
"""More visits that end on one day are told as one line."""


def entries(
    supplies: QuerySet[LandSupply], first: date, last: date, today: date, numbers: Terms, kind: str = ""
) -> dict[date, list[Entry]]:
    """What falls on the days from ``first`` to ``last``, by day; ``kind`` of ``KINDS``, or all.

    The number of queries hangs on ``kind`` only.
    """
    scope = supplies.filter(under_supervision("", today)).order_by().values("pk")
    found: list[_Found] = []
    if kind in ("", "payment"):
        found += _payments(scope, first, last, today, numbers)
    if kind in ("", *STAGES, "recheck"):
        found += [one for one in _stages(scope, first, last, today) if kind in ("", one.kind)]
    if kind in ("", "visit"):
        found += _visits(scope, first, last, today)
    if kind in ("", "extension"):
        found += _extensions(scope, first, last, today)
    return _by_day(found)


def _payments(scope: Any, first: date, last: date, today: date, numbers: Terms) -> list[_Found]:
    rows = Instalment.objects.filter(supply__in=scope, effective_due_on__range=(first, last))
    owed = {one.instalment: one for one in unpaid(rows, today, numbers)}
    found = []
    columns = ("pk", "supply", "seq", "effective_due_on")
    for pk, supply, seq, on in rows.order_by().values_list(*columns):
        one = owed.get(pk)
        colour, word = PAYMENT_WORDS[one.state.value] if one else ("green", "已缴清")
        found.append(_Found(on, "payment", supply, f"第{seq}期缴款", colour, word))
    return found


def _stages(scope: Any, first: date, last: date, today: date) -> list[_Found]:
    """The dates in force, and the day after each, when whoever has not begun is looked at again."""
    rows: Any = Milestone.objects.filter(
        supply__in=scope, due_on__range=(first - DAY, last), known_from__lte=today
    ).filter(Q(until=None) | Q(until__gt=today))
    found = []
    columns = ("supply", "track", "due_on", "remind_from", "reached_on", "visited_on")
    for supply, track, due_on, remind_from, reached_on, visited_on in rows.order_by().values_list(*columns):
        goal = GOALS[track]
        reached = reached_on is not None and reached_on <= today
        visited = visited_on is not None and visited_on <= today
        if due_on >= first:
            word = _stage_word(goal, due_on, remind_from, today, reached=reached, visited=visited)
            found.append(_Found(due_on, track, supply, f"约定{goal}", *word))
        if due_on < last and not (reached and reached_on <= due_on):
            on = due_on + DAY
            found.append(
                _Found(on, "recheck", supply, f"复核{goal}", *_recheck_word(on, today, reached or visited))
            )
    return found


def _stage_word(
    goal: str, due_on: date, remind_from: date, today: date, *, reached: bool, visited: bool
) -> tuple[str, str]:
    if reached:
        return "green", f"已{goal}"
    if today < remind_from:
        return "grey", "未到期"
    if today <= due_on:
        return "blue", "提醒期"
    return ("red", "违约") if visited else ("orange", "待复核")


def _recheck_word(on: date, today: date, done: bool) -> tuple[str, str]:
    if done:
        return "green", "已复核"
    return ("orange", "待复核") if on <= today else ("grey", "未到期")


def _visits(scope: Any, first: date, last: date, today: date) -> list[_Found]:
    """Visits that are asked for, on the last day on which they can be made."""
    rows: Any = Notice.objects.open().filter(
        supply__in=scope, kind__code=NoticeCode.VISIT_DUE, due_on__range=(month_of(first), last)
    )
    found = []
    for supply, track, due_on in rows.order_by().values_list("supply", "track", "due_on"):
        on = due_on + DAY if track else end_of_month(due_on)
        what = f"{GOALS[track]}阶段巡查" if track else "当月巡查"
        if first <= on <= last:
            word = ("red", "未巡查") if on < today else ("orange", "待巡查")
            found.append(_Found(on, "visit", supply, what, *word))
    return found


def _extensions(scope: Any, first: date, last: date, today: date) -> list[_Found]:
    """Applications without a decision, on the date that they want to move: until then it is to be decided."""
    answered = Event.objects.in_force().filter(
        kind__in=[KindChoice.EXTENSION_APPROVED, KindChoice.EXTENSION_REJECTED], answers__isnull=False
    )
    rows: Any = (
        Event.objects.in_force()
        .filter(supply__in=scope, kind=KindChoice.EXTENSION_APPLIED, on__lte=today)
        .exclude(pk__in=answered.values("answers"))
    )
    waiting = list(rows.values_list("supply", "track", "supply__started_on"))
    dates: dict[tuple[int, str], date] = {
        (supply, track): due_on
        for supply, track, due_on in Milestone.objects.filter(
            supply__in=rows.order_by().values("supply"), known_from__lte=today
        )
        .filter(Q(until=None) | Q(until__gt=today))
        .order_by()
        .values_list("supply", "track", "due_on")
    }
    found = []
    for supply, track, started_on in waiting:
        stage = track or (Track.COMPLETION.value if started_on else Track.START.value)
        on = dates.get((supply, stage))
        if on is not None and first <= on <= last:
            word = ("red", "待决定") if on < today else ("orange", "待决定")
            found.append(_Found(on, "extension", supply, f"延期{GOALS[stage]}申请", *word))
    return found


COLOURS = ("red", "orange", "blue", "grey", "purple", "green")
"""On a day the most urgent comes first, what is done last."""


def _by_day(found: list[_Found]) -> dict[date, list[Entry]]:
    names = named({one.supply for one in found})
    alike: dict[tuple[date, str, str, str], list[_Found]] = defaultdict(list)
    days: dict[date, list[Entry]] = defaultdict(list)
    for one in found:
        if one.kind == "visit":
            alike[one.on, one.what, one.colour, one.word].append(one)
        else:
            days[one.on].append(_entry(one, names))
    for (on, what, colour, word), many in alike.items():
        if len(many) > MOST_ALIKE:
            days[on].append(Entry(on, "visit", None, f"{what} {len(many)} 宗", colour, word))
        else:
            days[on] += [_entry(one, names) for one in many]
    for each in days.values():
        each.sort(key=lambda entry: (COLOURS.index(entry.colour), entry.kind, str(entry.supply)))
    return dict(days)


def _entry(one: _Found, names: dict[int, LandSupply]) -> Entry:
    return Entry(one.on, one.kind, names[one.supply], one.what, one.colour, one.word)
