"""送达: registered once, on its way, published, corrected, by whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType

from landbureau.accounts.models import Assignment
from landbureau.accounts.services import SERVING
from landbureau.documents.errors import DocumentError, ServiceRefused
from landbureau.documents.models import Document, ServiceRecord, Step
from landbureau.documents.rules import Status
from landbureau.documents.selectors_service import consequence, service_context
from landbureau.documents.services import (
    StaleDocument,
    allowed,
    complete_service,
    correct_service,
    hand_to,
    register_service,
)
from landbureau.documents.services.service import in_force
from tests.documents.factories import make_issued
from tests.documents.office import DAY, TODAY, Office
from tests.documents.served import DIRECT, PUBLISHED, method, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel("2026-11-23T11:00:00+08:00"):
        yield


# --- Registering -------------------------------------------------------------------------------------


def test_a_served_document_bears_the_day_of_the_receipt(office: Office) -> None:
    document = office.document("sealed")
    record = register(office, document)
    document.refresh_from_db()
    assert (record.served_on, document.served_on) == (TODAY, TODAY)
    assert document.status(TODAY) == Status.SERVED
    step = document.steps.last()
    assert (step.action, step.reason) == (Step.Action.SERVED, "直接送达，送达日期 2026-11-23")
    assert step.data == {"method": "直接送达", "served_on": "2026-11-23"}


def test_lines_that_the_method_does_not_use_are_left_out(office: Office) -> None:
    record = register(
        office, office.document("sealed"), "direct", **DIRECT, refusal="拒收", posting_number="9"
    )
    assert (record.refusal, record.posting_number) == ("", "")


def test_a_letter_is_on_its_way_until_its_slip_comes_back(office: Office) -> None:
    document = office.document("sealed")
    record = register(office, document, "post")
    document.refresh_from_db()
    assert record.served_on is None
    assert document.status(TODAY) == Status.SEALED
    assert document.steps.last().action == Step.Action.SENT
    assert "在途" in service_context(document, office.officer, TODAY)["service_notes"][0]

    back_on = TODAY + 4 * DAY
    slip = complete_service(
        record=record, actor=office.officer, today=back_on, request_key="slip", received_on=TODAY + 2 * DAY
    )
    document.refresh_from_db()
    assert (slip.served_on, document.served_on) == (TODAY + 2 * DAY, TODAY + 2 * DAY)
    assert (slip.corrects, slip.posting_number, slip.reason) == (record, "1234567890123", "补登回执")
    assert in_force(document) == slip
    record.refresh_from_db()
    assert record.served_on is None, "what was registered first stays as it was"


def test_a_letter_that_comes_back_is_served_otherwise(office: Office) -> None:
    document = office.document("sealed")
    record = register(office, document, "post")
    second = complete_service(
        record=record,
        actor=office.officer,
        today=TODAY,
        request_key="second",
        method=method("public"),
        **PUBLISHED,
    )
    assert (second.reason, second.place) == ("由邮寄送达改为公告送达", "")
    assert second.served_on == date(2026, 12, 23)


def test_a_publication_counts_as_served_from_its_thirtieth_day(office: Office) -> None:
    document = office.document("sealed")
    register(office, document, "public")
    document.refresh_from_db()
    assert document.served_on == date(2026, 12, 23)
    assert document.status(date(2026, 12, 22)) == Status.SEALED
    assert document.status(date(2026, 12, 23)) == Status.SERVED
    names = {step.name for step in allowed(office.officer, document, TODAY)}
    assert "serve" not in names
    assert "correct" in names, "a wrong publication can be put right before it counts"


def test_the_same_submission_registers_once(office: Office) -> None:
    document = office.document("sealed")
    late = Document.objects.get(pk=document.pk)  # the second of two clicks at the same moment
    first = register(office, document)
    assert register(office, late) == first
    assert register(office, Document.objects.get(pk=document.pk)) == first, "and the browser's third attempt"
    assert document.steps.filter(action=Step.Action.SERVED).count() == 1


def test_a_submission_belongs_to_one_document(office: Office) -> None:
    document, other = office.document("sealed"), office.document("sealed")
    register(office, document)
    with pytest.raises(DocumentError, match="另一件文书"):
        register_service(
            document=other,
            actor=office.officer,
            today=TODAY,
            method=method("direct"),
            request_key=f"key-{document.pk}",
            **DIRECT,
        )


def test_every_problem_is_told_at_its_line_and_nothing_is_written(office: Office) -> None:
    document = office.document("sealed", two_servers=True)
    lines = DIRECT | {"received_on": TODAY + DAY, "receiver": ""}
    with pytest.raises(ServiceRefused) as refused:
        register(office, document, "direct", **lines)
    assert refused.value.problems == {
        "received_on": "签收日期不能晚于今天。",
        "receiver": "请填写签收人。",
        "second_server": "请填写送达人（二）。",
    }
    document.refresh_from_db()
    assert document.served_on is None
    assert not ServiceRecord.objects.exists()


def test_a_document_is_not_served_before_it_was_sealed(office: Office) -> None:
    document = office.document("sealed")
    with pytest.raises(ServiceRefused, match="不能早于用印日期 2026-11-23"):
        register(office, document, "direct", **DIRECT | {"received_on": TODAY - DAY})
    with pytest.raises(DocumentError, match="尚未用印"):
        register(office, office.document("issued"))


@pytest.mark.parametrize("state", ["draft", "approved", "announced", "served", "voided"])
def test_only_what_is_out_and_not_served_is_registered(office: Office, state: str) -> None:
    with pytest.raises(DocumentError):
        register(office, office.document(state))


def test_who_may_not_serve_it_does_not_register_it(office: Office) -> None:
    document = office.document("sealed")
    office.officer = office.head
    with pytest.raises(DocumentError, match="没有登记送达这件文书的权限"):
        register(office, document)


def test_two_who_register_at_once_are_told_apart(office: Office) -> None:
    document = office.document("sealed")
    late = Document.objects.get(pk=document.pk)
    register(office, document, "post")
    with pytest.raises(StaleDocument):
        register_service(
            document=late,
            actor=office.officer,
            today=TODAY,
            method=method("direct"),
            request_key="other",
            **DIRECT,
        )


def test_the_servers_work_ends_when_the_document_is_served(office: Office) -> None:
    document = office.document("sealed")
    hand_to(document=document, actor=office.clerk, today=TODAY, server=office.officer)
    held = Assignment.objects.filter(
        task=SERVING, content_type=ContentType.objects.get_for_model(Document), object_id=document.pk
    )
    record = register(office, document, "post")
    assert held.get().ends_on is None, "a letter on its way is still work"
    complete_service(record=record, actor=office.officer, today=TODAY, request_key="slip", received_on=TODAY)
    assert held.get().ends_on == TODAY
    assert document in Document.objects.visible_to(office.officer)


def test_nothing_is_asked_for_once_a_document_is_void(office: Office) -> None:
    document = office.document("sealed")
    register(office, document)
    document.refresh_from_db()
    assert service_context(document, office.officer, TODAY)["service_notes"] == [
        "缺送达证明：请补传回证的照片或扫描件。"
    ]
    document.voided_on = TODAY
    assert service_context(document, office.officer, TODAY)["service_notes"] == []


# --- Correcting --------------------------------------------------------------------------------------


def test_a_correction_is_a_new_record_with_its_reason(office: Office) -> None:
    days = {"on": TODAY - 5 * DAY, "sealed_on": TODAY - 5 * DAY}
    document = make_issued(section=office.section, township=office.township, sha256="a" * 64, **days)
    wrong = register(office, document)
    right = correct_service(
        record=wrong,
        actor=office.officer,
        today=TODAY,
        request_key="right",
        reason="回证上是21日",
        received_on=TODAY - 2 * DAY,
    )
    document.refresh_from_db()
    assert document.served_on == TODAY - 2 * DAY
    assert (right.corrects, right.receiver) == (wrong, "高志远")
    step = document.steps.last()
    assert step.action == Step.Action.CORRECTED
    assert step.reason == "送达日期 2026-11-23 → 2026-11-21。回证上是21日"
    assert (step.data["before"], step.data["served_on"]) == ("2026-11-23", "2026-11-21")
    records = service_context(document, office.officer, TODAY)["records"]
    assert [row.record for row in records] == [right, wrong]


def test_a_correction_needs_a_reason_and_the_record_in_force(office: Office) -> None:
    document = office.document("sealed")
    wrong = register(office, document)
    arguments: dict[str, Any] = {"record": wrong, "actor": office.officer, "today": TODAY}
    with pytest.raises(DocumentError, match="更正理由"):
        correct_service(**arguments, request_key="a", reason=" ", remark="x")
    correct_service(**arguments, request_key="b", reason="写错", remark="x")
    with pytest.raises(DocumentError, match="刚刚已被更正"):
        correct_service(**arguments, request_key="c", reason="写错", remark="y")
    again = correct_service(**arguments, request_key="b", reason="写错", remark="x")
    assert again == in_force(document), "sent twice, done once"


def test_what_is_not_served_is_not_corrected(office: Office) -> None:
    document = office.document("sealed")
    record = register(office, document, "post")
    with pytest.raises(DocumentError, match="不能更正送达"):
        correct_service(record=record, actor=office.officer, today=TODAY, request_key="a", reason="写错")


# --- What the page says beforehand ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "received", "posted", "said"),
    [
        ("direct", TODAY, None, "送达日期记为 2026-11-23。"),
        ("direct", None, None, ""),
        ("post", None, TODAY, "文书在途"),
        ("post", TODAY, TODAY, "送达日期记为 2026-11-23。"),
        ("public", None, TODAY, "自公告之日起满 30 日，2026-12-23 视为送达。"),
        ("public", None, date(2026, 10, 1), "2026-10-31 已视为送达。"),
    ],
)
def test_the_consequence_is_told_before_it_is_saved(
    code: str, received: date | None, posted: date | None, said: str
) -> None:
    told = consequence(method(code), received, posted, TODAY)
    assert said in told
    assert bool(said) == bool(told)
