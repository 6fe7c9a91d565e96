from __future__ import annotations

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString

from landbureau.jobs.models import STATE_COLOURS, JobRun
from landbureau.web.tables import DateColumn, DeskTable, StateColumn
from landbureau.web.templatetags.web import number

STATES = {state.value: (STATE_COLOURS[state.value], str(state.label)) for state in JobRun.State}


class JobRunTable(DeskTable):
    fixed = ("title",)
    hidden_at_first = ("slot", "attempt")

    title = tables.Column("任务", linkify=True, orderable=False, attrs={"td": {"class": "lb-name"}})
    state = StateColumn("状态", states=STATES)
    queued_at = DateColumn("排队时间")
    duration = tables.Column("用时", accessor="duration", orderable=False)
    trigger = tables.Column("启动方式")
    outcome = tables.Column("结果", accessor="pk", orderable=False)
    slot = DateColumn("计划时间")
    attempt = tables.Column("第几次执行")

    class Meta(DeskTable.Meta):
        model = JobRun
        fields = ("title", "state", "queued_at", "duration", "trigger", "outcome", "slot", "attempt")

    def render_trigger(self, record: JobRun) -> str:
        name = str(record.get_trigger_display())
        return f"{name}　{record.actor}" if record.actor else name

    def render_outcome(self, record: JobRun) -> SafeString | str:
        if record.error:
            return record.error
        if record.total and not record.is_over:
            return f"{record.done} / {record.total}"
        return format_html(
            "{}", "　".join(f"{name} {number(value)}" for name, value in record.results) or "—"
        )
