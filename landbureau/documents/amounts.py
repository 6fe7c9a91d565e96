"""Amounts of money as documents write them: in figures and in words (大写)."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
LIMIT = Decimal(10) ** 14  # 百万亿: far above any premium
NUMERALS = "零壹贰叁肆伍陆柒捌玖"


def money(value: Decimal | int | str) -> Decimal:
    """Yuan, rounded to cents. ``ValueError`` for what is no amount, is negative or out of reach."""
    try:
        amount = Decimal(value)
    except ArithmeticError:
        raise ValueError("金额不是数字") from None
    if not amount.is_finite() or abs(amount) >= LIMIT:
        raise ValueError("金额超出范围")
    if amount < 0:
        raise ValueError("金额不能为负数")
    return abs(amount.quantize(CENT, ROUND_HALF_UP))  # abs: no minus before zero


def in_figures(value: Decimal | int | str) -> str:
    """``2568000.00元``: two decimals, no separators, so that nothing can be slipped in."""
    return f"{money(value)}元"


def in_words(value: Decimal | int | str) -> str:
    """``人民币贰佰伍拾陆万捌仟元整`` (支付结算办法, annex 1: 整 after 元 and 角, 零 between gaps)."""
    amount = money(value)
    yuan, cents = divmod(int(amount / CENT), 100)
    words = f"{_whole(yuan)}元" if yuan or not cents else ""
    jiao, fen = divmod(cents, 10)
    if jiao:
        words += f"{NUMERALS[jiao]}角"
    elif fen and yuan:
        words += "零"
    words += f"{NUMERALS[fen]}分" if fen else "整"
    return f"人民币{words}"


def _whole(yuan: int) -> str:
    """By sections of four figures; 零 comes before one that follows an empty one or begins with 0."""
    words, gap = "", False
    for power in (3, 2, 1, 0):
        section = yuan // 10_000**power % 10_000
        if section:
            words += "零" if words and (gap or section < 1000) else ""
            words += _section(section) + ("万" if power % 2 else "")
        gap = not section
        words += "亿" if words and power == 2 else ""
    return words or "零"


def _section(number: int) -> str:
    """``贰仟零伍``: a number of up to four figures."""
    pairs = zip(f"{number:04d}", ("仟", "佰", "拾", ""), strict=True)
    words = "".join(NUMERALS[int(figure)] + (unit if figure != "0" else "") for figure, unit in pairs)
    return re.sub("零+", "零", words).strip("零")
