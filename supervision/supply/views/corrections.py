"""Contract, instalments and events put right with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.accounts.selectors import scopes_for
from landbureau.accounts.views.common import viewer
from landbureau.web.access import desk_page
from landbureau.web.versions import EditConflict
from supervision.supply import access
from supervision.supply.errors import SupplyError
from supervision.supply.forms_contract import entered_before
from supervision.supply.forms_corrections import EventForm, WithdrawForm
from supervision.supply.forms_entry import CorrectionForm
from supervision.supply.forms_instalments import ReasonForm, instalment_rows
from supervision.supply.models import DeviationKind, Event, LandSupply
from supervision.supply.rules.entry import new_doubts
from supervision.supply.selectors import parameters
from supervision.supply.selectors.detail import supplies_with_all
from supervision.supply.selectors.timeline import Correcting, facts_in_words, title_of
from supervision.supply.services import (
    correct_contract,
    correct_event,
    set_instalments,
    withdraw_event,
)
from supervision.supply.services.supplies import instalments_of, mark_of

Lines = Sequence[tuple[int, date | None, Decimal]]

# --- The contract put right ---------------------------------------------------------------------------------


def changeable_or_404(request: HttpRequest, pk: int) -> LandSupply:
    """The supply, if the reader may change it."""
    supply = get_object_or_404(supplies_with_all(viewer(request)), pk=pk)
    if not access.may(viewer(request), "update_supply", supply):
        raise Http404
    return supply


@desk_page("update_supply")
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """更正: old values stay with the reason; what somebody else changed meanwhile is told first."""
    user, today = viewer(request), timezone.localdate()
    supply = changeable_or_404(request, pk)
    form = CorrectionForm(
        request.POST or None,
        request.FILES or None,
        instance=LandSupply.objects.select_related("parcel").get(pk=pk),
        scopes=scopes_for(user, "update_supply"),
    )
    context: dict[str, Any] = {"form": form, "supply": supply}
    if request.method == "POST" and form.is_valid():
        lines = instalments_of(supply)
        before, after = entered_before(supply, lines), form.entered(lines)
        asked = new_doubts(before, after, parameters(), today)
        is_split_wrongly = after.is_split_wrongly and after.price != before.price
        if asked and form.cleaned_data["confirmed"] != form.fingerprint(lines):
            context |= {"asked": asked, "is_split_wrongly": is_split_wrongly}
            context["fingerprint"] = form.fingerprint(lines)
        elif (done := _correct(form, supply, user, today)) is not None:
            messages.success(request, "已更正，原值保留在时间线上。" if done else "没有改动。")
            if done and is_split_wrongly:
                messages.warning(request, "各期合计与更正后的成交价款不符，请接着更正分期。")
                return redirect("supply:instalments", supply.pk)
            return redirect(supply)
    return render(request, "supply/correct.html", context)


def _correct(form: CorrectionForm, supply: LandSupply, user: User, today: date) -> bool | None:
    """Whether something differed; None: refused, which the form now says."""
    try:
        done = correct_contract(
            supply=supply,
            version=form.cleaned_data["version"],
            contract=form.contract(),
            parcel=form.parcel(),
            reason=form.cleaned_data["reason"],
            actor=user,
            today=today,
        )
    except EditConflict:
        form.report_conflict(supply)
    except SupplyError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
    else:
        return done is not None
    return None


@desk_page("update_supply")
def instalments(request: HttpRequest, pk: int) -> HttpResponse:
    """The instalments put right; refused if somebody else has changed them since the page was opened."""
    user, today = viewer(request), timezone.localdate()
    supply = changeable_or_404(request, pk)
    posted = request.POST if request.method == "POST" else None
    there = instalments_of(supply)
    form = ReasonForm(posted, initial={"opened": mark_of(there)})
    rows = instalment_rows(posted, list(supply.instalments.order_by("seq")))
    context: dict[str, Any] = {"form": form, "rows": rows, "supply": supply}
    if posted is not None and "more" in posted:
        form.errors.clear()
    elif posted is not None and form.is_valid() and rows.is_valid():
        lines = rows.lines()
        total = sum((amount for _, _, amount in lines), Decimal(0))
        if lines and supply.price and total != supply.price and not _is_confirmed(form, lines):
            context |= {"total": total, "fingerprint": mark_of(lines)}
        elif (done := _set(form, supply, lines, user, today)) is not None:
            messages.success(request, "分期已更正，原来的写在时间线上。" if done else "没有改动。")
            return redirect(f"{supply.get_absolute_url()}?tab=payments")
    return render(request, "supply/instalments.html", context)


def _is_confirmed(form: ReasonForm, lines: Lines) -> bool:
    return bool(form.cleaned_data["confirmed"] == mark_of(lines))


def _set(form: ReasonForm, supply: LandSupply, lines: Lines, user: User, today: date) -> bool | None:
    """Whether something differed; None: refused, which the form now says."""
    given = form.cleaned_data
    try:
        done = set_instalments(
            supply=supply,
            instalments=lines,
            reason=given["reason"],
            actor=user,
            today=today,
            seen=given["opened"],
        )
    except SupplyError as error:
        form.add_error("reason" if error.field == "reason" else None, error.message)
        if error.field == "opened":
            form.show_opened(mark_of(instalments_of(supply)))
        return None
    return done is not None


# --- Events put right --------------------------------------------------------------------------------------


def _event_or_404(request: HttpRequest, pk: int) -> Event:
    """The event, if the reader may put it right and nobody has yet."""
    user = viewer(request)
    events = Event.objects.visible_to(user).select_related(
        "supply__land_user", "supply__parcel__township", "supply__section", "recorded_by"
    )
    event = get_object_or_404(events, pk=pk)
    if not Correcting(user, event.supply)(event):
        raise Http404
    return event


@desk_page()
def correct_event_page(request: HttpRequest, pk: int) -> HttpResponse:
    """An entry put right by a new row that points to it."""
    event = _event_or_404(request, pk)
    form = EventForm(request.POST or None, event=event)
    if request.method == "POST" and form.is_valid():
        try:
            correct_event(
                event=event,
                changes=form.changes(),
                reason=form.cleaned_data["reason"],
                actor=viewer(request),
                today=timezone.localdate(),
            )
        except SupplyError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "已更正，原记录划去保留。")
            return redirect(f"{event.supply.get_absolute_url()}?tab=timeline")
    return _event_page(request, event, form, "更正")


@desk_page()
def withdraw_event_page(request: HttpRequest, pk: int) -> HttpResponse:
    """An entry of something that never happened."""
    event = _event_or_404(request, pk)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_event(
                event=event,
                reason=form.cleaned_data["reason"],
                actor=viewer(request),
                today=timezone.localdate(),
            )
        except SupplyError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "已撤销，原记录划去保留。")
            return redirect(f"{event.supply.get_absolute_url()}?tab=timeline")
    return _event_page(request, event, form, "撤销")


def _event_page(request: HttpRequest, event: Event, form: Any, act: str) -> HttpResponse:
    deviations = dict(DeviationKind.objects.values_list("code", "title"))
    context = {
        "event": event,
        "supply": event.supply,
        "form": form,
        "act": act,
        "title": title_of(event, deviations),
        "facts": facts_in_words(event),
        "corrected_before": not event.in_force,
    }
    return render(request, "supply/event.html", context)
