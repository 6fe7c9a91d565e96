"""The section head's page: what is overdue, what falls due, whether dates are kept, who has how much open.

All as of a day, in queries whose number does not grow; the rows behind each figure are in ``behind``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from landbureau.accounts.models import Township, User
from supervision.supply.models import LandSupply, Notice, NoticeKind, Regime
from supervision.supply.rules import PaymentState, Terms, Track
from supervision.supply.selectors import indicators
from supervision.supply.selectors.arrears import Unpaid, total, unpaid_until
from supervision.supply.selectors.due import COMING_DAYS, open_stages
from supervision.supply.selectors.facts import regime, terms
from supervision.supply.selectors.indicators import Ratio, RequiredVisit, Stage, ratio
from supervision.supply.selectors.notices import act_by
from supervision.supply.selectors.supervised import inside, officers_of

DAY = timedelta(days=1)
MONTHS = 12
SHOWN = 5  # of the longest list
YEARS_BACK = 4
KINDS = {"payment": "缴款", Track.START.value: "开工", Track.COMPLETION.value: "竣工"}


# --- Overdue money --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Debtor:
    """A supply with everything that is late of it; money in yuan, the days of the oldest."""

    supply: int
    instalments: list[Unpaid] = field(default_factory=list)

    @property
    def balance(self) -> Decimal:
        return total(self.instalments)[0]

    @property
    def damages(self) -> Decimal:
        return total(self.instalments)[1]

    @property
    def days_late(self) -> int:
        return max(one.days_late for one in self.instalments)

    @property
    def terminable(self) -> bool:
        return any(one.state == PaymentState.TERMINABLE for one in self.instalments)


def debtors(late: Iterable[Unpaid]) -> list[Debtor]:
    """By supply, the largest debt first."""
    found: dict[int, Debtor] = {}
    for one in late:
        found.setdefault(one.supply, Debtor(one.supply)).instalments.append(one)
    return sorted(found.values(), key=lambda debtor: (-debtor.balance, debtor.supply))


# --- What falls due -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that falls due and is not done: ``kind`` of ``KINDS``."""

    supply: int
    kind: str
    what: str
    due_on: date
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Week:
    first: date
    last: date
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


def coming(open_money: Iterable[Unpaid], found: Iterable[Stage], on: date) -> list[Coming]:
    """What of these falls due from ``on`` within ``COMING_DAYS`` and is still open, by day."""
    last = on + COMING_DAYS * DAY
    payments = [
        Coming(one.supply, "payment", f"第{one.seq}期出让金", one.effective_due_on, one.balance)
        for one in open_money
        if on <= one.effective_due_on <= last
    ]
    goals = [
        Coming(one.supply, one.track, KINDS[one.track], one.due_on)
        for one in found
        if on <= one.due_on <= last and one.reached_on is None and one.ended_on is None
    ]
    return sorted([*payments, *goals], key=lambda one: (one.due_on, one.kind, one.supply))


def weeks(found: Iterable[Coming], on: date) -> list[Week]:
    """How much of each kind falls due in each week, from ``on``; weeks end on Sunday."""
    last = on + COMING_DAYS * DAY
    counts: dict[date, dict[str, int]] = {}
    first = on
    while first <= last:
        counts[first] = dict.fromkeys(KINDS, 0)
        first += (7 - first.weekday()) * DAY
    for one in found:
        counts[max(on, one.due_on - one.due_on.weekday() * DAY)][one.kind] += 1
    return [
        Week(first, min(last, first + (6 - first.weekday()) * DAY), tuple(each.values()))
        for first, each in counts.items()
    ]


# --- Trend ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Month:
    """The rates of the twelve months that end with this one."""

    last: date
    start: Ratio
    completion: Ratio


def trend(found: list[Stage], on: date) -> list[Month]:
    """The last twelve months, each with the twelve before its end; the current month to ``on``."""
    months = []
    for back in range(MONTHS - 1, -1, -1):
        last = on if back == 0 else _first_of_month(on, back - 1) - DAY
        first = _first_of_month(last, MONTHS - 1)
        months.append(
            Month(
                last,
                indicators.on_time(found, Track.START, first, last),
                indicators.on_time(found, Track.COMPLETION, first, last),
            )
        )
    return months


def _first_of_month(on: date, back: int) -> date:
    """The first day of the month ``back`` months before that of ``on``."""
    months = on.year * 12 + on.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


# --- Visits ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TownshipVisits:
    township: Township | None
    value: Ratio


def by_township(visits: Iterable[RequiredVisit], townships: dict[int, Township]) -> list[TownshipVisits]:
    """Visits of each township, in the order of the route; those without a township last."""
    counts: dict[int | None, list[int]] = defaultdict(lambda: [0, 0])
    for visit in visits:
        counts[visit.township][0] += visit.done
        counts[visit.township][1] += 1
    order = {pk: place for place, pk in enumerate(townships)}
    return [
        TownshipVisits(townships.get(pk) if pk else None, ratio(*counts[pk]))
        for pk in sorted(counts, key=lambda pk: order.get(pk or 0, len(order)))
    ]


# --- Who has how much -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Load:
    """What is open with a person; ``person`` None: with the section itself."""

    person: User | None
    open: int = 0
    overdue: int = 0
    this_week: int = 0
    longest: int = 0


def workload(supplies: QuerySet[LandSupply], on: date) -> list[Load]:
    """Open notices by who has to act: the officer, or the section. Most overdue first. Three queries."""
    columns = ("supply", "kind", "track", "kind__doer", "due_on")
    rows = list(Notice.objects.open().order_by().values_list(*columns))
    seen = inside(supplies, {row[0] for row in rows})
    rows = [row for row in rows if row[0] in seen]
    people = officers_of({row[0] for row in rows if row[3] == NoticeKind.Doer.OFFICER})
    end_of_week = on + (6 - on.weekday()) * DAY
    loads: dict[int | None, Load] = {}
    for supply, kind, track, doer, due_on in rows:
        person = people.get(supply) if doer == NoticeKind.Doer.OFFICER else None
        load = loads.setdefault(person.pk if person else None, Load(person))
        load.open += 1
        day = act_by(kind, track, due_on)
        if day is None:
            continue
        if day < on:
            load.overdue += 1
            load.longest = max(load.longest, (on - day).days)
        elif day <= end_of_week:
            load.this_week += 1
    return sorted(
        loads.values(),
        key=lambda load: (load.person is not None, -load.overdue, -load.open, str(load.person)),
    )


# --- The page -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Overview:
    """Everything on the page, as of ``on``; ``names``: the supplies that are named on it; ``first``: the day
    on which the oldest supply was signed; ``missed``: the supplies whose start or completion is overdue, by
    stage; ``before``: the rates of the same day a year ago, by indicator, where anything was required."""

    on: date
    count: int
    first: date | None
    counted: indicators.Counted
    late: list[Unpaid]
    coming: list[Coming]
    months: list[Month]
    townships: list[TownshipVisits]
    loads: list[Load]
    measures: dict[str, indicators.Measure]
    names: dict[int, LandSupply]
    missed: dict[str, set[int]]
    before: dict[str, Ratio]

    @property
    def debtors(self) -> list[Debtor]:
        return debtors(self.late)

    @property
    def overdue(self) -> dict[str, int]:
        """How many supplies are late, by ``KINDS``: the presets of the list show them."""
        return {"payment": len(self.debtors)} | {track: len(keys) for track, keys in self.missed.items()}

    @property
    def overdue_supplies(self) -> int:
        return len({one.supply for one in self.late}.union(*self.missed.values()))

    @property
    def coming_supplies(self) -> int:
        return len({one.supply for one in self.coming})

    @property
    def weeks(self) -> list[Week]:
        return weeks(self.coming, self.on)


def overview(supplies: QuerySet[LandSupply], on: date) -> Overview:
    """The page for these supplies: what is overdue, due, kept, visited, and with whom it is."""
    numbers, of = terms(), regime()
    found = indicators.stages(supplies, _first_of_month(on, 2 * MONTHS), on + COMING_DAYS * DAY, on)
    open_money = unpaid_soon(supplies, on, numbers)
    late = [one for one in open_money if one.is_late]
    counts = indicators.counts(supplies, on)
    counted = indicators.Counted(
        on=on,
        monthly=of.visit_rule == Regime.VisitRule.MONTHLY,
        stages=found,
        visits=indicators.required_visits(supplies, on, numbers, of, found),
        collection=indicators.collection(supplies, on, open_money),
        boards=counts.boards,
    )
    townships = {one.pk: one for one in Township.objects.all()}
    return Overview(
        on=on,
        count=counts.under,
        first=counts.first,
        counted=counted,
        late=late,
        coming=coming(open_money, found, on),
        months=trend(found, on),
        townships=by_township(counted.visits, townships),
        loads=workload(supplies, on),
        measures={one.indicator.code: one for one in counted.measures()},
        names=named([debtor.supply for debtor in debtors(late)[:SHOWN]]),
        missed=_missed(supplies, on),
        before=indicators.a_year_before(supplies, on, numbers, of),
    )


def _missed(supplies: QuerySet[LandSupply], on: date) -> dict[str, set[int]]:
    rows = list(open_stages(on, on - DAY).values_list("track", "supply"))
    seen = inside(supplies, {supply for _, supply in rows})
    return {
        track.value: {supply for of, supply in rows if of == track and supply in seen}
        for track in (Track.START, Track.COMPLETION)
    }


def unpaid_soon(supplies: QuerySet[LandSupply], on: date, numbers: Terms) -> list[Unpaid]:
    """What is unpaid and due by ``on`` or within ``COMING_DAYS``."""
    return unpaid_until(supplies, on + COMING_DAYS * DAY, on, numbers)


def named(keys: Collection[int]) -> dict[int, LandSupply]:
    """These supplies with what names them: land user, township. One query."""
    rows = LandSupply.objects.filter(pk__in=keys).select_related("land_user", "parcel__township")
    return {row.pk: row for row in rows}


def first_year(signed_on: date | None, today: date) -> int:
    """The first year that the page offers; ``signed_on``: the day of the oldest supply."""
    return max(today.year - YEARS_BACK, signed_on.year) if signed_on else today.year
