"""The walks of the frame, as its people make them."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from landbureau.accounts.models import Assignment
from landbureau.accounts.services import assign
from landbureau.workdays.models import Deadline
from landbureau.workdays.services import register_deadline
from tests.browser.conftest import ORIGIN, Site
from tests.factories import PASSWORD, OfficeFactory, TownshipFactory, UserFactory, VillageFactory, allow

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-08-24T09:00:00+08:00"):
        yield


def go(page: Page, name: str, *args: object) -> None:
    page.goto(ORIGIN + reverse(name, args=args))


def test_an_officer_moves_and_hands_the_villages_over(page: Page, site: Site) -> None:
    old, new = OfficeFactory(name="东柳国土所"), OfficeFactory(name="西柳国土所")
    officer = UserFactory(name="孙移交", office=old)
    taker = allow(UserFactory(name="钱接办", office=old), "create_patrol", on=old)
    town = TownshipFactory(office=old)
    for n in range(3):
        village = VillageFactory(township=town, name=f"柳{n}村")
        assign(user=officer, task="包村巡查", subject=village, starts_on=date(2026, 1, 1))
    site.sign_in(allow(UserFactory(name="管理员"), "view_staff", "update_staff"))
    go(page, "people:person", officer.pk)
    page.get_by_role("link", name="调动").click()
    page.get_by_label("调入国土所").select_option("西柳国土所")
    page.get_by_label("移交给接办人").check()
    page.get_by_label("钱接办").check()
    page.get_by_label("事由").fill("工作需要")
    page.get_by_role("button", name="调动").click()
    expect(page.get_by_text("孙移交已调动。移交：钱接办 3 项。")).to_be_visible()
    officer.refresh_from_db()
    assert officer.office == new
    assert Assignment.objects.filter(user=taker, ends_on=None).count() == 3
    site.sign_in(taker)
    go(page, "home:desk")
    expect(page.get_by_role("heading", name="新接手的工作")).to_be_visible()
    expect(page.get_by_text("接自孙移交")).to_have_count(3)


def test_a_calendar_day_is_changed_after_seeing_which_time_limits_move(page: Page, site: Site) -> None:
    owner = UserFactory(name="李承办")
    row = register_deadline(title="缴纳罚款", event_on=date(2026, 8, 24), owner=owner, number=7, rolls=True)
    assert row.due_on == date(2026, 8, 31)
    site.sign_in(allow(UserFactory(), "view_calendar", "update_calendar", "view_deadline"))
    go(page, "workdays:day", "2026-08-31")
    page.get_by_role("link", name="修改").click()
    page.get_by_label("休息", exact=False).first.check()
    page.get_by_label("来源").fill("县政府临时放假通知")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("row", name="缴纳罚款")).to_contain_text("2026-09-01")
    assert Deadline.objects.get().due_on == date(2026, 8, 31), "nothing is saved before it was seen"
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("调整期限1项")).to_be_visible()
    assert Deadline.objects.get().due_on == date(2026, 9, 1)


@pytest.mark.django_db(transaction=True)
def test_a_new_officer_changes_the_first_password_on_the_phone(page: Page, live_server: LiveServer) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    allow(UserFactory(username="xinren", name="周新人", must_change_password=True), "view_calendar")
    page.goto(live_server.url + reverse("home:desk"))
    page.locator("[name=username]").fill("xinren")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("请设置自己的密码")
    page.goto(live_server.url + reverse("workdays:calendar"))
    expect(title).to_have_text("请设置自己的密码")
    page.locator("[name=old_password]").fill(PASSWORD)
    for name in ("new_password1", "new_password2"):
        page.locator(f"[name={name}]").fill("Liulin-dongcun-88")
    page.get_by_role("button", name="保存新密码").click()
    expect(title).to_have_text("2026年工作日历")
    page.goto(live_server.url + reverse("home:desk"))
    expect(title).to_have_text("工作台")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
