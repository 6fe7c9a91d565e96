"""Grants and roles, and the two questions: what may this person do, who may do this."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from landbureau.accounts.catalogue import permissions
from landbureau.accounts.forms_access import RoleForm, WhoForm
from landbureau.accounts.forms_people import GrantForm, ReasonForm, refusals_at
from landbureau.accounts.models import Grant, Role, User
from landbureau.accounts.selectors_access import access_of, by_object, lines, matrix, who_can
from landbureau.accounts.services import end_grant, grant_role, set_role_permissions
from landbureau.accounts.views.common import person_or_404, viewer
from landbureau.web.access import desk_page
from landbureau.web.versions import EditConflict


@desk_page()
def my_access(request: HttpRequest) -> HttpResponse:
    """What may I do, and why."""
    return _access_page(request, viewer(request))


@desk_page("view_staff")
def access(request: HttpRequest, pk: int) -> HttpResponse:
    """What may this person do, where, and through which grant."""
    return _access_page(request, person_or_404(request, pk))


def _access_page(request: HttpRequest, person: User) -> HttpResponse:
    """``object`` in the address narrows it to one group."""
    today = timezone.localdate()
    groups = by_object(access_of(person, today))
    chosen = request.GET.get("object", "")
    context = {
        "person": person,
        "own": person == viewer(request),
        "groups": [(name, lines(held)) for name, held in groups if chosen in ("", name)],
        "objects": [name for name, _ in groups],
        "chosen": chosen,
        "count": sum(len(items) for _, items in groups),
        "today": today,
    }
    return render(request, "people/access.html", context)


@desk_page("view_staff")
def who(request: HttpRequest) -> HttpResponse:
    """Who may do this, here: of those whose record the reader may open."""
    people = User.objects.visible_to(viewer(request))
    form = WhoForm(request.GET or None, people=people)
    complete = viewer(request).holds_everywhere("view_staff")
    context = {"form": form, "today": timezone.localdate(), "complete": complete}
    if form.is_valid():
        codename, scope = form.cleaned_data["permission"], form.chosen_scope()
        visible = set(people.order_by().values_list("pk", flat=True))
        context |= {
            "asked": permissions()[codename],
            "where": form.scope_label(),
            "holders": [
                holder
                for holder in who_can(codename, scope, timezone.localdate())
                if holder.user.pk in visible
            ],
        }
    return render(request, "people/who.html", context)


@desk_page("update_staff", everywhere=True)
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role."""
    person = person_or_404(request, pk, "update_staff")
    form = GrantForm(request.POST or None, initial={"section": person.section, "office": person.office})
    if form.is_valid():
        with refusals_at(form):
            given = grant_role(user=person, actor=viewer(request), **form.cleaned_data)
            where = f"（{given.unit}）" if given.unit else ""
            messages.success(request, f"已授予{person}：{given.role}{where}。")
            return redirect("people:person", pk)
    return render(request, "people/grant.html", {"form": form, "person": person})


@desk_page("update_staff", everywhere=True)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a role back."""
    people = User.objects.visible_to(viewer(request), "update_staff").order_by()
    grants = Grant.objects.filter(user__in=people).select_related("user", "role", "section", "office")
    given = get_object_or_404(grants, pk=pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        with refusals_at(form):
            end_grant(grant=given, actor=viewer(request), reason=form.cleaned_data["reason"])
            messages.success(request, f"已撤销{given.user}的“{given.role}”。")
            return redirect("people:person", given.user_id)
    return render(request, "people/end_grant.html", {"form": form, "grant": given})


@desk_page("view_staff")
def roles(request: HttpRequest) -> HttpResponse:
    """The matrix: what each role may do."""
    columns = list(Role.objects.prefetch_related("permissions"))
    may_change = viewer(request).holds_everywhere("update_staff")
    context = {"roles": columns, "groups": matrix(columns), "may_change": may_change}
    return render(request, "people/roles.html", context)


@desk_page("update_staff", everywhere=True)
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a role may do, for all who hold it."""
    edited = get_object_or_404(Role, pk=pk)
    form = RoleForm(request.POST or None, role=edited)
    if form.is_valid():
        try:
            with refusals_at(form):
                count = set_role_permissions(
                    role=edited,
                    permissions=form.permissions(),
                    actor=viewer(request),
                    opened=form.cleaned_data["version"],
                )
                messages.success(request, f"“{edited}”已保存，改动 {count} 项，对全部持有人立即生效。")
                return redirect("people:roles")
        except EditConflict:
            form.report_conflict(Role.objects.get(pk=pk))
    holders = Grant.objects.filter(role=edited, ended_at=None).select_related("user", "section", "office")
    return render(request, "people/role.html", {"form": form, "role": edited, "holders": holders})
