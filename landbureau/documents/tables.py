"""Tables of the register, of the seal and of the numbers."""

from __future__ import annotations

from typing import Any, ClassVar

import django_tables2 as tables
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from landbureau.documents.display import state_word
from landbureau.documents.models import Document, SealRecord
from landbureau.documents.rules import Status
from landbureau.web.tables import DateColumn, DeskTable, NumberColumn
from landbureau.web.templatetags.web import date_iso, relative_days, state

ISSUED = {Status.ISSUED, Status.SEALED}


def number_of(document: Document) -> SafeString | str:
    """The number, struck when the document is void."""
    if not document.number:
        return "—"
    mark = "<s>{}</s>" if document.voided_on else "<span>{}</span>"
    return format_html(mark, document.number)


def state_of(document: Any) -> SafeString:
    """The word of a row of ``selectors.with_status``."""
    return state(*state_word(Status(document.state), document, document.sent))


class DocumentTable(DeskTable):
    title = tables.Column(verbose_name="标题", linkify=True, attrs={"td": {"class": "lb-name"}})
    number = tables.Column(
        verbose_name="文号",
        empty_values=(),
        order_by=("year", "series__order", "sequence"),
        attrs={"td": {"class": "lb-date"}},
    )
    kind = tables.Column(verbose_name="种类", order_by=("kind__order",))
    state = tables.Column(verbose_name="状态", empty_values=(), orderable=False)
    drafted_by = tables.Column(
        verbose_name="拟稿人",
        order_by=("drafted_by__name",),
        empty_values=(),
        attrs={"td": {"class": "lb-date"}},
    )
    server_name = tables.Column(verbose_name="送达人", orderable=False, default="—")
    serve_by = tables.Column(verbose_name="应送达", attrs={"td": {"class": "lb-date"}}, default="—")
    drafted_on = DateColumn(verbose_name="拟稿")
    issued_on = DateColumn(verbose_name="印发", default="—")
    sealed_on = DateColumn(verbose_name="用印", default="—")
    served_on = DateColumn(verbose_name="送达", default="—")
    section = tables.Column(verbose_name="科室", order_by=("section__order",))
    township = tables.Column(verbose_name="乡镇", order_by=("township__order",), default="—")
    hidden_at_first: ClassVar[tuple[str, ...]] = ("kind", "drafted_on", "sealed_on", "section", "township")
    fixed: ClassVar[tuple[str, ...]] = ("title",)

    class Meta(DeskTable.Meta):
        model = Document
        fields = (
            "title",
            "number",
            "kind",
            "state",
            "drafted_by",
            "server_name",
            "serve_by",
            "drafted_on",
            "issued_on",
            "sealed_on",
            "served_on",
            "section",
            "township",
        )

    def render_title(self, record: Document) -> SafeString:
        return format_html("<span>{}<small>{}</small></span>", record.title, record.addressee)

    def render_number(self, record: Document) -> SafeString | str:
        return number_of(record)

    def render_state(self, record: Document) -> SafeString:
        return state_of(record)

    def render_drafted_by(self, record: Document) -> SafeString:
        by = record.drafted_by or "系统"
        return format_html("<span>{}<small>{}</small></span>", by, date_iso(record.drafted_on))

    def render_serve_by(self, record: Document) -> SafeString | str:
        """How far away the day is, as long as nobody has registered how it is served."""
        waits = record.state in ISSUED and not record.sent  # type: ignore[attr-defined]
        if not waits or not record.serve_by:
            return date_iso(record.serve_by)
        today = timezone.localdate()
        days = (record.serve_by - today).days
        colour = "lb-late" if days < 0 else "lb-soon" if days <= 1 else ""
        return format_html(
            '<span>{}<small><span class="{}">{}</span></small></span>',
            date_iso(record.serve_by),
            colour,
            relative_days(record.serve_by, today),
        )


class NumberTable(DeskTable):
    """编号登记: by series and year, voided ones visible."""

    number = tables.Column(verbose_name="文号", linkify=True, attrs={"td": {"class": "lb-name"}})
    title = tables.Column(verbose_name="标题")
    state = tables.Column(verbose_name="状态", empty_values=(), orderable=False)
    issued_on = DateColumn(verbose_name="印发")
    drafted_by = tables.Column(verbose_name="拟稿人", order_by=("drafted_by__name",), default="系统")
    section = tables.Column(verbose_name="科室", order_by=("section__order",))
    fixed: ClassVar[tuple[str, ...]] = ("number",)

    class Meta(DeskTable.Meta):
        model = Document
        fields = ("number", "title", "state", "issued_on", "drafted_by", "section")

    def render_number(self, record: Document) -> SafeString | str:
        return number_of(record)

    def order_number(self, rows: object, is_descending: bool) -> tuple[object, bool]:
        sign = "-" if is_descending else ""
        names = ("organ_code", "series__order", "year", "sequence")
        return rows.order_by(*(sign + name for name in names)), True  # type: ignore[attr-defined]

    def render_title(self, record: Document) -> SafeString:
        return format_html("<span>{}<small>{}</small></span>", record.title, record.addressee)

    def render_state(self, record: Document) -> SafeString:
        return state_of(record)


class SealTable(DeskTable):
    """用印登记簿."""

    sealed_on = DateColumn(verbose_name="用印日期")
    number = tables.Column(
        verbose_name="文号",
        accessor="document__number",
        linkify=lambda record: record.document.get_absolute_url(),
        order_by=("document__year", "document__series__order", "document__sequence"),
        attrs={"td": {"class": "lb-name lb-date"}},
    )
    title = tables.Column(verbose_name="标题", accessor="document__title", orderable=False)
    seal = tables.Column(verbose_name="印章")
    copies = NumberColumn(verbose_name="份数")
    keeper = tables.Column(verbose_name="监印人")
    registered_by = tables.Column(
        verbose_name="登记人", order_by=("registered_by__name",), attrs={"td": {"class": "lb-date"}}
    )
    section = tables.Column(
        verbose_name="科室",
        accessor="document__section",
        order_by=("document__section__order",),
        attrs={"td": {"class": "lb-date"}},
    )
    fixed: ClassVar[tuple[str, ...]] = ("number",)

    class Meta(DeskTable.Meta):
        model = SealRecord
        fields = ("number", "sealed_on", "title", "seal", "copies", "keeper", "registered_by", "section")

    def render_number(self, record: SealRecord) -> SafeString | str:
        return number_of(record.document)

    def render_title(self, record: SealRecord) -> SafeString:
        return format_html(
            "<span>{}<small>{}</small></span>", record.document.title, record.document.addressee
        )

    def render_registered_by(self, record: SealRecord) -> SafeString:
        return format_html(
            "<span>{}<small>{}</small></span>", record.registered_by, date_iso(record.registered_at)
        )
