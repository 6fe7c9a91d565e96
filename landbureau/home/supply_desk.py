"""Supplies on the desk beside the to-dos: figures for who heads, the last sweep, what falls due this week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from landbureau.accounts.models import User
from landbureau.accounts.selectors import scopes_for
from supervision.supply.models import LandSupply
from supervision.supply.selectors import indicators, regime, terms
from supervision.supply.selectors.arrears import total
from supervision.supply.selectors.due import COMING_DAYS
from supervision.supply.selectors.indicators import Ratio
from supervision.supply.selectors.overview import KINDS, coming, debtors, unpaid_soon
from supervision.supply.selectors.sweeps import LastSweep, last_sweep
from supervision.supply.templatetags.supply_office import wan

DAY = timedelta(days=1)


@dataclass(frozen=True)
class SupplyFigures:
    """What the head of the desk says of supplies; money in yuan, ``coming`` by kind in words."""

    balance: Decimal
    damages: Decimal
    debtors: int
    coming: Mapping[str, int]
    coming_supplies: int
    visits: Ratio
    monthly: bool

    @property
    def coming_total(self) -> int:
        return sum(self.coming.values())

    @property
    def late_words(self) -> str:
        return f"{self.debtors} 宗　违约金 {wan(self.damages)} 万元"

    @property
    def coming_note(self) -> str:
        return f"{self.coming_supplies} 宗：{self.coming_words}" if self.coming_total else "没有到期的"

    @property
    def visits_label(self) -> str:
        return "本月巡查" if self.monthly else "本年巡查"

    @property
    def visits_of(self) -> str:
        return f"/ {self.visits.all} 次"

    @property
    def visits_words(self) -> str:
        return f"还差 {self.visits.open} 次" if self.visits.open else "没有欠下的"

    @property
    def coming_words(self) -> str:
        return "　".join(f"{word} {count}" for word, count in self.coming.items())


def supply_figures(user: User, today: date) -> SupplyFigures | None:
    """For who approves in a section or decides for the bureau; None: for others. Eleven queries."""
    if not (scopes_for(user, "approve_supply") or scopes_for(user, "decide_extension")):
        return None
    supplies: QuerySet[LandSupply] = LandSupply.objects.visible_to(user)
    numbers, of = terms(), regime()
    found = indicators.stages(supplies, date(today.year, 1, 1) - DAY, today + COMING_DAYS * DAY, today)
    open_money = unpaid_soon(supplies, today, numbers)
    late = [one for one in open_money if one.is_late]
    ahead = coming(open_money, found, today)
    counts = Counter(one.kind for one in ahead)
    balance, damages = total(late)
    return SupplyFigures(
        balance=balance,
        damages=damages,
        debtors=len(debtors(late)),
        coming={word: counts[kind] for kind, word in KINDS.items()},
        coming_supplies=len({one.supply for one in ahead}),
        visits=indicators.visited(indicators.required_visits(supplies, today, numbers, of, found)),
        monthly=of.visit_rule == of.VisitRule.MONTHLY,
    )


def sweep_panel(user: User, today: date) -> LastSweep | None:
    """The last sweep in the person's scope; None: it is nothing to this person, or never ran."""
    return last_sweep(user, today) if scopes_for(user, "view_notice") else None


def due_by_day(user: User, first: date, last: date, today: date) -> dict[date, str]:
    """What falls due on the days of the week, in words: ``缴款 2　开工 1``. For who sees supplies."""
    if not scopes_for(user, "view_supply"):
        return {}
    supplies: QuerySet[LandSupply] = LandSupply.objects.visible_to(user)
    found: Any = coming(
        unpaid_soon(supplies, today, terms()), indicators.stages(supplies, first, last, today), today
    )
    days: dict[date, Counter[str]] = {}
    for one in found:
        if first <= one.due_on <= last:
            days.setdefault(one.due_on, Counter())[KINDS[one.kind]] += 1
    return {
        on: "　".join(f"{word} {counts[word]}" for word in KINDS.values() if counts[word])
        for on, counts in days.items()
    }
