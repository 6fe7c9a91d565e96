"""Makes the pictures in docs/ from a fresh demo: ``make screenshots``, or some of them: ``... documents``.

Runs the demo on its own data folder and port, photographs pages at 1280 px and, where a phone is used, at
390 px, and makes the walks on the way. What is photographed stands in ``pictures/``.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent


def main(chosen: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="landbureau-pictures-") as folder:
        sys.path.insert(0, str(ROOT))
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "landbureau.settings",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # the script reads the demo's database while Playwright waits
            "DEMO": "1",
            "DATA_DIR": folder,
        }
        import django

        django.setup()
        from pictures import OUT, demo_running, documents, frame, imports, paper, supply

        from landbureau.accounts.demo import PASSWORD

        OUT.mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                args=["--no-sandbox", "--disable-background-networking", "--lang=zh-CN"],
                env={**os.environ, "LANGUAGE": "zh_CN"},
            )
            with demo_running(browser, folder) as demo:
                demo.password = PASSWORD
                # The frame's last walk kills the worker.
                for part in (supply, documents, paper, imports, frame):
                    if not chosen or part.__name__.rpartition(".")[2] in chosen:
                        part.photograph(demo)
            browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
