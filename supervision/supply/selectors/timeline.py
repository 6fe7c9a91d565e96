"""The timeline of a supply: what happened, was put right, was told to whom; and who may put it right."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.documents.models import Document, Step
from supervision.supply import access
from supervision.supply.models import Correction, Event, LandSupply, Notice, Photo
from supervision.supply.models.events import KindChoice as K
from supervision.supply.selectors.notices import times_of

TOLD = (Step.Action.ISSUED, Step.Action.SERVED, Step.Action.CORRECTED, Step.Action.VOIDED)
"""Steps of a document that belong to the life of the supply."""
COLOURS = {
    K.PAYMENT: "green",
    K.DAMAGES: "green",
    K.REFUND: "orange",
    K.DEMAND: "red",
    K.HANDOVER: "green",
    K.BOARD: "green",
    K.START: "green",
    K.RESUME: "green",
    K.COMPLETION: "green",
    K.ACCEPTANCE: "green",
    K.STOP: "orange",
    K.DETERMINATION: "red",
    K.DETERMINATION_PROPOSED: "red",
    K.TERMINATION: "red",
    K.TERMINATION_PROPOSED: "red",
    K.TAKE_BACK: "red",
    K.TO_BRIGADE: "red",
    K.DEVIATION: "orange",
    K.EXTENSION_APPROVED: "blue",
    K.EXTENSION_APPLIED: "blue",
}
NOT_FOUND = "not_started"
AMOUNT = re.compile(r"\d{1,14}(\.\d{1,3})?")
AMOUNTS = {"成交价款", "定金", "每期违约金上限", "固定资产投资额", "应动工开发面积", "面积"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline. ``on``: the day of the fact; ``noted``: when it was entered.

    ``void``: corrected or withdrawn, with ``reason``; ``pk``: of the event, 0: it is none.
    """

    on: date
    at: datetime
    title: str
    detail: str = ""
    colour: str = ""
    who: str = ""
    noted: str = ""
    void: bool = False
    reason: str = ""
    url: str = ""
    pk: int = 0
    changes: tuple[tuple[str, str, str], ...] = ()
    may_correct: bool = False

    @property
    def shows_time(self) -> bool:
        at = timezone.localtime(self.at)
        return at.date() == self.on and at.time() != time()


def timeline_of(
    supply: LandSupply,
    events: Sequence[Event],
    corrections: Sequence[Correction],
    notices: Sequence[Notice],
    documents: Sequence[Any],
    deviations: dict[str, str],
    photos: Sequence[Photo],
    may_correct: Correcting,
) -> list[Line]:
    """Newest first, by the day of the fact and then the time at which it became known."""
    counts: dict[int | None, int] = defaultdict(int)
    for photo in photos:
        counts[photo.event_id] += 1
    lines = [_event_line(event, deviations, counts[event.pk], may_correct) for event in events]
    lines += [_correction_line(one) for one in corrections]
    times = times_of(notices)
    lines += [_notice_line(one, times.get(one.pk, 1)) for one in notices]
    for document in documents:
        lines += [_step_line(document, step) for step in document.steps.all() if step.action in TOLD]
    if supply.signed_on:
        at = timezone.make_aware(datetime.combine(supply.signed_on, time()))
        lines.append(Line(supply.signed_on, at, f"签订{supply.contract_title}", supply.contract_number))
    return sorted(lines, key=lambda line: (line.on, line.at, line.pk), reverse=True)


def title_of(event: Event, deviations: dict[str, str]) -> str:
    """What happened, in a few words."""
    kind = event.get_kind_display()
    track = event.get_track_display() if event.track else ""
    match event.kind:
        case K.PAYMENT | K.REFUND | K.DAMAGES:
            part = (
                f"（第{event.seq}期）"
                if event.seq
                else f"（{track}）"
                if track and event.kind == K.DAMAGES
                else ""
            )
            return f"{kind} {event.amount:,.2f} 元{part}"
        case K.DEMAND:
            return f"催缴送达（第{event.seq}期）" if event.seq else "催缴送达"
        case K.VISIT:
            return f"巡查：{event.get_finding_display() if event.finding else '未见开工、竣工'}"
        case K.DETERMINATION | K.DETERMINATION_PROPOSED | K.DETERMINATION_RETURNED:
            word = {K.DETERMINATION: "认定", K.DETERMINATION_PROPOSED: "提出"}.get(K(event.kind), "退回")
            return f"{word}{track}违约{'认定' if word != '认定' else ''}"
        case K.EXTENSION_APPLIED | K.EXTENSION_APPROVED | K.EXTENSION_REJECTED | K.EXTENSION_REVIEWED:
            return f"{track}{kind}"
        case K.DEVIATION | K.DEVIATION_FOLLOWED:
            return f"{kind}：{deviations.get(event.deviation, event.deviation)}" if event.deviation else kind
        case K.TRANSFER:
            return "部分转让、分割" if event.partial else "整宗转让变更"
        case _:
            return kind


def facts_in_words(event: Event, photos: int = 0) -> str:
    """The rest of what an event says."""
    said = [
        f"原因：{event.get_cause_display()}" if event.cause else "",
        f"新约定日期 {event.new_due_on}" if event.new_due_on else "",
        f"竣工改为 {event.new_completion_on}" if event.new_completion_on else "",
        f"已开发 {event.developed_area:,.2f} m²" if event.developed_area is not None else "",
        f"已投资 {event.invested:,.2f} 元" if event.invested is not None else "",
        "已处理完毕" if event.settles else "",
        event.remark,
        f"照片 {photos} 张" if photos else "",
    ]
    return "；".join(filter(None, said))


def _event_line(event: Event, deviations: dict[str, str], photos: int, may_correct: Correcting) -> Line:
    entered = timezone.localtime(event.recorded_at)
    follower = getattr(event, "corrected_by", None) if not event.in_force else None
    title = title_of(event, deviations)
    if event.withdrawn:
        title = f"撤销：{title}"
    elif event.corrects_id:
        title = f"更正为：{title}"
    colour = COLOURS.get(K(event.kind), "")
    if event.kind == K.VISIT:
        colour = (
            "red" if event.finding in (NOT_FOUND, "") else "orange" if event.finding == "stopped" else "green"
        )
    return Line(
        on=event.on,
        at=event.recorded_at,
        title=title,
        detail=facts_in_words(event, photos),
        colour="" if not event.in_force else colour,
        who=str(event.recorded_by) if event.recorded_by else "导入或系统",
        noted="" if entered.date() == event.on else f"{entered:%Y-%m-%d %H:%M} 登记",
        void=not event.in_force and not event.withdrawn,
        reason=event.reason or _why(follower),
        pk=event.pk,
        may_correct=event.in_force and may_correct(event),
    )


def _why(follower: Event | None) -> str:
    if follower is None:
        return ""
    return f"{'已撤销' if follower.withdrawn else '已更正'}：{follower.reason}"


def _correction_line(one: Correction) -> Line:
    return Line(
        on=timezone.localtime(one.made_at).date(),
        at=one.made_at,
        title=f"更正{one.content_type.name}资料（原值保留）",
        who=str(one.made_by) if one.made_by else "系统",
        reason=one.reason,
        changes=changes_of(one),
    )


def changes_of(one: Correction) -> tuple[tuple[str, str, str], ...]:
    """Name, old and new value of each column that was put right."""
    return tuple((name, _shown(name, old), _shown(name, new)) for name, old, new in one.changes)


def _shown(name: str, value: str) -> str:
    """Amounts and areas with thousands separators, as elsewhere on the page."""
    return f"{Decimal(value):,.2f}" if name in AMOUNTS and AMOUNT.fullmatch(value) else value


def _notice_line(one: Notice, times: int) -> Line:
    at = one.sweep.began_at
    if timezone.localdate(at) != one.found_on:  # computed for another day: at what time says nothing
        at = timezone.make_aware(datetime.combine(one.found_on, time()))
    which = f"（第{one.instalment.seq}期）" if one.instalment else ""
    again = f"，第 {times} 次" if times > 1 else ""
    closed = f"{one.closed_on} {one.closed_because}" if one.closed_on else ""
    due = f"约定 {one.due_on}" if one.due_on else ""
    return Line(
        on=one.found_on,
        at=at,
        title=f"{one.kind}{which}{again}",
        detail="；".join(filter(None, (due, closed))),
        who="每日扫描",
    )


def _step_line(document: Document, step: Step) -> Line:
    number = f" {document.number}" if document.number else ""
    colour = "blue" if step.action == Step.Action.ISSUED else "green"
    on = timezone.localtime(step.at).date()
    word = "签发" if step.action == Step.Action.ISSUED else step.get_action_display()
    if step.action == Step.Action.SERVED and document.served_on:
        on = document.served_on
    return Line(
        on=on,
        at=step.at,
        title=f"{word}《{document.title}》{number}",
        detail=step.reason,
        colour="" if step.action == Step.Action.VOIDED else colour,
        who=str(step.actor) if step.actor else "系统",
        url=document.get_absolute_url(),
    )


# --- Who may correct what ------------------------------------------------------------------------------

OF_OFFICERS = {K.VISIT, K.BOARD, K.BOARD_GIVEN, K.DEVIATION, K.DEVIATION_FOLLOWED}


class Correcting:
    """Whether ``user`` may put an event of ``supply`` right or withdraw it; each permission is asked once."""

    def __init__(self, user: User, supply: LandSupply) -> None:
        self.user, self.supply = user, supply
        self.known: dict[str, bool] = {}

    def __call__(self, event: Event) -> bool:
        kind = K(event.kind)
        if kind in (K.BRIGADE_ACCEPTED, K.TO_BRIGADE):
            return False
        if kind in access.DECISIONS:
            return self._holds(access.DECISIONS[kind])
        return self._holds("update_supply") or (kind in OF_OFFICERS and self._holds("update_visit"))

    def _holds(self, codename: str) -> bool:
        if codename not in self.known:
            self.known[codename] = access.may(self.user, codename, self.supply)
        return self.known[codename]
