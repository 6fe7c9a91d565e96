"""The desk, and the search over all apps."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from landbureau.accounts.requests import DeskRequest
from landbureau.home import rules, selectors
from landbureau.home.supply_desk import supply_figures, sweep_panel
from landbureau.web.access import desk_page

WHEN = {"overdue": ("overdue",), "week": ("today", "week")}
"""The groups of the to-dos that a figure of the desk counts, by the condition that shows them."""


@require_safe
@desk_page()
def desk(request: DeskRequest) -> HttpResponse:
    """What waits for this person, most urgent first."""
    today = timezone.localdate()
    todos = selectors.todos(request.user, today)
    kind, when = request.GET.get("kind", ""), request.GET.get("when", "")
    kinds: dict[str, int] = {}
    for todo in todos:
        kinds[todo.kind] = kinds.get(todo.kind, 0) + 1
    by_urgency = [rules.urgency(todo, today) for todo in todos]
    chosen = [
        todo
        for todo, urgency in zip(todos, by_urgency, strict=True)
        if kind in ("", todo.kind) and urgency in WHEN.get(when, (urgency,))
    ]
    return render(
        request,
        "home/desk.html",
        {
            "today": today,
            "groups": rules.grouped(chosen, today),
            "kind": kind,
            "when": when if when in WHEN else "",
            "kinds": kinds,
            "total": len(todos),
            "overdue": by_urgency.count("overdue"),
            "this_week": sum(map(by_urgency.count, WHEN["week"])),
            "until": f"{today:%m-%d} 至 {rules.end_of_week(today):%m-%d}",
            "open_work": request.user.assignments.filter(ends_on=None).count(),
            "next_days": selectors.next_days(request.user, today),
            "absences": selectors.absences_around(request.user, today),
            "emergencies": selectors.emergencies(request.user, timezone.now()),
            "supplies": supply_figures(request.user, today),
            "last": sweep_panel(request.user, today),
            "taken_over": selectors.newly_taken_over(request.user, today),
        },
    )


@require_safe
@desk_page()
def search(request: DeskRequest) -> HttpResponse:
    """Results of the search box, as a page or, for htmx, as its list alone."""
    text = request.GET.get("q", "")[:80]
    return render(
        request,
        "home/search.html",
        {"search_query": text, "groups": selectors.search(request.user, text)},
    )
