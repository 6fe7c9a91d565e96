"""A document that a notice or a visit should have made is drafted again."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from landbureau.accounts.requests import DeskRequest
from landbureau.documents.models import Document
from landbureau.web.access import desk_page
from supervision.supply import access
from supervision.supply.errors import SupplyError
from supervision.supply.models import LandSupply, Notice
from supervision.supply.selectors import notices
from supervision.supply.selectors.undrafted import missing_start_notices
from supervision.supply.services import redrafting


@desk_page("create_notice")
def draft_again(request: DeskRequest, pk: int) -> HttpResponse:
    """Of an open notice: why there is no document yet, and the button that drafts it."""
    today = timezone.localdate()
    rows: QuerySet[Notice] = notices.notices_for(request.user).filter(
        closed_on=None, kind__document_kind__isnull=False
    )
    notice = get_object_or_404(rows.select_related("kind__document_kind", "document"), pk=pk)
    if notice.document is not None:
        return redirect(notice.document)
    (line,) = notices.lines([notice], request.user, today)
    title = notice.kind.document_kind.title if notice.kind.document_kind else ""
    return _page(
        request,
        notice.supply,
        lambda: redrafting.draft_again(notice=notice, actor=request.user, today=today),
        {"document_title": title, "why": line.why, "error": notice.error},
    )


@desk_page("create_notice")
def start_notice(request: DeskRequest, pk: int) -> HttpResponse:
    """Of a visit that found no start: the 《开工通知书》."""
    today = timezone.localdate()
    visible: QuerySet[LandSupply] = LandSupply.objects.visible_to(request.user)
    supply = get_object_or_404(visible.select_related("land_user", "parcel__township"), pk=pk)
    missing = missing_start_notices(today).filter(supply=supply).first()
    if missing is None:
        messages.info(request, "这宗供地没有待拟的开工通知书。")
        return redirect(supply)
    why = f"约定 {missing.due_on} 开工，{missing.visited_on} 巡查发现未开工。"
    return _page(
        request,
        supply,
        lambda: redrafting.draft_start_notice(supply=supply, actor=request.user, today=today),
        {"document_title": "开工通知书", "why": why, "error": ""},
    )


def _page(
    request: DeskRequest, supply: LandSupply, draft: Callable[[], Document], told: dict[str, str]
) -> HttpResponse:
    if request.method == "POST":
        try:
            document = draft()
        except SupplyError as error:
            told = told | {"error": error.message}
        else:
            messages.success(request, f"已拟《{document.title}》。")
            return redirect(document)
    context = told | {"supply": supply, "may_correct": access.may(request.user, "update_supply", supply)}
    return render(request, "supply/redraft.html", context)
