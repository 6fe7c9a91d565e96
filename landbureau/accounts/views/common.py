"""What the pages about people share."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from landbureau.accounts.models import User


def viewer(request: HttpRequest) -> User:
    """The person who is signed in (``desk_page`` has seen to that)."""
    assert isinstance(request.user, User)
    return request.user


def person_or_404(request: HttpRequest, pk: int, codename: str = "view_staff") -> User:
    """The person, if the reader holds ``codename`` there."""
    people = User.objects.visible_to(viewer(request), codename).select_related("section", "office")
    return get_object_or_404(people, pk=pk)
