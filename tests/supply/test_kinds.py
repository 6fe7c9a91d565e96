"""What the documents of land supply say, and how they look on paper."""

from __future__ import annotations

import logging
import re
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from landbureau.accounts.models import TownshipOffice
from landbureau.documents.models import Document, Kind
from landbureau.documents.pdf import write_pdf
from supervision.supply import kinds
from supervision.supply.errors import SupplyError
from supervision.supply.models import NoticeKind, Photo
from supervision.supply.services.papers import draft_paper
from tests.supply.factories import TODAY, happen
from tests.supply.papers import (
    DAY,
    LONG,
    OVERDUE,
    bare_supply,
    cause_of,
    draft,
    full_supply,
    instalment,
    usual_supply,
)

pytestmark = pytest.mark.django_db
STAMP = {
    "number": "新国土资建〔2026〕117号",
    "date": "2026-11-23",
    "code": "7Q4K92MXA1B2",
    "address": "https://gtj.example.gov.cn/V/7Q4K92MXA1B2",
}
FORMS = {kinds.CONTRACT_AMENDMENT, kinds.HANDOVER_CONFIRMATION, kinds.SIGN_BOARD, kinds.TRACKING_CARD}
SHORT = FORMS | {
    kinds.PAYMENT_REMINDER,
    kinds.START_REMINDER,
    kinds.COMPLETION_REMINDER,
    kinds.DEFAULT_DETERMINATION,
}
"""One page without the receipt, unless names are very long; forms always."""
CASES = [
    (kind, supplied)
    for kind in kinds.BUILDERS
    for supplied in (full_supply, bare_supply)
    if (kind, supplied) != (kinds.TERMINATION_NOTICE, bare_supply)
]


def words_of(document: Document) -> str:
    return "".join(
        block["head"] + block["text"] for block in document.content["blocks"] if block["type"] == "paragraph"
    )


def values(kind: str, supply: Any, **extra: Any) -> dict[str, Any]:
    about, event = cause_of(supply, kind)
    return kinds.values_for(kind, supply, today=TODAY, instalment=about, event=event, extra=extra)


# --- On paper --------------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(("kind", "supplied"), CASES)
def test_every_kind_is_printed_whole(kind: str, supplied: Any, caplog: pytest.LogCaptureFixture) -> None:
    supply = supplied(**OVERDUE.get(kind, {}))
    extra = {"用途": "公共设施用地"} if supplied is bare_supply and kind == kinds.SIGN_BOARD else {}
    if supplied is bare_supply and kind in (kinds.PAYMENT_REMINDER, kinds.PAYMENT_DEMAND):
        extra = {"签订日期": date(2025, 3, 1)}
    if kind == kinds.TRACKING_CARD:
        extra = {"照片编号": "20261123-01至04", "巡查人员": "王镕堃、宋示例"}
    document = draft(supply, kind, **extra)
    assert document.submitted_on == TODAY
    with caplog.at_level(logging.WARNING, "weasyprint"):
        written = write_pdf({**document.content, "stamp": STAMP})
    assert not [record for record in caplog.records if ".notdef" in record.message]
    own = written.pages if written.receipt_page is None else written.receipt_page - 1
    assert own <= (1 if kind in (FORMS if supplied is full_supply else SHORT) else 2)
    pages = PdfReader(BytesIO(written.data)).pages
    said = "".join("".join(page.extract_text().split()) for page in pages[:own])
    said = re.sub(r"—\d+—", "", said)
    to = document.addressee if kind != kinds.BRIGADE_TRANSFER else supply.land_user.name
    assert to in said
    for wrong in ("【", "{", "[[", "None", "（）", "《》", "，，", "。。", "，。", "；。", "；；"):
        assert wrong not in said
    if supplied is bare_supply:
        assert "出让" not in said.replace("示范文本", "")
        assert "‰" not in said
    for amount in re.findall(r"[0-9]+\.[0-9]{2}元", words_of(document)):
        assert amount in said


def test_kinds_are_delivered_with_their_titles_and_who_approves() -> None:
    rows = {kind.code: kind for kind in Kind.objects.all()}
    assert set(kinds.BUILDERS) <= rows.keys()
    assert {
        code: kind.title
        for code, kind in rows.items()
        if kind.approval == Kind.Approval.LEADER and code in kinds.BUILDERS
    } == {"termination_notice": "解除合同通知书", "contract_amendment": "合同变更协议"}
    assert not rows["sign_board"].needs_service
    assert not rows["brigade_transfer"].needs_service


def test_notices_of_the_sweep_name_their_documents() -> None:
    rows = NoticeKind.objects.exclude(document_kind=None)
    assert dict(rows.values_list("code", "document_kind__code")) == {
        "payment_reminder": "payment_reminder",
        "payment_demand": "payment_demand",
        "start_reminder": "start_reminder",
        "completion_reminder": "completion_reminder",
    }
    assert list(rows.filter(held=True).values_list("code", flat=True)) == ["completion_reminder"]


# --- Contract, decision, lease ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "contract", "dues"),
    [
        ("listing", "《国有建设用地使用权出让合同》", "出让金"),
        ("allocation", "《国有建设用地划拨决定书》", "划拨价款"),
        ("lease", "《国有建设用地使用权租赁合同》", "土地租金"),
    ],
)
def test_the_demand_names_what_the_land_was_supplied_by(method: str, contract: str, dues: str) -> None:
    document = draft(full_supply(method=method), kinds.PAYMENT_DEMAND)
    assert document.title == f"{dues}催缴通知单"
    assert document.matter.startswith(f"第2期{dues}催缴（")
    said = words_of(document)
    assert contract in said
    assert f"第2期{dues}至今未缴清" in said
    assert ("解除合同" in said) == (method != "allocation")


def test_an_allocation_cannot_be_terminated_as_a_contract() -> None:
    with pytest.raises(SupplyError, match="没有合同可以解除"):
        draft(bare_supply(), kinds.TERMINATION_NOTICE)


# --- Amounts and days ------------------------------------------------------------------------------------


def test_the_demand_computes_to_today_from_the_day_that_is_worked() -> None:
    supply = full_supply()
    happen(supply, "payment", TODAY - 30 * DAY, amount=Decimal("599629.65"))  # beside the deposit
    filled = values(kinds.PAYMENT_DEMAND, supply)
    due = instalment(supply)
    assert due.effective_due_on is not None
    late = (TODAY - due.effective_due_on).days
    assert (filled["应缴日期"], filled["逾期天数"], filled["计算截止日期"]) == (due.due_on, late, TODAY)
    assert filled["欠缴金额"] == Decimal(38_000_000)
    damages = 38_000 * late + Decimal("599.62965") * (late - 30)
    assert filled["违约金"] == damages.quantize(Decimal("0.01"))
    assert filled["限缴日期"] >= TODAY + 15 * DAY


def test_exempt_causes_owe_no_damages() -> None:
    supply = full_supply()
    happen(supply, "visit", TODAY - DAY)
    event = happen(supply, "determination", TODAY, track="start", cause="force_majeure", remark="洪水。")
    filled = kinds.values_for(kinds.DEFAULT_DETERMINATION, supply, today=TODAY, event=event)
    assert filled["免责原因"] == "不可抗力"
    assert filled["逾期天数"] == 60
    assert not {"违约原因", "违约金", "违约金千分比"} & filled.keys()


def test_the_determination_tells_cause_facts_and_damages_so_far() -> None:
    filled = values(kinds.DEFAULT_DETERMINATION, full_supply())
    assert filled["违约原因"] == "用地单位原因"
    assert filled["认定事实"] == "现场未进场施工，自有资金未到位"
    assert filled["违约金"] == Decimal("3859962.97")  # 128,665,432.18 × 0.5 ‰ × 60 days
    assert filled["约定日期"] == TODAY - 60 * DAY


def test_a_default_of_payment_is_told_by_its_instalment() -> None:
    supply = full_supply()
    event = happen(supply, "determination", TODAY, track="payment", cause="land_user")
    filled = kinds.values_for(kinds.DEFAULT_DETERMINATION, supply, today=TODAY, event=event)
    assert filled["约定内容"] == "缴清第2期出让金"
    assert filled["欠缴金额"] == Decimal("38599629.65")


def test_the_amendment_tells_old_and_new_dates() -> None:
    filled = values(kinds.CONTRACT_AMENDMENT, full_supply())
    assert filled["原开工日期"] == TODAY - 60 * DAY
    assert filled["新开工日期"] == TODAY + 120 * DAY
    assert filled["原竣工日期"] == TODAY + 20 * DAY
    assert filled["新竣工日期"] == TODAY + 600 * DAY
    assert filled["变更原因"].startswith("政府原因：地块内")


def test_an_amendment_of_the_completion_leaves_the_start() -> None:
    supply = full_supply()
    event = happen(
        supply, "extension_approved", TODAY, track="completion", new_due_on=TODAY + 300 * DAY, remark="雨季。"
    )
    filled = kinds.values_for(kinds.CONTRACT_AMENDMENT, supply, today=TODAY, event=event)
    assert filled["新竣工日期"] == TODAY + 300 * DAY
    assert not {"原开工日期", "新开工日期"} & filled.keys()


def test_the_reminder_asks_for_an_application_only_while_there_is_time() -> None:
    supply = full_supply(agreed_start_on=TODAY + 40 * DAY, agreed_completion_on=TODAY + 400 * DAY)
    filled = kinds.values_for(kinds.START_REMINDER, supply, today=TODAY)
    assert filled["延期申请日期"] == TODAY + 10 * DAY
    later = kinds.values_for(kinds.START_REMINDER, supply, today=TODAY + 15 * DAY)
    assert "延期申请日期" not in later


def test_what_is_given_replaces_what_follows_from_the_facts() -> None:
    filled = values(kinds.HANDOVER_CONFIRMATION, full_supply(), 土地条件="场地平整")
    assert filled["土地条件"] == "场地平整"
    assert filled["实际交地日期"] == TODAY


def test_the_board_is_for_the_public_and_is_signed_by_nobody() -> None:
    document = draft(full_supply(), kinds.SIGN_BOARD)
    form = dict(document.content["form"])
    assert form["用地单位"] == LONG
    assert form["监管单位"].endswith("地籍监管股")
    assert (form["监管电话"], form["举报电话"]) == ("0319-0000000", "12336")
    assert document.content["hands"] == []
    assert document.approved_on == TODAY


def test_the_amendment_is_signed_by_both_sides() -> None:
    document = draft(full_supply(), kinds.CONTRACT_AMENDMENT)
    assert document.content["hands"] == ["甲方（盖章）", "乙方（盖章）"]
    pages = PdfReader(BytesIO(write_pdf(document.content).data)).pages
    said = "".join(pages[0].extract_text().split())
    assert "甲方（盖章）" in said
    assert "经办人签名" not in said


# --- The card of a visit -------------------------------------------------------------------------------


def test_the_card_tells_what_the_visit_found() -> None:
    supply = full_supply()
    _, visit = cause_of(supply, kinds.TRACKING_CARD)
    assert visit is not None
    happen(supply, "deviation", TODAY, deviation="use_changed", remark="办公楼改作商铺")
    for order in range(3):
        Photo.objects.create(
            event=visit,
            supply=supply,
            order=order,
            on=TODAY,
            file="x.jpg",
            file_name="x.jpg",
            mime="image/jpeg",
            size=1,
            sha256=str(order) * 64,
        )
    filled = kinds.values_for(kinds.TRACKING_CARD, supply, today=TODAY, event=visit)
    assert filled["巡查时间"] == "10时40分"
    assert filled["照片编号"] == "20261123-01至03"
    assert filled["偏差情况"] == "改变用途：办公楼改作商铺"
    assert (filled["公示牌"], filled["建设状况"], filled["巡查环节"]) == ("已悬挂", "未开工", "竣工")
    assert "实际开工日期" not in filled


def test_the_card_shows_the_supply_as_of_its_visit() -> None:
    supply = full_supply(agreed_start_on=TODAY - 60 * DAY, agreed_completion_on=TODAY + 500 * DAY)
    first = happen(supply, "visit", TODAY - 50 * DAY, finding="not_started")
    happen(supply, "start", TODAY - 40 * DAY)
    second = happen(
        supply, "visit", TODAY, finding="stopped", developed_area=Decimal(30_000), invested=Decimal(9)
    )
    then = kinds.values_for(kinds.TRACKING_CARD, supply, today=TODAY, event=first)
    assert (then["巡查环节"], then["建设状况"]) == ("开工", "未开工")
    assert "实际开工日期" not in then
    now = kinds.values_for(kinds.TRACKING_CARD, supply, today=TODAY, event=second)
    assert (now["巡查环节"], now["建设状况"]) == ("日常巡查", "停工")
    assert (now["实际开工日期"], now["停工起始日期"]) == (TODAY - 40 * DAY, TODAY)
    document = draft_paper(
        kind=kinds.TRACKING_CARD,
        supply=supply,
        actor=None,
        today=TODAY,
        event=second,
        extra={"巡查人员": "王示例", "照片编号": "20261123-01"},
    )
    assert dict(document.content["form"])["已动工面积"] == "30000平方米", "more than the parcel is told too"


def test_a_remark_that_several_deviations_share_is_said_once() -> None:
    supply = full_supply()
    _, visit = cause_of(supply, kinds.TRACKING_CARD)
    for code in ("use_changed", "moved", "area_exceeded"):
        remark = "办公楼改作商铺，围墙外移" if code != "area_exceeded" else "超占 200 平方米"
        happen(supply, "deviation", TODAY, deviation=code, remark=remark)
    filled = kinds.values_for(kinds.TRACKING_CARD, supply, today=TODAY, event=visit)
    one, other = filled["偏差情况"].splitlines()
    assert one.endswith("：办公楼改作商铺，围墙外移")
    assert one.count("、") == 1
    assert other.endswith("：超占 200 平方米")


def test_the_officer_is_named_with_his_own_office() -> None:
    assert "联系方式。寻寨国土所王镕堃，0319-0000001。" in words_of(
        draft(full_supply(), kinds.START_REMINDER)
    )


def test_an_office_without_telephone_leaves_the_contact_to_the_section() -> None:
    supply = full_supply()
    TownshipOffice.objects.update(phone="")
    assert "联系方式。地籍监管股，0319-0000000。" in words_of(draft(supply, kinds.START_REMINDER))


def test_the_brigade_answers_to_the_section() -> None:
    assert "告知我局地籍监管股，0319-0000000。" in words_of(draft(full_supply(), kinds.BRIGADE_TRANSFER))


# --- One sheet ---------------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    "kind",
    [kinds.PAYMENT_REMINDER, kinds.PAYMENT_DEMAND, kinds.START_REMINDER, kinds.COMPLETION_REMINDER],
)
def test_what_is_sent_most_is_one_page_with_names_of_usual_length(kind: str) -> None:
    written = write_pdf({**draft(usual_supply(), kind).content, "stamp": STAMP})
    assert written.receipt_page == 2


def test_an_amendment_says_the_ground_and_not_who_asked() -> None:
    supply = full_supply()
    asked = happen(
        supply,
        "extension_applied",
        TODAY,
        track="start",
        new_due_on=date(2027, 5, 20),
        cause="force_majeure",
        remark="用地单位申请：汛期积水",
    )
    approved = happen(
        supply,
        "extension_approved",
        TODAY,
        track="start",
        new_due_on=date(2027, 5, 20),
        cause="force_majeure",
        answers=asked,
    )
    found = kinds.values_for(kinds.CONTRACT_AMENDMENT, supply, today=TODAY, event=approved)
    assert found["变更原因"] == "不可抗力：汛期积水"
