"""What the consequences of all acts are told with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from landbureau.documents.models import Kind as DocumentKind
from supervision.supply import rules
from supervision.supply.models.events import CauseChoice
from supervision.supply.rules import EXEMPT, Kind, Track, View
from supervision.supply.rules.money import ZERO
from supervision.supply.selectors.facts import terms
from supervision.supply.transitions import Situation

LAST = 2**62
"""``order`` of an event that is only supposed: after all others of its day."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """``lines``: what saving does; ``warnings``: what to look at again. Neither: not enough is filled in."""

    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def yuan(amount: Decimal) -> str:
    return f"{amount:,.2f} 元"


def permille(rate: Decimal | None) -> str:
    """``按日1‰``, or nothing where no rate was agreed."""
    return "" if rate is None else f"按日{rate.normalize():f}‰"


def papers(*codes: str) -> str:
    """Titles of documents, as the bureau calls them."""
    titles = dict(DocumentKind.objects.filter(code__in=codes).values_list("code", "title"))
    return "、".join(f"《{titles[code]}》" for code in codes if code in titles)


def delay(stage: rules.DateView, rate: Decimal | None) -> str:
    """``逾期 3 天，违约金 7,704.00 元，按日0.5‰``: of a start or completion that is or was late."""
    if not stage.days_late:
        return "没有逾期"
    told = f"逾期 {stage.days_late} 天"
    if stage.cause in EXEMPT:
        return f"{told}，{CauseChoice(stage.cause.value).label}，不计违约金"
    if stage.damages is None:
        return f"{told}，合同没有约定违约金"
    return f"{told}，违约金 {yuan(stage.damages)}，{permille(rate)}"


def rate_of(now: Situation, track: Track) -> Decimal | None:
    return now.facts.start_rate if track == Track.START else now.facts.completion_rate


def damages_of(now: Situation) -> dict[Track, tuple[Decimal, Decimal]]:
    """Damages of each track as of today and what was paid of them, in yuan; only tracks that have any."""
    owed = {
        Track.PAYMENT: sum((one.damages or ZERO for one in now.view.payment), ZERO),
        Track.START: now.view.start.damages or ZERO,
        Track.COMPLETION: now.view.completion.damages or ZERO,
    }
    paid = dict.fromkeys(Track, ZERO)
    for event in now.facts.of_kind(Kind.DAMAGES):
        paid[event.track or Track.PAYMENT] += event.amount or ZERO
    return {track: (owed[track], paid[track]) for track in Track if owed[track] or paid[track]}


def facts_with(now: Situation, *events: rules.Event) -> rules.Facts:
    """The facts as they would be."""
    added = sorted([*now.facts.events, *events], key=lambda event: (event.on, event.order))
    return replace(now.facts, events=tuple(added))


def view_as_of(facts: rules.Facts, today: date) -> View:
    return rules.view_of(facts, today, terms())


def saying(*lines: str | None, warnings: Iterable[str | None] = ()) -> Consequence:
    return Consequence(tuple(filter(None, lines)), tuple(filter(None, warnings)))
