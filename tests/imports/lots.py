"""A short way to bring rows into the tests' ledger."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from django.core.files.base import File

from landbureau.imports.choices import Choices
from landbureau.imports.report import Report, SheetReport
from landbureau.imports.services import import_file
from tests.imports import files
from tests.ledger.rows import HEAD, lot, sheet

TODAY = date(2026, 11, 23)


def bring(data: bytes | list[list[Any]], name: str = "台账.xlsx", **options: Any) -> Report:
    """Import a file, or rows as a workbook, into the ledger."""
    if isinstance(data, list):
        data = files.xlsx(data)
    options.setdefault("kinds", ("lots",))
    return import_file(File(io.BytesIO(data), name), today=TODAY, name=name, **options)


def only(report: Report) -> SheetReport:
    (only_sheet,) = report.sheets
    return only_sheet


def codes(report: Report) -> list[tuple[int, str, str]]:
    """Row, column and code of everything that was found."""
    return [
        (finding.row, finding.column, finding.code) for sheet in report.sheets for finding in sheet.findings
    ]


__all__ = ["HEAD", "TODAY", "Choices", "bring", "codes", "lot", "only", "sheet"]
