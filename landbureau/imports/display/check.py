"""The lines of the check: errors and questions, the same ones together, with what was decided about them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zlib import crc32

from landbureau.imports.choices import Choices
from landbureau.imports.report import IN_HEAD, LONGEST_VALUE, Finding, Report, SheetReport

BLANK = "（空）"


@dataclass
class Line:
    """A line of the check: an error, a question, or a cell that was put right and is no error any more
    (``finding`` None). The same about the same value is one line for all its ``rows``.

    ``decision``: the text that a person, now or for an earlier file, has put there; None: it is open.
    """

    sheet: str
    rows: list[int]
    column: str
    index: int | None = None
    finding: Finding | None = None
    decision: str | None = None
    is_remembered: bool = False
    replaced: str = ""  # what the file has in a cell that was put right

    @property
    def row(self) -> int:
        return self.rows[0]

    @property
    def in_head(self) -> bool:
        return self.finding is not None and self.finding.code in IN_HEAD

    @property
    def is_question(self) -> bool:
        return self.finding is not None and not self.finding.is_error

    @property
    def is_open(self) -> bool:
        return self.decision is None

    @property
    def is_accepted(self) -> bool:
        return self.finding is not None and self.is_question and self.decision == self.finding.proposal

    @property
    def is_cell(self) -> bool:
        """Whether another text in the cell's place may help."""
        return self.index is not None and not self.is_question and not self.in_head

    @property
    def may_be_left_out(self) -> bool:
        """Whether leaving out the row may be the answer."""
        return self.finding is not None and self.is_open and not self.is_question and not self.in_head

    @property
    def value(self) -> str | None:
        """The cell as it is in the file; None: no cell is meant."""
        if self.finding is None:
            return self.replaced
        return None if self.index is None and not self.finding.value else self.finding.value

    @property
    def key(self) -> str:
        """Tells lines of one page apart; a cell keeps it when it has been put right."""
        if self.finding is not None and self.is_question:
            return self.finding.question
        return f"{crc32(self.sheet.encode())}-{self.row}-{self.index}"

    @property
    def proposal(self) -> str:
        return self._in_words(self.finding.proposal if self.finding else "")

    @property
    def decided(self) -> str:
        return self._in_words(self.decision or "")

    @property
    def start(self) -> str:
        """What stands in the field at first: the decision, the proposal, or the text to be put right."""
        if self.decision is not None or self.finding is None:
            return self.decision or ""
        return self.finding.proposal or ("" if self.is_question else self.finding.value)

    def _in_words(self, answer: str) -> str:
        return dict(self.finding.options if self.finding else ()).get(answer, answer) or BLANK


FILTERS = {"": "全部", "open": "待处理", "errors": "错误", "questions": "问题"}


class Check:
    """All lines of a report, by sheet and row."""

    def __init__(self, report: Report, choices: Choices) -> None:
        self._choices = choices
        self.lines = [line for sheet in report.sheets for line in self._errors(sheet)]
        self.lines += self._questions(report)
        place = {sheet.sheet: number for number, sheet in enumerate(report.sheets)}
        self.lines.sort(key=lambda line: (place[line.sheet], line.row, line.index or 0))

    def _errors(self, sheet: SheetReport) -> list[Line]:
        """Errors, and cells of which the correction holds. Blank cells and heads are told one by one."""
        corrected = self._choices.cells.get(sheet.sheet, {})
        found: dict[Any, Line] = {}
        for finding in sheet.errors:
            text = corrected.get(finding.row, {}).get(-1 if finding.index is None else finding.index)
            if text is not None and text[:LONGEST_VALUE] == finding.value:
                text = None  # it has been looked at, and is still wrong
            same: Any = (finding.index, finding.code, finding.message, finding.value, text)
            if not finding.value or finding.index is None or finding.code in IN_HEAD:
                same = id(finding)
            if line := found.get(same):
                line.rows.append(finding.row)
            else:
                found[same] = Line(sheet.sheet, [finding.row], finding.column, finding.index, finding, text)
        heads = {head.index: head.text for head in sheet.heads}
        wrong = {(finding.row, finding.index) for finding in sheet.findings}
        replaced = {(row, index): text for row, index, text in sheet.replaced}
        for row, cells in sorted(corrected.items()):
            for index, text in cells.items():
                if (row, index) in wrong:
                    continue
                before = replaced.get((row, index), "")
                if line := found.get((index, text, before)):
                    line.rows.append(row)
                else:
                    found[index, text, before] = Line(
                        sheet.sheet, [row], heads.get(index, ""), index, decision=text, replaced=before
                    )
        return list(found.values())

    def _questions(self, report: Report) -> list[Line]:
        asked: dict[str, Line] = {}
        for sheet in report.sheets:
            for finding in sheet.questions:
                if line := asked.get(finding.question):
                    line.rows.append(finding.row)
                    continue
                own = self._choices.answers.get(finding.question)
                asked[finding.question] = Line(
                    sheet.sheet,
                    [finding.row],
                    finding.column,
                    finding.index,
                    finding,
                    decision=own if own is not None else finding.answer,
                    is_remembered=own is None and finding.answer is not None,
                )
        return list(asked.values())

    @cached_property
    def open_errors(self) -> int:
        return len([line for line in self.lines if line.is_open and not line.is_question])

    @cached_property
    def open_questions(self) -> int:
        return len([line for line in self.lines if line.is_open and line.is_question])

    def shown(self, name: str) -> list[Line]:
        """The lines under one of ``FILTERS``."""
        if name == "open":
            return [line for line in self.lines if line.is_open]
        if name in ("errors", "questions"):
            return [line for line in self.lines if line.is_question == (name == "questions")]
        return self.lines

    def question(self, key: str) -> Line | None:
        return next((line for line in self.lines if line.is_question and line.key == key), None)

    def error(self, sheet: str, row: int) -> Line | None:
        """A line whose row may be left out."""
        lines = (line for line in self.lines if line.may_be_left_out)
        return next((line for line in lines if (line.sheet, line.row) == (sheet, row)), None)

    def cell(self, sheet: str, row: int, index: int) -> Line | None:
        """The line under which this cell, and the others like it, may be corrected."""
        place = (sheet, row, index)
        lines = (line for line in self.lines if line.is_cell)
        return next((line for line in lines if (line.sheet, line.row, line.index) == place), None)
