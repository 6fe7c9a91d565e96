"""Makes the pictures in docs/screenshots/ from a fresh demo: ``make screenshots``.

Starts the demo's web server on its own data folder and port, signs in as several people, and photographs
pages at 1280 px and, where a phone is used, at 390 px.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "screenshots"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
ADMIN, HEAD, OFFICER = "chenzg", "zhaowb", "wanghy"

# (file, person or None for the public, address, viewport, theme)
PICTURES: list[tuple[str, str | None, str, dict[str, int], str]] = [
    ("public", None, "/", DESKTOP, "light"),
    ("public-m", None, "/", PHONE, "light"),
    ("sign-in", None, "/accounts/login/", DESKTOP, "light"),
    ("desk", HEAD, "/desk/", DESKTOP, "light"),
]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def demo_server() -> Any:
    """The web server of a fresh demo; yields its address."""
    with tempfile.TemporaryDirectory(prefix="landbureau-pictures-") as folder:
        env = {**os.environ, "DEMO": "1", "DATA_DIR": folder, "HTTPS": "0"}
        for command in (["migrate", "-v0"], ["load_demo"], ["collectstatic", "--noinput", "-v0"]):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=env,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        port = free_port()
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "landbureau.wsgi",
                "-b",
                f"127.0.0.1:{port}",
                "--threads",
                "4",
            ],
            cwd=ROOT,
            env=env,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(100):
                try:
                    urllib.request.urlopen(f"{address}/healthz", timeout=1)
                    break
                except OSError:
                    time.sleep(0.2)
            yield address
        finally:
            server.terminate()
            server.wait(10)


def sign_in(page: Page, address: str, person: str, password: str) -> None:
    page.goto(f"{address}/accounts/login/")
    page.fill("input[name=username]", person)
    page.fill("input[name=password]", password)
    page.click("form button[type=submit]")
    page.wait_for_url(f"{address}/desk/**")


def save(page: Page, name: str) -> None:
    """The whole page as a PNG of 256 colours (a fifth of the size, no visible loss)."""
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(OUT / f"{name}.png", optimize=True)


def main() -> None:
    from landbureau.accounts.demo import demo_accounts

    passwords = {account.username: account.password for account in demo_accounts()}
    OUT.mkdir(parents=True, exist_ok=True)
    with demo_server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-background-networking"]
        )
        for name, person, path, viewport, theme in PICTURES:
            context = browser.new_context(viewport=viewport, locale="zh-CN")  # type: ignore[arg-type]
            context.add_cookies([{"name": "theme", "value": theme, "url": address}])
            page = context.new_page()
            if person:
                sign_in(page, address, person, passwords[person])
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            save(page, name)
            context.close()
            print(f"docs/screenshots/{name}.png")
        browser.close()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landbureau.settings")
    import django

    django.setup()
    main()
