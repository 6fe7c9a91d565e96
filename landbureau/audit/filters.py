"""What the record is searched by. Every condition is answered by an index, save the text."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import django_filters
from auditlog.registry import auditlog
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest

from landbureau.audit.display import kind_of
from landbureau.audit.models import Entry
from landbureau.audit.sight import on_seen_objects
from landbureau.web.filters import DeskFilterSet


def people_of(request: HttpRequest) -> QuerySet[Any]:
    """Those whose acts the reader may see."""
    return get_user_model().objects.visible_to(request.user, codename="view_audit")  # type: ignore[arg-type]  # signed in


def object_kinds() -> list[tuple[int, str]]:
    """``(content type, Chinese name)`` of all that is recorded, by name."""
    kinds = ContentType.objects.get_for_models(*auditlog.get_models())
    return sorted(((kind.pk, kind_of(model)) for model, kind in kinds.items()), key=lambda kind: kind[1])


class EntryFilter(DeskFilterSet):
    period = django_filters.DateFromToRangeFilter(field_name="timestamp", label="日期")
    actor = django_filters.ModelChoiceFilter(queryset=people_of, label="人员")
    action = django_filters.ChoiceFilter(choices=Entry.Action.choices, label="操作")
    kind = django_filters.TypedChoiceFilter(
        field_name="content_type", choices=object_kinds, coerce=int, label="对象类型"
    )
    text = django_filters.CharFilter(method="with_text", label="内容包含")
    address = django_filters.CharFilter(method="from_address", label="来源地址")
    secondary = ("kind", "text", "address")

    class Meta:
        model = Entry
        fields: tuple[str, ...] = ()

    def with_text(self, rows: QuerySet[Entry], name: str, value: str) -> QuerySet[Entry]:
        return rows.filter(on_seen_objects(self.request.user), object_repr__icontains=value)

    def from_address(self, rows: QuerySet[Entry], name: str, value: str) -> QuerySet[Entry]:
        """A whole address, or how it begins (``10.1.``)."""
        try:
            return rows.filter(remote_addr=str(ip_address(value)))
        except ValueError:
            return rows.filter(remote_addr__startswith=value)
