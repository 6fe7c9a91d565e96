"""What a run through a file found: errors, questions, and how its rows meet what the system holds."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from hashlib import sha256
from typing import IO, Any

from landbureau.imports.choices import Choices
from landbureau.imports.reading.cells import Bad, Cell

CREATED, UPDATED, UNCHANGED, SKIPPED, FAILED = "created", "updated", "unchanged", "skipped", "failed"
OUTCOMES = {
    CREATED: "新增",
    UPDATED: "修改",
    UNCHANGED: "未变",
    SKIPPED: "不导入",
    FAILED: "未通过",
}
# Errors that are put right by saying what a column of the file is.
IN_HEAD = frozenset({"unknown_column", "duplicate_column", "wrong_unit", "no_head", "column_missing"})
MOST_NAMED = 1000  # rows that a file lacks and that are named; they are counted all
MOST_FINDINGS = 1000  # of one kind in a sheet that are told one by one
MOST_NEW = 2000  # new rows of a sheet whose values are shown
LONGEST_VALUE = 200  # characters of an offending value that are kept


@dataclass(slots=True)
class Finding:
    """One cell that is wrong (an error) or doubtful (a question).

    ``column``: the head as it stands in the file. ``question``: under which an answer is kept; empty for an
    error. ``index``: the cell's column in the file, None where the whole row or sheet is meant.
    """

    row: int
    column: str
    code: str
    message: str
    value: str
    proposal: str
    question: str = ""
    options: tuple[tuple[str, str], ...] = ()
    answer: str | None = None
    index: int | None = None
    personal: bool = False

    @property
    def is_error(self) -> bool:
        return not self.question

    @property
    def is_open(self) -> bool:
        return self.answer is None

    def as_json(self) -> dict[str, Any]:
        """As ``contract.md`` has it: an error has no proposal."""
        told: dict[str, Any] = {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "message": self.message,
            "value": self.value,
        }
        return told if self.is_error else told | {"proposal": self.proposal}


@dataclass(frozen=True, slots=True)
class Warn:
    """What whoever imports should think of first (Chinese); ``url``, ``link``: where to do it, in words."""

    text: str
    url: str = ""
    link: str = ""


@dataclass(slots=True)
class Head:
    """A column of the file. ``column``: the target's name for it, empty if it is not imported."""

    index: int
    text: str
    column: str = ""
    unit: str = ""
    how: str = ""  # title, remembered, chosen, ignored; empty: unknown
    sample: str = ""


@dataclass(slots=True)
class SheetReport:
    """One sheet. ``outcomes``: (row, outcome, what names it); ``changes``: (row, column, old, new)."""

    sheet: str
    kind: str = ""
    header: tuple[int, int] = (0, 0)
    heads: list[Head] = field(default_factory=list)
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    missing: int = 0
    missing_names: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    outcomes: list[tuple[int, str, str]] = field(default_factory=list)
    changes: list[tuple[int, str, str, str]] = field(default_factory=list)
    consequences: list[str] = field(default_factory=list)
    warnings: list[Warn] = field(default_factory=list)
    replaced: list[tuple[int, int, str]] = field(default_factory=list)  # row, index, what the file has there
    news: list[tuple[int, str]] = field(default_factory=list)  # row, what a new one holds
    unlisted: dict[str, int] = field(default_factory=dict)  # by code: open, beyond the most
    content: str = ""  # fingerprint of all that would be written

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_error]

    @property
    def questions(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_error]

    @property
    def cleared(self) -> int:
        """Values of the system that the file would empty."""
        return sum(not new for _, _, _, new in self.changes)


@dataclass(slots=True)
class Report:
    """The whole file. ``committed``: its rows were written."""

    sheets: list[SheetReport] = field(default_factory=list)
    committed: bool = False

    @property
    def errors(self) -> int:
        return sum(len(sheet.errors) for sheet in self.sheets)

    @property
    def unlisted(self) -> int:
        """Errors and open questions that are counted and not told."""
        return sum(sum(sheet.unlisted.values()) for sheet in self.sheets)

    @property
    def questions(self) -> int:
        return sum(len(sheet.questions) for sheet in self.sheets)

    @property
    def open_questions(self) -> int:
        return sum(finding.is_open for sheet in self.sheets for finding in sheet.questions)

    @property
    def is_clear(self) -> bool:
        """Nothing stands in the way of writing."""
        return not any(
            sheet.unlisted or any(finding.is_error or finding.is_open for finding in sheet.findings)
            for sheet in self.sheets
        )

    @property
    def rows(self) -> int:
        return sum(sheet.rows for sheet in self.sheets)

    def count(self, outcome: str) -> int:
        return sum(getattr(sheet, outcome) for sheet in self.sheets)

    def digest(self) -> str:
        """The same as long as writing would do the same."""
        told = [(sheet.sheet, sheet.kind, sheet.content, sheet.consequences) for sheet in self.sheets]
        return sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()

    def counts(self) -> list[dict[str, Any]]:
        """The figures of each sheet, for lists of imports and the audit record; ``kind`` empty: no table."""
        names = ("sheet", "kind", "rows", "created", "updated", "unchanged", "missing")
        return [{name: getattr(sheet, name) for name in names} for sheet in self.sheets]

    def as_json(self) -> dict[str, Any]:
        """As ``contract.md`` has it."""
        return {
            "sheets": [
                counts
                | {
                    "kind": sheet.kind or None,
                    "questions": [finding.as_json() for finding in sheet.questions],
                    "errors": [finding.as_json() for finding in sheet.errors],
                }
                for counts, sheet in zip(self.counts(), self.sheets, strict=True)
            ],
            "committed": self.committed,
        }

    def dump(self, file: IO[bytes]) -> None:
        with gzip.open(file, "wt", encoding="utf-8", compresslevel=1) as text:
            json.dump(asdict(self), text, ensure_ascii=False)

    @classmethod
    def load(cls, file: IO[bytes]) -> Report:
        with gzip.open(file, "rt", encoding="utf-8") as text:
            kept = json.load(text)
        sheets = []
        names = {known.name for known in fields(SheetReport)}
        for sheet in kept["sheets"]:
            sheet = {name: value for name, value in sheet.items() if name in names}
            sheet["heads"] = [Head(**head) for head in sheet["heads"]]
            sheet["findings"] = [
                Finding(**finding | {"options": tuple(map(tuple, finding["options"]))})
                for finding in sheet["findings"]
            ]
            sheet["warnings"] = [Warn(**warning) for warning in sheet.get("warnings", ())]
            for name in ("outcomes", "changes", "replaced", "news"):
                sheet[name] = [tuple(item) for item in sheet.get(name, ())]
            sheets.append(SheetReport(**sheet | {"header": tuple(sheet["header"])}))
        return cls(sheets, kept["committed"])


class Findings:
    """Collects what is found in one sheet, and knows the answers that were given.

    ``columns``: index and head of each column of the target that the sheet has. ``cells``: the rows at hand,
    by their numbers, as the file has them.
    """

    def __init__(
        self, sheet: SheetReport, columns: Mapping[str, Head], choices: Choices, titles: Mapping[str, str]
    ) -> None:
        self.sheet, self.columns, self.choices, self.titles = sheet, columns, choices, titles
        self.personal: frozenset[str] = frozenset()  # names of columns with personal data
        self.cells: dict[int, Sequence[Cell]] = {}
        self.told: Counter[str] = Counter()

    def error(self, row: int, column: str, code: str, message: str, proposal: str = "") -> None:
        self.keep(self._finding(row, column, code, message, proposal))

    def ask(
        self,
        row: int,
        column: str,
        code: str,
        message: str,
        proposal: str,
        options: tuple[tuple[str, str], ...] = (),
        head: Head | None = None,
        value: str = "",
    ) -> str | None:
        """``head``: of a cell that belongs to no column of the target. ``value``: where no cell is meant."""
        finding = self._finding(row, column, code, message, proposal, head)
        finding.value = finding.value or value
        place = "" if finding.value else f"{self.sheet.sheet} {row}"
        finding.question = question_key(
            self.sheet.kind, column, code, finding.value, message, proposal, place
        )
        finding.options = options
        finding.answer = self.choices.answer(finding.question, proposal)
        self.keep(finding)
        return finding.answer

    def keep(self, finding: Finding) -> None:
        """Beyond the most of one kind they are only counted: a whole column may be of the wrong kind."""
        self.told[finding.code] += 1
        if self.told[finding.code] <= MOST_FINDINGS:
            self.sheet.findings.append(finding)
        elif finding.is_open:
            self.sheet.unlisted[finding.code] = self.sheet.unlisted.get(finding.code, 0) + 1

    def _finding(
        self, row: int, column: str, code: str, message: str, proposal: str, head: Head | None = None
    ) -> Finding:
        head = head or self.columns.get(column)
        cells = self.cells.get(row, ())
        index = head.index if head else None
        cell = cells[index] if index is not None and index < len(cells) else None
        return Finding(
            row=row,
            column=head.text if head else self.titles.get(column, column),
            code=code,
            message=message,
            value=as_typed(cell)[:LONGEST_VALUE],
            proposal=proposal,
            index=index,
            personal=column in self.personal,
        )


def question_key(
    kind: str, column: str, code: str, value: str, message: str, proposal: str, place: str = ""
) -> str:
    """Two questions with the same key have the same answer, in this file and in the next.

    ``place``: what tells apart questions about blank cells, whose answers hold for that cell alone.
    """
    return sha256("\x1f".join((kind, column, code, value, message, proposal, place)).encode()).hexdigest()[
        :32
    ]


def as_typed(cell: Cell) -> str:
    """A cell as whoever typed it knows it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return (
            f"{cell:%Y-%m-%d}"
            if not (cell.hour or cell.minute or cell.second)
            else f"{cell:%Y-%m-%d %H:%M:%S}"
        )
    if isinstance(cell, date):
        return cell.isoformat()
    return cell.text if isinstance(cell, Bad) else str(cell)
