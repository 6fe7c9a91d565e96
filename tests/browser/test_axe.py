"""axe finds nothing serious on any page, in both themes, at the desk and on the phone."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from landbureau.accounts.models import Section
from tests.browser.conftest import ORIGIN, Site
from tests.factories import UserFactory, VillageFactory, allow
from tests.urlwalk import UrlCase, all_cases, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
PAGES = [
    case
    for case in all_cases()
    if case.method == "get" and not case.is_file and (case.right_status == 200 or case.public)
]
PHONE = {"width": 390, "height": 844}
OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
}
SERIOUS = {"serious", "critical"}


def look(page: Page) -> None:
    """axe at the desk in light, then on a phone in dark; the body never scrolls sideways."""
    check(page, "1280 px, light")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    if page.locator("body.lb-public").count() == 0:  # the public site is always light
        page.evaluate("document.documentElement.setAttribute('data-bs-theme', 'dark')")
    check(page, "390 px, dark")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], f"scrolls sideways: {width} px; {widest(page)}"


def check(page: Page, how: str) -> None:
    results: dict[str, Any] = Axe().run(page, options=OPTIONS).response
    problems = [
        f"{violation['id']}: {node['html'][:160]} — {node['failureSummary'].splitlines()[-1].strip()}"
        for violation in results["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]
    assert problems == [], how


def widest(page: Page) -> str:
    return page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
            .slice(0, 3).map((e) => e.outerHTML.slice(0, 120)).join(" | ")"""
    )


@pytest.mark.parametrize("case", PAGES, ids=lambda case: case.name)
def test_axe_finds_nothing_serious(case: UrlCase, page: Page, site: Site) -> None:
    world = build_world(case)
    address = case.address(world)
    if not case.public:
        site.sign_in(world.right)
    answer = page.goto(ORIGIN + address, wait_until="load")
    assert answer
    if "text/html" not in answer.headers.get("content-type", "") or page.locator("title").count() == 0:
        return  # a download or a fragment
    assert answer.status == 200
    look(page)


@pytest.mark.parametrize(
    "address",
    [
        "/demo/pieces/?message=1",
        "/demo/list/",
        "/demo/list/?kind=rural&sort=-order&visited_after=2026-01-01",
        "/demo/list/?q=nothing",
        "/demo/list/?visited_after=x",
        "/demo/office/{office}/",
        "/demo/missing/",
        "/demo/public/",
    ],
)
def test_axe_finds_nothing_serious_in_the_pieces(address: str, page: Page, site: Site, demo: None) -> None:
    village = VillageFactory()
    site.sign_in(allow(UserFactory(section=Section.objects.first()), "update_config"))
    page.goto(ORIGIN + address.format(office=village.township.office_id))
    look(page)


@pytest.mark.parametrize("name", ["index", "workdays_timelimit_changelist"])
def test_axe_finds_nothing_serious_in_the_configuration(name: str, page: Page, site: Site) -> None:
    from django.urls import reverse

    site.sign_in(allow(UserFactory(), "update_config", "view_config"))
    page.goto(ORIGIN + reverse(f"admin:{name}"))
    check(page, name)
