"""Extension of start and completion: applied for, reviewed, decided by three different persons.

A pending one changes nothing; an approved one brings new dates and an amendment of the contract.
"""

from __future__ import annotations

import uuid
from datetime import date

from django.db import transaction

from landbureau.accounts.models import User
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, LandSupply
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import StageState, Track
from supervision.supply.services.acts import add_paper, begin, require_text
from supervision.supply.services.events import append_event
from supervision.supply.transitions import Situation

BY_LAND_USER, BY_OFFICE = "用地单位申请", "本单位提出"
AGREES, DISAGREES = "同意", "不同意"


@transaction.atomic
def apply_extension(
    *,
    supply: LandSupply,
    track: Track,
    by_office: bool,
    on: date,
    new_due_on: date,
    new_completion_on: date | None,
    cause: str,
    ground: str,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """Register an application for a later date of ``track``, made on ``on``; ``by_office``: the office's own.

    ``new_completion_on``: beside a new start. Raises ``SupplyError``: the stage is reached, an application
    is pending, dates that are not later or not in order.
    """
    begun = begin("apply_extension", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    if track not in (stage.track for stage in begun.now.extendable):
        raise SupplyError("这个环节已有延期申请正在办理，或者已经完成。", "track")
    if track == Track.COMPLETION:
        new_completion_on = None
    _check_dates(begun.now, track, new_due_on, new_completion_on)
    who = BY_OFFICE if by_office else BY_LAND_USER
    return append_event(
        supply=supply,
        kind=KindChoice.EXTENSION_APPLIED,
        on=on,
        actor=actor,
        today=today,
        request_key=request_key,
        track=track.value,
        new_due_on=new_due_on,
        new_completion_on=new_completion_on,
        cause=cause,
        remark=f"{who}：{require_text(ground, '请写明申请延期的理由。', 'ground')}",
    )


@transaction.atomic
def review_extension(
    *,
    supply: LandSupply,
    step: Event,
    agrees: bool,
    opinion: str,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """The section's opinion on an application; the leader decides. Raises ``SupplyError``."""
    begun = begin(
        "review_extension", supply=supply, actor=actor, today=today, request_key=request_key, step=step
    )
    if begun.sent:
        return begun.sent
    if not agrees:
        opinion = require_text(opinion, "不同意的，请写明理由。", "opinion")
    word = AGREES if agrees else DISAGREES
    return append_event(
        supply=supply,
        kind=KindChoice.EXTENSION_REVIEWED,
        on=today,
        actor=actor,
        today=today,
        request_key=request_key,
        track=step.track,
        answers=step,
        remark=f"{word}：{opinion}" if opinion else word,
    )


@transaction.atomic
def approve_extension(
    *,
    supply: LandSupply,
    step: Event,
    actor: User,
    today: date,
    opinion: str = "",
    request_key: uuid.UUID | None = None,
) -> Event:
    """Approve: the new dates are in force from today; the amendment of the contract is drafted.

    Raises ``SupplyError``: also for who applied or reviewed.
    """
    begun = begin(
        "decide_extension", supply=supply, actor=actor, today=today, request_key=request_key, step=step
    )
    if begun.sent:
        return begun.sent
    track = Track(step.track)
    if begun.now.stage(track).state == StageState.REACHED:
        raise SupplyError("这个环节已经完成，不须延期；请不予批准。")
    if step.new_due_on is None:
        raise SupplyError("申请没有写明新的约定日期；请不予批准，由科室重新受理。")
    event = append_event(
        supply=supply,
        kind=KindChoice.EXTENSION_APPROVED,
        on=today,
        actor=actor,
        today=today,
        request_key=request_key,
        track=step.track,
        new_due_on=step.new_due_on,
        new_completion_on=step.new_completion_on,
        cause=step.cause,
        answers=step,
        remark=opinion,
    )
    add_paper("contract_amendment", supply=begun.now.supply, event=event, actor=actor, today=today, main=True)
    return event


@transaction.atomic
def reject_extension(
    *,
    supply: LandSupply,
    step: Event,
    reason: str,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """Reject: the agreed dates stay as they are. Raises ``SupplyError``."""
    begun = begin(
        "decide_extension", supply=supply, actor=actor, today=today, request_key=request_key, step=step
    )
    if begun.sent:
        return begun.sent
    return append_event(
        supply=supply,
        kind=KindChoice.EXTENSION_REJECTED,
        on=today,
        actor=actor,
        today=today,
        request_key=request_key,
        track=step.track,
        cause=step.cause,
        answers=step,
        remark=require_text(reason, "请写明不予批准的理由。", "reason"),
    )


def _check_dates(now: Situation, track: Track, new_due_on: date, new_completion_on: date | None) -> None:
    agreed = now.stage(track).due_on
    if agreed is not None and new_due_on <= agreed:
        raise SupplyError(f"新的日期须晚于现在约定的 {agreed}。", "new_due_on")
    if track == Track.COMPLETION:
        starts = now.view.start.due_on
        if starts and new_due_on <= starts and now.view.start.state != StageState.REACHED:
            raise SupplyError(f"竣工日期须晚于约定开工日期 {starts}。", "new_due_on")
        return
    completion = now.view.completion.due_on
    if new_completion_on is not None and completion is not None and new_completion_on < completion:
        raise SupplyError(f"新的竣工日期不能早于现在约定的 {completion}。", "new_completion_on")
    last = new_completion_on or completion
    if last is not None and last <= new_due_on:
        raise SupplyError(f"竣工日期须晚于新的开工日期 {new_due_on}，请一并延期。", "new_completion_on")
