"""A letter from its draft to the seal, as clerk and head of the bureau make it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page, expect

from landbureau.documents.models import Document
from landbureau.documents.services import render
from landbureau.jobs.services import sign_of_life
from tests.browser.conftest import ORIGIN, Site
from tests.factories import SectionFactory, UserFactory, VillageFactory, allow

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel("2026-11-23T09:00:00+08:00"):
        yield


def test_a_letter_is_drafted_returned_changed_approved_issued_and_sealed(page: Page, site: Site) -> None:
    section = SectionFactory(name="测绘股", phone="0319-1234567")
    clerk = allow(
        UserFactory(name="陈拟稿", section=section),
        "view_document",
        "create_document",
        "seal_document",
        on=section,
    )
    head = allow(UserFactory(name="周签发"), "view_document", "approve_document", "sign_document")
    here, elsewhere = VillageFactory(), VillageFactory()
    told = page.locator(".lb-messages")

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    site.sign_in(clerk)
    page.goto(ORIGIN + reverse("documents:new"))
    page.get_by_role("link", name="函", exact=False).first.click()
    press("保存并送审")
    missing = page.locator(".lb-alert-error")
    expect(missing.get_by_role("link", name="主送机关")).to_be_visible()
    page.get_by_label("主送机关").fill("新河县水务局")
    expect(missing.get_by_role("link", name="主送机关")).to_have_count(0)
    page.get_by_label("标题").fill("关于排水渠改移的函")
    page.get_by_label("正文").fill("你局来函收悉。\n一、同意改移。请按规划实施。")
    expect(missing).to_have_count(0)  # nothing is called wrong any more
    expect(page.locator(".is-invalid")).to_have_count(0)
    page.get_by_label("村居").select_option(str(elsewhere.pk))
    page.get_by_label("乡镇").select_option(str(here.township.pk))
    expect(page.get_by_label("村居")).to_have_value("")
    expect(page.locator("#id_village optgroup:not([hidden])")).to_have_attribute("label", str(here.township))
    page.get_by_role("button", name="按填写的内容预览").click()
    expect(page.locator("#preview img")).to_have_count(1)
    assert not Document.objects.exists(), "a preview keeps nothing"
    assert page.get_by_label("正文").input_value().startswith("你局来函")
    press("保存并送审")
    expect(told).to_contain_text("已送审")
    expect(page.locator("h1")).to_have_text("关于排水渠改移的函")

    site.sign_in(head)
    page.goto(ORIGIN + reverse("home:desk"))
    page.get_by_role("link", name="审批").click()
    expect(page.locator("[data-paper-pages] img")).to_have_count(1)
    page.get_by_role("link", name="退回").click()
    page.get_by_label("理由").fill("请写明费用由谁承担")
    press("退回")
    expect(told).to_contain_text("已退回拟稿人")

    site.sign_in(clerk)
    page.goto(ORIGIN + reverse("home:desk"))
    expect(page.get_by_text("已退回：请写明费用由谁承担")).to_be_visible()
    page.locator("main").get_by_role("link", name="修改").click()
    page.get_by_role("link", name="修改", exact=True).click()
    page.get_by_label("正文").fill("你局来函收悉。\n一、同意改移。\n二、费用由用地单位承担。")
    press("保存并送审")
    expect(told).to_contain_text("已送审")

    site.sign_in(head)
    page.goto(ORIGIN + reverse("documents:documents") + "?todo=approve")
    page.get_by_role("link", name="关于排水渠改移的函").click()
    press("签发")
    sign_of_life("worker", "here")
    press("印发")
    document = Document.objects.get()
    expect(told).to_contain_text(f"已印发，文号 {document.number}")
    expect(page.get_by_text("正在生成正本")).to_be_visible()
    assert render(document.pk)
    expect(page.locator("[data-paper-pages] img")).to_have_count(1)  # asked for again by the page itself

    site.sign_in(clerk)
    page.goto(ORIGIN + document.get_absolute_url())
    page.get_by_label("份数").fill("3")
    press("用印登记")
    expect(told).to_contain_text("已登记用印")
    expect(page.get_by_text("3 份　监印 陈拟稿")).to_be_visible()
    expect(page.get_by_role("button", name="用印登记")).to_have_count(0)
    expect(page.get_by_text("文件指纹")).to_be_visible()
