"""``import_table FILE [--kind K] [--dry-run] [--accept-proposals]``: any table, recognised by its head."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from landbureau.imports.commands import ImportCommand
from landbureau.imports.targets import targets
from landbureau.web.commands import WrongUsage


class Command(ImportCommand):
    help = "导入表格（xlsx、xls、ods、csv、docx）：全部写入，或者说明原因而一行也不写。"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        known = "、".join(f"{name}（{target.title}）" for name, target in targets().items())
        parser.add_argument("--kind", default="", metavar="种类", help=f"只认一种表：{known}")

    def kinds_of(self, options: dict[str, Any]) -> tuple[str, ...]:
        kind = options["kind"]
        if kind and kind not in targets():
            raise WrongUsage(f"没有名为“{kind}”的表，可选：{'、'.join(targets())}")
        return (kind,) if kind else ()
