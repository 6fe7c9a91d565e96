"""The land officer on a muddy site: photos, position, a lost network, a closed tab, one record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from landbureau.documents.models import Document
from supervision.supply.models import Event, Photo, Visit
from supervision.supply.services import sweep
from tests.browser.test_axe import PHONE, check
from tests.factories import PASSWORD
from tests.supply.factories import TODAY, happen, make_land_user
from tests.supply.visiting import Site
from tests.web.files import photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAME = "邢台宏远桩工装备有限公司"
GIVEN_UP = ("htmx:afterRequest", "htmx:sendAbort", "htmx:sendError")
NO_NETWORK = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "status of 4", *GIVEN_UP)
"""What Chromium and htmx report by themselves of a request that the test lets fail, or that a page leaves."""
SEND = re.compile("提交")


@pytest.fixture(autouse=True)
def _place_and_time(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel("2026-11-23T10:40:00+08:00"):
        yield


@pytest.fixture
def site(_place_and_time: None) -> Site:
    """Handed over, its board hangs, its start is three days late; the sweep has told the officer."""
    site = Site(land_user=make_land_user(NAME), location="振兴路北侧、经二街东侧")
    parcel = site.supply.parcel
    square = [[115.24, 37.53], [115.25, 37.53], [115.25, 37.54], [115.24, 37.54], [115.24, 37.53]]
    parcel.boundary = {"type": "Polygon", "coordinates": [square]}
    parcel.save()
    happen(site.supply, "handover", date(2026, 1, 16))
    happen(site.supply, "board", date(2026, 1, 20))
    sweep(today=TODAY)
    return site


@pytest.fixture
def zone() -> str:
    return "Asia/Shanghai"


@pytest.fixture
def phone(chromium: Browser, zone: str) -> Iterator[BrowserContext]:
    """A phone on the parcel; what it keeps outlives its tabs. A page that reports an error fails the test."""
    context = chromium.new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        locale="zh-CN",
        timezone_id=zone,
        reduced_motion="reduce",
        permissions=["geolocation"],
        geolocation={"latitude": 37.5306, "longitude": 115.2418, "accuracy": 8},
    )
    context.set_default_timeout(10_000)
    errors: list[str] = []

    def watch(page: Page) -> None:
        page.on("console", lambda said: said.type == "error" and errors.append(said.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.clock.set_system_time("2026-11-23T10:40:00+08:00")

    context.on("page", watch)
    yield context
    context.close()
    assert [text for text in errors if not any(known in text for known in NO_NETWORK)] == []


@pytest.fixture
def open_visit(
    phone: BrowserContext, live_server: LiveServer, site: Site, address: str
) -> Callable[[], Page]:
    """A new tab with the form, signed in."""
    client = Client()
    client.force_login(site.officer)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    phone.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    def open_it() -> Page:
        page = phone.new_page()
        page.goto(address)
        expect(page.locator("[data-position-word]")).to_have_text("已定位")
        return page

    return open_it


@pytest.fixture
def address(live_server: LiveServer, site: Site) -> str:
    return live_server.url + reverse("supply:visit", args=[site.supply.pk])


def file(name: str, **how: Any) -> Any:
    return {"name": name, "mimeType": "image/jpeg", "buffer": photo(**how)}


def fill(page: Page) -> None:
    page.get_by_role("radio", name="未开工").check()
    page.get_by_role("radio", name="用地单位原因").check()
    page.get_by_label("累计已投资额").fill("86.50")
    page.get_by_role("radiogroup", name="公示牌仍悬挂").get_by_role("radio", name="是").check()
    page.get_by_label("情况说明").fill("场地已围挡，未见基础施工。")


def add(page: Page, *files: Any) -> None:
    page.locator("#visit_album").set_input_files(list(files))


def tiles(page: Page, state: str) -> Any:
    return page.locator(f".visit-photo[data-state={state}]")


def wait_until_saved(page: Page) -> None:
    """The last keystroke has reached the browser's store."""
    page.wait_for_timeout(400)
    expect(page.locator("[data-saved]")).to_contain_text("草稿已存 10:4")


def expect_the_record(page: Page) -> None:
    expect(page.get_by_text("巡查记录已提交。").first).to_be_visible(timeout=20_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("2026-11-23 巡查记录")
    page.wait_for_load_state("networkidle")  # its pictures too: nobody asks when the test is over


def test_the_officer_walks_from_the_round_to_the_record(
    phone: BrowserContext, live_server: LiveServer, site: Site
) -> None:
    page = phone.new_page()
    page.goto(live_server.url + reverse("supply:my_visits"))
    page.locator("[name=username]").fill(site.officer.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_text("开工复核：约定 2026-11-20，逾期 3 天")).to_be_visible()
    check(page, "the round on a phone")
    page.get_by_role("link", name=f"开始巡查 {NAME}").click()

    expect(page.locator("[data-position-word]")).to_have_text("已定位")
    expect(page.locator("#visit-place")).to_have_text("，在宗地内")
    expect(page.get_by_text("未开工原因（初步）")).to_be_hidden()
    add(page, file("现场.jpg"), file("错的.jpg", colour="#000"))
    add(page, file("公示牌.jpg", colour="#696"))
    expect(tiles(page, "kept")).to_have_count(3)
    page.get_by_role("button", name="移除 错的.jpg").click()
    expect(page.get_by_text("2 / 2 张")).to_be_visible()
    expect(page.get_by_text("至少 1 张，已选 2 张")).to_be_visible()

    page.get_by_role("button", name=SEND).click()
    expect(page.locator("[data-field=finding] [data-error]")).to_have_text("请选择。")
    page.get_by_role("radio", name="已开工").check()
    expect(page.get_by_text("认定开工的依据")).to_be_visible()
    expect(page.locator("#visit-after")).to_contain_text("开工由“待复核”转为“已开工”")
    fill(page)
    expect(page.get_by_text("认定开工的依据")).to_be_hidden()
    expect(page.locator("#visit-after")).to_contain_text("转为“违约，原因待认定”")
    expect(page.locator("#visit-after")).to_contain_text("生成跟踪管理卡")
    check(page, "the form on a phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    page.get_by_role("button", name=SEND).dblclick()
    expect_the_record(page)
    small = page.locator(".visit-gallery img")
    expect(small).to_have_count(2)
    for picture in small.all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("(picture) => picture.naturalWidth") > 0
    check(page, "the record on a phone")
    visit = Visit.objects.get()
    assert (str(visit.latitude), visit.accuracy, visit.board_up) == ("37.530600", 8, True)
    assert (visit.event.invested, visit.event.cause) == (865_000, "land_user")
    assert Document.objects.get(kind__code="tracking_card").is_issued
    assert Photo.objects.filter(event=visit.event).count() == 2
    assert not Photo.objects.filter(event=None).exists()

    page.go_back()
    expect(page.locator("[data-restored]")).to_be_hidden()  # nothing is left of what was sent
    expect(page.get_by_role("radio", name="未开工")).not_to_be_checked()


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_the_time_is_the_bureaus_whatever_the_phone_is_set_to(
    open_visit: Callable[[], Page], zone: str
) -> None:
    page = open_visit()
    add(page, file("现场.jpg"))
    expect(tiles(page, "kept")).to_have_count(1)
    expect(page.get_by_label("巡查时间")).to_have_value(re.compile("^2026-11-23T10:4"))
    fill(page)
    wait_until_saved(page)
    page.get_by_role("button", name=SEND).click()
    expect_the_record(page)
    assert Visit.objects.get().event.on == TODAY


def test_a_position_far_from_the_parcel_is_orange(
    open_visit: Callable[[], Page], phone: BrowserContext
) -> None:
    page = open_visit()
    green = page.locator("[data-pin]").evaluate("(pin) => getComputedStyle(pin).color")
    phone.set_geolocation({"latitude": 37.5625, "longitude": 115.2418, "accuracy": 8})
    page.get_by_role("button", name="重新定位").click()
    expect(page.locator("#visit-place")).to_contain_text("，距宗地边界 2.5 公里，请核对")
    assert page.locator("[data-pin]").evaluate("(pin) => getComputedStyle(pin).color") != green


def test_a_draft_survives_a_closed_tab_and_its_photos_go_on(
    open_visit: Callable[[], Page], phone: BrowserContext, live_server: LiveServer
) -> None:
    page = open_visit()
    add(page, file("现场.jpg"))
    expect(tiles(page, "kept")).to_have_count(1)
    phone.set_offline(True)
    fill(page)
    add(page, file("远景.jpg", colour="#369"))
    expect(tiles(page, "waiting")).to_have_count(1)
    expect(page.locator("[data-saved]")).to_contain_text("断网")
    wait_until_saved(page)
    page.close()
    phone.set_offline(False)

    page = phone.new_page()
    page.goto(live_server.url + reverse("supply:my_visits"))
    expect(page.get_by_text("草稿 10:4")).to_be_visible()
    page.get_by_role("link", name="开始巡查").click()
    expect(page.locator("[data-restored]")).to_contain_text("已恢复 10:4")
    expect(page.get_by_label("情况说明")).to_have_value("场地已围挡，未见基础施工。")
    expect(page.get_by_role("radio", name="用地单位原因")).to_be_checked()
    expect(page.get_by_role("radio", name="用地单位原因")).to_be_visible()
    expect(tiles(page, "kept")).to_have_count(2)
    page.get_by_role("button", name=SEND).click()
    expect_the_record(page)
    assert [one.file_name for one in Photo.objects.order_by("order")] == ["现场.jpg", "远景.jpg"]


def test_what_was_sent_without_network_arrives_once_from_the_next_tab(
    open_visit: Callable[[], Page], phone: BrowserContext, address: str
) -> None:
    page = open_visit()
    phone.set_offline(True)
    fill(page)
    add(page, file("现场.jpg"), file("远景.jpg", colour="#369"))
    page.get_by_role("button", name=SEND).dblclick()
    expect(page.locator("[data-status]")).to_contain_text("联网后自动提交")
    expect(page.locator("[data-send]")).to_be_disabled()
    wait_until_saved(page)
    page.close()
    assert not Event.objects.filter(kind="visit").exists()

    phone.set_offline(False)
    page = phone.new_page()
    page.goto(address)
    expect_the_record(page)
    assert Event.objects.filter(kind="visit").count() == 1
    assert Photo.objects.filter(event__kind="visit").count() == 2


def test_it_is_sent_when_the_network_comes_back(
    open_visit: Callable[[], Page], phone: BrowserContext
) -> None:
    page = open_visit()
    add(page, file("现场.jpg"))
    expect(tiles(page, "kept")).to_have_count(1)
    phone.set_offline(True)
    fill(page)
    page.get_by_role("button", name=SEND).click()
    expect(page.locator("[data-send]")).to_have_text("联网后自动提交")
    phone.set_offline(False)
    expect_the_record(page)
    assert Event.objects.filter(kind="visit").count() == 1


def test_an_answer_that_gets_lost_makes_no_second_record(
    open_visit: Callable[[], Page], address: str
) -> None:
    page = open_visit()
    fill(page)
    add(page, file("现场.jpg"))
    expect(tiles(page, "kept")).to_have_count(1)
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)  # the server has it, the phone never hears of that
            route.abort()
        else:
            route.continue_()

    page.route(address, lose_the_first)
    page.get_by_role("button", name=SEND).click()
    expect_the_record(page)
    assert lost == [200]
    assert Event.objects.filter(kind="visit").count() == 1


def test_a_photo_that_is_none_can_be_taken_away(open_visit: Callable[[], Page]) -> None:
    page = open_visit()
    fill(page)
    add(page, file("现场.jpg"), {"name": "动画.gif", "mimeType": "image/gif", "buffer": b"GIF89a"})
    expect(tiles(page, "failed")).to_contain_text("不能上传")
    expect(page.get_by_text("动画.gif：只能上传 JPG、PNG、WebP 文件")).to_be_visible()
    page.get_by_role("button", name=SEND).click()
    expect(page.get_by_text("有照片不能上传，请移除后再提交。")).to_be_visible()
    page.get_by_role("button", name="移除 动画.gif").click()
    page.get_by_role("button", name=SEND).click()
    expect_the_record(page)


def test_photos_too_many_or_too_large_are_named_and_not_taken(
    open_visit: Callable[[], Page], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr("supervision.supply.views.visits.MOST_PHOTOS", 2)
    settings.UPLOAD_MOST_BYTES = 512 * 1024
    page = open_visit()
    large = {"name": "大图.jpg", "mimeType": "image/jpeg", "buffer": photo() + bytes(1024 * 1024)}
    add(page, large, file("一.jpg"), file("二.jpg", colour="#369"), file("三.jpg", colour="#693"))
    told = page.locator("[data-field=photos] [data-error]")
    expect(told).to_contain_text("大图.jpg（1.0 MB）没有加入：每张不能超过 0.5 MB")
    expect(told).to_contain_text("一次巡查最多 2 张照片，多选的 1 张没有加入。")
    expect(tiles(page, "kept")).to_have_count(2)
    fill(page)
    page.get_by_role("button", name=SEND).click()
    expect_the_record(page)


def test_a_problem_without_a_word_is_told_before_it_is_sent(open_visit: Callable[[], Page]) -> None:
    page = open_visit()
    fill(page)
    add(page, file("现场.jpg"))
    page.get_by_label("情况说明").fill("")
    page.locator("[name^=found_][value='1']").first.check(force=True)
    page.get_by_role("button", name=SEND).click()
    expect(page.get_by_text("发现问题的，请在情况说明中写明。")).to_be_visible()
    page.get_by_label("情况说明").fill("场地堆放建筑垃圾。")
    page.get_by_role("button", name=SEND).click()
    expect_the_record(page)


def test_who_was_signed_out_signs_in_again_and_loses_nothing(
    open_visit: Callable[[], Page], phone: BrowserContext, site: Site
) -> None:
    page = open_visit()
    fill(page)
    wait_until_saved(page)
    phone.clear_cookies()
    add(page, file("现场.jpg"))
    expect(page.get_by_text("登录已过期")).to_be_visible()
    page.get_by_role("link", name="重新登录").click()
    page.locator("[name=username]").fill(site.officer.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(tiles(page, "kept")).to_have_count(1)
    expect(page.get_by_label("情况说明")).to_have_value("场地已围挡，未见基础施工。")
    page.get_by_role("button", name=SEND).click()
    expect_the_record(page)


def test_without_a_position_the_reason_is_asked(
    phone: BrowserContext, open_visit: Callable[[], Page], address: str
) -> None:
    page = open_visit()
    wait_until_saved(page)
    page.close()
    phone.clear_permissions()
    page = phone.new_page()
    page.goto(address)
    page.get_by_role("button", name="清空重填").click()
    expect(page.locator("[data-position-word]")).to_contain_text("没有定位权限")
    fill(page)
    add(page, file("现场.jpg"))
    page.get_by_role("button", name=SEND).click()
    expect(page.get_by_text("请定位；不能定位的，请说明原因。")).to_be_visible()
    page.get_by_label("不能定位的原因").fill("没有卫星信号")
    page.get_by_role("button", name=SEND).click()
    expect_the_record(page)
    assert Visit.objects.get().no_position_reason == "没有卫星信号"


def test_a_plain_form_does_without_script(
    chromium: Browser, live_server: LiveServer, site: Site, address: str
) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    client = Client()
    client.force_login(site.officer)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.goto(address)
    page.locator("#visit_album").set_input_files([file("现场.jpg")])
    page.get_by_label("经度").fill("115.2418")
    page.get_by_label("纬度").fill("37.5306")
    fill(page)
    page.get_by_label("情况说明").fill("")
    page.get_by_role("radiogroup", name="改变用途").get_by_role("radio", name="是").check()
    page.get_by_role("button", name=SEND).click()
    expect(page.get_by_text("发现问题的，请在情况说明中写明。")).to_be_visible()
    expect(page.get_by_text("已上传")).to_be_visible()
    page.get_by_label("情况说明").fill("改作仓库。")
    page.get_by_role("button", name=SEND).click()
    expect_the_record(page)
    assert Event.objects.get(kind="deviation").deviation == "use_changed"
    context.close()
