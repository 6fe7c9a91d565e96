from __future__ import annotations

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from landbureau.audit.display import Line
from landbureau.audit.models import Entry
from landbureau.web.tables import DeskTable
from landbureau.web.templatetags.web import state


class EntryTable(DeskTable):
    """The record. Cells show a ``display.Line``, which the view puts on each entry."""

    timestamp = tables.DateTimeColumn(
        verbose_name="时间", format="Y-m-d H:i:s", attrs={"td": {"class": "lb-date"}}
    )
    who = tables.Column(verbose_name="人员", accessor="line", attrs={"td": {"class": "text-nowrap"}})
    act = tables.Column(verbose_name="操作", accessor="line")
    subject = tables.Column(verbose_name="对象", accessor="line")
    details = tables.Column(verbose_name="变动与说明", accessor="line")
    remote_addr = tables.Column(verbose_name="来源地址", default="", attrs={"td": {"class": "lb-date"}})

    class Meta(DeskTable.Meta):
        model = Entry
        fields = ("timestamp", "who", "act", "subject", "details", "remote_addr")
        orderable = False

    def render_who(self, value: Line) -> SafeString | str:
        if value.entry.actor_id is None:
            return value.who
        link = format_html(
            '<a href="{}">{}</a>', reverse("audit:person", args=[value.entry.actor_id]), value.who
        )
        return format_html("<span>{}<small>{}</small></span>", link, value.unit) if value.unit else link

    def render_act(self, value: Line) -> SafeString:
        return state(value.colour, value.action)

    def render_subject(self, value: Line) -> SafeString | str:
        text = value.subject
        if value.history_url:
            text = format_html('<a href="{}">{}</a>', value.history_url, text)
        return format_html("<span>{}<small>{}</small></span>", text, value.kind) if value.kind else text

    def render_details(self, value: Line) -> SafeString:
        """Nothing at all where there is nothing to say: a phone then leaves the line out."""
        return SafeString(render_to_string("audit/changes.html", {"value": value}).strip())
