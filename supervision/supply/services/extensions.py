"""Extension of start and completion: applied for, reviewed, decided by three different persons.

A pending one changes nothing; an approved one brings new dates and an amendment of the contract.
"""

from __future__ import annotations

import uuid
from datetime import date

from django.db import transaction

from landbureau.accounts.models import User
from supervision.supply import words
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, LandSupply
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import StageState, Track
from supervision.supply.rules.order import unfit_dates
from supervision.supply.services.acts import begin, require_text

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
    if wrong := unfit_dates(begun.now.view, track, new_due_on, new_completion_on):
        raise SupplyError(*wrong)
    who = words.BY_OFFICE if by_office else words.BY_LAND_USER
    return begun.record(
        KindChoice.EXTENSION_APPLIED,
        on=on,
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
    return begun.record(
        KindChoice.EXTENSION_REVIEWED,
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
    event = begun.record(
        KindChoice.EXTENSION_APPROVED,
        track=step.track,
        new_due_on=step.new_due_on,
        new_completion_on=step.new_completion_on,
        cause=step.cause,
        answers=step,
        remark=opinion,
    )
    begun.draft("contract_amendment", event)
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
    return begun.record(
        KindChoice.EXTENSION_REJECTED,
        track=step.track,
        cause=step.cause,
        answers=step,
        remark=require_text(reason, "请写明不予批准的理由。", "reason"),
    )
