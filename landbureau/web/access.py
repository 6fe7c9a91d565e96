"""Who may open a page: one decorator for every view of the desk."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]


def desk_page(permission: str | None = None, *, everywhere: bool = False) -> Callable[[View], View]:
    """Sign-in needed, and ``permission`` (``"view_audit"``) held on at least one scope; else 403.

    ``everywhere``: held on the whole bureau, for acts that concern more than one part of it.
    Which rows the person then sees is the business of ``visible_to``.
    """

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user: Any = request.user
            if permission and not (
                user.holds_everywhere(permission) if everywhere else user.has_perm(f"accounts.{permission}")
            ):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        wrapper.desk_permission = permission  # type: ignore[attr-defined]  # the walk of all URLs reads it
        return wrapper

    return decorate
