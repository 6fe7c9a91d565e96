"""An officer's round: what is to be looked at, in the order of the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from landbureau.accounts.models import Township, User, Village
from landbureau.workdays.rules import add_months
from supervision.supply.models import LandSupply, Notice, NoticeKind
from supervision.supply.rules import NoticeCode, Track
from supervision.supply.selectors.supervised import supervised_by
from supervision.supply.selectors.visits import entries_for, people_of
from supervision.supply.transitions import TRACKS

LOOKS = [
    code.value for code in (NoticeCode.START_RECHECK, NoticeCode.COMPLETION_RECHECK, NoticeCode.VISIT_DUE)
]
"""Notices that ask an officer to go and look."""


@dataclass
class Stop:
    """A supply to look at. ``why``: (colour, reason); ``by``: until when, the earliest of the reasons."""

    supply: LandSupply
    why: list[tuple[str, str]] = field(default_factory=list)
    by: date | None = None

    def add(self, colour: str, reason: str, by: date | None) -> None:
        self.why.append((colour, reason))
        if by is not None:
            self.by = min(self.by or by, by)


@dataclass
class Leg:
    """A part of the way: a village (or a township, where none is known) and its stops."""

    township: Township | None
    village: Village | None
    stops: list[Stop]


@dataclass(frozen=True)
class Round:
    """``later``: how many stops are due after ``until`` and therefore not shown."""

    legs: list[Leg]
    until: date
    later: int

    @property
    def count(self) -> int:
        return sum(len(leg.stops) for leg in self.legs)


def round_for(user: User, today: date, *, everything: bool = False) -> Round:
    """What ``user`` (and who ``user`` deputises for) is to look at by the end of the week, in route order.

    ``everything``: also what is due later.
    """
    stops: dict[int, Stop] = {}
    people = people_of(user, today)
    for notice in _notices(people).select_related(*_of_way("supply__"), "kind"):
        stop = stops.setdefault(notice.supply_id, Stop(notice.supply))
        stop.add(*_reason(notice, today))
    rows = entries_for(user, today).select_related(*_of_way("supply__"), "check_list")
    for entry in rows:
        stop = stops.setdefault(entry.supply_id, Stop(entry.supply))
        listed = entry.check_list
        colour = "red" if listed.due_on < today else "orange"
        stop.add(colour, f"{listed.get_kind_display()}：{listed.title}", listed.due_on)
    until = today + timedelta(days=6 - today.weekday())
    shown = [stop for stop in stops.values() if everything or stop.by is None or stop.by <= until]
    return Round(_legs(shown), until, len(stops) - len(shown))


def _notices(people: Sequence[int]) -> QuerySet[Notice]:
    rows: QuerySet[Notice] = Notice.objects.open().filter(kind__code__in=LOOKS)
    closed = LandSupply.objects.filter(pk=OuterRef("supply"), closed_on__isnull=False)
    return rows.filter(~Exists(closed), supply__in=supervised_by(people)).order_by("kind__order", "pk")


def _of_way(prefix: str) -> list[str]:
    return [f"{prefix}{name}" for name in ("land_user", "parcel__township", "parcel__village")]


def _reason(notice: Notice, today: date) -> tuple[str, str, date | None]:
    """Colour, words and by when. A recheck is due at once, a monthly visit on any day of its month (None)."""
    kind: NoticeKind = notice.kind
    due_on = notice.due_on
    if NoticeCode(notice.kind_id) != NoticeCode.VISIT_DUE or due_on is None:
        late = f"，逾期 {(today - due_on).days} 天" if due_on and due_on < today else ""
        return "orange", f"{kind.title}：约定 {due_on or '日期不明'}{late}", due_on
    if not notice.track:
        last = add_months(due_on, 1) - timedelta(days=1)
        return "blue", f"{due_on.month} 月巡查，{last} 以前", None
    return "blue", f"{TRACKS[Track(notice.track)]}阶段巡查：约定 {due_on}", due_on + timedelta(days=1)


def _legs(stops: Sequence[Stop]) -> list[Leg]:
    legs: dict[tuple[int | None, int | None], Leg] = {}
    for stop in sorted(stops, key=_way):
        parcel = stop.supply.parcel
        key = (parcel.township_id, parcel.village_id)
        legs.setdefault(key, Leg(parcel.township, parcel.village, [])).stops.append(stop)
    return list(legs.values())


def _way(stop: Stop) -> tuple[Any, ...]:
    """Township and village in the order of the route, places without one at the end; urgent ones first."""
    township, village = stop.supply.parcel.township, stop.supply.parcel.village
    return (
        (0, township.order, township.name) if township else (1, 0, ""),
        (0, village.order, village.name) if village else (1, 0, ""),
        stop.by or date.min,
        stop.supply.pk,
    )
