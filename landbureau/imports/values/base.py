"""What all kinds of values have in common."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from landbureau.imports.errors import Wrong
from landbureau.imports.reading.cells import Cell
from landbureau.imports.units import Unit

EMPTY_WORDS = frozenset({"无", "暂无", "/", "／", "\\", "-", "－", "--", "—", "——", "–"})
EXACT_BELOW = 10**15  # spreadsheets keep 15 digits of a number
Exported = str | int | Decimal | date | None


class Kind:
    """A kind of value. ``parse`` sorts a cell by its type; a kind says how it reads each of them.

    ``dimension``: the units that its head or cells may have (``units.DIMENSIONS``).
    """

    dimension: str = ""

    def parse(self, cell: Cell | Decimal, unit: Unit | None = None) -> Any:
        """The value of a cell, None if it is blank. ``unit``: that of the column.

        Raises ``Wrong`` or ``Unsure``; a proposal is a text that this method reads without question.
        """
        if type(cell) is str:
            return self.read_text(cell, unit)
        if cell is None:
            return None
        if isinstance(cell, bool):
            return self.read_bool(cell)
        if isinstance(cell, float | int):
            return self.read_number(cell, unit)
        if isinstance(cell, date):
            return self.read_date(cell.date() if isinstance(cell, datetime) else cell)
        if isinstance(cell, Decimal):
            return self.read_text(format(cell, "f"), unit)
        raise Wrong("no_value", "公式没有结果或有错误，请改为实际内容。")

    def read_text(self, text: str, unit: Unit | None) -> Any:
        raise NotImplementedError

    def read_number(self, number: float | int, unit: Unit | None) -> Any:
        return self.read_text(plain_number(number), unit)

    def read_bool(self, flag: bool) -> Any:
        raise Wrong("logical_value", "这里是逻辑值（TRUE、FALSE），请改填文字或数字。")

    def read_date(self, day: date) -> Any:
        raise Wrong("became_a_date", "内容已被表格软件改成日期，请把该列设为文本后重新填写。")

    def same(self, old: Any, new: Any) -> bool:
        """Whether a sheet's value is what the system holds; None and an empty text are the same."""
        return bool(old == new) or (is_empty(old) and is_empty(new))

    def show(self, value: Any) -> str:
        """As pages and reports show it."""
        return "" if value is None else str(value)

    def export(self, value: Any) -> Exported:
        """What is written into a spreadsheet; ``parse`` reads it, or its text in a csv file, as the value."""
        exported: Exported = value
        return exported

    @property
    def number_format(self) -> str:
        """Excel's format of the column; empty: general."""
        return ""


def means_nothing(text: str) -> bool:
    return not text or text in EMPTY_WORDS


def is_empty(value: Any) -> bool:
    return value is None or value == ""


def plain_number(number: float | int) -> str:
    """A number as it was typed: ``3`` for 3.0, ``0.1``. ``Wrong`` where digits have been lost."""
    if not -EXACT_BELOW < number < EXACT_BELOW:  # also not a number
        raise digits_lost()
    if number == int(number):
        return str(int(number))
    return format(Decimal(f"{number:.15g}"), "f")


def digits_lost() -> Wrong:
    return Wrong("digits_lost", "位数过长，已丢失末尾数字，请把该列设为文本后重新填写。")


def too_long(longest: int, length: int) -> Wrong:
    return Wrong("too_long", f"最多 {longest} 个字，这里有 {length} 个。")
