"""Pages of a PDF as pictures: they look the same on every desk and phone, without a plugin (ADR 0007)."""

from __future__ import annotations

from io import BytesIO
from threading import Lock

from PIL.Image import Quantize
from pypdfium2 import PdfDocument

COLOURS = 32  # black, the red of the head, and the greys between: a quarter of the bytes of true colour
_pdfium = Lock()  # PDFium is not thread-safe


def page_png(pdf: bytes, page: int, width: int) -> bytes:
    """Page ``page`` (from 1) as PNG, ``width`` pixels wide. ``IndexError`` if there is no such page."""
    with _pdfium, PdfDocument(pdf) as document:
        if not 1 <= page <= len(document):
            raise IndexError(f"no page {page} of {len(document)}")
        sheet = document[page - 1]
        picture = sheet.render(scale=width / sheet.get_width()).to_pil().copy()
    file = BytesIO()
    picture.quantize(COLOURS, Quantize.MAXCOVERAGE).save(file, "PNG")
    return file.getvalue()
