"""Ledgers as files: rows by the names of their columns, and what became of them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.files.base import File

from landbureau.imports.report import Finding, Report, SheetReport
from landbureau.imports.services import import_file
from landbureau.imports.workbooks import write_table
from supervision.supply.imports import Events, Supplies
from tests.imports import files
from tests.supply.factories import TODAY

LEDGER = [column for column in Supplies.columns if not column.only_read]
SUPPLY: dict[str, Any] = {
    "supervision_number": "1305302025B00001",
    "contract_number": "新土让〔2025〕1号",
    "method": "挂牌",
    "land_user": "新河县演示1号有限公司",
    "identity": "91110000600037341L",
    "contact": "演示人",
    "phone": "13800000001",
    "address": "新河县演示路1号",
    "location": "演示路以东",
    "township": "寻寨镇",
    "area": 26680,
    "use": "工业用地",
    "price": 5_000_000,
    "signed_on": date(2025, 3, 3),
    "agreed_handover_on": date(2025, 4, 1),
    "agreed_start_on": date(2025, 10, 1),
    "agreed_completion_on": date(2027, 10, 1),
    "seq": 1,
    "due_on": date(2025, 4, 1),
    "amount": 5_000_000,
    "investment": 20_000_000,
}
"""A row of a careful clerk: nothing about it is asked or told."""


def supply(number: int = 1, /, **changes: Any) -> dict[str, Any]:
    """The row of a supply of its own: another number, another land user."""
    own = {
        "supervision_number": f"1305302025B{number:05}",
        "contract_number": f"新土让〔2025〕{number}号",
        "land_user": f"新河县演示{number}号有限公司",
        "identity": None if number > 1 else SUPPLY["identity"],
    }
    return SUPPLY | own | changes


def further(number: int = 1, /, **values: Any) -> dict[str, Any]:
    """The row of a further instalment."""
    return {"supervision_number": f"1305302025B{number:05}", **values}


def ledger(*rows: Mapping[str, Any], heads: Mapping[str, str] | None = None) -> list[list[Any]]:
    """A sheet with all columns of the export, and those that ``heads`` names besides or otherwise."""
    heads = heads or {}
    names = [column.name for column in LEDGER]
    names += [name for name in heads if name not in names]
    titles = {column.name: column.title for column in Supplies.columns} | heads
    return [[titles[name] for name in names], *([row.get(name) for name in names] for row in rows)]


def happenings(*rows: Sequence[Any], head: str = "电子监管号 事项 日期 环节 期次 金额") -> list[list[Any]]:
    """A sheet of events. ``head``: its words between spaces."""
    heads = head.split()
    return [heads, *([*row, *[None] * (len(heads) - len(row))] for row in rows)]


def bring(data: bytes | list[list[Any]], name: str = "台账.xlsx", **options: Any) -> Report:
    """Import a file, or rows as a workbook."""
    if isinstance(data, list):
        data = files.xlsx(data)
    options.setdefault("kinds", ("supplies", "events"))
    return import_file(File(io.BytesIO(data), name), today=options.pop("today", TODAY), name=name, **options)


def only(report: Report) -> SheetReport:
    (sheet,) = report.sheets
    return sheet


def counts(report: Report) -> tuple[int, int, int]:
    """New, changed and unchanged rows of the only sheet; what was found in it explains a failure."""
    sheet = only(report)
    assert not sheet.errors, sheet.errors
    assert report.committed, sheet.findings
    return sheet.created, sheet.updated, sheet.unchanged


def found(report: Report) -> list[tuple[int, str, str]]:
    """Row, column and code of all errors and questions."""
    return [(one.row, one.column, one.code) for sheet in report.sheets for one in sheet.findings]


def errors(report: Report) -> list[tuple[int, str, str]]:
    assert not report.committed
    return [(one.row, one.column, one.code) for sheet in report.sheets for one in sheet.errors]


def question(report: Report) -> Finding:
    """The only one; there are no errors beside it, and nothing was written."""
    (finding,) = [one for sheet in report.sheets for one in sheet.findings]
    assert not finding.is_error, finding
    assert not report.committed
    return finding


def exported(kind: str = "supplies", extension: str = "xlsx") -> bytes:
    file = io.BytesIO()
    target = {"supplies": Supplies, "events": Events}[kind](actor=None, today=TODAY)
    write_table(file, target, extension)
    return file.getvalue()
