"""No inline code or style in any template: the policy would block it, and nobody would notice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(path for folder in ("templates",) for path in (ROOT / folder).rglob("*.html"))
OURS = ROOT / "landbureau/web/static/web"
INLINE = re.compile(
    r"""\sstyle=|\son[a-z]+=["']|<style|<script(?![^>]*\ssrc=)|javascript:|hx-on|hx-vals=["']js:|\|safe\b"""
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_nothing_inline(path: Path) -> None:
    found = INLINE.search(path.read_text("utf-8"))
    assert not found, f"{found[0]} in {path.name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_static_files_that_a_template_names_exist(path: Path) -> None:
    for name in re.findall(r"""{%\s*static\s+["']([^"']+)["']""", path.read_text("utf-8")):
        if not name.startswith("vendor/"):  # made by the set-up
            assert finders.find(name), name


@pytest.mark.parametrize("name", ["tokens.css", "parts.css", "desk.css", "public.css"])
def test_style_sheets_load_nothing_from_elsewhere_and_know_their_tokens(name: str) -> None:
    text = (OURS / name).read_text("utf-8")
    assert "@import" not in text
    assert "http" not in text
    defined = set(
        re.findall(r"(--[a-z0-9-]+):", "".join(path.read_text("utf-8") for path in OURS.glob("*.css")))
    )
    used = {token for token in re.findall(r"var\((--[a-z0-9-]+)", text) if not token.startswith("--tblr-")}
    assert used - defined == set()
