"""Default: proposed, determined or returned by somebody else, handed to the brigade and accepted there."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import transaction

from landbureau.accounts.models import User
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, LandSupply
from supervision.supply.models.events import CauseChoice, KindChoice, TrackChoice
from supervision.supply.rules import Track
from supervision.supply.services.acts import Begun, begin, require_text
from supervision.supply.services.events import append_event
from supervision.supply.transitions import LATE, Situation

PERFORMANCE = {Track.START: "start_performance", Track.COMPLETION: "completion_performance"}
"""What a land user in default is sent (domain.md C.3)."""


@transaction.atomic
def propose_default(
    *,
    supply: LandSupply,
    track: Track,
    cause: str,
    ground: str,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """Propose that the start or completion is in default, and why. Raises ``SupplyError``."""
    begun = begin("propose_default", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    if track not in (stage.track for stage in begun.now.proposable):
        raise SupplyError(_not_late(begun.now, track), "track")
    if cause not in CauseChoice.values:
        raise SupplyError("请选择原因。", "cause")
    return begun.record(
        KindChoice.DETERMINATION_PROPOSED,
        track=track.value,
        cause=cause,
        remark=require_text(ground, "请写明认定的事实和依据。", "ground"),
    )


@transaction.atomic
def determine_default(
    *,
    supply: LandSupply,
    step: Event,
    actor: User,
    today: date,
    opinion: str = "",
    request_key: uuid.UUID | None = None,
) -> Event:
    """Determine the default that ``step`` proposes, with the documents that follow from its cause.

    The land user's: a performance notice to the user, and a hand-over to the brigade. Raises ``SupplyError``:
    also for the proposer, and where the start or completion is not late any more.
    """
    begun = begin(
        "decide_default", supply=supply, actor=actor, today=today, request_key=request_key, step=step
    )
    if begun.sent:
        return begun.sent
    track = Track(step.track)
    if begun.now.stage(track).state not in LATE:
        raise SupplyError(f"{_not_late(begun.now, track)}请退回。")
    event = begun.record(
        KindChoice.DETERMINATION,
        track=step.track,
        cause=step.cause,
        answers=step,
        remark=opinion or step.remark,
    )
    begun.draft("default_determination", event)
    if step.cause == CauseChoice.LAND_USER:
        begun.draft(PERFORMANCE[track], event, main=False)
        _hand_to_brigade(begun, event)
    return event


@transaction.atomic
def return_default(
    *,
    supply: LandSupply,
    step: Event,
    reason: str,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """Send a proposal back with a reason. Raises ``SupplyError``."""
    begun = begin(
        "decide_default", supply=supply, actor=actor, today=today, request_key=request_key, step=step
    )
    if begun.sent:
        return begun.sent
    return begun.record(
        KindChoice.DETERMINATION_RETURNED,
        track=step.track,
        cause=step.cause,
        answers=step,
        remark=require_text(reason, "请写明退回的理由。", "reason"),
    )


@transaction.atomic
def accept_by_brigade(
    *,
    supply: LandSupply,
    step: Event,
    actor: User,
    today: date,
    note: str = "",
    request_key: uuid.UUID | None = None,
) -> Event:
    """The brigade has received what was handed to it and goes on with it. Raises ``SupplyError``."""
    begun = begin(
        "brigade_accept", supply=supply, actor=actor, today=today, request_key=request_key, step=step
    )
    if begun.sent:
        return begun.sent
    return begun.record(
        KindChoice.BRIGADE_ACCEPTED,
        track=step.track,
        cause=step.cause,
        answers=step,
        remark=note,
    )


def _hand_to_brigade(begun: Begun, determination: Event) -> None:
    """Not by ``begun.record``: the key of the form is the determination's."""
    event = append_event(
        supply=begun.supply,
        kind=KindChoice.TO_BRIGADE,
        on=begun.today,
        actor=begun.actor,
        today=begun.today,
        track=determination.track,
        cause=determination.cause,
        answers=determination,
        remark=determination.remark,
    )
    begun.draft("brigade_transfer", event)


def _not_late(now: Situation, track: Track) -> str:
    word = TrackChoice(track.value).label
    if now.office.proposal(track) and now.stage(track).state in LATE:
        return f"已提出{word}违约认定，等待审核。"
    return f"{word}没有逾期，不能认定违约。"
