"""A demo of its own and the people who walk through it, for the pictures in docs/."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "docs" / "screenshots"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


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

    def picture(self, name: str, page: Page, path: str | None = None, *, height: int = 0) -> None:
        """The whole page as a PNG of 256 colours (a fifth of the size, no visible loss).

        ``height``: of the window, for pages with parts that keep within it.
        """
        if path is not None:
            page.goto(self.address + path)
        window = page.viewport_size
        if window and height:
            page.set_viewport_size({"width": window["width"], "height": height})
        page.wait_for_load_state("networkidle")
        page.evaluate("scrollTo(0, 0)")
        image = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        if window and height:
            page.set_viewport_size(window)
        image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            OUT / f"{name}.png", optimize=True
        )
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
def demo_running(browser: Browser, folder: str) -> Iterator[Demo]:
    """A fresh demo whose data are in ``folder``."""
    port = free_port()
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
