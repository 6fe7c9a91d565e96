"""Absences with a deputy: one's own, and those of others for whoever keeps the staff's records."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from landbureau.accounts.errors import PeopleError
from landbureau.accounts.filters import AbsenceFilter
from landbureau.accounts.forms_people import AbsenceForm, refusals_at
from landbureau.accounts.models import Absence, User
from landbureau.accounts.services import cancel_absence, register_absence
from landbureau.accounts.tables import AbsenceTable
from landbureau.accounts.views.common import viewer
from landbureau.web.access import desk_page
from landbureau.web.lists import ListPage, Preset


class AbsenceList(ListPage):
    """外出委托."""

    table_class = AbsenceTable
    filterset_class = AbsenceFilter
    template_name = "people/absences.html"
    title = "外出委托"
    unit = "项"
    default_order = "最近的在前"
    presets = (Preset("进行中", {"state": "now"}), Preset("未开始", {"state": "ahead"}))
    empty_title = "还没有外出委托"
    empty_text = "外出前指定代办人，这几天的待办由他办理。"

    def get_queryset(self) -> QuerySet[Absence]:
        rows = Absence.objects.visible_to(viewer(self.request))
        people = ("user__section", "user__office", "deputy__section", "deputy__office")
        return rows.select_related(*people).order_by("-starts_on", "-pk")


@desk_page()
def new_absence(request: HttpRequest) -> HttpResponse:
    """Register an absence: one's own, or that of somebody whose record one may change."""
    reader = viewer(request)
    asked = request.GET.get("person", "")
    form = AbsenceForm(
        request.POST or None,
        viewer=reader,
        initial={"starts_on": timezone.localdate(), "person": asked if asked.isdecimal() else reader.pk},
    )
    if form.is_valid():
        person: User = form.cleaned_data.pop("person", reader)
        with refusals_at(form):
            absence = register_absence(
                person=person, actor=reader, today=timezone.localdate(), **form.cleaned_data
            )
            messages.success(request, f"已登记：{absence}，由{absence.deputy}代办。")
            return redirect("people:absences")
    return render(request, "people/new_absence.html", {"form": form})


@desk_page()
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel an absence: one's own, or as for registering. The deputy cannot."""
    rows = Absence.objects.visible_to(viewer(request)).select_related("user", "deputy")
    absence = get_object_or_404(rows, pk=pk)
    others = User.objects.visible_to(viewer(request), "update_staff")
    may = absence.user == viewer(request) or others.filter(pk=absence.user_id).exists()
    if request.method == "POST" and may:
        try:
            cancel_absence(absence=absence, today=timezone.localdate())
            messages.success(request, f"已撤销{absence.user}的外出委托，{absence.deputy}不再代办。")
        except PeopleError as error:
            messages.error(request, str(error))
        return redirect("people:absences")
    return render(request, "people/cancel_absence.html", {"absence": absence, "may": may})
