"""The end of a supply, and what goes on as another."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
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
        f"随转的未缴价款 {yuan(now.balance)}，连同逾期违约金；原供地不再收缴。"
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
    price, wanted = now.supply.price, values.get("price")
    if wanted is not None and wanted > (price or 0):
        wanted = None
    divided = rules.divide(now.view, price, wanted, whole, part)
    by = "按填写的价款" if wanted is not None else "按面积"
    goes = sum(divided.instalments.values(), rules.money.ZERO)
    invested = now.supply.investment
    return saying(
        f"面积：分出 {part:,.2f} m²，这宗留下 {whole - part:,.2f} m²，合计 {whole:,.2f} m²。",
        f"价款（{by}）：{_divided(divided.price, price)}。" if divided.price and price else None,
        f"未缴价款：{_divided(goes, now.balance)}，各期同比例，应缴日期不变。" if now.balance else None,
        f"固定资产投资额：{_divided(divided.by_area(invested), invested)}。" if invested else None,
        "已缴的价款留在这宗。违约金自分割之日起各按分得的部分计算，合计不变；新的一宗承接约定日期和已认定的违约。",
    )


def _divided(part: Decimal, whole: Decimal) -> str:
    return f"分出 {yuan(part)}，留下 {yuan(whole - part)}，合计 {yuan(whole)}"
