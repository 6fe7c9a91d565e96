"""The record tells its reader nothing about objects that the pages hide."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from landbureau.accounts.models import TownshipOffice, User
from landbureau.audit.display import HIDDEN
from landbureau.audit.exports import EntryResource
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.audit.sight import may_see
from landbureau.workdays.models import Deadline
from landbureau.workdays.services import correct_event
from tests.factories import SectionFactory, UserFactory, allow
from tests.web.exported import lines_of
from tests.workdays.factories import make_deadline

LIST, SECRET = "/desk/audit/", "缴纳罚款（张三案）"

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client: Client) -> User:
    """Signed in; reads the whole record and sees the staff, but no time limits of others."""
    user = allow(UserFactory(name="钱审计"), "view_audit", "view_staff")
    client.force_login(user)
    return user


@pytest.fixture
def deadline() -> Deadline:
    return make_deadline(title=SECRET, owner=UserFactory(name="李承办"), event_on=date(2025, 9, 19))


def text_of(client: Client, url: str = LIST, **query: Any) -> str:
    response = client.get(url, query)
    assert response.status_code == 200
    return response.content.decode()


def history(row: Any) -> str:
    return reverse("audit:object", args=[row._meta.app_label, row._meta.model_name, row.pk])


def exported(client: Client) -> list[list[str]]:
    return lines_of(client, LIST)


def test_of_an_object_out_of_sight_only_the_act_is_shown(
    client: Client, auditor: User, deadline: Deadline
) -> None:
    page = text_of(client)
    assert SECRET not in page
    assert "2025-09-19" not in page
    assert history(deadline) not in page
    assert HIDDEN in page
    assert "新增" in page
    assert "<small>期限</small>" in page


def test_whoever_may_see_the_object_reads_all_of_it(
    client: Client, auditor: User, deadline: Deadline
) -> None:
    allow(auditor, "view_deadline")
    page = text_of(client)
    assert SECRET in page
    assert history(deadline) in page
    assert HIDDEN not in page
    assert text_of(client, history(deadline))


def test_the_break_glass_account_reads_all_of_it(client: Client, deadline: Deadline) -> None:
    client.force_login(UserFactory(is_superuser=True))
    Deadline.objects.filter(pk=deadline.pk).update(owner=None)
    assert SECRET in text_of(client)


def test_the_reasons_why_a_hidden_time_limit_moved_are_hidden_too(
    client: Client, auditor: User, deadline: Deadline
) -> None:
    correct_event(deadline=deadline, event_on=date(2025, 9, 22), reason="张三当日拒收", actor=None)
    assert "张三" not in text_of(client)
    allow(auditor, "view_deadline")
    assert "张三当日拒收" in text_of(client)


def test_facts_of_acts_on_hidden_objects_are_hidden(
    client: Client, auditor: User, deadline: Deadline
) -> None:
    record(Entry.Action.BULK, actor=auditor, text=SECRET, subject=deadline, data={"reason": "张三申请"})
    assert "张三" not in text_of(client)
    assert "张三" not in text_of(client, reverse("audit:person", args=[auditor.pk]))


def test_a_search_in_the_text_does_not_tell_what_it_hides(
    client: Client, auditor: User, deadline: Deadline
) -> None:
    record(Entry.Action.BULK, actor=None, text="张三来访")
    page = text_of(client, text="张三")
    assert "张三来访" in page
    assert HIDDEN not in page
    allow(auditor, "view_deadline")
    assert SECRET in text_of(client, text="张三")


def test_an_object_out_of_sight_has_no_history(client: Client, auditor: User, deadline: Deadline) -> None:
    assert client.get(history(deadline)).status_code == 404


def test_what_is_gone_is_read_by_whoever_sees_all_of_its_kind(
    client: Client, auditor: User, deadline: Deadline
) -> None:
    address = history(deadline)
    deadline.delete()
    assert client.get(address).status_code == 404
    assert SECRET not in text_of(client)
    allow(auditor, "view_deadline")
    assert SECRET in text_of(client, address)


def test_the_file_hides_what_the_page_hides(client: Client, auditor: User, deadline: Deadline) -> None:
    rows = [row for row in exported(client) if row[4] == "期限"]
    assert rows
    assert {(row[5], row[6], row[7]) for row in rows} == {(HIDDEN, "", "")}
    assert all(row[0] and row[3] for row in rows)


def test_township_offices_are_no_secret(client: Client, auditor: User) -> None:
    TownshipOffice.objects.create(name="试验国土所")
    assert "试验国土所" in text_of(client)


def test_accounts_of_people_whose_acts_one_reads_are_in_sight() -> None:
    section = SectionFactory()
    reader = allow(UserFactory(section=section), "view_audit", on=section)
    assert may_see(reader, User, str(UserFactory(section=section).pk))
    assert not may_see(reader, User, str(UserFactory().pk))
    assert not may_see(reader, User, "abc")


def test_hiding_costs_the_same_for_one_row_and_for_many(
    client: Client, auditor: User, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    make_deadline(owner=UserFactory())
    text_of(client)
    with django_assert_max_num_queries(18) as few:
        text_of(client)
    for _ in range(12):
        make_deadline(owner=UserFactory())
    with django_assert_num_queries(len(few)):
        text_of(client)


def test_the_file_costs_the_same_for_each_batch(
    client: Client, auditor: User, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(EntryResource, "chunk_size", 10)
    for _ in range(10):
        make_deadline(owner=None)
    rows = Entry.objects.filter(content_type__model="deadline").select_related("actor")
    resource = EntryResource(viewer=auditor, today=date(2026, 11, 23))
    assert len(list(resource.sheet("审计记录", rows).rows)) == 10
    with django_assert_max_num_queries(3):  # the rows; what is seen of two kinds of batches
        list(resource.sheet("审计记录", rows).rows)
