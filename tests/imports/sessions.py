"""Imports at any of their steps, for tests of the pages."""

from __future__ import annotations

import io
from hashlib import sha256
from typing import Any

from django.core.files.base import ContentFile, File
from django.utils import timezone

from landbureau.imports.models import ImportSession
from landbureau.imports.report import Finding, Head, Report, SheetReport
from landbureau.imports.services import begin
from tests.imports import files
from tests.imports.lots import TODAY

STAFF = [["登录名", "姓名", "职务", "备注栏"], ["zhangce", "张测", "科员", "甲"], ["lice", "李测", "", "乙"]]


def bring_page(user: Any, data: bytes | list[list[Any]], name: str = "台账.xlsx") -> ImportSession:
    """A file as the page takes it; with the tests' ledger the only kind."""
    if isinstance(data, list):
        data = files.xlsx(data)
    return begin(file=File(io.BytesIO(data), name), kind="lots", actor=user, today=TODAY)


def make_session(user: Any, report: Report | None = None, **values: Any) -> ImportSession:
    """A row with its files, as if a check had left it: cheap, and of any state."""
    data = files.csv(STAFF)
    session = ImportSession(
        actor=user,
        name="人员名单.csv",
        size=len(data),
        sha256=sha256(data).hexdigest(),
        state=ImportSession.State.CHECKED,
        checked_at=timezone.now(),
    )
    session.file.save("file", ContentFile(data), save=False)
    report = report or varied_report()
    content = io.BytesIO()
    report.dump(content)
    session.report.save("report", ContentFile(content.getvalue()), save=False)
    session.digest, session.rows, session.counts = report.digest(), report.rows, report.counts()
    for name, value in values.items():
        setattr(session, name, value)
    session.save()
    return session


def varied_report(rows: int = 600) -> Report:
    """Every kind of line that a page may show: a long file, so that answers are kept and not checked."""
    sheet = SheetReport(
        "人员", "staff", header=(1, 1), rows=rows, created=1, updated=1, unchanged=1, missing=2
    )
    sheet.heads = [
        Head(0, "登录名", "username", how="title", sample="zhangce"),
        Head(1, "姓名", "name", how="title", sample="张测"),
        Head(2, "职务", "position", how="remembered"),
        Head(3, "备注栏"),
        Head(4, "序号", how="ignored"),
    ]
    sheet.findings = [
        Finding(
            1,
            "备注栏",
            "unknown_column",
            "不认识这一列，请指定它是哪一项，或者不导入。",
            "备注栏",
            "",
            index=3,
        ),
        Finding(1, "手机", "column_missing", "表中没有“手机”这一列。", "", ""),
        Finding(5, "职务", "too_long", "最多 40 个字，这里有 41 个。", "科" * 41, "科员", index=2),
        Finding(7, "职务", "too_long", "最多 40 个字，这里有 41 个。", "科" * 41, "科员", index=2),
        Finding(6, "", "odd_row", "这一行不完整。", "", ""),
        asked(8, "position", "职务", "科长", (("科长", "科长"), ("", "不填")), index=2),
        asked(9, "name", "姓名", "王测", index=1),
        asked(10, "name", "姓名", "赵测", index=1, answer="赵测"),
    ]
    sheet.outcomes = [
        (2, "created", "zhangce　张测"),
        (3, "updated", "lice　李测"),
        (4, "unchanged", "qian　钱测"),
    ]
    sheet.outcomes += [(row, "failed", "") for row in range(5, 11)]
    sheet.changes = [(3, "职务", "科长", "科员"), (3, "手机", "138****0000", "")]
    sheet.missing_names = ["sunce　孙测", "zhouce　周测"]
    sheet.consequences = ["新登记的 1 人须设置初始密码。"]
    return Report([sheet, SheetReport("填表说明")])


def clear_report(**counts: Any) -> Report:
    """Nothing to decide."""
    sheet = SheetReport("人员", "staff", header=(1, 1), rows=1, created=1, **counts)
    sheet.heads = [Head(0, "登录名", "username", how="title"), Head(1, "姓名", "name", how="title")]
    sheet.outcomes = [(2, "created", "zhangce　张测")]
    return Report([sheet])


def asked(
    row: int, key: str, column: str, proposal: str, options: tuple[tuple[str, str], ...] = (), **values: Any
) -> Finding:
    question = sha256(f"{row}{key}".encode()).hexdigest()[:32]
    return Finding(
        row, column, "unsure", "不能确定，请核对。", f"{column}值", proposal, question, options, **values
    )
