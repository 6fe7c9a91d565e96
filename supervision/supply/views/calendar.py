"""Due dates by month, as a grid or, on a phone, as an agenda."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from landbureau.accounts.models import Township, User
from landbureau.accounts.requests import DeskRequest
from landbureau.web.access import desk_page
from landbureau.web.forms import DeskForm
from landbureau.workdays.rules import Day
from landbureau.workdays.selectors import current_calendar
from supervision.supply.models import LandSupply
from supervision.supply.selectors.calendar import KINDS, Entry, entries
from supervision.supply.selectors.facts import terms
from supervision.supply.selectors.supervised import officers, supervised_by

IN_CELL = 3  # entries in a cell of the grid; the others are counted
IN_AGENDA = 40  # entries of a day in the agenda
FIRST_YEAR, LAST_YEAR = 2000, 2099


class CalendarFilter(DeskForm):
    """What the page shows; an unreadable value is as if nothing was chosen."""

    month = forms.RegexField(r"^20\d\d-(0[1-9]|1[0-2])$", required=False)
    view = forms.ChoiceField(choices=[("month", "月历"), ("agenda", "日程")], required=False)
    township = forms.ModelChoiceField(Township.objects.order_by("order", "name"), required=False)
    officer = forms.ModelChoiceField(User.objects.none(), required=False)
    kind = forms.ChoiceField(choices=[("", "全部"), *KINDS.items()], required=False)


@dataclass(frozen=True)
class Cell:
    """A day of the month with what falls on it."""

    day: Day
    entries: list[Entry]
    is_today: bool

    @property
    def shown(self) -> list[Entry]:
        return self.entries[:IN_CELL] if len(self.entries) > IN_CELL + 1 else self.entries

    @property
    def more(self) -> int:
        return len(self.entries) - len(self.shown)

    @property
    def in_agenda(self) -> list[Entry]:
        return self.entries[:IN_AGENDA]

    @property
    def beyond(self) -> int:
        return len(self.entries) - len(self.in_agenda)


@require_safe
@desk_page("view_supply")
def page(request: DeskRequest) -> HttpResponse:
    """A month of what falls due in the person's scope, or of one township, officer, kind."""
    today = timezone.localdate()
    supplies: QuerySet[LandSupply] = LandSupply.objects.visible_to(request.user)
    form = CalendarFilter(request.GET)
    form.fields["officer"].queryset = officers(supplies)  # type: ignore[attr-defined]
    form.is_valid()
    chosen = form.cleaned_data
    month = _month(chosen.get("month") or "", today)
    if township := chosen.get("township"):
        supplies = supplies.filter(parcel__township=township)
    if officer := chosen.get("officer"):
        supplies = supplies.filter(pk__in=supervised_by([officer.pk]))
    last = month.replace(day=monthrange(month.year, month.month)[1])
    found = entries(supplies, month, last, today, terms(), chosen.get("kind") or "")
    cells = _cells(month, last, today, found)
    context = {
        "today": today,
        "month": month,
        "previous": month - timedelta(days=1) if month.year > FIRST_YEAR else None,
        "next": last + timedelta(days=1) if last < date(LAST_YEAR, 12, 31) else None,
        "agenda_only": chosen.get("view") == "agenda",
        "weeks": _weeks(cells),
        "agenda": [cell for cell in cells if cell.entries or cell.is_today],
        "count": sum(len(cell.entries) for cell in cells),
        "form": form,
        "chosen": chosen,
        "kinds": KINDS,
        "is_filtered": any(chosen.get(name) for name in ("township", "officer", "kind")),
    }
    return render(request, "supply/calendar.html", context)


def _month(text: str, today: date) -> date:
    return date(int(text[:4]), int(text[5:]), 1) if text else today.replace(day=1)


def _cells(first: date, last: date, today: date, found: dict[date, list[Entry]]) -> list[Cell]:
    calendar = current_calendar()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [Cell(calendar.day(on), found.get(on, []), on == today) for on in days]


def _weeks(cells: list[Cell]) -> list[list[Cell | None]]:
    """Rows of seven from Monday; None: a day of another month."""
    row: list[Any] = [None] * cells[0].day.on.weekday()
    weeks = []
    for cell in cells:
        row.append(cell)
        if len(row) == 7:
            weeks.append(row)
            row = []
    if row:
        weeks.append(row + [None] * (7 - len(row)))
    return weeks
