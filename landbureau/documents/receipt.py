"""The lines of the receipt (送达回证, domain.md G.3): which method uses which, their titles, what is wrong.

Pure: no database, no today of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from landbureau.documents.rules import DateRule

ALWAYS = ("first_server", "second_server", "remark")
BY_RULE: dict[str, tuple[str, ...]] = {
    DateRule.SIGNED: ("received_on", "received_at", "place", "receiver", "relation"),
    DateRule.LEFT: ("received_on", "received_at", "place", "refusal", "witness"),
    DateRule.RETURNED: ("posted_on", "posting_number", "place", "received_on", "receiver", "relation"),
    DateRule.ARRIVED: ("received_on", "received_at", "place", "consent"),
    DateRule.PUBLISHED: ("posted_on", "posting_number"),
}
"""The lines that a method uses besides ``ALWAYS``; the others stay empty."""

ESSENTIAL: dict[str, tuple[str, ...]] = {
    DateRule.SIGNED: ("received_on", "receiver"),
    DateRule.LEFT: ("received_on", "place", "refusal"),
    DateRule.RETURNED: ("posted_on",),
    DateRule.ARRIVED: ("received_on", "consent"),
    DateRule.PUBLISHED: ("posted_on",),
}
"""What the law itself asks for, whatever the bureau's rows say (民事诉讼法 87-95)."""

IN_PERSON = (DateRule.SIGNED, DateRule.LEFT)
"""Somebody goes there: these need the second server where the kind asks for two."""

TITLES = {
    "place": "送达地点",
    "received_on": "签收日期",
    "received_at": "时间",
    "posted_on": "交寄日期",
    "posting_number": "邮件号",
    "receiver": "签收人",
    "relation": "与受送达人关系",
    "consent": "电子送达同意书",
    "refusal": "拒收事由",
    "witness": "见证人",
    "first_server": "送达人",
    "second_server": "送达人（二）",
    "remark": "备注",
}
_TITLES_OF_RULE: dict[str, dict[str, str]] = {
    DateRule.LEFT: {"received_on": "留置日期", "place": "留置地点"},
    DateRule.RETURNED: {"received_on": "回执收件日期", "place": "邮寄地址", "first_server": "经办人"},
    DateRule.ARRIVED: {"received_on": "到达日期", "place": "电子地址", "first_server": "经办人"},
    DateRule.PUBLISHED: {"posted_on": "公告日期", "posting_number": "公告载体", "first_server": "经办人"},
}


@dataclass(frozen=True)
class Requirements:
    """What a document and a method ask of the receipt. ``not_before``: the day of the seal or of issue."""

    rule: str
    required: Collection[str]
    two_servers: bool
    not_before: date | None
    not_before_title: str
    has_proof: bool


def title(name: str, rule: str) -> str:
    """What a line is called with this method."""
    return _TITLES_OF_RULE.get(rule, {}).get(name, TITLES[name])


def titles(rule: str) -> dict[str, str]:
    """What all lines are called with this method."""
    return {name: title(name, rule) for name in TITLES}


def lines_of(rule: str, required: Collection[str]) -> tuple[str, ...]:
    """The lines that a method uses, in the order of the receipt."""
    used = {*BY_RULE[rule], *required, *ALWAYS}
    return tuple(name for name in TITLES if name in used)


def required_lines(needs: Requirements) -> tuple[str, ...]:
    """The lines that must be filled in."""
    second = ("second_server",) if needs.two_servers and needs.rule in IN_PERSON else ()
    wanted = {*needs.required, *ESSENTIAL[needs.rule], "first_server", *second}
    return tuple(name for name in TITLES if name in wanted)


def problems(values: Mapping[str, Any], needs: Requirements, today: date) -> dict[str, str]:
    """What is wrong with a receipt: message by line, in the order of the receipt; empty if nothing is."""
    rule, found = needs.rule, {}
    for name in required_lines(needs):
        if not values.get(name):
            found[name] = f"请填写{title(name, rule)}。"
    for name in ("posted_on", "received_on"):
        day: date | None = values.get(name)
        if day is None:
            continue
        if day > today:
            found[name] = f"{title(name, rule)}不能晚于今天。"
        elif needs.not_before and day < needs.not_before:
            found[name] = (
                f"{title(name, rule)}不能早于{needs.not_before_title} {needs.not_before.isoformat()}。"
            )
    posted, received = values.get("posted_on"), values.get("received_on")
    if posted and received and received < posted:
        found.setdefault(
            "received_on", f"{title('received_on', rule)}不能早于交寄日期 {posted.isoformat()}。"
        )
    if values.get("second_server") and _same(values["second_server"], values.get("first_server") or ""):
        found["second_server"] = "两名送达人不能是同一人。"
    if rule == DateRule.LEFT and not values.get("witness") and not needs.has_proof:
        found["witness"] = "请填写见证人，或者附上记录送达过程的照片。"
    return {name: found[name] for name in TITLES if name in found}


def _same(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())
