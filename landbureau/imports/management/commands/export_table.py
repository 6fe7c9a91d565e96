"""``export_table KIND --out FILE``: a declared table as a file that imports unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.imports.targets import targets
from landbureau.imports.workbooks import write_table
from landbureau.web.commands import Document, JsonCommand, Refused, WrongUsage

EXTENSIONS = ("xlsx", "csv")


class Command(JsonCommand):
    help = "导出一种表的全部行，格式由文件名决定（xlsx、csv）；导出的文件可原样导入。"

    def add_arguments(self, parser: CommandParser) -> None:
        known = "、".join(f"{name}（{target.title}）" for name, target in targets().items())
        parser.add_argument("kind", metavar="种类", help=known)
        parser.add_argument("--out", type=Path, required=True, metavar="文件")

    def run(self, options: dict[str, Any]) -> Document:
        kind, path = options["kind"], options["out"]
        extension = path.suffix.lower().removeprefix(".")
        if kind not in targets():
            raise WrongUsage(f"没有名为“{kind}”的表，可选：{'、'.join(targets())}")
        if extension not in EXTENSIONS:
            raise WrongUsage(f"文件名应以 {'、'.join('.' + name for name in EXTENSIONS)} 结尾")
        target = targets()[kind](actor=None, today=timezone.localdate())
        part = path.with_name(f"{path.name}.part")
        try:
            with part.open("wb") as file:
                rows = write_table(file, target, extension)
            part.replace(path)
        except OSError as error:
            raise Refused(f"不能写入 {path}：{error.strerror}。") from None
        finally:
            part.unlink(missing_ok=True)
        record(
            Entry.Action.EXPORT,
            actor=None,
            text=f"导出{target.title}",
            data={"rows": rows, "file": path.name},
        )
        return {"kind": kind, "rows": rows, "file": str(path)}

    def text(self, document: Any) -> str:
        return f"已导出 {document['rows']} 行到 {document['file']}。"
