"""The visit on the site, an officer's round, and the papers of the site."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from landbureau.accounts.models import User
from landbureau.accounts.views.common import viewer
from landbureau.web.access import desk_page
from supervision.supply import access, words
from supervision.supply.errors import SupplyError
from supervision.supply.forms_visits import VisitForm
from supervision.supply.models import DeviationKind, Event, LandSupply
from supervision.supply.rules import StageState, View
from supervision.supply.rules.places import Place
from supervision.supply.selectors.cards import BlankCard, blank_card_of, boards_of, cards_of
from supervision.supply.selectors.detail import pending_of
from supervision.supply.selectors.rounds import round_for
from supervision.supply.selectors.visits import (
    colleagues,
    entries_for,
    is_far,
    lately,
    outlook,
    place_in,
    record_of,
    situation_on,
    visitable,
    visits_visible_to,
)
from supervision.supply.services.photos import MOST_PHOTOS
from supervision.supply.services.visits import make_card, make_sign_board, own_visit_sent, visit_sent_before
from supervision.supply.transitions import Situation

REFUSED = 422
PAPERS = ("create_visit", "update_supply")
SENT = "巡查记录已提交。"
URGENT = (StageState.RECHECK, StageState.DEFAULT, StageState.REMINDER)


# --- The form ------------------------------------------------------------------------------------------


@desk_page("create_visit")
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a visit down (GET), send it (POST): as a form, or by script, which is answered in JSON."""
    user, today = viewer(request), timezone.localdate()
    if request.method == "POST" and (done := own_visit_sent(_key(request), pk, user)):
        return _done(request, done, [])  # a drawn supply is not open to its visitor any more
    supply = _visitable_or_404(user, pk, today)
    if request.method != "POST":
        return _page(request, _form(request, supply, today))
    try:
        sent = visit_sent_before(_key(request), supply, user)
    except SupplyError as error:
        return _told_wrong(request, _form(request, supply, today), error.message)
    if sent:
        return _done(request, sent, [])
    form = _form(request, supply, today)
    form.is_valid()
    keys = form.keep_files(today)
    troubles: list[str] = []
    event = form.record(keys, today, troubles.append) if form.is_valid() else None
    if event is not None:
        return _done(request, event, troubles)
    if _by_script(request):
        return JsonResponse({"errors": form.errors}, status=REFUSED)
    return _page(request, form, keys)


@require_safe
@desk_page("create_visit")
def visit_after(request: HttpRequest, pk: int) -> HttpResponse:
    """Fragment: what would follow from the answers so far, and where the position lies."""
    user, today = viewer(request), timezone.localdate()
    supply = _visitable_or_404(user, pk, today)
    form = _form(request, supply, today, request.GET)
    form.is_valid()
    context = {
        "outlook": _outlook(form, user, today),
        "place": _place(supply, form),
        "position": form.position,
        "fragment": True,
    }
    return render(request, "supply/visit_after.html", context)


def _visitable_or_404(user: User, pk: int, today: date) -> LandSupply:
    rows = visitable(user, today).select_related(
        "land_user", "section", "parcel__township", "parcel__village"
    )
    return get_object_or_404(rows, pk=pk)


def _key(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("request_key", ""))
    except ValueError:
        return None


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _form(request: HttpRequest, supply: LandSupply, today: date, data: QueryDict | None = None) -> VisitForm:
    """The form as of the day of the visit, which may have been written without network days ago."""
    sent = request.POST if request.method == "POST" else data
    now = situation_on(supply, _day(sent, today))
    files = request.FILES if request.method == "POST" else None
    asked = list(DeviationKind.objects.filter(asked=True))
    return VisitForm(sent, files, now=now, asked=asked, actor=viewer(request))


def _day(sent: QueryDict | None, today: date) -> date:
    try:
        at = parse_datetime(sent.get("at", "")) if sent else None
        day = _local(at).date() if at else today
    except (ValueError, OverflowError):
        return today
    return min(day, today)


def _local(at: datetime) -> datetime:
    return timezone.localtime(at) if timezone.is_aware(at) else timezone.make_aware(at)


def _page(request: HttpRequest, form: VisitForm, keys: list[int] | None = None) -> HttpResponse:
    user, today = form.actor, timezone.localdate()
    supply = form.now.supply
    context = {
        "supply": supply,
        "form": form,
        "now": form.now,
        "head": _head(form.now.view, today),
        "kept": form.kept_photos(keys or []),
        "last_known": form.last_known,
        "people": colleagues(user),
        "lately": lately(supply),
        "outlook": _outlook(form, user, today),
        "place": _place(supply, form) if form.is_bound else None,
        "position": form.position if form.is_bound else None,
        "most_photos": MOST_PHOTOS,
        "mu": f"{supply.parcel.area / words.MU:,.2f}" if supply.parcel.area else "",
        "may_open": access.may(user, "view_supply", supply),
        "tracks": _tracks(form.now),
        "today": today,
    }
    return render(request, "supply/visit.html", context)


def _told_wrong(request: HttpRequest, form: VisitForm, message: str) -> HttpResponse:
    if _by_script(request):
        return JsonResponse({"errors": {"__all__": [message]}}, status=REFUSED)
    form.is_valid()
    form.add_error(None, message)
    return _page(request, form)


def _done(request: HttpRequest, event: Event, troubles: list[str]) -> HttpResponse:
    messages.success(request, SENT)
    for trouble in troubles:
        messages.warning(request, trouble)
    address = reverse("supply:visit_detail", args=[event.pk])
    return JsonResponse({"url": address}) if _by_script(request) else redirect(address)


def _outlook(form: VisitForm, user: User, today: date) -> Any:
    if not form.is_bound:
        return None
    supply = form.now.supply
    entries = list(entries_for(user, today).filter(supply=supply).select_related("check_list"))
    return outlook(
        form.now, form.look(), deviations=form.deviations, board_gone=form.board_gone, entries=entries
    )


def _place(supply: LandSupply, form: VisitForm) -> dict[str, Any] | None:
    found = form.position
    if found is None:
        return None
    return _told(place_in(supply, found.longitude, found.latitude), found.accuracy)


def _told(place: Place | None, accuracy: int | None) -> dict[str, Any] | None:
    """Where a position lies in words, and whether it is to be looked at again."""
    return {"word": place_word(place), "far": is_far(place, accuracy)} if place else None


def place_word(place: Place) -> str:
    """``在宗地内``, ``距宗地边界 120 米``."""
    if place.inside:
        return "在宗地内"
    far = f"{place.distance / 1000:.1f} 公里" if place.distance >= 1000 else f"{place.distance:.0f} 米"
    return f"距宗地边界 {far}" if place.inside is False else f"距宗地 {far}"


def _head(view: View, today: date) -> dict[str, Any] | None:
    """The stage that the visit is about, in its state: what stands above the form."""
    for stage in (view.start, view.completion):
        if stage.state in URGENT and stage.due_on:
            colour, word = words.stage_word(stage.code, stage.due_on)
            name = "开工" if stage is view.start else "竣工"
            return {"colour": colour, "word": f"{name}{word}", "due_on": stage.due_on}
    return None


def _tracks(now: Situation) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    view, waiting = now.view, pending_of(now.office)
    for name, stage in (("开工", view.start), ("竣工", view.completion)):
        colour, word = words.stage_words(stage, proposed=now.office.proposal(stage.track) is not None)
        pending = waiting.get(stage.track)
        lines.append(
            {
                "title": name,
                "colour": colour,
                "word": word,
                "due_on": stage.due_on,
                "pending": pending.said if pending else "",
            }
        )
    if view.suspended_since:
        lines.append(
            {"title": "停工", "colour": "orange", "word": f"自 {view.suspended_since} 起", "due_on": None}
        )
    return lines


# --- A visit as it stands -------------------------------------------------------------------------------


@require_safe
@desk_page()
def visit_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A visit: facts, photos, card, what it brought about."""
    user, today = viewer(request), timezone.localdate()
    rows = visits_visible_to(user).select_related(
        "supply__land_user",
        "supply__section",
        "supply__parcel__township",
        "supply__parcel__village",
        "recorded_by",
        "document",
    )
    event = get_object_or_404(rows, pk=pk)
    record = record_of(event)
    supply = event.supply
    may_write = access.may_any(user, PAPERS, supply)
    context = {
        "event": event,
        "record": record,
        "supply": supply,
        "place": _told(record.place, record.visit.accuracy) if record.visit else None,
        "may_open": access.may(user, "view_supply", supply),
        "may_correct": event.in_force and access.may_any(user, ("update_visit",), supply),
        "may_write": may_write and event.in_force,
        "kinds": dict(DeviationKind.objects.values_list("code", "title")),
        "today": today,
    }
    return render(request, "supply/visit_detail.html", context)


# --- An officer's round ------------------------------------------------------------------------------------


@require_safe
@desk_page("create_visit")
def my_visits(request: HttpRequest) -> HttpResponse:
    """What one is to look at this week, in the order of the way."""
    user, today = viewer(request), timezone.localdate()
    everything = "all" in request.GET
    found = round_for(user, today, everything=everything)
    return render(
        request, "supply/visit_round.html", {"round": found, "everything": everything, "today": today}
    )


# --- Papers of the site --------------------------------------------------------------------------------


@desk_page()
def tracking_card(request: HttpRequest, pk: int) -> HttpResponse:
    """The cards of a supply's visits to print, or to be made where one is missing (POST ``event``)."""
    user, today = viewer(request), timezone.localdate()
    supply = _paper_or_404(user, pk)
    if request.method == "POST":
        key = request.POST.get("event", "")
        rows = supply.events.filter(kind="visit", in_force=True)
        event = get_object_or_404(rows, pk=key if key.isdecimal() and len(key) < 19 else 0)
        try:
            return redirect(make_card(event=event, actor=user, today=today))
        except SupplyError as error:
            messages.error(request, error.message)
            return redirect(request.path)
    return render(request, "supply/visit_cards.html", {"supply": supply, "cards": cards_of(supply)})


@require_safe
@desk_page()
def blank_card(request: HttpRequest, pk: int) -> HttpResponse:
    """A card with what is known beforehand, to be filled in by hand on the site."""
    user = viewer(request)
    supply = _paper_or_404(user, pk)
    card: BlankCard = blank_card_of(supply, user, timezone.localdate())
    return render(request, "supply/visit_blank_card.html", {"supply": supply, "card": card})


@desk_page()
def sign_board(request: HttpRequest, pk: int) -> HttpResponse:
    """The text of the sign board: those that were made, or a new one (POST)."""
    user, today = viewer(request), timezone.localdate()
    supply = _paper_or_404(user, pk)
    boards = boards_of(supply)
    if request.method == "POST":
        try:
            made = make_sign_board(supply=supply, actor=user, today=today)
        except SupplyError as error:
            messages.error(request, error.message)
            return redirect(request.path)
        if made in boards:
            messages.info(request, "公示牌的内容没有变化，仍用这一份，没有另行生成。")
        return redirect(made)
    return render(request, "supply/visit_board.html", {"supply": supply, "boards": boards})


def _paper_or_404(user: User, pk: int) -> LandSupply:
    """403 for who holds neither permission anywhere, 404 where it does not reach."""
    if not any(user.has_perm(f"accounts.{codename}") for codename in PAPERS):
        raise PermissionDenied
    rows = LandSupply.objects.select_related("land_user", "section", "parcel__township", "parcel__village")
    supply = get_object_or_404(rows, pk=pk)
    if not access.may_any(user, PAPERS, supply):
        return get_object_or_404(rows.none(), pk=pk)
    return supply
