"""The password policy, the change of a first password, temporary passwords, the own profile."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from landbureau.accounts.forms_signin import ProfileForm
from landbureau.accounts.models import User
from landbureau.accounts.passwords import temporary_password
from landbureau.accounts.services.signin import reset_password
from landbureau.audit.models import Entry
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/accounts/password/"
NEW = "Xin-mima-2027"


def change(client: Client, old: str = PASSWORD, new: str = NEW, again: str | None = None, **data: str) -> Any:
    fields = {"old_password": old, "new_password1": new, "new_password2": again or new, **data}
    return client.post(PAGE, fields)


def signed_in(user: User, password: str = PASSWORD) -> Client:
    client = Client()
    response = client.post("/accounts/login/", {"username": user.username, "password": password})
    assert response.status_code == 302
    return client


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Ab1-xyz", "10 个字符"),
        ("onlysmallletters", "至少有三类"),
        ("small-and-symbols", "至少有三类"),
        ("12345678901", "至少有三类"),
        ("Password123", "常见密码"),
        ("Liming-2026x", "用户名"),
        ("13800000000Ab", "手机"),
    ],
)
def test_weak_passwords_are_refused_in_chinese(password: str, why: str) -> None:
    user = UserFactory.build(username="liming-2026", phone="13800000000")
    with pytest.raises(ValidationError, match=why):
        validate_password(password, user)


@pytest.mark.parametrize("password", [NEW, "abcdefg12-", "ABCDEFG12-x", "田字格Abc1234"])
def test_three_classes_are_enough(password: str) -> None:
    validate_password(password, UserFactory.build())


def test_temporary_passwords_are_within_the_policy_and_differ() -> None:
    passwords = {temporary_password() for _ in range(200)}
    assert len(passwords) == 200
    for password in passwords:
        validate_password(password)
        assert not set("O0Il1o") & set(password)


def test_a_first_password_must_be_changed_before_anything_else() -> None:
    client = signed_in(UserFactory(must_change_password=True))
    for address in ("/desk/", reverse("accounts:sessions"), reverse("accounts:me"), "/"):
        response = client.get(address)
        assert response["Location"].startswith(PAGE)
    page = client.get(PAGE).content.decode()
    assert "请设置自己的密码" in page
    assert "初始密码" in page


def test_after_the_change_the_page_asked_for_opens() -> None:
    user = UserFactory(must_change_password=True)
    client = signed_in(user)
    page = client.get("/accounts/sessions/?a=1", follow=True)
    response = change(client, next=page.context["next"])
    assert response["Location"] == "/accounts/sessions/?a=1"
    assert client.get("/accounts/sessions/").status_code == 200
    user.refresh_from_db()
    assert not user.must_change_password
    assert user.check_password(NEW)


def test_a_person_with_a_first_password_may_sign_out_instead() -> None:
    client = signed_in(UserFactory(must_change_password=True))
    assert client.post(reverse("accounts:logout")).status_code == 302


def test_a_fragment_does_not_show_the_password_page() -> None:
    client = signed_in(UserFactory(must_change_password=True))
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/"}
    response = client.get(reverse("accounts:sessions"), headers=headers)
    assert response["HX-Redirect"] == f"{PAGE}?next=/desk/"


@pytest.mark.parametrize(
    ("fields", "field", "why"),
    [
        ({"old": "wrong"}, "old_password", "密码不正确"),
        ({"new": PASSWORD}, "new_password1", "不能与原密码相同"),
        ({"new": "short"}, "new_password1", "10 个字符"),
        ({"again": "Another-2027"}, "new_password2", "不一致"),
    ],
)
def test_a_refused_change_says_why_at_its_field(fields: dict[str, str], field: str, why: str) -> None:
    user = UserFactory()
    response = change(signed_in(user), **fields)
    assert response.status_code == 200
    assert why in str(response.context["form"][field].errors)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_change_ends_all_other_sessions_and_is_recorded_without_the_password() -> None:
    user = UserFactory()
    other, client = signed_in(user), signed_in(user)
    assert change(client).status_code == 302
    assert "其他设备上的登录已全部结束" in client.get("/accounts/sessions/").content.decode()
    assert other.get("/accounts/sessions/").status_code == 302
    assert user.sessions.count() == 1
    texts = [str(entry.changes) + entry.object_repr for entry in Entry.objects.filter(object_id=user.pk)]
    assert any("修改本人密码" in text for text in texts)
    assert not any(NEW in text or "md5$" in text for text in texts)


def test_a_change_leads_to_no_foreign_page() -> None:
    assert change(signed_in(UserFactory()), next="https://evil.example/")["Location"] == "/desk/"


def test_a_reset_gives_a_temporary_password_once_and_ends_the_sessions() -> None:
    user, administrator = UserFactory(), UserFactory()
    client = signed_in(user)
    password = reset_password(user=user, actor=administrator)
    assert client.get("/accounts/sessions/").status_code == 302
    assert not user.sessions.exists()
    client = signed_in(user, password)
    assert client.get("/desk/")["Location"].startswith(PAGE)
    entry = Entry.objects.get(actor=administrator, object_repr__startswith="重置密码")
    assert password not in str(entry.additional_data) + entry.object_repr


def test_profile_shows_own_facts_and_takes_a_new_phone_number() -> None:
    user = UserFactory(name="李明", phone="13800000000", certificate_number="测试-001")
    client = signed_in(user)
    page = client.get(reverse("accounts:me")).content.decode()
    assert "李明" in page
    assert "测试-001" in page
    client.post(reverse("accounts:me"), {"phone": "138 0000 0001", "version": "1"})
    user.refresh_from_db()
    assert (user.phone, user.version) == ("138 0000 0001", 2)


def test_a_phone_number_that_is_none_is_refused_and_kept_on_the_page() -> None:
    client = signed_in(UserFactory())
    response = client.post(reverse("accounts:me"), {"phone": "没有", "version": "1"})
    assert "请填写手机号" in str(response.context["form"]["phone"].errors)
    assert 'value="没有"' in response.content.decode()


def test_nothing_else_of_the_own_record_can_be_changed() -> None:
    user = UserFactory(name="李明")
    data = {"phone": "138 0000 0001", "version": "1", "name": "王五", "is_superuser": "on"}
    signed_in(user).post(reverse("accounts:me"), data)
    user.refresh_from_db()
    assert (user.name, user.is_superuser) == ("李明", False)


def test_an_edit_made_meanwhile_by_the_administrator_is_shown_first() -> None:
    user = UserFactory(phone="13800000000")
    client = signed_in(user)
    opened = client.get(reverse("accounts:me")).context["form"]
    User.objects.filter(pk=user.pk).update(phone="13800000009", version=2)
    data = {"phone": "13800000001", "version": "1", "opened": opened.initial["opened"]}
    response = client.post(reverse("accounts:me"), data)
    assert "13800000009" in str(response.context["form"].non_field_errors())
    user.refresh_from_db()
    assert user.phone == "13800000009"


def test_an_edit_made_in_the_very_moment_of_saving_is_not_overwritten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = UserFactory(phone="13800000000")
    save = ProfileForm.save

    def save_as_the_second(form: ProfileForm, commit: bool = True) -> User:
        User.objects.filter(pk=user.pk).update(phone="13800000009", version=2)
        return save(form, commit)

    monkeypatch.setattr(ProfileForm, "save", save_as_the_second)
    response = signed_in(user).post(reverse("accounts:me"), {"phone": "13800000001", "version": "1"})
    assert "已被他人修改" in str(response.context["form"].non_field_errors())
    user.refresh_from_db()
    assert user.phone == "13800000009"
