"""The theme, saved views, and the pages that say what went wrong."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from landbureau.web.access import desk_page
from landbureau.web.context_processors import THEMES
from landbureau.web.lists import BulkAct, ListPage, Preset
from landbureau.web.models import SavedView

__all__ = ["BulkAct", "ListPage", "Preset"]
YEAR = 365 * 24 * 3600
MOST_VIEWS = 30  # of one person for one list


def back(request: HttpRequest, otherwise: str = "/desk/") -> str:
    """The address to return to: the form's ``next`` if it is on this site."""
    url = request.POST.get("next", "")
    ok = url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()})
    return url if ok else otherwise


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device has it: kept in a cookie of this browser."""
    response = redirect(back(request))
    chosen = request.POST.get("theme")
    if chosen in THEMES:
        response.set_cookie(
            "theme", chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    return response


class SavedViewForm(forms.ModelForm):
    """A new view: its name and what it keeps. ``instance``: with the person whose view it is."""

    class Meta:
        model = SavedView
        fields = ["page", "name", "query"]

    def clean_page(self) -> str:
        page: str = self.cleaned_data["page"]
        try:
            view = resolve(reverse(page)).func
        except (NoReverseMatch, Resolver404):
            view = None
        if not issubclass(getattr(view, "view_class", object), ListPage):
            raise forms.ValidationError("没有这个列表。")
        return page

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        others = SavedView.objects.filter(user=self.instance.user_id, page=cleaned.get("page", ""))
        if others.exclude(name=cleaned.get("name", "")).count() >= MOST_VIEWS:
            raise forms.ValidationError(f"每个列表最多存 {MOST_VIEWS} 个视图，请先删除不用的。")
        return cleaned


def _own_views(request: HttpRequest) -> QuerySet[SavedView]:
    return SavedView.objects.filter(user=request.user.pk)


@require_POST
@desk_page()
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the list as it is under a name; the same name again replaces it."""
    form = SavedViewForm(request.POST, instance=SavedView(user_id=cast(int, request.user.pk)))
    if not form.is_valid():
        messages.error(
            request,
            "视图没有保存：" + "；".join(str(error) for errors in form.errors.values() for error in errors),
        )
        return redirect(back(request))
    kept = form.cleaned_data
    SavedView.objects.update_or_create(
        user_id=cast(int, request.user.pk),
        page=kept["page"],
        name=kept["name"],
        defaults={"query": kept["query"]},
    )
    messages.success(request, f"已存为视图“{kept['name']}”。")
    return redirect(back(request))


@require_POST
@desk_page()
def rename_view(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(_own_views(request), pk=pk)
    name = request.POST.get("name", "").strip()
    taken = _own_views(request).filter(page=view.page, name=name).exclude(pk=pk)
    if not 0 < len(name) <= 40:
        messages.error(request, "视图名称须为1至40个字。")
    elif taken.exists():
        messages.error(request, f"已有名为“{name}”的视图。")
    else:
        view.name = name
        view.save(update_fields=["name"])
        messages.success(request, f"视图已改名为“{name}”。")
    return redirect(back(request))


@require_POST
@desk_page()
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(_own_views(request), pk=pk)
    view.delete()
    messages.success(request, f"视图“{view.name}”已删除。")
    return redirect(back(request))


# --- Error pages ----------------------------------------------------------------------------------------


def _error(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, f"web/errors/{status}.html", status=status)


def bad_request(request: HttpRequest, exception: Any) -> HttpResponse:
    return _error(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Any) -> HttpResponse:
    return _error(request, 403)


def page_not_found(request: HttpRequest, exception: Any) -> HttpResponse:
    return _error(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without request and context processors: whatever failed may fail there again."""
    return HttpResponse(render_to_string("web/errors/500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from a page that is too old, or from elsewhere (``CSRF_FAILURE_VIEW``)."""
    return render(request, "web/errors/csrf.html", status=403)
