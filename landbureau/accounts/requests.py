"""Types of requests."""

from django.http import HttpRequest

from landbureau.accounts.models import User


class DeskRequest(HttpRequest):
    """A request to a ``desk_page``: somebody is signed in."""

    user: User
