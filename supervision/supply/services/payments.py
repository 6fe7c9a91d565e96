"""Money: payments, refunds and bounced payments, damages. Yuan."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from django.db import transaction

from landbureau.accounts.models import User
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, LandSupply
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import Track
from supervision.supply.rules.money import ZERO, paid_until
from supervision.supply.services.acts import begin
from supervision.supply.transitions import Situation

BOUNCED = "退票"


@transaction.atomic
def record_payment(
    *,
    supply: LandSupply,
    on: date,
    amount: Decimal,
    actor: User,
    today: date,
    seq: int | None = None,
    remark: str = "",
    request_key: uuid.UUID | None = None,
) -> Event:
    """A payment of the price; without ``seq`` it fills the oldest due date first. Raises ``SupplyError``."""
    begun = begin("payment", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    _require_amount(amount)
    _require_instalment(begun.now, seq)
    return begun.record(
        KindChoice.PAYMENT,
        on=on,
        amount=amount,
        seq=seq,
        remark=remark,
    )


@transaction.atomic
def record_refund(
    *,
    supply: LandSupply,
    on: date,
    amount: Decimal,
    reason: str,
    actor: User,
    today: date,
    seq: int | None = None,
    request_key: uuid.UUID | None = None,
) -> Event:
    """Money paid back to the land user; it takes from what was filled last. Raises ``SupplyError``."""
    begun = begin("refund", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    _require_amount(amount)
    _require_instalment(begun.now, seq)
    _require_paid(begun.now, amount, on, today)
    return begun.record(
        KindChoice.REFUND,
        on=on,
        amount=amount,
        seq=seq,
        remark=reason,
    )


@transaction.atomic
def record_bounced(
    *,
    supply: LandSupply,
    payment: Event,
    on: date,
    reason: str,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """A payment that the bank returned (退票): a row of its own. Raises ``SupplyError``."""
    begun = begin("refund", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    if payment not in payments_that_may_bounce(supply):
        raise SupplyError("这笔缴款已更正或者已登记退票。", "payment")
    if on < payment.on:
        raise SupplyError(f"退票日期不能早于缴款日期 {payment.on}。", "on")
    _require_paid(begun.now, payment.amount or ZERO, on, today)
    return begun.record(
        KindChoice.REFUND,
        on=on,
        amount=payment.amount,
        seq=payment.seq,
        answers=payment,
        remark=f"{BOUNCED}：{reason}" if reason else BOUNCED,
    )


def payments_that_may_bounce(supply: LandSupply) -> list[Event]:
    """Payments in force that no refund answers, latest first."""
    bounced = Event.objects.in_force().filter(supply=supply, kind=KindChoice.REFUND, answers__isnull=False)
    rows = Event.objects.in_force().filter(supply=supply, kind=KindChoice.PAYMENT)
    return list(rows.exclude(pk__in=bounced.order_by().values("answers")).order_by("-on", "-pk"))


@transaction.atomic
def record_damages(
    *,
    supply: LandSupply,
    track: Track,
    on: date,
    amount: Decimal,
    actor: User,
    today: date,
    remark: str = "",
    request_key: uuid.UUID | None = None,
) -> Event:
    """Damages that were paid, kept apart from the price. Raises ``SupplyError``."""
    begun = begin("damages_payment", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    _require_amount(amount)
    return begun.record(
        KindChoice.DAMAGES,
        on=on,
        track=track.value,
        amount=amount,
        remark=remark,
    )


def _require_amount(amount: Decimal) -> None:
    if amount <= 0:
        raise SupplyError("金额须大于 0。", "amount")


def _require_paid(now: Situation, amount: Decimal, on: date, today: date) -> None:
    """No more goes back than had come by ``on``, nor than is still there."""
    paid = max(ZERO, min(paid_until(now.facts, on), paid_until(now.facts, today)))
    if amount > paid:
        raise SupplyError(f"截至 {on} 已缴 {paid:,.2f} 元，退款不能多于已缴的。", "amount")


def _require_instalment(now: Situation, seq: int | None) -> None:
    if seq is not None and all(one.seq != seq for one in now.view.payment):
        raise SupplyError(f"没有第 {seq} 期。", "seq")
