"""Error pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def _error(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, f"web/errors/{status}.html", status=status)


def bad_request(request: HttpRequest, exception: Any) -> HttpResponse:
    return _error(request, 400)


def permission_denied(request: HttpRequest, exception: Any) -> HttpResponse:
    return _error(request, 403)


def page_not_found(request: HttpRequest, exception: Any) -> HttpResponse:
    return _error(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return _error(request, 500)
