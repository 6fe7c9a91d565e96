"""Tables on paper: the largest type in which they stay within the type area, and what is never broken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

AREA = 156  # mm, width of the type area
SIZES = ((12, 1.5), (10.5, 1.0), (9, 0.8), (8, 0.4))  # type in points, mm beside the words of a cell
RULE = 0.25  # mm
POINT = 25.4 / 72
LEAST_TEXT, GOOD_TEXT = 4, 8  # characters of a column whose cells may break: at least, and with room
LEAST_HEAD = 2  # characters of a head that breaks anywhere
MOST_CHARACTERS = 300  # of a cell: laying it out takes time that grows with the square of its length
MOST_ROWS = 300  # twenty pages: what is longer is an annex, not a part of a letter
MOST_TEXT = 20_000  # characters of a table, for the same two reasons

UNBROKEN = re.compile(r"[!-~]{0,20}[%‰]?|[0-9]{4}年[0-9]{1,2}月(?:[0-9]{1,2}日)?")


@dataclass(frozen=True)
class Columns:
    """``size`` in points; ``least``: characters that a column of words has at least, 0 for one whose cells
    are never broken; ``whole_heads``: heads break before a bracket only; ``fits``: false if even the smallest
    type is too wide."""

    size: float
    least: Sequence[int]
    whole_heads: bool
    fits: bool


def columns_of(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns:
    """How a table is set."""
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    longest = [max(map(width, column), default=0) for column in columns]
    kept = [
        most <= LEAST_TEXT or all(UNBROKEN.fullmatch(cell) for cell in column)
        for most, column in zip(longest, columns, strict=True)
    ]
    for whole_heads, good in ((True, GOOD_TEXT), (True, LEAST_TEXT), (False, LEAST_TEXT)):
        halves = [min(max(ceil(most / 2) + 1, LEAST_TEXT), good) for most in longest]  # cells of two lines
        least = [0 if whole else half for whole, half in zip(kept, halves, strict=True)]
        cells = [half or most for half, most in zip(least, longest, strict=True)]
        heads = [max(map(width, pieces(head))) if whole_heads else LEAST_HEAD for head in header]
        ems = sum(map(max, cells, heads))
        for size, beside in SIZES:
            if ems * size * POINT + len(header) * (2 * beside + RULE) + RULE <= AREA:
                return Columns(size, least, whole_heads, True)
    return Columns(SIZES[-1][0], least, False, False)


def problem(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Why a table cannot be part of a document; empty if it can."""
    if len(rows) > MOST_ROWS:
        return f"有{len(rows)}行，超过{MOST_ROWS}行"
    for number, row in enumerate([header, *rows]):
        for name, cell in zip(header, row, strict=True):
            if len(cell) > MOST_CHARACTERS:
                return f"第{number}行“{name[:20]}”栏有{len(cell)}个字，超过{MOST_CHARACTERS}个字"
    if (text := sum(len(cell) for row in rows for cell in row)) > MOST_TEXT:
        return f"有{text}个字，超过{MOST_TEXT}个字"
    return "" if columns_of(header, rows).fits else f"有{len(header)}栏，在纸上放不下"


def pieces(head: str) -> list[str]:
    """``应缴金额``, ``（元）``: where a head may be broken."""
    return re.split("(?=[（(])", head) if head[:1] not in "（(" else [head]


def width(text: str) -> float:
    """Characters of full width: figures take half of one, Latin letters up to 0.8."""
    return sum(
        0.8 if letter.isascii() and letter.isalpha() else 0.5 if letter.isascii() else 1 for letter in text
    )
