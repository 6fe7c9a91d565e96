"""Texts, codes and telephone numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from landbureau.imports.cleaning import clean_text, half_width
from landbureau.imports.errors import Unsure, Wrong
from landbureau.imports.units import Unit
from landbureau.imports.values.base import (
    EXACT_BELOW,
    Kind,
    digits_lost,
    is_empty,
    means_nothing,
    plain_number,
    too_long,
)

_DASHES = str.maketrans("‐‑‒–—", "-----")
MOST_DIGITS = 40  # are enough to tell
_WHOLE = re.compile(r"([0-9]+)\.0+")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+[Ee]\+?|[Ee]\+)[0-9]+")
_PHONE = re.compile(r"[0-9 +()/、,;#转-]+")
_BESIDE_DIGITS = re.compile(r"[ ()-]")
_COMPLETE = re.compile(r"1[0-9]{10}|[48]00")
LEAST_DIGITS = 3  # 110


@dataclass(frozen=True)
class Text(Kind):
    """Words of people. ``longest``: characters. ``paragraphs``: line breaks behind sentences are kept."""

    longest: int
    paragraphs: bool = False

    def read_text(self, text: str, unit: Unit | None) -> str | None:
        text = clean_text(text, self.paragraphs)
        if len(text) > self.longest:
            raise too_long(self.longest, len(text))
        return text or None

    def read_date(self, day: date) -> str:
        raise Unsure("became_a_date", "内容已被表格软件改成日期，是否就是这一天？", day.isoformat())

    def same(self, old: Any, new: Any) -> bool:
        return super().same(old, new) or (
            isinstance(old, str) and clean_text(old, self.paragraphs) == (new or "")
        )

    @property
    def number_format(self) -> str:
        return "@"


@dataclass(frozen=True)
class Code(Kind):
    """What identifies something: letters and digits, without spaces; no digit is ever lost or added silently.

    ``meaning``: its name in messages. ``digits``: a code of exactly so many digits, whose leading zeros a
    spreadsheet may have taken away. ``pattern``: what all of it must match; ``hint``: the pattern in words.
    """

    longest: int
    pattern: str = ""
    meaning: str = "编号"
    digits: int = 0
    hint: str = ""

    def read_text(self, text: str, unit: Unit | None) -> str | None:
        code = text if text.isascii() and text.isalnum() else self._cleaned(text)
        return self._checked(code) if code else None

    def read_number(self, number: float | int, unit: Unit | None) -> str:
        code = plain_number(number)
        if "." in code:
            message = f"{self.meaning}被当成小数，末尾的 0 可能已丢失，请把该列设为文本后重新填写。"
            raise Wrong("digits_lost", message)
        return self._checked(code)

    def same(self, old: Any, new: Any) -> bool:
        return super().same(old, new) or (isinstance(old, str) and _code(old) == (new or ""))

    @property
    def number_format(self) -> str:
        return "@"

    @cached_property
    def _matches(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def _cleaned(self, text: str) -> str:
        code = _code(text)
        if _SCIENTIFIC.fullmatch(code):
            raise digits_lost()
        if (whole := _WHOLE.fullmatch(code)) is None:
            return code
        if int(whole[1][:MOST_DIGITS]) >= EXACT_BELOW:
            raise digits_lost()
        return whole[1]

    def _checked(self, code: str) -> str:
        if self.digits and len(code) != self.digits and code.isascii() and code.isdecimal():
            padded = code.zfill(self.digits)
            if len(code) > self.digits or not self._fits(padded):
                raise Wrong("wrong_length", f"{self.meaning}应为 {self.digits} 位，这里有 {len(code)} 位。")
            raise Unsure("zeros_lost", f"{self.meaning}应为 {self.digits} 位，是否丢失了开头的 0？", padded)
        if not self._fits(code):
            hint = self.hint or (f" {self.digits} 位数字" if self.digits else "")
            raise Wrong("bad_code", f"{self.meaning}{f'应为{hint}' if hint else '的写法不对，请核对'}。")
        if len(code) > self.longest:
            raise too_long(self.longest, len(code))
        return code

    def _fits(self, code: str) -> bool:
        if self.digits and not (code.isascii() and code.isdecimal()):
            return False
        return not self.pattern or self._matches.fullmatch(code) is not None


@dataclass(frozen=True)
class Phone(Kind):
    """One or more telephone numbers, kept as typed; compared without spaces, dashes and brackets."""

    longest: int = 30

    def read_text(self, text: str, unit: Unit | None) -> str | None:
        text = half_width(clean_text(text)).translate(_DASHES)
        if means_nothing(text):
            return None
        if _SCIENTIFIC.fullmatch(text):
            raise digits_lost()
        if whole := _WHOLE.fullmatch(text):
            text = whole[1]
        if _PHONE.fullmatch(text) is None or sum(map(str.isdecimal, text)) < LEAST_DIGITS:
            raise Wrong("bad_phone", "不是完整的电话号码，请核对。")
        if len(text) > self.longest:
            raise too_long(self.longest, len(text))
        return text

    def read_number(self, number: float | int, unit: Unit | None) -> str | None:
        text = plain_number(number)
        if 9 <= len(text) <= 11 and not _COMPLETE.match(text):  # 3198123456: an area code without its 0
            raise Unsure("zeros_lost", "区号开头的 0 是否丢失？", f"0{text}")
        return self.read_text(text, unit)

    def same(self, old: Any, new: Any) -> bool:
        return _bare(old) == _bare(new)

    @property
    def number_format(self) -> str:
        return "@"


def _code(text: str) -> str:
    """Without spaces, in half width, without the apostrophe that marks a text in a spreadsheet."""
    return "".join(half_width(clean_text(text)).split()).translate(_DASHES).lstrip("'")


def _bare(phone: str | None) -> str:
    return (
        ""
        if is_empty(phone)
        else _BESIDE_DIGITS.sub("", half_width(clean_text(str(phone))).translate(_DASHES))
    )
