"""Kinds and methods are delivered; a kind is rows and a text; what the bureau wrote stays."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from landbureau.audit.models import Entry
from landbureau.documents import shipped
from landbureau.documents.admin import FIELD_NAME
from landbureau.documents.content import Content, check_wording, missing_required, names_of
from landbureau.documents.models import Kind, KindField, Series, ServiceMethod, ServiceRecord, Wording
from landbureau.documents.services import draft_document
from landbureau.documents.services.kinds import sample_content
from tests.factories import SectionFactory, UserFactory

pytestmark = pytest.mark.django_db

FOLDER: Path = settings.FIXTURES_DIR / "documents"
KIND = {
    "code": "site_notice",
    "title": "现场核查通知单",
    "family": "notice",
    "layout": "notice",
    "series": "notice",
    "approval": "section_head",
    "legal_basis": "《测试办法》第三条",
    "mark": "unchecked",
    "addressee_label": "受送达人",
    "own_title": "0",
    "needs_seal": "1",
    "needs_service": "1",
    "two_servers": "0",
    "serve_within_days": "3",
    "repeat_after_days": "",
    "by_hand": "1",
    "note": "",
}
FIELD = {
    "kind": "site_notice",
    "name": "核查日期",
    "type": "date",
    "unit": "",
    "required": "1",
    "help_text": "到现场的日期",
    "sample": "2026-12-01",
    "lowest": "",
    "highest": "",
    "at_most": "",
    "not_before": "",
}
TEXT = "我局定于{核查日期}到现场核查。"


def deliver(folder: Path, *, text: str = TEXT, kind: dict[str, str] | None = None, **field: str) -> None:
    """A delivery of one kind with one field, loaded from ``folder``."""
    _write(folder / "series.csv", [{"code": "notice", "name": "通知", "mark": "通"}])
    _write(folder / "kinds.csv", [KIND | (kind or {})])
    _write(folder / "fields.csv", [FIELD | field])
    (folder / "wordings").mkdir(exist_ok=True)
    (folder / "wordings" / "site_notice.txt").write_text(text + "\n", encoding="utf-8")
    shipped.load_folder(folder)


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def words_of(content: Content) -> str:
    paragraphs = [block for block in content["blocks"] if block["type"] == "paragraph"]
    return "".join(paragraph["head"] + paragraph["text"] for paragraph in paragraphs)


def everything() -> list[Any]:
    models = (Series, Kind, KindField, Wording, ServiceMethod)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


# --- What is delivered -----------------------------------------------------------------------------------


def test_after_migrate_alone_every_kind_can_be_drafted_and_says_where_its_rules_come_from() -> None:
    kinds = {kind.code: kind for kind in Kind.objects.all()}
    assert {"letter", "notice", "payment_reminder", "payment_demand"} <= kinds.keys()
    assert {"tracking_card", "service_receipt"} <= kinds.keys()
    for kind in kinds.values():
        assert kind.legal_basis, kind
        assert kind.get_mark_display() != kind.mark, kind
        if kind.serve_within_days or kind.repeat_after_days:
            assert "本单位内部要求" in kind.note, kind


def test_the_demand_is_served_by_two_and_repeated_and_the_reminder_is_not() -> None:
    demand, reminder = Kind.objects.get(code="payment_demand"), Kind.objects.get(code="payment_reminder")
    assert (demand.two_servers, demand.serve_within_days, demand.repeat_after_days) == (True, 3, 30)
    assert (reminder.serve_within_days, reminder.repeat_after_days) == (5, None)
    assert demand.series == reminder.series == Series.objects.get(mark="催")


@pytest.mark.parametrize("code", [path.stem for path in sorted((FOLDER / "wordings").glob("*.txt"))])
def test_delivered_wordings_can_be_filled_in_with_and_without_optional_fields(code: str) -> None:
    kind = Kind.objects.get(code=code)
    fields = list(kind.fields.all())
    wording = Wording.objects.get(kind=kind)
    assert check_wording(wording.text, names_of(fields)) == []
    assert all(FIELD_NAME.fullmatch(field.name) for field in fields)
    viewer = UserFactory(section=SectionFactory())
    for sparse in (False, True):
        content = sample_content(
            kind=kind, text=wording.text, viewer=viewer, today=date(2026, 11, 21), sparse=sparse
        )
        assert missing_required(fields, content) == []
        said = words_of(content)
        assert not any(mark in said for mark in ("{", "[[", "【", "元元", "日日", "‰‰", "，，", "。。")), said


def test_the_demand_without_agreed_damages_does_not_speak_of_an_amount() -> None:
    kind = Kind.objects.get(code="payment_demand")
    text = Wording.objects.get(kind=kind).text
    viewer = UserFactory()
    full, sparse = (
        words_of(sample_content(kind=kind, text=text, viewer=viewer, today=date(2027, 1, 8), sparse=sparse))
        for sparse in (False, True)
    )
    assert "1‰" in full
    assert "53928.00元（人民币伍万叁仟玖佰贰拾捌元整）" in full
    assert "‰" not in sparse
    assert "53928" not in sparse
    assert "应当依照约定承担违约责任" in sparse


def test_methods_ask_for_entries_that_the_receipt_has() -> None:
    names = {field.name for field in ServiceRecord._meta.get_fields()}
    methods = list(ServiceMethod.objects.all())
    assert len(methods) >= 6
    for method in methods:
        assert set(method.required) <= names, method
        assert method.source, method


# --- A kind is rows and a text ---------------------------------------------------------------------------


def test_a_kind_is_added_by_rows_and_a_text_and_can_be_drafted_at_once(tmp_path: Path) -> None:
    deliver(tmp_path)
    draft = draft_document(
        kind="site_notice",
        addressee="邢台示例装备有限公司",
        values={"核查日期": date(2026, 12, 1)},
        section=SectionFactory(),
        drafter=None,
        today=date(2026, 11, 21),
    )
    assert draft.title == "现场核查通知单"
    assert draft.content["blocks"] == [
        {"type": "paragraph", "level": 0, "head": "", "text": "我局定于2026年12月1日到现场核查。"}
    ]


def test_loading_again_changes_nothing(tmp_path: Path) -> None:
    before = everything()
    shipped.load_folder(FOLDER)
    assert everything() == before


def test_untouched_values_follow_a_new_delivery_and_the_record_says_so(tmp_path: Path) -> None:
    deliver(tmp_path)
    deliver(
        tmp_path,
        kind={"approval": "leader", "serve_within_days": "7"},
        help_text="约定到现场的日期",
        text="新：" + TEXT,
    )
    kind = Kind.objects.get(code="site_notice")
    assert (kind.approval, kind.serve_within_days) == ("leader", 7)
    assert kind.fields.get().help_text == "约定到现场的日期"
    assert [(w.number, w.shipped, w.reason) for w in kind.wordings.all()] == [
        (2, True, "随程序更新"),
        (1, True, ""),
    ]
    entry = Entry.objects.filter(content_type__model="kind", object_pk=str(kind.pk)).latest("pk")
    assert entry.changes["approval"] == ["section_head", "leader"]


def test_what_the_bureau_decided_stays(tmp_path: Path) -> None:
    deliver(tmp_path)
    kind = Kind.objects.get(code="site_notice")
    Kind.objects.update(approval="leader")
    kind.fields.update(required=False)
    Wording.objects.create(kind=kind, number=2, text="本局" + TEXT, reason="统一称谓")
    deliver(
        tmp_path,
        kind={"approval": "automatic", "legal_basis": "新法"},
        help_text="新说明",
        text="新：" + TEXT,
    )
    kind.refresh_from_db()
    assert (kind.approval, kind.legal_basis) == ("leader", "新法")
    field = kind.fields.get()
    assert (field.required, field.help_text) == (False, "新说明")
    current = kind.wordings.first()
    assert current is not None
    assert (current.number, current.text) == (2, "本局" + TEXT)
    assert kind.shipped["wording"] == "新：" + TEXT


def test_a_field_that_the_bureau_removed_does_not_come_back(tmp_path: Path) -> None:
    deliver(tmp_path)
    Kind.objects.get(code="site_notice").fields.all().delete()
    deliver(tmp_path, help_text="新说明")
    assert not KindField.objects.filter(kind__code="site_notice").exists()


def test_a_kind_that_is_no_longer_delivered_stays_as_it_is(tmp_path: Path) -> None:
    before = Kind.objects.filter(code="letter").values().get()
    deliver(tmp_path)
    assert Kind.objects.filter(code="letter").values().get() == before
