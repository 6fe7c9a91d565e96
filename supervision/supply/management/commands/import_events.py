"""``import_events FILE``: the sheet of events; the ledger of its supplies may lie beside it."""

from __future__ import annotations

from typing import ClassVar

from landbureau.imports.commands import ImportCommand


class Command(ImportCommand):
    help = "导入供后事项（xlsx、xls、ods、csv），工作簿中的供地台账一并导入：全部写入，或者一行也不写。"
    kinds: ClassVar[tuple[str, ...]] = ("events", "supplies")
