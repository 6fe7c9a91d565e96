"""Documents as PDF: reads the content alone, so that a frozen document can be explained by its JSON.

Measures of GB/T 9704-2012: 22 lines of 28 characters on 156 by 225 mm (``templates/documents/print``).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import segno
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from landbureau.documents.columns import columns_of, pieces
from landbureau.documents.content import Content, Paragraph, Table, day_text, hands_of
from landbureau.documents.typography import balanced, form_rows, receipt_size

if TYPE_CHECKING:
    from weasyprint import Document

RECEIPT = "receipt"  # the anchor from which the receipt is known
TITLE_LINE = 20  # characters of 2号 on a line
NAME_LINE = 15  # characters of the issuer's name above the date
LONG_CELL = 100  # characters: a row with more may break across pages
TIGHTENED = ("notice", "letter")
"""Layouts whose lines draw together where the seal would else turn the page (GB/T 9704-2012, 7.3.5.4)."""
MARK_SIZES = ((10, "large"), (13, "medium"), (20, "small"))  # characters of the issuer's mark


@dataclass(frozen=True)
class Pdf:
    """A written document. ``pages``: all, the receipt included; ``receipt_page``: where it begins, from 1."""

    data: bytes
    pages: int
    receipt_page: int | None


def write_pdf(content: Content) -> Pdf:
    """The document with its receipt; without ``stamp`` a draft, marked as such. The same content gives the
    same bytes as long as program and fonts are the same."""
    document = _laid_out(content, tight=False)
    if _own_pages(document) == 2 and content["layout"] in TIGHTENED:
        tight = _laid_out(content, tight=True)
        document = tight if _own_pages(tight) == 1 else document
    receipt_page = _receipt_page(document)
    identifier = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()[:16]
    data = document.write_pdf(pdf_identifier=identifier)
    return Pdf(data, len(document.pages), receipt_page)


def _laid_out(content: Content, *, tight: bool) -> Document:
    from landbureau.documents.press import lay_out  # WeasyPrint takes a second: not for every command

    context = _context(content) | {"tight": tight}
    return lay_out(render_to_string(f"documents/print/{content['layout']}.html", context))


def _receipt_page(document: Document) -> int | None:
    return next((number for number, page in enumerate(document.pages, 1) if RECEIPT in page.anchors), None)


def _own_pages(document: Document) -> int:
    """Without the receipt."""
    receipt_page = _receipt_page(document)
    return len(document.pages) if receipt_page is None else receipt_page - 1


def _context(content: Content) -> dict[str, Any]:
    stamp = content.get("stamp")
    day = date.fromisoformat(stamp["date"]) if stamp else None
    return {
        "content": content,
        "stamp": stamp,
        "date": day_text(day) if day else "",
        "code": grouped(stamp["code"]) if stamp else "",
        "site": site_of(stamp["address"]) if stamp and stamp["address"] else "",
        "qr": qr_code(stamp["address"]) if stamp and stamp["address"] else "",
        "title": balanced(content["title"], TITLE_LINE),
        "name": balanced(content["issuer"], NAME_LINE),
        "blocks": [_printable(block) for block in content["blocks"]],
        "form": form_rows(content["form"]),
        "hands": hands_of(content),
        "receipt_size": receipt_size(content["receipt"]) if content["receipt"] else "",
        "mark": next((name for most, name in MARK_SIZES if len(content["issuer"]) <= most), "tiny"),
    }


def _printable(block: Paragraph | Table) -> Mapping[str, Any]:
    """A table with the classes of itself, its rows and cells, its heads in pieces."""
    if block["type"] == "paragraph":
        return block
    columns = columns_of(block["header"], block["rows"])
    looks = [f"type-{columns.size:g}".replace(".", "-")]
    looks += ["whole"] if columns.whole_heads else [] if columns.fits else ["loose"]
    classes = [
        ("figure " if numeric else "") + (f"words-{least}" if least else "kept")
        for numeric, least in zip(block["numeric"], columns.least, strict=True)
    ]
    return {
        **block,
        "looks": " ".join(looks),
        "header": [pieces(head) if columns.whole_heads else [head] for head in block["header"]],
        "rows": [
            (any(len(cell) > LONG_CELL for cell in row), list(zip(row, classes, strict=True)))
            for row in block["rows"]
        ],
    }


def grouped(code: str) -> str:
    """``7Q4K92MXA1B2`` as it is read out: ``7Q4K-92MX-A1B2``."""
    return "-".join(re.findall(".{1,4}", code))


def site_of(address: str) -> str:
    """Where a document is checked by typing: ``http://gtj.example.gov.cn/V/7Q4K`` is at
    ``gtj.example.gov.cn/verify``."""
    return re.sub("^https?://", "", address.rpartition("/V/")[0]) + "/verify"


def qr_code(address: str) -> SafeString:
    """The address as inline SVG, without its quiet zone (the page leaves it)."""
    svg: str = segno.make(address, error="m", micro=False).svg_inline(border=0, omitsize=True)
    return mark_safe(svg)  # noqa: S308  drawn by segno: a path, none of the address's text
