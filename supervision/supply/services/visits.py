"""A visit on the site (巡查): one record with its photos, and everything that follows from it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.documents import access
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document
from landbureau.documents.services import issue
from supervision.supply.errors import SupplyError
from supervision.supply.models import DeviationKind, Event, LandSupply, Visit
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import Cause, Finding, StageState
from supervision.supply.rules.looks import (
    DATED,
    Look,
    asks_since,
    findings_for,
    is_late,
    seen_working,
    tracks_to_tell,
)
from supervision.supply.selectors.cards import board_in_use
from supervision.supply.selectors.visits import (
    STARTED_BY,
    entries_for,
    newest,
    situation_on,
    visit_values,
    visitable,
    written_down,
)
from supervision.supply.services.events import OTHER_FORM, append_event, check_day, lock_supply, sent_before
from supervision.supply.services.papers import draft_paper, lock_held, submit_held
from supervision.supply.services.photos import attach_photos
from supervision.supply.transitions import Situation

logger = logging.getLogger(__name__)
CARD = "tracking_card"
BOARD = "sign_board"
BOARD_MISSING = "board_missing"
"""The deviation that is asked by the question about the sign board."""


@dataclass(frozen=True)
class Position:
    """Degrees in CGCS2000; accuracy in m."""

    longitude: Decimal
    latitude: Decimal
    accuracy: int | None = None


@dataclass(frozen=True)
class Sighting:
    """What the officer saw. Area in m², money in yuan.

    ``since``: the day on which what was found began, where it is news; ``started_by``: the sign of a start
    (``selectors.visits.STARTED_BY``); ``answers``: by codes of ``DeviationKind``;
    ``board_up`` None: not asked.
    """

    finding: str
    cause: str = ""
    since: date | None = None
    started_by: str = ""
    developed_area: Decimal | None = None
    invested: Decimal | None = None
    board_up: bool | None = None
    answers: Mapping[str, bool] = field(default_factory=dict)
    companions: str = ""
    remark: str = ""


@transaction.atomic
def record_visit(
    *,
    supply: LandSupply,
    actor: User,
    today: date,
    at: datetime,
    seen: Sighting,
    photos: Sequence[int],
    draft_key: uuid.UUID | None = None,
    position: Position | None = None,
    no_position_reason: str = "",
    request_key: uuid.UUID | None = None,
    on_trouble: Callable[[str], None] = logger.warning,
) -> Event:
    """Record a visit with the photos (keys) of a draft, and do what follows from it; its event.

    What follows: the start, stop or completion that it found, the sign board, deviations, the tracking card,
    documents that waited for it, entries of check lists. A document that cannot be written keeps the visit
    from nothing: ``on_trouble`` is told. The same ``request_key`` again returns the first event. Raises
    ``SupplyError``.
    """
    supply = lock_supply(supply)
    if sent := visit_sent_before(request_key, supply, actor):
        return sent
    if not visitable(actor, today).filter(pk=supply.pk).exists():
        raise SupplyError("您没有巡查这宗供地的权限。")
    on = timezone.localtime(at).date()
    check_day(supply, KindChoice.VISIT, on, today)
    before = situation_on(supply, on)
    look = _look(before, seen, on)
    _require_place(position, no_position_reason)
    lock_held(supply)
    event = append_event(
        supply=supply,
        kind=KindChoice.VISIT,
        on=on,
        actor=actor,
        today=today,
        request_key=request_key,
        finding=seen.finding,
        cause=seen.cause,
        developed_area=seen.developed_area,
        invested=seen.invested,
        remark=seen.remark.strip(),
    )
    visit = Visit.objects.create(
        event=event,
        at=at,
        companions=seen.companions.strip(),
        longitude=position.longitude if position else None,
        latitude=position.latitude if position else None,
        accuracy=position.accuracy if position else None,
        no_position_reason="" if position else no_position_reason.strip(),
        board_up=seen.board_up,
        stopped_since=_stopped_since(before, seen),
        answers=written_down(seen.answers, seen.started_by),
    )
    attach_photos(event=event, keys=photos, draft_key=draft_key, actor=actor)
    _append_what_it_found(event, visit, look, seen, actor, today)
    _append_deviations(event, before, seen, actor, today)
    _submit_what_waited(supply, before, seen, actor, today, on_trouble)
    entries_for(actor, today).filter(supply=supply).update(visit=event)
    if reason := draw_card(event=event, actor=actor, today=today):
        on_trouble(f"跟踪管理卡没有生成：{reason}")
    return event


def _stopped_since(before: Situation, seen: Sighting) -> date | None:
    """Since when work rests: as it was told now, or is known."""
    return (seen.since or before.view.suspended_since) if seen.finding == Finding.STOPPED else None


def own_visit_sent(request_key: uuid.UUID | None, supply: int, actor: User) -> Event | None:
    """The actor's own visit of the supply (by key) that this submission has made already."""
    if request_key is None:
        return None
    rows = Event.objects.filter(request_key=request_key, kind=KindChoice.VISIT, recorded_by=actor)
    sent: Event | None = rows.filter(supply=supply).first()
    return sent


def visit_sent_before(request_key: uuid.UUID | None, supply: LandSupply, actor: User) -> Event | None:
    """The visit that this submission has made already. Raises ``SupplyError``: it was another form's."""
    sent = sent_before(request_key, supply, actor)
    if sent and sent.kind != KindChoice.VISIT:
        raise SupplyError(OTHER_FORM)
    return sent


# --- What the officer saw --------------------------------------------------------------------------------


def _look(before: Situation, seen: Sighting, on: date) -> Look:
    """Raises ``SupplyError`` where the answers do not fit each other, or the facts."""
    view = before.view
    finding = Finding(seen.finding)
    if finding not in findings_for(view):
        raise SupplyError(_does_not_fit(before, on), "finding")
    if is_late(finding, view) and not seen.cause:
        raise SupplyError("请选择原因（初步）。", "cause")
    if seen.since is not None and not asks_since(finding, view):
        raise SupplyError("这个日期已有记录，不必再填。", "since")
    if seen.since is None and finding in DATED and asks_since(finding, view):
        raise SupplyError("请填写日期。", "since")
    if seen.since is not None:
        _require_fitting_day(before, finding, seen.since, on)
    if finding == Finding.STARTED and seen.started_by not in STARTED_BY:
        raise SupplyError("请选择认定开工的依据。", "started_by")
    is_unknown_start = finding == Finding.COMPLETED and view.start.state != StageState.REACHED
    if is_unknown_start and not seen.remark.strip():
        raise SupplyError("没有开工的记录：请在情况说明中写明何时开工，查不到的写“开工日期不明”。", "remark")
    area = before.supply.parcel.area
    if seen.developed_area is not None and area is not None and seen.developed_area > area:
        raise SupplyError(f"不能大于宗地面积 {area:,.2f} m²，请核对单位。", "developed_area")
    unknown = set(seen.answers) - set(DeviationKind.objects.values_list("code", flat=True))
    if unknown:
        raise SupplyError("检查内容已有变动，请重新打开页面。")
    if any(seen.answers.values()) and not seen.remark.strip():
        raise SupplyError("发现问题的，请在情况说明中写明。", "remark")
    return Look(
        on=on,
        finding=finding,
        since=seen.since,
        cause=Cause(seen.cause) if seen.cause else None,
        board_posted=bool(seen.board_up) and not view.handover.board_on,
    )


def _does_not_fit(before: Situation, on: date) -> str:
    view = before.view
    if view.completion.state == StageState.REACHED:
        return f"这宗供地在 {on} 已竣工，请选择“已竣工”，或者先更正竣工记录。"
    if view.start.state == StageState.REACHED:
        return f"这宗供地在 {on} 已开工，请刷新本页后选择在建、停工或者已竣工。"
    return f"这宗供地在 {on} 还没有开工记录，请刷新本页后选择未开工或者已开工。"


def _require_fitting_day(before: Situation, finding: Finding, since: date, on: date) -> None:
    word = {Finding.STARTED: "开工", Finding.STOPPED: "停工", Finding.COMPLETED: "竣工"}[finding]
    if since > on:
        raise SupplyError(f"{word}日期不能晚于巡查日期 {on}。", "since")
    started = before.view.start.reached_on
    if finding == Finding.COMPLETED and started and since < started:
        raise SupplyError(f"竣工日期不能早于开工日期 {started}。", "since")
    working = seen_working(before.facts)
    if finding == Finding.STOPPED and working and since < working:
        raise SupplyError(f"{working} 还在施工（见时间线），停工日期不能早于这一天。", "since")
    if before.facts.signed_on and since < before.facts.signed_on:
        raise SupplyError(f"{word}日期不能早于签订日期 {before.facts.signed_on}。", "since")


def _require_place(position: Position | None, reason: str) -> None:
    if position is None and not reason.strip():
        raise SupplyError("请定位；不能定位的，请说明原因。", "position")


# --- What follows ------------------------------------------------------------------------------------------


def _append_what_it_found(
    event: Event, visit: Visit, look: Look, seen: Sighting, actor: User, today: date
) -> None:
    """What goes back to an earlier day gets an event of that day; on the day itself the visit says it."""
    if look.since is not None and look.since < look.on:
        told = f"{event.on} 巡查时核实"
        if look.finding == Finding.STARTED:
            told += f"：{STARTED_BY[seen.started_by]}"
        append_event(
            supply=event.supply,
            kind=DATED[look.finding].value,
            on=look.since,
            actor=actor,
            today=today,
            cause=seen.cause if look.finding == Finding.STOPPED else "",
            answers=event,
            remark=told,
        )
    if look.board_posted:
        append_event(
            supply=event.supply,
            kind=KindChoice.BOARD,
            on=look.on,
            actor=actor,
            today=today,
            answers=event,
            remark="巡查时见公示牌已悬挂，见巡查照片",
        )


def _append_deviations(event: Event, before: Situation, seen: Sighting, actor: User, today: date) -> None:
    """Those that are not open already; a sign board that is gone is one."""
    codes = [code for code, found in seen.answers.items() if found]
    if seen.board_up is False and before.view.handover.board_on:
        codes.append(BOARD_MISSING)
    still_open = {deviation.deviation for deviation in before.office.deviations}
    for code in codes:
        if code not in still_open:
            append_event(
                supply=event.supply,
                kind=KindChoice.DEVIATION,
                on=event.on,
                actor=actor,
                today=today,
                deviation=code,
                answers=event,
                remark=seen.remark.strip(),
            )


def _submit_what_waited(
    supply: LandSupply,
    before: Situation,
    seen: Sighting,
    actor: User,
    today: date,
    on_trouble: Callable[[str], None],
) -> None:
    """Documents that were held until a visit shows that they are needed (domain.md C.3)."""
    for track in tracks_to_tell(before.view, Finding(seen.finding)):
        try:
            with transaction.atomic():
                submit_held(supply=supply, track=track, actor=actor, today=today)
        except SupplyError as error:
            on_trouble(error.message)


# --- The tracking card and the sign board ------------------------------------------------------------------


def draw_card(*, event: Event, actor: User, today: date) -> str:
    """Draft and issue the tracking card of a visit; why not, or nothing.

    A card that cannot be written keeps no visit from being recorded: it can be made later from the visit.
    """
    if event.document_id:
        return ""
    try:
        with transaction.atomic():
            event.document = _issued(CARD, supply=event.supply, actor=actor, today=today, event=event)
            Event.objects.filter(pk=event.pk).update(document=event.document)
    except (DocumentError, SupplyError) as error:
        logger.warning("no tracking card for visit %s: %s", event.pk, error.message)
        event.document = None
        return error.message
    return ""


@transaction.atomic
def make_card(*, event: Event, actor: User, today: date) -> Document:
    """The tracking card of a visit that has none yet. Raises ``SupplyError``."""
    lock_supply(event.supply)
    event = newest(event)
    if reason := draw_card(event=event, actor=actor, today=today):
        raise SupplyError(f"跟踪管理卡没有生成：{reason}")
    assert event.document is not None
    return event.document


@transaction.atomic
def make_sign_board(*, supply: LandSupply, actor: User, today: date) -> Document:
    """The text of the sign board, to be printed and given to the land user; one as long as it says the same.

    Sent twice, or made again with nothing changed, it is the one that there is. Raises ``SupplyError``.
    """
    supply = lock_supply(supply)
    if board := board_in_use(supply, actor, today):
        return board
    try:
        return _issued(BOARD, supply=supply, actor=actor, today=today, event=None)
    except DocumentError as error:
        raise SupplyError(f"公示牌没有生成：{error.message}") from error


def _issued(kind: str, *, supply: LandSupply, actor: User, today: date, event: Event | None) -> Document:
    """A document that needs nobody's approval, drafted and issued at once.

    Who may not issue it there (a look at a supply of another office, 交叉巡查) leaves that to its own office.
    """
    extra = dict(visit_values(event)) if event else {}
    document = draft_paper(kind=kind, supply=supply, actor=actor, today=today, event=event, extra=extra)
    if document.approved_on and not document.is_issued and access.may(actor, "draft", document):
        document = issue(document=document, actor=actor, today=today)
    return document
