"""The rows of one sheet: corrections, carried values, rows that stay out, and each cell's value."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from itertools import count
from typing import Any

from landbureau.imports.choices import Choices
from landbureau.imports.cleaning import clean_text
from landbureau.imports.errors import Problem, Unsure
from landbureau.imports.reading import Sheet
from landbureau.imports.reading.cells import Cell
from landbureau.imports.recognise import Recognised, letter
from landbureau.imports.report import LONGEST_VALUE, Finding, Findings, Head, as_typed
from landbureau.imports.targets import Column, Row
from landbureau.imports.units import Unit

# Rows that sum up, sign or explain a printed table.
FOOT_BEGINS = tuple("合总小共注备说填制审")
FOOT = re.compile(
    r"(?:[合总小共]计$|[合总小共]计[:：]|(?:注|备注|说明)[:：]|(?:填表|填报|制表|审核)(?:人|单位|日期)?[:：])"
)
SKIP, TAKE = "不导入这一行", "照常导入"


class Rows:
    """Reads the rows of one sheet: corrections, carried values, rows that stay out, and each cell's value."""

    def __init__(
        self,
        sheet: Sheet,
        found: Recognised,
        columns: Sequence[tuple[Column, Head]],
        findings: Findings,
        choices: Choices,
    ) -> None:
        self.findings, self.found, self.choices = findings, found, choices
        self.corrections = choices.cells.get(sheet.name, {})
        units = {column.name: found.units.get(head.index) for column, head in columns}
        self.plan = [
            (column, head.index, units[column.name] or units.get(column.unit_like))
            for column, head in columns
        ]
        self.headed = {head.index for head in found.heads}
        self.first_gap = next(index for index in count() if index not in self.headed)
        self.ignored = {head.index for head in found.heads if not head.column}
        self.headless: set[int] = set()
        self.needed = {head.index for column, head in columns if column.required and not column.carry_down}
        one_of = found.target.one_of if found.target else ()
        self.one_of = {head.index for column, head in columns if column.name in one_of}
        self.left_out = set(choices.rows.get(sheet.name, ()))
        self.merged = _Merged(sheet.merges, {head.index for _, head in columns}, below=found.header[1])
        self.carried: dict[int, tuple[int, Cell]] = {}

    def rows(self, below: Iterator[tuple[int, list[Cell]]]) -> Iterator[Row | int]:
        """Rows, and the numbers of rows that stay out."""
        for number, cells in self._with_blank(below):
            if number in self.corrections:
                cells = self._corrected(number, cells)
            if self._is_blank(cells):
                if self.merged.has_row(number):  # it counts, and says nothing
                    yield number
                continue
            if self._is_head(cells):
                continue
            self.findings.cells[number] = cells
            if number in self.left_out or self._is_foot(number, cells):
                yield number
                continue
            self._find_headless(number, cells)
            yield self._row(number, cells)

    def _with_blank(self, below: Iterator[tuple[int, list[Cell]]]) -> Iterator[tuple[int, list[Cell]]]:
        """Readers leave blank rows out; among merged cells such a row counts all the same."""
        before = 0
        for number, cells in below:
            if before and self.merged:
                yield from ((between, []) for between in range(before + 1, number))
            before = number
            yield number, cells

    def _corrected(self, number: int, cells: list[Cell]) -> list[Cell]:
        corrected = list(cells)
        for index, text in self.corrections[number].items():
            corrected += [None] * (index + 1 - len(corrected))
            typed = as_typed(corrected[index])[:LONGEST_VALUE]
            self.findings.sheet.replaced.append((number, index, typed))
            corrected[index] = text or None
        return corrected

    def _is_blank(self, cells: Sequence[Cell]) -> bool:
        """Nothing to import, be it that the row is numbered: tables are numbered in advance."""
        return all(cell is None or index in self.ignored for index, cell in enumerate(cells))

    def _is_head(self, cells: Sequence[Cell]) -> bool:
        """The head once more: printed tables have it on every page. Merged cells may hide a part of it."""
        width, found = len(cells), 0
        for index, text in self.found.texts.items():
            cell = cells[index] if index < width else None
            if cell is None:
                continue
            if not isinstance(cell, str) or clean_text(cell) != text:
                return False
            found += 1
        return found > 1

    def _is_foot(self, number: int, cells: Sequence[Cell]) -> bool:
        """A sum, a note or a title between rows: left out, if the person who brings the table agrees."""
        filled = [index for index, cell in enumerate(cells) if cell is not None]
        first = cells[filled[0]]
        if (
            isinstance(first, str)
            and first.lstrip().startswith(FOOT_BEGINS)
            and FOOT.match(clean_text(first))
        ):
            message = "这一行像合计或说明，不是数据。"
        elif len(filled) == 1 and self._cannot_be_alone(filled[0]):
            message = "这一行只有一格有内容，像小标题或说明，不是数据。"
        else:
            return False
        index = filled[0]
        head = next((head for head in self.found.heads if head.index == index), Head(index, letter(index)))
        options = (SKIP, SKIP), (TAKE, TAKE)
        answer = self.findings.ask(number, "", "foot_row", message, SKIP, options, head)
        return answer != TAKE

    def _cannot_be_alone(self, index: int) -> bool:
        """Whether a row needs more than what is in this column."""
        return not self.needed <= {index} or bool(self.one_of and index not in self.one_of)

    def _find_headless(self, number: int, cells: Sequence[Cell]) -> None:
        """Content in a column without a head: told once for each."""
        for index in range(self.first_gap, len(cells)):
            cell = cells[index]
            if cell is None or index in self.headed or index in self.headless:
                continue
            self.headless.add(index)
            head = Head(index, letter(index), sample=as_typed(cell))
            self.findings.sheet.heads.append(head)  # where it can be given a meaning, or left out
            finding = of_head(
                number, head, "no_head", "这一列有内容，却没有表头，请指定它是哪一项，或者不导入。"
            )
            finding.value = as_typed(cell)
            self.findings.keep(finding)

    def _row(self, number: int, cells: list[Cell]) -> Row:
        row = Row(number, {}, self.findings)
        width = len(cells)
        values = row.values
        for column, index, unit in self.plan:
            cell = cells[index] if index < width else None
            if column.carry_down or self.merged.has_column(index):
                cell = self._carried(row, column, index, cell, cells)
            try:
                value = column.kind.parse(cell, unit)
            except Problem as problem:
                value = self._settled(row, column, unit, problem)
            if value is None and column.required and not row.failed:
                row.error(column.name, "required", f"“{column.title}”不能空着。")
            values[column.name] = value
        return row

    def _carried(self, row: Row, column: Column, index: int, cell: Cell, cells: list[Cell]) -> Cell:
        """The value above a blank cell: of course where the two are merged, and in a column that is carried
        down. If such a column has merged cells, a blank one that is not among them is doubtful.
        """
        if cell is not None and not (isinstance(cell, str) and not clean_text(cell)):
            self.carried[index] = row.number, cell
            return cell
        if index not in self.carried:
            return None
        above, value = self.carried[index]
        first = self.merged.first_row(row.number, index)
        merged = first is not None and above >= first  # else the merged cells are blank themselves
        if not merged and not column.carry_down:
            return None
        if not merged and self.merged.has_column(index):
            message = f"空着，但不在合并单元格内，是否沿用第 {above} 行的？"
            return row.ask(column.name, "carry_down", message, as_typed(value))
        cells += [None] * (index + 1 - len(cells))
        cells[index] = value  # what is found about it is found about this value
        return value

    def _settled(self, row: Row, column: Column, unit: Unit | None, problem: Problem) -> Any:
        """The value that an answer gives; without one the row is held back."""
        if not isinstance(problem, Unsure):
            row.error(column.name, problem.code, problem.message, problem.proposal)
            return None
        answer = row.ask(column.name, problem.code, problem.message, problem.proposal)
        if answer is None:
            return None
        try:
            return column.kind.parse(answer, unit)
        except Problem as still:
            row.error(column.name, still.code, f"答复“{answer}”不能采用：{still.message}", still.proposal)
            return None


class _Merged:
    """Cells merged downwards, in the columns that are read."""

    def __init__(
        self, merges: Sequence[tuple[int, int, int, int]], columns: Collection[int], below: int
    ) -> None:
        self.ranges: dict[int, list[tuple[int, int]]] = {}
        for first, left, last, _ in sorted(merges):
            # Merged sideways as well, the value is that of the first column.
            if first > below and last > first and left in columns:
                self.ranges.setdefault(left, []).append((first, last))

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def has_column(self, column: int) -> bool:
        return column in self.ranges

    def first_row(self, row: int, column: int) -> int | None:
        """Where the merged cells begin that this one is part of; None: it is not, or it is their first."""
        ranges = self.ranges.get(column, [])
        place = bisect_left(ranges, (row,)) - 1
        return ranges[place][0] if place >= 0 and row <= ranges[place][1] else None

    def has_row(self, row: int) -> bool:
        return any(self.first_row(row, column) is not None for column in self.ranges)


def of_head(row: int, head: Head, code: str, message: str) -> Finding:
    """An error about a column of the file."""
    return Finding(row, head.text, code, message, head.text, "", index=head.index)
