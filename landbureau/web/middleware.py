"""Middleware of the frame."""

from collections.abc import Callable, Iterator

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render

GetResponse = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """Answers ``/healthz`` before anything else is touched."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz" and request.method in ("GET", "HEAD"):
            return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class HeadersMiddleware:
    """Security headers that Django does not set.

    Camera and position are for the visits of land officers; everything else of the device is refused.
    """

    PERMISSIONS = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=(), display-capture=()"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.PERMISSIONS)
        return response


class PlainTextMiddleware:
    """Refuses the NUL character in address, form and cookies: no text holds it, and PostgreSQL cannot.

    Uploaded files may hold it. Raises ``BadRequest``: the visitor gets the page of 400.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            if any("\0" in text for text in self._texts(request)):
                raise BadRequest("NUL character")
        except UnreadablePostError as error:  # the visitor has gone
            raise BadRequest("incomplete form") from error
        return self.get_response(request)

    def _texts(self, request: HttpRequest) -> Iterator[str]:
        yield request.path
        yield from request.COOKIES.values()
        for params in (request.GET, request.POST):
            for name, values in params.lists():
                yield name
                yield from values
        for _, files in request.FILES.lists():
            yield from (file.name or "" for file in files)


class ErrorPageMiddleware:
    """Gives a page to errors that Django answers with an empty body: 405 of ``require_POST``, 413, 429."""

    STATUSES = (405, 413, 429)

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in self.STATUSES and not response.streaming and not response.content:
            page = render(request, f"web/errors/{response.status_code}.html")
            response.content = page.content
            response.headers["Content-Type"] = page.headers["Content-Type"]
        return response
