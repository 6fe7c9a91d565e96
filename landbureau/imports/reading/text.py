"""Text tables: csv, and what programs name .xls or .txt. Every cell is text."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath

from . import refusals
from .cells import Cell, clean_text
from .frames import Row, Table, check_size
from .refusals import Refused

SEPARATORS = "\t,;"
LOOKED_AT = 100  # records from which the separator is told
_MARKUP = re.compile(
    r"\s*(<(!doctype|html|head|meta|style|body|table|\?xml|!--|\w+:)|mime-version:)", re.IGNORECASE
)
_NAMED_SEPARATOR = re.compile(r"\"?sep=(.)\"?\r?\n", re.IGNORECASE)
# As ``web.spreadsheets.harmless`` writes what a program would take for a formula.
_PROTECTED = re.compile(r"'+(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
_MOST_CONTROLS = 100  # characters per control character: fewer, and it is no text


def read_text(data: bytes, name: str) -> Iterator[Table]:
    text = decode(data)
    if _MARKUP.match(text):
        raise Refused(refusals.WEB_PAGE)
    separator = _NAMED_SEPARATOR.match(text)
    start = separator.end() if separator else 0  # programs do not count that line
    rows: list[Row] = []
    width = 0
    title = PurePath(name).stem or "表1"
    for number, record in enumerate(
        _records(text, start, separator[1] if separator else _separator(text)), 1
    ):
        cells = [_cell(field) for field in record]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            width = max(width, len(cells))
            check_size(title, number, width)
            rows.append((number, cells))
    yield Table(title, width, rows[-1][0] if rows else 0, rows, knows_merges=False)


def decode(data: bytes) -> str:
    """The text, by its mark or by what it can be. Raises ``Refused`` if it is none."""
    try:
        text = _decoded(data)
    except UnicodeDecodeError:
        raise (
            refusals.no_table_file("其他格式的文件") if b"\0" in data else Refused(refusals.ENCODING)
        ) from None
    controls = sum(not character.isprintable() and not character.isspace() for character in text[:10_000])
    if controls * _MOST_CONTROLS > len(text[:10_000]):
        raise refusals.no_table_file("其他格式的文件")
    return text


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:].decode()
    try:
        return data.decode()
    except UnicodeDecodeError:
        # Broken UTF-8 can often be read as GB18030 too, as other signs.
        guess = data.decode(errors="replace")
        broken = guess.count("\N{REPLACEMENT CHARACTER}")
        if sum(character > "\x7f" for character in guess) > 10 * broken:
            raise
        return data.decode("gb18030")


def _records(text: str, start: int, separator: str) -> Iterator[list[str]]:
    source = io.StringIO(text, newline="")
    source.seek(start)
    reader = csv.reader(source, delimiter=separator, strict=True)
    begun = 1
    try:
        for record in reader:
            yield record
            begun = reader.line_num + 1
    except csv.Error:
        raise refusals.quotes(begun) from None


def _separator(text: str) -> str:
    """The sign that parts most of the first records into equally many fields; the comma if none does.

    Texts and numbers may have commas and semicolons in them, but hardly ever tabs.
    """
    best, best_score = ",", 0.0
    for separator in SEPARATORS:
        widths = Counter(_widths(text, separator))
        width, times = max(
            widths.items(), key=lambda item: ((item[0] - 1) * item[1], item[0]), default=(1, 0)
        )
        score = (width - 1) * times**2 / max(widths.total(), 1) * (10 if separator == "\t" else 1)
        if score > best_score:
            best, best_score = separator, score
    return best


def _widths(text: str, separator: str) -> Iterator[int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for record in islice(reader, LOOKED_AT):
            if any(field.strip() for field in record):
                yield len(record)
    except csv.Error:
        return


def _cell(field: str) -> Cell:
    return clean_text(field[1:] if _PROTECTED.match(field) else field) if field else None
