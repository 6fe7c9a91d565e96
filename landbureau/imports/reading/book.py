"""Sheets that calamine has read, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from python_calamine import CalamineSheet

from . import refusals
from .cells import Cell, clean_cells
from .frames import Merge, Row, Table
from .refusals import Refused

Patches = dict[int, dict[int, Cell]]  # cells that calamine gets wrong, by row (from 1) and column (from 0)


def table_of(sheet: CalamineSheet, merges: Iterable[Merge], patches: Patches, *, hidden: bool) -> Table:
    """``patches``: instead of the sheet's own cells."""
    bottom, right = sheet.end or (-1, -1)
    rows = max([bottom + 1, *patches])
    width = max([right + 1, *(max(row) + 1 for row in patches.values())])
    return Table(
        sheet.name,
        width,
        rows,
        _rows(sheet, rows, patches),
        merges_within(merges, rows, width),
        hidden=hidden,
    )


def merges_within(merges: Iterable[Merge], rows: int, columns: int) -> list[Merge]:
    """Merged ranges, cut to what is used. Raises ``Refused`` if they lie over each other."""
    kept = []
    area = 0
    for top, left, bottom, right in merges:
        bottom, right = min(bottom, rows), min(right, columns - 1)
        size = (bottom - top + 1) * (right - left + 1)
        if top <= bottom and left <= right and size > 1:
            kept.append((top, left, bottom, right))
            area += size
    if area > rows * columns:
        raise Refused(refusals.DAMAGED)
    return sorted(kept)


def _rows(sheet: CalamineSheet, last: int, patches: Patches) -> Iterator[Row]:
    """Rows that are not blank. calamine gives those above the first one too, but no columns left of it."""
    before: list[Cell] = [None] * (sheet.start[1] if sheet.start else 0)
    given = iter(sheet.iter_rows())
    for number in range(1, last + 1):
        cells = before + clean_cells(next(given, ()))
        for column, cell in patches.get(number, {}).items():
            cells += [None] * (column + 1 - len(cells))
            cells[column] = cell
        if cells.count(None) < len(cells):
            yield number, cells
