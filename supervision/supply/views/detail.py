"""The page of one supply: how it stands, what is next, what has happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from landbureau.accounts.views.common import viewer
from landbureau.documents.display import state_word
from landbureau.documents.rules import Status
from landbureau.web.access import desk_page
from landbureau.web.lists import is_key
from landbureau.web.masking import mask_phone
from supervision.supply import access, identity
from supervision.supply.filters import SupplyFilter
from supervision.supply.models import LandSupply
from supervision.supply.selectors.detail import Detail, detail_of, supplies_with_all
from supervision.supply.selectors.lists import supplies_for
from supervision.supply.selectors.next_steps import allowed_acts, next_steps
from supervision.supply.services.land_users import reveal_phone
from supervision.supply.words import MU, hectares

TABS = (
    ("overview", "概况"),
    ("payments", "缴款"),
    ("visits", "巡查与照片"),
    ("papers", "文书"),
    ("changes", "延期与变更"),
    ("timeline", "时间线"),
)
WIDE = ("payments", "timeline")  # need the room of the timeline beside them
ASIDE = 8  # lines of the timeline beside the tabs


@require_safe
@desk_page("view_supply")
def supply(request: HttpRequest, pk: int) -> HttpResponse:
    """A supply as of today; ``tab`` chooses what stands below the rails."""
    return _page(request, supply_or_404(request, pk))


@require_POST
@desk_page("view_supply")
def phone(request: HttpRequest, pk: int) -> HttpResponse:
    """The same page with the telephone number written out; that it was read is recorded."""
    found = supply_or_404(request, pk)
    return _page(request, found, reveal_phone(land_user=found.land_user, actor=viewer(request)))


def supply_or_404(request: HttpRequest, pk: int) -> LandSupply:
    """The supply, if the reader sees it."""
    return get_object_or_404(supplies_with_all(viewer(request)), pk=pk)


def _page(request: HttpRequest, supply: LandSupply, phone: str = "") -> HttpResponse:
    user, today = viewer(request), timezone.localdate()
    detail = detail_of(supply, user, today)
    asked = request.GET.get("tab", "")
    tab = asked if asked in dict(TABS) else TABS[0][0]
    rails = detail.rails
    steps = next_steps(user, supply, detail.view, today)
    may_update = access.may(user, "update_supply", supply)
    context = {
        "supply": supply,
        "detail": detail,
        "view": detail.view,
        "money": detail.money,
        "today": today,
        "phone": phone,
        "masked_phone": mask_phone(supply.land_user.phone),
        "identity": identity.shown(supply.land_user.identity),
        "hectares": hectares(supply.parcel.area),
        "mu": None if supply.parcel.area is None else (supply.parcel.area / MU),
        "rates": _rates(supply),
        "rails": rails,
        "steps": steps,
        "next_step": steps[0] if steps else None,
        "acts": [
            {"title": act.title, "url": reverse(f"supply:{act.name}", args=[supply.pk])}
            for act in allowed_acts(user, supply, detail.view, today)
        ],
        "may_update": may_update,
        "may_visit": not detail.view.closed_on and access.may(user, "create_visit", supply),
        "may_print": access.may_any(user, ("create_visit", "update_supply"), supply),
        "tab": tab,
        "tabs": _tabs(request, supply, detail, tab),
        "documents": _documents(detail.documents),
        "aside_lines": detail.lines[:ASIDE] if tab not in WIDE else (),
        "place": _place(request, supply, today),
    }
    return render(request, "supply/detail.html", context)


def _tabs(request: HttpRequest, supply: LandSupply, detail: Detail, tab: str) -> list[dict[str, Any]]:
    counts: dict[str, int | str] = {
        "payments": len(detail.money.parts),
        "visits": _looks(detail),
        "papers": len(detail.documents),
        "changes": len(detail.changes) + len(detail.corrections),
        "timeline": len(detail.lines),
    }
    kept = {name: request.GET[name] for name in ("list", "at") if request.GET.get(name)}
    return [
        {
            "title": title,
            "url": f"{supply.get_absolute_url()}?{urlencode({'tab': name, **kept})}#tabs",
            "count": counts.get(name),
            "active": name == tab,
        }
        for name, title in TABS
    ]


def _looks(detail: Detail) -> int | str:
    """``2 次 6 张``: how often one has looked, and how many photos there are, those of the sign board too."""
    visits, photos = len(detail.visits), len(detail.photos)
    said = [f"{visits} 次" if visits else "", f"{photos} 张" if photos else ""]
    return " ".join(filter(None, said)) or 0


def _rates(supply: LandSupply) -> str:
    """``缴款 1‰/日　开工、竣工 0.5‰/日``."""
    rates = {"缴款": supply.payment_rate, "开工": supply.start_rate, "竣工": supply.completion_rate}
    if not supply.is_grant and not supply.price:
        rates.pop("缴款")
    by_rate: dict[str, list[str]] = {}
    for name, rate in rates.items():
        by_rate.setdefault(f"{rate.normalize():f}‰/日" if rate is not None else "未约定", []).append(name)
    return "　".join(f"{'、'.join(names)} {rate}" for rate, names in by_rate.items())


def _documents(documents: Sequence[Any]) -> list[dict[str, Any]]:
    rows = []
    for document in documents:
        colour, word = state_word(Status(document.state), document, document.sent)
        rows.append({"row": document, "colour": colour, "word": word})
    return rows


def _place(request: HttpRequest, supply: LandSupply, today: date) -> dict[str, Any] | None:
    """Where it stands in the list that the reader came from, with its neighbours; None: it is not there."""
    at = request.GET.get("at", "")
    if "list" not in request.GET or not is_key(at) or not 0 < int(at) < 10**6:
        return None
    query = request.GET["list"]
    data = QueryDict(query)
    rows = SupplyFilter(data, supplies_for(viewer(request)), request=request).qs
    place = int(at)
    start = max(place - 2, 0)
    keys = list(rows.values_list("pk", flat=True)[start : place + 1])
    here = place - 1 - start
    if "sort" in data or here >= len(keys) or keys[here] != supply.pk:
        return {"query": query, "at": 0}

    def address(step: int) -> str:
        there = here + step
        if not 0 <= there < len(keys):
            return ""
        params = urlencode({"list": query, "at": place + step})
        return f"{reverse('supply:supply', args=[keys[there]])}?{params}"

    return {
        "query": query,
        "at": place,
        "count": rows.order_by().count(),
        "before": address(-1),
        "after": address(1),
    }
