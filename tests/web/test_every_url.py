"""Every address of the project, opened by anonymous, nobody, other and right."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from landbureau.accounts.models import User
from tests.factories import SectionFactory, UserFactory, allow
from tests.urlwalk import UrlCase, all_cases, all_names, build_world
from tests.web.pages import body_of, check_headers, check_page

CASES = all_cases()
DENIED = 403


def test_every_address_has_a_case_and_every_case_an_address() -> None:
    names = set(all_names())
    covered = {case.name for case in CASES}
    assert names - covered == set(), "addresses without a case in tests/<app>/url_cases.py"
    assert covered - names == set(), "cases that name no address"


def visit(case: UrlCase, address: str, user: User | None) -> tuple[HttpResponse, str]:
    client = Client(raise_request_exception=True)
    if user:
        client.force_login(user)
    response: Any = getattr(client, case.method)(address, case.data)
    body = body_of(response)
    check_headers(response)
    if "text/html" in response.headers.get("Content-Type", ""):
        check_page(response, body)
    if user:
        kept = response.headers["Cache-Control"]
        assert "private" in kept
        asks_first = "no-cache" in kept and "ETag" in response.headers  # files: asked for, and soon answered
        is_page = response.headers["Content-Type"].startswith("text/html")
        assert "no-store" in kept or (asks_first and not is_page)
    return response, body


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{case.method}")
def test_four_actors(case: UrlCase) -> None:
    world = build_world(case)
    address = case.address(world)

    response, _ = visit(case, address, None)
    if case.public:
        assert response.status_code in (200, case.right_status), "anonymous, public page"
        assert reverse("accounts:login") not in response.headers.get("Location", "") or case.method == "post"
    else:
        assert response.status_code == 302, "anonymous is sent to sign in"
        assert response.headers["Location"].startswith(reverse("accounts:login"))
        assert "next=" in response.headers["Location"]

    response, body = visit(case, address, world.nobody)
    if case.permission:
        assert response.status_code == DENIED, "nobody has not the permission"
    elif case.args and not case.public:
        assert response.status_code == case.other_status, "nobody does not own the object"
    else:
        assert response.status_code == case.right_status, "nobody is signed in, and that is enough"

    if case.permission:
        response, body = visit(case, address, world.other)
        expected = DENIED if case.bureau_wide else case.other_status
        assert response.status_code == expected, "other has the permission in a part of the bureau only"
        if case.shows:
            assert case.shows(world) not in body, "other sees what is not theirs"

    response, body = visit(case, address, world.right)
    assert response.status_code == case.right_status, "right"
    if case.shows:
        assert case.shows(world) in body, "right does not see what is theirs"


# --- The admin: Django's own pages, as one group --------------------------------------------------


def admin_addresses() -> list[str]:
    names = ["index", "password_change"]
    for model in admin.site._registry:
        names += [
            f"{model._meta.app_label}_{model._meta.model_name}_{page}" for page in ("changelist", "add")
        ]
    return [reverse(f"admin:{name}") for name in names]


@pytest.mark.django_db
def test_admin_is_for_those_who_may_change_the_configuration(client: Client) -> None:
    nobody, right = UserFactory(), allow(UserFactory(), "update_config", "view_config")
    other = allow(UserFactory(), "update_config", "view_config", on=SectionFactory())
    for address in admin_addresses():
        response = Client().get(address, follow=True)
        assert response.redirect_chain[-1][0].startswith(reverse("accounts:login")), address

        for user in (nobody, other):
            client.force_login(user)
            assert client.get(address, follow=True).status_code == DENIED or "password" in address, address

        client.force_login(right)
        response = client.get(address, follow=True)
        assert response.status_code in (200, DENIED), address  # 403: tables that are not added to by hand
        check_headers(response)
        if response.status_code == 200:
            assert "<title>" in body_of(response)


@pytest.mark.django_db
def test_admin_index_and_lists_open_for_the_right_person(client: Client) -> None:
    client.force_login(allow(UserFactory(), "update_config", "view_config"))
    assert "系统配置" in body_of(client.get(reverse("admin:index")))
    for model in admin.site._registry:
        page = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        assert page.status_code == 200, model
