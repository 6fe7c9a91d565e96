"""Land users: list, page, correction, duplicates and their merger."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from landbureau.accounts.views.common import viewer
from landbureau.web.access import desk_page
from landbureau.web.lists import ListPage
from landbureau.web.masking import mask_phone
from landbureau.web.versions import EditConflict
from supervision.supply import identity
from supervision.supply.errors import SupplyError
from supervision.supply.exports import LandUserResource
from supervision.supply.filters import LandUserFilter
from supervision.supply.forms_corrections import LandUserForm, MergeForm
from supervision.supply.models import LandUser
from supervision.supply.selectors import terms
from supervision.supply.selectors.land_users import (
    Held,
    changeable_by,
    duplicates_for,
    held_by,
    land_users_for,
    told_apart_from,
)
from supervision.supply.selectors.lists import lines_of, supplies_for, totals
from supervision.supply.services.land_users import (
    correct_land_user,
    keep_apart,
    may_change,
    merge_land_users,
    reveal_phone,
)
from supervision.supply.tables import LandUserTable, SupplyTable

MOST_SUPPLIES = 100
MOST_PAIRS = 50


class LandUserList(ListPage):
    """用地单位: those with a supply that the reader sees."""

    permission = "view_supply"
    table_class = LandUserTable
    filterset_class = LandUserFilter
    resource_class = LandUserResource
    template_name = "supply/land_users.html"
    title = "用地单位"
    unit = "个"
    default_order = "按名称"
    empty_title = "还没有用地单位"
    empty_text = "登记或者导入供地时一并登记用地单位。"

    def get_queryset(self) -> QuerySet[LandUser]:
        return land_users_for(viewer(self.request))

    def _table(self, rows: QuerySet[LandUser]) -> Any:
        """With what those of the page hold."""
        table = super()._table(rows)
        shown = [row.record for row in table.page.object_list]
        held = held_by(viewer(self.request), shown)
        for land_user in shown:
            land_user.held = held.get(land_user.pk, Held())
        return table


@require_safe
@desk_page("view_supply")
def land_user(request: HttpRequest, pk: int) -> HttpResponse:
    """A land user with its supplies; one that was merged leads to the other."""
    return _page(request, pk)


@require_POST
@desk_page("view_supply")
def land_user_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """The same page with the number written out; that it was read is recorded."""
    return _page(request, pk, reveal=True)


def _visible(request: HttpRequest, pk: int) -> LandUser:
    return get_object_or_404(LandUser.objects.visible_to(viewer(request)), pk=pk)


def _page(request: HttpRequest, pk: int, *, reveal: bool = False) -> HttpResponse:
    user, today = viewer(request), timezone.localdate()
    merged = LandUser.objects.filter(pk=pk, merged_into__isnull=False).select_related("merged_into").first()
    if merged is not None and merged.merged_into is not None:
        return redirect(_visible(request, merged.merged_into.pk))
    found = _visible(request, pk)
    rows: Any = supplies_for(user).filter(land_user=found)
    shown = list(rows[:MOST_SUPPLIES])
    lines = lines_of(shown, today, terms())
    for supply in shown:
        supply.line = lines[supply.pk]
    table = SupplyTable(shown)
    table.request = request
    table.choose(["number", "area", "price", "payment", "handover", "start", "completion", "officer"])
    context = {
        "land_user": found,
        "identity": identity.shown(found.identity),
        "doubt": identity.doubt(found.identity),
        "phone": reveal_phone(land_user=found, actor=user) if reveal else "",
        "masked_phone": mask_phone(found.phone),
        "table": table,
        "count": rows.order_by().count(),
        "totals": totals(rows),
        "merged": found.merged.order_by("name"),
        "told_apart": told_apart_from(found, user),
        "may_change": user.has_perm("accounts.update_supply") and may_change(user, [found]),
    }
    return render(request, "supply/land_user.html", context)


@desk_page("update_supply")
def correct_land_user_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Name, code and contact put right, with the reason."""
    user = viewer(request)
    found = _visible(request, pk)
    if found.merged_into_id or not may_change(user, [found]):
        raise Http404
    form = LandUserForm(request.POST or None, instance=LandUser.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        try:
            done = correct_land_user(
                land_user=found,
                version=form.cleaned_data["version"],
                values=form.values(),
                reason=form.cleaned_data["reason"],
                actor=user,
            )
        except EditConflict:
            form.report_conflict(found)
        except SupplyError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "已更正，原值保留在供地的时间线上。" if done else "没有改动。")
            if doubt := identity.doubt(form.cleaned_data["identity"]):
                messages.warning(request, f"统一社会信用代码/身份证号：{doubt}")
            return redirect(found)
    return render(request, "supply/land_user_correct.html", {"form": form, "land_user": found})


@require_safe
@desk_page("update_supply")
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs that may be one and the same land user."""
    user = viewer(request)
    pairs = duplicates_for(user)
    of_shown = [row for pair in pairs[:MOST_PAIRS] for row in pair.rows]
    held = held_by(user, of_shown)
    own = changeable_by(user, {row.pk for row in of_shown})
    shown = [
        {
            "sides": [
                {
                    "row": row,
                    "count": held.get(row.pk, Held()).count,
                    "identity": identity.shown(row.identity),
                    "phone": mask_phone(row.phone),
                }
                for row in pair.rows
            ],
            "reasons": pair.reasons,
            "may_change": {row.pk for row in pair.rows} <= own,
        }
        for pair in pairs[:MOST_PAIRS]
    ]
    context = {"pairs": shown, "count": len(pairs), "more": max(0, len(pairs) - MOST_PAIRS)}
    return render(request, "supply/land_user_duplicates.html", context)


@desk_page("update_supply")
def merge(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Asked first which of the two stays; POST merges them."""
    user = viewer(request)
    pair = [_visible(request, pk), _visible(request, other)]
    if pk == other or not may_change(user, pair):
        raise Http404
    if any(row.merged_into_id for row in pair):
        messages.info(request, "这两个用地单位已经合并过。")
        return redirect("supply:duplicates")
    form = MergeForm(request.POST or None, pair=pair, initial={"keep": _fuller(pair).pk})
    if request.method == "POST" and form.is_valid():
        keep = form.cleaned_data["keep"]
        gone = next(row for row in pair if row.pk != keep.pk)
        try:
            moved = merge_land_users(keep=keep, gone=gone, actor=user)
        except SupplyError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已合并：“{gone.name}”的 {moved} 宗供地改在“{keep.name}”名下。")
            return redirect(keep)
    held = held_by(user, pair)
    sides = [
        {
            "row": row,
            "count": held.get(row.pk, Held()).count,
            "identity": identity.shown(row.identity),
            "doubt": identity.doubt(row.identity),
            "phone": mask_phone(row.phone),
            "chosen": str(row.pk) == str(form["keep"].value()),
        }
        for row in pair
    ]
    return render(request, "supply/land_user_merge.html", {"form": form, "sides": sides})


@require_POST
@desk_page("update_supply")
def not_same(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Two that seemed one are two: they are proposed no more."""
    user = viewer(request)
    pair = [_visible(request, pk), _visible(request, other)]
    if pk == other or not may_change(user, pair):
        raise Http404
    try:
        keep_apart(one=pair[0], other=pair[1], actor=user)
    except SupplyError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"已记下“{pair[0]}”和“{pair[1]}”不是同一单位，不再列出。")
    return redirect("supply:duplicates")


def _fuller(pair: list[LandUser]) -> LandUser:
    """Of the two the one that says more, with a right identity before all."""
    return max(
        pair,
        key=lambda row: (
            identity.is_valid(row.identity),
            sum(bool(value) for value in (row.identity, row.contact, row.phone, row.address)),
            -row.pk,
        ),
    )
