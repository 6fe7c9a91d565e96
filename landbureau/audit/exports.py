"""The record as a file: what its reader may see, as the page has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from landbureau.audit.display import lines_of
from landbureau.web.exports import Column, DeskResource
from landbureau.web.spreadsheets import SECONDS, TEXT


class EntryResource(DeskResource):
    """审计记录: rows with the ``display.Line`` that ``prepare`` puts on each, as the page does."""

    timestamp = Column("时间", "timestamp", number_format=SECONDS)
    who = Column("人员", "line__who")
    unit = Column("科室/所", "line__unit")
    act = Column("操作", "line__action")
    kind = Column("对象类型", "line__kind")
    subject = Column("对象", "line__subject")
    subject_pk = Column("对象编号", "line__subject_pk", number_format=TEXT)
    details = Column("变动与说明", "line__text")
    remote_addr = Column("来源地址", "remote_addr")

    def prepare(self, rows: Sequence[Any]) -> None:
        for line in lines_of(rows, self.viewer):
            line.entry.line = line
