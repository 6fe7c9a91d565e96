"""The workbooks around an import: the empty table, all rows, the file with its outcomes, the way back."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

from landbureau.imports.engine import Restore
from landbureau.imports.models import ImportSession
from landbureau.imports.reading import Sheet, open_tables
from landbureau.imports.reading.cells import Bad, Cell
from landbureau.imports.recognise import OWN_COLUMNS
from landbureau.imports.report import (
    CREATED,
    FAILED,
    OUTCOMES,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    Report,
    SheetReport,
    as_typed,
)
from landbureau.imports.targets import Column, Target
from landbureau.web.spreadsheets import ColumnOut, SheetOut, write_csv, write_xlsx

ROW_NUMBER = "行号"  # of the file that was brought; no column when it is imported again
COLOURS = {CREATED: "green", UPDATED: "blue", UNCHANGED: "", SKIPPED: "grey", FAILED: "red"}
ASKED = "orange"


def table_out(
    target: type[Target], rows: Iterable[Mapping[str, Any]], columns: Sequence[Column] = ()
) -> SheetOut:
    """Rows by the names of the target's columns, as a sheet that imports unchanged."""
    columns = columns or [column for column in target.columns if not column.only_read]
    return SheetOut(
        target.title,
        [ColumnOut(column.title, column.kind.number_format) for column in columns],
        ([column.kind.export(row.get(column.name)) for column in columns] for row in rows),
    )


def write_table(file: IO[bytes], target: Target, extension: str) -> int:
    """All rows of a table as ``xlsx`` or ``csv``; how many."""
    sheet = table_out(type(target), target.export_rows())
    if extension == "csv":
        return write_csv(file, sheet.heads, sheet.rows)
    return write_xlsx(file, [sheet])


def template(target: type[Target]) -> bytes:
    """The table without rows, to be filled in."""
    file = io.BytesIO()
    write_xlsx(file, [table_out(target, ())])
    return file.getvalue()


def restore(restores: Sequence[Restore]) -> bytes:
    """How changed rows were before: imported, it undoes the changes."""
    file = io.BytesIO()
    write_xlsx(file, [table_out(kept.target, kept.rows, kept.columns) for kept in restores])
    return file.getvalue()


def result(session: ImportSession, file: IO[bytes]) -> None:
    """The file's own rows with what became of each, or would: two more columns, coloured by the outcome."""
    report = session.get_report() or Report()
    by_sheet = {sheet.sheet: sheet for sheet in report.sheets}
    with session.file.open("rb") as source, open_tables(source, session.name) as sheets:
        # One sheet after the other: the rows of each are written before the next is asked for.
        write_xlsx(file, (_annotated(sheet, by_sheet.get(sheet.name)) for sheet in sheets))


def _annotated(sheet: Sheet, report: SheetReport | None) -> SheetOut:
    rows = iter(sheet.rows)
    last = report.header[1] if report and report.kind else 1
    head: list[Cell] = []
    for number, cells in rows:
        head = cells if number <= last else head
        if number >= last:
            break
    named = {item.index: item.text for item in report.heads} if report else {}
    width = max(sheet.width, len(head))
    heads = [
        named.get(index) or as_typed(head[index] if index < len(head) else None) for index in range(width)
    ]
    columns = [ColumnOut(text) for text in (ROW_NUMBER, *heads, *OWN_COLUMNS)]
    words = _words(report) if report else {}
    return SheetOut(
        sheet.name,
        columns,
        _with_words(rows, width, words),
        colour_of=lambda row: _COLOUR_OF_WORD.get(str(row[-2] or ""), ""),
    )


_ASKED = "待答复"
_COLOUR_OF_WORD = {word: COLOURS[outcome] for outcome, word in OUTCOMES.items()} | {_ASKED: ASKED}


def _with_words(
    rows: Iterator[tuple[int, list[Cell]]], width: int, words: Mapping[int, tuple[str, str]]
) -> Iterator[list[Any]]:
    for number, cells in rows:
        padded = [*cells, *[None] * (width - len(cells))][:width]
        shown = (as_typed(cell) if isinstance(cell, Bad) else cell for cell in padded)
        yield [number, *shown, *words.get(number, ("", ""))]


def _words(report: SheetReport) -> dict[int, tuple[str, str]]:
    """Outcome and what is said about each row."""
    said: dict[int, list[str]] = defaultdict(list)
    asked: set[int] = set()
    failed: set[int] = set()
    for finding in report.findings:
        if finding.is_error or finding.is_open:
            said[finding.row].append(f"{finding.column}：{finding.message}".lstrip("："))
            (failed if finding.is_error else asked).add(finding.row)
        elif finding.answer is not None:
            said[finding.row].append(f"{finding.column}：已答复“{finding.answer or '（空）'}”".lstrip("："))
    heads = {head.index: head.text for head in report.heads}
    for row, index, typed in report.replaced:
        said[row].append(f"{heads.get(index, '')}：已在页面上改正，原为“{typed}”")
    for row, column, old, new in report.changes:
        said[row].append(f"{column}：{old or '（空）'} → {new or '（清空）'}")
    words = {}
    for row, outcome, _ in report.outcomes:
        word = _ASKED if outcome == FAILED and row in asked and row not in failed else OUTCOMES[outcome]
        words[row] = word, "；".join(said.get(row, ()))
    return words
