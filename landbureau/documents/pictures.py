"""Pages of a PDF as pictures: they look the same on every desk and phone, without a plugin (ADR 0007)."""

from __future__ import annotations

from io import BytesIO

import pypdfium2


def page_png(pdf: bytes, page: int, width: int) -> bytes:
    """Page ``page`` (from 1) as PNG, ``width`` pixels wide. ``IndexError`` if there is no such page."""
    with pypdfium2.PdfDocument(pdf) as document:
        if not 1 <= page <= len(document):
            raise IndexError(f"no page {page}")
        sheet = document[page - 1]
        picture = sheet.render(scale=width / sheet.get_width()).to_pil()
    file = BytesIO()
    picture.convert("P", palette=1, colors=64).save(file, "PNG")
    return file.getvalue()
