"""Wordings: taken apart, compared, checked, saved as versions; documents keep theirs."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbureau.accounts.models import User
from landbureau.audit.models import Entry
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Kind, KindField, Wording
from landbureau.documents.services import draft_document, edit_draft, issue
from landbureau.documents.services.kinds import WordingConflict, WordingWrong, sample_content, save_wording
from landbureau.documents.wordings import compare, marked, normalized
from tests.documents.factories import KindFactory, WordingFactory, make_issued
from tests.factories import SectionFactory, UserFactory, allow

TODAY = date(2026, 11, 23)
TEXTS = st.text("甲乙丙{}[]12。\n", max_size=40)


# --- Text taken apart ------------------------------------------------------------------------------------


def test_placeholders_and_brackets_are_marked() -> None:
    assert marked("请于{日期}前[[，携{材料}]]办理。") == [
        [
            ("same", "请于"),
            ("slot", "日期"),
            ("same", "前"),
            ("mark", "[["),
            ("same", "，携"),
            ("slot", "材料"),
            ("mark", "]]"),
            ("same", "办理。"),
        ]
    ]


def test_a_change_inside_a_paragraph_is_shown_by_its_characters() -> None:
    (line,) = compare("请于{日期}前缴清。", "请于{限期}前（含当日）缴清。")
    assert line.state == "changed"
    assert line.parts == [
        ("same", "请于"),
        ("removed", "{日期}"),
        ("added", "{限期}"),
        ("same", "前"),
        ("added", "（含当日）"),
        ("same", "缴清。"),
    ]


def test_paragraphs_that_have_nothing_in_common_are_removed_and_added() -> None:
    assert [line.state for line in compare("甲甲甲\n相同", "乙乙乙\n相同\n新增")] == [
        "removed",
        "added",
        "same",
        "added",
    ]


@given(TEXTS, TEXTS)
def test_a_comparison_contains_both_texts_completely(old: str, new: str) -> None:
    old, new = normalized(old), normalized(new)

    def side(*states: str) -> list[str]:
        lines = ["".join(text for state, text in line.parts if state in states) for line in compare(old, new)]
        return [text for text in lines if text]

    assert side("same", "removed") == old.splitlines()
    assert side("same", "added") == new.splitlines()


@given(TEXTS)
def test_marking_loses_no_character(text: str) -> None:
    text = normalized(text)
    shown = [
        "".join(f"{{{part}}}" if state == "slot" else part for state, part in line) for line in marked(text)
    ]
    assert shown == text.splitlines()


# --- Versions --------------------------------------------------------------------------------------------


@pytest.fixture
def kind() -> Kind:
    kind = KindFactory(shipped={"wording": "请于{日期}前办理。"})
    KindField.objects.create(kind=kind, name="日期", type="date", required=True)
    KindField.objects.create(kind=kind, name="金额", type="money")
    WordingFactory(kind=kind, text="请于{日期}前办理。", shipped=True)
    return kind  # type: ignore[no-any-return]


@pytest.fixture
def admin() -> User:
    return UserFactory(name="林改字")  # type: ignore[no-any-return]


def save(kind: Kind, actor: User, text: str, *, seen: int = 1, reason: str = "更清楚") -> Wording:
    return save_wording(kind=kind, text=text, reason=reason, actor=actor, seen=seen)


@pytest.mark.django_db
def test_a_new_text_is_a_new_version_with_who_when_and_why(kind: Kind, admin: User) -> None:
    saved = save(kind, admin, "  请于{日期}前（含当日）办理。\r\n\r\n缴{金额}（{金额大写}）。 ")
    assert (saved.number, saved.written_by, saved.reason, saved.shipped) == (2, admin, "更清楚", False)
    assert saved.text == "请于{日期}前（含当日）办理。\n缴{金额}（{金额大写}）。"
    assert kind.wordings.get(number=1).text == "请于{日期}前办理。"
    assert Entry.objects.filter(content_type__model="wording", action=Entry.Action.CREATE).exists()


@pytest.mark.django_db
def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten(kind: Kind, admin: User) -> None:
    first = save(kind, admin, "请在{日期}前办理。")
    with pytest.raises(WordingConflict, match="林改字已保存第2版") as caught:
        save(kind, UserFactory(), "务必于{日期}前办理。")
    assert caught.value.current == first
    assert kind.wordings.count() == 2
    assert save(kind, UserFactory(), "务必于{日期}前办理。", seen=2).number == 3


@pytest.mark.django_db
def test_a_text_that_cannot_be_filled_in_is_refused_with_the_paragraph(kind: Kind, admin: User) -> None:
    with pytest.raises(WordingWrong) as caught:
        save(kind, admin, "请于{期限}前办理。\n[[见{日期}。\n金额{金额")
    assert [error.split("：")[0] for error in caught.value.errors] == ["第1段", "第2段", "第3段"]
    assert "期限" in caught.value.errors[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "reason", "field"),
    [("请于{日期}前办理。\n", "没有改", "text"), ("请在{日期}前办理。", "  ", "reason")],
)
def test_no_change_and_no_reason_are_refused(
    kind: Kind, admin: User, text: str, reason: str, field: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        save(kind, admin, text, reason=reason)
    assert caught.value.field == field
    assert kind.wordings.count() == 1


@pytest.mark.django_db
def test_going_back_to_the_delivered_text_follows_deliveries_again(kind: Kind, admin: User) -> None:
    save(kind, admin, "请在{日期}前办理。")
    back = save(kind, admin, "请于{日期}前办理。", seen=2, reason="恢复第1版")
    assert (back.number, back.shipped) == (3, True)


@pytest.mark.django_db
def test_a_kind_without_a_text_gets_its_first(admin: User) -> None:
    kind = KindFactory()
    assert save(kind, admin, "请到{单位}办理。", seen=0).number == 1


@pytest.mark.django_db
def test_a_sample_shows_optional_parts_only_when_they_are_filled(kind: Kind, admin: User) -> None:
    text = "请于{日期}前办理[[，缴{金额}]]。"
    full, sparse = (
        sample_content(kind=kind, text=text, viewer=admin, today=TODAY, sparse=sparse)["blocks"][0]["text"]  # type: ignore[typeddict-item]
        for sparse in (False, True)
    )
    assert full == "请于2026年11月23日前办理，缴1234567.80元。"
    assert sparse == "请于2026年11月23日前办理。"


# --- Documents keep the wording they were composed with --------------------------------------------------


def said(document: object) -> str:
    return "".join(block["text"] for block in document.content["blocks"])  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_draft_keeps_its_wording_until_it_is_edited(kind: Kind, admin: User) -> None:
    section = SectionFactory()
    clerk = allow(UserFactory(section=section), "create_document", on=section)
    draft = draft_document(
        kind=kind,
        addressee="邢台示例装备有限公司",
        values={"日期": TODAY},
        section=section,
        drafter=clerk,
        today=TODAY,
    )
    save(kind, admin, "务必于{日期}前办理。")
    draft.refresh_from_db()
    assert said(draft) == "请于2026年11月23日前办理。"
    edit_draft(
        document=draft,
        version=draft.version,
        actor=clerk,
        today=TODAY,
        addressee=draft.addressee,
        values={"日期": TODAY},
        title=draft.title,
        matter="",
        place="",
        township=None,
        village=None,
        attachments=[],
        copies_to=[],
        note="",
    )
    draft.refresh_from_db()
    assert said(draft) == "务必于2026年11月23日前办理。"
    assert draft.wording.number == 2


@pytest.mark.django_db
def test_an_approved_draft_is_issued_in_the_wording_that_was_approved(kind: Kind, admin: User) -> None:
    section = SectionFactory()
    clerk = allow(UserFactory(section=section), "create_document", on=section)
    Kind.objects.filter(pk=kind.pk).update(approval=Kind.Approval.AUTOMATIC)
    draft = draft_document(
        kind=Kind.objects.get(pk=kind.pk),
        addressee="邢台示例装备有限公司",
        values={"日期": TODAY},
        section=section,
        drafter=clerk,
        today=TODAY,
        submit=True,
    )
    save(kind, admin, "务必于{日期}前办理。")
    issued = issue(document=draft, actor=clerk, today=TODAY)
    assert said(issued) == "请于2026年11月23日前办理。"


@pytest.mark.django_db
def test_an_issued_document_never_changes_with_its_kind(kind: Kind, admin: User) -> None:
    document = make_issued(kind=kind, wording=kind.wordings.get())
    before = document.content
    save(kind, admin, "务必于{日期}前办理。")
    kind.fields.update(help_text="改")
    document.refresh_from_db()
    assert document.content == before
    assert document.wording.number == 1
