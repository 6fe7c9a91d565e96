"""The status page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from landbureau.home.status import collect_within
from landbureau.web.access import desk_page


@desk_page("view_jobs", everywhere=True)
def status(request: HttpRequest) -> HttpResponse:
    """Whether the system works, and what to do where it does not."""
    return render(request, "home/status.html", _context())


@desk_page("view_jobs", everywhere=True)
def status_parts(request: HttpRequest) -> HttpResponse:
    """The part of the page that changes, asked for again and again."""
    return render(request, "home/status_parts.html", _context())


status_parts.passive = True  # type: ignore[attr-defined]  # does not keep an idle session alive


def _context() -> dict[str, object]:
    now = timezone.now()
    signs = collect_within(now)
    return {"signs": signs, "now": now, "down": [sign for sign in signs if sign.is_down]}
