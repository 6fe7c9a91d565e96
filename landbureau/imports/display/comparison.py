"""How the rows of a file meet what the system holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from landbureau.imports.report import CREATED, FAILED, SKIPPED, UNCHANGED, UPDATED, Report, SheetReport


@dataclass(frozen=True)
class Compared:
    """A row of the comparison; with ``column``, one value of it that changes."""

    sheet: str
    row: int
    label: str
    column: str = ""
    old: str = ""
    new: str = ""
    holds: str = ""  # values of a new row


TABS = {"created": "新增", "updated": "修改", "unchanged": "未变", "missing": "表中缺失"}


class Comparison:
    """How the file's rows meet what the system holds."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.counts = Counter(outcome for sheet in report.sheets for _, outcome, _ in sheet.outcomes)
        self.missing = report.count("missing")
        self.held_back = self.counts[SKIPPED] + self.counts[FAILED]
        self.written = self.counts[CREATED] + self.counts[UPDATED]
        self.cleared = sum(sheet.cleared for sheet in report.sheets)
        self.consequences = list(
            dict.fromkeys(told for sheet in report.sheets for told in sheet.consequences)
        )

    @property
    def unnamed(self) -> int:
        """Rows that the file lacks, beyond those that the report names."""
        return self.missing - len(self.rows("missing"))

    def count(self, tab: str) -> int:
        return self.missing if tab == "missing" else self.counts[tab]

    def first_tab(self) -> str:
        """Where something is to be seen: changes above all."""
        return next((tab for tab in ("updated", *TABS) if self.count(tab)), "created")

    def rows(self, tab: str) -> list[Compared]:
        sheets = self.report.sheets
        if tab == "missing":
            return [Compared(sheet.sheet, 0, name) for sheet in sheets for name in sheet.missing_names]
        if tab == UPDATED:
            return [change for sheet in sheets for change in _changes(sheet)]
        outcome = {"created": CREATED, "unchanged": UNCHANGED}[tab]
        return [row for sheet in sheets for row in _rows(sheet, outcome)]


def _rows(sheet: SheetReport, outcome: str) -> Iterator[Compared]:
    news = dict(sheet.news)
    for row, found, label in sheet.outcomes:
        if found == outcome:
            yield Compared(sheet.sheet, row, label, holds=news.get(row, ""))


def _changes(sheet: SheetReport) -> Iterator[Compared]:
    labels = {row: label for row, outcome, label in sheet.outcomes if outcome == UPDATED}
    for row, column, old, new in sheet.changes:
        yield Compared(sheet.sheet, row, labels.get(row, ""), column, old, new)
