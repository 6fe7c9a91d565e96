"""Spreadsheets in: the sample table of villages, from the file to its result."""

from __future__ import annotations

from playwright.sync_api import Page

from pictures import DESKTOP, PHONE, ROOT, Demo

DESK = "/desk/imports/"
TABLES = ROOT / "fixtures" / "demo" / "tables"
TALL = 1500  # of the window: the bar at its foot covers nothing


def photograph(demo: Demo) -> None:
    admin, phone = demo.tab("linzy", DESKTOP), demo.tab("linzy", PHONE)
    demo.picture("imports", admin, DESK)
    bring(admin, demo, "村居调整表.xlsx")
    demo.picture("import", admin, height=TALL)
    demo.picture("import-m", phone, admin.url.removeprefix(demo.address), height=2600)
    answer(admin)
    demo.picture("import-ready", admin, height=TALL)
    admin.get_by_role("button", name="确认导入").click()
    admin.get_by_text("已导入").first.wait_for()
    demo.picture("import-done", admin)
    demo.picture("imports-m", phone, DESK)


def bring(page: Page, demo: Demo, name: str) -> None:
    page.goto(demo.address + DESK)
    page.set_input_files("input[type=file]", TABLES / name)
    page.get_by_role("button", name="上传并检查").click()
    page.wait_for_url(lambda url: url.rstrip("/").rpartition("/")[2].isdigit())


def answer(page: Page) -> None:
    """The column that is not wanted, the number in words, then whatever is asked."""
    page.locator("select").filter(has_text="请选择").first.select_option(label="不导入")
    settled(page, "保存并重新检查")
    page.get_by_label("第 12 行“路线顺序”改为").fill("4")
    settled(page, "改为此值")
    while (accept := page.get_by_role("button", name="采纳全部建议")).is_visible():
        accept.click()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(500)


def settled(page: Page, button: str) -> None:
    with page.expect_response(lambda response: DESK in response.url and response.request.method == "POST"):
        page.get_by_role("button", name=button).first.click()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
