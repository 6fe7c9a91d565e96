"""Kinds of values that only ledgers of supplies have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from landbureau.imports.cleaning import clean_text, half_width
from landbureau.imports.errors import Wrong
from landbureau.imports.units import RATIO, Unit
from landbureau.imports.values import Code, Integer, Kind, Quantity
from landbureau.imports.values.base import means_nothing

MOST_SEQ = 99
DIGITS = "零一二三四五六七八九十"
NO_RATE = "无"
NONE_AGREED = Decimal(-1)
"""A rate as it is read from a cell that says so. A blank cell for late payment means the regime's rate."""
_SEQ = re.compile(rf"第?([0-9]{{1,2}}|[{DIGITS}]{{1,3}})[期次笔]?(?:款|价款|出让金|付款)?")
_FIRST = frozenset({"首期", "首次", "首付", "首付款", "首期款", "首期付款"})


class Seq(Integer):
    """Which instalment: 2, 第2期, 第二期, 首期. 0 stands for none."""

    def __init__(self) -> None:
        super().__init__(1, MOST_SEQ)

    def read_text(self, text: str, unit: Unit | None) -> int | None:
        plain = half_width(clean_text(text)).replace(" ", "")
        if plain in _FIRST:
            return 1
        if match := _SEQ.fullmatch(plain):
            plain = match[1] if match[1].isdecimal() else str(_in_figures(match[1]))
        return super().read_text(plain, unit)

    def show(self, value: Any) -> str:
        return f"第{value}期" if value else ""

    def export(self, value: Any) -> int | None:
        return value or None


class Identifier(Code):
    """A number that not everybody has (无, / say so). Letters are compared in upper case."""

    def read_text(self, text: str, unit: Unit | None) -> str | None:
        return None if means_nothing(clean_text(text)) else super().read_text(text, unit)

    def same(self, old: Any, new: Any) -> bool:
        upper = [value.upper() if isinstance(value, str) else value for value in (old, new)]
        return super().same(*upper)


class Rate(Quantity):
    """Damages in ‰ a day. 无 says that the contract names none (``NONE_AGREED``); 0 is a rate."""

    def __init__(self) -> None:
        words = dict.fromkeys(("无", "没有", "未约定", "没有约定", "不约定", "不计"), NONE_AGREED)
        more = {"千分之一": Decimal(1), "万分之五": Decimal("0.5")}
        super().__init__(RATIO, places=3, least=0, most=999, keep_words=words | more)

    def show(self, value: Decimal | None) -> str:
        return NO_RATE if value == NONE_AGREED else super().show(value)

    def export(self, value: Any) -> Any:
        return NO_RATE if value == NONE_AGREED else super().export(value)


@dataclass(frozen=True)
class Derived(Kind):
    """What rows are told apart by, but no column has. ``shown``: whether it names the row to people."""

    shown: bool = True

    def read_text(self, text: str, unit: Unit | None) -> str:
        raise Wrong("no_column", "没有这一列。")

    def show(self, value: Any) -> str:
        return str(value) if self.shown and value is not None else ""


def plain_key(number: str) -> str:
    """As numbers are compared: without spaces, in half width, brackets of one shape, upper case."""
    return "".join(half_width(clean_text(number)).split()).translate(_BRACKETS).upper()


_BRACKETS = str.maketrans(dict.fromkeys("[〔【〖〈{", "(") | dict.fromkeys("]〕】〗〉}", ")"))


def _in_figures(words: str) -> int:
    """十二 → 12. ``Wrong`` for what is no number of this kind."""
    tens, ten, ones = words.rpartition("十")
    parts = [tens or "一", ones or "零"] if ten else ["零", words]
    if any(len(part) != 1 or part not in DIGITS for part in parts):
        raise Wrong("not_a_number", "不是期次，请写成“2”或“第2期”。")
    return 10 * DIGITS.index(parts[0]) + DIGITS.index(parts[1])
