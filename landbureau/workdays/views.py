"""Pages: the year, a day, the ledger of time limits, the calculator, the limits of the law."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from landbureau.web.access import desk_page
from landbureau.web.lists import ListPage, Preset
from landbureau.web.versions import EditConflict
from landbureau.workdays import selectors, services
from landbureau.workdays.exports import DeadlineResource
from landbureau.workdays.filters import DeadlineFilter, TimeLimitFilter
from landbureau.workdays.forms import (
    EARLIEST,
    LATEST,
    CorrectForm,
    CountForm,
    DeadlineActForm,
    RegisterForm,
    SettleForm,
    ToldForm,
)
from landbureau.workdays.models import CalendarChange, CalendarDay, Deadline, TimeLimit
from landbureau.workdays.rules import WorkdaysError
from landbureau.workdays.tables import DeadlineTable, TimeLimitTable

TWICE_WITHIN = timedelta(minutes=1)  # the same form sent again is a second click, not a second matter

# --- The calendar --------------------------------------------------------------------------------


@desk_page("view_calendar")
def calendar(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """A year with its days off, made-up workdays, and what is still provisional."""
    today = timezone.localdate()
    year = year or today.year
    if not EARLIEST.year <= year <= LATEST.year:
        raise Http404
    months = selectors.year_grid(year, selectors.current_calendar())
    days = [day for month in months for week in month.weeks for day in week if day]
    context = {
        "year": year,
        "today": today,
        "months": months,
        "worked": sum(day.is_workday for day in days),
        "off": sum(not day.is_workday for day in days),
        "made_up": sum(day.is_workday and day.is_weekend for day in days),
        "provisional": sum(day.provisional for day in days),
        "sources": list(dict.fromkeys(day.source for day in days if day.source)),
        "changes": CalendarChange.objects.select_related("made_by")[:5],
        "previous": year - 1 if year > EARLIEST.year else None,
        "next": year + 1 if year < LATEST.year else None,
    }
    return render(request, "workdays/calendar.html", context)


@desk_page("view_calendar")
def day(request: HttpRequest, iso: str) -> HttpResponse:
    """One day: what it is, who says so, what ends on it."""
    try:
        on = date.fromisoformat(iso)
    except ValueError:
        raise Http404 from None
    if not EARLIEST <= on <= LATEST:
        raise Http404
    deadlines = Deadline.objects.visible_to(request.user).filter(due_on=on).select_related("owner", "limit")
    context = {
        "day": selectors.current_calendar().day(on),
        "own": CalendarDay.objects.filter(date=on).first(),
        "changes": selectors.changes_of_day(on),
        "deadlines": deadlines,
        "today": timezone.localdate(),
    }
    return render(request, "workdays/day.html", context)


# --- Calculator and limits -----------------------------------------------------------------------


@desk_page("view_calendar")
def calculator(request: HttpRequest) -> HttpResponse:
    """From an event to the last day, with every day that was skipped or rolled over."""
    asked = "event_on" in request.GET
    initial = {"event_on": timezone.localdate(), "limit": request.GET.get("limit"), "unit": "workdays"}
    form = CountForm(request.GET if asked else None, initial=initial)
    result = None
    if asked and form.is_valid():
        try:
            result = form.result(selectors.current_calendar())
        except WorkdaysError as error:
            form.add_error("event_on", str(error))
    context = {"form": form, "result": result, "today": timezone.localdate()}
    return render(request, "workdays/calculator.html", context)


class TimeLimitList(ListPage):
    """The limits of the law with their sources."""

    permission = "view_calendar"
    table_class = TimeLimitTable
    filterset_class = TimeLimitFilter
    template_name = "workdays/limits.html"
    title = "法定时限表"
    unit = "项"
    page_size = 100
    default_order = "按类别"
    presets = (
        Preset("待核实", {"mark": TimeLimit.Mark.UNCHECKED.value}),
        Preset("据转引", {"mark": TimeLimit.Mark.SECONDARY.value}),
    )

    def get_queryset(self) -> QuerySet[TimeLimit]:
        return TimeLimit.objects.all()


# --- The ledger ----------------------------------------------------------------------------------


class DeadlineList(ListPage):
    """Time limits that run, the most urgent first."""

    permission = "view_deadline"
    table_class = DeadlineTable
    filterset_class = DeadlineFilter
    resource_class = DeadlineResource
    template_name = "workdays/deadlines.html"
    title = "期限台账"
    unit = "项"
    default_order = "最紧急的在前"
    presets = (
        Preset("未办结", {"state": "open"}),
        Preset("已逾期", {"state": "overdue"}),
        Preset("7天内到期", {"state": "soon"}),
        Preset("我的未办结", {"state": "open", "mine": "true"}),
    )
    empty_title = "还没有登记期限"
    empty_text = "登记起算事件，到期日由系统按工作日历推算。"

    def get_queryset(self) -> QuerySet[Deadline]:
        rows = Deadline.objects.visible_to(self.request.user).select_related("owner", "limit")
        return rows.order_by(F("settled_on").desc(nulls_first=True), "due_on", "pk")


@desk_page("create_deadline")
def register(request: HttpRequest) -> HttpResponse:
    """A new time limit: computed and shown first, saved when the shown day is confirmed."""
    today = timezone.localdate()
    owners = selectors.owners_for(request.user, "create_deadline")
    form = RegisterForm(request.POST or None, owners=owners, initial={"owner": request.user.pk})
    result = None
    if request.method == "POST" and form.is_valid():
        try:
            result = form.result(selectors.current_calendar())
        except WorkdaysError as error:
            form.add_error("event_on", str(error))
        else:
            if request.POST.get("act") == "save" and form.is_confirmed(result, today):
                names = ("title", "owner", "told_on", "note")
                values = {name: form.cleaned_data[name] for name in names}
                actor: Any = request.user
                try:
                    with transaction.atomic():
                        services.lock_owner(values["owner"])  # two clicks at once: one after the other
                        twin = selectors.just_registered(
                            title=values["title"],
                            owner=values["owner"],
                            event_on=result.event_on,
                            limit=form.cleaned_data["limit"],
                            due_on=result.due.on,
                            since=timezone.now() - TWICE_WITHIN,
                        )
                        deadline = twin or services.register_deadline(
                            **form.counting(), **values, actor=actor
                        )
                except WorkdaysError as error:
                    form.add_error("owner", str(error))
                else:
                    if twin:
                        messages.info(request, f"“{twin.title}”刚刚已经登记，没有重复登记。")
                    else:
                        messages.success(
                            request, f"已登记“{deadline.title}”，到期日 {deadline.due_on:%Y-%m-%d}。"
                        )
                    return redirect(deadline)
            form.show(result.due.on)
    ahead = result is not None and result.limit.is_ahead(result.event_on, today)
    context = {"form": form, "result": result, "ahead": ahead, "today": today}
    return render(request, "workdays/register.html", context)


@desk_page()
def deadline(request: HttpRequest, pk: int) -> HttpResponse:
    """One time limit: why it ends when it ends, and what became of it. One's own needs no permission."""
    people = ("owner", "registered_by", "settled_by")
    rows = Deadline.objects.visible_to(request.user).select_related("limit", *people)
    row = get_object_or_404(rows, pk=pk)
    today = timezone.localdate()
    context = {
        "deadline": row,
        "state": selectors.state_of(row, today),
        "result": selectors.result_of(row, row.event_on, selectors.current_calendar()),
        "changes": row.changes.select_related("made_by", "calendar_change"),
        "may_change": not row.settled_on and _may_change(request, row),
        "today": today,
    }
    return render(request, "workdays/deadline.html", context)


def _may_change(request: HttpRequest, row: Deadline) -> bool:
    return Deadline.objects.changeable_by(request.user).filter(pk=row.pk).exists()


def _open_for_change(request: HttpRequest, pk: int) -> Deadline:
    """The row for an act: 404 if it is not visible, 403 if it may only be read."""
    row = get_object_or_404(Deadline.objects.visible_to(request.user), pk=pk)
    if not _may_change(request, row):
        raise PermissionDenied
    return row


def _already_settled(request: HttpRequest, row: Deadline) -> HttpResponse:
    messages.warning(request, f"“{row.title}”已于 {row.settled_on} 办结，不能再改动。")
    return redirect(row)


def _act(
    request: HttpRequest, form: DeadlineActForm, act: Any, *, title: str, submit: str, told: str
) -> HttpResponse:
    """Show the form, or call the service with its values and go back to the time limit."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form)
        except EditConflict as conflict:
            form.report_conflict(conflict.current)
        except WorkdaysError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, told)
            return redirect("workdays:deadline", form.instance.pk)
    return _show_act(request, form, title=title, submit=submit)


def _show_act(
    request: HttpRequest,
    form: DeadlineActForm,
    *,
    title: str,
    submit: str,
    new_due: Any = None,
    ahead: bool = False,
) -> HttpResponse:
    context = {
        "form": form,
        "deadline": Deadline.objects.select_related("owner", "limit").get(pk=form.instance.pk),
        "title": title,
        "submit": submit,
        "new_due": new_due,
        "ahead": ahead,
        "today": timezone.localdate(),
    }
    return render(request, "workdays/deadline_act.html", context)


@desk_page()
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """The matter is done."""
    today = timezone.localdate()
    row = _open_for_change(request, pk)
    if row.settled_on:
        return _already_settled(request, row)
    form = SettleForm(request.POST or None, instance=row, today=today, initial={"settled_on": today})
    return _act(
        request,
        form,
        lambda done: services.settle_deadline(
            deadline=done.row_as_opened(),
            on=done.cleaned_data["settled_on"],
            note=done.cleaned_data["note"],
            actor=request.user,  # type: ignore[arg-type]
        ),
        title="办结",
        submit="确认办结",
        told="已办结。",
    )


@desk_page()
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """The event was on another day: the new last day is shown first."""
    opened = _open_for_change(request, pk)
    if opened.settled_on:
        return _already_settled(request, opened)
    form = CorrectForm(request.POST or None, instance=opened)
    if request.method == "POST" and form.is_valid():
        row = form.row_as_opened()
        try:
            due = row.due(form.cleaned_data["event_on"], selectors.current_calendar())
        except WorkdaysError as error:
            form.add_error("event_on", str(error))
        else:
            if form.cleaned_data["shown"] != due.on:
                form.show(due.on)
                ahead = row.is_ahead(form.cleaned_data["event_on"], timezone.localdate())
                return _show_act(
                    request, form, title="更正起算日期", submit="确认更正", new_due=due, ahead=ahead
                )
    return _act(
        request,
        form,
        lambda done: services.correct_event(
            deadline=done.row_as_opened(),
            event_on=done.cleaned_data["event_on"],
            reason=done.cleaned_data["reason"],
            actor=request.user,  # type: ignore[arg-type]
        ),
        title="更正起算日期",
        submit="推算新的到期日",
        told="已更正，到期日已重新推算。",
    )


@desk_page()
def tell(request: HttpRequest, pk: int) -> HttpResponse:
    """The last day was told to somebody."""
    row = _open_for_change(request, pk)
    if row.settled_on:
        return _already_settled(request, row)
    form = ToldForm(request.POST or None, instance=row, initial={"told_on": timezone.localdate()})
    return _act(
        request,
        form,
        lambda done: services.mark_told(deadline=done.row_as_opened(), on=done.cleaned_data["told_on"]),
        title="登记告知",
        submit="保存",
        told="已登记告知，此后日历调整不再改动到期日。",
    )
