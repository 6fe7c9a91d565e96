"""Open work and its hand-over; the villages' rounds of a township office."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from landbureau.accounts.forms_people import HandOverForm, RoundForm, refusals_at
from landbureau.accounts.models import TownshipOffice
from landbureau.accounts.selectors_people import offices_for, rounds_of, work_of
from landbureau.accounts.services import assign_villages, hand_over, open_deadlines_of
from landbureau.accounts.views.common import person_or_404, viewer
from landbureau.web.access import desk_page


@desk_page()
def my_work(request: HttpRequest) -> HttpResponse:
    """What the reader answers for, also in places whose pages are closed to the reader."""
    rows, deadlines = work_of(viewer(request)), open_deadlines_of(viewer(request)).order_by("due_on")
    context = {"rows": rows, "deadlines": deadlines, "today": timezone.localdate()}
    return render(request, "people/my_work.html", context)


@desk_page("update_staff")
def work(request: HttpRequest, pk: int) -> HttpResponse:
    """All open work of a person, to be handed over whole or in part."""
    person = person_or_404(request, pk, "update_staff")
    rows, deadlines = work_of(person), open_deadlines_of(person)
    form = HandOverForm(
        request.POST or None,
        person=person,
        work=rows,
        running=deadlines,
        initial={"on": timezone.localdate(), "which": HandOverForm.ALL},
    )
    if form.is_valid():
        chosen = form.chosen()
        with refusals_at(form):
            handed = hand_over(
                person=person,
                takers=list(form.cleaned_data["takers"]),
                on=form.cleaned_data["on"],
                reason=form.cleaned_data["reason"],
                actor=viewer(request),
                assignments=chosen.get("assignments"),
                deadlines=chosen.get("deadlines"),
            )
            messages.success(request, f"已移交 {handed.count} 项：{handed}。")
            for warning in handed.warnings:
                messages.warning(request, warning)
            return redirect("people:person", pk)
    context = {
        "form": form,
        "person": person,
        "rows": rows,
        "deadlines": deadlines,
        "count": len(rows) + len(deadlines),
        "today": timezone.localdate(),
        "chosen": request.POST.getlist("assignments"),
        "chosen_deadlines": request.POST.getlist("deadlines"),
    }
    return render(request, "people/work.html", context)


@desk_page("view_round")
def offices(request: HttpRequest) -> HttpResponse:
    """The township offices, with who makes how many rounds."""
    return render(request, "people/offices.html", {"offices": offices_for(viewer(request))})


@desk_page("view_round")
def office(request: HttpRequest, pk: int) -> HttpResponse:
    """Townships and villages of an office, with who answers for which; assign in bulk."""
    reader = viewer(request)
    found = get_object_or_404(TownshipOffice.objects.visible_to(reader), pk=pk)
    may_assign = TownshipOffice.objects.visible_to(reader, "assign_round").filter(pk=pk).exists()
    form = RoundForm(request.POST or None, office=found, initial={"starts_on": timezone.localdate()})
    if may_assign and form.is_valid():
        with refusals_at(form):
            given = assign_villages(
                villages=list(form.cleaned_data["villages"]),
                to=form.cleaned_data["officer"],
                starts_on=form.cleaned_data["starts_on"],
                actor=reader,
            )
            messages.success(request, f"已安排：{given}。")
            for warning in given.warnings:
                messages.warning(request, warning)
            return redirect("people:office", pk)
    context = {
        "office": found,
        "townships": rounds_of(found),
        "staff": found.staff.filter(is_active=True).order_by("name"),
        "form": form if may_assign else None,
        "chosen": request.POST.getlist("villages"),
    }
    return render(request, "people/office.html", context)
