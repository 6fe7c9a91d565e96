"""Numbers: whole ones, and quantities with units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any, NoReturn

from landbureau.imports.cleaning import clean_text, half_width
from landbureau.imports.errors import Wrong
from landbureau.imports.units import DIMENSIONS, MONEY, Unit, find_unit
from landbureau.imports.values.base import EXACT_BELOW, Kind, means_nothing

_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_NUMBER = re.compile(
    r"(?P<sign>[-+]?) ?¥? ?"
    r"(?P<number>[0-9]{1,3}(?P<comma>[, ])[0-9]{3}(?:(?P=comma)[0-9]{3})*(?:\.[0-9]+)?|[0-9]*\.[0-9]+|[0-9]+)"
    r"(?P<unit>(?![0-9.,]).*)"
)
_NOISE = "0000"  # further places of a number that is meant exactly: 0.1 + 0.2


@dataclass(frozen=True)
class Quantity(Kind):
    """A ``Decimal`` in the first unit of its dimension (元, m², ‰), with ``places`` behind the point.

    Values in other units are rounded half up; in the first one, more places are refused, unless they are
    noise (0.1 + 0.2). ``least``, ``most``: bounds; ``positive``: above 0. ``keep_words``: words that mean a
    value (无 → 0).
    """

    dimension: str = ""
    places: int = 2
    least: Decimal | int | None = None
    most: Decimal | int | None = None
    positive: bool = False
    keep_words: Mapping[str, Decimal] = field(default_factory=dict, hash=False)

    def read_text(self, text: str, unit: Unit | None) -> Decimal | None:
        if _PLAIN.fullmatch(text):
            return self._value(Decimal(text), unit)
        text = clean_text(text)
        if text in self.keep_words:
            return self.keep_words[text]
        if means_nothing(text):
            return None
        number, rest = split_number(text)
        return self._value(number, self._unit(rest) if rest else unit)

    def read_number(self, number: float | int, unit: Unit | None) -> Decimal:
        if not -EXACT_BELOW < number < EXACT_BELOW:
            raise _too_large()
        if unit is None:
            text = format(number, self._with_noise)
            if text.endswith(_NOISE):
                return self._bounded(Decimal(text[: -len(_NOISE)]))
        return self._value(Decimal(f"{number:.15g}"), unit)

    def read_date(self, day: date) -> NoReturn:
        raise Wrong("not_a_number", "这里是日期，应填数字。")

    def same(self, old: Any, new: Any) -> bool:
        if isinstance(old, Decimal) and isinstance(new, Decimal):
            return self._rounded(old) == new
        return super().same(old, new)

    def show(self, value: Decimal | None) -> str:
        return "" if value is None else f"{value:,}"

    @property
    def number_format(self) -> str:
        return "#,##0." + "0" * self.places if self.places else "#,##0"

    @cached_property
    def _step(self) -> Decimal:
        return Decimal(1).scaleb(-self.places)

    @cached_property
    def _with_noise(self) -> str:
        """How a number is written out with the places that must be empty."""
        return f".{self.places + len(_NOISE)}f"

    @cached_property
    def _noise(self) -> Decimal:
        """What is less comes of the arithmetic of computers, in a cell or as a program wrote it down."""
        return self._step.scaleb(-len(_NOISE)) / 2

    @cached_property
    def _limit(self) -> Decimal:
        """From here on a spreadsheet could not hold all places."""
        return Decimal(EXACT_BELOW).scaleb(-self.places)

    def _unit(self, rest: str) -> Unit:
        rest = rest.removesuffix("整")
        unit = find_unit(rest) or (find_unit(f"{rest}元") if self.dimension == MONEY else None)
        if unit is None:
            raise _not_a_number()
        return unit

    def _value(self, number: Decimal, unit: Unit | None) -> Decimal:
        if not -EXACT_BELOW < number < EXACT_BELOW:
            raise _too_large()
        if unit is not None and unit.dimension != self.dimension:
            wanted = f"应填{DIMENSIONS[self.dimension]}" if self.dimension else "不带单位"
            raise Wrong("wrong_unit", f"单位不对，本列{wanted}。")
        if unit is not None and unit.factor != 1:
            return self._bounded(self._rounded(number * unit.factor.numerator / unit.factor.denominator))
        value = self._bounded(self._rounded(number))
        if abs(value - number) >= self._noise:
            proposal = f"{value}{unit.name if unit else ''}"
            raise Wrong("too_precise", f"最多 {self.places} 位小数，请核对后重新填写。", proposal)
        return value

    def _rounded(self, number: Decimal) -> Decimal:
        return number.quantize(self._step, ROUND_HALF_UP)

    def _bounded(self, value: Decimal) -> Decimal:
        if not value:
            value = abs(value)  # no minus before zero
        if abs(value) >= self._limit:
            raise _too_large()
        _check_bounds(value, self.least, self.most)
        if self.positive and value <= 0:
            raise Wrong("out_of_range", "应大于 0。")
        return value


@dataclass(frozen=True)
class Integer(Kind):
    """A whole number between ``least`` and ``most``. ``keep_words``: words that mean a value."""

    least: int | None = None
    most: int | None = None
    keep_words: Mapping[str, int] = field(default_factory=dict, hash=False)

    def read_text(self, text: str, unit: Unit | None) -> int | None:
        if _PLAIN.fullmatch(text):
            return self._whole(Decimal(text))
        text = clean_text(text)
        if text in self.keep_words:
            return self.keep_words[text]
        if means_nothing(text):
            return None
        number, rest = split_number(text)
        if rest:
            raise _not_a_number()
        return self._whole(number)

    def read_number(self, number: float | int, unit: Unit | None) -> int:
        return self._whole(number)

    def read_date(self, day: date) -> NoReturn:
        raise Wrong("not_a_number", "这里是日期，应填数字。")

    @property
    def number_format(self) -> str:
        return "0"

    def _whole(self, number: Decimal | float | int) -> int:
        if not -EXACT_BELOW < number < EXACT_BELOW:
            raise _too_large()
        if number != int(number):
            raise Wrong("not_whole", "应为整数。")
        _check_bounds(int(number), self.least, self.most)
        return int(number)


def split_number(text: str) -> tuple[Decimal, str]:
    """``¥5,136.00 万元`` → 5136.00 and ``万元``. ``Wrong`` for what does not begin with one clear number."""
    match = _NUMBER.fullmatch(half_width(text))
    if match is None:
        raise _not_a_number()
    number = re.sub("[, ]", "", match["number"])
    return Decimal(match["sign"] + number), match["unit"].strip()


def _check_bounds(value: Decimal | int, least: Decimal | int | None, most: Decimal | int | None) -> None:
    if least is not None and value < least:
        raise Wrong("out_of_range", f"不能小于 {least:,}。")
    if most is not None and value > most:
        raise Wrong("out_of_range", f"不能大于 {most:,}。")


def _not_a_number() -> Wrong:
    return Wrong("not_a_number", "不是数字，请只填数字和单位。")


def _too_large() -> Wrong:
    return Wrong("too_large", "数字过大，请核对。")
