"""What is unusual about the contracts of a ledger (domain.md C.4): told, no obstacle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from landbureau.workdays.rules import add_months
from supervision.supply.imports.groups import Group
from supervision.supply.imports.parties import doubt_about

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
    if identity and (doubt := doubt_about(identity)):
        yield f"统一社会信用代码/身份证号{doubt}，照原样登记"


def _plain(number: Decimal) -> str:
    return f"{float(number):g}"
