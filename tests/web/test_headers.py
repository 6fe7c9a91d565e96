"""Security headers on pages, errors and static files; the pages of errors; the theme."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from pytest_django import Settings

from landbureau.web import middleware, views
from tests.web.pages import body_of, check_headers, check_page

SITE = "landbureau.example"


@pytest.fixture
def https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.ALLOWED_HOSTS = [SITE]


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(client: Client, db: None) -> None:
    policy = dict(
        part.strip().split(" ", 1)
        for part in client.get("/accounts/login/").headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["img-src"] == "'self' data: blob:"
    assert policy["object-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert policy["base-uri"] == "'self'"
    assert set(policy) == {
        "default-src",
        "img-src",
        "object-src",
        "base-uri",
        "form-action",
        "frame-ancestors",
    }


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("address", "status"),
    [("/demo/public/", 200), ("/demo/missing/", 404), ("/nowhere/", 404), ("/demo/broken/", 500)],
)
def test_headers_stand_on_pages_and_on_error_pages(db: None, address: str, status: int) -> None:
    response = Client(raise_request_exception=False).get(address)
    assert response.status_code == status
    check_headers(response)
    assert response.headers["X-Frame-Options"] == "DENY"
    check_page(response, body_of(response))


def test_headers_stand_on_static_files(client: Client, settings: Settings) -> None:
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    response = client.get("/static/web/tokens.css")
    assert response.status_code == 200
    check_headers(response)


@pytest.mark.usefixtures("https")
def test_production_answers_only_over_https(client: Client, db: None) -> None:
    redirect = client.get("/accounts/login/", headers={"host": SITE})
    assert redirect.status_code == 301
    assert redirect.headers["Location"] == f"https://{SITE}/accounts/login/"
    page = client.get("/accounts/login/", headers={"host": SITE}, secure=True)
    assert page.headers[
        "Strict-Transport-Security"
    ] == "max-age=31536000; includeSubDomains; preload".replace(
        "; preload", "; preload" if "preload" in page.headers["Strict-Transport-Security"] else ""
    )


def test_healthz_answers_before_everything_else(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"
    assert client.head("/healthz").status_code == 200
    assert client.get("/healthz", headers={"host": "anything.example"}).status_code == 200


# --- Error pages ----------------------------------------------------------------------------------


def test_signed_in_people_are_led_back_to_their_desk(browser: Client) -> None:
    assert "返回工作台" in body_of(browser.get("/nowhere/"))
    assert "返回首页" in body_of(Client().get("/nowhere/"))


def test_the_page_of_a_crash_needs_no_database() -> None:
    page = render_to_string("web/errors/500.html")  # no database mark: a query would fail this test
    assert "系统出了问题" in page
    response = views.server_error(RequestFactory().get("/"))
    assert response.status_code == 500


def test_a_crash_shows_no_detail(db: None, demo: None) -> None:
    response = Client(raise_request_exception=False).get("/demo/broken/")
    assert "on purpose" not in body_of(response)
    assert "Traceback" not in body_of(response)


def test_an_address_that_only_takes_forms_says_so(browser: Client) -> None:
    response = browser.get("/web/theme/")
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    assert "不能这样打开" in body_of(response)
    check_headers(response)


def test_too_much_is_said_to_be_too_much(browser: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = browser.post("/web/views/", {"name": "x" * 200})
    assert response.status_code == 413
    assert "内容过大" in body_of(response)
    request = RequestFactory().get("/")
    assert views.bad_request(request, ValueError()).status_code == 400
    assert views.bad_request(request, RequestDataTooBig()).status_code == 413


def test_a_form_from_elsewhere_is_refused_in_chinese(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/web/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert "页面已过期" in body_of(response)


@pytest.mark.parametrize("status", [405, 413, 429])
def test_bare_errors_get_a_page_and_full_ones_keep_theirs(db: None, status: int) -> None:
    def answer(content: str) -> str:
        def view(request: Any) -> HttpResponse:
            return HttpResponse(content, status=status)

        return body_of(middleware.ErrorPageMiddleware(view)(RequestFactory().get("/")))

    assert "<title>" in answer("")
    assert answer("自己的说明") == "自己的说明"


# --- Theme ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "mark"),
    [("dark", 'data-bs-theme="dark"'), ("light", 'data-bs-theme="light"'), ("auto", "data-theme-auto")],
)
def test_the_theme_is_kept_and_rendered_by_the_server(browser: Client, chosen: str, mark: str) -> None:
    response = browser.post("/web/theme/", {"theme": chosen, "next": "/accounts/me/"})
    assert response.headers["Location"] == "/accounts/me/"
    assert response.cookies["theme"]["samesite"] == "Lax"
    assert mark in body_of(browser.get("/desk/"))


def test_an_unknown_theme_changes_nothing(browser: Client) -> None:
    assert "theme" not in browser.post("/web/theme/", {"theme": "pink"}).cookies
    browser.cookies["theme"] = '"><script>'
    assert 'data-bs-theme="light"' in body_of(browser.get("/desk/"))
