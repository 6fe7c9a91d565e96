"""The rows behind each figure of the section head's page: counted alike, so that they are as many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from supervision.supply.models import LandSupply
from supervision.supply.rules import PaymentState, Track
from supervision.supply.selectors import indicators
from supervision.supply.selectors.arrears import arrears, unpaid_until
from supervision.supply.selectors.due import COMING_DAYS
from supervision.supply.selectors.facts import terms
from supervision.supply.selectors.indicators import RequiredVisit, Stage
from supervision.supply.selectors.overview import KINDS, coming, unpaid_soon
from supervision.supply.selectors.supervised import under_supervision

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list behind a figure: a supply, what about it, its day, and how it stands."""

    supply: int
    what: str
    due_on: date | None
    done_on: date | None
    colour: str
    word: str
    is_open: bool
    amount: Decimal | None = None
    damages: Decimal | None = None
    days: int | None = None


def rows_behind(name: str, supplies: QuerySet[LandSupply], on: date) -> list[Row]:
    """The rows of a figure, open ones first. ``KeyError``: there is no such figure."""
    rows = BEHIND[name](supplies, on)
    return sorted(rows, key=lambda row: (not row.is_open, row.due_on or date.max, row.supply))


def _overdue(supplies: QuerySet[LandSupply], on: date) -> list[Row]:
    return [
        Row(
            supply=one.supply,
            what=f"第{one.seq}期出让金",
            due_on=one.effective_due_on,
            done_on=None,
            colour="red",
            word="可解除" if one.state == PaymentState.TERMINABLE else "逾期",
            is_open=True,
            amount=one.balance,
            damages=one.damages,
            days=one.days_late,
        )
        for one in arrears(supplies, on, terms())
    ]


def _collected(supplies: QuerySet[LandSupply], on: date) -> list[Row]:
    due = indicators.due_premium(supplies, on)
    owed = {one.instalment: one for one in unpaid_until(supplies, on, on, terms())}
    columns = ("pk", "supply", "seq", "effective_due_on", "settled_on", "amount")
    rows = []
    for pk, supply, seq, due_on, settled_on, amount in due.order_by().values_list(*columns):
        one = owed.get(pk)
        rows.append(
            Row(
                supply=supply,
                what=f"第{seq}期出让金",
                due_on=due_on,
                done_on=None if one or settled_on == date.min else settled_on,
                colour="red" if one and one.is_late else "blue" if one else "green",
                word="未缴清" if one else "已缴清",
                is_open=one is not None,
                amount=one.balance if one else amount,
                damages=one.damages if one else None,
                days=one.days_late if one else None,
            )
        )
    return rows


def _kept(track: Track) -> Callable[[QuerySet[LandSupply], date], list[Row]]:
    goal = KINDS[track.value]

    def rows(supplies: QuerySet[LandSupply], on: date) -> list[Row]:
        due = indicators.stages(supplies, date(on.year, 1, 1), on, on)
        return [_stage_row(one, goal, on) for one in due if one.track == track and one.counts]

    return rows


def _stage_row(one: Stage, goal: str, on: date) -> Row:
    last = one.reached_on or on
    if one.on_time:
        colour, word = "green", f"按期{goal}"
    elif one.reached_on:
        colour, word = "orange", f"逾期{goal}"
    elif one.due_on == on:
        colour, word = "orange", "今天到期"
    else:
        colour, word = "red", f"未{goal}"
    late = max(0, (last - one.due_on).days)
    return Row(one.supply, goal, one.due_on, one.reached_on, colour, word, not one.on_time, days=late or None)


def _visited(supplies: QuerySet[LandSupply], on: date) -> list[Row]:
    counted = indicators.count(supplies, on)
    return [
        Row(
            supply=one.supply,
            what=f"{KINDS[one.track]}阶段巡查" if one.track else "当月巡查",
            due_on=one.due_on,
            done_on=one.done_on if one.track else None,
            colour="green" if one.done else "red" if one.due_on < on else "orange",
            word=_visit_word(one, on),
            is_open=not one.done,
        )
        for one in counted.visits
    ]


def _visit_word(one: RequiredVisit, on: date) -> str:
    if one.done_on:
        return "已巡查"
    if one.reached:
        return f"已{KINDS[one.track]}"
    return "未巡查" if one.due_on < on else "待巡查"


def _boards(supplies: QuerySet[LandSupply], on: date) -> list[Row]:
    rows: Any = supplies.filter(under_supervision("", on), handed_over_on__lte=on)
    found = []
    for supply, handed_over_on, board_on in rows.order_by().values_list("pk", "handed_over_on", "board_on"):
        up = board_on is not None and board_on <= on
        word = "已悬挂" if up else "未悬挂"
        found.append(
            Row(
                supply,
                "交地后悬挂公示牌",
                handed_over_on,
                board_on if up else None,
                "green" if up else "orange",
                word,
                not up,
            )
        )
    return found


def _coming(supplies: QuerySet[LandSupply], on: date) -> list[Row]:
    found = indicators.stages(supplies, on, on + COMING_DAYS * DAY, on)
    return [
        Row(one.supply, one.what, one.due_on, None, "blue", KINDS[one.kind], True, amount=one.amount)
        for one in coming(unpaid_soon(supplies, on, terms()), found, on)
    ]


BEHIND = {
    "overdue": _overdue,
    "collection": _collected,
    "start": _kept(Track.START),
    "completion": _kept(Track.COMPLETION),
    "visits": _visited,
    "boards": _boards,
    "due": _coming,
}
"""The figures of the page by their names in addresses."""
