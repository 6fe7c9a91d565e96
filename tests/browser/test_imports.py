"""An office's own table on its way in, as the person who brings it walks the five steps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from landbureau.accounts.models import User
from landbureau.imports.models import ImportSession
from landbureau.jobs.services import execute
from tests.factories import UserFactory, allow
from tests.imports import files
from tests.imports.lots import HEAD, lot, sheet
from tests.imports.sessions import bring_page
from tests.ledger.models import Lot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = {"desk": 1280, "phone": 390}


@pytest.fixture(autouse=True)
def _ledger(settings: Any) -> None:
    settings.IMPORT_TARGETS = ["tests.ledger.imports.Lots"]


@pytest.fixture
def clerk(page: Page, live_server: LiveServer, client: Client) -> User:
    """Signed in, in ``page``."""
    user = allow(UserFactory(name="陈测"), "update_staff")
    client.force_login(user)
    page.context.add_cookies([{**signed_in(client), "url": live_server.url}])
    return user


def signed_in(client: Client) -> Any:
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    return {"name": cookie.key, "value": cookie.value}


def messy(folder: Path) -> Path:
    """A title, a head of the office's own, an impossible day, a township by another name, a sum."""
    head = ["出让方式" if title == "供应方式" else title for title in HEAD]
    rows = [
        ["新河县2026年供地台账"],
        [*head, "土地等级"],
        [*lot(1), "甲"],
        [*lot(2, signed_on="2026-2-30"), "乙"],
        [*lot(3, township="寻寨"), "丙"],
        [*lot(4, township="寻寨"), "丁"],
        ["合计", *[None] * len(HEAD)],
    ]
    file = folder / "供地台账.xlsx"
    file.write_bytes(files.xlsx(rows))
    return file


def width_of(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
def test_a_messy_table_is_put_right_on_the_page_and_goes_in(
    width: int, page: Page, live_server: LiveServer, clerk: User, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(live_server.url + reverse("imports:imports"))
    page.get_by_label("表格文件").set_input_files(messy(tmp_path))
    page.get_by_role("button", name="上传并检查").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("导入“供地台账.xlsx”")
    confirm = page.get_by_role("button", name=re.compile("确认导入"))
    expect(confirm).to_be_disabled()
    page.get_by_label("“出让方式”是哪一项").select_option("供应方式")
    page.get_by_label("“土地等级”是哪一项").select_option("不导入")
    page.get_by_role("button", name="保存并重新检查").click()

    expect(page.get_by_text("人工改过 2 列").first).to_be_visible()
    page.get_by_label("第 4 行“签订日期”改为").fill("2026-03-02")
    page.get_by_role("button", name="改为此值").click()
    expect(page.get_by_text("已改正")).to_be_visible()
    page.get_by_text("改", exact=True).nth(1).click()
    page.get_by_role("combobox", name="第 5 行的答案").select_option("白神首乡")
    page.get_by_role("button", name="确定").locator("visible=true").click()
    expect(page.get_by_text("已答复")).to_be_visible()
    page.get_by_role("button", name="采纳全部建议").click()

    expect(confirm).to_have_text("确认导入 4 行")
    assert width_of(page) <= width
    assert not Lot.objects.exists(), "nothing is written before the confirmation"
    confirm.click()
    expect(page.get_by_text("新增 4 行，修改 0 行，全部写入。")).to_be_visible()
    assert width_of(page) <= width
    assert Lot.objects.filter(township="白神首乡").count() == 2
    assert f"{Lot.objects.get(number='2026B00002').signed_on}" == "2026-03-02"


def test_an_answer_leaves_the_page_where_it_was_and_the_panel_of_columns_open(
    page: Page, live_server: LiveServer, clerk: User
) -> None:
    rows = [
        lot(number, township="寻寨", area="一百亩" if number % 2 else 100 + number) for number in range(1, 9)
    ]
    session = bring_page(clerk, sheet(*rows))
    page.goto(live_server.url + session.get_absolute_url())
    page.get_by_text("查看和修改").click()
    button = page.get_by_role("button", name="采纳", exact=True)
    button.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 300
    button.click()
    expect(page.get_by_text("已采纳")).to_be_visible()
    assert page.evaluate("scrollY") == before
    expect(page.get_by_label("“用途”是哪一项")).to_be_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY", "the keyboard goes on from here"


def test_tabs_and_filters_change_the_panels_and_the_address(
    page: Page, live_server: LiveServer, clerk: User
) -> None:
    session = bring_page(clerk, sheet(lot(1), lot(2, area="一百亩"), lot(3, township="寻寨")))
    page.goto(live_server.url + session.get_absolute_url())
    page.get_by_role("link", name="问题 1", exact=True).click()
    expect(page.get_by_text("一百亩")).to_have_count(0)
    page.get_by_role("link", name="表中缺失").click()
    expect(page.get_by_text("没有表中缺失的。")).to_be_visible()
    assert page.url.endswith("?show=questions&tab=missing")
    page.reload()
    expect(page.get_by_text("没有表中缺失的。")).to_be_visible()
    expect(page.get_by_text("一百亩")).to_have_count(0)


def test_a_long_file_shows_its_progress_and_then_its_result(
    page: Page, live_server: LiveServer, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "IMPORTS_AT_ONCE", 2)
    session = bring_page(clerk, sheet(lot(1), lot(2), lot(3)))
    page.goto(live_server.url + session.get_absolute_url())
    expect(page.get_by_text("正在后台检查")).to_be_visible()
    assert session.run_id
    execute(session.run_id)
    expect(page.get_by_role("button", name="确认导入 3 行")).to_be_visible()
    page.get_by_role("button", name="确认导入 3 行").click()
    expect(page.get_by_text("正在写入", exact=True)).to_be_visible()
    session.refresh_from_db()
    assert session.run_id
    execute(session.run_id)
    expect(page.get_by_text("新增 3 行，修改 0 行，全部写入。")).to_be_visible()


def test_cancelling_leaves_nothing_behind(page: Page, live_server: LiveServer, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1)))
    page.goto(live_server.url + session.get_absolute_url())
    page.get_by_role("button", name="取消导入").click()
    expect(page.get_by_text("没有写入任何数据")).to_be_visible()
    assert not ImportSession.objects.exists()


def test_everything_works_without_scripts(
    chromium: Browser, live_server: LiveServer, client: Client, clerk: User
) -> None:
    session = bring_page(clerk, sheet(lot(1, area="一百亩"), lot(2, township="寻寨")))
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    context.add_cookies([{**signed_in(client), "url": live_server.url}])
    try:
        bare = context.new_page()
        bare.goto(live_server.url + session.get_absolute_url())
        bare.get_by_label("第 2 行“面积”改为").fill("66666.67")
        bare.get_by_role("button", name="改为此值").click()
        bare.get_by_role("button", name="采纳", exact=True).click()
        bare.get_by_role("button", name="确认导入 2 行").click()
        expect(bare.get_by_text("新增 2 行，修改 0 行，全部写入。")).to_be_visible()
    finally:
        context.close()
    assert Lot.objects.count() == 2
