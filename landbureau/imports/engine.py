"""The one way through a file: recognise, check, compare, and (if asked to) write.

The rows pass in chunks: each is parsed, checked by the target, met with what the system holds in one query,
and written in sets. Nothing but findings and outcomes is kept of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser

from landbureau.imports.choices import NOT_IMPORTED, Choices
from landbureau.imports.errors import FileRefused
from landbureau.imports.reading import Sheet, open_tables
from landbureau.imports.recognise import LOOKED_AT, Recognised, recognise
from landbureau.imports.report import (
    CREATED,
    FAILED,
    LONGEST_VALUE,
    MOST_NAMED,
    MOST_NEW,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    Findings,
    Head,
    Report,
    SheetReport,
)
from landbureau.imports.rows import Rows, of_head
from landbureau.imports.targets import Column, Current, Key, Row, Target, Update
from landbureau.imports.units import DIMENSIONS, foreign_unit
from landbureau.web.masking import mask

CHUNK = 1000
STAY_OUT, BRING_IN = "不导入", "导入"


class LongFile(Exception):
    """There are more rows than the caller wants to wait for."""


@dataclass(frozen=True)
class Aim:
    """What a run is for. ``write``: checked rows are written as they pass; the caller holds a transaction.

    ``most_rows``: more of them raise ``LongFile``. ``progress``: called with the number of rows done, and of
    rows that are known so far.
    """

    kinds: Sequence[type[Target]]
    actor: AbstractBaseUser | None
    today: date
    choices: Choices
    write: bool = False
    most_rows: int | None = None
    progress: Callable[[int, int], None] = lambda done, total: None


def run(file: IO[bytes] | Path, name: str, aim: Aim) -> tuple[Report, list[Restore]]:
    """Pass a file through. With ``aim.write`` rows are written until the first error or open question.

    The caller commits only if the report is clear. Returns the report, and for each target that was written
    how its changed rows were before. Raises ``FileRefused``, ``LongFile``.
    """
    return _Run(aim).through(file, name)


@dataclass
class Restore:
    """How changed rows were before: what a file needs to undo the import."""

    target: type[Target]
    names: set[str]
    rows: list[Mapping[str, Any]]

    @property
    def columns(self) -> list[Column]:
        return [column for column in self.target.columns if column.name in self.names]


class _Run:
    def __init__(self, aim: Aim) -> None:
        self.aim, self.report = aim, Report()
        self.targets: dict[str, Target] = {}
        self.seen: dict[str, dict[Key, tuple[str, int]]] = {}
        self.last: dict[str, SheetReport] = {}
        self.restore: dict[str, Restore] = {}
        self.done = self.known = 0  # rows
        self.later: list[tuple[Sheet, Recognised, SheetReport]] = []  # sheets that come after the others

    def through(self, file: IO[bytes] | Path, name: str) -> tuple[Report, list[Restore]]:
        with open_tables(file, name, most_bytes=settings.IMPORTS_MOST_BYTES) as sheets:
            for sheet in sheets:
                self._sheet(sheet)
        for sheet, found, report in self.later:
            self._rows(sheet, found, report)
        kinds = [sheet.kind for sheet in self.report.sheets if sheet.kind]
        if not kinds and not any(self.aim.choices.kinds.values()):
            raise FileRefused(_unrecognised(self.aim.kinds))
        for kind, sheet_report in self.last.items():
            self._missing(self.targets[kind], sheet_report)
            sheet_report.consequences = self.targets[kind].consequences()
            sheet_report.warnings = self.targets[kind].warnings()
        return self.report, list(self.restore.values())

    # --- A sheet ----------------------------------------------------------------------------------

    def _sheet(self, sheet: Sheet) -> None:
        self.known += sheet.height
        rows = iter(sheet.rows)
        top = list(islice(rows, LOOKED_AT))
        report = SheetReport(sheet.name)
        self.report.sheets.append(report)
        found = recognise(sheet.name, top, sheet.merges, self.aim.kinds, self.aim.choices)
        if found.target is None:
            self._may_stay_out(
                report, "unknown_sheet", f"工作表“{sheet.name}”不像要导入的表，将不导入。", STAY_OUT
            )
            return
        if sheet.hidden and sheet.name not in self.aim.choices.kinds:
            title = found.target.title
            message = f"工作表“{sheet.name}”是隐藏的，像“{title}”表，是否导入？"
            options = (STAY_OUT, STAY_OUT), (BRING_IN, BRING_IN)
            if self._may_stay_out(report, "hidden_sheet", message, STAY_OUT, options) != BRING_IN:
                return
        report.kind, report.header, report.heads = found.target.name, found.header, found.heads
        sheet = replace(sheet, rows=chain(top, rows))
        if found.target.after_others:
            self.later.append((replace(sheet, rows=iter(list(sheet.rows))), found, report))
        else:
            self._rows(sheet, found, report)

    def _rows(self, sheet: Sheet, found: Recognised, report: SheetReport) -> None:
        assert found.target is not None
        target = self._target(found.target)
        self.last[target.name] = report
        columns = self._columns(found, report)
        findings = Findings(
            report,
            {column.name: head for column, head in columns},
            self.aim.choices,
            {column.name: column.title for column in target.columns},
        )
        findings.personal = frozenset(column.name for column in target.columns if column.personal)
        content = sha256()
        self._judge_head(target, found, columns, findings)
        reader = Rows(sheet, found, columns, findings, self.aim.choices)
        below = (item for item in sheet.rows if item[0] > found.header[1])
        whole = not target.lacks(findings.columns)
        for chunk in _chunks(reader.rows(below), None if target.whole else CHUNK):
            self._count(len(chunk), report)
            self._chunk(target, chunk, report, columns, findings, whole, content)
        report.content = content.hexdigest()
        report.findings.sort(key=lambda finding: finding.row)

    def _may_stay_out(
        self,
        report: SheetReport,
        code: str,
        message: str,
        proposal: str,
        options: tuple[tuple[str, str], ...] = (),
    ) -> str | None:
        """Ask about a sheet; nothing is asked of one that was said to stay out."""
        if self.aim.choices.kinds.get(report.sheet) == NOT_IMPORTED:
            return STAY_OUT
        findings = Findings(report, {}, self.aim.choices, {})
        return findings.ask(1, "", code, message, proposal, options, value=report.sheet)

    def _target(self, kind: type[Target]) -> Target:
        if kind.name not in self.targets:
            target = kind(actor=self.aim.actor, today=self.aim.today)
            target.writes, target.others = self.aim.write, self.targets
            target.prepare()
            self.targets[kind.name] = target
            self.seen[kind.name] = {}
        return self.targets[kind.name]

    def _columns(self, found: Recognised, report: SheetReport) -> list[tuple[Column, Head]]:
        """The columns that are read: the first head of each."""
        assert found.target is not None
        taken: dict[str, Head] = {}
        for head in found.heads:
            if head.column and head.column not in taken:
                taken[head.column] = head
        return [(column, taken[column.name]) for column in found.target.columns if column.name in taken]

    def _judge_head(
        self,
        target: Target,
        found: Recognised,
        columns: Sequence[tuple[Column, Head]],
        findings: Findings,
    ) -> None:
        used = {head.index: column for column, head in columns}
        row = found.header[1]
        for head in found.heads:
            if head.column and head.index not in used:
                title = target.column(head.column).title
                findings.keep(
                    of_head(row, head, "duplicate_column", f"有两列都是“{title}”，请指定其中一列不导入。")
                )
            elif not head.column and not head.how:
                message = "不认识这一列，请指定它是哪一项，或者不导入。"
                findings.keep(of_head(row, head, "unknown_column", message))
        for column, head in columns:
            dimension = column.kind.dimension
            if dimension and (strange := foreign_unit(head.text, dimension)):
                message = f"表头中的单位“{strange}”不能换算，请改用{DIMENSIONS[dimension]}单位。"
                findings.keep(of_head(row, head, "wrong_unit", message))
        for title in target.lacks({column.name for column in used.values()}):
            findings.error(row, title, "column_missing", f"表中没有“{title}”这一列。")

    def _count(self, rows: int, report: SheetReport) -> None:
        report.rows += rows
        self.done += rows
        if self.aim.most_rows is not None and self.done > self.aim.most_rows:
            raise LongFile
        self.aim.progress(self.done, max(self.known, self.done))

    # --- A chunk ------------------------------------------------------------------------------------

    def _chunk(
        self,
        target: Target,
        chunk: Sequence[Row | int],
        report: SheetReport,
        columns: Sequence[tuple[Column, Head]],
        findings: Findings,
        whole: bool,
        content: Any,
    ) -> None:
        """``chunk``: rows, or the numbers of those that stay out. ``whole``: no required column is missing,
        without which the rows cannot be judged. ``content``: takes in all that would be written."""
        outcomes: dict[int, tuple[str, str]] = {}
        rows = []
        for item in chunk:
            if isinstance(item, int):
                outcomes[item] = SKIPPED, ""
            else:
                rows.append(item)
        for row in rows:
            row.failed = row.failed or not whole
        target.check([row for row in rows if not row.failed])
        keyed = [(key, row) for row in rows if (key := self._key(target, row, report)) and not row.failed]
        current = target.current([key for key, _ in keyed]) if keyed else {}
        created, updated = [], []
        for key, row in keyed:
            held = current.get(key)
            changed = _changed(row, held, columns) if held else ()
            if held is None:
                created.append(row)
                outcomes[row.number] = CREATED, _label(target, row)
                content.update(repr((row.number, *row.values.values())).encode())
                if len(report.news) < MOST_NEW:
                    report.news.append((row.number, _values(target, row)))
            elif changed:
                updated.append(Update(row, held, changed))
                differs = [(name, held.values[name], row.values[name]) for name in changed]
                content.update(repr((row.number, key, differs)).encode())
                outcomes[row.number] = UPDATED, _label(target, row)
                report.changes.extend(_shown(target, row, held, changed))
            else:
                outcomes[row.number] = UNCHANGED, _label(target, row)
        report.created += len(created)
        report.updated += len(updated)
        report.unchanged += len(keyed) - len(created) - len(updated)
        for item in chunk:
            number = item if isinstance(item, int) else item.number
            outcome, name = outcomes.get(number, (FAILED, ""))
            report.outcomes.append((number, outcome, name))
            content.update(f"{number} {outcome}".encode())
        target.note(created, updated)
        if self.aim.write and (created or updated) and self.report.is_clear:
            self._keep(target, columns, updated)
            target.write(created, updated)
        findings.cells.clear()

    def _key(self, target: Target, row: Row, report: SheetReport) -> Key | None:
        """The row's key; a second row with the same one is an error. None: the row has none, and fails."""
        for name in target.key:
            if row.values.get(name) in (None, ""):
                if not row.failed:
                    row.error(name, "required", f"“{target.column(name).title}”不能空着。")
                return None
        key = tuple(row.values[name] for name in target.key)
        known = self.seen[target.name].setdefault(key, (report.sheet, row.number))
        if known != (report.sheet, row.number):
            sheet, number = known
            where = f"第 {number} 行" if sheet == report.sheet else f"“{sheet}”第 {number} 行"
            row.error(target.key[-1], "duplicate_row", f"与{where}重复，只留一行。")
        return key

    def _keep(
        self, target: Target, columns: Sequence[tuple[Column, Head]], updated: Sequence[Update]
    ) -> None:
        """What the rows were: their keys, and the columns of all sheets of this table."""
        if not updated:
            return
        kept = self.restore.setdefault(target.name, Restore(type(target), set(target.key), []))
        kept.names |= {column.name for column, _ in columns}
        kept.rows += [update.current.values for update in updated]

    def _missing(self, target: Target, report: SheetReport) -> None:
        seen = self.seen[target.name]
        names = [name for key, name in target.everything().items() if key not in seen]
        report.missing, report.missing_names = len(names), names[:MOST_NAMED]


def _chunks(rows: Iterator[Row | int], size: int | None) -> Iterator[list[Row | int]]:
    while chunk := list(islice(rows, size)):
        yield chunk


def _changed(row: Row, held: Current, columns: Sequence[tuple[Column, Head]]) -> tuple[str, ...]:
    values, kept = row.values, held.values
    return tuple(
        column.name
        for column, _ in columns
        if column.name in kept
        and values[column.name] != kept[column.name]
        and not column.kind.same(kept[column.name], values[column.name])
    )


def _shown(
    target: Target, row: Row, held: Current, changed: Sequence[str]
) -> Iterator[tuple[int, str, str, str]]:
    for name in changed:
        column = target.column(name)
        old = column.kind.show(held.values[name])
        yield (
            row.number,
            column.title,
            mask(old) if column.personal else old,
            column.kind.show(row.values[name]),
        )


def _values(target: Target, row: Row) -> str:
    """What a new row holds, for people: all but what names it."""
    names = {*target.key, *target.label}
    shown = (
        f"{column.title} {text}"
        for column in target.columns
        if column.name not in names and (text := column.kind.show(row.values.get(column.name)))
    )
    return "　".join(shown)[:LONGEST_VALUE]


def _label(target: Target, row: Row) -> str:
    names = (*target.key, *(name for name in target.label if name not in target.key))
    shown = (
        target.column(name).kind.show(row.values[name]) for name in names if row.values.get(name) is not None
    )
    return "　".join(filter(None, shown))


def _unrecognised(kinds: Sequence[type[Target]]) -> str:
    if len(kinds) == 1:
        needed = "、".join(kinds[0].lacks(()))
        return f"没有找到“{kinds[0].title}”的表头，表中至少要有：{needed}。"
    known = "、".join(kind.title for kind in kinds)
    return f"没有认出可以导入的表（{known}）。请核对表头；表头写法特别的，选定是哪一种表后再试。"
