"""Acts on one document by button and form: done, refused, forbidden, overtaken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.urls import reverse

from landbureau.documents.models import Document, Step
from landbureau.documents.selectors import server_of
from landbureau.documents.views.acts import ACTS
from tests.documents.desk import as_, blank_pdf
from tests.documents.office import TODAY, Office
from tests.factories import UserFactory, allow
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db
SEAL = {"sealed_on": "2026-11-23", "seal": "新河县国土资源局印章", "keeper": "郭晓丽", "copies": "2"}
DONE = {
    # act: state before, who does it, form, the action recorded
    "submit": ("draft", "clerk", {}, Step.Action.SUBMITTED),
    "withdraw": ("submitted", "clerk", {}, Step.Action.WITHDRAWN),
    "approve": ("submitted", "head", {}, Step.Action.APPROVED),
    "return": ("submitted", "head", {"reason": "金额有误"}, Step.Action.RETURNED),
    "issue": ("approved", "clerk", {}, Step.Action.ISSUED),
    "seal": ("issued", "clerk", SEAL, Step.Action.SEALED),
    "hand": ("sealed", "clerk", {"server": "officer"}, Step.Action.HANDED),
    "discard": ("draft", "clerk", {"reason": "不再需要"}, Step.Action.VOIDED),
    "void": ("sealed", "head", {"reason": "名称有误"}, Step.Action.VOIDED),
}


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with (
        time_machine.travel("2026-11-23T09:00:00+08:00", tick=False),
        mock.patch("landbureau.documents.previews.write_pdf", return_value=blank_pdf()),
    ):
        yield


@pytest.fixture
def office() -> Office:
    return Office()


def url(document: Document, name: str) -> str:
    return reverse("documents:act", args=[document.pk, name])


def form(office: Office, document: Document, name: str) -> dict[str, Any]:
    data: dict[str, Any] = dict(DONE[name][2])
    if "server" in data:
        data["server"] = office.officer.pk
    return data | {"version": document.version}


def test_every_act_is_tested_here() -> None:
    assert set(DONE) == set(ACTS)


@pytest.mark.parametrize("name", DONE)
def test_an_act_is_done_told_and_leads_back_to_the_document(office: Office, name: str) -> None:
    state, who, _, action = DONE[name]
    document = office.document(state)
    client = as_(getattr(office, who))
    asked = body_of(client.get(url(document, name)))
    assert ACTS[name].consequence in asked
    response = client.post(url(document, name), form(office, document, name))
    assert response.headers["Location"] == document.get_absolute_url()
    document.refresh_from_db()
    assert document.steps.last().action == action
    told = ACTS[name].told.format(number=document.number)
    assert told in body_of(client.get(document.get_absolute_url()))


@pytest.mark.parametrize("name", DONE)
def test_who_may_not_is_forbidden_and_nothing_is_done(office: Office, name: str) -> None:
    document = office.document(DONE[name][0])
    reader = allow(UserFactory(), "view_document", on=office.section)
    before = Document.objects.filter(pk=document.pk).values().get()
    assert as_(reader).get(url(document, name)).status_code == 403
    assert as_(reader).post(url(document, name), form(office, document, name)).status_code == 403
    assert as_(office.stranger).post(url(document, name), form(office, document, name)).status_code == 404
    assert Document.objects.filter(pk=document.pk).values().get() == before
    assert not document.steps.exists()


def test_the_drafter_does_not_approve(office: Office) -> None:
    document = office.document("submitted")
    allow(office.clerk, "approve_document", on=office.section)
    assert as_(office.clerk).post(url(document, "approve"), {"version": 1}).status_code == 403


def test_looking_at_an_act_does_nothing(office: Office) -> None:
    for name, (state, who, _, _) in DONE.items():
        document = office.document(state)
        assert as_(getattr(office, who)).get(url(document, name)).status_code == 200
        assert not document.steps.exists()


def test_an_act_that_does_not_exist_is_not_found(office: Office) -> None:
    document = office.document("draft")
    for name in ("serve", "edit", "nonsense"):
        assert as_(office.clerk).post(url(document, name)).status_code == 404


@pytest.mark.parametrize(
    ("name", "changes", "told"),
    [
        ("return", {"reason": "  "}, "这个字段是必填项"),
        ("void", {"reason": ""}, "这个字段是必填项"),
        ("seal", {"copies": "0"}, "确保该值大于"),
        ("seal", {"sealed_on": "2026-11-24"}, "用印日期不能晚于今天"),
        ("seal", {"sealed_on": "2026-11-22"}, "不能早于印发日期"),
        ("hand", {"server": "999999"}, "选择一个有效的选项"),
    ],
)
def test_a_form_with_a_wrong_entry_comes_back_with_what_was_typed(
    office: Office, name: str, changes: dict[str, str], told: str
) -> None:
    document = office.document(DONE[name][0])
    client = as_(getattr(office, DONE[name][1]))
    body = body_of(client.post(url(document, name), form(office, document, name) | changes))
    assert told in body
    if name == "seal":
        assert 'value="郭晓丽"' in body
    document.refresh_from_db()
    assert document.version == 1


def test_a_press_on_an_old_page_is_told_what_happened_since(office: Office) -> None:
    document = office.document("submitted")
    assert as_(office.head).post(url(document, "approve"), {"version": 1}).status_code == 302
    colleague = allow(UserFactory(), "approve_document", "view_document", on=office.section)
    body = body_of(as_(colleague).post(url(document, "approve"), {"version": 1}, follow=True))
    assert f"这件文书现在不能批准（最近一步：{office.head} 批准）" in body
    assert document.steps.count() == 1


def test_a_document_that_changed_since_is_looked_at_again_before_the_act(office: Office) -> None:
    document = office.document("submitted")
    Document.objects.filter(pk=document.pk).update(version=4)
    client = as_(office.head)
    body = body_of(client.post(url(document, "approve"), {"version": 1}))
    assert "您打开之后，这件文书已有变动" in body
    assert 'name="version" value="4"' in body
    assert not document.steps.exists()
    assert client.post(url(document, "approve"), {"version": 4}).status_code == 302


def test_an_act_leads_back_to_the_list_it_was_asked_from_and_never_elsewhere(office: Office) -> None:
    document, other = office.document("submitted"), office.document("submitted")
    client = as_(office.head)
    back = "/desk/documents/?todo=approve"
    response = client.post(url(document, "approve"), {"version": 1, "next": back})
    assert response.headers["Location"] == back
    response = client.post(url(other, "approve"), {"version": 1, "next": "https://evil.example/"})
    assert response.headers["Location"] == other.get_absolute_url()


def test_those_near_the_addressee_are_offered_first_to_serve(office: Office) -> None:
    far = allow(UserFactory(name="丁远处"), "serve_document")
    retired = allow(UserFactory(name="离岗人"), "serve_document")
    retired.is_active = False
    retired.save()
    office.officer.office = office.township.office
    office.officer.save()
    document = office.document("sealed")
    body = body_of(as_(office.clerk).get(url(document, "hand")))
    assert body.index(office.officer.name) < body.index(office.other.name) < body.index(far.name)
    assert "离岗人" not in body
    as_(office.clerk).post(url(document, "hand"), {"version": 1, "server": office.officer.pk})
    assert server_of(document) == office.officer


def test_voided_and_written_anew_in_one_go(office: Office) -> None:
    document = office.document("sealed")
    allow(office.head, "create_document", on=office.section)
    data = {"version": 1, "reason": "名称有误", "redraft": "on"}
    response = as_(office.head).post(url(document, "void"), data)
    draft = Document.objects.get(replaces=document)
    assert response.headers["Location"] == reverse("documents:edit", args=[draft.pk])
    assert (draft.title, draft.drafted_by, draft.number) == (document.title, office.head, None)
    document.refresh_from_db()
    assert document.voided_on == TODAY


def test_only_void_documents_are_written_anew(office: Office) -> None:
    document = office.document("sealed")
    address = reverse("documents:redraft", args=[document.pk])
    body = body_of(as_(office.clerk).post(address, follow=True))
    assert "只有作废的文书可以重新拟稿" in body
    assert as_(office.clerk).get(address).status_code == 302
    assert Document.objects.count() == 1
