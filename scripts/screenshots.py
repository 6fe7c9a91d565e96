"""Makes the pictures in docs/screenshots/ from a fresh demo: ``make screenshots``.

Runs the demo on its own data folder and port, photographs every role's desk and the pages of the frame at
1280 px and, where a phone is used, at 390 px, and makes the walks on the way: an officer moves and hands
over, a calendar day changes, the worker is killed.
"""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "screenshots"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
ROLES = {
    "clerk": "chenxy",
    "section-head": "zhaowb",
    "leader": "zhouyj",
    "land-officer": "wanghy",
    "brigade": "hanlb",
    "legal-reviewer": "xuwj",
    "archive-clerk": "dingsf",
    "admin": "linzy",
}
PAGES = {  # as the administrator sees them
    "calendar": "/desk/workdays/calendar/",
    "limits": "/desk/workdays/limits/",
    "calculator": "/desk/workdays/calculator/",
    "staff": "/desk/people/",
    "roles": "/desk/people/roles/",
    "bureau": "/desk/people/bureau/",
    "audit": "/desk/audit/?page_size=20",
    "jobs": "/desk/jobs/",
    "status": "/desk/status/",
}


class Demo:
    """A running demo: its address, and the browser's people."""

    def __init__(self, address: str, process: subprocess.Popen[bytes], browser: Browser) -> None:
        self.address, self.process, self.browser = address, process, browser
        self.password = ""

    def tab(self, person: str | None, viewport: dict[str, int], theme: str = "light") -> Page:
        """A fresh tab, signed in."""
        context: BrowserContext = self.browser.new_context(viewport=viewport, locale="zh-CN")  # type: ignore[arg-type]
        context.add_cookies([{"name": "theme", "value": theme, "url": self.address}])
        page = context.new_page()
        if person:
            page.goto(f"{self.address}/accounts/login/")
            page.fill("input[name=username]", person)
            page.fill("input[name=password]", self.password)
            page.get_by_role("button", name="登录", exact=True).click()
            page.wait_for_url(lambda url: "/login/" not in url)
        return page

    def picture(self, name: str, page: Page, path: str | None = None) -> None:
        """The whole page as a PNG of 256 colours (a fifth of the size, no visible loss)."""
        if path is not None:
            page.goto(self.address + path)
        page.wait_for_load_state("networkidle")
        page.evaluate("scrollTo(0, 0)")
        image = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        image.quantize(256, dither=Image.Dither.NONE).save(OUT / f"{name}.png", optimize=True)
        print(f"docs/screenshots/{name}.png", flush=True)

    def kill_worker(self) -> None:
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                command = (stat.parent / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            if parent == self.process.pid and " worker " in command:
                os.kill(int(stat.parent.name), signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def demo_running(browser: Browser) -> Iterator[Demo]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="landbureau-pictures-") as folder:
        env = {**os.environ, "DATA_DIR": folder, "PORT": str(port), "BUREAU": "xinhe"}
        process = subprocess.Popen([sys.executable, "scripts/demo.py"], cwd=ROOT, env=env)
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{address}/readyz", timeout=1)
                    break
                except OSError:
                    time.sleep(0.3)
            yield Demo(address, process, browser)
        finally:
            process.terminate()
            process.wait(15)


def people(demo: Demo) -> None:
    public, phone = demo.tab(None, DESKTOP), demo.tab(None, PHONE)
    demo.picture("public", public, "/")
    demo.picture("public-m", phone, "/")
    demo.picture("sign-in", public, "/accounts/login/")
    demo.picture("sign-in-m", phone, "/accounts/login/")
    demo.picture("first-password", demo.tab("tianyu", DESKTOP))
    for role, person in ROLES.items():
        demo.picture(f"desk-{role}", demo.tab(person, DESKTOP), "/desk/")
        demo.picture(f"desk-{role}-m", demo.tab(person, PHONE), "/desk/")
    demo.picture("desk", demo.tab("zhaowb", DESKTOP), "/desk/")
    demo.picture("desk-dark", demo.tab("zhaowb", DESKTOP, "dark"), "/desk/")
    demo.picture("deadlines", demo.tab("hanlb", DESKTOP), "/desk/workdays/")


def pages(demo: Demo) -> None:
    admin, phone = demo.tab("linzy", DESKTOP), demo.tab("linzy", PHONE)
    for name, path in PAGES.items():
        demo.picture(name, admin, path)
    for name in ("calendar", "staff", "status"):
        demo.picture(f"{name}-m", phone, PAGES[name])


def moving_an_officer(demo: Demo) -> None:
    admin = demo.tab("linzy", DESKTOP)
    admin.goto(f"{demo.address}/desk/people/?q=王海燕")
    admin.get_by_role("link", name="王海燕", exact=True).first.click()
    demo.picture("person", admin)
    admin.get_by_role("link", name="范围与依据").click()
    demo.picture("access", admin)
    admin.go_back()
    admin.get_by_role("link", name="调动").click()
    admin.get_by_label("调入国土所").select_option("新河国土所")
    admin.get_by_label("在新单位的角色").select_option("国土员")
    admin.get_by_label("移交给接办人").check()
    admin.get_by_label("张立国").check()
    admin.get_by_label("事由").fill("轮岗")
    demo.picture("move", admin)
    admin.get_by_role("button", name="调动").click()
    demo.picture("moved", admin)
    taker = demo.tab("zhanglg", PHONE)
    demo.picture("desk-taker-m", taker, "/desk/")
    demo.picture("my-work-m", taker, "/desk/people/me/work/")


def changing_a_day(demo: Demo) -> None:
    admin = demo.tab("linzy", DESKTOP)
    day = date.today() + timedelta(days=3)  # noqa: DTZ011  # any coming day will do
    while day.weekday() > 4:
        day += timedelta(days=1)
    admin.goto(f"{demo.address}/desk/workdays/calendar/{day}/")
    admin.get_by_role("link", name="修改").first.click()
    admin.get_by_label("休息").first.check()
    admin.get_by_label("来源").fill("县政府临时放假通知")
    admin.get_by_role("button", name="预览").click()
    demo.picture("calendar-change", admin)
    admin.get_by_role("button", name="保存").click()
    demo.picture("calendar-changed", admin)


def killing_the_worker(demo: Demo) -> None:
    admin: Any = demo.tab("linzy", DESKTOP)
    demo.kill_worker()
    admin.goto(f"{demo.address}/desk/status/")
    admin.get_by_role("row", name="后台处理").get_by_text("故障").wait_for(timeout=120_000)
    demo.picture("status-worker-killed", admin)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-background-networking", "--lang=zh-CN"],
            env={**os.environ, "LANGUAGE": "zh_CN"},
        )
        with demo_running(browser) as demo:
            sys.path.insert(0, str(ROOT))
            from landbureau.accounts.demo import PASSWORD

            demo.password = PASSWORD
            for part in (people, pages, moving_an_officer, changing_a_day, killing_the_worker):
                part(demo)
        browser.close()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landbureau.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    main()
