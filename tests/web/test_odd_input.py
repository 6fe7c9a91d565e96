"""Whatever is typed into an address or a form, the answer is a page, never a failure of the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client

from landbureau.accounts.models import User, Village
from landbureau.web.models import SavedView
from tests.factories import UserFactory, VillageFactory, allow
from tests.urlwalk import all_cases, build_world
from tests.web.demo import ReasonForm
from tests.web.pages import body_of

ODD = {
    "NUL": "a\0b",
    "30 digits": "9" * 30,
    "5,000 digits": "9" * 5000,
    "a negative number": "-1",
    "other digits": "²٣",
    "emoji": "😀",
    "percent": "%",
    "quotes": "'\"; --",
    "5,000 characters": "地" * 5000,
    "a far day": "9999-12-31",
    "the first day": "0001-01-01",
}
USUAL = {
    "q",
    "page",
    "sort",
    "size",
    "col",
    "next",
    "reason",
    "date",
    "year",
    "limit",
    "person",
    "kind",
    "object",
}
FOR_ALL = ("NUL", "quotes")
ROUNDS = 4
GETS = [case for case in all_cases() if case.method == "get"]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of parameters that pages look at."""
    names: set[str] = set()
    for method in ("__getitem__", "__contains__", "get", "getlist"):
        monkeypatch.setattr(QueryDict, method, _noting(names, getattr(QueryDict, method)))
    return names


def _noting(names: set[str], look_up: Callable[..., Any]) -> Callable[..., Any]:
    def noting(self: QueryDict, key: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(key, str):
            names.add(key)
        return look_up(self, key, *args, **kwargs)

    return noting


@pytest.mark.django_db
@pytest.mark.parametrize("turn", range(len(GETS)), ids=[case.name for case in GETS])
def test_odd_values_in_any_parameter_of_any_address_do_not_break_the_server(
    turn: int, read: set[str]
) -> None:
    """Each value in every parameter would take many minutes: each page gets some rounds of different ones.

    What a parameter gets moves on from page to page, so that one that all lists share gets them all. NUL
    refuses the whole request, so it comes alone. Of a page that looks at none, two values are enough.
    """
    case = GETS[turn]
    world = build_world(case)
    client = Client(raise_request_exception=False)
    client.force_login(world.right)
    address = case.address(world)
    read.clear()
    client.get(address, case.data)
    names = sorted({*read, *case.data})
    tries = [dict.fromkeys([*names, *USUAL], ODD[what]) for what in FOR_ALL]
    if names:
        values = list(ODD.values())[1:]
        tries += [
            {name: values[(turn + start + place) % len(values)] for place, name in enumerate(names)}
            for start in range(0, ROUNDS * 2, 2)
        ]
    for query in tries:
        response = client.get(address, query)
        assert response.status_code < 500, query
        assert response.status_code == 400 or ODD["NUL"] not in query.values(), query


@pytest.fixture
def admin(client: Client, db: None) -> User:
    user = allow(UserFactory(), "view_audit", "view_staff")
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("/desk/search/", {"q": "a\0"}),
        ("/desk/search/", {"a\0": "q"}),
        ("/desk/audit/object/accounts/user/a%00b/", {}),
    ],
)
def test_a_nul_character_in_an_address_is_a_bad_request(
    client: Client, admin: User, address: str, query: dict[str, str]
) -> None:
    response = client.get(address, query)
    assert response.status_code == 400
    assert "这个请求无法处理" in body_of(response)


def test_a_nul_character_in_a_form_is_a_bad_request(client: Client, admin: User) -> None:
    view = SavedView.objects.create(user=admin, page="audit:entries", name="我的")
    assert client.post(f"/web/views/{view.pk}/rename/", {"name": "x\0y"}).status_code == 400
    assert client.post("/accounts/login/", {"username": "x\0y", "password": "x"}).status_code == 400
    view.refresh_from_db()
    assert view.name == "我的"


def test_a_nul_character_in_a_cookie_is_a_bad_request(client: Client, db: None) -> None:
    client.cookies["sessionid"] = "aaaaaaaa\0aaaaaaaa"
    assert client.get("/desk/").status_code == 400


def test_uploaded_files_may_hold_nul_characters(client: Client, admin: User) -> None:
    file = SimpleUploadedFile("照片.jpg", b"\0\0\0")
    assert client.post("/web/theme/", {"theme": "dark", "photo": file}).status_code == 302


@pytest.mark.django_db
def test_a_key_that_no_column_holds_matches_nothing() -> None:
    user = UserFactory()
    people = get_user_model().objects
    assert list(people.filter(pk__in=[user.pk, 10**30, -(10**30)])) == [user]
    assert not people.filter(pk__in=["9" * 30]).exists()
    assert list(people.filter(pk__in=people.all())) == [user]


@pytest.mark.parametrize("key", ["9" * 30, "9" * 5000])
def test_selecting_a_row_with_an_endless_key_selects_nothing(demo: None, browser: Client, key: str) -> None:
    village: Village = VillageFactory()
    body = body_of(browser.post("/demo/list/", {"act": "renumber", "pk": [key]}, follow=True))
    assert "请先选择要办理的记录" in body
    body = body_of(browser.post("/demo/list/", {"act": "renumber", "pk": [key, village.pk]}))
    assert "重排 1 个村居的路线" in body
    assert ReasonForm.base_fields["reason"].label in body
