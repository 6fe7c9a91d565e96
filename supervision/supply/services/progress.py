"""Building: started, stopped, resumed, completed, finally verified; deviations followed up."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from django.db import transaction

from landbureau.accounts.models import User
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, LandSupply
from supervision.supply.models.events import KindChoice
from supervision.supply.services.acts import begin, require_text


@transaction.atomic
def record_start(
    *,
    supply: LandSupply,
    on: date,
    evidence: str,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """Construction started on ``on``; ``evidence``: by which sign of 闲置土地处置办法 art. 30.

    Raises ``SupplyError``.
    """
    begun = begin("start", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    return begun.record(
        KindChoice.START,
        on=on,
        remark=require_text(evidence, "请写明认定开工的依据。", "evidence"),
    )


@transaction.atomic
def record_stop(
    *,
    supply: LandSupply,
    on: date,
    reason: str,
    actor: User,
    today: date,
    cause: str = "",
    developed_area: Decimal | None = None,
    invested: Decimal | None = None,
    request_key: uuid.UUID | None = None,
) -> Event:
    """Work stopped on ``on``, with how far it had come (m², yuan). Raises ``SupplyError``."""
    begun = begin("stop", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    started = begun.now.view.start.reached_on
    if started and on < started:
        raise SupplyError(f"停工日期不能早于开工日期 {started}。", "on")
    return begun.record(
        KindChoice.STOP,
        on=on,
        cause=cause,
        developed_area=developed_area,
        invested=invested,
        remark=require_text(reason, "请写明停工的情况。", "reason"),
    )


@transaction.atomic
def record_resume(
    *,
    supply: LandSupply,
    on: date,
    actor: User,
    today: date,
    remark: str = "",
    request_key: uuid.UUID | None = None,
) -> Event:
    """Work goes on: the clock of the stop ends. Raises ``SupplyError``."""
    begun = begin("resume", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    since = begun.now.view.suspended_since
    if since and on < since:
        raise SupplyError(f"复工日期不能早于停工日期 {since}。", "on")
    return begun.record(
        KindChoice.RESUME,
        on=on,
        remark=remark,
    )


@transaction.atomic
def record_completion(
    *,
    supply: LandSupply,
    on: date,
    evidence: str,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """Completed on ``on``: the real day, or that of the planning acceptance. Raises ``SupplyError``."""
    begun = begin("completion", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    started = begun.now.view.start.reached_on
    if started and on < started:
        raise SupplyError(f"竣工日期不能早于开工日期 {started}。", "on")
    return begun.record(
        KindChoice.COMPLETION,
        on=on,
        remark=require_text(evidence, "请写明认定竣工的依据。", "evidence"),
    )


@transaction.atomic
def record_acceptance(
    *,
    supply: LandSupply,
    on: date,
    conclusion: str,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """The final verification (复核验收), which ends the supervision. Raises ``SupplyError``."""
    begun = begin("acceptance", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    completed = begun.now.view.completion.reached_on
    if completed and on < completed:
        raise SupplyError(f"复核验收不能早于竣工日期 {completed}。", "on")
    return begun.record(
        KindChoice.ACCEPTANCE,
        on=on,
        remark=require_text(conclusion, "请写明复核验收的结论。", "conclusion"),
    )


@transaction.atomic
def follow_up_deviation(
    *,
    supply: LandSupply,
    step: Event,
    on: date,
    measure: str,
    settles: bool,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """What was done about a deviation; ``settles``: it is over with. Raises ``SupplyError``."""
    begun = begin("follow_up", supply=supply, actor=actor, today=today, request_key=request_key, step=step)
    if begun.sent:
        return begun.sent
    if on < step.on:
        raise SupplyError(f"处理日期不能早于发现日期 {step.on}。", "on")
    return begun.record(
        KindChoice.DEVIATION_FOLLOWED,
        on=on,
        deviation=step.deviation,
        settles=settles,
        answers=step,
        remark=require_text(measure, "请写明处理措施。", "measure"),
    )
