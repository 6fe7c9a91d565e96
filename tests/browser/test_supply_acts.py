"""The acts of the office in a browser: clerk, officer, head, brigade and leader, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page, expect

from landbureau.documents.models import Document
from supervision.supply.models import Event, LandSupply
from tests.browser.conftest import ORIGIN, Site
from tests.supply.acting import People, standing
from tests.supply.factories import happen

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel("2026-11-23T09:00:00+08:00"):
        yield


@pytest.fixture
def people() -> People:
    return People()


def address(supply: LandSupply, act: str) -> str:
    return ORIGIN + reverse(f"supply:{act}", args=[supply.pk])


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def test_a_payment_shows_its_damages_before_it_is_saved(page: Page, site: Site, people: People) -> None:
    supply = people.supply(
        price=Decimal(1000000), signed_on=date(2023, 9, 1), instalments=[(1, date(2024, 3, 1), 1000000)]
    )
    happen(supply, "payment", date(2024, 3, 11), amount=Decimal(400000))
    site.sign_in(people.clerk)
    page.goto(address(supply, "payment"))
    expect(page.get_by_label("缴款金额")).to_have_value("600000.00")
    expect(page.get_by_role("button", name="看看结果")).to_be_hidden()  # computed by itself

    page.get_by_label("缴款日期").fill("2024-04-10")

    told = page.locator("#consequence")
    expect(told).to_contain_text("缴清后违约金 28,000.00 元，按日1‰")
    page.get_by_label("缴款金额").fill("100000")
    expect(told).to_contain_text("尚欠 500,000.00 元")
    page.get_by_label("缴款金额").fill("600000")
    expect(told).to_contain_text("价款全部缴清")
    press(page, "登记缴款")
    expect(page.locator(".lb-messages")).to_contain_text("已登记缴款")
    assert standing(supply).view.payment[0].damages == Decimal("28000.00")


def test_a_default_goes_from_the_officer_over_the_head_to_the_brigade(
    page: Page, site: Site, people: People
) -> None:
    supply = people.unstarted()
    told = page.locator(".lb-messages")

    site.sign_in(people.officer)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address(supply, "propose_default"))
    page.get_by_label("用地单位原因").check()
    expect(page.locator("#consequence")).to_contain_text("移送监察大队调查")
    page.get_by_label("政府原因").check()
    expect(page.locator("#consequence")).to_contain_text("不计违约金")
    page.get_by_label("用地单位原因").check()
    page.get_by_label("事实和依据").fill("2026-11-21 现场巡查，场地已围挡，未见基础施工")
    press(page, "提出违约认定")
    expect(told).to_contain_text("已提出违约认定")

    site.sign_in(people.head)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(address(supply, "decide_default"))
    expect(page.locator("main")).to_contain_text("2026-11-23 王海燕")
    expect(page.locator("#consequence")).to_contain_text("违约金 7,704.00 元，按日0.5‰")
    press(page, "提交意见")
    expect(told).to_contain_text("移送函印发后，由监察大队接收")
    assert Document.objects.count() == 3

    site.sign_in(people.brigade)
    page.goto(address(supply, "brigade_accept"))
    expect(page.locator("main")).to_contain_text("移送函尚未印发")
    people.issue_letter(Event.objects.get(kind="to_brigade"))

    page.goto(address(supply, "brigade_accept"))
    page.get_by_label("接收意见").fill("已登记线索")
    press(page, "接收")
    expect(told).to_contain_text("已接收")
    assert Event.objects.filter(kind="brigade_accepted", recorded_by=people.brigade).exists()


def test_a_board_without_photo_is_told_so(page: Page, site: Site, people: People) -> None:
    supply = people.supply()
    happen(supply, "handover", date(2026, 1, 16))
    site.sign_in(people.officer)
    page.goto(address(supply, "board"))
    for day in ("2026-11-20", "2026-11-21"):
        page.get_by_label("悬挂日期").fill(day)
        press(page, "公示牌悬挂")
        expect(page.locator(".lb-alert-error")).to_contain_text("请选择文件")
        expect(page.get_by_label("悬挂日期")).to_have_value(day)
    page.wait_for_timeout(800)


def test_an_extension_is_applied_for_reviewed_decided_and_moves_the_date(
    page: Page, site: Site, people: People
) -> None:
    supply = people.supply()
    told = page.locator(".lb-messages")

    site.sign_in(people.clerk)
    page.goto(address(supply, "apply_extension"))
    page.get_by_label("竣工　约定").check()
    expect(page.locator("#div_id_new_due_on")).to_contain_text("新的竣工日期")
    expect(page.locator("#div_id_new_completion_on")).to_be_hidden()
    page.get_by_label("开工　约定").check()
    page.get_by_label("新的开工日期").fill("2027-05-20")
    page.get_by_label("新的竣工日期").fill("2028-11-20")
    expect(page.locator("#consequence")).to_contain_text("开工由 2026-11-20 改为 2027-05-20（延长 181 天）")
    expect(page.locator("#consequence")).to_contain_text("应当在约定日期前 30 日申请")
    page.get_by_label("理由").fill("地块内杆线迁移未完成")
    page.get_by_role("combobox", name="原因").select_option("government")
    press(page, "受理延期申请")
    expect(told).to_contain_text("已受理")
    assert standing(supply).view.start.due_on == date(2026, 11, 20)

    site.sign_in(people.head)
    page.goto(address(supply, "review_extension"))
    page.get_by_label("不同意").check()
    expect(page.locator("#div_id_opinion")).to_contain_text("不同意的理由")
    press(page, "提交意见")
    expect(page.locator(".lb-alert-error")).to_contain_text("请写明理由")
    page.get_by_label("同意", exact=True).check()
    press(page, "提交意见")
    expect(told).to_contain_text("报局领导批准")

    site.sign_in(people.leader)
    page.goto(address(supply, "decide_extension"))
    press(page, "提交意见")
    expect(told).to_contain_text("约定日期已改")
    assert standing(supply).view.start.due_on == date(2027, 5, 20)
