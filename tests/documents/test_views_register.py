"""The registers: of documents with acts on many, of numbers, of the seal."""

from __future__ import annotations

from unittest import mock

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.accounts.services import SERVING, assign
from landbureau.audit.models import Entry
from landbureau.documents import services
from landbureau.documents.display import state_word
from landbureau.documents.filters import STATES
from landbureau.documents.models import Document, PrintBatch, ServiceMethod
from landbureau.documents.rules import Status
from landbureau.documents.selectors import with_status
from tests.documents.desk import as_, blank_pdf
from tests.documents.factories import DocumentFactory, make_issued
from tests.documents.office import DAYS, TODAY, Office
from tests.documents.paper import make_frozen
from tests.factories import UserFactory, allow
from tests.web.pages import asked, body_of

pytestmark = pytest.mark.django_db
LIST = "/desk/documents/"
BUTTON = 'name="act" value="approve"'


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


@pytest.fixture(autouse=True)
def paper():
    """Drafts are not rendered here: one blank file of two pages stands for all."""
    with mock.patch("landbureau.documents.previews.write_pdf", return_value=blank_pdf()) as write:
        yield write


@pytest.fixture
def office() -> Office:
    return Office()


def page_of(user: User, document: Document) -> str:
    return body_of(as_(user).get(document.get_absolute_url()))


# --- The register ----------------------------------------------------------------------------------------


def test_the_register_costs_the_same_queries_for_any_number_of_documents(office: Office) -> None:
    """Session and user; deputising and scopes; kinds, townships, sections, drafters and servers to choose
    from; count of rows and of five presets; saved views; rows; of the frame four."""
    client = as_(office.clerk)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    for state in DAYS:
        office.document(state)
    cost()
    before = cost()
    for state in DAYS:
        assign(user=office.officer, task=SERVING, subject=office.document(state), starts_on=TODAY)
    assert cost() == before == 21


@pytest.mark.parametrize("needs", [{}, {"needs_seal": False}, {"needs_service": False}])
@pytest.mark.parametrize("state", DAYS)
def test_the_filter_finds_a_state_by_the_word_that_the_list_shows(
    office: Office, state: str, needs: dict[str, bool]
) -> None:
    document = office.document(state, **needs)
    if state == "announced":
        document.service_records.create(
            method=ServiceMethod.objects.get(code="public"), request_key="one", registered_by=office.officer
        )
    (row,) = with_status(Document.objects.all(), TODAY)
    _, word = state_word(Status(row.state), row, row.sent)
    found = [
        shown
        for shown, condition in STATES.values()
        if with_status(Document.objects, TODAY).filter(condition)
    ]
    assert len(found) == 1
    ended = found == ["已送达或已办结"] and word in ("已用印", "已印发")
    assert ended or word in found[0], document.kind


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=邢台乙", {"邢台乙公司"}),
        ("state=submitted", {"邢台甲公司"}),
        ("state=voided", {"邢台丙公司"}),
        ("mine=true", {"邢台甲公司", "邢台丙公司"}),
        ("year=2026&issued_on_after=2026-11-23", {"邢台乙公司", "邢台丙公司"}),
        ("issued_on_before=2026-11-22", set()),
        ("server=OFFICER", {"邢台乙公司"}),
        ("state=nonsense", set()),
    ],
)
def test_the_register_is_filtered(office: Office, query: str, shown: set[str]) -> None:
    common = {"section": office.section, "on": TODAY}
    DocumentFactory(
        addressee="邢台甲公司", section=office.section, drafted_by=office.clerk, submitted_on=TODAY
    )
    sealed = make_issued(addressee="邢台乙公司", sealed_on=TODAY, drafted_by=office.other, **common)
    assign(user=office.officer, task=SERVING, subject=sealed, starts_on=TODAY)
    make_issued(addressee="邢台丙公司", voided_on=TODAY, drafted_by=office.clerk, **common)
    body = body_of(as_(office.clerk).get(f"{LIST}?{query.replace('OFFICER', str(office.officer.pk))}"))
    assert {name for name in ("邢台甲公司", "邢台乙公司", "邢台丙公司") if f"<small>{name}" in body} == shown


def test_a_day_of_service_that_is_past_is_told_until_the_document_is_served(office: Office) -> None:
    late, served = office.document("sealed"), office.document("served")
    Document.objects.filter(pk__in=[late.pk, served.pk]).update(serve_by="2026-11-20")
    body = body_of(as_(office.clerk).get(LIST))
    assert body.count("逾期3天") == 1


def test_what_is_sent_is_told_so_and_is_not_late(office: Office) -> None:
    document = office.document("sealed")
    Document.objects.filter(pk=document.pk).update(serve_by="2026-11-20")
    assert "逾期3天" in page_of(office.clerk, document)
    document.service_records.create(
        method=ServiceMethod.objects.get(code="post"),
        posted_on=TODAY,
        first_server="王测",
        request_key="one",
        registered_by=office.clerk,
    )
    for body in (body_of(as_(office.clerk).get(f"{LIST}?state=sent")), page_of(office.clerk, document)):
        assert "送达在途</span>" in body
        assert "逾期3天" not in body
    assert "登记回执</strong>" in page_of(office.clerk, document)
    assert str(document.number) not in body_of(as_(office.clerk).get(f"{LIST}?state=unserved"))


def test_each_is_offered_the_presets_that_can_hold_something(office: Office) -> None:
    def presets(person: User) -> list[str]:
        return [preset["title"] for preset in as_(person).get(LIST).context["presets"]]

    clerk, head = presets(office.clerk), presets(office.head)
    assert {"我拟的", "送达在途", "待我送达"} <= set(clerk)
    assert "待我批准" not in clerk
    assert head[0] == "待我批准"
    assert not {"我拟的", "待我送达"} & set(head)
    User.objects.filter(pk=office.officer.pk).update(office=office.township.office)
    officer = presets(User.objects.get(pk=office.officer.pk))
    assert officer[0] == "待我送达"
    assert not {"我拟的", "待我批准"} & set(officer)


@pytest.mark.parametrize("page", ["documents", "numbers", "seals", "batches", "new_batch"])
def test_the_registers_are_closed_to_whom_no_document_concerns(office: Office, page: str) -> None:
    legal = allow(UserFactory(), "view_config")
    address = reverse(f"documents:{page}")
    assert as_(legal).get(address).status_code == 403
    DocumentFactory(drafted_by=legal, section=office.section)
    assert as_(legal).get(address).status_code == 200


def test_many_are_approved_at_once_and_what_could_not_be_is_told(office: Office) -> None:
    fit, stale = office.document("submitted"), office.document("draft")
    client = as_(office.head)
    data = {"act": "approve", "pk": [fit.pk, stale.pk]}
    question = body_of(client.post(LIST, data))
    assert "批准所选的 2 份文书？" in question
    assert f"<li>{fit.title}　{fit.addressee}　未编号　拟稿 {office.clerk.name}</li>" in question
    assert not Document.objects.exclude(approved_on=None), "nothing is done before it was confirmed"
    body = body_of(client.post(LIST, asked(client, LIST, data), follow=True))
    assert "已批准 1 份。1 份没有办理" in body
    assert list(Document.objects.filter(approved_on=TODAY)) == [fit]
    entry = Entry.objects.get(object_repr="批量批准文书 1 份")
    assert entry.additional_data == {"count": 1, "documents": [str(fit)]}


def test_what_was_changed_after_the_question_is_not_approved_unseen(office: Office) -> None:
    same, changed = office.document("submitted"), office.document("submitted")
    client = as_(office.head)
    data = asked(client, LIST, {"act": "approve", "everything": "1"})
    services.withdraw(document=changed, actor=office.clerk, today=TODAY)
    services.submit(document=changed, actor=office.clerk, today=TODAY)
    body = body_of(client.post(LIST, data, follow=True))
    assert f"已批准 1 份。1 份没有办理：{changed}：您打开之后，这件文书已有变动" in body
    assert list(Document.objects.filter(approved_on=TODAY)) == [same]


def test_numbers_given_to_many_are_named(office: Office) -> None:
    first = office.document("approved")
    for _ in range(2):
        DocumentFactory(
            kind=first.kind, section=office.section, submitted_on=TODAY, approved_on=TODAY, drafted_on=TODAY
        )
    other = office.document("approved", needs_seal=False)
    client = as_(office.clerk)
    data = asked(client, LIST, {"act": "issue", "everything": "1"})
    body = body_of(client.post(LIST, data, follow=True))
    first.refresh_from_db()
    other.refresh_from_db()
    last = Document.objects.filter(kind=first.kind).latest("sequence")
    assert f"已印发 4 份：{first.number}至{last.number}，{other.number}。<a href=" in body
    assert f'{reverse("documents:new_batch")}?act=seal">批量打印</a>' in body


def test_the_seal_of_many_is_registered_with_one_form(office: Office) -> None:
    issued = [office.document("issued") for _ in range(2)]
    data = {
        "act": "seal",
        "everything": "1",
        "seal": "新河县国土资源局印章",
        "keeper": "郭晓丽",
    }
    client = as_(office.clerk)
    data = asked(client, LIST, data)
    refused = body_of(client.post(LIST, data | {"sealed_on": "2026-11-23", "copies": 0}))
    assert "郭晓丽" in refused
    assert not Document.objects.exclude(sealed_on=None)
    client.post(LIST, data | {"sealed_on": "2026-11-23", "copies": 3})
    assert [document.seal.copies for document in Document.objects.all()] == [3, 3]
    assert [document.pk for document in issued] == sorted(Document.objects.values_list("pk", flat=True))


def test_many_are_printed_in_one_batch(office: Office) -> None:
    chosen = [make_frozen(section=office.section) for _ in range(2)]
    data = {"act": "print", "pk": [document.pk for document in chosen]}
    client = as_(office.clerk)
    response = client.post(LIST, asked(client, LIST, data))
    batch = PrintBatch.objects.get()
    assert response.headers["Location"] == batch.get_absolute_url()
    assert set(batch.documents.all()) == set(chosen)


def test_only_those_who_may_are_offered_acts_on_many(office: Office) -> None:
    office.document("submitted")
    assert BUTTON not in body_of(as_(office.clerk).get(LIST))
    assert as_(office.clerk).post(LIST, {"act": "approve"}).status_code == 403
    assert BUTTON in body_of(as_(office.head).get(LIST))


# --- Numbers and seals -----------------------------------------------------------------------------------


def test_void_numbers_stay_in_the_register_of_numbers(office: Office) -> None:
    used, void = office.document("issued"), office.document("voided")
    body = body_of(as_(office.clerk).get(reverse("documents:numbers")))
    assert f"<span>{used.number}</span>" in body
    assert f"<s>{void.number}</s>" in body
    assert "其中作废 1 号" in body
    only = body_of(as_(office.clerk).get(reverse("documents:numbers") + "?voided=true"))
    assert str(used.number) not in only
    assert str(void.number) in only


def test_the_register_of_the_seal_says_who_sealed_how_many(office: Office) -> None:
    document = office.document("issued")
    services.seal(
        document=document,
        actor=office.clerk,
        today=TODAY,
        sealed_on=TODAY,
        seal="局印章",
        keeper="郭晓丽",
        copies=4,
    )
    url = reverse("documents:seals")
    body = body_of(as_(office.clerk).get(url))
    assert "郭晓丽" in body
    assert str(document.number) in body
    assert ">4<" in body
    assert "郭晓丽" not in body_of(as_(office.clerk).get(url + "?sealed_on_before=2026-11-22"))
    assert "郭晓丽" not in body_of(as_(office.stranger).get(url))
