"""The list of supplies: conditions of its filters as sets of keys, and what the rows of one page need."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from landbureau.accounts.models import User
from landbureau.accounts.selectors import acting_for
from supervision.supply import words
from supervision.supply.models import LandSupply, Share
from supervision.supply.rules import HandoverState, PaymentState, StageState, Terms, Track
from supervision.supply.selectors.states import instalments_with_state, with_state
from supervision.supply.selectors.sums import cents
from supervision.supply.selectors.supervised import supervised_by, supervisions
from supervision.supply.words import Word

LATE_STATES = {"red", "orange"}


def supplies_for(viewer: User) -> QuerySet[LandSupply]:
    """Those that ``viewer`` sees, the longest waiting first; what waits for nothing comes last."""
    rows: QuerySet[LandSupply] = LandSupply.objects.visible_to(viewer)
    related = rows.select_related("land_user", "parcel__township", "parcel__village")
    return related.order_by(F("urgent_on").asc(nulls_last=True), "number")


# --- Conditions ----------------------------------------------------------------------------------------


def matching(text: str) -> Q:
    """Number, contract, land user or place contains ``text``."""
    return (
        Q(number__icontains=text)
        | Q(contract_number__icontains=text)
        | Q(land_user__name__icontains=text)
        | Q(parcel__location__icontains=text)
    )


def running(today: date) -> Q:
    """Not ended by ``today``."""
    return Q(closed_on=None) | Q(closed_on__gt=today)


def in_states(name: str, states: Collection[str], today: date, terms: Terms) -> Q:
    """Supplies whose ``name`` (a column of ``with_state``) is one of ``states``."""
    if name == "payment_state":
        return _pays(states, today, terms)
    rows: Any = with_state(LandSupply.objects.order_by(), today, terms)
    return Q(pk__in=rows.filter(**{f"{name}__in": states}).values("pk"))


def _pays(states: Collection[str], today: date, terms: Terms) -> Q:
    """By the worst instalment: one is in the state, none in a worse one. What is settled is not asked."""
    rows = instalments_with_state(today, terms).order_by()
    open_rows = rows.filter(settled_on=None)
    found = Q(pk__in=())
    worse: list[str] = []
    for state in words.ORDER:
        source = rows if state == PaymentState.PAID else open_rows
        if state in states:
            here = Q(pk__in=source.filter(state=state).values("supply"))
            found |= here & ~Q(pk__in=open_rows.filter(state__in=worse).values("supply")) if worse else here
        worse.append(state)
    return found


def held_by(people: Iterable[int]) -> Q:
    """Supplies for which one of these persons answers."""
    return Q(pk__in=supervised_by(list(people)).order_by())


def held_by_nobody() -> Q:
    return ~Q(pk__in=supervisions().order_by().values("object_id"))


def mine(viewer: User, today: date) -> Q:
    """One's own, and those of the persons for whom one deputises."""
    return held_by([viewer.pk, *acting_for(viewer, today)])


# --- Rows ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """One track of one row: state, its day, and how far that is away (None: it does not matter any more)."""

    word: Word
    on: date | None = None
    counts_to: date | None = None
    as_of: date | None = None

    @property
    def days(self) -> int | None:
        """Negative: late."""
        if self.counts_to is None or self.as_of is None:
            return None
        return (self.counts_to - self.as_of).days


@dataclass(frozen=True, slots=True)
class Line:
    """What a row shows besides its own columns; ``balance``: yuan to be paid, ``late``: of it too late."""

    payment: Cell
    handover: Cell
    start: Cell
    completion: Cell
    officer: str = ""
    balance: Decimal = field(default=Decimal(0))


def lines_of(supplies: Sequence[LandSupply], today: date, terms: Terms) -> dict[int, Line]:
    """By key, in three queries whatever their number."""
    keys = [supply.pk for supply in supplies]
    states: dict[int, Any] = {
        row.pk: row
        for row in with_state(LandSupply.objects.filter(pk__in=keys).order_by(), today, terms).annotate(
            has_moved=Exists(
                Share.objects.filter(instalment__supply=OuterRef("pk"), moved=True, on__lte=today)
            )
        )
    }
    instalments: dict[int, list[Any]] = {}
    for one in instalments_with_state(today, terms).filter(supply__in=keys).order_by("supply", "seq"):
        instalments.setdefault(one.supply_id, []).append(one)
    officers = dict(
        supervisions()
        .order_by()
        .filter(object_id__in=keys, starts_on__lte=today)
        .values_list("object_id", "user__name")
    )
    return {
        pk: Line(
            payment=_payment(row, instalments.get(pk, []), today),
            handover=_handover(row, today, terms),
            start=_start(row, today),
            completion=_stage(row, Track.COMPLETION, row.completed_on, today),
            officer=officers.get(pk, ""),
            balance=cents(sum((max(one.balance, Decimal(0)) for one in instalments.get(pk, [])), Decimal(0))),
        )
        for pk, row in states.items()
    }


def _payment(row: Any, instalments: Sequence[Any], today: date) -> Cell:
    if not instalments:
        return Cell(words.NO_INSTALMENTS if row.price else words.NO_PRICE)
    worst = min(instalments, key=lambda one: (words.ORDER[one.state], one.due_on or date.max, one.seq))
    word = words.PAYMENT[worst.state]
    if row.ended_on and row.has_moved:
        return Cell(words.MOVED, row.ended_on)
    if worst.state == PaymentState.PAID:
        settled = [one.settled_on for one in instalments if one.settled_on and one.settled_on > date.min]
        return Cell(word, max(settled, default=None))
    if worst.due_on is None:
        return Cell(words.UNKNOWN)
    counts_to = None if worst.state == PaymentState.NOT_DUE else worst.effective_due_on
    return Cell(word, worst.due_on, counts_to, row.ended_on or today)


def _handover(row: Any, today: date, terms: Terms) -> Cell:
    on = row.ended_on or today
    word = words.handover_word(row.handover_state, row.agreed_handover_on, on, terms.remind_days)
    if row.handover_state == HandoverState.BOARD_POSTED:
        return Cell(word, row.board_on)
    if row.handover_state == HandoverState.HANDED_OVER:
        return Cell(word, row.handed_over_on)
    counts_to = row.agreed_handover_on if word[0] in LATE_STATES else None
    return Cell(word, row.agreed_handover_on, counts_to, on)


def _start(row: Any, today: date) -> Cell:
    """Work that stands still is said instead of the start."""
    on = row.ended_on or today
    stopped = row.suspended_since is not None and row.suspended_since <= on
    if stopped and not (row.completed_on and row.completed_on <= on):
        return Cell(("orange", "已停工"), row.suspended_since)
    return _stage(row, Track.START, row.started_on, today)


def _stage(row: Any, track: Track, reached_on: date | None, today: date) -> Cell:
    code, due_on = getattr(row, f"{track.value}_state"), getattr(row, f"{track.value}_due_on")
    word = words.stage_word(code, due_on)
    if code == StageState.REACHED.of(track):
        return Cell(word, reached_on)
    counts_to = None if code == StageState.WAITING.of(track) else due_on
    return Cell(word, due_on, counts_to, row.ended_on or today)


def totals(rows: QuerySet[LandSupply]) -> str:
    """Area and price of ``rows`` in words, in one query."""
    found = rows.order_by().aggregate(area=Sum("parcel__area"), price=Sum("price"))
    area, price = words.hectares(found["area"] or Decimal(0)), cents(found["price"]) / words.WAN
    return f"面积 {area:,.4f} 公顷　价款 {price:,.2f} 万元"
