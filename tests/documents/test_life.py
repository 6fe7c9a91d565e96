"""From draft to void: what each step writes, who is kept apart."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from landbureau.accounts.models import Absence, Assignment, Bureau, User
from landbureau.accounts.services import SERVING, end_work, hand_over, leave
from landbureau.audit.models import Entry
from landbureau.documents import services
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, KindField, NumberCounter, SealRecord, Step
from landbureau.documents.rules import Status
from landbureau.documents.services.guards import StaleDocument
from landbureau.documents.services.life import ALPHABET, public_address
from landbureau.jobs.models import JobRun
from tests.documents.factories import DocumentFactory
from tests.documents.office import DAY, TODAY, Office
from tests.factories import SectionFactory, UserFactory, allow

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return Office()


def approve(document: Document, actor: User) -> Document:
    return services.approve(document=document, actor=actor, today=TODAY)


def issue(document: Document, actor: User, today: date = TODAY) -> Document:
    return services.issue(document=document, actor=actor, today=today)


def seal(document: Document, actor: User, **changes: Any) -> Document:
    arguments = {"sealed_on": TODAY, "seal": "局公章", "keeper": "刘印", "copies": 2}
    return services.seal(document=document, actor=actor, today=TODAY, **{**arguments, **changes})


def hand(document: Document, actor: User, server: User, today: date = TODAY) -> Document:
    return services.hand_to(document=document, actor=actor, today=today, server=server)


def open_rows(document: Document) -> list[tuple[User, date]]:
    rows = Assignment.objects.filter(object_id=document.pk, task=SERVING, ends_on=None)
    return [(row.user, row.starts_on) for row in rows]


# --- Separation of duties -------------------------------------------------------------------------


def test_who_drafted_does_not_approve(office: Office) -> None:
    allow(office.clerk, "approve_document", on=office.section)
    document = office.document("submitted")
    with pytest.raises(DocumentError, match="拟稿人不能批准自己拟的文书"):
        approve(document, office.clerk)


@pytest.mark.parametrize("action", [Step.Action.DRAFTED, Step.Action.EDITED, Step.Action.SUBMITTED])
def test_who_had_a_hand_in_it_does_not_approve(office: Office, action: str) -> None:
    document = office.document("submitted")
    document.steps.create(action=action, actor=office.head)
    with pytest.raises(DocumentError, match="修改或送审过这件文书的人不能批准它"):
        approve(document, office.head)
    assert approve(document, office.leader).approved_on == TODAY


def test_who_returned_it_may_approve_it_later(office: Office) -> None:
    document = office.document("submitted")
    services.return_document(document=document, actor=office.head, today=TODAY, reason="金额有误")
    assert (document.submitted_on, document.status(TODAY)) == (None, Status.DRAFT)
    services.submit(document=document, actor=office.clerk, today=TODAY)
    assert approve(document, office.head).status(TODAY) == Status.APPROVED


def deputise(deputy: User, absent: User) -> None:
    Absence.objects.create(user=absent, deputy=deputy, starts_on=TODAY - DAY, ends_on=TODAY + DAY)
    deputy.__dict__.pop("_scopes", None)


@pytest.mark.usefixtures("on_the_day")
def test_a_deputy_does_not_approve_by_the_permission_of_who_drafted(office: Office) -> None:
    allow(office.clerk, "approve_document", on=office.section)
    deputise(office.other, office.clerk)
    document = office.document("submitted")
    with pytest.raises(DocumentError, match="您代办的人拟过这件文书"):
        approve(document, office.other)
    deputise(office.head, office.clerk)
    assert approve(document, office.head).approved_on == TODAY, "a permission of one's own is enough"


@pytest.fixture
def on_the_day(time_machine: Any) -> None:
    time_machine.move_to(f"{TODAY}T09:00:00+08:00")


# --- Order and other people -----------------------------------------------------------------------


def test_a_step_on_a_page_that_is_out_of_date_is_told_what_happened(office: Office) -> None:
    document = office.document("submitted")
    opened = Document.objects.get(pk=document.pk)
    approve(document, office.head)
    with pytest.raises(StaleDocument, match=f"{office.head.name} 批准") as refused:
        services.return_document(document=opened, actor=office.leader, today=TODAY, reason="金额有误")
    assert refused.value.field == ""
    assert Document.objects.get(pk=document.pk).status(TODAY) == Status.APPROVED


def test_what_was_edited_after_it_was_opened_is_not_approved_unseen(office: Office) -> None:
    document = office.document("submitted")
    seen = Document.objects.get(pk=document.pk)
    services.withdraw(document=document, actor=office.clerk, today=TODAY)
    services.submit(document=document, actor=office.clerk, today=TODAY)
    with pytest.raises(StaleDocument):
        approve(seen, office.head)


def test_days_are_in_order(office: Office) -> None:
    document = office.document("approved")
    with pytest.raises(DocumentError, match="日期不能早于上一步的日期 2026-11-23"):
        issue(document, office.clerk, TODAY - DAY)
    issue(document, office.clerk, TODAY + DAY)
    with pytest.raises(DocumentError, match="不能早于上一步的日期 2026-11-24"):
        seal(document, office.clerk)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sealed_on": TODAY + DAY}, "sealed_on"),
        ({"sealed_on": TODAY - DAY}, "sealed_on"),
        ({"seal": " "}, "seal"),
        ({"keeper": ""}, "keeper"),
        ({"copies": 0}, "copies"),
    ],
)
def test_the_register_of_the_seal_refuses_at_the_field(
    office: Office, changes: dict[str, Any], field: str
) -> None:
    document = office.document("issued")
    with pytest.raises(DocumentError) as refused:
        seal(document, office.clerk, **changes)
    assert refused.value.field == field
    assert not SealRecord.objects.exists()


def test_sealing_is_a_line_of_the_register(office: Office) -> None:
    document = seal(office.document("issued"), office.clerk, copies=3)
    line = SealRecord.objects.get(document=document)
    assert (line.seal, line.keeper, line.copies, line.registered_by) == ("局公章", "刘印", 3, office.clerk)
    assert document.status(TODAY) == Status.SEALED


@pytest.mark.parametrize(
    ("act", "state"),
    [(services.return_document, "submitted"), (services.discard, "draft"), (services.void, "issued")],
)
def test_some_steps_need_a_reason(office: Office, act: Any, state: str) -> None:
    with pytest.raises(DocumentError, match="请填写") as refused:
        act(document=office.document(state), actor=office.head, today=TODAY, reason=" ")
    assert refused.value.field == "reason"


# --- Issue ----------------------------------------------------------------------------------------


def test_issue_gives_number_code_stamp_and_a_day_to_serve_by(office: Office, settings: Any) -> None:
    Bureau.objects.update(organ_code="新国土资", public_url="https://gtj.example.gov.cn/")
    document = office.document("approved", serve_within_days=7)
    issue(document, office.clerk)
    document.refresh_from_db()
    mark = document.kind.series.mark
    assert document.number == f"新国土资{mark}〔2026〕1号"
    assert (document.organ_code, document.series, document.year, document.sequence) == (
        "新国土资",
        document.kind.series,
        2026,
        1,
    )
    assert len(document.code) == 12
    assert set(document.code) <= set(ALPHABET)
    assert not set("0O1IL") & set(ALPHABET)
    assert document.content["stamp"] == {
        "number": document.number,
        "date": "2026-11-23",
        "code": document.code,
        "address": f"https://gtj.example.gov.cn/V/{document.code}",
    }
    assert document.serve_by == date(2026, 11, 30)
    run = JobRun.objects.get(kind="render_documents")
    assert (run.args, run.actor) == ({"documents": [document.pk]}, office.clerk)
    assert not Entry.objects.filter(action=Entry.Action.BULK, actor=office.clerk), "recorded once"


@pytest.mark.parametrize(
    ("hosts", "https", "expected"),
    [
        (["*", ".county.gov.cn", "gtj.county.gov.cn"], True, "https://gtj.county.gov.cn"),
        (["localhost"], False, "http://localhost"),
        (["*"], False, "http://localhost"),
    ],
)
def test_without_a_public_address_the_first_host_is_printed(
    settings: Any, hosts: list[str], https: bool, expected: str
) -> None:
    settings.ALLOWED_HOSTS, settings.HTTPS = hosts, https
    assert public_address(Bureau(public_url="")) == expected


def test_a_code_that_is_taken_is_drawn_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = office.document("issued")
    Document.objects.filter(pk=office.document("approved").pk).update(drafted_on=TODAY)
    document = office.document("approved")
    draws = iter([*taken.code, *"ABCDEFGHJKMN"])
    monkeypatch.setattr("landbureau.documents.services.life.secrets.choice", lambda letters: next(draws))
    assert issue(document, office.clerk).code == "ABCDEFGHJKMN"


def test_issue_names_what_is_missing_and_takes_no_number(office: Office) -> None:
    document = office.document("approved")
    KindField.objects.create(kind=document.kind, name="应缴金额", required=True)
    Document.objects.filter(pk=document.pk).update(addressee="")
    with pytest.raises(DocumentError, match="印发前须填写：受送达人、应缴金额"):
        issue(document, office.clerk)
    assert not NumberCounter.objects.exists()


def test_numbers_follow_each_other_and_a_voided_one_stays(office: Office) -> None:
    first, second, third = (office.document("approved") for _ in range(3))
    Document.objects.filter(pk__in=[second.pk, third.pk]).update(kind=first.kind)
    issue(first, office.clerk)
    services.void(document=first, actor=office.head, today=TODAY, reason="对象有误")
    issue(second, office.clerk)
    issue(third, office.clerk, date(2027, 1, 4))
    mark = first.kind.series.mark
    assert [Document.objects.get(pk=one.pk).number for one in (first, second, third)] == [
        f"新国土资{mark}〔2026〕1号",
        f"新国土资{mark}〔2026〕2号",
        f"新国土资{mark}〔2027〕1号",
    ]


def test_in_bulk_each_stands_for_itself_and_one_run_renders_all(office: Office) -> None:
    good, other, bad = office.document("approved"), office.document("approved"), office.document("draft")
    done, refused = services.in_bulk(services.issue, [good, bad, other], actor=office.clerk, today=TODAY)
    assert done == [good, other]
    assert [(document, "现在不能印发" in reason) for document, reason in refused] == [(bad, True)]
    assert JobRun.objects.get(kind="render_documents").args == {"documents": sorted([good.pk, other.pk])}
    assert services.in_bulk(services.issue, [bad], actor=office.clerk, today=TODAY)[0] == []
    assert JobRun.objects.count() == 1
    assert services.in_bulk(services.approve, [], actor=office.head, today=TODAY) == ([], [])


# --- Who serves -----------------------------------------------------------------------------------


def test_serving_is_handed_to_one_who_can_and_changes_hands(office: Office) -> None:
    document = office.document("sealed")
    hand(document, office.clerk, office.officer)
    assert open_rows(document) == [(office.officer, TODAY)]
    with pytest.raises(DocumentError, match=r"已由.+送达"):
        hand(document, office.clerk, office.officer)
    hand(document, office.clerk, office.other, TODAY + DAY)
    assert open_rows(document) == [(office.other, TODAY + DAY)]
    assert [step.data for step in document.steps.all()] == [
        {"to": office.officer.name},
        {"to": office.other.name, "from": office.officer.name},
    ]
    for unable in (office.head, UserFactory(is_active=False)):
        with pytest.raises(DocumentError, match="没有送达这类文书的权限或已停用") as refused:
            hand(document, office.clerk, unable)
        assert refused.value.field == "server"


def test_one_who_is_to_serve_sees_and_serves_it_wherever_it_lies(office: Office) -> None:
    far = allow(UserFactory(), "serve_document", on=SectionFactory())
    document = office.document("sealed")
    assert not services.allowed(far, document, TODAY)
    hand(document, office.clerk, far)
    assert document in Document.objects.visible_to(far)
    assert [step.name for step in services.allowed(far, document, TODAY)] == ["hand", "serve"]


def test_who_leaves_hands_over_what_is_to_be_served(office: Office) -> None:
    document = office.document("sealed")
    hand(document, office.clerk, office.officer)
    how = {"person": office.officer, "takers": [office.other], "reason": "", "actor": office.head}
    with pytest.raises(Exception, match="不能接办"):
        hand_over(**{**how, "takers": [office.head]}, on=TODAY)
    leave(**how, on=TODAY, cancel_deputising=False, today=TODAY)
    assert [user for user, _ in open_rows(document)] == [office.other]
    assert "serve" in [step.name for step in services.allowed(office.other, document, TODAY)]


def test_a_void_document_is_nobodys_work(office: Office) -> None:
    document = office.document("sealed")
    hand(document, office.clerk, office.officer)
    hand_over(person=office.officer, takers=[office.other], on=TODAY + 5 * DAY, reason="", actor=office.head)
    services.void(document=document, actor=office.head, today=TODAY + DAY, reason="对象有误")
    rows = Assignment.objects.filter(object_id=document.pk, task=SERVING)
    assert [(row.user, row.ends_on) for row in rows] == [(office.officer, TODAY + DAY)]
    end_work(task=SERVING, subject=document, on=TODAY + 9 * DAY)
    assert [row.ends_on for row in rows.all()] == [TODAY + DAY], "what has ended stays"


def test_a_server_who_was_just_appointed_by_somebody_else(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = office.document("sealed")
    monkeypatch.setattr("landbureau.documents.services.life.serving", lambda document: None)
    Assignment.objects.create(user=office.other, task=SERVING, subject=document, starts_on=TODAY)
    with pytest.raises(DocumentError, match=r"已由.+承办") as refused:
        hand(document, office.clerk, office.officer)
    assert refused.value.field == "server"


# --- The record -----------------------------------------------------------------------------------


def test_every_step_is_in_the_life_of_the_document(office: Office) -> None:
    document = office.document("draft", serve_within_days=None)
    services.submit(document=document, actor=office.clerk, today=TODAY)
    approve(document, office.head)
    issue(document, office.clerk)
    Document.objects.filter(pk=document.pk).update(sha256="a" * 64)
    seal(document, office.other)
    hand(document, office.head, office.officer)
    services.void(document=document, actor=office.leader, today=TODAY, reason="对象有误")
    assert [(step.action, step.actor, step.reason) for step in document.steps.all()] == [
        ("submitted", office.clerk, ""),
        ("approved", office.head, ""),
        ("issued", office.clerk, ""),
        ("sealed", office.other, ""),
        ("handed", office.head, f"由{office.officer}送达"),
        ("voided", office.leader, "对象有误"),
    ]
    assert document.serve_by is None
    assert document.version == 7


def test_a_document_without_steps_is_a_draft_to_its_reader(office: Office) -> None:
    document = DocumentFactory(section=office.section)
    with pytest.raises(DocumentError, match="（最近一步：拟稿）"):
        approve(document, office.head)
