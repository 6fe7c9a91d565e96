"""Entry of a new supply: looked at with what follows from it, then saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from landbureau.accounts.models import User
from landbureau.accounts.selectors import scopes_for
from landbureau.accounts.views.common import viewer
from landbureau.web.access import desk_page
from landbureau.workdays.rules import WorkdaysError, roll_forward
from landbureau.workdays.selectors import current_calendar
from supervision.supply import identity
from supervision.supply.errors import SupplyError
from supervision.supply.forms_entry import NewSupplyForm
from supervision.supply.forms_instalments import instalment_rows
from supervision.supply.models import LandSupply, LandUser
from supervision.supply.rules.dates import days_before
from supervision.supply.rules.entry import doubts
from supervision.supply.rules.parties import plain_name
from supervision.supply.selectors import parameters, regime, terms
from supervision.supply.selectors.land_users import the_one, with_name
from supervision.supply.services import (
    NewSupply,
    register_supply,
)
from supervision.supply.services.land_users import find_or_add, matching

MOST_FOUND = 8
Lines = Sequence[tuple[int, date | None, Decimal]]


# --- A new supply ------------------------------------------------------------------------------------------


@desk_page("create_supply")
def new(request: HttpRequest) -> HttpResponse:
    """登记供地: first looked at with what follows from it, then saved."""
    user, today = viewer(request), timezone.localdate()
    known = visible_land_users(user)
    posted = _with_the_one(request.POST, known) if request.method == "POST" else None
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
        return _new_page(request, context | {"found": _found_for(posted, known)})
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
    return _new_page(request, context | {"found": _found_for(posted, known)})


def _with_the_one(posted: QueryDict, known: Any) -> QueryDict:
    """Who is meant beyond doubt is chosen, until somebody chooses otherwise."""
    if "land_user" in posted and "find" not in posted:
        return posted
    code = identity.normalised(posted.get("identity", ""))
    found = the_one(known, posted.get("land_user_name", ""), code)
    filled = posted.copy()
    filled["land_user"] = str(found.pk) if found else posted.get("land_user", "")
    return filled


def _found_for(posted: QueryDict, known: Any) -> dict[str, Any]:
    return _found(posted.get("land_user_name", ""), known, posted.get("land_user"))


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
    known = visible_land_users(viewer(request))
    code = identity.normalised(text)
    found = known.filter(identity=code).first() if code else None
    found = found or the_one(known, text, "")
    context = {"found": _found(text, known, str(found.pk) if found else None)}
    return render(request, "supply/parts/found.html", context)


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
    of_land_user = _of_chosen(form, chosen) if chosen else _of_land_user(form, known)
    warnings = [*of_land_user, *warnings]
    return {
        "warnings": warnings,
        "schedule": _schedule(lines),
        "total": sum((amount for _, _, amount in lines), Decimal(0)),
        "first_days": _first_days(form),
        "land_user": chosen or form.cleaned_data["land_user_name"],
    }


def _of_chosen(form: NewSupplyForm, chosen: LandUser) -> list[str]:
    """Its own name and details count, not what was typed beside them."""
    typed = form.land_user_values()
    told = []
    if plain_name(typed["name"]) != plain_name(chosen.name):
        told.append(f"填写的是“{typed['name']}”，所选的是已登记的“{chosen}”，将登记在“{chosen}”名下。")
    if any(value and value != getattr(chosen, name) for name, value in typed.items() if name != "name"):
        told.append("用地单位的代码和联系方式以已登记的为准；要改的，登记后在用地单位页面更正。")
    return told


def _of_land_user(form: NewSupplyForm, known: Any) -> list[str]:
    code, name = form.cleaned_data["identity"], form.cleaned_data["land_user_name"]
    told = []
    if doubt := identity.doubt(code):
        told.append(f"统一社会信用代码/身份证号：{doubt}")
    if not code:
        told.append("没有填统一社会信用代码/身份证号，以后难以核对是不是同一单位。")
    same = [] if code and known.filter(identity=code).exists() else with_name(known, name)
    if same:
        told.append(f"已登记过“{same[0]}”，如是同一单位，请在“已登记的用地单位”中选择。")
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
