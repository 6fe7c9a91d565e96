"""The public site: open to everyone, no sign-in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from landbureau.accounts.models import Section, TownshipOffice


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Which section does what, and where the township land offices are."""
    offices = list(TownshipOffice.objects.filter(is_active=True).prefetch_related("townships"))
    context = {
        "sections": Section.objects.filter(is_active=True),
        "offices": offices,
        "has_address": any(office.address for office in offices),
    }
    return render(request, "publicservice/start.html", context)
