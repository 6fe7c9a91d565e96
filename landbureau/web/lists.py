"""The list page: a table with its filters, presets, saved views, columns, paging, export and bulk acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.views import View

from landbureau.web.access import desk_page
from landbureau.web.exports import FORMATS, DeskResource, export_response, too_many
from landbureau.web.filters import DeskFilterSet
from landbureau.web.models import SavedView
from landbureau.web.tables import DeskTable

PAGE_SIZES = (20, 50, 100)
# Parameters that say how a list is shown, not what it holds.
DISPLAY_PARAMETERS = ("page", "sort", "size", "col")
MOST_COUNTED = 100  # rows of a preset; of more it is not said how many
MAX_SELECTED = 1000  # ids in one form; more are chosen by "all that the filters show"


@dataclass(frozen=True)
class Preset:
    """A filter that everybody gets: ``Preset("已逾期", {"state": "overdue"})``.

    ``counted``: the page says how many; not for what only grows, which takes ever longer to count.
    """

    title: str
    query: dict[str, Any] = field(default_factory=dict)
    counted: bool = True


@dataclass(frozen=True)
class BulkAct:
    """An act on the selected rows; the page asks first and says how many.

    ``run(request, rows, cleaned_data, seen)`` calls one service and returns what to tell (Chinese), or a
    redirect to what it made. ``seen``: keys of the rows on the page that asked, each with its ``version``
    then (0: its model has none); an act that is one of approval refuses what has another version now.
    ``question``: with ``{count}``. ``form``: what else must be known (a new officer, a reason).
    """

    name: str
    title: str
    question: str
    run: Callable[[HttpRequest, QuerySet[Any], dict[str, Any], Mapping[int, int]], str | HttpResponse]
    form: type[forms.Form] | None = None
    permission: str | None = None
    icon: str = "checks"
    danger: bool = False


class BoundedPaginator(Paginator):
    """Counts no further than ``most``: for tables of a million rows. ``is_cut``: there are more."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.most)

    @property
    def is_cut(self) -> bool:
        return self._counted > self.most

    @cached_property
    def _counted(self) -> int:
        rows: Any = getattr(self.object_list, "data", self.object_list)  # a table's rows hold a query
        rows = getattr(rows, "data", rows)
        return rows.order_by().values("pk")[: self.most + 1].count()


class ListPage(View):
    """Base of list pages. Subclasses name a table, a filter set and ``get_queryset``."""

    permission: ClassVar[str | None] = None
    everywhere: ClassVar[bool] = False  # the permission must be held on the whole bureau
    table_class: ClassVar[type[DeskTable]]
    filterset_class: ClassVar[type[DeskFilterSet]]
    resource_class: ClassVar[type[DeskResource] | None] = None  # the page has a menu 导出
    template_name: ClassVar[str] = "web/list.html"
    title: ClassVar[str]
    unit: ClassVar[str] = "条"
    page_size: ClassVar[int] = PAGE_SIZES[0]
    paginator_class: ClassVar[type[Paginator]] = Paginator
    default_order: ClassVar[str] = "默认"  # what the order of get_queryset() is called
    presets: ClassVar[Sequence[Preset]] = ()
    bulk_acts: ClassVar[Sequence[BulkAct]] = ()
    empty_title: ClassVar[str] = "还没有内容"
    empty_text: ClassVar[str] = ""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        return desk_page(cls.permission, everywhere=cls.everywhere)(super().as_view(**initkwargs))

    # --- What subclasses fill in ------------------------------------------------------------------

    def get_queryset(self) -> QuerySet[Any]:
        """The rows that this person may see, in the order of urgency, with what the table needs."""
        raise NotImplementedError

    def describe(self, row: Any) -> str:
        """A row among those that a bulk act asks about: enough to tell it from others."""
        return str(row)

    def get_bulk_acts(self) -> list[BulkAct]:
        """The acts that this person may do."""
        return [
            act
            for act in self.bulk_acts
            if act.permission is None or self.request.user.has_perm(f"accounts.{act.permission}")
        ]

    def get_presets(self) -> Sequence[Preset]:
        """The presets that are of use to this person."""
        return self.presets

    def get_context(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """More for the template; ``rows`` are the filtered ones. ``totals`` is shown beside the chips."""
        return {}

    # --- Reading ---------------------------------------------------------------------------------------

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        queryset = self.get_queryset()
        filterset = self.filterset_class(request.GET, queryset, request=request)
        if "export" in request.GET:
            return self._export(filterset)
        table = self._table(filterset.qs)
        context = {
            "title": self.title,
            "unit": self.unit,
            "filter": filterset,
            "table": table,
            "page_sizes": PAGE_SIZES,
            "orders": self._orders(table),
            "bulk_acts": self.get_bulk_acts(),
            "exports": [(name, form.word) for name, form in FORMATS.items() if self.resource_class],
            "empty_title": self.empty_title,
            "empty_text": self.empty_text,
            "max_selected": MAX_SELECTED,
            **self._views(queryset),
            **self.get_context(filterset.qs),
        }
        return render(request, self.template_name, context)

    def _export(self, filterset: DeskFilterSet) -> HttpResponseBase:
        """All rows that the filters show, in the order of the page; back to it when that cannot be."""
        name = self.request.GET["export"]
        if self.resource_class is None or name not in FORMATS:
            raise Http404
        rows = self._sorted(filterset.qs).data.data
        problem = "没有导出：请先改正筛选条件。" if filterset.form.errors else too_many(rows)
        if problem:
            messages.error(self.request, problem)
            params = self.request.GET.copy()
            del params["export"]
            return redirect(f"{self.request.path}?{params.urlencode()}")
        today = timezone.localdate()
        sheet = self.resource_class(viewer=self.request.user, today=today).sheet(self.title, rows)
        filters = [f"{chip.label}：{chip.text}" for chip in filterset.chips()]
        return export_response(self.request, name, sheet, today=today, filters=filters)

    def _sorted(self, rows: QuerySet[Any]) -> DeskTable:
        """The table in the order that the address asks for, all of it."""
        table = self.table_class(rows)
        table.request = self.request
        asked = self.request.GET.getlist("sort")
        sort = [name for name in asked if name.lstrip("-") in table.columns.names()]
        if sort:
            table.order_by = sort
        return table

    def _table(self, rows: QuerySet[Any]) -> DeskTable:
        params = self.request.GET
        table = self._sorted(rows)
        table.choose(params.getlist("col"))
        size = _int(params.get("size"))
        paginator = self.paginator_class(table.rows, size if size in PAGE_SIZES else self.page_size)
        table.paginator = paginator
        table.page = paginator.get_page(params.get("page"))
        return table

    def _orders(self, table: DeskTable) -> dict[str, Any]:
        chosen = str(table.order_by[0]) if self.request.GET.get("sort") and table.order_by else ""
        choices = [{"value": None, "label": self.default_order, "active": not chosen}]
        for column in table.columns.iterorderable():
            for prefix, word in (("", "升序"), ("-", "降序")):
                value = f"{prefix}{column.name}"
                label = f"{column.header} {word}"
                choices.append({"value": value, "label": label, "active": value == chosen})
        current = next((choice["label"] for choice in choices if choice["active"]), self.default_order)
        return {"choices": choices, "current": current}

    def _views(self, queryset: QuerySet[Any]) -> dict[str, Any]:
        """Presets and the person's own views, with the one that is open now."""
        here = _comparable(self.request.GET)
        presets = [
            {
                "title": preset.title,
                "query": urlencode(preset.query, doseq=True),
                "active": here == _comparable(QueryDict(urlencode(preset.query, doseq=True))),
                "count": self._count(queryset, preset),
            }
            for preset in self.get_presets()
        ]
        page = self.request.resolver_match.view_name if self.request.resolver_match else ""
        saved = [
            {"view": view, "active": here == _comparable(QueryDict(view.query))}
            for view in SavedView.objects.filter(user=self.request.user.pk, page=page)
        ]
        return {
            "presets": presets,
            "saved_views": saved,
            "saved_view_page": page,
            "saved_view_active": next((item["view"] for item in saved if item["active"]), None),
            "view_query": _view_query(self.request.GET),
        }

    def _count(self, queryset: QuerySet[Any], preset: Preset) -> str:
        """Empty: not counted."""
        if not preset.counted:
            return ""
        data = QueryDict(urlencode(preset.query, doseq=True))
        rows = self.filterset_class(data, queryset, request=self.request).qs
        count = rows.order_by().values("pk")[:MOST_COUNTED].count()
        return f"{count - 1}+" if count == MOST_COUNTED else str(count)

    # --- Bulk acts -------------------------------------------------------------------------------------

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        act = next((act for act in self.bulk_acts if act.name == request.POST.get("act")), None)
        if act is None:
            raise BadRequest("no such act")
        if act not in self.get_bulk_acts():
            raise PermissionDenied
        rows = self._selected()
        now = _versions(rows)
        if not now:
            messages.warning(request, "请先选择要办理的记录。")
            return redirect(request.get_full_path())
        asked = "seen" in request.POST
        seen = _parsed(request.POST.get("seen", ""))
        same = seen.keys() == now.keys()
        form = act.form(request.POST if asked else None) if act.form else None
        if same and (form is None or form.is_valid()):
            try:
                told = act.run(request, rows, form.cleaned_data if form else {}, seen)
            except ValidationError as error:
                messages.error(request, "；".join(error.messages))
            else:
                if isinstance(told, HttpResponse):
                    return told
                messages.success(request, told)
                return redirect(request.get_full_path())
        return render(
            request,
            "web/bulk_confirm.html",
            {
                "title": self.title,
                "act": act,
                "question": act.question.format(count=len(now)),
                "count": len(now),
                "changed": asked and not same,
                "seen": " ".join(f"{pk}:{version}" for pk, version in (seen if same else now).items()),
                "sample": [self.describe(row) for row in rows[:10]],
                "more": max(0, len(now) - 10),
                "form": form,
                "selected": request.POST.getlist("pk")[:MAX_SELECTED],
                "everything": "everything" in request.POST,
                "unit": self.unit,
            },
        )

    def _selected(self) -> QuerySet[Any]:
        """The chosen rows, always within what the person may see and the filters show."""
        rows = self.filterset_class(self.request.GET, self.get_queryset(), request=self.request).qs
        if "everything" in self.request.POST:
            return rows
        keys = [pk for pk in self.request.POST.getlist("pk") if is_key(pk)][:MAX_SELECTED]
        return rows.filter(pk__in=keys)


def _versions(rows: QuerySet[Any]) -> dict[int, int]:
    """The version of each row by its key; 0: rows of this model have none."""
    versioned = any(field.name == "version" for field in rows.model._meta.concrete_fields)
    return dict(rows.order_by().values_list("pk", "version" if versioned else Value(0)))


def _parsed(seen: str) -> dict[int, int]:
    """What ``_versions`` was when the page asked; empty: it did not, or this was not written by it."""
    pairs = [pair.partition(":") for pair in seen.split()]
    if not all(is_key(pk) and is_key(version) for pk, _, version in pairs):
        return {}
    return {int(pk): int(version) for pk, _, version in pairs}


def is_key(text: str) -> bool:
    """Whether it may be a key of the database: at most 18 digits."""
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _int(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def _view_query(params: QueryDict) -> str:
    """What a saved view keeps: conditions, order, columns and size, but not the page."""
    return urlencode(
        [
            (name, value)
            for name, values in sorted(params.lists())
            for value in values
            if value and name != "page"
        ]
    )


def _comparable(params: QueryDict) -> list[tuple[str, str]]:
    """Two addresses show the same list when these are equal."""
    return sorted(
        (name, value) for name, values in params.lists() for value in values if value and name != "page"
    )
