"""The land officer on site: from the list to the document, served with two photos, on a phone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from landbureau.documents.models import Document
from tests.browser.test_axe import PHONE, check
from tests.documents.desk import blank_pdf
from tests.documents.office import Office
from tests.factories import PASSWORD, UserFactory
from tests.web.files import photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def file(name: str, **how: Any) -> Any:
    return {"name": name, "mimeType": "image/jpeg", "buffer": photo(**how)}


def test_the_officer_serves_a_document_with_two_photos(page: Page, live_server: LiveServer) -> None:
    with time_machine.travel("2026-11-23T10:40:00+08:00"):
        office = Office()
        office.officer.name, office.officer.office = "王海燕", office.township.office
        office.officer.save()
        UserFactory(name="孙志强", office=office.township.office)
        document = office.document("sealed", two_servers=True)
        document.pdf.storage.save(document.pdf.name, ContentFile(blank_pdf().data))
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.clock.set_fixed_time("2026-11-23T10:40:00+08:00")

        page.goto(live_server.url + reverse("documents:documents") + "?todo=serve")
        page.locator("[name=username]").fill(office.officer.username)
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        page.get_by_role("link", name=document.title).click()
        page.get_by_role("link", name="登记送达").click()

        expect(page.get_by_label("送达地点")).to_have_value("寻寨镇测试路1号")
        expect(page.get_by_label("签收日期")).to_have_value("2026-11-23")
        expect(page.locator("#consequence")).to_contain_text("送达日期记为 2026-11-23")
        page.get_by_role("radio", name="邮寄送达").check()
        expect(page.get_by_label("回执收件日期")).to_have_value("")
        expect(page.get_by_label("签收日期", exact=True)).to_be_hidden()
        expect(page.locator("#consequence")).to_contain_text("文书在途")
        page.get_by_role("radio", name="直接送达").check()
        check(page, "the form on a phone")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

        page.locator("[data-upload-all]").set_input_files([file("回证.jpg"), file("错的.jpg", colour="#000")])
        page.get_by_role("button", name="移除 错的.jpg").click()
        page.locator("[data-upload-all]").set_input_files([file("现场.jpg", colour="#696", orientation=6)])
        expect(page.locator("[data-upload-list] li")).to_have_count(2)
        page.get_by_label("签收人").fill("高志远")
        page.get_by_label("与受送达人关系").fill("法定代表人")
        page.get_by_role("button", name="登记送达").click()

        expect(page.get_by_role("alert").first).to_contain_text("请填写送达人（二）。")
        expect(page.get_by_label("签收人")).to_have_value("高志远")
        expect(page.get_by_text("已保存 2 份：回证.jpg、现场.jpg")).to_be_visible()
        page.get_by_label("送达人（二）").fill("孙志强")
        page.get_by_role("button", name="登记送达").dblclick()

        expect(page.get_by_text("已登记送达，送达日期 2026-11-23。")).to_be_visible()
        assert page.url == live_server.url + document.get_absolute_url()
        expect(page.locator("[data-paper-now]")).to_be_visible()  # a whole page, whose scripts are at work
        small = page.locator(".lb-thumbnails img")
        expect(small).to_have_count(2)
        for picture in small.all():
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", True)
            assert picture.evaluate("(picture) => picture.naturalWidth") > 0
        check(page, "the served document on a phone")
        document.refresh_from_db()
        assert document.served_on == date(2026, 11, 23)
        assert document.service_records.count() == 1
        assert Document.objects.get().proofs.count() == 2

        page.go_back()
        expect(page.get_by_text("没有重复登记")).to_be_visible()  # asked for anew, not the form as it was
        expect(page.get_by_text("请填写送达人（二）。")).to_have_count(0)
        assert page.evaluate("sessionStorage.getItem('htmx-history-cache')") is None
        document.pdf.storage.delete(document.pdf.name)
