"""The record: a list with filters and its export, the history of a person and of an object."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from landbureau.audit.display import kind_of, lines_of
from landbureau.audit.exports import EntryResource
from landbureau.audit.filters import EntryFilter, people_of
from landbureau.audit.models import Entry
from landbureau.audit.selectors import entries_for, history_of_object, history_of_person
from landbureau.audit.sight import may_see
from landbureau.audit.tables import EntryTable
from landbureau.web.access import desk_page
from landbureau.web.lists import BoundedPaginator, ListPage
from landbureau.web.tables import DeskTable


class Entries(ListPage):
    """审计记录: all rows that the reader may see, newest first."""

    permission = "view_audit"
    table_class = EntryTable
    filterset_class = EntryFilter
    resource_class = EntryResource
    title = "审计记录"
    page_size = 50
    paginator_class = BoundedPaginator
    default_order = "最新在前"
    empty_title = "还没有记录"

    def get_queryset(self) -> QuerySet[Entry]:
        return entries_for(self.request.user)  # type: ignore[arg-type]

    def _table(self, rows: QuerySet[Any]) -> DeskTable:
        table = super()._table(rows)
        for line in lines_of(table.page.object_list.data, self.request.user):  # type: ignore[arg-type]
            line.entry.line = line
        return table


@desk_page("view_audit")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """What one person did, and what happened to the account."""
    subject = get_object_or_404(people_of(request), pk=pk)
    rows = history_of_person(request.user, subject)  # type: ignore[arg-type]
    return _history(request, rows, title=str(subject), subtitle=str(subject.unit or ""))


@desk_page("view_audit")
def object_history(request: HttpRequest, app: str, model: str, pk: str) -> HttpResponse:
    """What happened to one row, as far as the reader may see.

    Without any such row, and for objects out of the reader's sight, it does not exist.
    """
    try:
        kind: type[Model] = apps.get_model(app, model)
    except LookupError:
        raise Http404 from None
    if pk.isdecimal() and len(pk) > 18:  # longer than any key
        raise Http404
    if not may_see(request.user, kind, pk):  # type: ignore[arg-type]
        raise Http404
    rows = history_of_object(request.user, kind, pk)  # type: ignore[arg-type]
    latest = rows.first()
    if latest is None:
        raise Http404
    return _history(request, rows, title=latest.object_repr, subtitle=kind_of(kind))


def _history(request: HttpRequest, rows: QuerySet[Entry], *, title: str, subtitle: str) -> HttpResponse:
    page = BoundedPaginator(rows, 50).get_page(request.GET.get("page"))
    lines = lines_of(page.object_list, request.user)  # type: ignore[arg-type]
    context = {"title": title, "subtitle": subtitle, "page": page, "lines": lines}
    return render(request, "audit/history.html", context)
