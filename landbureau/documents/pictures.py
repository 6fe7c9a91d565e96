"""Pages of a PDF as pictures: they look the same on every desk and phone, without a plugin (ADR 0007)."""

from __future__ import annotations

from io import BytesIO

from PIL.Image import Quantize

from landbureau.web.pdfpages import page_picture

COLOURS = 32  # black, the red of the head, and the greys between: a quarter of the bytes of true colour


def page_png(pdf: bytes, page: int, width: int) -> bytes:
    """Page ``page`` (from 1) as PNG, ``width`` pixels wide. ``IndexError`` if there is no such page."""
    file = BytesIO()
    page_picture(pdf, page, width).quantize(COLOURS, Quantize.MAXCOVERAGE).save(file, "PNG")
    return file.getvalue()
