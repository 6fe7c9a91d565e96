"""The commands that bring tables in: ``import_table``, and those of tables with a command of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser
from django.utils import timezone

from landbureau.imports.errors import ImportRefused
from landbureau.imports.report import Report
from landbureau.imports.services import import_file
from landbureau.imports.targets import targets
from landbureau.web.commands import Document, JsonCommand, Refused

SHOWN = 20  # findings of a kind in the text; JSON has all


class ImportCommand(JsonCommand):
    """``FILE [--dry-run] [--accept-proposals]``: checks a file and writes all of it, or nothing.

    JSON as in ``contract.md``; a file that cannot be read adds ``"error"``.
    """

    kinds: ClassVar[tuple[str, ...]] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="文件")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        parser.add_argument(
            "--accept-proposals", action="store_true", help="问题一律按建议答复，不给出时有问题就不写入"
        )

    def run(self, options: dict[str, Any]) -> Document:
        path: Path = options["file"]
        if not path.is_file():
            raise Refused(f"没有这个文件：{path}", _refused(f"没有这个文件：{path}"))
        try:
            report = import_file(
                path,
                today=timezone.localdate(),
                kinds=self.kinds_of(options),
                dry_run=options["dry_run"],
                accept=options["accept_proposals"],
            )
        except ImportRefused as refused:
            raise Refused(str(refused), _refused(str(refused))) from None
        self.report = report
        if options["format"] == "json":  # the document has no place for them
            for sheet in report.sheets:
                for warning in sheet.warnings:
                    self.stderr.write(f"{sheet.sheet}：{warning.text}")
        stopped = report.errors or not (report.committed or options["dry_run"])
        if stopped:
            raise Refused(_text(report), report.as_json())
        return report.as_json()

    def kinds_of(self, options: dict[str, Any]) -> tuple[str, ...]:
        return self.kinds

    def text(self, document: Any) -> str:
        return _text(self.report)


def _refused(message: str) -> dict[str, Any]:
    return {"sheets": [], "committed": False, "error": message}


def _text(report: Report) -> str:
    """The report in words: a line for each sheet, then what is wrong and what is asked."""
    known = targets()
    lines = []
    for sheet in report.sheets:
        if not sheet.kind:
            lines.append(f"{sheet.sheet}：不导入")
        else:
            lines.append(
                f"{sheet.sheet}（{known[sheet.kind].title}）：{sheet.rows} 行，新增 {sheet.created}，"
                f"修改 {sheet.updated}，未变 {sheet.unchanged}，表中缺失 {sheet.missing}"
            )
        lines += [f"　注意　{warning.text}" for warning in sheet.warnings]
        lines += [f"　提示　{told}" for told in sheet.consequences]
        for word, findings in (("错误", sheet.errors), ("问题", sheet.questions)):
            for finding in findings[:SHOWN]:
                value = f"“{finding.value}”" if finding.value else ""
                proposal = f"建议：{finding.proposal or '（空）'}" if not finding.is_error else ""
                lines.append(
                    f"　{word}　第 {finding.row} 行 {finding.column}{value}：{finding.message}{proposal}"
                )
            if len(findings) > SHOWN:
                lines.append(f"　{word}　另有 {len(findings) - SHOWN} 处，用 --format json 查看全部")
    if report.unlisted:
        lines.append(f"同类的另有 {report.unlisted} 处没有列出。")
    if report.committed:
        lines.append("已全部写入。")
    elif report.errors:
        lines.append(f"有 {report.errors} 处错误，没有写入。")
    elif report.open_questions:
        lines.append(f"有 {report.open_questions} 个问题没有答复，没有写入；--accept-proposals 按建议答复。")
    else:
        lines.append("检查通过，没有写入（--dry-run）。")
    return "\n".join(lines)
