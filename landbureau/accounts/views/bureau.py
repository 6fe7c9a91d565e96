"""The bureau's profile and its parts."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from landbureau.accounts.forms_people import BureauForm
from landbureau.accounts.models import Bureau, Section, Township, TownshipOffice
from landbureau.web.access import desk_page
from landbureau.web.versions import EditConflict

STAFF = Count("staff", filter=Q(staff__is_active=True), distinct=True)


@desk_page("view_config", everywhere=True)
def bureau(request: HttpRequest) -> HttpResponse:
    """Profile, sections with aliases, township offices, townships with their villages counted."""
    townships = (
        Township.objects.select_related("office")
        .annotate(village_count=Count("villages"))
        .order_by("order", "name")
    )
    context = {
        "profile": get_object_or_404(Bureau),
        "sections": Section.objects.annotate(people=STAFF)
        .prefetch_related("aliases")
        .order_by("order", "name"),
        "idle_offices": TownshipOffice.objects.filter(townships=None),
        "townships": townships,
        "village_count": sum(township.village_count for township in townships),
    }
    return render(request, "people/bureau.html", context)


@desk_page("update_config", everywhere=True)
def edit_bureau(request: HttpRequest) -> HttpResponse:
    """Change the profile."""
    form = BureauForm(request.POST or None, instance=get_object_or_404(Bureau))
    if form.is_valid():
        try:
            form.save()
        except EditConflict as conflict:
            form.report_conflict(conflict.current)
        else:
            messages.success(request, "单位信息已保存。")
            return redirect("people:bureau")
    return render(request, "people/edit_bureau.html", {"form": form})
