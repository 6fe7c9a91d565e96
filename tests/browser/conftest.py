"""Chromium, and two ways to show it the site.

``page`` is a tab that fails the test on a console error (a blocked inline style is one). Its requests go

- through ``site``: to Django in this very process and transaction, by way of the test client. Quick, and the
  rows of the test are there; for looking at pages;
- to pytest-django's ``live_server``: a real server; for walks that need several people or real requests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

from landbureau.accounts.models import User
from tests.urlwalk import DEMO_TEMPLATES

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the test's thread

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-gpu",
]
ORIGIN = "http://localhost"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole session."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh tab, 1280 px wide, in Chinese; the test fails if the page reports an error."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    tab = context.new_page()
    tab.set_default_timeout(10_000)
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 40" not in message.text:  # error pages are looked at, too
            errors.append(message.text)

    tab.on("console", heard)
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    context.close()
    assert errors == [], "the browser complained"


class Site:
    """The project, answering a page's requests in this process."""

    def __init__(self, page: Page) -> None:
        self.client = Client(raise_request_exception=False)
        self.context = copy_context()  # Playwright calls back in a context of its own: without the connection
        page.route("**/*", self.answer)

    def sign_in(self, user: User) -> None:
        self.client.force_login(user)

    def answer(self, route: Route) -> None:
        request = route.request
        path = request.url.removeprefix(ORIGIN)
        if not request.url.startswith(ORIGIN):
            route.abort()
        elif path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/").partition("?")[0])
            if found:
                route.fulfill(path=str(found))
            else:
                route.fulfill(status=404)
        else:
            headers = {name: value for name, value in request.headers.items() if name.startswith("hx-")}
            response: Any = self.context.copy().run(
                self.client.generic,
                request.method,
                path,
                request.post_data_buffer or b"",
                content_type=request.headers.get("content-type", "application/octet-stream"),
                headers=headers,
            )
            body = b"".join(response.streaming_content) if response.streaming else response.content
            route.fulfill(status=response.status_code, headers=dict(response.headers), body=body)


@pytest.fixture
def site(page: Page, db: None) -> Site:
    return Site(page)


@pytest.fixture
def demo(settings: Any) -> None:
    """The pages of ``tests/web/demo.py`` beside the project's."""
    settings.TEMPLATES = [
        {**engine, "DIRS": [*engine["DIRS"], DEMO_TEMPLATES]} for engine in settings.TEMPLATES
    ]
    settings.ROOT_URLCONF = "tests.web.demo"
