"""The page that changes the calendar: it shows which open time limits would move before it is saved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from landbureau.home.calendar_services import change_calendar as change
from landbureau.web.access import desk_page
from landbureau.workdays import selectors
from landbureau.workdays.forms import CalendarForm, DayForm, NoticeForm, RecomputeForm
from landbureau.workdays.models import Deadline
from landbureau.workdays.services import CalendarConflict
from supervision.supply.services import moving_instalments

FORMS: dict[str, type[CalendarForm]] = {"day": DayForm, "notice": NoticeForm, "recompute": RecomputeForm}
TITLES = {"day": "修改一天", "notice": "录入放假通知", "recompute": "重算暂定的期限"}
MOST_SHOWN = 200


@desk_page("update_calendar", everywhere=True)
def calendar_change(request: HttpRequest) -> HttpResponse:
    """One form (a day, a notice, or a new computation), its consequences, and only then the saving."""
    kind = request.GET.get("kind", "day")
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](request.POST or None, initial=_initial(request))
    preview = None
    if request.method == "POST" and form.is_valid():
        proposal = form.proposal()
        if request.POST.get("act") == "save" and form.is_previewed():
            try:
                done = change(
                    proposal=proposal,
                    actor=request.user,  # type: ignore[arg-type]
                    text=form.text(),
                    seen=form.cleaned_data["seen"],
                )
            except CalendarConflict as conflict:
                form.add_error(None, str(conflict))
            else:
                messages.success(request, _told(done))
                return redirect(_back(proposal))
        preview = selectors.preview(proposal)
        form.show(preview.revision)
    context = {
        "kind": kind,
        "title": TITLES[kind],
        "form": form,
        "preview": preview,
        "unreadable": getattr(form, "unreadable", []),
        "ignored": form.read.ignored if preview and isinstance(form, NoticeForm) else [],
        **(_moves(request, preview) if preview else {}),
        "payments": moving_instalments(selectors.proposed_calendar(form.proposal())) if preview else 0,
    }
    return render(request, "home/calendar_change.html", context)


def _initial(request: HttpRequest) -> dict[str, Any]:
    """The form as the link to it asks: a day as it stands, a year."""
    today = timezone.localdate()
    initial = {"seen": selectors.revision(), "year": today.year + 1}
    try:
        initial["year"] = NoticeForm.base_fields["year"].clean(request.GET.get("year", initial["year"]))
        on = DayForm.base_fields["date"].clean(request.GET.get("date", today.isoformat()))
    except ValidationError:
        return initial
    day = selectors.current_calendar().day(on)
    return initial | {"date": on, "name": day.name, "state": "work" if day.is_workday else "off"}


def _moves(request: HttpRequest, preview: selectors.Preview) -> dict[str, Any]:
    """The time limits that move; of those that the person may not see, only kind and days are shown."""
    shown = preview.moves[:MOST_SHOWN]
    visible = set(
        Deadline.objects.visible_to(request.user)
        .filter(pk__in=[move.deadline.pk for move in shown])
        .values_list("pk", flat=True)
    )
    return {
        "moves": [(move, move.deadline.pk in visible) for move in shown],
        "more": len(preview.moves) - len(shown),
        "moving": sum(move.moves and not move.kept for move in preview.moves),
        "kept": sum(move.kept for move in preview.moves),
        "settled": sum(not move.moves for move in preview.moves),
        "changed_days": sum(before != after for before, after in preview.days),
    }


def _told(done: Any) -> str:
    parts = [f"日历已修改（{len(done.days)}天）" if done.days else "已按现行日历重算"]
    parts.append(f"调整期限{done.moved}项" if done.moved else "没有期限需要调整")
    if done.kept:
        parts.append(f"已告知当事人的{done.kept}项保持不变")
    return "，".join(parts) + "。"


def _back(proposal: selectors.Proposal) -> str:
    span = proposal.span()
    return reverse("workdays:year", args=[span[1].year]) if span else reverse("workdays:calendar")
