"""What pages say of a state: colour and word. The colours are those of screens.md."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from supervision.supply.rules import (
    Cause,
    DateView,
    HandoverState,
    InstalmentView,
    PaymentState,
    StageState,
    Track,
    View,
)

if TYPE_CHECKING:
    from supervision.supply.models import Parcel

Word = tuple[str, str]
WAN = Decimal(10_000)
HECTARE = Decimal(10_000)
MU = Decimal(10_000) / 15

PAYMENT: dict[str, Word] = {
    PaymentState.TERMINABLE: ("red", "可解除"),
    PaymentState.OVERDUE: ("red", "逾期"),
    PaymentState.REMINDER: ("blue", "提醒期"),
    PaymentState.NOT_DUE: ("grey", "未到期"),
    PaymentState.PAID: ("green", "已缴清"),
}
MOVED: Word = ("grey", "余款已随转")
HANDOVER: dict[str, Word] = {
    HandoverState.AWAITING_HANDOVER: ("grey", "待交地"),
    HandoverState.HANDED_OVER: ("orange", "待挂公示牌"),
    HandoverState.BOARD_POSTED: ("green", "公示牌已挂"),
}
START: dict[str, Word] = {
    StageState.WAITING.of(Track.START): ("grey", "未到期"),
    StageState.REMINDER.of(Track.START): ("blue", "提醒期"),
    StageState.RECHECK.of(Track.START): ("orange", "待复核"),
    StageState.DEFAULT.of(Track.START): ("red", "违约"),
    StageState.REACHED.of(Track.START): ("green", "已开工"),
}
COMPLETION: dict[str, Word] = {
    StageState.WAITING.of(Track.COMPLETION): ("grey", "未到期"),
    StageState.REMINDER.of(Track.COMPLETION): ("blue", "提醒期"),
    StageState.RECHECK.of(Track.COMPLETION): ("orange", "待复核"),
    StageState.DEFAULT.of(Track.COMPLETION): ("red", "违约"),
    StageState.REACHED.of(Track.COMPLETION): ("green", "已竣工"),
}
STAGES = START | COMPLETION
CAUSES = {
    Cause.LAND_USER: "用地单位原因",
    Cause.GOVERNMENT: "政府原因",
    Cause.FORCE_MAJEURE: "不可抗力",
    Cause.PREPARATORY_WORK: "必需的前期准备",
}
UNKNOWN: Word = ("orange", "日期不明")
NO_PRICE: Word = ("grey", "无价款")
NO_INSTALMENTS: Word = ("orange", "缺分期")
BY_LAND_USER, BY_OFFICE = "用地单位申请", "本单位提出"
"""Who asks for an extension: stands before its ground."""
ORDER = {state: place for place, state in enumerate(PAYMENT)}
"""Worst first."""


def handover_word(state: str, agreed_on: date | None, on: date, remind_days: int) -> Word:
    """Before the handover the agreed day says more: soon, or passed, which is the bureau's own delay."""
    if state != HandoverState.AWAITING_HANDOVER or agreed_on is None:
        return HANDOVER[state]
    if agreed_on < on:
        return "red", "逾期未交地"
    return ("orange", "即将到期") if agreed_on <= on + timedelta(days=remind_days) else ("grey", "未到期")


def stage_word(code: str, due_on: date | None) -> Word:
    """Of a code of contract.md; a goal without a day cannot be watched."""
    colour, word = STAGES[code]
    return UNKNOWN if colour == "grey" and due_on is None else (colour, word)


def stage_words(stage: DateView, *, proposed: bool = False) -> Word:
    """As ``stage_word``, with the cause of a default, or that it is still to be determined."""
    colour, word = stage_word(stage.code, stage.due_on)
    if stage.state == StageState.DEFAULT:
        if stage.cause is not None:
            return colour, f"{word}，{CAUSES[stage.cause]}"
        return colour, f"{word}，待审核认定" if proposed else f"{word}，原因待认定"
    return colour, word


def worst(payment: tuple[InstalmentView, ...]) -> InstalmentView | None:
    """The instalment by which a supply is judged; of several in the worst state the one due first."""
    return min(payment, key=lambda one: (ORDER[one.state], one.due_on or date.max, one.seq), default=None)


def payment_word(view: View, price: Decimal | None) -> Word:
    """Of all instalments; a priced supply without any lacks them. Of a transferred one the rest has gone."""
    if view.closed_on is not None and view.moved:
        return MOVED
    one = worst(view.payment)
    if one is not None:
        return PAYMENT[one.state]
    return NO_INSTALMENTS if price else NO_PRICE


def in_wan(amount: Decimal | None) -> str:
    """``2568000`` yuan → ``256.80 万``."""
    return "" if amount is None else f"{amount / WAN:,.2f} 万"


def place(township: object | None, location: str, village: object | None = None) -> str:
    """Township, village and address in one, nothing twice (寻寨镇寻寨镇…).

    An address that names the township itself is the contract's wording, and stays as it is.
    """
    town, hamlet = str(township) if township else "", str(getattr(village, "name", village) or "")
    if town and town in location:
        return location
    return f"{town}{'' if hamlet in location else hamlet}{location}"


def place_of(parcel: Parcel) -> str:
    """Where a parcel lies; needs its ``township`` and ``village``."""
    return place(parcel.township, parcel.location, parcel.village)


def place_within(parcel: Parcel) -> str:
    """The address without township and village: below a heading that names them."""
    left = parcel.location
    for name in (parcel.township, getattr(parcel.village, "name", None)):
        left = left.removeprefix(str(name or ""))
    return left or parcel.location


def asked(remark: str) -> tuple[str, str]:
    """Who asks for an extension and why, of what its event says."""
    who, colon, ground = remark.partition("：")
    return (who, ground) if colon and who in (BY_LAND_USER, BY_OFFICE) else ("", remark)


def hectares(area: Decimal | None) -> Decimal | None:
    """m² in hectares, to the square metre."""
    return None if area is None else (area / HECTARE).quantize(Decimal("0.0001"))
