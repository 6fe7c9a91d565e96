"""Filters of the ledger and of the table of limits."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from landbureau.web.filters import DeskFilterSet
from landbureau.workdays import selectors
from landbureau.workdays.models import Deadline, TimeLimit


def _owners(request: Any) -> QuerySet[Any]:
    return selectors.owners_for(request.user, "view_deadline")


class DeadlineFilter(DeskFilterSet):
    q = django_filters.CharFilter(label="事项、备注", method="by_text")
    state = django_filters.ChoiceFilter(
        label="状态",
        method="by_state",
        choices=[("open", "未办结"), ("overdue", "已逾期"), ("soon", "7天内到期"), ("settled", "已办结")],
    )
    owner = django_filters.ModelChoiceFilter(label="承办人", queryset=_owners)
    mine = django_filters.BooleanFilter(label="我的", method="by_mine")
    due_on = django_filters.DateFromToRangeFilter(label="到期日")
    provisional = django_filters.BooleanFilter(label="暂定")
    secondary = ("mine", "due_on", "provisional")

    class Meta:
        model = Deadline
        fields: list[str] = []

    def by_text(self, rows: QuerySet[Deadline], name: str, value: str) -> QuerySet[Deadline]:
        return rows.filter(Q(title__icontains=value) | Q(note__icontains=value))

    def by_state(self, rows: QuerySet[Deadline], name: str, value: str) -> QuerySet[Deadline]:
        today = timezone.localdate()
        if value == "overdue":
            return selectors.overdue(rows, today)
        if value == "soon":
            return selectors.due_soon(rows, today)
        return selectors.open_deadlines(rows) if value == "open" else rows.exclude(settled_on=None)

    def by_mine(self, rows: QuerySet[Deadline], name: str, value: bool) -> QuerySet[Deadline]:
        own = Q(owner=self.request.user.pk)
        return rows.filter(own if value else ~own)


def _groups(request: Any) -> list[tuple[str, str]]:
    """The groups that there are; kept on the request, since every preset has a filter of its own."""
    if not hasattr(request, "_limit_groups"):
        names = TimeLimit.objects.order_by("order").values_list("group", flat=True)
        request._limit_groups = [(name, name) for name in dict.fromkeys(names)]
    return request._limit_groups


class TimeLimitFilter(DeskFilterSet):
    q = django_filters.CharFilter(label="事项、依据", method="by_text")
    group = django_filters.ChoiceFilter(label="类别")
    mark = django_filters.ChoiceFilter(label="核对情况", choices=TimeLimit.Mark.choices)

    class Meta:
        model = TimeLimit
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["group"].extra["choices"] = _groups(self.request)

    def by_text(self, rows: QuerySet[TimeLimit], name: str, value: str) -> QuerySet[TimeLimit]:
        return rows.filter(
            Q(title__icontains=value)
            | Q(event__icontains=value)
            | Q(source__icontains=value)
            | Q(note__icontains=value)
        )
