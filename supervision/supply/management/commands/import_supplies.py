"""``import_supplies FILE``: the ledger of supplies; a sheet of events may lie beside it."""

from __future__ import annotations

from typing import ClassVar

from landbureau.imports.commands import ImportCommand


class Command(ImportCommand):
    help = "导入供地台账（xlsx、xls、ods、csv），工作簿中的供后事项表一并导入：全部写入，或者一行也不写。"
    kinds: ClassVar[tuple[str, ...]] = ("supplies", "events")
