"""``export_supplies --out FILE``: the ledger of supplies as a file that imports unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from landbureau.imports.management.commands.export_table import Command as ExportTable
from landbureau.web.commands import Document


class Command(ExportTable):
    help = (
        "导出供地台账，格式由文件名决定（xlsx、csv）；导出的文件可原样导入。供后事项：export_table events。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="文件")

    def run(self, options: dict[str, Any]) -> Document:
        return super().run(options | {"kind": "supplies"})
