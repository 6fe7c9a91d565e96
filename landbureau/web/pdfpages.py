"""Pages of a PDF as pictures, one at a time: pdfium must not be entered by two threads of a server."""

from __future__ import annotations

from threading import Lock

import pypdfium2
from PIL import Image

_one_at_a_time = Lock()


def page_picture(pdf: bytes, page: int, width: int) -> Image.Image:
    """Page ``page`` (from 1), ``width`` pixels wide. ``IndexError`` if there is no such page."""
    with _one_at_a_time, pypdfium2.PdfDocument(pdf) as document:
        if not 1 <= page <= len(document):
            raise IndexError(f"no page {page}")
        sheet = document[page - 1]
        wide, high = max(sheet.get_width(), 1), max(sheet.get_height(), 1)
        scale = min(width / wide, 4 * width / high)  # a strip is no reason to fill the memory
        picture: Image.Image = sheet.render(scale=scale).to_pil()
    return picture
