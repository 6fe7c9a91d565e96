"""Tables as files: workbooks of one look, and csv as Excel reads it. Rows are written as they come.

What is written is what is there: a text stays a text, whatever a spreadsheet would make of it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain, islice
from math import isfinite
from typing import IO, Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

TEXT = "@"
"""The number format of codes and phones: a cell typed in later keeps its zeros as well."""
SECONDS = "yyyy-mm-dd hh:mm:ss"
GROUNDS = {"green": "E3F4E5", "blue": "E1EFFB", "orange": "FDF0DC", "red": "FBE3E3", "grey": "EEF0F3"}
"""Grounds of rows, by the colours of states on the pages (``STATE_COLOURS``)."""

_HEAD_GROUND = "E8EDF3"
_FORMATS = ((datetime, "yyyy-mm-dd hh:mm"), (date, "yyyy-mm-dd"), (time, "hh:mm"), (Decimal, "#,##0.00"))
_MEASURED = 200  # rows that the widths of the columns are taken from
_NARROWEST, _WIDEST = 8, 60  # characters of half width
_LONGEST = 32_767  # characters of a cell; Excel calls a file with longer ones damaged
_DIGITS = 15  # of a number; Excel rounds what has more
_REREAD = re.compile(r"[=+\-@.\d]")  # a text that begins so becomes something else when it is edited
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")


@dataclass(frozen=True)
class ColumnOut:
    """A column: its head, an Excel number format (empty: by the value), its width (0: by what it holds)."""

    head: str
    number_format: str = ""
    width: float = 0


@dataclass(frozen=True)
class SheetOut:
    """A sheet to be written. ``rows`` are read once; ``colour_of``: a row's key in ``GROUNDS``, or empty."""

    title: str
    columns: Sequence[ColumnOut]
    rows: Iterable[Sequence[Any]]
    colour_of: Callable[[Sequence[Any]], str] | None = None

    @property
    def heads(self) -> list[str]:
        return [column.head for column in self.columns]


def plain(value: Any) -> str | int | float | Decimal | date | time | None:
    """A value as a cell can hold it: 是/否, times of this zone, numbers that Excel would round as text."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value).replace(tzinfo=None)
    if isinstance(value, date):
        return value if value.year >= 1900 else value.isoformat()  # Excel's first day is in 1900
    if isinstance(value, int | float | Decimal):
        return value if _is_exact(value) else str(value)
    return value if isinstance(value, time) else str(value)


def _is_exact(value: int | float | Decimal) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    return len(Decimal(value).normalize().as_tuple().digits) <= _DIGITS


# --- Excel -------------------------------------------------------------------------------------------------


def write_xlsx(file: IO[bytes], sheets: Iterable[SheetOut]) -> int:
    """Write a workbook and return the number of its rows, heads aside.

    The head is bold and stays in sight, columns can be filtered. Dates and amounts are dates and numbers,
    every text is a text cell: Excel evaluates none and drops no zero. The memory does not grow with the rows.
    """
    workbook = Workbook(write_only=True)
    count = sum(_write_sheet(workbook, sheet) for sheet in sheets)
    workbook.save(file)
    return count


def _write_sheet(workbook: Workbook, sheet: SheetOut) -> int:
    worksheet = workbook.create_sheet(_sheet_title(sheet.title))
    rows = ([plain(value) for value in row] for row in sheet.rows)
    first = list(islice(rows, _MEASURED))
    worksheet.freeze_panes = "A2"
    for number, column in enumerate(sheet.columns):
        dimension = worksheet.column_dimensions[get_column_letter(number + 1)]
        dimension.width = column.width or _width_of(column.head, (row[number] for row in first))
        dimension.number_format = column.number_format or "General"
    cells = _Cells(worksheet)
    worksheet.append(cells.head(head) for head in sheet.heads)
    count = 0
    for row in chain(first, rows):
        ground = sheet.colour_of(row) if sheet.colour_of else ""
        worksheet.append(
            None if value is None and not ground else cells.of(value, column.number_format, ground)
            for value, column in zip(row, sheet.columns, strict=True)
        )
        count += 1
    worksheet.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{count + 1}"
    worksheet.close()
    return count


class _Cells:
    """The cells of a sheet, one for each look: ``append`` writes a cell before it asks for the next one."""

    def __init__(self, worksheet: Any) -> None:
        self._worksheet = worksheet
        self._made: dict[tuple[str, str, bool], Any] = {}

    def head(self, head: str) -> Any:
        cell = WriteOnlyCell(self._worksheet, head)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor=_HEAD_GROUND)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        return cell

    def of(self, value: Any, number_format: str, ground: str) -> Any:
        if number_format == TEXT and value is not None:
            value = str(value)
        number_format = number_format or _format_of(value)
        text = isinstance(value, str)
        look = (number_format, ground, text and (len(value) * 2 > _WIDEST or "\n" in value))
        cell = self._made.get(look) or self._new(look)
        cell.value = cell_text(value) if text else value
        if text:
            cell.data_type = "s"  # not "f", however it begins
        elif isinstance(value, date | time):
            cell.number_format = number_format  # openpyxl has set its own
        return cell

    def _new(self, look: tuple[str, str, bool]) -> Any:
        number_format, ground, is_long = look
        cell = self._made[look] = WriteOnlyCell(self._worksheet)
        cell.number_format = number_format
        cell.alignment = Alignment(vertical="top", wrap_text=is_long)
        if ground:
            cell.fill = PatternFill("solid", fgColor=GROUNDS[ground])
        return cell


def _format_of(value: Any) -> str:
    if isinstance(value, str):
        return TEXT if _REREAD.match(value) else "General"
    if isinstance(value, int):
        return "0"  # else a long one is shown as 1.2E+11
    return next((known for kind, known in _FORMATS if isinstance(value, kind)), "General")


def cell_text(text: str) -> str:
    """A text as XML can hold it: other characters the way Excel writes them (``_x0001_``), not too long."""
    text = _NOT_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _sheet_title(title: str) -> str:
    """What Excel takes: 31 characters, of which openpyxl needs some to tell equal ones apart."""
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:28].strip() or "Sheet"


def _width_of(head: str, values: Iterable[Any]) -> float:
    """Of a column, in characters of half width, so that most of its cells can be read."""
    widest = max((_width(_shown(value)) for value in values), default=0)
    return min(max(widest + 2, _width(head) + 4, _NARROWEST), _WIDEST)  # the head has a button beside it


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    text = str(value) if value is not None else ""
    return max(text.splitlines(), key=len, default="")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


# --- csv ---------------------------------------------------------------------------------------------------


def write_csv(file: IO[bytes], head: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write UTF-8 with BOM and return the number of rows; no cell is a formula (``harmless``)."""
    count = 0
    for part in _csv_parts(head, rows):
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(part)
        file.write(text.getvalue().encode("utf-8" if count else "utf-8-sig", "replace"))
        count += len(part)
    return count - 1


def _csv_parts(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[list[list[str]]]:
    lines = chain([[harmless(name) for name in head]], ([_csv_cell(value) for value in row] for row in rows))
    while part := list(islice(lines, 1000)):
        yield part


def _csv_cell(value: Any) -> str:
    value = plain(value)
    if isinstance(value, str):
        return harmless(value)
    return f"{value:f}" if isinstance(value, Decimal) else "" if value is None else str(value)


def harmless(text: str) -> str:
    """An apostrophe before what a spreadsheet would take for a formula (OWASP, CSV injection).

    Blanks before it are no protection; Chinese versions read the full-width signs as well. A text that has
    such an apostrophe of its own gets another one, so that ``harmed`` gives back every text as it was.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def harmed(text: str) -> str:
    """The text of a csv cell as it was before ``harmless``."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
