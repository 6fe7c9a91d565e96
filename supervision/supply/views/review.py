"""What fell due before the bureau went live: looked through by a person, then confirmed in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from landbureau.accounts.models import Bureau, User
from landbureau.accounts.requests import DeskRequest
from landbureau.web.access import desk_page
from landbureau.web.lists import MAX_SELECTED, BulkAct
from supervision.supply import access
from supervision.supply.models import LandSupply, Notice
from supervision.supply.rules import NoticeCode, Track
from supervision.supply.rules.matters import MONTH
from supervision.supply.selectors import notices
from supervision.supply.selectors.overview import named
from supervision.supply.selectors.supervised import officers_of
from supervision.supply.selectors.sweeps import REVIEWERS, reviewed_by
from supervision.supply.services import held_back, release
from supervision.supply.services.papers import draft_later
from supervision.supply.services.sweep import Found
from supervision.supply.transitions import TRANSITIONS

PAGE_SIZE = 100
NOBODY = "0"
SAMPLE = 10
CONFIRM = BulkAct(
    "release",
    "确认办理",
    "确认这 {count} 项仍须办理？确认后生成通知，需要文书的随后自动拟稿送审。",
    run=lambda *args: "",
)


@dataclass(frozen=True)
class Held:
    """A matter of the review list in words; ``repairs``: where the reader enters what was done already."""

    found: Found
    supply: LandSupply
    officer: User | None
    kind: str
    colour: str
    why: str
    days: int
    repairs: list[tuple[str, str]]

    @property
    def value(self) -> str:
        return value_of(self.found)


def value_of(found: Found) -> str:
    """Names a matter in the form."""
    return f"{found.supply}|{found.matter.key}"


@desk_page()
def page(request: DeskRequest) -> HttpResponse:
    """The list by officer; POST asks once more, then releases what was chosen.

    Who enters facts sees it as well, to enter what was done already; who approves confirms the rest.
    """
    today, user = timezone.localdate(), request.user
    may_confirm = user.has_perm("accounts.approve_notice")
    if not may_confirm and (
        request.method == "POST" or not any(user.has_perm(f"accounts.{name}") for name in REVIEWERS)
    ):
        raise PermissionDenied
    if request.method == "POST":
        return _confirm(request, today)
    matters = _held(reviewed_by(user), today)
    chosen = _chosen(request, matters)
    pages = Paginator(chosen, PAGE_SIZE)
    page_obj = pages.get_page(request.GET.get("page"))
    context = {
        "today": today,
        "go_live": Bureau.objects.values_list("go_live_on", flat=True).first(),
        "groups": _groups(matters),
        "kinds": _kinds(matters),
        "count": len(matters),
        "rows": _in_words([held.found for held in page_obj], user, today),
        "page_obj": page_obj,
        "chosen_count": len(chosen),
        "officer": request.GET.get("officer", ""),
        "kind": request.GET.get("kind", ""),
        "acts": [CONFIRM] if may_confirm else [],
    }
    return render(request, "supply/review.html", context)


@dataclass(frozen=True)
class _Row:
    """As much of a matter as the groups need: words are found for those shown only."""

    found: Found
    officer: User | None

    @property
    def group(self) -> str:
        return str(self.officer.pk) if self.officer else NOBODY


def _held(visible: QuerySet[LandSupply], today: date) -> list[_Row]:
    """The matters of these supplies, by officer, the longest due first."""
    found = held_back(today)
    seen = set(visible.filter(pk__in={one.supply for one in found}).values_list("pk", flat=True))
    people = officers_of(seen)
    rows = [_Row(one, people.get(one.supply)) for one in found if one.supply in seen]
    return sorted(
        rows,
        key=lambda row: (
            row.officer is None,
            str(row.officer),
            row.found.matter.due_on or today,
            row.found.supply,
        ),
    )


def _chosen(request: HttpRequest, matters: list[_Row]) -> list[_Row]:
    officer, kind = request.GET.get("officer", ""), request.GET.get("kind", "")
    return [row for row in matters if officer in ("", row.group) and kind in ("", row.found.matter.code)]


def _groups(matters: list[_Row]) -> list[dict[str, Any]]:
    """How much each officer has, in the order of the list."""
    groups: dict[str, dict[str, Any]] = {}
    for row in matters:
        group = groups.setdefault(row.group, {"key": row.group, "officer": row.officer, "count": 0})
        group["count"] += 1
    return list(groups.values())


def _kinds(matters: list[_Row]) -> list[tuple[str, str, int]]:
    counts: dict[str, int] = {}
    for row in matters:
        counts[row.found.matter.code.value] = counts.get(row.found.matter.code.value, 0) + 1
    return [(code, notices.short_word(code), count) for code, count in counts.items()]


def _in_words(found: list[Found], user: User, today: date) -> list[Held]:
    """Four queries or so, however many they are."""
    supplies = named({one.supply for one in found})
    people = officers_of(list(supplies))
    rows: list[tuple[Found, Notice]] = [(one, _as_notice(one)) for one in found]
    money = notices.money_of([row for _, row in rows], today)
    return [
        Held(
            found=one,
            supply=supplies[one.supply],
            officer=people.get(one.supply),
            kind=notices.short_word(one.matter.code),
            colour=notices.colour_of(row, today),
            why=notices.why(row, money.get(one.instalment or 0), today),
            days=(today - one.matter.due_on).days if one.matter.due_on else 0,
            repairs=_repairs(one, supplies[one.supply], user, today),
        )
        for one, row in rows
    ]


REPAIRS = {
    NoticeCode.PAYMENT_DEMAND: ("payment",),
    NoticeCode.START_RECHECK: ("start",),
    NoticeCode.COMPLETION_RECHECK: ("completion",),
    NoticeCode.VISIT_DUE: ("start", "completion"),
}
"""The acts (of ``transitions``) that enter what may have happened before: paid, started, completed."""


def _repairs(found: Found, supply: LandSupply, user: User, today: date) -> list[tuple[str, str]]:
    """Word and address of each page on which ``user`` may enter the missing fact."""
    code, links = found.matter.code, []
    if code != NoticeCode.PAYMENT_DEMAND and access.may(user, "create_visit", supply):
        links.append(("补录巡查", reverse("supply:visit", args=[supply.pk])))
    for name in REPAIRS[code]:
        act = TRANSITIONS[name]
        of_stage = code != NoticeCode.VISIT_DUE or found.matter.about == name
        if of_stage and act.permits(user, supply, today):
            word = f"补录{act.title.removeprefix('登记')}"
            links.append((word, reverse(f"supply:{name}", args=[supply.pk])))
    return links


def _as_notice(found: Found) -> Notice:
    """The notice that would be written, as far as its words need it."""
    matter = found.matter
    track = Track.PAYMENT.value if found.instalment else matter.code.partition("_")[0]
    if matter.code == NoticeCode.VISIT_DUE:
        track = "" if matter.about == MONTH else matter.about
    return Notice(
        supply_id=found.supply,
        instalment_id=found.instalment,
        kind_id=matter.code.value,
        track=track,
        due_on=matter.due_on,
    )  # no round: nobody was told of it before


def _mark(found: list[Found]) -> str:
    """Tells one choice from another: what was asked about is what is confirmed."""
    return sha256("\n".join(map(value_of, found)).encode()).hexdigest()[:16]


def _confirm(request: DeskRequest, today: date) -> HttpResponse:
    """Ask with number and sample; what was asked about and is still held back is released."""
    visible: Any = LandSupply.objects.visible_to(request.user, "approve_notice")
    matters = _chosen(request, _held(visible, today))
    if "everything" in request.POST:
        found = [row.found for row in matters]
    else:
        wanted = set(request.POST.getlist("pk")[:MAX_SELECTED])
        found = [row.found for row in matters if value_of(row.found) in wanted]
    if not found:
        messages.warning(request, "请先选择要确认的事项。")
        return redirect(request.get_full_path())
    asked, now = request.POST.get("seen", ""), _mark(found)
    if asked == now:
        count = release(found=found, today=today, actor=request.user)
        draft_later(request.user)
        messages.success(request, f"已确认 {count} 项，生成通知；文书随后自动拟稿送审。未确认的仍在清单中。")
        return redirect(request.get_full_path())
    sample = _in_words(found[:SAMPLE], request.user, today)
    context = {
        "title": "上线前到期事项",
        "act": CONFIRM,
        "question": CONFIRM.question.format(count=len(found)),
        "count": len(found),
        "changed": bool(asked),
        "seen": now,
        "sample": [f"{held.supply.land_user}　{held.kind}　{held.why}" for held in sample],
        "more": max(0, len(found) - SAMPLE),
        "form": None,
        "selected": request.POST.getlist("pk")[:MAX_SELECTED],
        "everything": "everything" in request.POST,
        "unit": "项",
    }
    return render(request, "web/bulk_confirm.html", context)
