"""What is unusual about a ledger (domain.md C.4), and what to do before it comes in: told, no obstacle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse

from landbureau.accounts.models import Bureau
from landbureau.imports.targets import Warn
from landbureau.workdays.rules import add_months
from supervision.supply import identity as identities
from supervision.supply.imports.groups import Group

MOST_ROWS = 10  # that are named
ZERO = Decimal(0)
IN_ORDER = ("signed_on", "agreed_handover_on", "agreed_start_on", "agreed_completion_on")


def told(groups: Iterable[Group], numbers: Mapping[str, Decimal]) -> list[str]:
    """Sentences, each with the rows that it is about."""
    found: dict[str, list[int]] = {}
    for group in groups:
        for what in doubts(group, numbers):
            found.setdefault(what, []).append(group.head.number)
    return [f"{what}：{rows_in_words(rows)}。" for what, rows in found.items()]


def before_go_live(groups: Iterable[Group], actor: Any, today: date) -> list[Warn]:
    """An old ledger without a day of go-live: all that was due would be demanded at once."""
    past = sum(group.known is None and any(on < today for on in _agreed(group)) for group in groups)
    if not past or Bureau.objects.filter(go_live_on__isnull=False).exists():
        return []
    text = (
        f"本单位还没有设定启用日期，表中有 {past} 宗供地的约定日期早于今天：写入后每日扫描会为它们"
        "逐项生成催缴、复核、巡查的通知和文书。历史台账请先设定启用日期再导入，此前到期的事项就只列入核实清单。"
    )
    if actor is not None and actor.holds_everywhere("update_config"):
        return [Warn(text, reverse("people:edit_bureau"), "去设定启用日期")]
    return [Warn(f"{text}启用日期由系统管理员在“系统配置”的单位资料中设定。")]


def _agreed(group: Group) -> Iterator[date]:
    for on, _ in group.all_lines().values():
        if on is not None:
            yield on
    for name in ("agreed_start_on", "agreed_completion_on"):
        if on := group.value(name):
            yield on


def rows_in_words(rows: Iterable[int]) -> str:
    numbers = sorted(set(rows))
    named = "、".join(map(str, numbers[:MOST_ROWS]))
    return f"第 {named} 行" + (f"等 {len(numbers)} 行" if len(numbers) > MOST_ROWS else "")


def doubts(group: Group, numbers: Mapping[str, Decimal]) -> Iterator[str]:
    lines = group.all_lines()
    price, signed_on = group.value("price"), group.value("signed_on")
    total = sum((amount or ZERO for _, amount in lines.values()), ZERO)
    if price and lines and total != price:
        yield "各期应缴金额之和与成交价款不等"
    if price and signed_on and lines:
        by = add_months(signed_on, int(numbers["first_months"]))
        early = sum((amount or ZERO for on, amount in lines.values() if on and on <= by), ZERO)
        if early * 100 < price * numbers["first_share"]:
            months, share = _plain(numbers["first_months"]), _plain(numbers["first_share"])
            yield f"签订后 {months} 个月内应缴的不到成交价款的 {share}%"
        last = add_months(signed_on, int(numbers["last_months"]))
        if any(on and on > last for on, _ in lines.values()):
            yield f"最后一期晚于签订后 {_plain(numbers['last_months'])} 个月"
    if price and (group.value("deposit") or ZERO) > price:
        yield "定金多于成交价款"
    days = [on for name in IN_ORDER if (on := group.value(name))]
    if days != sorted(days):
        yield "签订、交地、开工、竣工日期的先后不合常理"
    if signed_on and any(on and on < signed_on for on, _ in lines.values()):
        yield "应缴日期早于签订日期"
    identity = group.value("identity")
    if identity and (fault := identities.fault(identity)):
        yield f"统一社会信用代码/身份证号{fault}，照原样登记"


def _plain(number: Decimal) -> str:
    return f"{float(number):g}"
