"""The sign-in page."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import get_hasher
from django.test import Client
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.accounts.selectors_signin import EMERGENCY_SIGN_IN, emergency_sign_ins
from landbureau.audit.models import Entry
from tests.factories import PASSWORD, UserFactory, allow

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


def sign_in(client: Client, user: User, password: str = PASSWORD, query: str = "", **data: str) -> Any:
    return client.post(f"{LOGIN}{query}", {"username": user.username, "password": password, **data})


def test_right_password_leads_to_the_desk(client: Client) -> None:
    response = sign_in(client, UserFactory())
    assert response["Location"] == "/desk/"
    assert SESSION_KEY in client.session


def test_the_page_asked_for_comes_after_sign_in(client: Client) -> None:
    response = client.get(reverse("accounts:sessions"))
    assert response["Location"] == f"{LOGIN}?next=/accounts/sessions/"
    assert (
        sign_in(client, UserFactory(), query="?next=/accounts/sessions/")["Location"] == "/accounts/sessions/"
    )


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example/", "https:evil.example", "javascript:alert(1)", LOGIN],
)
def test_sign_in_leads_nowhere_else(client: Client, address: str) -> None:
    assert sign_in(client, UserFactory(), next=address)["Location"] == "/desk/"


def test_signed_in_person_asking_for_the_sign_in_page_goes_on(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get(f"{LOGIN}?next={LOGIN}")["Location"] == "/desk/"


def test_wrong_name_wrong_password_and_deactivated_account_look_the_same() -> None:
    active, gone = UserFactory(username="active"), UserFactory(username="gone", is_active=False)
    unknown = UserFactory.build(username="unknown")
    pages = set()
    for user, password in [(active, "wrong"), (gone, PASSWORD), (unknown, PASSWORD)]:
        form = sign_in(Client(), user, password).context["form"]
        pages.add(str(form.non_field_errors()))
        assert form["username"].value() == user.username  # what was typed is kept
    assert len(pages) == 1
    assert "用户名或密码不正确" in pages.pop()


def test_an_unknown_name_costs_one_password_hash_like_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stranger, user = UserFactory.build(username="unknown"), UserFactory()
    hashed: list[str] = []
    hasher = type(get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(
        hasher, "encode", lambda self, password, salt: hashed.append(password) or encode(self, password, salt)
    )
    sign_in(Client(), stranger, "wrong")
    assert hashed == ["wrong"]
    sign_in(Client(), user, "wrong")
    assert hashed == ["wrong", "wrong"]


def test_an_old_password_hash_is_renewed_at_sign_in(client: Client, settings: Any) -> None:
    user = UserFactory()
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert user.password.startswith("md5$")
    sign_in(client, user)
    user.refresh_from_db()
    assert user.password.startswith("scrypt$")
    assert client.get(reverse("accounts:sessions")).status_code == 200


def test_deactivation_ends_what_is_open(client: Client) -> None:
    user = UserFactory()
    sign_in(client, user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/desk/")["Location"] == f"{LOGIN}?next=/desk/&reason=ended"


def test_signing_out_takes_a_post_and_says_so(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get(reverse("accounts:logout")).status_code == 405
    response = client.post(reverse("accounts:logout"), follow=True)
    assert "已安全退出" in response.content.decode()
    assert SESSION_KEY not in client.session


def test_demo_accounts_are_offered_in_the_demo_only(client: Client, settings: Any) -> None:
    assert "演示账号" not in client.get(LOGIN).content.decode()
    settings.DEMO = True
    page = client.get(LOGIN)
    assert "演示账号" in page.content.decode()
    assert page.context["demo_accounts"]


def test_the_emergency_account_leaves_a_row_of_its_own(client: Client) -> None:
    emergency = UserFactory(is_superuser=True)
    sign_in(client, UserFactory())
    client.post(reverse("accounts:logout"))
    sign_in(client, emergency)
    (entry,) = emergency_sign_ins(since=emergency.date_joined)
    assert (entry.actor, entry.object_repr) == (emergency, EMERGENCY_SIGN_IN)


def test_one_sign_in_is_recorded_once(client: Client) -> None:
    user = UserFactory()
    sign_in(client, user)
    assert Entry.objects.filter(action=Entry.Action.SIGN_IN, actor=user).count() == 1


def test_pages_of_a_signed_in_person_are_not_cached(client: Client) -> None:
    client.force_login(UserFactory())
    assert "no-store" in client.get(reverse("accounts:sessions"))["Cache-Control"]


def test_a_stale_form_without_its_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, UserFactory()).status_code == 403


def test_the_admin_has_no_sign_in_of_its_own(client: Client) -> None:
    response = client.get("/admin/accounts/", follow=True)
    assert response.redirect_chain[-1] == (f"{LOGIN}?next=/admin/accounts/", 302)
    assert response.status_code == 200


def test_the_admin_is_closed_to_those_who_may_not_change_the_configuration(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get("/admin/", follow=True).status_code == 403
    client.force_login(allow(UserFactory(), "update_config"))
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/login/")["Location"] == "/admin/"
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/"


@pytest.mark.parametrize(
    ("theme", "link"),
    [("light", ""), ("dark", 'admin-dark.css">'), ("auto", 'media="(prefers-color-scheme: dark)"')],
)
def test_the_admin_is_as_dark_as_the_desk(client: Client, theme: str, link: str) -> None:
    client.force_login(allow(UserFactory(), "update_config"))
    client.cookies["theme"] = theme
    html = client.get("/admin/").content.decode()
    assert ("admin-dark.css" in html) is bool(link)
    assert link in html
    assert "theme.js" not in html, "it would follow the device, not what the person chose"
