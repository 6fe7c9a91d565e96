"""Entry: a new supply; contract, instalments and events put right with a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from landbureau.accounts.models import User
from landbureau.accounts.selectors import scopes_for
from landbureau.accounts.views.common import viewer
from landbureau.web.access import desk_page
from landbureau.web.versions import EditConflict
from landbureau.workdays.rules import WorkdaysError, roll_forward
from landbureau.workdays.selectors import current_calendar
from supervision.supply import access, identity
from supervision.supply.errors import SupplyError
from supervision.supply.forms_corrections import EventForm, WithdrawForm
from supervision.supply.forms_entry import (
    BaseInstalments,
    CorrectionForm,
    NewSupplyForm,
    ReasonForm,
    instalment_rows,
)
from supervision.supply.models import DeviationKind, Event, Instalment, LandSupply, LandUser
from supervision.supply.rules.dates import days_before
from supervision.supply.rules.entry import doubts
from supervision.supply.rules.parties import plain_name
from supervision.supply.selectors import parameters, regime, terms
from supervision.supply.selectors.detail import supplies_with_all
from supervision.supply.selectors.timeline import Correcting, facts_in_words, title_of
from supervision.supply.services import (
    NewSupply,
    correct_contract,
    correct_event,
    register_supply,
    set_instalments,
    withdraw_event,
)
from supervision.supply.services.events import lock_supply
from supervision.supply.services.land_users import find_or_add, matching

MOST_FOUND = 8
Lines = Sequence[tuple[int, date | None, Decimal]]


# --- A new supply ------------------------------------------------------------------------------------------


@desk_page("create_supply")
def new(request: HttpRequest) -> HttpResponse:
    """登记供地: first looked at with what follows from it, then saved."""
    user, today = viewer(request), timezone.localdate()
    posted = request.POST if request.method == "POST" else None
    known = visible_land_users(user)
    form = NewSupplyForm(
        posted,
        request.FILES or None,
        instance=LandSupply(),
        scopes=scopes_for(user, "create_supply"),
        known=known,
        initial=_usual(user),
    )
    rows = instalment_rows(posted)
    context: dict[str, Any] = {"form": form, "rows": rows}
    if posted is None:
        return _new_page(request, context)
    if "more" in posted or "find" in posted:
        form.is_valid()
        form.errors.clear()
        for row in rows.forms:
            row.errors.clear()
        return _new_page(request, context | {"found": _found(posted.get("land_user_name", ""), known)})
    if form.is_valid() and rows.is_valid():
        lines = rows.lines()
        print_ = form.fingerprint(lines)
        if form.cleaned_data["confirmed"] == print_:
            saved = _register(form, lines, user, today)
            if saved is not None:
                messages.success(request, f"{saved}已登记。")
                return redirect(saved)
        if not form.errors:
            context |= _consequences(form, lines, today, known) | {"fingerprint": print_}
    return _new_page(
        request, context | {"found": _found(posted.get("land_user_name", ""), known, posted.get("land_user"))}
    )


def _usual(user: User) -> dict[str, Any]:
    numbers = parameters()
    section = regime().section_id
    return {
        "payment_rate": numbers["payment_rate"].normalize(),
        "section": user.section_id or section,
        "method": LandSupply.Method.LISTING,
    }


def _new_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "supply/entry.html", context)


def visible_land_users(user: User) -> Any:
    """Those that may be chosen by name: with a supply that the reader sees, and not merged."""
    return LandUser.objects.visible_to(user).filter(merged_into=None)


@require_safe
@desk_page("create_supply")
def find_land_users(request: HttpRequest) -> HttpResponse:
    """The known ones that match what is typed, to be chosen from: asked for by htmx."""
    text = request.GET.get("land_user_name", "")
    return render(
        request, "supply/parts/found.html", {"found": _found(text, visible_land_users(viewer(request)))}
    )


def _found(text: str, known: Any, chosen: str | None = None) -> dict[str, Any]:
    """Those whose name or identity matches; the chosen one stays among them."""
    text = text.strip()
    rows = list(known.filter(matching(text)).order_by("name")[:MOST_FOUND]) if len(text) > 1 else []
    if chosen and chosen.isdecimal() and len(chosen) <= 18 and int(chosen) not in {row.pk for row in rows}:
        rows += list(known.filter(pk=int(chosen)))
    return {
        "rows": [{"row": row, "identity": identity.shown(row.identity)} for row in rows],
        "chosen": chosen or "",
        "asked": bool(text),
    }


def _consequences(form: NewSupplyForm, lines: Lines, today: date, known: Any) -> dict[str, Any]:
    """What follows from what was entered: dates, sums, and what looks odd."""
    chosen = form.cleaned_data.get("land_user")
    warnings = doubts(form.entered(lines), parameters(), today)
    if chosen is None:
        warnings = [*_of_land_user(form, known), *warnings]
    return {
        "warnings": warnings,
        "schedule": _schedule(lines),
        "total": sum((amount for _, _, amount in lines), Decimal(0)),
        "first_days": _first_days(form),
        "land_user": chosen or form.cleaned_data["land_user_name"],
    }


def _of_land_user(form: NewSupplyForm, known: Any) -> list[str]:
    code, name = form.cleaned_data["identity"], form.cleaned_data["land_user_name"]
    told = []
    if doubt := identity.doubt(code):
        told.append(f"统一社会信用代码/身份证号：{doubt}")
    if not code:
        told.append("没有填统一社会信用代码/身份证号，以后难以核对是不是同一单位。")
    if not code or not known.filter(identity=code).exists():
        plain = plain_name(name)
        near = known.filter(name__icontains=name[:6]).only("name")[:50]
        if same := next((row.name for row in near if plain_name(row.name) == plain), ""):
            told.append(f"已登记过“{same}”，如是同一单位，请在“已登记的用地单位”中选择。")
    return told


def _schedule(lines: Lines) -> list[dict[str, Any]]:
    """Each instalment with the day to which it rolls and the first day of its reminder."""
    calendar, remind_days = current_calendar(), terms().remind_days
    rows = []
    for seq, due_on, amount in lines:
        rolled, provisional = due_on, False
        if due_on is not None:
            try:
                due = roll_forward(due_on, calendar)
                rolled, provisional = due.on, due.provisional
            except WorkdaysError:
                provisional = True
        rows.append(
            {
                "seq": seq,
                "due_on": due_on,
                "amount": amount,
                "effective_due_on": rolled,
                "rolled": rolled != due_on,
                "provisional": provisional,
                "remind_from": days_before(due_on, remind_days) if due_on else None,
            }
        )
    return rows


def _first_days(form: NewSupplyForm) -> list[tuple[str, date, date]]:
    """Start and completion: the agreed day and the first day of its reminder."""
    remind_days = terms().remind_days
    names = (("开工", "agreed_start_on"), ("竣工", "agreed_completion_on"))
    return [
        (title, on, days_before(on, remind_days))
        for title, name in names
        if (on := form.cleaned_data.get(name))
    ]


@transaction.atomic
def _register(form: NewSupplyForm, lines: Lines, user: User, today: date) -> LandSupply | None:
    """Save it; None: the service refused, which the form now says."""
    try:
        with transaction.atomic():
            land_user = form.cleaned_data.get("land_user") or find_or_add(values=form.land_user_values())
            return register_supply(
                new=NewSupply(
                    contract=form.contract(),
                    parcel=form.parcel(),
                    land_user=land_user,
                    instalments=lines,
                    officer=form.cleaned_data.get("officer"),
                ),
                today=today,
            )
    except SupplyError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return None


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
    if request.method == "POST" and form.is_valid():
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
            messages.success(request, "已更正，原值保留在时间线上。" if done else "没有改动。")
            return redirect(supply)
    return render(request, "supply/correct.html", {"form": form, "supply": supply})


@desk_page("update_supply")
def instalments(request: HttpRequest, pk: int) -> HttpResponse:
    """The instalments put right; refused if somebody else has changed them since the page was opened."""
    user, today = viewer(request), timezone.localdate()
    supply = changeable_or_404(request, pk)
    posted = request.POST if request.method == "POST" else None
    there = list(supply.instalments.all())
    form = ReasonForm(posted, initial={"opened": _mark(there)})
    rows = instalment_rows(posted, there)
    if posted is not None and "more" not in posted and form.is_valid() and rows.is_valid():
        try:
            done = _set(supply, rows, form.cleaned_data, user, today)
        except SupplyError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            form.show_opened(_mark(list(supply.instalments.all())))
        else:
            messages.success(request, "分期已更正，原来的写在时间线上。" if done else "没有改动。")
            return redirect(f"{supply.get_absolute_url()}?tab=payments")
    if posted is not None and "more" in posted:
        form.errors.clear()
    context = {"form": form, "rows": rows, "supply": supply, "there": there}
    return render(request, "supply/instalments.html", context)


@transaction.atomic
def _set(
    supply: LandSupply, rows: BaseInstalments, data: dict[str, Any], actor: User, today: date
) -> object | None:
    """Raises ``SupplyError``."""
    lock_supply(supply)
    now = list(supply.instalments.all())
    if data["opened"] != _mark(now):
        told = "；".join(f"第{one.seq}期 {one.due_on or '日期未定'} {one.amount:,.2f} 元" for one in now)
        raise SupplyError(
            f"您打开之后，分期已被他人修改，现为：{told or '没有分期'}。核对后再次保存，将以您填写的为准。"
        )
    return set_instalments(
        supply=supply, instalments=rows.lines(), reason=data["reason"], actor=actor, today=today
    )


def _mark(instalments: Sequence[Instalment]) -> str:
    """What the instalments were when a page was opened."""
    text = repr([(one.seq, one.due_on, str(one.amount)) for one in instalments])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


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
