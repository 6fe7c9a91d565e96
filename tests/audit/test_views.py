"""The page 审计记录 and histories: what they show, and to whom."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from landbureau.accounts.models import Section, User
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.web.lists import BoundedPaginator
from tests.factories import SectionFactory, UserFactory, allow

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
LIST = "/desk/audit/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def auditor(client: Client) -> User:
    """Signed in, may read everything."""
    user = allow(UserFactory(name="钱审计"), "view_audit")
    client.force_login(user)
    return user


def text_of(client: Client, url: str = LIST, **query: Any) -> str:
    response = client.get(url, query)
    assert response.status_code == 200
    return response.content.decode()


# --- The list ---


def test_newest_rows_come_first(client: Client, auditor: User) -> None:
    for text in ("第一", "第二"):
        record(Entry.Action.BULK, actor=auditor, text=text)
    page = text_of(client)
    assert page.index("第二") < page.index("第一")


def test_what_a_new_row_holds_is_folded_so_that_the_line_stays_short(client: Client, auditor: User) -> None:
    SectionFactory(name="测绘股")
    page = text_of(client)
    assert re.search(r"<details><summary>录入 \d+ 项</summary>", page)
    assert "其余" not in page


def test_an_edit_is_shown_old_and_new_in_chinese(client: Client, auditor: User) -> None:
    section = SectionFactory(name="试验甲股")
    section.kind, section.is_active = Section.Kind.BRIGADE, False
    section.save()
    page = text_of(client, action=Entry.Action.UPDATE)
    assert "<del>股室</del>" in page
    assert "监察大队" in page
    assert "<del>是</del>" in page
    assert "类别" in page
    assert "科室" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"text": "水库"}, {"水库"}),
        ({"action": Entry.Action.EXPORT}, {"道路"}),
        ({"period_after": "2026-11-23"}, {"道路", "水库"}),
        ({"period_before": "2026-11-22"}, {"旧事"}),
        ({"address": "10.1.2.3"}, {"水库"}),
        ({"address": "10.1."}, {"水库", "旧事"}),
        ({"address": "fe80::1"}, {"道路"}),
        ({"text": "水库", "action": Entry.Action.EXPORT}, set()),
    ],
)
def test_filters(client: Client, auditor: User, query: dict[str, Any], found: set[str]) -> None:
    record(Entry.Action.BULK, actor=None, text="水库", address="10.1.2.3")
    record(Entry.Action.EXPORT, actor=None, text="道路", address="fe80::1")
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        record(Entry.Action.BULK, actor=None, text="旧事", address="10.1.9.9")
    page = text_of(client, **query)
    assert {text for text in ("水库", "道路", "旧事") if f">{text}</td>" in page} == found


def test_a_person_and_a_kind_of_object_can_be_chosen(client: Client, auditor: User) -> None:
    other = UserFactory()
    record(Entry.Action.BULK, actor=other, text="他的事")
    record(Entry.Action.BULK, actor=auditor, text="我的事")
    page = text_of(client, actor=other.pk)
    assert "他的事" in page
    assert "我的事" not in page
    response = client.get(LIST)
    kinds = dict(response.context["filter"].form.fields["kind"].choices)
    assert "人员" in kinds.values()


def test_nonsense_in_a_filter_is_answered_in_chinese(client: Client, auditor: User) -> None:
    response = client.get(LIST, {"period_after": "昨天", "actor": "abc"})
    assert response.status_code == 200
    assert response.context["table"].page.paginator.count == 0


def test_a_page_costs_the_same_whatever_it_holds(
    client: Client, auditor: User, django_assert_max_num_queries: Any
) -> None:
    def make(count: int) -> None:
        for _ in range(count):
            user = UserFactory(section=SectionFactory())
            user.section = SectionFactory()
            user.save()
            record(Entry.Action.BULK, actor=user, text="批量", subject=user)

    make(1)
    text_of(client)
    with django_assert_max_num_queries(16) as few:
        text_of(client)
    make(12)
    with django_assert_max_num_queries(len(few)):
        text_of(client)


def test_a_million_rows_are_not_counted(
    client: Client, auditor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedPaginator, "most", 2)
    for _ in range(4):
        record(Entry.Action.BULK, actor=auditor, text="一条")
    assert "超过 2 条" in text_of(client)


# --- Who sees what ---


def test_a_section_head_sees_what_the_own_people_did(client: Client) -> None:
    section = SectionFactory()
    head = allow(UserFactory(section=section), "view_audit", on=section)
    record(Entry.Action.BULK, actor=UserFactory(section=section), text="本科室的事")
    record(Entry.Action.BULK, actor=UserFactory(section=SectionFactory()), text="别处的事")
    record(Entry.Action.BULK, actor=None, text="系统的事")
    client.force_login(head)
    page = text_of(client)
    assert "本科室的事" in page
    assert "别处的事" not in page
    assert "系统的事" not in page


def test_as_own_work_one_sees_what_one_did(client: Client) -> None:
    officer, colleague = UserFactory(), UserFactory()
    allow(officer, "view_audit", on=officer)
    record(Entry.Action.BULK, actor=officer, text="自己的事")
    record(Entry.Action.BULK, actor=colleague, text="同事的事")
    client.force_login(officer)
    page = text_of(client)
    assert "自己的事" in page
    assert "同事的事" not in page


def test_without_the_permission_nothing_is_visible() -> None:
    user = UserFactory()
    record(Entry.Action.BULK, actor=user, text="自己的事")
    assert not Entry.objects.visible_to(user).exists()


# --- Histories ---


def test_the_history_of_an_object_goes_on_after_its_deletion(client: Client, auditor: User) -> None:
    section = SectionFactory(name="试验乙股")
    section.name = "试验丙股"
    section.save()
    address = reverse("audit:object", args=["accounts", "section", section.pk])
    section.delete()
    page = text_of(client, address)
    page = page[page.index("lb-timeline") :]
    assert page.index("删除") < page.index("修改")
    assert "<del>试验乙股</del>" in page


def test_the_history_of_an_object_nobody_touched_in_ones_sight_is_not_there(client: Client) -> None:
    head = allow(UserFactory(section=SectionFactory()), "view_audit", on=SectionFactory())
    subject = SectionFactory()
    record(Entry.Action.BULK, actor=UserFactory(), text="机密", subject=subject)
    client.force_login(head)
    assert client.get(reverse("audit:object", args=["accounts", "section", subject.pk])).status_code == 404


@pytest.mark.parametrize(
    "args", [["accounts", "nosuch", "1"], ["nosuch", "section", "1"], ["accounts", "section", "9" * 30]]
)
def test_histories_of_nonsense_are_not_there(client: Client, auditor: User, args: list[str]) -> None:
    assert client.get(reverse("audit:object", args=args)).status_code == 404


def test_the_history_of_a_person_has_acts_and_what_befell_the_account(client: Client, auditor: User) -> None:
    person = UserFactory(username="zhao", name="赵测")
    record(Entry.Action.BULK, actor=person, text="办了一件事")
    Client().post(reverse("accounts:login"), {"username": "zhao", "password": "wrong"})
    page = text_of(client, reverse("audit:person", args=[person.pk]))
    assert "办了一件事" in page
    assert "登录失败" in page
    assert "赵测的记录" in page
