"""Amounts of money as documents write them: in figures and in words (大写)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from cn2an import an2cn

CENT = Decimal("0.01")
LIMIT = Decimal(10) ** 14  # 百万亿: far above any premium, within what cn2an writes


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
    words = f"{an2cn(yuan, 'up')}元" if yuan or not cents else ""
    jiao, fen = divmod(cents, 10)
    if jiao:
        words += f"{an2cn(jiao, 'up')}角"
    elif fen and yuan:
        words += "零"
    words += f"{an2cn(fen, 'up')}分" if fen else "整"
    return f"人民币{words}"
