"""Payments, refunds, damages."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from supervision.supply import rules
from supervision.supply.models import Event
from supervision.supply.rules import Kind, Track
from supervision.supply.rules.money import ZERO
from supervision.supply.selectors.consequences.words import (
    LAST,
    Consequence,
    damages_of,
    facts_with,
    permille,
    saying,
    view_as_of,
    yuan,
)
from supervision.supply.transitions import TRACKS, Situation


def payment(now: Situation, values: Mapping[str, Any]) -> Consequence:
    on, amount = values.get("on"), values.get("amount")
    if on is None or amount is None or amount <= 0:
        return Consequence()
    event = rules.Event(Kind.PAYMENT, on, LAST, seq=values.get("seq"), amount=amount)
    facts = facts_with(now, event)
    view = view_as_of(facts, max(now.today, on))
    parts = [share for share in rules.shares(facts) if share.event == LAST]
    after = {one.seq: one for one in view.payment}
    lines = [
        _filled(after[part.seq], part.amount, now.facts.payment_rate) for part in parts if not part.surplus
    ]
    lines += [f"多缴 {yuan(part.amount)}，记在第 {part.seq} 期，可以退款。" for part in parts if part.surplus]
    rest = sum((max(one.balance, ZERO) for one in view.payment), ZERO)
    lines.append("价款全部缴清。" if not rest else f"此后还欠价款 {yuan(rest)}。")
    early = now.facts.signed_on is not None and on < now.facts.signed_on
    return saying(
        *lines,
        warnings=[
            f"缴款日期早于合同签订日期 {now.facts.signed_on}，请核对。" if early else None,
            "此前各期都已缴清，请核对是不是重复登记。" if not now.balance else None,
        ],
    )


def _filled(one: rules.InstalmentView, amount: Decimal, rate: Decimal | None) -> str:
    told = f"第 {one.seq} 期缴入 {yuan(amount)}"
    if one.balance > 0:
        told += f"，尚欠 {yuan(one.balance)}"
        if one.days_late:
            told += f"，已逾期 {one.days_late} 天"
            if one.damages is not None:
                told += f"，违约金计至今天 {yuan(one.damages)}，{permille(rate)}，缴清前继续计算"
        return f"{told}。"
    if not one.damages and not one.days_late:
        return f"{told}，按期缴清，没有违约金。"
    late = f"，缴清时逾期 {one.days_late} 天" if one.days_late else "，按期缴清"
    if one.damages is None:
        return f"{told}{late}，合同没有约定违约金。"
    return f"{told}{late}，缴清后违约金 {yuan(one.damages)}，{permille(rate)}。"


def refund(now: Situation, values: Mapping[str, Any]) -> Consequence:
    payment: Event | None = values.get("payment")
    on, amount, seq = values.get("on"), values.get("amount"), values.get("seq")
    if payment is not None:
        amount, seq = payment.amount, payment.seq
    if on is None or amount is None or amount <= 0:
        return Consequence()
    facts = facts_with(now, rules.Event(Kind.REFUND, on, LAST, seq=seq, amount=amount))
    view = view_as_of(facts, max(now.today, on))
    taken: dict[int, Decimal] = {}
    for share in rules.shares(facts):
        if share.event == LAST:
            taken[share.seq] = taken.get(share.seq, ZERO) - share.amount
    after = {one.seq: one for one in view.payment}
    return saying(
        *(
            f"第 {seq} 期退回 {yuan(part)}，尚欠 {yuan(max(after[seq].balance, ZERO))}"
            + (
                f"，已逾期 {after[seq].days_late} 天"
                if after[seq].days_late and after[seq].balance > 0
                else ""
            )
            + "。"
            for seq, part in taken.items()
        ),
        "退票单独成行，原来的缴款记录保留。" if payment is not None else "退款单独成行，原来的缴款记录保留。",
    )


def damages(now: Situation, values: Mapping[str, Any]) -> Consequence:
    track, amount = values.get("track"), values.get("amount")
    if not track:
        return Consequence()
    owed, paid = damages_of(now).get(Track(track), (ZERO, ZERO))
    word = TRACKS[Track(track)]
    told = f"{word}违约金计至今天 {yuan(owed)}，已缴 {yuan(paid)}。"
    if not amount:
        return saying(told, "违约金单独登记，不抵价款。")
    rest = owed - paid - amount
    after = f"缴后还欠 {yuan(rest)}。" if rest > 0 else "缴后结清。"
    over = f"比应缴的多 {yuan(-rest)}，请核对金额和环节。" if rest < 0 else None
    return saying(told, after if rest >= 0 else None, "违约金单独登记，不抵价款。", warnings=[over])
