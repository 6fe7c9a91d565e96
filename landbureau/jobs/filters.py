from __future__ import annotations

import django_filters
from django.conf import settings

from landbureau.jobs.models import JobRun
from landbureau.web.filters import DeskFilterSet


def kinds() -> list[tuple[str, str]]:
    return [(job.name, job.title) for job in settings.JOBS if job.leaves_run]


class JobRunFilter(DeskFilterSet):
    kind = django_filters.ChoiceFilter(choices=kinds, label="任务")
    state = django_filters.ChoiceFilter(choices=JobRun.State.choices, label="状态")
    trigger = django_filters.ChoiceFilter(choices=JobRun.Trigger.choices, label="启动方式")
    queued = django_filters.DateFromToRangeFilter(field_name="queued_at", label="日期")

    class Meta:
        model = JobRun
        fields: tuple[str, ...] = ()
