"""How long a sign-in lasts, and the list of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse

from landbureau import urls as project
from landbureau.accounts.models import Session, User
from landbureau.accounts.selectors_signin import open_sessions
from landbureau.accounts.services.signin import end_sessions
from landbureau.accounts.sessions import SessionStore, device
from landbureau.audit.models import Entry
from landbureau.web.access import desk_page
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

START = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai
PAGE, POLL = "/accounts/sessions/", "/poll/"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"
)
PHONE = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0"
)


@desk_page()
def poll(request: HttpRequest) -> HttpResponse:
    request.session["seen"] = request.session.get("seen", 0) + 1  # saving must not prolong it either
    return HttpResponse("50 %")


poll.passive = True
urlpatterns = [path("poll/", poll), *project.urlpatterns]
handler404, handler403 = project.handler404, project.handler403


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user() -> User:
    return UserFactory(username="liming")


def browser(user: User, agent: str = EDGE, address: str = "10.1.1.8") -> Client:
    """A browser in which ``user`` has just signed in."""
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    response = client.post(reverse("accounts:login"), {"username": user.username, "password": PASSWORD})
    assert response.status_code == 302
    return client


def reason(response: Any) -> str:
    address = urlsplit(response["Location"])
    assert (response.status_code, address.path) == (302, reverse("accounts:login"))
    return parse_qs(address.query).get("reason", [""])[0]


def test_after_29_idle_minutes_the_work_goes_on(user: User, clock: Any) -> None:
    client = browser(user)
    for _ in range(3):
        clock.shift(timedelta(minutes=29))
        assert client.get(PAGE).status_code == 200


def test_after_31_idle_minutes_sign_in_is_asked_and_says_why(user: User, clock: Any) -> None:
    client = browser(user)
    clock.shift(timedelta(minutes=31))
    response = client.get(PAGE, follow=True)
    assert "超过 30 分钟没有操作" in response.content.decode()
    assert response.context["next"] == PAGE


def test_a_page_that_polls_does_not_keep_the_session_alive(user: User, clock: Any) -> None:
    client = browser(user)
    for _ in range(6):
        clock.shift(timedelta(minutes=5))
        assert client.get(POLL).status_code == (200 if _ < 5 else 302)
    clock.shift(timedelta(minutes=1))
    assert SESSION_KEY not in client.session


def test_after_twelve_hours_of_work_sign_in_is_asked_again(user: User, clock: Any) -> None:
    client = browser(user)
    for _ in range(12 * 3 - 1):
        clock.shift(timedelta(minutes=20))
        assert client.get(PAGE).status_code == 200
    clock.shift(timedelta(minutes=19))
    assert client.get(PAGE).status_code == 200
    clock.shift(timedelta(minutes=1))
    assert reason(client.get(PAGE)) == "limit"


def test_requests_of_one_minute_write_the_session_once(user: User, clock: Any) -> None:
    client = browser(user)

    def writes() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(PAGE)
        return sum("accounts_session" in q["sql"] and q["sql"].startswith("UPDATE") for q in queries)

    clock.shift(timedelta(seconds=59))
    assert writes() == 0
    clock.shift(timedelta(seconds=2))
    assert writes() == 1
    assert writes() == 0


def test_a_moved_browser_is_noted_at_once(user: User, clock: Any) -> None:
    client = browser(user)
    client.get(PAGE, REMOTE_ADDR="10.2.2.2")
    assert Session.objects.get().address == "10.2.2.2"


def test_a_fragment_of_an_ended_session_sends_the_whole_page_to_sign_in(user: User, clock: Any) -> None:
    client = browser(user)
    clock.shift(timedelta(minutes=31))
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/?tab=2"}
    response = client.get(POLL, headers=headers)
    assert response.status_code == 200
    assert not response.content
    target = urlsplit(response["HX-Redirect"])
    assert target.path == reverse("accounts:login")
    assert parse_qs(target.query) == {"next": ["/desk/?tab=2"], "reason": ["idle"]}


def test_a_form_sent_too_late_leads_back_to_its_page(user: User, clock: Any) -> None:
    client = browser(user)
    clock.shift(timedelta(minutes=31))
    response = client.post(
        reverse("accounts:end_other_sessions"),
        headers={"Referer": "http://testserver/accounts/sessions/?a=1"},
    )
    assert parse_qs(urlsplit(response["Location"]).query)["next"] == ["/accounts/sessions/?a=1"]


def test_a_foreign_referrer_is_not_a_page_to_come_back_to(client: Client) -> None:
    address = reverse("accounts:end_other_sessions")
    response = client.post(address, headers={"Referer": "http://evil.example/accounts/sessions/"})
    assert parse_qs(urlsplit(response["Location"]).query)["next"] == [address]


def test_a_stranger_is_told_nothing_about_sessions(client: Client) -> None:
    assert reason(client.get(PAGE)) == ""


def test_a_session_without_a_person_has_not_ended(client: Client) -> None:
    session = client.session
    session["colour"] = "blue"
    session.save()
    assert reason(client.get(PAGE)) == ""


def test_cookie_goes_with_the_browser(user: User) -> None:
    cookie = browser(user).cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_the_row_tells_whose_browser_it_is(user: User, clock: Any) -> None:
    browser(user, PHONE)
    row = Session.objects.get()
    assert (row.user, row.address, row.device) == (user, "10.1.1.8", "微信 · 安卓")
    assert row.signed_in_at == row.last_seen_at == START
    assert row.expire_date == START + timedelta(minutes=30)


def test_list_shows_own_open_sessions_and_marks_this_one(user: User, clock: Any) -> None:
    colleague = UserFactory()
    browser(colleague, address="10.66.66.66")
    browser(user, PHONE, address="10.55.55.55")
    clock.shift(timedelta(minutes=20))
    client = browser(user)
    page = client.get(PAGE).content.decode()
    assert page.count("本机") == 1
    assert "微信 · 安卓" in page
    assert "Edge · Windows" in page
    assert "10.66.66.66" not in page
    assert client.session.session_key not in page
    clock.shift(timedelta(minutes=11))
    sessions = open_sessions(user, datetime.now(UTC))
    assert [row.device for row in sessions] == ["Edge · Windows"]


def test_list_shows_failed_attempts_with_the_own_name(user: User) -> None:
    Client().post(
        reverse("accounts:login"), {"username": "liming", "password": "wrong"}, REMOTE_ADDR="10.44.44.44"
    )
    page = browser(user).get(PAGE).content.decode()
    assert "登录失败" in page
    assert "10.44.44.44" in page


def test_ending_a_session_signs_that_browser_out(user: User) -> None:
    phone, desk = browser(user, PHONE), browser(user)
    code = next(row.code for row in user.sessions.all() if row.device == "微信 · 安卓")
    response = desk.post(reverse("accounts:end_session", args=[code]), follow=True)
    assert "已结束 微信 · 安卓 上的登录" in response.content.decode()
    assert reason(phone.get(PAGE)) == "ended"
    assert desk.get(PAGE).status_code == 200
    entry = Entry.objects.get(action=Entry.Action.SIGN_OUT)
    assert entry.object_repr == f"结束 {user} 在 微信 · 安卓（10.1.1.8）的登录"


def test_ending_the_session_in_use_is_signing_out(user: User) -> None:
    client = browser(user)
    assert reason(client.post(reverse("accounts:end_session", args=[user.sessions.get().code]))) == "left"
    assert not user.sessions.exists()


def test_the_session_of_somebody_else_is_not_found(user: User) -> None:
    colleague = UserFactory()
    browser(colleague)
    code = colleague.sessions.get().code
    assert browser(user).post(reverse("accounts:end_session", args=[code])).status_code == 404
    assert colleague.sessions.exists()


def test_all_other_sessions_end_at_once(user: User) -> None:
    others, client = [browser(user, PHONE), browser(user)], browser(user)
    colleague = browser(UserFactory())
    response = client.post(reverse("accounts:end_other_sessions"), follow=True)
    assert "已结束其他 2 处登录" in response.content.decode()
    assert [reason(other.get(PAGE)) for other in others] == ["ended", "ended"]
    assert colleague.get(PAGE).status_code == 200


def test_ending_all_sessions_of_a_person(user: User) -> None:
    clients = [browser(user), browser(user, PHONE)]
    assert end_sessions(user=user) == 2
    assert [reason(client.get(PAGE)) for client in clients] == ["ended", "ended"]


def test_expired_sessions_can_be_cleared(user: User, clock: Any) -> None:
    browser(user)
    clock.shift(timedelta(minutes=31))
    browser(user, PHONE)
    SessionStore.clear_expired()
    assert [row.device for row in Session.objects.all()] == ["微信 · 安卓"]


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (EDGE, "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox · Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari · iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko", "IE · Windows"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) Chrome/114.0 Safari/537.36 ArkWeb", "Chrome · 鸿蒙"),
        ("curl/8.0", "未知设备"),
        ("", "未知设备"),
    ],
)
def test_device_in_a_few_words(agent: str, name: str) -> None:
    assert device(agent) == name
