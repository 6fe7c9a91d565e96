"""The end of a supply, and what goes on as another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supervision.supply import rules
from supervision.supply.selectors.consequences.words import Consequence, papers, saying, yuan
from supervision.supply.transitions import TRACKS, Situation


def _unpaid(now: Situation) -> list[str]:
    return [
        f"第 {one.seq} 期逾期 {one.days_late} 天，欠 {yuan(one.balance)}"
        + (f"，违约金计至今天 {yuan(one.damages)}" if one.damages is not None else "")
        + (f"；{one.demanded_on} 催缴送达。" if one.demanded_on else "。")
        for one in now.terminable
    ]


def propose_termination(now: Situation, values: Mapping[str, Any]) -> Consequence:
    return saying(*_unpaid(now), "由局领导批准；批准之前合同照旧履行，催缴照常。")


def decide_termination(now: Situation, values: Mapping[str, Any]) -> Consequence:
    if values.get("decision") == "decline":
        return saying("不予解除：合同照旧履行，催缴照常。")
    deposit = now.facts.deposit
    return saying(
        *_unpaid(now),
        f"解除后监管自 {now.today} 终止，拟制{papers('termination_notice')}。",
        f"定金 {yuan(deposit)} 按合同约定不予返还。" if deposit else None,
    )


def take_back(now: Situation, values: Mapping[str, Any]) -> Consequence:
    return saying("登记后监管终止，不再提醒和巡查。收回的决定另有文书，这里只记事实。")


def transfer(now: Situation, values: Mapping[str, Any]) -> Consequence:
    on = values.get("on")
    stages = [f"{TRACKS[one.track]} {one.due_on}" for one in now.stages if one.due_on]
    return saying(
        f"这宗供地自 {on} 终止监管，新的一宗由新的用地单位继续履行。" if on else None,
        f"随转的约定日期：{'，'.join(stages)}。" if stages else None,
        f"随转的未缴价款 {yuan(now.balance)}。"
        if now.balance
        else "价款已经缴清。"
        if now.view.payment
        else None,
        warnings=[
            "有违约认定等待审核。" if now.office.proposals else None,
            "有延期申请正在办理，转让后须重新受理。" if now.office.applications else None,
        ],
    )


def split(now: Situation, values: Mapping[str, Any]) -> Consequence:
    whole, part = now.supply.parcel.area, values.get("area")
    if whole is None or part is None or not 0 < part < whole:
        return Consequence()
    share = rules.yuan(now.supply.price * part / whole) if now.supply.price else None
    return saying(
        f"分出 {part:,.2f} m²，这宗留下 {whole - part:,.2f} m²（原 {whole:,.2f} m²）。",
        f"按面积折算，分出部分的价款为 {yuan(share)}。" if share else None,
        "价款仍按原合同缴纳；新的一宗随转约定日期，价款只用于计算违约金。",
    )
