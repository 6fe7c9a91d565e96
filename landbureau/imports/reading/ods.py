"""ods, read row by row: calamine knows neither its merged cells nor its line breaks and errors.

Repeated cells and rows are counted before they are laid out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from math import isfinite
from xml.etree.ElementTree import Element, iterparse
from zipfile import ZipFile

from . import refusals
from .book import merges_within
from .cells import NO_RESULT, NOT_A_NUMBER, Bad, Cell, clean_text, clock
from .frames import Merge, Row, Table, check_size
from .packages import empty
from .refusals import Refused

OFFICE, TABLE, TEXT, STYLE = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text", "style")
)
SHEET, ROW, CELL, COVERED_CELL = (
    f"{TABLE}{name}" for name in ("table", "table-row", "table-cell", "covered-table-cell")
)
PARAGRAPH, SPACES = f"{TEXT}p", f"{TEXT}s"
SIGNS = {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}
NOT_TEXT = {f"{OFFICE}annotation", f"{TABLE}shapes", f"{TEXT}ruby-text", f"{TEXT}note"}
LINKED = f"{TABLE}dde-links"  # copies of other files' tables
DRAWING = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"

ROWS_REPEATED, COLUMNS_REPEATED = f"{TABLE}number-rows-repeated", f"{TABLE}number-columns-repeated"
ROWS_SPANNED, COLUMNS_SPANNED = f"{TABLE}number-rows-spanned", f"{TABLE}number-columns-spanned"
TYPE, FORMULA = f"{OFFICE}value-type", f"{TABLE}formula"
NUMBER, TRUTH, DATE, TIME, STRING = (
    f"{OFFICE}{name}" for name in ("value", "boolean-value", "date-value", "time-value", "string-value")
)
CALC_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"

_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
_MOST_SPACES = 1000


def read_ods(package: ZipFile) -> Iterator[Table]:
    hidden: set[str] = set()  # styles
    style = ""
    sheet: _Sheet | None = None
    linked = False
    with package.open("content.xml") as stream:
        for event, element in iterparse(stream, ("start", "end")):  # noqa: S314  # declarations are refused before
            tag = element.tag
            if event == "start":
                if tag == SHEET and not linked:
                    if sheet:
                        raise Refused(refusals.NESTED_TABLE)
                    sheet = _Sheet(element)
                elif tag == LINKED:
                    linked = True
                elif tag == f"{STYLE}style":
                    style = element.get(f"{STYLE}name", "")
            elif tag == ROW:
                if sheet:
                    sheet.add(element)
                empty(element)
            elif tag == SHEET and sheet:
                yield sheet.table(hidden)
                sheet = None
            elif tag == SPACES:
                element.text = " " * min(int(element.get(f"{TEXT}c", 1)), _MOST_SPACES)
            elif tag in SIGNS:
                element.text = SIGNS[tag]
            elif tag in NOT_TEXT or tag.startswith(DRAWING):
                empty(element)
            elif tag == f"{STYLE}table-properties" and element.get(f"{TABLE}display") == "false":
                hidden.add(style)


class _Sheet:
    """The rows of one sheet as they come."""

    def __init__(self, element: Element) -> None:
        self.name = element.get(f"{TABLE}name", "")
        self.style = element.get(f"{TABLE}style-name", "")
        self.rows: list[Row] = []
        self.merges: list[Merge] = []
        self.number = self.width = 0

    def table(self, hidden: set[str]) -> Table:
        used = self.rows[-1][0] if self.rows else 0
        merges = merges_within(self.merges, used, self.width)
        return Table(self.name, self.width, used, self.rows, merges, hidden=self.style in hidden)

    def add(self, row: Element) -> None:
        """A row, as often as it is repeated. Raises ``Refused`` if the sheet becomes too large."""
        times = int(row.get(ROWS_REPEATED, 1))
        cells: list[Cell] = []
        column = 0
        for item in row:
            repeated = int(item.get(COLUMNS_REPEATED, 1))
            if item.tag == CELL:
                value = _value(item)
                if value is not None:
                    self.width = max(self.width, column + repeated)
                    check_size(self.name, self.number + times, self.width)
                    cells += [None] * (column - len(cells)) + [value] * repeated
                self._merge(item, column)
            elif item.tag != COVERED_CELL:
                continue
            column += repeated
        if cells:
            self.rows += [(self.number + 1 + i, cells) for i in range(times)]
        self.number += times

    def _merge(self, item: Element, column: int) -> None:
        right, down = int(item.get(COLUMNS_SPANNED, 1)), int(item.get(ROWS_SPANNED, 1))
        if right > 1 or down > 1:
            top = self.number + 1
            self.merges.append((top, column, top + down - 1, column + right - 1))


def _value(cell: Element) -> Cell:
    kind = cell.get(TYPE)
    if cell.get(CALC_TYPE) == "error":
        return Bad(_text(cell) or "#N/A")
    if kind in ("float", "percentage", "currency"):
        number = float(cell.attrib[NUMBER])
        return number if isfinite(number) else NOT_A_NUMBER
    if kind == "boolean":
        return cell.get(TRUTH) == "true"
    if kind == "date":
        return _moment(cell.get(DATE, "")) or _text(cell)
    if kind == "time":
        time = _DURATION.fullmatch(cell.get(TIME, ""))
        return clock(*map(int, time.groups())) if time else _text(cell)
    if kind is None and cell.get(FORMULA):
        return NO_RESULT
    text = cell.get(STRING)
    return _text(cell) if text is None else clean_text(text)


def _moment(text: str) -> date | datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:  # before the year 1 or after 9999
        return None
    return moment if moment.time() != datetime.min.time() else moment.date()


def _text(cell: Element) -> str | None:
    if len(cell) == 1 and not len(cell[0]):  # nearly always
        return clean_text(cell[0].text or "")
    return clean_text("\n".join(["".join(paragraph.itertext()) for paragraph in cell.iter(PARAGRAPH)]))
