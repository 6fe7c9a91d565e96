"""Drafts: who may write them, what they say, who has changed them meanwhile."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from landbureau.accounts.models import Bureau, User
from landbureau.documents import services
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, Kind, KindField, Step
from landbureau.documents.rules import Status
from landbureau.web.uploads import UploadRefused
from landbureau.web.versions import EditConflict
from tests.documents.factories import KindFactory, WordingFactory
from tests.documents.office import DAY, TODAY, Office
from tests.factories import OfficeFactory, UserFactory, VillageFactory
from tests.web.files import picture, upload

pytestmark = pytest.mark.django_db
VALUES = {"日期": date(2026, 12, 18), "事项": "缴款"}


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def kind() -> Kind:
    kind: Kind = KindFactory(title="缴款通知", code="payment")
    KindField.objects.create(kind=kind, name="日期", type=KindField.Type.DATE, required=True, order=1)
    KindField.objects.create(kind=kind, name="事项", type=KindField.Type.TEXT, order=2)
    WordingFactory(kind=kind)
    return kind


def draft(office: Office, kind: Kind | str, **changes: Any) -> Document:
    arguments: dict[str, Any] = {
        "kind": kind,
        "addressee": "邢台某公司",
        "values": VALUES,
        "section": office.section,
        "drafter": office.clerk,
        "today": TODAY,
    }
    return services.draft_document(**{**arguments, **changes})


def edit(office: Office, document: Document, **changes: Any) -> Document:
    arguments: dict[str, Any] = {
        "document": document,
        "version": document.version,
        "actor": office.other,
        "today": TODAY,
        "addressee": document.addressee,
        "values": VALUES,
        "title": document.title,
        "matter": document.matter,
        "place": "",
        "township": None,
        "village": None,
        "attachments": [],
        "copies_to": [],
        "note": "",
    }
    return services.edit_draft(**{**arguments, **changes})


def actions(document: Document) -> list[tuple[str, User | None]]:
    return [(step.action, step.actor) for step in document.steps.all()]


def test_a_draft_is_written_in_the_current_wording_of_its_kind(office: Office, kind: Kind) -> None:
    newest = WordingFactory(kind=kind, number=2, text="请于{日期}前{事项}。")
    document = draft(office, "payment", matter="第2期价款", place="寻寨镇1号")
    document.refresh_from_db()
    assert document.wording == newest
    assert (document.title, document.family, document.drafted_on) == ("缴款通知", kind.family, TODAY)
    assert document.content["blocks"][0]["text"] == "请于2026年12月18日前缴款。"
    assert document.content["issuer"] == Bureau.objects.get().name
    assert document.content["contact"] == {
        "section": office.section.name,
        "person": office.clerk.name,
        "phone": "0319-1234567",
    }
    assert document.content["receipt"]["place"] == "寻寨镇1号"
    assert "stamp" not in document.content
    assert document.status(TODAY) == Status.DRAFT
    assert actions(document) == [("drafted", office.clerk)]


def test_the_contact_has_the_bureaus_telephone_where_the_section_has_none(office: Office, kind: Kind) -> None:
    Bureau.objects.update(phone="0319-7654321")
    office.section.phone = ""
    office.section.save()
    document = draft(office, kind, contact=office.other)
    assert document.content["contact"]["phone"] == "0319-7654321"
    assert document.content["contact"]["person"] == office.other.name


def test_an_officer_is_named_with_the_office_if_it_has_a_telephone(office: Office, kind: Kind) -> None:
    station = OfficeFactory(name="示例国土所", phone="0319-2222222")
    officer = UserFactory(name="王海燕", office=station)
    contact = {"section": "示例国土所", "person": "王海燕", "phone": "0319-2222222"}
    assert draft(office, kind, contact=officer).content["contact"] == contact
    station.phone = ""
    station.save()
    contact = {"section": office.section.name, "person": "", "phone": "0319-1234567"}
    assert draft(office, kind, contact=officer).content["contact"] == contact


def test_a_village_brings_its_township_and_any_row_may_be_the_subject(office: Office, kind: Kind) -> None:
    village = VillageFactory()
    document = draft(office, kind, village=village, subject=village)
    document.refresh_from_db()
    assert (document.township, document.subject) == (village.township, village)


def test_the_system_drafts_and_submits(office: Office, kind: Kind) -> None:
    document = draft(office, kind, drafter=None, submit=True)
    assert document.submitted_on == TODAY
    assert document.approved_on is None
    assert document.content["contact"]["person"] == ""
    assert actions(document) == [("drafted", None), ("submitted", None)]


def test_a_kind_without_approval_is_approved_when_submitted(office: Office, kind: Kind) -> None:
    kind.approval = Kind.Approval.AUTOMATIC
    kind.save()
    document = draft(office, kind, submit=True)
    assert document.status(TODAY) == Status.APPROVED
    assert actions(document)[1:] == [("submitted", office.clerk), ("approved", None)]


def test_a_draft_without_what_is_required_is_kept_but_not_submitted(office: Office, kind: Kind) -> None:
    document = draft(office, kind, values={}, addressee="")
    with pytest.raises(DocumentError, match="送审前须填写：受送达人、日期。"):
        services.submit(document=document, actor=office.clerk, today=TODAY)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"is_active": False}, "已停用"),
        ({"by_hand": False}, "不能手工拟稿"),
    ],
)
def test_kinds_that_are_not_for_drafting(
    office: Office, kind: Kind, change: dict[str, bool], message: str
) -> None:
    Kind.objects.filter(pk=kind.pk).update(**change)
    with pytest.raises(DocumentError, match=message):
        draft(office, "payment")
    if "by_hand" in change:
        assert draft(office, "payment", subject=office.section).pk
        assert draft(office, "payment", drafter=None).pk


def test_nobody_drafts_for_a_section_without_the_permission(office: Office, kind: Kind) -> None:
    for person in (office.officer, office.stranger, office.head):
        with pytest.raises(DocumentError, match="没有为"):
            draft(office, kind, drafter=person)
    assert not Document.objects.exists()


def test_a_kind_without_wording_is_told(office: Office) -> None:
    with pytest.raises(DocumentError, match="还没有用语"):
        draft(office, KindFactory())


@pytest.mark.parametrize("name", ["title", "addressee", "matter"])
def test_what_does_not_fit_is_refused_at_its_field(office: Office, kind: Kind, name: str) -> None:
    with pytest.raises(DocumentError, match="不能超过 120 字") as refused:
        draft(office, kind, **{name: "长" * 121})
    assert refused.value.field == name


def test_a_value_that_does_not_fit_its_field_is_refused_there(office: Office, kind: Kind) -> None:
    with pytest.raises(DocumentError) as refused:
        draft(office, kind, values={"日期": "明天"})
    assert refused.value.field == "日期"


def test_an_edit_composes_anew_and_is_recorded(office: Office, kind: Kind) -> None:
    document = draft(office, kind, attachments=["甲", "乙", "甲"], place="旧址")
    newest = WordingFactory(kind=kind, number=2, text="{事项}。")
    edit(
        office,
        document,
        values={"日期": date(2026, 12, 1), "事项": "改"},
        attachments=["乙", "丙"],
        place="新址",
    )
    document = Document.objects.get(pk=document.pk)
    assert document.wording == newest
    assert document.content["blocks"][0]["text"] == "改。"
    assert document.content["attachments"] == ["乙", "丙"]
    assert [row.title for row in document.attachments.all()] == ["乙", "丙"]
    assert document.content["receipt"]["place"] == "新址"
    assert document.content["contact"]["person"] == office.clerk.name, "the contact stays"
    assert actions(document)[-1] == ("edited", office.other)


def test_the_second_editor_is_told_and_nothing_is_lost(office: Office, kind: Kind) -> None:
    document = draft(office, kind)
    opened = Document.objects.get(pk=document.pk)
    edit(office, document, matter="第一人")
    with pytest.raises(EditConflict) as conflict:
        edit(office, opened, matter="第二人", version=opened.version)
    assert conflict.value.current.matter == "第一人"  # type: ignore[attr-defined]
    assert Document.objects.get(pk=document.pk).matter == "第一人"


def test_a_submitted_draft_is_not_edited_before_it_is_withdrawn(office: Office, kind: Kind) -> None:
    document = draft(office, kind, submit=True)
    with pytest.raises(DocumentError, match=r"现在不能修改（最近一步：.+ 送审）"):
        edit(office, document)
    services.withdraw(document=document, actor=office.clerk, today=TODAY)
    edit(office, document)
    assert [action for action, _ in actions(document)] == ["drafted", "submitted", "withdrawn", "edited"]


def test_attachments_are_checked_stored_replaced_and_removed(
    office: Office,
    kind: Kind,
    settings: Any,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    document = draft(office, kind, attachments=["合同"])
    how = {"document": document, "actor": office.clerk, "today": TODAY}
    first = services.attach(**how, title="现场照片", file=upload(picture(), "IMG_1.jpg"))
    assert (first.file_name, first.mime, first.order) == ("IMG_1.jpg", "image/jpeg", 1)
    assert "IMG" not in first.file.name, "the name in storage is not to be guessed"
    with django_capture_on_commit_callbacks(execute=True):
        again = services.attach(**how, title="现场照片", file=upload(picture(colour="#123"), "IMG_2.jpg"))
    assert again.pk == first.pk
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    assert document.content["attachments"] == ["合同", "现场照片"]
    with pytest.raises(UploadRefused):
        services.attach(**how, title="网页", file=upload(b"<html>", "a.pdf"))
    document.refresh_from_db()
    with pytest.raises(DocumentError, match="附件名称"):
        services.attach(**how, title=" ")
    with pytest.raises(DocumentError, match="附件名称不能超过"):
        services.attach(**how, title="长" * 201)
    with django_capture_on_commit_callbacks(execute=True):
        edit(office, document, attachments=["合同"])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert document.content["attachments"] == ["合同"]
    assert document.steps.filter(action=Step.Action.EDITED).count() == 3


def test_a_voided_document_is_drafted_anew_with_its_files(
    office: Office, kind: Kind, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    KindField.objects.create(kind=kind, name="金额", type=KindField.Type.MONEY, order=3)
    gone = KindField.objects.create(kind=kind, name="旧栏", type=KindField.Type.TEXT, order=4)
    values = {**VALUES, "金额": Decimal("12.5"), "旧栏": "不再有"}
    document = draft(
        office, kind, values=values, matter="事由", place="地址", attachments=["清单"], note="备注"
    )
    services.attach(
        document=document, actor=office.clerk, today=TODAY, title="照片", file=upload(picture(), "a.jpg")
    )
    with pytest.raises(DocumentError, match="只有作废的文书"):
        services.redraft(document=document, drafter=office.clerk, today=TODAY)
    services.discard(document=document, actor=office.clerk, today=TODAY, reason="写错")
    gone.delete()

    copy = services.redraft(document=document, drafter=office.other, today=TODAY + DAY)
    copy.refresh_from_db()
    assert (copy.replaces, copy.matter, copy.drafted_by) == (document, "事由", office.other)
    assert copy.content["values"] == {"日期": "2026-12-18", "事项": "缴款", "金额": "12.50"}
    assert (copy.content["note"], copy.content["receipt"]["place"]) == ("备注", "地址")
    assert [row.title for row in copy.attachments.all()] == ["清单", "照片"]
    file = copy.attachments.get(title="照片")
    assert file.file.read() == picture()
    assert file.file.name != document.attachments.get(title="照片").file.name


def test_a_document_that_is_not_served_has_no_place(office: Office, kind: Kind) -> None:
    Kind.objects.filter(pk=kind.pk).update(needs_service=False)
    document = draft(office, "payment", submit=True)
    services.discard(document=document, actor=office.clerk, today=TODAY, reason="写错")
    assert services.redraft(document=document, drafter=office.clerk, today=TODAY).content["receipt"] is None
