"""The acts of the office: each one form on one page, which shows what saving will do before it is done."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from landbureau.accounts.models import User
from landbureau.accounts.views.common import viewer
from landbureau.web.access import desk_page
from supervision.supply import forms_acts_money, forms_acts_office, forms_acts_site, words
from supervision.supply.access import is_brigade
from supervision.supply.errors import SupplyError
from supervision.supply.forms_acts_base import ActForm
from supervision.supply.models import Event, LandSupply
from supervision.supply.selectors.consequences import yuan
from supervision.supply.selectors.detail import pending_of
from supervision.supply.selectors.why_now import why_now
from supervision.supply.transitions import TRANSITIONS, Situation, Transition, situation_of

FORMS: dict[str, type[ActForm]] = {
    form.name: form
    for form in (
        forms_acts_money.PaymentForm,
        forms_acts_money.RefundForm,
        forms_acts_money.DamagesForm,
        forms_acts_site.BriefingForm,
        forms_acts_site.HandoverForm,
        forms_acts_site.BoardGivenForm,
        forms_acts_site.BoardForm,
        forms_acts_site.StartForm,
        forms_acts_site.StopForm,
        forms_acts_site.ResumeForm,
        forms_acts_site.CompletionForm,
        forms_acts_site.AcceptanceForm,
        forms_acts_site.FollowUpForm,
        forms_acts_office.ProposeDefaultForm,
        forms_acts_office.DecideDefaultForm,
        forms_acts_office.BrigadeForm,
        forms_acts_office.ApplyExtensionForm,
        forms_acts_office.ReviewExtensionForm,
        forms_acts_office.DecideExtensionForm,
        forms_acts_office.ProposeTerminationForm,
        forms_acts_office.DecideTerminationForm,
        forms_acts_office.TakeBackForm,
        forms_acts_office.TransferForm,
        forms_acts_office.SplitForm,
    )
}


@desk_page()
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Show the form of an act and what it would do (GET, or POST with ``preview``), or do it (POST)."""
    user, today, step = viewer(request), timezone.localdate(), TRANSITIONS[name]
    _require_holder(user, step)
    supply = _supply_or_404(user, pk)
    if not step.permits(user, supply, today):
        raise PermissionDenied
    if request.method == "POST" and (sent := _sent_before(request, supply)):
        if "preview" in request.POST:  # one that was on its way when the form was sent
            return HttpResponse(status=204)
        return _to_page(request, sent.supply, "这张表单已经提交过，没有重复登记。")
    now = situation_of(supply, today)
    if reason := step.refusal(now) or step.not_for(user, now):
        if "preview" in request.POST and request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204)  # asked for as the form was sent: that answer says why
        return _refused(request, now, step, reason)
    form = FORMS[name](*_sent(request), now=now, actor=user, initial=_initial(request))
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        try:
            done = form.run(today)
        except SupplyError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            return _to_page(request, done if isinstance(done, LandSupply) else supply, form.message())
    return render(request, "supply/act.html", _context(now, step) | {"form": form})


def _require_holder(user: User, step: Transition) -> None:
    """403 for who holds the permission nowhere; where it is held is asked of the supply."""
    if step.by_brigade:
        if not is_brigade(user, timezone.localdate()):
            raise PermissionDenied
    elif not any(user.has_perm(f"accounts.{codename}") for codename in step.acts):
        raise PermissionDenied


def _supply_or_404(user: User, pk: int) -> LandSupply:
    rows = LandSupply.objects.visible_to(user).select_related(
        "land_user", "section", "parcel__township", "parcel__village"
    )
    return get_object_or_404(rows, pk=pk)


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _sent_before(request: HttpRequest, supply: LandSupply) -> Event | None:
    """What the same form has done already: sent twice, or the way back pressed."""
    try:
        key = uuid.UUID(request.POST.get("request_key", ""))
    except ValueError:
        return None
    return Event.objects.filter(request_key=key, supply=supply).first()


def _initial(request: HttpRequest) -> dict[str, Any]:
    """Which of several steps the page is about, and which track."""
    return {name: request.GET[name] for name in ("step", "track", "seq") if request.GET.get(name)}


def _to_page(request: HttpRequest, supply: LandSupply, told: str) -> HttpResponse:
    messages.success(request, told)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(supply.get_absolute_url())
    return redirect(supply)


def _refused(request: HttpRequest, now: Situation, step: Transition, reason: str) -> HttpResponse:
    """The page says why not, to who may do it at another time."""
    return render(request, "supply/act.html", _context(now, step) | {"reason": reason}, status=409)


def _context(now: Situation, step: Transition) -> dict[str, Any]:
    return {
        "supply": now.supply,
        "step": step,
        "why": why_now(step.name, now),
        "today": now.today,
        "tracks": _tracks(now),
    }


def _tracks(now: Situation) -> list[dict[str, Any]]:
    """How the supply stands, beside the form: each track with its colour, word and day."""
    view, waiting = now.view, pending_of(now.office)
    lines = [
        (
            "缴款",
            words.payment_word(view, now.supply.price),
            f"还欠 {yuan(now.balance)}" if now.balance else "",
        ),
        (
            "交地与公示牌",
            words.HANDOVER[view.handover.state],
            _day("约定", view.handover.agreed_on, "交地", view.handover.actual_on),
        ),
    ]
    for stage, word in ((view.start, "开工"), (view.completion, "竣工")):
        proposed = now.office.proposal(stage.track) is not None
        note = _day("约定", stage.due_on, word, stage.reached_on)
        if pending := waiting.get(stage.track):
            note = f"{note}，{pending.said}" if note else pending.said
        lines.append((word, words.stage_words(stage, proposed=proposed), note))
    return [
        {"title": title, "colour": colour, "word": word, "note": note}
        for title, (colour, word), note in lines
    ]


def _day(agreed: str, agreed_on: date | None, actual: str, actual_on: date | None) -> str:
    if actual_on:
        return f"{actual} {actual_on}"
    return f"{agreed} {agreed_on}" if agreed_on else ""
