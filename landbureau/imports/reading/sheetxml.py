"""The XML of an xlsx sheet, scanned before calamine reads it.

calamine lays out the whole rectangle that is used, however sparse, and gives error values and formulas
without result as empty texts. The scan finds all three, at a fraction of the reading's cost: a few regular
expressions glance over large pieces; only what looks wrong, or is written in an unusual way, is walked cell
by cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO
from zipfile import ZipFile

from . import refusals
from .book import Patches
from .cells import NO_RESULT, Bad
from .frames import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, check_size
from .refusals import Refused, unknown_error

PIECE = 1024**2  # bytes looked at together
LONGEST_CELL = 8 * 1024**2  # bytes of XML
READABLE_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}

# Where cells and rows are, as all programs write it: the columns' letters, the rows' numbers, and whole
# references where the number is long. What merely looks like one in a text does no harm: it is walked.
_PLACES = re.compile(rb"r=[\"']([A-Z]+(?=\d{1,5}[\"'])|[A-Z]*\d+)")
_PLACE = re.compile(rb"(?<![\w:])r\s*=\s*[\"']([A-Za-z]*)(\d+)[\"']")
_TYPE = re.compile(rb"(?<![\w:])t\s*=\s*[\"'](\w+)[\"']")
_ERROR = re.compile(rb"t=[\"']e[\"']")


def scan(package: ZipFile, part: str, sheet: str) -> Patches:
    """Cells without usable value. Raises ``Refused`` if the sheet is used too far to the right or down."""
    with package.open(part) as stream:
        glance = _Scan(stream, sheet)
        seen = glance.glance()
    if seen and seen[0] <= MOST_ROWS and seen[1] <= MOST_COLUMNS and seen[0] * seen[1] <= MOST_CELLS:
        return glance.patches
    with package.open(part) as stream:
        walk = _Scan(stream, sheet)
        check_size(sheet, *walk.walk())
    return walk.patches


class _Scan:
    """One way through a sheet. Its elements may have a prefix."""

    def __init__(self, stream: IO[bytes], sheet: str) -> None:
        self.stream, self.sheet = stream, sheet
        self.patches: Patches = {}
        self.first = stream.read(PIECE)
        found = re.search(rb"<(\w*:?)sheetData", self.first)
        prefix = found[1] if found else b""
        self.cell, self.cell_end = b"<%sc" % prefix, b"</%sc>" % prefix
        self.cell_or_row = re.compile(rb"<%s(c|row)(?=[\s/>])([^>]*)>" % prefix)
        self.formula = re.compile(rb"<%sf[\s/>]" % prefix)
        self.value = re.compile(rb"<%sv[^>]*>\s*([^<\s][^<]*)" % prefix)

    def glance(self) -> tuple[int, int] | None:
        """Rows and columns that have cells, blank ones too. None: not written as usual."""
        rows = columns = 0
        for piece in self._pieces():
            places = set(_PLACES.findall(piece))
            numbers = set(filter(bytes.isdigit, places))
            if places == numbers and any(match[1] == b"c" for match in self.cell_or_row.finditer(piece)):
                return None
            rows = max(rows, *map(int, numbers), 0)
            for place in places - numbers:
                letters = place.rstrip(b"0123456789")
                columns = max(columns, _column(letters) + 1)
                rows = max(rows, int(place[len(letters) :] or 0))
            for sign in (self.formula, _ERROR):
                for match in sign.finditer(piece):
                    begin = piece.rfind(self.cell, 0, match.start())
                    inside = piece.find(b">", begin) + 1
                    self._judge(piece, piece[begin + len(self.cell) : inside - 1], inside, None)
        return rows, columns

    def walk(self) -> tuple[int, int]:
        """Rows and columns that are used: every cell is looked at, with or without a reference."""
        rows = columns = row = column = 0
        for piece in self._pieces():
            for match in self.cell_or_row.finditer(piece):
                place = _place(match[2])
                if match[1] == b"row":
                    row, column = place[0] if place else row + 1, 0
                    continue
                row, column = place or (row, column)
                inside = match.end()
                if not match[2].endswith(b"/") and piece[inside : inside + 2] != b"</":
                    rows, columns = max(rows, row), max(columns, column + 1)
                    self._judge(piece, match[2], inside, (row, column))
                column += 1
        return rows, columns

    def _pieces(self) -> Iterator[bytes]:
        """The sheet in pieces that begin with a cell, or at least with an element."""
        rest = self.first
        while more := self.stream.read(PIECE):
            cut = max(rest.rfind(self.cell + b" "), rest.rfind(self.cell + b">"))
            cut = cut if cut > 0 else rest.rfind(b"<", 1)
            if cut > 0:
                yield rest[:cut]
                rest = rest[cut:]
            elif len(rest) > LONGEST_CELL:
                raise Refused(refusals.DAMAGED)
            rest += more
        yield rest

    def _judge(self, piece: bytes, attributes: bytes, inside: int, place: tuple[int, int] | None) -> None:
        """Note a cell that has no usable value. ``place``: its row and column if it need not say them."""
        if attributes.endswith(b"/"):
            return
        content = piece[inside : piece.find(self.cell_end, inside)].lstrip()
        found, written = _TYPE.search(attributes), self.value.search(content)
        kind, value = found and found[1], written[1].decode() if written else ""
        if kind == b"e":
            bad = Bad(value) if value else NO_RESULT
        elif self.formula.match(content) and not value and kind != b"str":  # a text may well be empty
            bad = NO_RESULT
        else:
            return
        row, column = place or _place(attributes) or (0, 0)
        if not row:
            raise Refused(refusals.DAMAGED)  # with references and without in one sheet
        if value and value not in READABLE_ERRORS:
            raise unknown_error(self.sheet, row, column + 1, value)
        self.patches.setdefault(row, {})[column] = bad


def _place(attributes: bytes) -> tuple[int, int] | None:
    """Row (from 1) and column (from 0) that a cell or a row says of itself."""
    places = _PLACE.findall(attributes)
    if len(places) > 1:
        raise Refused(refusals.DAMAGED)
    return (int(places[0][1]), _column(places[0][0])) if places else None


def _column(letters: bytes) -> int:
    """The column from 0 by its letters; -1 without any."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1
