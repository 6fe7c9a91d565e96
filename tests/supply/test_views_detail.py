"""The page of one supply: what it shows, to whom, and what it costs."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.audit.models import Entry
from supervision.supply.models import Event, LandSupply
from supervision.supply.selectors.detail import detail_of, supplies_with_all
from supervision.supply.services import correct_contract, correct_event, sweep, withdraw_event
from supervision.supply.services.handover import post_board
from tests.documents.desk import as_
from tests.documents.factories import make_issued
from tests.factories import OfficeFactory, SectionFactory, TownshipFactory, UserFactory, allow
from tests.supply.factories import TODAY, happen, make_land_user, make_supply
from tests.supply.visiting import Site
from tests.web.files import photo, upload
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db
HALF = Decimal("2568000")
TAGS = re.compile(r"<[^>]+>")


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


class Desk:
    def __init__(self) -> None:
        self.section = SectionFactory()
        self.office = OfficeFactory()
        self.township = TownshipFactory(office=self.office, name="测试寻寨镇")
        self.clerk: User = allow(
            UserFactory(name="陈晓雨"), "view_supply", "update_supply", "view_document", on=self.section
        )
        self.leader: User = allow(UserFactory(name="周局长"), "view_supply", "decide_extension")
        self.officer: User = allow(
            UserFactory(name="王海燕", office=self.office),
            "view_supply",
            "create_visit",
            "update_visit",
            on=self.office,
        )

    def supply(self, **columns: Any) -> LandSupply:
        """The supply of the pictures."""
        values: dict[str, Any] = {
            "section": self.section,
            "township": self.township,
            "officer": self.officer,
            "land_user": make_land_user(
                "邢台宏远桩工装备有限公司", contact="高志远", phone="13800000000", address="振兴路1号"
            ),
            "location": "振兴路北侧",
            "price": 2 * HALF,
            "signed_on": date(2025, 12, 18),
            "agreed_handover_on": date(2026, 1, 31),
            "agreed_start_on": date(2026, 11, 20),
            "agreed_completion_on": date(2028, 5, 20),
            "start_rate": Decimal("0.5"),
            "instalments": [(1, date(2026, 1, 18), HALF), (2, date(2026, 12, 19), HALF)],
        }
        return make_supply(**values | columns)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def page(user: User, supply: LandSupply, **query: str) -> str:
    response = as_(user).get(supply.get_absolute_url(), query)
    assert response.status_code == 200
    return body_of(response)


def text(body: str) -> str:
    return " ".join(TAGS.sub(" ", body).split())


def test_the_head_answers_the_eight_questions(desk: Desk) -> None:
    supply = desk.supply()
    shown = text(page(desk.clerk, supply))
    for fact in (
        supply.supervision_number,
        supply.contract_number,
        "2025-12-18 签订",
        "测试寻寨镇振兴路北侧",
        f"王海燕 {desk.office}",
        "26,680.00 m² 2.6680 公顷 40.02 亩",
        "5,136,000.00 元",
        "缴款 1‰/日 开工 0.5‰/日 竣工 未约定",
        "高志远",
    ):
        assert fact in shown, fact


def test_the_rails_say_state_days_and_money(desk: Desk) -> None:
    supply = desk.supply()
    happen(supply, "payment", date(2026, 1, 15), amount=HALF)
    happen(supply, "visit", date(2026, 11, 21), finding="not_started", actor=desk.officer)
    shown = text(page(desk.clerk, supply))
    assert "已缴 50%" in shown
    assert "逾期3天 违约金 7,704.00 元" in shown
    assert "满一年未开工 2027-11-20" in shown


def test_outside_the_reach_there_is_no_such_supply(desk: Desk) -> None:
    supply = desk.supply()
    other = allow(UserFactory(), "view_supply", "update_supply", on=SectionFactory())
    assert as_(other).get(supply.get_absolute_url()).status_code == 404
    assert as_(other).post(reverse("supply:phone", args=[supply.pk])).status_code == 404
    assert as_(UserFactory()).get(supply.get_absolute_url()).status_code == 403


def test_the_telephone_is_masked_and_reading_it_is_recorded(desk: Desk) -> None:
    supply = desk.supply()
    body = page(desk.officer, supply)
    assert "138****0000" in body
    assert "13800000000" not in body
    body = body_of(as_(desk.officer).post(reverse("supply:phone", args=[supply.pk])))
    assert 'href="tel:13800000000"' in body
    assert Entry.objects.filter(action=Entry.Action.REVEAL, actor=desk.officer).count() == 1


def test_a_card_number_is_masked_and_a_company_code_is_not(desk: Desk) -> None:
    person = desk.supply(land_user=make_land_user("演示人", identity="130530199001010014"))
    assert "130530199001010014" not in page(desk.clerk, person)
    company = desk.supply(land_user=make_land_user("演示公司", identity="91130530MA0EXAMPXP"))
    assert "91130530MA0EXAMPXP" in page(desk.clerk, company)


# --- Tabs ------------------------------------------------------------------------------------------------


def test_payments_show_rolled_days_shares_surplus_and_damages(desk: Desk) -> None:
    supply = desk.supply(deposit=Decimal(100_000), interest_rate=Decimal(3))
    happen(supply, "payment", date(2026, 3, 19), amount=2 * HALF, actor=desk.clerk)
    happen(supply, "damages", date(2026, 4, 1), amount=Decimal(50_000), track="payment")
    shown = text(page(desk.clerk, supply, tab="payments"))
    assert "休息日，顺延至 2026-12-21" in shown
    assert "12-18 定金 100,000.00" in shown or "2025-12-18 定金 100,000.00" in shown
    assert "多缴 100,000.00" in shown
    assert "缴款违约金 145,612.00 元" in shown  # 59 days, on what the deposit has left
    assert "开工违约金 7,704.00 元" in shown
    assert "尚欠 103,316.00 元" in shown
    assert "利息（元）" in shown


def test_visits_changes_and_papers_have_their_tabs(desk: Desk) -> None:
    supply = desk.supply()
    happen(supply, "visit", date(2026, 11, 21), finding="not_started", remark="已围挡", actor=desk.officer)
    happen(
        supply,
        "extension_approved",
        date(2026, 11, 22),
        track="start",
        new_due_on=date(2027, 5, 20),
        cause="government",
    )
    document = make_issued(title="开工提醒通知单", section=desk.section)
    document.content_type = ContentType.objects.get_for_model(LandSupply)
    document.object_id = supply.pk
    document.save(update_fields=["content_type", "object_id"])
    assert "已围挡" in page(desk.clerk, supply, tab="visits")
    changes = text(page(desk.clerk, supply, tab="changes"))
    assert "2027-05-20 批准延期" in changes
    assert "2026-11-22 起不再适用" in changes
    assert "开工提醒通知单" in page(desk.clerk, supply, tab="papers")
    assert "开工提醒通知单" not in page(desk.officer, supply, tab="papers")


def test_a_nonsense_tab_is_the_overview(desk: Desk) -> None:
    assert "合同与宗地" in page(desk.clerk, desk.supply(), tab="nonsense")


# --- Timeline --------------------------------------------------------------------------------------------


def test_the_timeline_tells_the_day_of_the_fact_and_when_it_was_entered(desk: Desk) -> None:
    supply = desk.supply()
    happen(supply, "handover", date(2026, 1, 28), actor=desk.officer)
    shown = text(page(desk.clerk, supply, tab="timeline"))
    assert "交地 01-28 王海燕 2026-11-23 09:00 登记" in shown


def test_a_notice_has_the_time_of_its_sweep_if_it_ran_on_that_day(desk: Desk) -> None:
    supply = desk.supply()
    sweep(today=TODAY - timedelta(days=3))
    assert "每日扫描" in text(page(desk.clerk, supply, tab="timeline"))
    assert "06:00" not in text(page(desk.clerk, supply, tab="timeline"))
    assert "11-20 每日扫描" in text(page(desk.clerk, supply, tab="timeline"))
    sweep(today=TODAY)
    assert "11-23 09:00 每日扫描" in text(page(desk.clerk, supply, tab="timeline"))


def test_corrected_and_withdrawn_entries_stay_struck_through_with_the_reason(desk: Desk) -> None:
    supply = desk.supply()
    wrong = happen(supply, "payment", date(2026, 1, 15), amount=HALF * 10, actor=desk.clerk)
    correct_event(event=wrong, changes={"amount": HALF}, reason="多录一个零", actor=desk.clerk, today=TODAY)
    never = happen(supply, "start", date(2026, 11, 1), actor=desk.officer)
    withdraw_event(event=never, reason="看错宗地", actor=desk.clerk, today=TODAY)
    correct_contract(
        supply=supply,
        version=supply.version,
        contract={"price": Decimal("5136000.50")},
        parcel={},
        reason="合同扫描件",
        actor=desk.clerk,
        today=TODAY,
    )
    body = page(desk.clerk, supply, tab="timeline")
    assert "<del>缴款 25,680,000.00 元</del>" in body
    shown = text(body)
    assert "已更正：多录一个零" in shown
    assert "更正为：缴款 2,568,000.00 元" in shown
    assert "已撤销：看错宗地" in shown
    assert "成交价款 5,136,000.00 → 5,136,000.50" in shown


def test_ways_to_correct_are_offered_only_to_those_who_may(desk: Desk) -> None:
    supply = desk.supply()
    payment = happen(supply, "payment", date(2026, 1, 15), amount=HALF)
    visit = happen(supply, "visit", date(2026, 11, 21), finding="not_started")
    approval = happen(
        supply, "extension_approved", date(2026, 11, 22), track="start", new_due_on=date(2027, 5, 20)
    )

    def offered(user: User, event: Event) -> bool:
        return reverse("supply:correct_event", args=[event.pk]) in page(user, supply, tab="timeline")

    assert [offered(desk.clerk, event) for event in (payment, visit, approval)] == [True, True, False]
    assert [offered(desk.officer, event) for event in (payment, visit, approval)] == [False, True, False]
    assert [offered(desk.leader, event) for event in (payment, visit, approval)] == [False, False, True]


# --- The list it came from -------------------------------------------------------------------------------


def test_the_neighbours_are_those_of_the_list_that_the_reader_came_from(desk: Desk) -> None:
    first, second, third = (
        desk.supply(contract_number=f"c{n}", agreed_start_on=date(2026, 12, n)) for n in (1, 2, 3)
    )
    desk.supply(contract_number="x", agreed_start_on=date(2026, 12, 1))
    body = page(desk.clerk, second, list="q=c", at="2")
    assert "第 2 宗，共 3 宗" in body
    assert f"{first.get_absolute_url()}?list=q%3Dc&amp;at=1" in body
    assert f"{third.get_absolute_url()}?list=q%3Dc&amp;at=3" in body
    assert "第 1 宗" not in page(desk.clerk, second, list="q=c", at="1")
    for at in ("0", "-1", "x", "9" * 30):
        page(desk.clerk, second, list="q=c", at=at)


# --- Cost ------------------------------------------------------------------------------------------------


def test_the_page_costs_the_same_queries_whatever_has_happened(desk: Desk) -> None:
    supply = desk.supply()
    client = as_(desk.clerk)

    def cost(tab: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            body_of(client.get(supply.get_absolute_url(), {"tab": tab}))
        return len(queries)

    tabs = ("overview", "payments", "visits", "timeline")
    live(desk, supply, 1)
    cost("overview")
    before = {tab: cost(tab) for tab in tabs}
    live(desk, supply, 6)
    assert {tab: cost(tab) for tab in tabs} == before


def live(desk: Desk, supply: LandSupply, times: int) -> None:
    """So many payments, visits, corrections and documents."""
    for n in range(times):
        on = date(2026, 2, 1) + timedelta(days=n)
        wrong = happen(supply, "payment", on, amount=Decimal(1000 + n), actor=desk.clerk)
        correct_event(
            event=wrong, changes={"amount": Decimal(10)}, reason="录错", actor=desk.clerk, today=TODAY
        )
        happen(supply, "visit", on, finding="not_started", actor=desk.officer)
        document = make_issued(section=desk.section)
        document.content_type = ContentType.objects.get_for_model(LandSupply)
        document.object_id = supply.pk
        document.save(update_fields=["content_type", "object_id"])
    sweep(today=TODAY)


def test_a_closed_supply_says_so_and_is_shown_as_of_that_day(desk: Desk) -> None:
    supply = desk.supply()
    happen(supply, "termination", date(2026, 6, 1))
    shown = text(page(desk.clerk, supply))
    assert "2026-06-01 终止监管" in shown
    assert "逾期133天" in shown  # of the first instalment, on that day
    found = supplies_with_all(desk.clerk).get(pk=supply.pk)
    assert detail_of(found, desk.clerk, TODAY).view.on == date(2026, 6, 1)


# --- Photos, payments, what waits ---------------------------------------------------------------------------


def test_the_photos_tab_counts_visits_and_photos_and_says_what_each_shows(desk: Desk) -> None:
    site = Site()
    happen(site.supply, "handover", date(2026, 1, 28))
    post_board(
        supply=site.supply,
        on=date(2026, 11, 20),
        photos=[upload(photo(colour="#369"), "牌.jpg")],
        actor=site.officer,
        today=TODAY,
    )
    shown = text(page(site.officer, site.supply, tab="visits"))
    assert "巡查与照片 1 张" in shown
    assert "公示牌 2026-11-20" in shown
    assert "2026-11-23 10:40 公示牌 王海燕 北纬 37.5200° 东经 115.2400°" in shown

    site.visit("not_started", cause="land_user", photos=None)
    shown = text(page(site.officer, site.supply, tab="visits"))
    assert "巡查与照片 1 次 2 张" in shown
    assert "巡查 王海燕 北纬" in shown


def test_a_payment_is_corrected_from_its_row_by_who_may(desk: Desk) -> None:
    supply = desk.supply()
    paid = happen(supply, "payment", date(2026, 1, 15), amount=HALF)
    address = reverse("supply:correct_event", args=[paid.pk])
    assert address in page(desk.clerk, supply, tab="payments")
    assert address not in page(desk.leader, supply, tab="payments")


def test_damages_without_a_rate_are_not_agreed_and_with_a_rate_of_zero_they_are_zero(desk: Desk) -> None:
    late = {"instalments": [(1, date(2026, 1, 18), HALF)], "start_rate": None}
    without = text(page(desk.clerk, desk.supply(payment_rate=None, **late), tab="payments"))
    assert "缴款违约金 未约定违约金比例 开工违约金 未约定违约金比例" in without
    assert "违约金约定 缴款、开工、竣工 未约定" in without
    zero = text(page(desk.clerk, desk.supply(payment_rate=Decimal(0), **late), tab="payments"))
    assert "缴款违约金 0.00 元" in zero
    assert "缴款 0‰/日" in zero


def test_a_pending_extension_stands_on_the_rail_until_it_is_decided(desk: Desk) -> None:
    supply = desk.supply()
    before = text(page(desk.clerk, supply))
    asked = happen(
        supply, "extension_applied", date(2026, 11, 22), track="start", new_due_on=date(2027, 5, 20)
    )
    shown = text(page(desk.clerk, supply))
    assert "2026-11-22 延期申请待审，拟延至 2027-05-20" in shown
    for state in ("待复核 逾期3天", "约定开工 11-20"):
        assert state in before
        assert state in shown
    happen(supply, "extension_rejected", TODAY, track="start", answers=asked)
    assert "延期申请待审" not in text(page(desk.clerk, supply))


def test_a_large_price_is_said_in_wan_too(desk: Desk) -> None:
    assert "5,136,000.00 元 513.60 万元" in text(page(desk.clerk, desk.supply()))
