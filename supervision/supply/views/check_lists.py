"""Check lists: drawn by the section, worked through by the officers."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from landbureau.accounts.requests import DeskRequest
from landbureau.web.access import desk_page
from landbureau.web.exports import FORMATS, export_response
from supervision.supply.errors import SupplyError
from supervision.supply.exports_office import CheckListResource
from supervision.supply.forms_office import DrawForm
from supervision.supply.models import CheckList, CheckListEntry, LandSupply
from supervision.supply.selectors.visits import visitable
from supervision.supply.services import check_lists as services

PAGE_SIZE = 20


@require_safe
@desk_page("view_supply")
def page(request: DeskRequest) -> HttpResponse:
    """The lists in sight, newest first, with how far each is."""
    rows: QuerySet[CheckList] = CheckList.objects.visible_to(request.user)
    lists = (
        CheckList.objects.filter(pk__in=rows.order_by().values("pk"))
        .annotate(
            count=Count("entries"),
            done=Count("entries", filter=Q(entries__visit__isnull=False)),
            own=Count("entries", filter=Q(entries__officer=request.user, entries__visit=None)),
        )
        .select_related("drawn_by")
        .order_by("-drawn_on", "-pk")
    )
    context = {
        "today": timezone.localdate(),
        "page_obj": Paginator(lists, PAGE_SIZE).get_page(request.GET.get("page")),
        "may_draw": request.user.has_perm("accounts.approve_supply"),
    }
    return render(request, "supply/check_lists.html", context)


def _entries(request: DeskRequest, check_list: CheckList) -> QuerySet[CheckListEntry]:
    """Those of supplies in sight, and one's own: what is still to do first, in route order."""
    seen = LandSupply.objects.visible_to(request.user).order_by().values("pk")
    return (
        CheckListEntry.objects.filter(Q(supply__in=seen) | Q(officer=request.user), check_list=check_list)
        .select_related(
            "officer__office",
            "visit",
            "supply__land_user",
            "supply__parcel__township",
            "supply__parcel__village",
        )
        .order_by(
            F("supply__parcel__township__order").asc(nulls_last=True),
            F("supply__parcel__village__order").asc(nulls_last=True),
            "supply__number",
        )
    )


@require_safe
@desk_page("view_supply")
def detail(request: DeskRequest, pk: int) -> HttpResponseBase:
    """One list: who looks at what, and what was found."""
    rows: Any = CheckList.objects.visible_to(request.user)
    check_list = get_object_or_404(rows, pk=pk)
    today = timezone.localdate()
    entries = _entries(request, check_list)
    if "export" in request.GET:
        if request.GET["export"] not in FORMATS:
            raise Http404
        sheet = CheckListResource(viewer=request.user, today=today).sheet(check_list.title, entries)
        return export_response(request, request.GET["export"], sheet, today=today)
    found = list(entries)
    keys = [entry.supply_id for entry in found]
    seen = set(LandSupply.objects.visible_to(request.user).filter(pk__in=keys).values_list("pk", flat=True))
    to_visit = set(visitable(request.user, today).filter(pk__in=keys).values_list("pk", flat=True))
    own = [entry for entry in found if entry.officer_id == request.user.pk]
    only_own = bool(request.GET.get("own")) and bool(own)
    context = {
        "today": today,
        "check_list": check_list,
        "entries": [
            (entry, entry.supply_id in seen, entry.visit_id is None and entry.supply_id in to_visit)
            for entry in (own if only_own else found)
        ],
        "count": len(found),
        "done": sum(entry.visit_id is not None for entry in found),
        "own": len(own),
        "only_own": only_own,
        "exports": [(name, form.word) for name, form in FORMATS.items()],
    }
    return render(request, "supply/check_list.html", context)


@desk_page("approve_supply")
def draw(request: DeskRequest) -> HttpResponse:
    """Draw a list; what came out is final, so that nobody draws until it suits."""
    today = timezone.localdate()
    form = DrawForm(request.POST or None, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            # Nobody chooses the seed: one could look for the one that suits.
            seed = secrets.token_hex(8)
            made = services.draw(**form.cleaned_data, seed=seed, actor=request.user, today=today)
        except SupplyError as error:
            form.add_error(error.field or None, error.message)
        else:
            return redirect(made)
    count = services.population(request.user, today).count()
    return render(request, "supply/check_list_draw.html", {"form": form, "count": count})
