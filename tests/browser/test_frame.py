"""The frame in a browser: with and without JavaScript, by keyboard, at the desk and on the phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from landbureau.accounts.models import Section, Village
from landbureau.web.models import SavedView
from tests.browser.conftest import ORIGIN, Site
from tests.factories import TownshipFactory, UserFactory, VillageFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.usefixtures("demo")]
PHONE = {"width": 390, "height": 844}
LIST = f"{ORIGIN}/demo/list/"


@pytest.fixture
def signed_in(site: Site) -> Site:
    Village.objects.all().delete()
    town = TownshipFactory(name="测寨镇")
    for n in range(25):
        VillageFactory(name=f"{n:02}村", order=n, township=town)
    site.sign_in(UserFactory(name="赵文博", section=Section.objects.first()))
    return site


def test_the_menu_of_a_phone_opens_and_closes(page: Page, signed_in: Site) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(LIST)
    menu = page.get_by_role("navigation", name="主导航")
    expect(menu).not_to_be_visible()
    page.get_by_role("link", name="打开菜单").click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).not_to_be_visible()


def test_the_menu_of_a_phone_works_without_javascript(chromium: Browser, signed_in: Site, page: Page) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.route("**/*", signed_in.answer)
    tab.goto(LIST)
    menu = tab.get_by_role("navigation", name="主导航")
    expect(menu).not_to_be_visible()
    tab.get_by_role("link", name="打开菜单").click()
    expect(menu).to_be_visible()
    tab.get_by_role("link", name="关闭菜单").click()
    expect(menu).not_to_be_visible()
    expect(tab.get_by_role("button", name="重排路线")).to_be_visible()  # bulk acts, too
    context.close()


def test_menus_close_by_escape_and_by_a_click_elsewhere(page: Page, signed_in: Site) -> None:
    page.goto(LIST)
    summary = page.locator(".lb-user > summary")
    dark = page.get_by_role("button", name="深色界面")
    summary.click()
    expect(dark).to_be_visible()
    page.keyboard.press("Escape")
    expect(dark).not_to_be_visible()
    expect(summary).to_be_focused()
    summary.click()
    page.get_by_role("heading", level=1).click()
    expect(dark).not_to_be_visible()


def test_the_theme_changes_and_stays(page: Page, signed_in: Site) -> None:
    page.goto(LIST)
    page.locator(".lb-user > summary").click()
    page.get_by_role("button", name="深色界面").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto(f"{ORIGIN}/demo/pieces/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_theme_follows_the_device(page: Page, signed_in: Site) -> None:
    signed_in.client.cookies["theme"] = "auto"
    page.emulate_media(color_scheme="dark")
    page.goto(LIST)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_a_list_is_narrowed_kept_as_a_view_and_widened_again(page: Page, signed_in: Site) -> None:
    page.goto(LIST)
    page.get_by_label("村居名称").fill("1")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator(".lb-page-subtitle")).to_have_text("共 12 个符合条件")
    page.get_by_text("存为视图").click()
    page.get_by_label("视图名称").fill("带一的")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("link", name="带一的")).to_have_attribute("aria-current", "page")
    assert SavedView.objects.get().query == "q=1"
    page.get_by_role("link", name="去掉条件 村居名称：1").click()
    expect(page.locator(".lb-page-subtitle")).to_have_text("共 25 个")


def test_selected_rows_are_counted_and_the_act_is_confirmed(page: Page, signed_in: Site) -> None:
    page.goto(LIST)
    bar = page.locator("[data-bulk]")
    expect(bar).not_to_be_visible()
    page.get_by_role("checkbox", name="选中本页全部").check()
    expect(bar).to_contain_text("已选 20 个")
    page.locator("input[name=pk]").first.uncheck()
    expect(bar).to_contain_text("已选 19 个")
    page.get_by_role("button", name="重排路线").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("重排 19 个村居的路线？")
    page.get_by_label("事由").fill("新路线")
    page.get_by_role("button", name="重排路线（19 个）").click()
    expect(page.get_by_role("status")).to_contain_text("已重排 19 个村居")
    assert Village.objects.filter(order=9).count() >= 19


def test_the_head_of_a_list_stays_in_view(page: Page, signed_in: Site) -> None:
    page.goto(LIST)
    page.mouse.wheel(0, 500)
    page.wait_for_function("scrollY > 300")
    assert page.locator("thead th").nth(1).bounding_box()["y"] == pytest.approx(56, abs=1)  # type: ignore[index]


def test_a_form_is_sent_once_however_often_it_is_pressed(page: Page, signed_in: Site) -> None:
    office = Village.objects.first().township.office  # type: ignore[union-attr]
    page.goto(f"{ORIGIN}/demo/office/{office.pk}/")
    page.get_by_label("名称").fill("新名所")
    page.evaluate("() => [1, 2, 3].forEach(() => document.querySelector('form.lb-form button').click())")
    expect(page.get_by_role("status")).to_contain_text("已保存")
    office.refresh_from_db()
    assert (office.name, office.version) == ("新名所", 2)


def test_an_error_leads_to_its_field(page: Page, signed_in: Site) -> None:
    office = Village.objects.first().township.office  # type: ignore[union-attr]
    page.goto(f"{ORIGIN}/demo/office/{office.pk}/")
    page.get_by_label("名称").fill("")
    page.get_by_label("到访日期").fill("2026-12-01")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("alert").get_by_role("link", name="名称").click()
    expect(page.get_by_label("名称")).to_be_focused()
    expect(page.get_by_label("到访日期")).to_have_value("2026-12-01")
