"""What a table must declare to be imported: its columns, and how its rows meet what the system holds.

An app declares its targets in its ``imports.py`` and names them in ``settings.IMPORT_TARGETS``; the way
through a file is the same for all (``engine``). A target object lives for one run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.utils.module_loading import import_string

from landbureau.imports.report import Findings, Warn
from landbureau.imports.values import Cell, Kind

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    """One column that a sheet may have.

    ``name``: key in ``Row.values``. ``title``: its head, as exported. ``synonyms``: other heads that offices
    use (spaces, brackets and units do not matter). ``required``: the sheet must have the column and every row
    a value. ``carry_down``: a blank cell takes the value above it (merged cells). ``personal``: what the
    system holds is masked where it is compared. ``only_read``: another way to say the same, which is not
    exported. ``unit_like``: the column whose unit counts where its own head names none.
    """

    name: str
    title: str
    kind: Kind
    synonyms: tuple[str, ...] = ()
    required: bool = False
    carry_down: bool = False
    personal: bool = False
    only_read: bool = False
    unit_like: str = ""


@dataclass(frozen=True, slots=True)
class Current:
    """A row as the system holds it: its key in the database, and the values of all columns."""

    pk: Any
    values: Mapping[str, Any]


@dataclass(slots=True)
class Row:
    """A row of the sheet: its number there (from 1), and its values by the names of the columns it has."""

    number: int
    values: dict[str, Any]
    findings: Findings = field(repr=False)
    failed: bool = False

    def error(self, column: str, code: str, message: str, proposal: str = "") -> None:
        """The row cannot be taken as it is. ``column``: a name of the target's columns, or empty."""
        self.failed = True
        self.findings.error(self.number, column, code, message, proposal)

    def ask(
        self, column: str, code: str, message: str, proposal: str, options: Iterable[tuple[str, str]] = ()
    ) -> str | None:
        """The answer to a question about this row; None: not answered yet, and the row is held back.

        ``proposal``: the answer that is offered; ``options``: further answers with their words. The same
        question about the same value is asked once in a file and remembered for the next one.
        """
        answer = self.findings.ask(self.number, column, code, message, proposal, tuple(options))
        if answer is None:
            self.failed = True
        return answer


@dataclass(frozen=True, slots=True)
class Update:
    """A row that changes what the system holds: ``changed`` names the columns."""

    row: Row
    current: Current
    changed: tuple[str, ...]


class Target:
    """A table that can be imported. Subclasses fill in the first part; the second has usable defaults."""

    name: ClassVar[str]  # the ``kind`` of a report, a word in addresses
    title: ClassVar[str]  # 人员
    unit: ClassVar[str] = "行"
    permission: ClassVar[str]  # held on the whole bureau by who imports or exports it, see ``allows``
    columns: ClassVar[tuple[Column, ...]]
    key: ClassVar[tuple[str, ...]]  # names of the columns that tell rows apart
    label: ClassVar[tuple[str, ...]] = ()  # further columns that name a row to people, after the key
    one_of: ClassVar[tuple[str, ...]] = ()  # columns of which a sheet must have one
    whole: ClassVar[bool] = False  # rows are judged together: ``check`` gets all of a sheet at once
    after_others: ClassVar[bool] = False  # its sheets come after those of the other tables; only if ``whole``
    list_url: ClassVar[str] = ""  # name of the address where the rows can be seen

    def __init__(self, *, actor: AbstractBaseUser | None, today: date) -> None:
        self.actor, self.today = actor, today
        self.others: Mapping[str, Target] = {}  # the tables of this file so far, this one too

    def prepare(self) -> None:
        """Load what the checks look up, in a constant number of queries; once, before the first row."""

    def check(self, rows: Sequence[Row]) -> None:
        """Judge rows whose cells could be read: ``row.error``, ``row.ask``; may set ``row.values``.

        A row that fails is neither compared nor written.
        """

    def current(self, keys: Collection[Key]) -> Mapping[Key, Current]:
        """What the system holds under these keys, in one query; locked if the run writes (``writes``)."""
        raise NotImplementedError

    def everything(self) -> Mapping[Key, str]:
        """All keys that the system holds, with what names the row to people: for what the file lacks."""
        raise NotImplementedError

    def write(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        """Write checked rows, in sets, by a service of the app. May raise ``ImportRefused``."""
        raise NotImplementedError

    def note(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        """Rows that would be written, chunk by chunk: for ``consequences``, and for the tables of later
        sheets (``others``)."""

    def consequences(self) -> list[str]:
        """What writing would cause besides (Chinese), shown before the confirmation; after the last row.

        It is asked for after the writing, too, and must say the same: what ``write`` changes is looked at in
        ``note``.
        """
        return []

    def warnings(self) -> list[Warn]:
        """What to think of before these rows are written, as they were noted; it hinders nothing."""
        return []

    def export_rows(self, pks: Collection[Any] | None = None) -> Iterable[Mapping[str, Any]]:
        """Rows as the columns have them, in the order of the table; ``pks``: only these."""
        raise NotImplementedError

    writes = False  # set by the engine: rows that are read are about to be changed

    @classmethod
    def lock(cls) -> None:
        """Locks that writing needs before any row is locked: taken first, for all tables of a file."""

    @classmethod
    def allows(cls, user: Any) -> bool:
        """Whether ``user`` may import and export this table."""
        return bool(user.holds_everywhere(cls.permission))

    @classmethod
    def column(cls, name: str) -> Column:
        return next(column for column in cls.columns if column.name == name)

    @classmethod
    def lacks(cls, names: Collection[str]) -> list[str]:
        """Titles of the columns that a sheet with only these ones lacks."""
        lacking = [column.title for column in cls.columns if column.required and column.name not in names]
        if cls.one_of and not set(cls.one_of) & set(names):
            lacking.append("或".join(cls.column(name).title for name in cls.one_of))
        return lacking


def targets() -> dict[str, type[Target]]:
    """The declared targets by their names, in the order of ``settings.IMPORT_TARGETS``."""
    found = [import_string(path) for path in settings.IMPORT_TARGETS]
    return {target.name: target for target in found}


__all__ = ["Cell", "Column", "Current", "Key", "Row", "Target", "Update", "Warn", "targets"]
