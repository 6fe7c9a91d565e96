"""Documents: a reminder from its draft to its proof of service, and the other pages."""

from __future__ import annotations

import time
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page

from landbureau.accounts.models import User
from landbureau.documents.demo_photos import receipt_photo
from landbureau.documents.models import Document
from landbureau.documents.selectors import TO_RENDER
from pictures import DESKTOP, PHONE, Demo

DESK = "/desk/documents/"
TALL = 1400  # of the window: a page of the document beside its data


def photograph(demo: Demo) -> None:
    wait_for_pdfs()
    lists(demo)
    document = walk(demo)
    others(demo, document)
    verification(demo, document)


def wait_for_pdfs() -> None:
    """Until the demo's worker has written what waits for it."""
    end = time.monotonic() + 180
    while Document.objects.filter(TO_RENDER).exists():
        if time.monotonic() > end:
            raise TimeoutError("the worker has not written the PDFs")
        time.sleep(1)


def lists(demo: Demo) -> None:
    head, phone, clerk = demo.tab("zhaowb", DESKTOP), demo.tab("zhaowb", PHONE), demo.tab("chenxy", DESKTOP)
    demo.picture("documents", head, DESK)
    demo.picture("documents-m", phone, f"{DESK}?todo=approve")
    demo.picture(
        "document-returned", clerk, find(addressee__contains="青石桥", submitted_on=None), height=TALL
    )
    demo.picture("document-voided", head, find(voided_on__isnull=False, number__isnull=False), height=TALL)
    demo.picture("document-numbers", clerk, f"{DESK}numbers/")


def find(**conditions: object) -> str:
    """The address of the newest document that meets them."""
    return str(Document.objects.filter(**conditions).latest("pk").get_absolute_url())


def walk(demo: Demo) -> Document:
    """A clerk drafts, the head approves, the clerk issues and registers the seal, an officer serves."""
    clerk, head = demo.tab("chenxy", DESKTOP), demo.tab("zhaowb", DESKTOP)
    demo.picture("document-new", clerk, f"{DESK}new/")
    demo.picture("document-draft-m", demo.tab("chenxy", PHONE), f"{DESK}new/payment_reminder/", height=2600)
    clerk.get_by_role("link", name="出让金缴纳提醒通知单").click()
    fill_draft(clerk)
    clerk.get_by_role("button", name="按填写的内容预览").click()
    clerk.locator("img[src^='data:']").first.wait_for()
    demo.picture("document-draft", clerk, height=2060)
    clerk.get_by_role("button", name="保存并送审").click()
    clerk.wait_for_url(lambda url: "/new/" not in url)
    document = Document.objects.latest("pk")
    page = document.get_absolute_url()

    demo.picture("document-to-approve", head, f"{DESK}?todo=approve")
    demo.picture("document-approve", head, page, height=TALL)
    head.get_by_role("button", name="批准").click()
    head.wait_for_load_state()
    demo.picture("document-return", demo.tab("zhaowb", DESKTOP), f"{page}act/return/")
    clerk.goto(demo.address + page)
    clerk.get_by_role("button", name="印发").click()
    clerk.wait_for_load_state()
    wait_for_pdfs()
    demo.picture("document-seal", clerk, page, height=TALL)
    clerk.get_by_label("监印人").fill("郭晓丽")
    clerk.get_by_role("button", name="用印登记").click()
    clerk.get_by_role("link", name="交办送达").click()
    clerk.get_by_label("送达人").select_option(str(User.objects.get(username="wanghy").pk))
    demo.picture("document-hand", clerk)
    clerk.get_by_role("button", name="交办送达").click()
    demo.picture("document", clerk, page, height=TALL)
    serve(demo, page)
    document.refresh_from_db()
    return document


def fill_draft(page: Page) -> None:
    today = timezone.localdate()
    words = {
        "受送达人": "新河县堃祎纺织机械有限公司",
        "事由": "第2期出让金缴纳提醒",
        "合同编号": "新土让〔2025〕58号",
        "签订日期": (today - timedelta(days=340)).isoformat(),
        "宗地坐落": "寻寨镇双井村南、振兴路西侧",
        "面积": "16675",
        "成交价款": "3,200,000.00",
        "期次": "2",
        "应缴金额": "1,600,000.00",
        "应缴日期": (today + timedelta(days=30)).isoformat(),
        "违约金千分比": "1",
        "送达地址": "寻寨镇双井村南公司办公楼",
    }
    for label, value in words.items():
        page.get_by_label(label).first.fill(value)
    page.get_by_label("乡镇").first.select_option(label="寻寨镇")
    page.get_by_label("村居").first.select_option(label="双井村")


def serve(demo: Demo, page: str) -> None:
    """On the phone: to-do, document, receipt with a photo."""
    phone = demo.tab("wanghy", PHONE)
    demo.picture("document-to-serve-m", phone, f"{DESK}?todo=serve")
    demo.picture("document-m", phone, page, height=1000)
    phone.goto(f"{demo.address}{page}serve/")
    now = timezone.localtime()
    lines = [
        ("受送达人", "新河县堃祎纺织机械有限公司"),
        ("收件人", "宋堃祎，法定代表人"),
        ("送达人", "王海燕　宋玉涛"),
    ]
    photo = receipt_photo(lines, taken=now, position=(37.5582, 115.2713), turn=2.5)
    phone.locator("[data-upload-all]").set_input_files(
        [{"name": "送达回证.jpg", "mimeType": "image/jpeg", "buffer": photo.read()}]
    )
    phone.get_by_label("签收人").fill("宋堃祎")
    phone.get_by_label("与受送达人关系").fill("法定代表人")
    phone.get_by_label("送达人（二）").fill("宋玉涛")
    demo.picture("document-serve-m", phone, height=1000)
    phone.get_by_role("button", name="登记送达").click()
    phone.wait_for_url(lambda url: "/serve/" not in url)
    demo.picture("document-served-m", phone, height=1000)
    demo.picture("document-served", demo.tab("zhaowb", DESKTOP), page, height=TALL)
    demo.picture("document-correct", demo.tab("wanghy", DESKTOP), f"{page}serve/correct/")


def others(demo: Demo, document: Document) -> None:
    clerk, admin = demo.tab("chenxy", DESKTOP), demo.tab("linzy", DESKTOP)
    demo.picture("document-seals", clerk, f"{DESK}seals/")
    demo.picture("document-kinds", admin, f"{DESK}kinds/")
    demo.picture("document-kind", admin, f"{DESK}kinds/payment_reminder/")
    admin.goto(f"{demo.address}{DESK}kinds/payment_reminder/edit/")
    text = admin.locator("#id_text")
    text.fill(text.input_value().replace("逾期未缴的，", "逾期未缴清的，"))
    admin.get_by_role("button", name="预览").click()
    demo.picture("document-wording", admin, height=TALL)
    demo.picture("document-batch-new", clerk, f"{DESK}batches/new/")
    clerk.get_by_role("button", name="生成打印文件").click()
    clerk.get_by_text("可以打印").wait_for(timeout=120_000)  # the page asks until the worker has merged
    demo.picture("document-batch", clerk)


def verification(demo: Demo, document: Document) -> None:
    voided = Document.objects.filter(voided_on__isnull=False).exclude(code=None).latest("pk")
    for width, viewport in (("", DESKTOP), ("-m", PHONE)):
        public = demo.tab(None, viewport)
        demo.picture(f"verify{width}", public, "/verify/")
        demo.picture(f"verify-valid{width}", public, f"/V/{document.code}")
        demo.picture(f"verify-voided{width}", public, f"/V/{voided.code}")
        demo.picture(f"verify-wrong{width}", public, "/V/ABCD2345EFGH")
