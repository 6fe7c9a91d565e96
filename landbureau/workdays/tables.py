"""Tables of the ledger and of the limits that the law sets."""

from __future__ import annotations

from typing import Any, ClassVar

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from landbureau.web.tables import DateColumn, DeskTable, StateColumn
from landbureau.web.templatetags.web import date_iso, relative_days, state
from landbureau.workdays import selectors
from landbureau.workdays.models import Deadline, TimeLimit


class DeadlineTable(DeskTable):
    title = tables.Column(verbose_name="事项", linkify=True, attrs={"td": {"class": "lb-name"}})
    span = tables.Column(verbose_name="期限", orderable=False)
    event_on = DateColumn(verbose_name="起算事件")
    due_on = tables.Column(verbose_name="到期日", attrs={"td": {"class": "lb-date"}})
    state = tables.Column(verbose_name="状态", empty_values=(), orderable=False)
    owner = tables.Column(verbose_name="承办人", order_by=("owner__name",), empty_values=(None,), default="—")
    told_on = DateColumn(verbose_name="已告知")
    settled_on = DateColumn(verbose_name="办结")
    hidden_at_first: ClassVar[tuple[str, ...]] = ("told_on", "settled_on")
    fixed: ClassVar[tuple[str, ...]] = ("title",)

    class Meta(DeskTable.Meta):
        model = Deadline
        fields = ("title", "span", "event_on", "due_on", "state", "owner", "told_on", "settled_on")

    def render_span(self, record: Deadline) -> SafeString:
        law = record.limit.source if record.limit else ""
        return format_html("<span>{}<small>{}</small></span>", record.span, law)

    def render_due_on(self, record: Deadline) -> SafeString:
        if record.settled_on:
            when = f"已办结 {date_iso(record.settled_on)}（{record.outcome}）"
        else:
            when = relative_days(record.due_on, timezone.localdate())
        mark = (
            SafeString(' <span class="lb-tag">暂定</span>')
            if record.provisional and not record.settled_on
            else ""
        )
        return format_html("<span>{}{}<small>{}</small></span>", date_iso(record.due_on), mark, when)

    def render_state(self, record: Deadline) -> SafeString:
        return state(*selectors.state_of(record, timezone.localdate()))


MARKS = {
    TimeLimit.Mark.VERIFIED: ("green", TimeLimit.Mark.VERIFIED.label),
    TimeLimit.Mark.SECONDARY: ("blue", TimeLimit.Mark.SECONDARY.label),
    TimeLimit.Mark.OWN: ("grey", TimeLimit.Mark.OWN.label),
    TimeLimit.Mark.UNCHECKED: ("orange", TimeLimit.Mark.UNCHECKED.label),
}


class TimeLimitTable(DeskTable):
    group = tables.Column(verbose_name="类别", order_by=("order",))
    title = tables.Column(verbose_name="事项", attrs={"td": {"class": "lb-name"}})
    event = tables.Column(verbose_name="起算事件")
    span = tables.Column(verbose_name="期限", orderable=False, attrs={"td": {"class": "lb-date"}})
    rolls = tables.Column(verbose_name="末日顺延")
    source = tables.Column(verbose_name="依据")
    mark = StateColumn(verbose_name="核对情况", states=MARKS)
    act = tables.Column(
        verbose_name="操作", empty_values=(), orderable=False, attrs={"td": {"class": "lb-actions"}}
    )
    fixed: ClassVar[tuple[str, ...]] = ("title", "act")

    class Meta(DeskTable.Meta):
        model = TimeLimit
        fields = ("group", "title", "event", "span", "rolls", "source", "mark", "act")

    def render_title(self, record: TimeLimit) -> SafeString:
        return format_html("<span>{}<small>{}</small></span>", record.title, record.note)

    def render_span(self, record: TimeLimit) -> SafeString | str:
        if not record.is_changed:
            return record.span
        return format_html("<span>{}<small>初始值 {}</small></span>", record.span, record.shipped_span)

    def render_rolls(self, value: bool) -> str:
        return "顺延" if value else "—"

    def render_act(self, record: TimeLimit) -> SafeString:
        link = format_html(
            '<a href="{}?limit={}" aria-label="试算：{}">试算</a>',
            reverse("workdays:calculator"),
            record.pk,
            record.title,
        )
        user: Any = self.request.user
        if not user.has_perm("accounts.update_config"):
            return link
        url = reverse("admin:workdays_timelimit_change", args=[record.pk])
        return format_html('{}　<a href="{}" aria-label="修改：{}">修改</a>', link, url, record.title)
