"""The pages on which service is registered and corrected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from landbureau.documents.models import Document, ServiceRecord
from landbureau.documents.services.service import in_force
from tests.documents.office import Office
from tests.documents.served import DIRECT, register
from tests.factories import UserFactory, allow
from tests.web.files import picture, upload
from tests.web.pages import body_of, check_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel("2026-11-23T11:00:00+08:00"):
        yield


def form_data(document: Document, code: str = "direct", **changes: Any) -> dict[str, Any]:
    lines = {name: str(value) for name, value in DIRECT.items()}
    return {
        "method": code,
        "version": document.version,
        "request_key": "form",
        **lines,
        **changes,
    }


def open_as(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_officer_registers_with_two_photos(office: Office) -> None:
    document = office.document("sealed")
    client, address = open_as(office.officer), reverse("documents:serve", args=[document.pk])
    page = body_of(client.get(address))
    assert "测试路1号" in page, "the place printed on the receipt is there already"
    assert f'value="{office.officer.name}"' in page
    photos = [upload(picture(colour=colour), f"{colour}.jpg") for colour in ("#111", "#eee")]
    answer = client.post(address, form_data(document, proofs=photos), follow=True)
    body = body_of(answer)
    assert "已登记送达，送达日期 2026-11-23。" in body
    assert document.proofs.count() == 2
    for proof in document.proofs.all():
        assert reverse("documents:proof_thumbnail", args=[document.pk, proof.pk]) in body
    again = body_of(client.post(address, form_data(document), follow=True))
    assert "没有重复登记" in again
    assert ServiceRecord.objects.count() == 1


def test_what_is_wrong_stands_at_its_line_and_photos_are_not_lost(office: Office) -> None:
    document = office.document("sealed")
    client, address = open_as(office.officer), reverse("documents:serve", args=[document.pk])
    files = [upload(picture(), "好.jpg"), upload(b"<html>", "坏.jpg")]
    answer = client.post(address, form_data(document, receiver="", received_on="2026-13-01", proofs=files))
    body = body_of(answer)
    check_page(answer, body)
    assert "坏.jpg：只能上传" in body
    assert "已保存 1 份：好.jpg" in body
    assert 'value="2026-13-01"' in body, "what was typed is kept"
    assert not ServiceRecord.objects.exists()
    body = body_of(client.post(address, form_data(document, receiver="")))
    assert "请填写签收人。" in body
    body = body_of(client.post(address, form_data(document), follow=True))
    assert "已登记送达" in body


def test_a_photo_that_is_refused_stops_the_registration(office: Office) -> None:
    document = office.document("sealed")
    address = reverse("documents:serve", args=[document.pk])
    open_as(office.officer).post(address, form_data(document, proofs=[upload(b"")]))
    assert not ServiceRecord.objects.exists()


def test_a_letter_is_completed_on_the_same_page(office: Office) -> None:
    document = office.document("sealed")
    register(office, document, "post")
    document.refresh_from_db()
    client, address = open_as(office.officer), reverse("documents:serve", args=[document.pk])
    page = body_of(client.get(address))
    assert "补登送达" in page
    assert 'value="1234567890123"' in page
    lines = {"method": "post", "posted_on": "2026-11-23", "posting_number": "1234567890123"}
    body = body_of(client.post(address, form_data(document, **lines), follow=True))
    assert "已登记送达，送达日期 2026-11-23。" in body
    assert ServiceRecord.objects.count() == 2


def test_the_page_answers_what_follows_from_a_day(office: Office) -> None:
    address = reverse("documents:serve", args=[office.document("sealed").pk])
    body = body_of(open_as(office.officer).get(address, {"method": "public", "posted_on": "2026-11-20"}))
    assert "2026-12-20 视为送达" in body
    body = body_of(open_as(office.officer).get(address, {"method": "nonsense", "posted_on": "x"}))
    assert "填写日期后，这里显示送达日期" in body


def test_the_correction_shows_the_old_lines_and_asks_why(office: Office) -> None:
    document = office.document("sealed")
    register(office, document)
    document.refresh_from_db()
    client, address = open_as(office.officer), reverse("documents:correct_service", args=[document.pk])
    assert 'value="高志远"' in body_of(client.get(address))
    body = body_of(client.post(address, form_data(document, receiver="高远", reason="")))
    assert "更正理由" in body
    assert ServiceRecord.objects.count() == 1
    body = body_of(client.post(address, form_data(document, receiver="高远", reason="姓名写错"), follow=True))
    assert in_force(document).receiver == "高远"  # type: ignore[union-attr]
    assert "姓名写错" in body
    assert "此前的登记" in body


@pytest.mark.parametrize("name", ["serve", "correct_service", "add_proof"])
def test_strangers_see_nothing_and_readers_do_nothing(office: Office, name: str) -> None:
    document = office.document("sealed")
    register(office, document, "public")
    document.refresh_from_db()
    address = reverse(f"documents:{name}", args=[document.pk])
    assert open_as(office.stranger).get(address).status_code == 404
    reader = allow(UserFactory(), "view_document", on=office.section)
    for data in ({}, form_data(document, reason="x")):
        answer = open_as(reader).post(address, data)
        assert answer.status_code in (302, 403)
    assert ServiceRecord.objects.count() == 1


def test_a_reader_cannot_open_the_form_of_what_is_to_be_served(office: Office) -> None:
    reader = allow(UserFactory(), "view_document", on=office.section)
    address = reverse("documents:serve", args=[office.document("sealed").pk])
    assert open_as(reader).get(address).status_code == 403
