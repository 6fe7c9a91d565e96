"""The registers as files, in the words of their pages."""

from __future__ import annotations

from typing import Any

from landbureau.documents.display import state_word
from landbureau.documents.models import Document
from landbureau.documents.rules import Status
from landbureau.web.exports import Column, DeskResource


class StateMixin:
    """Rows of ``selectors.with_status``."""

    def dehydrate_state(self, row: Any) -> str:
        return state_word(Status(row.state), row, row.sent)[1]

    def dehydrate_drafted_by(self, row: Document) -> str:
        return str(row.drafted_by or "系统")


class DocumentResource(StateMixin, DeskResource):
    """全部文书."""

    title = Column("标题", "title")
    addressee = Column("受送达人", "addressee")
    number = Column("文号", "number")
    kind = Column("种类", "kind")
    state = Column("状态")
    drafted_by = Column("拟稿人")
    server_name = Column("送达人", "server_name")
    serve_by = Column("应送达", "serve_by")
    drafted_on = Column("拟稿日期", "drafted_on")
    issued_on = Column("印发日期", "issued_on")
    sealed_on = Column("用印日期", "sealed_on")
    served_on = Column("送达日期", "served_on")
    section = Column("科室", "section")
    township = Column("乡镇", "township")


class NumberResource(StateMixin, DeskResource):
    """编号登记."""

    number = Column("文号", "number")
    title = Column("标题", "title")
    addressee = Column("受送达人", "addressee")
    state = Column("状态")
    issued_on = Column("印发日期", "issued_on")
    drafted_by = Column("拟稿人")
    section = Column("科室", "section")


class SealResource(DeskResource):
    """用印登记簿."""

    number = Column("文号", "document__number")
    sealed_on = Column("用印日期", "sealed_on")
    title = Column("标题", "document__title")
    addressee = Column("受送达人", "document__addressee")
    seal = Column("印章", "seal")
    copies = Column("份数", "copies")
    keeper = Column("监印人", "keeper")
    registered_by = Column("登记人", "registered_by")
    registered_at = Column("登记时间", "registered_at")
    section = Column("科室", "document__section")
