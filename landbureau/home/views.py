from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from landbureau.web.access import desk_page


@desk_page()
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for this person."""
    return render(request, "home/desk.html")
