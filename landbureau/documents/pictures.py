"""Pages of a PDF as pictures: they look the same on every desk and phone, without a plugin (ADR 0007)."""

from __future__ import annotations

from io import BytesIO

from landbureau.web.pdfpages import page_picture


def page_png(pdf: bytes, page: int, width: int) -> bytes:
    """Page ``page`` (from 1) as PNG, ``width`` pixels wide. ``IndexError`` if there is no such page."""
    picture = page_picture(pdf, page, width)
    file = BytesIO()
    picture.convert("P", palette=1, colors=64).save(file, "PNG")
    return file.getvalue()
