"""The delivered kinds as people use them: the receipt, the reminder, letters, cards of the land officers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import weasyprint
from django.conf import settings as project
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.documents import access, demo, services
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, Kind
from landbureau.documents.pdf import site_of, write_pdf
from landbureau.documents.services.kinds import sample_content
from landbureau.workdays.selectors import current_calendar
from tests.documents.desk import as_
from tests.documents.office import TODAY, Office
from tests.factories import SectionFactory, TownshipFactory, UserFactory, allow

pytestmark = pytest.mark.django_db
STAMP = {"number": "新国土资证〔2026〕17号", "date": "2026-11-22", "code": "7Q4K92MXA1B2"}
NO_ATTACHMENTS = {"attachments-TOTAL_FORMS": "0", "attachments-INITIAL_FORMS": "0"}


@pytest.fixture
def office() -> Office:
    return Office()


def sampled(code: str, **changes: Any) -> Any:
    kind = Kind.objects.get(code=code)
    wording = kind.wordings.first()
    assert wording is not None
    viewer = UserFactory(section=SectionFactory(phone="0319-1234567"))
    content: Any = sample_content(kind=kind, text=wording.text, viewer=viewer, today=TODAY)
    return {**content, "stamp": STAMP | {"address": "https://gtj.example.gov.cn/V/7Q4K92MXA1B2"}, **changes}


# --- Papers ----------------------------------------------------------------------------------------------


@pytest.mark.once
def test_a_receipt_of_its_own_is_the_receipts_form_on_one_page(monkeypatch: pytest.MonkeyPatch) -> None:
    content = sampled("service_receipt")
    receipt = content["receipt"]
    assert (receipt["title"], receipt["number"]) == ("行政处罚决定书，1份", "（示例）罚决〔2027〕3号")
    assert receipt["two_servers"]
    assert "留置送达" in receipt["methods"]
    for name in ("matter", "title", "addressee", "place", "remark"):
        receipt[name] = "园区一号路与园区中央大道交叉口东南角" * 4
    html: list[str] = []
    original = weasyprint.HTML
    monkeypatch.setattr(
        "landbureau.documents.press.weasyprint.HTML",
        lambda string, **given: html.append(string) or original(string=string, **given),  # type: ignore[func-returns-value]
    )
    written = write_pdf(content)
    assert (written.pages, written.receipt_page) == (1, None)
    assert html[0].count("<i></i>") == len(receipt["methods"])
    assert all(line in html[0] for line in ("与受送达人<br>关系", "邮件号或", "见证人签名", STAMP["number"]))
    assert 'rowspan="2">送达人签名' in html[0]
    assert not any(line in html[0] for line in ("经办人", "负责人"))


@pytest.mark.once
def test_the_reminder_is_one_page_and_its_receipt() -> None:
    written = write_pdf(sampled("payment_reminder"))
    assert (written.pages, written.receipt_page) == (2, 2)


def test_the_paper_says_where_it_is_checked() -> None:
    assert site_of("https://gtj.example.gov.cn/V/7Q4K92MXA1B2") == "gtj.example.gov.cn/verify"
    assert site_of("http://10.1.2.3:8000/V/7Q4K92MXA1B2") == "10.1.2.3:8000/verify"


# --- Letters and notices ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "changes", "missing"),
    [
        ("letter", {"addressee": " "}, "主送机关"),
        ("letter", {"title": ""}, "标题（不能只写“函”）"),
        ("notice", {"title": "通知"}, "标题（不能只写“通知”）"),
    ],
)
def test_a_letter_says_to_whom_and_about_what(
    office: Office, code: str, changes: dict[str, Any], missing: str
) -> None:
    given: dict[str, Any] = {
        "kind": code,
        "addressee": "县财政局",
        "title": "关于核对入库情况的函",
        "values": {"正文": "请核对。"},
        "section": office.section,
        "drafter": office.clerk,
        "today": TODAY,
        "submit": True,
    }
    assert services.draft_document(**given).submitted_on == TODAY
    with pytest.raises(DocumentError, match="送审前须填写：") as refused:
        services.draft_document(**{**given, **changes})
    assert missing in refused.value.message


def test_the_form_of_a_letter_begins_without_a_title_and_of_a_named_notice_with_it(office: Office) -> None:
    allow(office.clerk, "create_notice", on=office.section)
    titles = {}
    for code in ("letter", "payment_demand"):
        answer = as_(office.clerk).get(reverse("documents:draft", args=[code]))
        titles[code] = answer.context["form"]["title"].value()
    assert titles == {"letter": "", "payment_demand": "出让金催缴通知单"}


# --- Cards of the land officers --------------------------------------------------------------------------


def officer_of(office: Office) -> User:
    return allow(UserFactory(), "create_visit", "view_visit", on=office.township.office)


def card(**changes: Any) -> dict[str, Any]:
    fields = Kind.objects.get(code="tracking_card").fields.filter(required=True)
    values = {f"value_{field.pk}": field.sample for field in fields}
    return NO_ATTACHMENTS | values | {"addressee": "甲公司", "title": "跟踪管理卡", "act": "submit"} | changes


def test_a_land_officer_fills_a_card_for_a_township_of_the_own_office(office: Office) -> None:
    officer, elsewhere = officer_of(office), TownshipFactory()
    url = reverse("documents:draft", args=["tracking_card"])
    page = as_(officer).get(url).context["form"]
    assert list(page.fields["township"].queryset) == [office.township]
    assert office.section in page.fields["section"].queryset

    for township in ("", elsewhere.pk):
        refused = as_(officer).post(url, card(section=office.section.pk, township=township, act="save"))
        assert "township" in refused.context["form"].errors
    as_(officer).post(url, card(section=office.section.pk, township=office.township.pk))
    document = Document.objects.get()
    assert (document.drafted_by, document.township, document.section) == (
        officer,
        office.township,
        office.section,
    )
    assert document.approved_on is not None


def test_a_land_officer_does_not_move_a_card_to_another_township(office: Office) -> None:
    officer = officer_of(office)
    given: dict[str, Any] = {
        "addressee": "甲公司",
        "values": {},
        "title": "跟踪管理卡",
        "matter": "",
        "village": None,
    }
    draft = services.draft_document(
        kind="tracking_card",
        section=office.section,
        drafter=officer,
        today=TODAY,
        township=office.township,
        **given,
    )
    with pytest.raises(DocumentError) as refused:
        services.edit_draft(
            document=draft,
            version=draft.version,
            actor=officer,
            today=TODAY,
            township=TownshipFactory(),
            place="",
            attachments=[],
            copies_to=[],
            note="",
            **given,
        )
    assert refused.value.field == "township"


def test_clerks_read_cards_and_do_not_write_them(office: Office) -> None:
    reader = allow(UserFactory(), "view_visit", "create_document")
    assert not access.sections_to_draft(reader, Kind.Family.VISIT).exists()
    draft = services.draft_document(
        kind="tracking_card",
        addressee="甲公司",
        values={},
        section=office.section,
        drafter=officer_of(office),
        today=TODAY,
        township=office.township,
    )
    assert draft in Document.objects.visible_to(reader)
    assert draft not in Document.objects.visible_to(office.stranger)


# --- The demo's demands ----------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [0, 5, 11, 19, 96])
def test_the_demos_demands_count_lateness_and_damages_from_a_day_that_is_worked(days: int) -> None:
    today = date(2026, 10, 9) + timedelta(days=days)
    office: Any = object.__new__(demo._Office)
    office.today, office.calendar = today, current_calendar()
    office.kinds = {kind.code: kind for kind in Kind.objects.all()}
    table = project.FIXTURES_DIR / "demo" / "documents-xinhe.csv"
    rows = [row for row in demo.read_table(table) if row["种类"] == "payment_demand"]
    assert rows
    for row in rows:
        values = SimpleNamespace(**office._values(row))
        assert office.calendar.day(values.应缴日期).is_workday
        assert (values.计算截止日期 - values.应缴日期).days == values.逾期天数 > 0
        damages = Decimal(values.欠缴金额) * values.逾期天数 / 1000
        assert abs(values.违约金 - damages) <= Decimal("0.005")
