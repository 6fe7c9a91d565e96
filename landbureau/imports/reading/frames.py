"""What a file is read into, piece by piece: a head for each sheet, then some of its rows at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from .cells import Bad, Cell
from .refusals import Refused, too_many_cells, too_many_columns, too_many_rows

MOST_SHEETS = 50
MOST_ROWS = 200_000
MOST_COLUMNS = 300
MOST_CELLS = 10_000_000  # of the rectangle that is used: calamine keeps all of it

Row = tuple[int, list[Cell]]
Merge = tuple[int, int, int, int]  # first row, first column, last row, last column; rows from 1


@dataclass(frozen=True, slots=True)
class Head:
    """A sheet begins. ``width``, ``height``: what is used; ``knows_merges``: the format has merged cells."""

    name: str
    width: int
    height: int
    merges: list[Merge]
    knows_merges: bool
    hidden: bool


Frame = Head | list[Row]


@dataclass(slots=True)
class Table:
    """A sheet as a reader hands it over: within the limits, its merges within what is used."""

    name: str
    width: int
    height: int
    rows: Iterable[Row]
    merges: list[Merge] = field(default_factory=list)
    knows_merges: bool = True
    hidden: bool = False

    def head(self) -> Head:
        return Head(self.name, self.width, self.height, self.merges, self.knows_merges, self.hidden)


def check_size(sheet: str, rows: int, columns: int) -> None:
    """Raise ``Refused`` if a sheet that is used up to this row and column is too large."""
    if rows > MOST_ROWS:
        raise too_many_rows(sheet, rows, MOST_ROWS)
    if columns > MOST_COLUMNS:
        raise too_many_columns(sheet, columns, MOST_COLUMNS)
    if rows * columns > MOST_CELLS:
        raise too_many_cells(sheet, rows, columns, MOST_CELLS)


# --- As lines of JSON between the reading process and ours -------------------------------------------

DONE = json.dumps(["done"]) + "\n"


def to_line(frame: Frame) -> str:
    if isinstance(frame, Head):
        size = frame.width, frame.height
        content = [frame.name, *size, frame.merges, frame.knows_merges, frame.hidden]
        return json.dumps(["sheet", *content]) + "\n"
    return json.dumps(["rows", frame], default=_from_cell) + "\n"


def refusal_line(sentence: str) -> str:
    return json.dumps(["refused", sentence]) + "\n"


def failure_line(trace: str) -> str:
    return json.dumps(["failed", trace]) + "\n"


class Failed(Exception):
    """Reading ended in a way that no reader foresaw; the text is its traceback."""


def from_line(line: bytes) -> Frame | None:
    """The frame; None after the last. Raises ``Refused`` or ``Failed`` if that is what the line says."""
    content = json.loads(line, object_hook=_to_cell)
    match content:
        case ["rows", rows]:
            return [(number, cells) for number, cells in rows]
        case ["sheet", name, width, height, merges, knows_merges, hidden]:
            return Head(name, width, height, [tuple(merge) for merge in merges], knows_merges, hidden)
        case ["refused", sentence]:
            raise Refused(sentence)
        case ["failed", trace]:
            raise Failed(trace)
    return None


def _from_cell(cell: Any) -> dict[str, str]:
    if isinstance(cell, datetime):
        return {"time": cell.isoformat()}
    if isinstance(cell, date):
        return {"day": cell.isoformat()}
    if isinstance(cell, Bad):
        return {"bad": cell.text}
    raise TypeError(f"{type(cell)} in a cell")


def _to_cell(content: dict[str, str]) -> Cell:
    match content:
        case {"time": text}:
            return datetime.fromisoformat(text)
        case {"day": text}:
            return date.fromisoformat(text)
    return Bad(content["bad"])
