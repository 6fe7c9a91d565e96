"""What the regime asks for, counted (domain.md C.1, J): visits, collection, dates kept, sign boards.

Everything is as of a day, ``on``: its end counts. A year is the one of ``on``, so far.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum

from supervision.supply.models import Event, Indicator, Instalment, LandSupply, Milestone, Regime, Share
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import Terms, Track, month_of
from supervision.supply.selectors.arrears import Unpaid, unpaid_until
from supervision.supply.selectors.facts import regime, terms
from supervision.supply.selectors.sums import cents
from supervision.supply.selectors.supervised import MOST_NAMED, inside, under_supervision

DAY = timedelta(days=1)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Ratio:
    """``done`` of ``all``: numbers of things, or yuan."""

    done: Decimal
    all: Decimal

    @property
    def percent(self) -> Decimal | None:
        """With two places, never rounded up to 100; None: nothing was required."""
        if not self.all:
            return None
        exact = self.done * 100 / self.all
        return min(exact.quantize(CENT), Decimal("99.99")) if exact < 100 else exact.quantize(CENT)

    @property
    def open(self) -> Decimal:
        return self.all - self.done


def ratio(done: int | Decimal, of: int | Decimal) -> Ratio:
    return Ratio(Decimal(done), Decimal(of))


# --- Dates kept -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stage:
    """An agreed start or completion in force; ``reached_on`` and ``ended_on`` as known on the day.

    ``began_on``: since when the supply goes on from another one, which keeps what fell before.
    """

    supply: int
    township: int | None
    track: str
    due_on: date
    remind_from: date
    reached_on: date | None
    ended_on: date | None
    began_on: date | None = None

    @property
    def counts(self) -> bool:
        """Whether its date is this supply's: of the day of a transfer it is the old one's."""
        return self.began_on is None or self.due_on > self.began_on

    @property
    def on_time(self) -> bool:
        return self.reached_on is not None and self.reached_on <= self.due_on


def stages(supplies: QuerySet[LandSupply], first: date, last: date, on: date) -> list[Stage]:
    """The stages due between ``first`` and ``last`` by the dates in force on ``on``.

    A supply that ended before the date owes nothing. Two queries.
    """
    rows: Any = (
        Milestone.objects.filter(due_on__range=(first, last), known_from__lte=on)
        .filter(Q(until=None) | Q(until__gt=on))
        .exclude(supply__signed_on__gt=on)
        .filter(
            Q(supply__closed_on=None) | Q(supply__closed_on__gt=on) | Q(supply__closed_on__gte=F("due_on"))
        )
    )
    columns = (
        "supply",
        "supply__parcel__township",
        "track",
        "due_on",
        "remind_from",
        "reached_on",
        "supply__closed_on",
        "supply__origin",
        "supply__signed_on",
    )
    found = list(rows.order_by("due_on", "pk").values_list(*columns))
    seen = inside(supplies, {row[0] for row in found})
    return [
        Stage(
            supply=supply,
            township=township,
            track=track,
            due_on=due_on,
            remind_from=remind_from,
            reached_on=_known(reached_on, on),
            ended_on=_known(closed_on, on),
            began_on=signed_on if origin else None,
        )
        for supply, township, track, due_on, remind_from, reached_on, closed_on, origin, signed_on in found
        if supply in seen
    ]


def _known(day: date | None, on: date) -> date | None:
    return day if day is not None and day <= on else None


def on_time(found: Iterable[Stage], track: Track, first: date, last: date) -> Ratio:
    """Of the stages due between ``first`` and ``last``: how many were reached by their date."""
    due = [one for one in found if one.track == track and first <= one.due_on <= last and one.counts]
    return ratio(sum(one.on_time for one in due), len(due))


# --- Visits -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequiredVisit:
    """A visit that was to be made by ``due_on``: of a stage, or (``track`` empty) of a month.

    ``done_on``: the day of the visit; ``reached``: not visited, but the goal was reached, so none was needed.
    """

    supply: int
    township: int | None
    track: str
    due_on: date
    done_on: date | None
    reached: bool = False

    @property
    def done(self) -> bool:
        return self.done_on is not None or self.reached


def required_visits(
    supplies: QuerySet[LandSupply], on: date, numbers: Terms, of: Regime, found: list[Stage]
) -> list[RequiredVisit]:
    """The visits that the indicator asks for: of this month, or of the stages of this year that are over.

    Of a stage in which the land went to another supply, the one that has it on the last day is asked.
    ``found``: stages as of ``on``, at least those due since the last day of last year. A stage lasts from
    ``remind_days`` before its date to the day after; one that still runs is not counted, neither as done nor
    as missing. One query.
    """
    if of.visit_rule == Regime.VisitRule.MONTHLY:
        return _monthly(supplies, on)
    first = date(on.year, 1, 1) - DAY
    over = [
        one
        for one in found
        if first <= one.due_on < on
        and (one.ended_on is None or one.ended_on > one.due_on)
        and (one.began_on is None or one.began_on <= one.due_on)
    ]
    days = _visits({one.supply for one in over}, first - DAY * numbers.remind_days, on)
    return [
        RequiredVisit(
            supply=one.supply,
            township=one.township,
            track=one.track,
            due_on=one.due_on + DAY,
            done_on=_first_within(days.get(one.supply, []), one.remind_from, one.due_on + DAY),
            reached=one.reached_on is not None and one.reached_on <= one.due_on + DAY,
        )
        for one in over
    ]


def visited(visits: list[RequiredVisit]) -> Ratio:
    """How many of them were made, or were not needed any more."""
    return ratio(sum(one.done for one in visits), len(visits))


def _visits(supplies: Collection[int], first: date, last: date) -> dict[int, list[date]]:
    """The days of visits of each of these supplies, in order; where they are many, of all."""
    found: dict[int, list[date]] = defaultdict(list)
    rows = Event.objects.in_force().filter(kind=KindChoice.VISIT, on__range=(first, last))
    if len(supplies) <= MOST_NAMED:
        rows = rows.filter(supply__in=supplies)
    for supply, day in rows.order_by("on").values_list("supply", "on"):
        found[supply].append(day)
    return found


def _first_within(days: list[date], first: date, last: date) -> date | None:
    place = bisect_left(days, first)
    return days[place] if place < len(days) and days[place] <= last else None


def end_of_month(on: date) -> date:
    return date(on.year + on.month // 12, on.month % 12 + 1, 1) - DAY


def _monthly(supplies: QuerySet[LandSupply], on: date) -> list[RequiredVisit]:
    """A visit in the month of ``on`` for each supply that was under supervision on its first day."""
    month = month_of(on)
    visited = Event.objects.in_force().filter(
        supply=OuterRef("pk"), kind=KindChoice.VISIT, on__range=(month, on)
    )
    rows: Any = supplies.filter(under_supervision("", on)).filter(Q(signed_on=None) | Q(signed_on__lte=month))
    return [
        RequiredVisit(supply, township, "", end_of_month(on), on if seen else None)
        for supply, township, seen in rows.order_by("number")
        .annotate(seen=Exists(visited))
        .values_list("pk", "parcel__township", "seen")
    ]


# --- Money and boards -------------------------------------------------------------------------------------


def due_premium(supplies: QuerySet[LandSupply], on: date) -> QuerySet[Instalment]:
    """The instalments that were due by ``on``, of the supplies under supervision."""
    return Instalment.objects.filter(
        under_supervision("supply__", on),
        supply__in=supplies.order_by().values("pk"),
        effective_due_on__lte=on,
    )


def collection(supplies: QuerySet[LandSupply], on: date, unpaid_by_now: Iterable[Unpaid]) -> Ratio:
    """Premium paid of what was due by ``on``, in yuan. ``unpaid_by_now``: what of it is not.

    What was paid ahead or beyond an instalment counts for none, what has gone to another supply is due there.
    Two queries.
    """
    by_now = Q(instalments__effective_due_on__lte=on)
    rows = supplies.order_by().filter(under_supervision("", on))
    due = cents(rows.aggregate(total=Sum("instalments__amount", filter=by_now))["total"])
    due -= _moved(supplies, on)
    owed = sum((one.balance for one in unpaid_by_now if one.effective_due_on <= on), Decimal(0))
    return Ratio(due - owed, due)


def _moved(supplies: QuerySet[LandSupply], on: date) -> Decimal:
    """What of the instalments that were due by ``on`` is another supply's since, in yuan."""
    rows = Share.objects.filter(
        under_supervision("instalment__supply__", on),
        moved=True,
        on__lte=on,
        instalment__effective_due_on__lte=on,
        instalment__supply__in=supplies.order_by().values("pk"),
    )
    return cents(rows.aggregate(total=Sum("amount"))["total"])


def boards(supplies: QuerySet[LandSupply], on: date) -> Ratio:
    """Sign boards posted of the supplies under supervision that were handed over. One query."""
    return counts(supplies, on).boards


@dataclass(frozen=True, slots=True)
class Counts:
    """``under``: supplies under supervision; ``first``: the day on which the oldest of all was signed."""

    under: int
    first: date | None
    boards: Ratio


def counts(supplies: QuerySet[LandSupply], on: date) -> Counts:
    """What is counted of all supplies, in one query."""
    here = under_supervision("", on)
    found = supplies.order_by().aggregate(
        under=Count("pk", filter=here),
        first=Min("signed_on"),
        all=Count("pk", filter=here & Q(handed_over_on__lte=on)),
        done=Count("pk", filter=here & Q(handed_over_on__lte=on, board_on__lte=on)),
    )
    return Counts(found["under"], found["first"], ratio(found["done"], found["all"]))


# --- The regime's figures ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measure:
    """An indicator as of a day. ``met`` None: nothing was required, or no figure is."""

    indicator: Indicator
    period: str
    value: Ratio

    @property
    def met(self) -> bool | None:
        if not self.value.all or self.indicator.required is None:
            return None
        return self.value.done * 100 >= self.indicator.required * self.value.all


@dataclass(frozen=True, slots=True)
class Counted:
    """What the indicators are counted from, as of ``on``."""

    on: date
    monthly: bool
    stages: list[Stage]
    visits: list[RequiredVisit]
    collection: Ratio
    boards: Ratio

    def values(self) -> dict[str, tuple[str, Ratio]]:
        """Period and ratio of each indicator, by its code."""
        first, year = date(self.on.year, 1, 1), f"{self.on:%Y}"
        return {
            "visits": (f"{self.on:%Y-%m}" if self.monthly else year, visited(self.visits)),
            "collection": (year, self.collection),
            "start_on_time": (year, on_time(self.stages, Track.START, first, self.on)),
            "completion_on_time": (year, on_time(self.stages, Track.COMPLETION, first, self.on)),
            "boards": (year, self.boards),
        }

    def measures(self) -> list[Measure]:
        """Every indicator of the regime, in the bureau's order; codes that nobody counts are left out."""
        values = self.values()
        rows = Indicator.objects.order_by("order", "code")
        return [Measure(row, *values[row.code]) for row in rows if row.code in values]


def count(supplies: QuerySet[LandSupply], on: date) -> Counted:
    """Everything that the indicators of ``supplies`` need, as of ``on``."""
    numbers, of = terms(), regime()
    found = stages(supplies, date(on.year, 1, 1) - DAY, on, on)
    return Counted(
        on=on,
        monthly=of.visit_rule == Regime.VisitRule.MONTHLY,
        stages=found,
        visits=required_visits(supplies, on, numbers, of, found),
        collection=collection(supplies, on, unpaid_until(supplies, on, on, numbers)),
        boards=boards(supplies, on),
    )


def a_year_before(supplies: QuerySet[LandSupply], on: date, numbers: Terms, of: Regime) -> dict[str, Ratio]:
    """Visits and dates kept as they stood a year before ``on``, by indicator, where any were due."""
    then = _year_before(on)
    first = date(then.year, 1, 1)
    found = stages(supplies, first - DAY, then, then)
    rates = {
        "visits": visited(required_visits(supplies, then, numbers, of, found)),
        "start_on_time": on_time(found, Track.START, first, then),
        "completion_on_time": on_time(found, Track.COMPLETION, first, then),
    }
    return {code: rate for code, rate in rates.items() if rate.all}


def _year_before(on: date) -> date:
    """The 29th of February has the 28th."""
    return on.replace(year=on.year - 1, day=28 if (on.month, on.day) == (2, 29) else on.day)
