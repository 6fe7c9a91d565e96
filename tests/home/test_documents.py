"""Documents on the desk: to-dos, search, navigation."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.accounts.services import SERVING, assign
from landbureau.documents import services
from landbureau.documents.models import Document, ServiceMethod
from landbureau.home.document_todos import document_todos
from landbureau.home.rules import Todo
from landbureau.home.selectors import search
from tests.documents.factories import KindFactory, make_issued
from tests.documents.office import TODAY, Office
from tests.factories import UserFactory, allow
from tests.web.files import picture, upload
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def office() -> Office:
    return Office()


def waiting(user: User) -> list[Todo]:
    return document_todos(User.objects.get(pk=user.pk), TODAY)


def acts(user: User) -> list[str]:
    return sorted(todo.act for todo in waiting(user))


def test_each_waits_for_whose_turn_it_is(office: Office) -> None:
    for state in ("draft", "submitted", "approved", "issued", "voided"):
        office.document(state)
    assign(user=office.officer, task=SERVING, subject=office.document("sealed"), starts_on=TODAY)
    assert acts(office.clerk) == ["印发", "登记用印"]
    assert acts(office.head) == ["审批"]
    assert acts(office.officer) == ["登记送达"]
    assert acts(allow(UserFactory(), "view_document")) == []


def test_the_drafter_does_not_approve_the_own_draft(office: Office) -> None:
    allow(office.clerk, "approve_document", on=office.section)
    office.document("submitted")
    assert acts(office.clerk) == []


def test_a_returned_draft_waits_for_its_drafter_with_the_reason(office: Office) -> None:
    document = office.document("submitted")
    services.return_document(document=document, actor=office.head, today=TODAY, reason="金额有误")
    (todo,) = waiting(office.clerk)
    assert (todo.act, todo.why) == ("修改", "已退回：金额有误")
    assert todo.url == document.get_absolute_url()
    services.submit(document=document, actor=office.clerk, today=TODAY)
    assert waiting(office.clerk) == []


def test_what_is_to_be_served_is_due_on_its_day(office: Office) -> None:
    document = office.document("sealed")
    Document.objects.filter(pk=document.pk).update(serve_by="2026-11-25")
    (todo,) = waiting(office.officer)
    assert todo.due_on is not None
    assert f"{todo.due_on:%m-%d}" == "11-25"


def test_a_served_document_without_proof_waits_for_who_may_upload_it(
    office: Office, tmp_path: Path, settings: Any
) -> None:
    document = office.document("sealed")
    services.register_service(
        document=document,
        actor=office.clerk,
        today=TODAY,
        method=ServiceMethod.objects.get(code="entrusted"),
        request_key="one",
        received_on=TODAY,
        place="测试路1号",
        receiver="高收",
        relation="法定代表人",
        remark="委托测试局",
        first_server="王测",
        second_server="孙测",
    )
    assert acts(office.clerk) == ["上传证明"]
    assert acts(office.leader) == [], "who may not serve can do nothing about it"
    settings.MEDIA_ROOT = tmp_path
    services.add_proof(document=document, actor=office.clerk, file=upload(picture()))
    assert waiting(office.clerk) == []


def test_the_slip_of_a_letter_is_asked_for_after_a_week_and_the_letter_is_not_late(office: Office) -> None:
    document = office.document("sealed")
    Document.objects.filter(pk=document.pk).update(serve_by="2026-11-20")
    services.register_service(
        document=Document.objects.get(pk=document.pk),
        actor=office.clerk,
        today=TODAY,
        method=ServiceMethod.objects.get(code="post"),
        request_key="one",
        posted_on=TODAY,
        posting_number="EMS1",
        place="测试路1号",
        first_server="王测",
    )
    assert waiting(office.officer) == []
    (todo,) = document_todos(User.objects.get(pk=office.officer.pk), TODAY + timedelta(days=7))
    assert (todo.act, todo.due_on) == ("登记回执", None)
    assert todo.why == f"{document.number}，11-23 交寄；收到回执后登记收件日期。"


def test_many_are_told_as_a_line_for_each_kind_that_opens_its_list(office: Office) -> None:
    demands, reminders = KindFactory(title="催缴通知单"), KindFactory(title="提醒通知单")
    for kind in (demands, demands, demands, reminders, reminders):
        document = office.document("submitted")
        Document.objects.filter(pk=document.pk).update(kind=kind)
    assert len(waiting(office.head)) == 5
    other = office.document("submitted")
    lines = {todo.title: todo for todo in waiting(office.head)}
    assert sorted(lines) == sorted(
        ["3 份催缴通知单待批准", "2 份提醒通知单待批准", f"{other.title}　{other.addressee}"]
    )
    todo = lines["3 份催缴通知单待批准"]
    assert (todo.act, "最早 11-23" in todo.why) == ("批量审批", True)
    client = Client()
    client.force_login(office.head)
    page = body_of(client.get(todo.url))
    assert "共 3 份" in page
    assert 'name="act" value="approve"' in page


def test_what_waits_costs_one_query_however_much_it_is(office: Office) -> None:
    def cost() -> int:
        person = User.objects.get(pk=office.head.pk)
        person.has_perm("accounts.view_document")  # scopes are read once for the whole request
        with CaptureQueriesContext(connection) as queries:
            document_todos(person, TODAY)
        return len(queries)

    cost()
    for _ in range(7):
        for state in ("submitted", "approved", "sealed"):
            office.document(state)
    assert cost() == 1


# --- Search and navigation -------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["number", "title", "addressee"])
def test_documents_are_found_by_number_title_and_addressee_in_sight(office: Office, by: str) -> None:
    document = make_issued(title="限期通知", addressee="邢台查找公司", section=office.section)
    office.document("issued")
    text = getattr(document, by)
    (hit,) = dict(search(office.clerk, text))["文书"]
    assert (hit.title, hit.url) == (document.number, document.get_absolute_url())
    assert "文书" not in dict(search(office.stranger, text))


def menu(user: User, address: str) -> list[tuple[str, bool]]:
    """Lines under 文书, each with whether it is the current one."""
    client = Client()
    client.force_login(user)
    (group,) = [line for line in client.get(address).context["navigation"] if line["title"] == "文书"] or [{}]
    return [(line["title"], line["active"]) for line in group.get("children", [])]


def test_the_menu_marks_the_list_that_is_open(office: Office) -> None:
    address = reverse("documents:documents")

    def marked(query: str) -> list[str]:
        return [title for title, active in menu(office.clerk, address + query) if active]

    assert marked("") == marked("?state=voided") == ["全部文书"]
    assert marked("?state=submitted") == ["待批准"]
    assert marked("?state=unserved") == ["待送达"]
    assert next(title for title, _ in menu(office.officer, address)) == "待送达"


def test_who_has_nothing_to_do_with_documents_has_no_menu_of_them() -> None:
    assert menu(UserFactory(), reverse("home:desk")) == []
    keeper = allow(UserFactory(), "update_config")
    assert [title for title, _ in menu(keeper, reverse("home:desk"))] == ["文书种类"]
