"""Pages that show every piece of the frame: for the tests of ``web`` and for looking at it.

``ROOT_URLCONF = "tests.web.demo"`` serves them beside the project's own.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import include, path
from django_tables2 import Column

from landbureau.accounts.models import Township, TownshipOffice, User, Village
from landbureau.urls import handler400, handler403, handler404, handler500
from landbureau.urls import urlpatterns as project
from landbureau.web.access import desk_page
from landbureau.web.exports import Column as Exported
from landbureau.web.exports import DeskResource
from landbureau.web.filters import DeskFilterSet
from landbureau.web.forms import DeskForm, VersionedModelForm
from landbureau.web.spreadsheets import TEXT
from landbureau.web.tables import DateColumn, DeskTable, NumberColumn, StateColumn
from landbureau.web.views import BulkAct, ListPage, Preset

__all__ = ["handler400", "handler403", "handler404", "handler500"]


class VillageTable(DeskTable):
    hidden_at_first = ("code",)
    fixed = ("name",)

    name = Column(
        "村居", attrs={"td": {"class": "lb-name"}}, linkify=lambda record: f"/demo/form/?v={record.pk}"
    )
    township = Column("乡镇")
    office = Column("国土所", accessor="township__office", orderable=False)
    order = NumberColumn("路线顺序")
    code = Column("行政区划代码", accessor="township__code")
    due = DateColumn("下次巡查", empty_values=(), orderable=False, relative=True)
    state = StateColumn(
        "状态",
        accessor="order",
        orderable=False,
        states={
            1: ("red", "逾期"),
            2: ("orange", "待复核"),
            3: ("blue", "提醒期"),
            4: ("purple", "疑似闲置"),
            5: ("green", "已缴清"),
        },
    )

    class Meta(DeskTable.Meta):
        sequence = ("name", "township", "office", "order", "due", "state", "code")

    def render_due(self, record: Village) -> Any:
        return self.base_columns["due"].render(date(2026, 11, 20) + timedelta(days=record.order))


class VillageFilter(DeskFilterSet):
    secondary = ("order", "visited")

    q = django_filters.CharFilter(label="村居名称", field_name="name", lookup_expr="icontains")
    township = django_filters.ModelMultipleChoiceFilter(label="乡镇", queryset=Township.objects.all())
    office = django_filters.ModelChoiceFilter(
        label="国土所", field_name="township__office", queryset=TownshipOffice.objects.all()
    )
    kind = django_filters.ChoiceFilter(
        label="类别", method="by_kind", choices=[("rural", "农村"), ("urban", "社区")]
    )
    order = django_filters.RangeFilter(label="路线顺序")
    visited = django_filters.DateFromToRangeFilter(label="最近巡查", method="by_visit")

    class Meta:
        model = Village
        fields: list[str] = []

    def by_kind(self, queryset: QuerySet[Village], name: str, value: str) -> QuerySet[Village]:
        return queryset.filter(name__endswith="村" if value == "rural" else "社区")

    def by_visit(self, queryset: QuerySet[Village], name: str, value: slice) -> QuerySet[Village]:
        return queryset


class VillageResource(DeskResource):
    name = Exported("村居", "name")
    township = Exported("乡镇", "township")
    office = Exported("国土所", "township__office")
    order = Exported("路线顺序", "order")
    code = Exported("行政区划代码", "township__code", number_format=TEXT)
    due = Exported("下次巡查")

    def dehydrate_due(self, row: Village) -> date:
        return self.today + timedelta(days=row.order)


class ReasonForm(DeskForm):
    reason = forms.CharField(label="事由", max_length=20)


def renumber(
    request: HttpRequest, rows: QuerySet[Village], data: dict[str, Any], seen: Mapping[int, int]
) -> str:
    if data["reason"] == "拒绝":
        raise ValidationError("这条路线不能重排。")
    return f"已重排 {rows.update(order=9)} 个村居，事由：{data['reason']}。"


class VillageList(ListPage):
    table_class = VillageTable
    filterset_class = VillageFilter
    resource_class = VillageResource
    title = "村居列表"
    unit = "个"
    default_order = "路线顺序"
    presets = (Preset("逾期", {"order_min": "1", "order_max": "1"}), Preset("农村", {"kind": "rural"}))
    bulk_acts = (
        BulkAct(
            "renumber", "重排路线", "重排 {count} 个村居的路线？", renumber, form=ReasonForm, icon="refresh"
        ),
        BulkAct("erase", "清除", "清除 {count} 个？", renumber, permission="update_config", danger=True),
    )
    empty_title = "还没有村居"
    empty_text = "先在“系统配置”中登记乡镇和村居。"

    def get_queryset(self) -> QuerySet[Village]:
        return Village.objects.select_related("township__office").order_by("order", "pk")


class OfficeForm(VersionedModelForm):
    units = {"order": "号"}
    visited = forms.DateField(label="到访日期", required=False)
    at = forms.DateTimeField(label="约定时间", required=False)
    price = forms.DecimalField(label="成交价款", required=False, help_text="不含税费。")
    result = forms.ChoiceField(
        label="是否已开工",
        choices=[("no", "未开工"), ("yes", "已开工")],
        widget=forms.RadioSelect,
        required=False,
    )
    photo = forms.FileField(label="照片", required=False)
    remark = forms.CharField(label="备注", widget=forms.Textarea(attrs={"rows": 3}), required=False)

    class Meta:
        model = TownshipOffice
        fields = ["name", "phone", "address", "order", "is_active"]


@desk_page()
def edit_office(request: HttpRequest, pk: int) -> HttpResponse:
    office = get_object_or_404(TownshipOffice, pk=pk)
    form = OfficeForm(request.POST or None, request.FILES or None, instance=office)
    form.fields["price"].unit = "万元"
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "已保存。")
        return redirect(request.path)
    return render(request, "demo/form.html", {"form": form})


@desk_page()
def pieces(request: HttpRequest) -> HttpResponse:
    """Every piece on one page."""
    if "message" in request.GET:
        messages.success(request, "已批准 3 份催缴通知单。")
        messages.error(request, "有 1 份没有批准：拟稿人不能批准自己拟的文书。")
    return render(
        request,
        "demo/pieces.html",
        {
            "today": date(2026, 11, 23),
            "soon": date(2026, 12, 3),
            "late": date(2026, 11, 20),
            "tab_items": [
                {"title": "概况", "url": request.path},
                {"title": "缴款", "url": "/demo/list/", "count": 2},
                {"title": "巡查与照片", "url": "/demo/list/", "count": 3},
                {"title": "文书", "url": "/demo/list/", "count": 0},
                {"title": "延期与变更", "url": "/demo/list/"},
                {"title": "时间线", "url": "/demo/list/", "count": 14},
            ],
            "people": User.objects.all()[:3],
        },
    )


def public(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/public.html")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


demo = [
    path("list/", VillageList.as_view(), name="list"),
    path("office/<int:pk>/", edit_office, name="office"),
    path("pieces/", pieces, name="pieces"),
    path("public/", public, name="public"),
    path("broken/", broken, name="broken"),
    path("missing/", missing, name="missing"),
]
urlpatterns = [path("demo/", include((demo, "demo"))), *project]
