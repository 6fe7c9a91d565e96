"""What happens to a request because of who is signed in, or no longer is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect

from landbureau.accounts.selectors_signin import why_signed_out
from landbureau.accounts.sessions import touch

BEFORE_FIRST_PASSWORD = {"accounts:password", "accounts:logout"}


class SignInMiddleware:
    """Keeps the session alive, forces the change of a first password, says why a session ended.

    A view with the attribute ``passive = True`` (a page that polls for progress) does not keep the session
    alive. Stands after ``HtmxMiddleware``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            if not getattr(request, "is_passive", False):
                touch(request, timezone.now())
            if not response.has_header("Cache-Control"):
                add_never_cache_headers(response)  # the Back button must not show a colleague's pages
        elif _leads_to(response, "accounts:login") and "next=" in response["Location"]:
            response = HttpResponseRedirect(_sign_in_address(request, response["Location"]))
        if request.htmx and _leads_to(response, "accounts:login", "accounts:password"):  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(response["Location"])  # the whole page, not the fragment
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        request.is_passive = getattr(view, "passive", False)  # type: ignore[attr-defined]
        match = request.resolver_match
        if (
            match
            and match.view_name not in BEFORE_FIRST_PASSWORD
            and request.user.is_authenticated
            and request.user.must_change_password
        ):
            page = _page_around(request) or request.get_full_path()
            return redirect_to_login(page, reverse("accounts:password"))
        return None


def _leads_to(response: HttpResponse, *names: str) -> bool:
    if not isinstance(response, HttpResponseRedirect):
        return False
    return urlsplit(response.url).path in {reverse(name) for name in names}


def _sign_in_address(request: HttpRequest, address: str) -> str:
    query = dict(parse_qsl(urlsplit(address).query))
    if page := _page_around(request):
        query["next"] = page
    if reason := why_signed_out(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""), timezone.now()):
        query["reason"] = reason
    return f"{reverse('accounts:login')}?{urlencode(query, safe='/')}"


def _page_around(request: HttpRequest) -> str:
    """For a fragment, or a form that was sent: the page it is on, to come back to. Else nothing."""
    if request.htmx:  # type: ignore[attr-defined]
        return request.htmx.current_url_abs_path or ""  # type: ignore[attr-defined]
    if request.method not in ("GET", "HEAD"):
        referrer = urlsplit(request.headers.get("Referer", ""))
        if referrer.netloc == request.get_host():
            return urlunsplit(("", "", referrer.path, referrer.query, ""))
    return ""
