"""xls: calamine reads it, from a copy of the workbook's stream that holds only cells and their formats.

calamine sets memory aside for whatever size a file claims, stumbles over damaged formulas that nobody needs,
and gives error values as empty texts. So the records are walked first: what it must not see is struck out,
what it does not say is kept, and the stream is laid into a new compound file.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from . import refusals
from .book import Patches, table_of
from .cells import NO_RESULT, Bad
from .frames import Merge, Table, check_size
from .ole import write_compound
from .refusals import Refused

BOF, EOF, CONTINUE = 0x0809, 0x000A, 0x003C
FILEPASS, BOUNDSHEET, SST = 0x002F, 0x0085, 0x00FC
CODEPAGE, DATE1904, FORMAT, XF = 0x0042, 0x0022, 0x041E, 0x00E0
NUMBER, RK, MULRK, BOOLERR = 0x0203, 0x027E, 0x00BD, 0x0205
LABEL, RICH_LABEL, LABELSST = 0x0204, 0x00D6, 0x00FD
FORMULA, STRING, MERGEDCELLS = 0x0006, 0x0207, 0x00E5
STRUCK_OUT = 0x00FF  # a record that calamine does not know

_OF_THE_BOOK = {BOF, EOF, BOUNDSHEET, SST, CODEPAGE, DATE1904, FORMAT, XF}
_CELLS = {NUMBER, LABEL, BOOLERR, RK, MULRK, LABELSST, FORMULA}
_OF_A_SHEET = {BOF, EOF, STRING, *_CELLS}
_WORKSHEET, _CHART = 0, 2  # kinds of sheets; the others are macros
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_CALCULATE = 0b11  # flags of a formula that is to be calculated when the file is opened


@dataclass
class _Sheet:
    """``at``: where its records begin. What calamine does not say about it."""

    at: int
    kind: int
    merges: list[Merge] = field(default_factory=list)
    patches: Patches = field(default_factory=dict)
    rows: int = 0
    columns: int = 0

    def place(self, row: int, column: int) -> None:
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)

    def patch(self, row: int, column: int, bad: Bad) -> None:
        self.patches.setdefault(row + 1, {})[column] = bad


def read_xls(stream: bytes) -> Iterator[Table]:
    """The sheets of a workbook's stream."""
    cleaned = bytearray(stream)
    sheets = _walk_book(cleaned)
    for number, sheet in enumerate(sheets, 1):
        if sheet.kind == _WORKSHEET:
            _walk_sheet(cleaned, sheet)
            check_size(f"第 {number} 个工作表", sheet.rows, sheet.columns)
    book = CalamineWorkbook.from_filelike(io.BytesIO(write_compound("Workbook", bytes(cleaned))))
    for index, (about, sheet) in enumerate(zip(book.sheets_metadata, sheets, strict=True)):
        if sheet.kind == _WORKSHEET:
            hidden = about.visible != SheetVisibleEnum.Visible
            yield table_of(book.get_sheet_by_index(index), sheet.merges, sheet.patches, hidden=hidden)


def _records(stream: bytearray, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, place of the content and its length, until the end of the part."""
    while True:
        kind, length = struct.unpack_from("<HH", stream, at)
        if at + 4 + length > len(stream):
            raise Refused(refusals.DAMAGED)
        yield kind, at + 4, length
        at += 4 + length


def _strike_out(stream: bytearray, at: int) -> None:
    struct.pack_into("<H", stream, at - 4, STRUCK_OUT)


def _walk_book(stream: bytearray) -> list[_Sheet]:
    sheets = []
    kept = 0  # the last record but continuations
    for kind, at, _ in _records(stream, 0):
        if kind == FILEPASS:
            raise Refused(refusals.ENCRYPTED)
        if kind == BOUNDSHEET:
            place, _, sort = struct.unpack_from("<IBB", stream, at)
            if sort not in (_WORKSHEET, _CHART):
                raise Refused(refusals.MACROS)
            sheets.append(_Sheet(place, sort))
        elif kind == SST and struct.unpack_from("<I", stream, at + 4)[0] * 3 > len(stream):
            raise Refused(refusals.DAMAGED)  # fewer bytes than texts
        if kind == EOF:
            return sheets
        if kind not in _OF_THE_BOOK and (kind, kept) != (CONTINUE, SST):
            _strike_out(stream, at)
        kept = kept if kind == CONTINUE else kind
    raise AssertionError("records do not end")


def _walk_sheet(stream: bytearray, sheet: _Sheet) -> None:
    depth = last = 0
    formula = (0, 0)
    for kind, at, length in _records(stream, sheet.at):
        depth += (kind == BOF) - (kind == EOF)
        if depth <= 0:
            if kind != EOF:
                raise Refused(refusals.DAMAGED)  # it does not begin where it should
            return
        if depth > 1 or kind == EOF:  # a chart in the sheet
            _strike_out(stream, at)
            continue
        if kind == RICH_LABEL:  # of Excel 5: a label, then its fonts
            struct.pack_into("<H", stream, at - 4, LABEL)
            kind = LABEL
        if kind in _CELLS:
            row, column = struct.unpack_from("<HH", stream, at)
            (end,) = struct.unpack_from("<H", stream, at + length - 2)
            sheet.place(row, max(column, end) if kind == MULRK else column)
            if kind == FORMULA:
                formula = row, column
                _judge_formula(stream, at, sheet)
            elif kind == BOOLERR and stream[at + 7]:
                sheet.patch(row, column, _error(stream[at + 6]))
        elif kind == MERGEDCELLS:
            for i in range(struct.unpack_from("<H", stream, at)[0]):
                top, bottom, left, right = struct.unpack_from("<4H", stream, at + 2 + 8 * i)
                sheet.merges.append((top + 1, left, bottom + 1, right))
        elif kind == CONTINUE and last == STRING:  # calamine would cut it off
            sheet.patch(*formula, Bad("公式的结果过长"))
        if kind not in _OF_A_SHEET:
            _strike_out(stream, at)
        last = kind


def _judge_formula(stream: bytearray, at: int, sheet: _Sheet) -> None:
    """Note a formula that has no usable result, and strike out how it is calculated."""
    row, column, sort, error, marker, flags = struct.unpack_from("<HH2xBxB3xHH", stream, at)
    if marker == 0xFFFF and sort == 2:
        sheet.patch(row, column, _error(error))
    elif marker == 0xFFFF and sort == 3 and flags & _CALCULATE:
        sheet.patch(row, column, NO_RESULT)
    struct.pack_into("<H", stream, at + 20, 0)


def _error(code: int) -> Bad:
    return Bad(_ERRORS.get(code, "#N/A"))
