"""Writing a draft on the desk: kinds, the form, preview, conflict, attachments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from landbureau.documents import services
from landbureau.documents.forms_draft import AmountField, TableField
from landbureau.documents.models import Document, Kind, KindField
from tests.documents.desk import as_, blank_pdf
from tests.documents.factories import KindFactory, WordingFactory
from tests.documents.office import TODAY, Office
from tests.factories import SectionFactory, TownshipFactory, UserFactory, VillageFactory, allow
from tests.web.files import picture, upload
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db
NO_ATTACHMENTS = {"attachments-TOTAL_FORMS": "2", "attachments-INITIAL_FORMS": "0"}


@pytest.fixture(autouse=True)
def paper() -> Iterator[mock.Mock]:
    with (
        time_machine.travel("2026-11-23T09:00:00+08:00", tick=False),
        mock.patch("landbureau.documents.previews.write_pdf", return_value=blank_pdf()) as write,
    ):
        yield write


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def kind() -> Kind:
    """A notice with one field of every type."""
    kind: Kind = KindFactory(code="offer", title="限期缴款通知", note="催缴用", needs_service=True)
    for order, (name, type_, required) in enumerate(
        (
            ("编号", "text", True),
            ("说明", "long", False),
            ("期限", "date", True),
            ("金额", "money", True),
            ("面积", "number", False),
            ("明细", "table", False),
        )
    ):
        KindField.objects.create(kind=kind, name=name, type=type_, required=required, order=order)
    WordingFactory(kind=kind, text="请于{期限}前缴纳{金额}元（{编号}）。[[面积{面积}。]]\n{说明}\n{明细}")
    return kind


def field(kind: Kind, name: str) -> str:
    return f"value_{kind.fields.get(name=name).pk}"


def filled(kind: Kind, office: Office, **changes: Any) -> dict[str, Any]:
    """A form that is right, with some entries changed."""
    data = NO_ATTACHMENTS | {
        "addressee": "邢台测试有限公司",
        "title": "限期缴款通知",
        "matter": "第2期价款",
        "section": office.section.pk,
        "place": "测试路1号",
        field(kind, "编号"): "新土让〔2025〕31号",
        field(kind, "期限"): "2026-12-18",
        field(kind, "金额"): "２，５６８，０００．００",
        field(kind, "明细"): "期次\t金额\n第1期\t100\n第2期\t200",
    }
    return data | changes


def send(office: Office, kind: Kind, act: str, url: str = "", **changes: Any) -> Any:
    url = url or reverse("documents:draft", args=[kind.code])
    return as_(office.clerk).post(url, filled(kind, office, act=act, **changes))


# --- Choosing a kind -------------------------------------------------------------------------------------


def test_kinds_of_the_families_that_one_may_draft_are_offered(office: Office) -> None:
    KindFactory(title="可拟的公文")
    KindFactory(title="停用的公文", is_active=False)
    KindFactory(title="系统生成的公文", by_hand=False)
    KindFactory(title="催缴的文书", family=Kind.Family.NOTICE)
    url = reverse("documents:new")
    body = body_of(as_(office.clerk).get(url))
    assert "可拟的公文" in body
    assert not {"停用的公文", "系统生成的公文", "催缴的文书"} & {
        title for title in ("停用的公文", "系统生成的公文", "催缴的文书") if title in body
    }
    assert "催缴的文书" in body_of(as_(allow(office.clerk, "create_notice", on=office.section)).get(url))
    assert as_(office.officer).get(url).status_code == 403


@pytest.mark.parametrize("change", [{"is_active": False}, {"by_hand": False}])
def test_a_kind_that_is_not_offered_has_no_form(office: Office, kind: Kind, change: dict[str, Any]) -> None:
    Kind.objects.filter(pk=kind.pk).update(**change)
    assert as_(office.clerk).get(reverse("documents:draft", args=["offer"])).status_code == 404


def test_who_may_draft_nothing_of_the_family_gets_no_form(office: Office, kind: Kind) -> None:
    url = reverse("documents:draft", args=["offer"])
    assert as_(office.head).get(url).status_code == 403
    assert as_(office.head).post(url, filled(kind, office, act="save")).status_code == 403
    assert not Document.objects.exists()


# --- The form --------------------------------------------------------------------------------------------


def test_what_was_filled_in_becomes_a_draft(office: Office, kind: Kind) -> None:
    response = send(office, kind, "save", copies_to="水务局、财政局，寻寨镇政府", note="联系人：张测")
    document = Document.objects.get()
    assert response.headers["Location"] == document.get_absolute_url()
    assert (document.drafted_by, document.section, document.submitted_on) == (
        office.clerk,
        office.section,
        None,
    )
    content = document.content
    assert content["values"]["金额"] == "2568000.00"
    assert content["values"]["明细"] == [["期次", "金额"], ["第1期", "100"], ["第2期", "200"]]
    assert content["copies_to"] == ["水务局", "财政局", "寻寨镇政府"]
    assert content["receipt"]["place"] == "测试路1号"


def test_a_draft_may_be_half_filled_but_not_sent_for_approval(office: Office, kind: Kind) -> None:
    gaps = {field(kind, "金额"): "", "addressee": ""}
    body = body_of(send(office, kind, "submit", **gaps))
    assert body.count("is-invalid") == 2
    assert 'href="#id_addressee">受送达人</a>' in body, "the head of the form leads to what is missing"
    assert f'href="#id_{field(kind, "金额")}">金额</a>' in body
    assert "新土让〔2025〕31号" in body, "what was typed is kept"
    assert not Document.objects.exists()
    assert send(office, kind, "save", **gaps).status_code == 302
    body = body_of(as_(office.clerk).get(Document.objects.get().get_absolute_url()))
    assert "送审前还须填写：受送达人、金额" in body


def test_saved_and_sent_for_approval_at_once(office: Office, kind: Kind) -> None:
    send(office, kind, "submit")
    assert Document.objects.get().submitted_on == TODAY


def test_a_kind_without_approval_can_be_issued_at_once(office: Office, kind: Kind) -> None:
    Kind.objects.filter(pk=kind.pk).update(approval=Kind.Approval.AUTOMATIC)
    send(office, kind, "submit")
    assert Document.objects.get().approved_on == TODAY


@pytest.mark.parametrize(
    ("name", "typed"),
    [("金额", "二百万"), ("金额", "1.234"), ("期限", "12月18日"), ("面积", "约3亩"), ("明细", "只有表头")],
)
def test_a_wrong_entry_is_told_at_its_place_and_nothing_is_lost(
    office: Office, kind: Kind, name: str, typed: str
) -> None:
    body = body_of(send(office, kind, "save", **{field(kind, name): typed}))
    assert f"id_{field(kind, name)}_error" in body or "is-invalid" in body
    assert typed in body
    assert "邢台测试有限公司" in body
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("typed", "value"),
    [("2,568,000.00", "2568000.00"), ("１２３", "123"), (" 1 000.5 ", "1000.5"), ("1，000", "1000")],
)
def test_amounts_are_read_as_people_paste_them(typed: str, value: str) -> None:
    assert str(AmountField(max_digits=16, decimal_places=2).clean(typed)) == value


def test_cells_from_excel_become_a_table_with_rows_of_one_width() -> None:
    table = TableField(required=False)
    assert table.clean("宗地\t面积\t备注\r\n一号 \t26680\r\n\r\n二号\t1\t无") == [
        ["宗地", "面积", "备注"],
        ["一号", "26680", ""],
        ["二号", "1", "无"],
    ]
    assert table.clean("") == []


def test_a_village_belongs_to_its_township(office: Office, kind: Kind) -> None:
    town, elsewhere = TownshipFactory(name="甲镇"), VillageFactory(name="乙村")
    body = body_of(send(office, kind, "save", township=town.pk, village=elsewhere.pk))
    assert "乙村不属于甲镇。" in body
    send(office, kind, "save", village=elsewhere.pk)
    assert Document.objects.get().township == elsewhere.township


def test_one_chooses_among_the_sections_in_which_one_may_draft(office: Office, kind: Kind) -> None:
    url = reverse("documents:draft", args=["offer"])
    elsewhere = SectionFactory(name="外单位股")
    assert '<select name="section"' not in body_of(as_(office.clerk).get(url))
    send(office, kind, "save", section=elsewhere.pk)
    assert not Document.objects.exists(), "not where the person may not"
    allow(office.clerk, "create_document", on=elsewhere)
    assert '<select name="section"' in body_of(as_(office.clerk).get(url))


def test_who_drafts_only_own_work_drafts_for_the_own_section(kind: Kind) -> None:
    section = SectionFactory()
    inspector = UserFactory(section=section)
    allow(inspector, "create_document", "view_document", on=inspector)
    office = Office()
    office.clerk, office.section = inspector, section
    send(office, kind, "save")
    assert Document.objects.get().section == section


# --- Preview ---------------------------------------------------------------------------------------------


def test_the_preview_shows_pages_and_keeps_nothing(office: Office, kind: Kind, paper: mock.Mock) -> None:
    body = body_of(send(office, kind, "preview", **{field(kind, "编号"): "预览第一稿"}))
    assert body.count("data:image/png;base64,") == 2
    assert "第 2 页起为送达回证" in body
    assert "预览第一稿" in body
    (content,) = paper.call_args.args
    assert "预览第一稿" in content["blocks"][0]["text"]
    assert not Document.objects.exists()


def test_the_preview_of_a_wrong_entry_says_what_to_correct(
    office: Office, kind: Kind, paper: mock.Mock
) -> None:
    body = body_of(send(office, kind, "preview", **{field(kind, "金额"): "很多"}))
    assert "先改正填写再预览：金额" in body
    paper.assert_not_called()


# --- Changing a draft ------------------------------------------------------------------------------------


@pytest.fixture
def drafted(office: Office, kind: Kind) -> Document:
    return services.draft_document(
        kind=kind,
        addressee="邢台测试有限公司",
        values={
            "编号": "一号",
            "期限": date(2026, 12, 18),
            "金额": "100.00",
            "明细": [["甲", "乙"], ["1", "2"]],
        },
        section=office.section,
        drafter=office.clerk,
        today=TODAY,
        matter="第2期价款",
        place="测试路1号",
        attachments=["宗地图"],
    )


def opened(document: Document, **changes: Any) -> dict[str, Any]:
    """The form as it was opened."""
    kind = document.kind
    return {
        "version": document.version,
        "opened": "{}",
        "addressee": document.addressee,
        "title": document.title,
        "matter": document.matter,
        field(kind, "编号"): "一号",
        field(kind, "期限"): "2026-12-18",
        field(kind, "金额"): "100.00",
        "attachments-TOTAL_FORMS": "3",
        "attachments-INITIAL_FORMS": "1",
        "attachments-0-title": "宗地图",
        "act": "save",
        **changes,
    }


def edit_url(document: Document) -> str:
    return reverse("documents:edit", args=[document.pk])


def test_the_form_of_a_draft_holds_what_it_says(office: Office, drafted: Document) -> None:
    body = body_of(as_(office.clerk).get(edit_url(drafted)))
    for text in (
        'value="一号"',
        'value="2026-12-18"',
        'value="100.00"',
        "甲\t乙",
        'value="宗地图"',
        "测试路1号",
    ):
        assert text in body, text


def test_a_changed_draft_is_written_anew(office: Office, drafted: Document) -> None:
    client = as_(office.other)
    response = client.post(edit_url(drafted), opened(drafted, addressee="新河测试有限公司"))
    assert response.status_code == 302
    drafted.refresh_from_db()
    assert drafted.addressee == drafted.content["addressee"] == "新河测试有限公司"
    assert drafted.steps.last().actor == office.other


def test_the_second_editor_is_told_what_the_first_changed_and_loses_nothing(
    office: Office, drafted: Document
) -> None:
    form = body_of(as_(office.clerk).get(edit_url(drafted)))
    seen = form.split('name="opened" value="', 1)[1].split('"', 1)[0].replace("&quot;", '"')
    first = opened(drafted, **{field(drafted.kind, "金额"): "999.00"})
    assert as_(office.other).post(edit_url(drafted), first).status_code == 302
    second = opened(drafted, opened=seen, matter="我写的事由")
    body = body_of(as_(office.clerk).post(edit_url(drafted), second))
    at = timezone.localtime(drafted.steps.last().at)
    assert f"已由{office.other} {at:%H:%M} 修改：“金额”由“100.00”改为“999.00”" in body
    assert "我写的事由" in body
    drafted.refresh_from_db()
    assert drafted.content["values"]["金额"] == "999.00"
    body = body_of(as_(office.other).post(edit_url(drafted), second))
    assert f"已由您本人在另一窗口 {at:%H:%M} 修改" in body
    again = second | {"version": drafted.version}
    assert as_(office.clerk).post(edit_url(drafted), again).status_code == 302
    drafted.refresh_from_db()
    assert drafted.matter == "我写的事由"


def test_what_was_sent_for_approval_is_not_edited(office: Office, drafted: Document) -> None:
    url, data = edit_url(drafted), opened(drafted, title="偷改的标题")
    services.submit(document=drafted, actor=office.clerk, today=TODAY)
    client = as_(office.clerk)
    assert client.get(url).headers["Location"] == drafted.get_absolute_url()
    for version in (data["version"], data["version"] + 1):
        body = body_of(client.post(url, data | {"version": version}))
        assert "偷改的标题" in body, "what was typed is kept"
    assert "现在不能修改" in body
    drafted.refresh_from_db()
    assert drafted.title == "限期缴款通知"
    reader = allow(UserFactory(), "view_document", on=office.section)
    services.withdraw(document=drafted, actor=office.clerk, today=TODAY)
    assert as_(reader).get(url).status_code == 403


# --- Attachments -----------------------------------------------------------------------------------------


def test_an_attachment_is_kept_with_its_file_and_stays_when_the_draft_is_saved_again(
    office: Office, drafted: Document
) -> None:
    lines = {"attachments-1-title": "", "attachments-1-file": upload(picture(), "现场照片.jpg")}
    as_(office.clerk).post(edit_url(drafted), opened(drafted, **lines))
    drafted.refresh_from_db()
    assert drafted.content["attachments"] == ["宗地图", "现场照片"]
    kept = drafted.attachments.get(title="现场照片")
    body = body_of(as_(office.clerk).get(edit_url(drafted)))
    assert f'<a href="{reverse("documents:attachment", args=[kept.pk])}">' in body
    again = opened(drafted, **{"attachments-INITIAL_FORMS": "2", "attachments-1-title": "现场照片"})
    as_(office.clerk).post(edit_url(drafted), again)
    kept.refresh_from_db()
    assert kept.file
    response = as_(office.head).get(reverse("documents:attachment", args=[kept.pk]))
    assert response.headers["Content-Type"] == "image/jpeg"
    gone = opened(drafted, version=Document.objects.get().version, **{"attachments-0-title": ""})
    as_(office.clerk).post(edit_url(drafted), gone)
    assert not drafted.attachments.exists()


def test_a_file_that_is_not_what_it_seems_is_refused_and_the_form_kept(
    office: Office, drafted: Document
) -> None:
    page = SimpleUploadedFile(
        "扫描件.pdf", b"<html><script>alert(1)</script>", content_type="application/pdf"
    )
    lines = {"attachments-1-title": "扫描件", "attachments-1-file": page, "matter": "改过的事由"}
    body = body_of(as_(office.clerk).post(edit_url(drafted), opened(drafted, **lines)))
    assert "只能上传" in body
    assert 'href="#attachments"' in body
    assert "改过的事由" in body
    assert not drafted.attachments.exclude(file="").exists()


def test_two_attachments_of_one_name_are_refused(office: Office, drafted: Document) -> None:
    body = body_of(
        as_(office.clerk).post(edit_url(drafted), opened(drafted, **{"attachments-1-title": "宗地图"}))
    )
    assert "有两份附件同名" in body
