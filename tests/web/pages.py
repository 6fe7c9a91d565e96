"""What must hold for every answer and every page."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

# What Django and its libraries say in English when a translation is missing.
ENGLISH = re.compile(
    r"This field|is required|Enter a |Select a valid|Please |already exists|Ensure |Not found|Forbidden"
    r"|Bad Request|Access lock|Account locked|previous|No results|Unknown|Clear\b|Currently|Log in|Submit"
)
INLINE = re.compile(r"""<[^>]+\s(?:style|on[a-z]+)\s*=\s*["']|<style|<script(?![^>]*\ssrc=)[^>]*>""", re.I)
TAGS = re.compile(r"<[^>]+>")


def body_of(response: HttpResponse) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return bytes(content).decode("utf-8", "replace")


def asked(client: Client, address: str, data: dict[str, Any]) -> dict[str, Any]:
    """``data`` of an act on many rows, with what the page that asks about it showed: to be sent again."""
    shown = re.search(r'name="seen" value="([^"]*)"', body_of(client.post(address, data)))
    assert shown, "the page does not ask"
    return data | {"seen": shown[1]}


def check_headers(response: HttpResponse) -> None:
    policy = response.headers["Content-Security-Policy"]
    page = "text/html" in response.headers.get("Content-Type", "")
    assert "default-src 'self'" in policy or ("default-src 'none'" in policy and not page)
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=(self)" in response.headers["Permissions-Policy"]


def check_page(response: HttpResponse, body: str) -> None:
    """A whole page: language, title, one heading, nothing inline, nothing in English."""
    if "<html" not in body:
        return  # a fragment for htmx
    assert '<html lang="zh-CN"' in body
    title = re.search(r"<title>\s*(.+?)\s*</title>", body, re.S)
    assert title, "no title"
    assert not title[1].startswith("-"), f"the title names no page: {title[1]}"
    assert body.count("<h1") == 1, f"{body.count('<h1')} first headings"
    check_text(body)


def check_text(body: str) -> None:
    found = INLINE.search(body)
    assert not found, f"inline code or style: {found[0]}"
    english = ENGLISH.search(TAGS.sub(" ", re.sub(r"<(script|style).*?</\1>", "", body, flags=re.S)))
    assert not english, f"English on the page: {english[0]}"
