"""Five failures, fifteen minutes, by name and by address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse

from landbureau.accounts.lockout import locked_until
from landbureau.accounts.models import User
from landbureau.accounts.services.signin import unlock
from landbureau.audit.models import Entry
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
OFFICE, HOME, PROXY = "10.1.1.8", "10.1.1.9", "10.1.0.1"


@pytest.fixture
def user() -> User:
    return UserFactory(username="liming")


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def sign_in(username: str, password: str = PASSWORD, address: str = OFFICE, **headers: str) -> Any:
    data = {"username": username, "password": password}
    return Client().post(reverse("accounts:login"), data, REMOTE_ADDR=address, headers=headers or None)


def fail(times: int, username: str, address: str = OFFICE, **headers: str) -> Any:
    for _ in range(times):
        response = sign_in(username, "wrong", address, **headers)
    return response


def got_in(response: Any) -> bool:
    return response.status_code == 302 and SESSION_KEY in response.client.session


def test_fifth_failure_locks_and_says_when_to_try_again(user: User, clock: Any) -> None:
    assert fail(4, "liming").status_code == 200
    response = fail(1, "liming")
    assert response.status_code == 429
    assert "15 分钟" in response.content.decode()
    assert "12:15" in response.content.decode()
    assert response["Retry-After"] == "900"
    assert sign_in("liming").status_code == 429


def test_fifteen_minutes_later_the_right_password_works(user: User, clock: Any) -> None:
    fail(5, "liming")
    clock.shift(timedelta(minutes=14, seconds=59))
    assert sign_in("liming").status_code == 429
    clock.shift(timedelta(seconds=2))
    assert got_in(sign_in("liming"))


def test_trying_while_locked_does_not_prolong_the_lock(user: User, clock: Any) -> None:
    fail(5, "liming")
    clock.shift(timedelta(minutes=10))
    assert "5 分钟" in fail(3, "liming").content.decode()
    clock.shift(timedelta(minutes=5, seconds=1))
    assert got_in(sign_in("liming"))


def test_a_name_is_locked_from_every_address(user: User, clock: Any) -> None:
    for number in range(5):
        fail(1, "liming", f"10.1.1.{number}")
    assert sign_in("liming", address="10.9.9.9").status_code == 429


def test_an_address_is_locked_for_every_name(user: User, clock: Any) -> None:
    for number in range(5):
        fail(1, f"guess{number}")
    assert sign_in("liming").status_code == 429
    assert got_in(sign_in("liming", address=HOME))


def test_in_the_demo_slips_of_one_lock_nobody_else(user: User, clock: Any, settings: Any) -> None:
    settings.AXES_LOCKOUT_PARAMETERS = ["username"]  # as the settings have it with DEMO
    assert "解除锁定" in fail(5, "guess").content.decode()
    clock.shift(timedelta(minutes=5))
    assert got_in(sign_in("liming"))
    assert "15 分钟" in fail(5, "liming").content.decode()
    assert "10 分钟" in sign_in("guess").content.decode()


def test_an_unknown_name_is_locked_like_a_known_one(user: User, clock: Any) -> None:
    known, unknown = fail(5, "liming", OFFICE), fail(5, "nobody", HOME)
    assert known.status_code == unknown.status_code == 429
    assert known.content == unknown.content


def test_forged_forwarding_header_neither_escapes_the_lock_nor_locks_others(user: User, clock: Any) -> None:
    for number in range(5):
        response = fail(1, f"guess{number}", **{"X-Forwarded-For": f"10.7.7.{number}"})
    assert response.status_code == 429
    assert got_in(sign_in("liming", address="10.7.7.1"))


def test_clients_behind_a_trusted_proxy_are_told_apart(user: User, clock: Any, settings: Any) -> None:
    settings.TRUSTED_PROXIES = [PROXY]
    for number in range(5):
        response = fail(1, f"guess{number}", PROXY, **{"X-Forwarded-For": OFFICE})
    assert response.status_code == 429
    assert got_in(sign_in("liming", address=PROXY, **{"X-Forwarded-For": HOME}))


def test_what_a_client_puts_before_the_proxys_entry_is_not_believed(
    user: User, clock: Any, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = [PROXY]
    for number in range(5):
        response = fail(1, f"guess{number}", PROXY, **{"X-Forwarded-For": f"10.7.7.{number}, {OFFICE}"})
    assert response.status_code == 429


def test_a_success_forgives_own_slips(user: User, clock: Any) -> None:
    fail(4, "liming")
    assert got_in(sign_in("liming"))
    assert fail(4, "liming").status_code == 200


def test_own_success_does_not_hide_guesses_at_the_passwords_of_others(user: User, clock: Any) -> None:
    UserFactory(username="victim")
    fail(4, "victim")
    assert got_in(sign_in("liming"))
    assert fail(1, "victim").status_code == 429


def test_unlock_lets_the_person_in_at_once_and_is_recorded(user: User, clock: Any) -> None:
    administrator = UserFactory()
    fail(5, "liming")
    assert locked_until(NOON, username="liming") == NOON + timedelta(minutes=15)
    unlock(user=user, actor=administrator)
    assert locked_until(NOON, username="liming") is None
    assert got_in(sign_in("liming"))
    entry = Entry.objects.get(action=Entry.Action.UPDATE, actor=administrator, object_id=user.pk)
    assert "解除登录锁定" in entry.object_repr


def test_lock_ends_when_the_oldest_failures_no_longer_count(user: User, clock: Any) -> None:
    for minute in range(5):
        AccessAttempt.objects.create(
            username="liming",
            ip_address=f"10.1.1.{minute}",
            failures_since_start=2,
        )
        clock.shift(timedelta(minutes=1))
    now = NOON + timedelta(minutes=5)
    # Ten failures; when those of 12:00, 12:01 and 12:02 are too old, four are left.
    assert locked_until(now, username="liming") == NOON + timedelta(minutes=17)
    assert locked_until(now, address="10.1.1.1") is None


def test_no_lock_without_failures() -> None:
    assert locked_until(NOON, username="liming", address=OFFICE) is None
