"""Sheets about people and places, brought in as files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from django.core.files.base import File

from landbureau.imports.choices import Choices
from landbureau.imports.report import Finding, Report, SheetReport
from landbureau.imports.services import import_file
from tests.accounts.factories import TODAY
from tests.imports import files


def bring(kind: str, head: str, *rows: Sequence[Any], **options: Any) -> SheetReport:
    """Import rows under a head (its words between spaces) into one table; what became of them."""
    return only(bring_file(files.xlsx([head.split(), *rows]), "表.xlsx", kind, **options))


def bring_file(data: bytes, name: str, kind: str = "", **options: Any) -> Report:
    """``kind``: only this table."""
    kinds = (kind,) if kind else ()
    return import_file(File(io.BytesIO(data), name), today=TODAY, name=name, kinds=kinds, **options)


def only(report: Report) -> SheetReport:
    (sheet,) = report.sheets
    return sheet


def counts(sheet: SheetReport) -> tuple[int, int, int]:
    """New, changed and unchanged rows; a sheet with findings is told whole, so that a failure explains."""
    assert not sheet.findings, sheet.findings
    return sheet.created, sheet.updated, sheet.unchanged


def errors(sheet: SheetReport) -> list[tuple[int, str, str]]:
    """Row, column and code."""
    return [(finding.row, finding.column, finding.code) for finding in sheet.errors]


def question(sheet: SheetReport) -> Finding:
    """The only one; there are no errors beside it."""
    (finding,) = sheet.findings
    assert not finding.is_error, finding
    return finding


def answers(*given: tuple[Finding, str]) -> Choices:
    return Choices(answers={finding.question: answer for finding, answer in given})
