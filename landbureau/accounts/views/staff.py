"""The staff: list, person, entry, change, move, leaving, coming back, password, phone."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from landbureau.accounts.errors import PeopleError
from landbureau.accounts.exports import StaffResource
from landbureau.accounts.filters import StaffFilter
from landbureau.accounts.forms_people import EnrolForm, LeaveForm, MoveForm, PersonForm, refusals_at
from landbureau.accounts.lockout import locked_until
from landbureau.accounts.models import User
from landbureau.accounts.selectors_access import access_of, by_object
from landbureau.accounts.selectors_people import (
    absences_ahead,
    deputising_ahead,
    expiring_certificates,
    open_work_by_task,
    staff_for,
)
from landbureau.accounts.services import (
    enrol,
    grant_role,
    leave,
    move,
    open_work_count,
    reinstate,
    reveal_phone,
)
from landbureau.accounts.services.signin import reset_password, unlock
from landbureau.accounts.tables import StaffTable
from landbureau.accounts.views.common import person_or_404, viewer
from landbureau.web.access import desk_page
from landbureau.web.lists import ListPage, Preset
from landbureau.web.masking import mask_phone
from landbureau.web.versions import EditConflict

ONE_TIME = "one_time_password"  # key in the session


class StaffList(ListPage):
    """人员: those whose record the reader may open."""

    permission = "view_staff"
    table_class = StaffTable
    filterset_class = StaffFilter
    resource_class = StaffResource
    template_name = "people/staff.html"
    title = "人员"
    unit = "人"
    default_order = "在岗在前，按科室"
    presets = (
        Preset("在岗", {"state": "active"}),
        Preset("外出", {"state": "absent"}),
        Preset("执法证即将到期", {"certificate": "soon"}),
        Preset("离岗", {"state": "left"}),
    )
    empty_title = "还没有人员"
    empty_text = "登记第一个人后，在这里授权、安排工作。"

    def get_queryset(self) -> QuerySet[User]:
        return staff_for(viewer(self.request), timezone.localdate())


@desk_page("view_staff")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: facts, grants, open work, absences, account."""
    return _person_page(request, person_or_404(request, pk))


def _person_page(request: HttpRequest, person: User, phone: str = "") -> HttpResponse:
    today, reader = timezone.localdate(), viewer(request)
    context = {
        "person": person,
        "phone": phone,
        "masked_phone": mask_phone(person.phone),
        "today": today,
        "grants": person.grants.filter(ended_at=None).select_related(
            "role", "section", "office", "granted_by"
        ),
        "ended_grants": person.grants.exclude(ended_at=None).select_related(
            "role", "section", "office", "ended_by"
        )[:10],
        "may": [
            (name, dict.fromkeys(item.entry.action for item in held))
            for name, held in by_object(access_of(person, today))
        ],
        "work": open_work_by_task(person),
        "absences": absences_ahead(person, today),
        "deputising": deputising_ahead(person, today),
        "certificate_soon": expiring_certificates(reader, today).filter(pk=person.pk).exists(),
        "locked_until": locked_until(timezone.now(), username=person.username),
        "may_update": reader.has_perm("accounts.update_staff")
        and User.objects.visible_to(reader, "update_staff").filter(pk=person.pk).exists(),
    }
    context["may_administer"] = context["may_update"] and reader.holds_everywhere("update_staff")
    return render(request, "people/person.html", context)


@desk_page("create_staff", everywhere=True)
def new(request: HttpRequest) -> HttpResponse:
    """Enter a person; the first password is shown once."""
    may_grant = viewer(request).holds_everywhere("update_staff")
    form = EnrolForm(request.POST or None, may_grant=may_grant)
    if form.is_valid():
        with refusals_at(form), transaction.atomic():
            password = enrol(person=form.save(commit=False), actor=viewer(request))
            if form.cleaned_data.get("role"):
                grant_role(
                    user=form.instance,
                    role=form.cleaned_data["role"],
                    section=form.cleaned_data["section"],
                    office=form.cleaned_data["office"],
                    actor=viewer(request),
                    reason="新入职",
                )
            return _show_once(request, form.instance, password, "已登记")
    return render(request, "people/new.html", {"form": form})


@desk_page("update_staff")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is known about a person."""
    person = person_or_404(request, pk, "update_staff")
    form = PersonForm(request.POST or None, instance=person)
    if form.is_valid():
        try:
            form.save()
        except EditConflict as conflict:
            form.report_conflict(conflict.current)
        else:
            messages.success(request, f"{person}的信息已保存。")
            return redirect("people:person", pk)
    return render(request, "people/edit.html", {"form": form, "person": User.objects.get(pk=pk)})


@desk_page("update_staff")
def move_person(request: HttpRequest, pk: int) -> HttpResponse:
    """To another section or office, with open work handed over or taken along."""
    person, today = person_or_404(request, pk, "update_staff"), timezone.localdate()
    work = open_work_count(person)
    form = MoveForm(
        request.POST or None,
        person=person,
        open_work=work,
        may_grant=viewer(request).holds_everywhere("update_staff"),
        initial={"on": today, "position": person.position},
    )
    if form.is_valid():
        with refusals_at(form):
            data = {"role": None} | form.cleaned_data
            data["takers"] = list(data.get("takers", ()))
            along = data.pop("work", "") == MoveForm.TAKE_ALONG
            handed = move(person=person, take_along=along, actor=viewer(request), today=today, **data)
            messages.success(request, f"{person}已调动。" + (f"移交：{handed}。" if handed else ""))
            for warning in handed.warnings if handed else ():
                messages.warning(request, warning)
            return redirect("people:person", pk)
    context = {"form": form, "person": person, "open_work": work, "work": open_work_by_task(person)}
    return render(request, "people/move.html", context)


@desk_page("update_staff")
def leave_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Deactivate, with open work handed over in the same act."""
    person, today = person_or_404(request, pk, "update_staff"), timezone.localdate()
    work = open_work_count(person)
    deputising = deputising_ahead(person, today)
    form = LeaveForm(
        request.POST or None,
        person=person,
        open_work=work,
        deputising_for=sorted({str(absence.user) for absence in deputising}),
        initial={"on": today},
    )
    if form.is_valid():
        with refusals_at(form):
            handed = leave(
                person=person,
                on=form.cleaned_data["on"],
                takers=list(form.cleaned_data.get("takers", ())),
                cancel_deputising=form.cleaned_data.get("cancel_deputising", False),
                reason=form.cleaned_data["reason"],
                actor=viewer(request),
                today=today,
            )
            told = f"，在办工作已移交：{handed}" if handed else ""
            messages.success(request, f"{person}已离岗，账号停用{told}。")
            return redirect("people:person", pk)
    context = {
        "form": form,
        "person": person,
        "open_work": work,
        "work": open_work_by_task(person),
        "grants": person.grants.filter(ended_at=None).select_related("role", "section", "office"),
        "absences": absences_ahead(person, today),
        "deputising": deputising,
    }
    return render(request, "people/leave.html", context)


@require_POST
@desk_page("update_staff", everywhere=True)
def reinstate_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Someone who left is back."""
    person = person_or_404(request, pk, "update_staff")
    try:
        password = reinstate(person=person, actor=viewer(request))
    except PeopleError as error:
        messages.error(request, str(error))
        return redirect("people:person", pk)
    return _show_once(request, person, password, "已恢复在岗，请重新授权")


@desk_page("update_staff", everywhere=True)
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """A temporary password, after a question; shown once."""
    person = person_or_404(request, pk, "update_staff")
    if person == viewer(request):
        messages.error(request, "本人的密码请在“我的资料”里修改。")
        return redirect("people:person", pk)
    if request.method == "POST":
        password = reset_password(user=person, actor=viewer(request))
        return _show_once(request, person, password, "密码已重置")
    return render(request, "people/reset_password.html", {"person": person})


@require_POST
@desk_page("update_staff")
def unlock_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Forgive failed sign-ins."""
    person = person_or_404(request, pk, "update_staff")
    unlock(user=person, actor=viewer(request))
    messages.success(request, f"{person}的登录锁定已解除。")
    return redirect("people:person", pk)


@never_cache
@require_POST
@desk_page("view_staff")
def phone(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's page with the whole phone number; the reading is recorded."""
    person = person_or_404(request, pk)
    return _person_page(request, person, phone=reveal_phone(person=person, actor=viewer(request)))


@never_cache
@desk_page()
def password_once(request: HttpRequest) -> HttpResponse:
    """The temporary password that the reader has just made for somebody; the second time it is gone."""
    return render(request, "people/password_once.html", request.session.pop(ONE_TIME, {}))


def _show_once(request: HttpRequest, person: User, password: str, told: str) -> HttpResponse:
    """Redirect to the password, so that loading the page again makes no second one.

    Until it is shown (at once) it lies in the session of whoever made it.
    """
    request.session[ONE_TIME] = {
        "pk": person.pk,
        "name": person.name,
        "username": person.username,
        "password": password,
        "told": told,
    }
    return redirect("people:password_once")
