"""Events of a sheet beside those that the system has: which are the same, which cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from landbureau.imports.targets import Row
from supervision.supply.models import Event
from supervision.supply.models.events import MONEY_KINDS, FindingChoice, KindChoice, TrackChoice
from supervision.supply.rules.facts import CLOSING, SHOWS_START
from supervision.supply.selectors.facts import JUDGED
from supervision.supply.services.events import AFTER_THE_END

Identity = tuple[Any, ...]  # kind, day, stage, instalment, amount, which one of several that are alike
IGNORES_TRACK = {KindChoice.PAYMENT, KindChoice.REFUND, KindChoice.DEMAND}
PART_WORD, PART_REMARK = "部分", "部分转让"
SHOWS = {finding.value for finding in SHOWS_START}
CLOSES = {kind.value for kind in CLOSING}
KEEP = "照此登记"


@dataclass(eq=False)
class Site:
    """A supply as events see it. ``pk`` None: it comes with the same file. ``seqs``: its instalments."""

    number: str
    supervision_number: str
    contract_number: str
    pk: int | None
    signed_on: date | None
    seqs: set[int]
    deposit: Decimal | None = None
    section: int | None = None
    held: list[Event] = field(default_factory=list)  # in force, in the order in which they happened
    replaced: Counter[Identity] = field(
        default_factory=Counter
    )  # corrected or withdrawn, without the last part


def identity_of(values: Mapping[str, Any] | Event) -> Identity:
    """What tells events of a supply apart, without the number among those that are alike."""
    track: str | None
    if isinstance(values, Event):
        kind, on, track, seq, amount = values.kind, values.on, values.track, values.seq, values.amount
    else:
        kind, on = values["kind"], values["on"]
        track, seq, amount = (values.get(name) for name in ("track", "seq", "amount"))
    if kind in IGNORES_TRACK and track == TrackChoice.PAYMENT:
        track = ""
    return str(kind), on, track or "", seq, amount


def remark_of(event: Event) -> str:
    """As the table has it: with the word for a transfer of a part."""
    remark = event.remark
    if event.partial and PART_WORD not in remark:
        return f"{PART_REMARK}。{remark}" if remark else PART_REMARK
    return remark


def values_of(event: Event) -> dict[str, Any]:
    """As the columns have it, the numbers of the supply apart."""
    return {
        "kind": event.kind,
        "on": event.on,
        "track": identity_of(event)[2] or None,
        "seq": event.seq,
        "amount": event.amount,
        "new_due_on": event.new_due_on,
        "new_completion_on": event.new_completion_on,
        "cause": event.cause or None,
        "finding": event.finding or None,
        "developed_area": event.developed_area,
        "invested": event.invested,
        "remark": remark_of(event),
    }


def read_events(sites: Mapping[int, Site], part: list[int], *, lock: bool) -> None:
    """Put the events of these supplies with them, in one query."""
    rows = Event.objects.filter(supply__in=part, kind__in=JUDGED, withdrawn=False).order_by("on", "pk")
    if lock:
        rows = rows.select_for_update(of=("self",))
    events = list(rows)
    successors = {event.corrects_id: event for event in events if event.corrects_id}
    for event in events:
        site = sites[event.supply_id]
        if event.in_force:
            site.held.append(event)
            continue
        last = event
        while last.pk in successors:
            last = successors[last.pk]
        if not last.in_force or identity_of(last) != identity_of(event):
            site.replaced[identity_of(event)] += 1


class Numbering:
    """Numbers events of a supply that are alike: the n-th of a sheet is the n-th that the system has."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, Identity]] = Counter()

    def next(self, number: str, identity: Identity) -> Identity:
        self.counts[number, identity] += 1
        return (*identity, self.counts[number, identity])


def held_by_identity(site: Site) -> dict[Identity, Event]:
    numbering = Numbering()
    return {numbering.next("", identity_of(event)): event for event in site.held}


# --- What a row must say, and what cannot have happened ---------------------------------------------------


def check_row(row: Row, site: Site) -> None:
    """What this kind of event needs."""
    values = row.values
    kind = values["kind"]
    if kind in MONEY_KINDS:
        if values.get("amount") is None:
            row.error("amount", "required", f"“{KindChoice(kind).label}”要有金额。")
        elif not values["amount"]:
            row.error("amount", "out_of_range", "金额应大于 0。")
    if kind == KindChoice.EXTENSION_APPROVED and not (
        values.get("new_due_on") or values.get("new_completion_on")
    ):
        row.error("new_due_on", "required", "“延期批准”要有新约定日期。")
    if (seq := values.get("seq")) and seq not in site.seqs:
        there = "、".join(f"第{number}期" for number in sorted(site.seqs)) or "没有分期"
        row.error("seq", "unknown_instalment", f"这宗供地没有第 {seq} 期（{there}）。")
    finding = values.get("finding")
    if finding == FindingChoice.NOT_STARTED and kind in (KindChoice.START, KindChoice.COMPLETION):
        row.error("finding", "contradiction", f"事项是“{KindChoice(kind).label}”，巡查结果却是“未开工”。")


@dataclass(frozen=True, slots=True)
class Happened:
    """``row`` None: the system has it."""

    kind: str
    on: date
    finding: str | None
    closes: bool
    row: Row | None
    amount: Decimal | None = None

    @property
    def where(self) -> str:
        return f"第 {self.row.number} 行" if self.row else "系统中已登记"


def of_event(event: Event) -> Happened:
    closes = event.kind in CLOSES and not event.partial
    return Happened(event.kind, event.on, event.finding, closes, None, event.amount)


def of_row(row: Row) -> Happened:
    values = row.values
    closes = values["kind"] in CLOSES and not is_partial(values)
    return Happened(values["kind"], values["on"], values.get("finding"), closes, row, values.get("amount"))


def is_partial(values: Mapping[str, Any]) -> bool:
    return values["kind"] == KindChoice.TRANSFER and PART_WORD in (values.get("remark") or "")


def check_order(site: Site, fresh: Sequence[Row], today: date) -> None:
    """Judge the new rows of a supply against all that happened there, by the system and by the sheet."""
    happened = [of_event(event) for event in site.held] + [of_row(row) for row in fresh]
    happened.sort(key=lambda one: one.on)
    end = next((one for one in happened if one.closes), None)
    finished = next(
        (one for one in happened if KindChoice.COMPLETION in (one.kind, finding_as_kind(one))), None
    )
    for row in fresh:
        kind, on = row.values["kind"], row.values["on"]
        if end and on > end.on and kind not in AFTER_THE_END:
            row.error(
                "on", "after_the_end", f"这宗供地已于 {end.on} 终止监管（{end.where}），此后只能登记款项。"
            )
        if kind == KindChoice.START and finished and on > finished.on:
            row.error("on", "start_after_completion", f"开工不能晚于竣工 {finished.on}（{finished.where}）。")
        if KindChoice.COMPLETION in (kind, finding_as_kind(of_row(row))):
            _check_completion(row, site, happened, is_first=finished is not None and finished.row is row)
        if on > today:
            _ask(row, "on", "future_date", f"日期 {on} 晚于今天，是否就是这一天？", "就是这一天，照此登记")
    _check_refunds(site, happened)


def _check_refunds(site: Site, happened: Sequence[Happened]) -> None:
    """A new row that pays back more than had come: on one day what is paid comes first."""
    moves = (one for one in happened if one.kind in (KindChoice.PAYMENT, KindChoice.REFUND))
    paid = Decimal(0)
    for one in sorted(moves, key=lambda one: (one.on, one.kind == KindChoice.REFUND)):
        amount = one.amount or Decimal(0)
        if one.kind == KindChoice.PAYMENT:
            paid += amount
            continue
        deposit = site.deposit if site.signed_on is None or site.signed_on <= one.on else None
        had = paid + (deposit or Decimal(0))
        if one.row is not None and amount > had:
            paid_by = f"截至 {one.on}，“{site.number}”已缴 {max(had, 0):,.2f} 元"
            message = f"{paid_by}，退款 {amount:,.2f} 元比已缴的多，是否照此登记？"
            _ask(one.row, "amount", "refund_beyond_paid", message, "金额无误，照此登记")
        paid -= amount


def finding_as_kind(one: Happened) -> str:
    return KindChoice.COMPLETION if one.finding == FindingChoice.COMPLETED else ""


def _check_completion(row: Row, site: Site, happened: Sequence[Happened], *, is_first: bool) -> None:
    on = row.values["on"]
    starts = [one for one in happened if one.kind == KindChoice.START or one.finding in SHOWS]
    if any(one.on <= on for one in starts) or not is_first:
        return
    later = [one for one in starts if one.kind == KindChoice.START]
    if later and later[0].row is None:
        message = f"竣工不能早于开工 {later[0].on}（{later[0].where}）。"
        row.error("on", "start_after_completion", message)
    elif not later:
        message = f"“{site.number}”于 {on} 竣工，却没有开工的记录，是否按已开工、日期不明登记？"
        column = "kind" if row.values["kind"] == KindChoice.COMPLETION else "finding"
        _ask(row, column, "completion_without_start", message, "已开工，日期不明")


def _ask(row: Row, column: str, code: str, message: str, words: str) -> None:
    answer = row.ask(column, code, message, KEEP, ((KEEP, words),))
    if answer not in (None, KEEP):
        row.error(column, code, f"答复应为“{KEEP}”；不是的，请在表中改正。")
