"""All that touches WeasyPrint: fonts, style sheets, and lines justified as Chinese has them."""

from __future__ import annotations

from functools import cache
from typing import Never

import weasyprint
from django.conf import settings
from weasyprint import Document
from weasyprint.formatting_structure.boxes import BlockBox, LineBox, TextBox
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

WIDEST_GAP = 0.2  # em between two characters; a line with more to spare stays ragged


def lay_out(html: str) -> Document:
    """The pages of a document, in the fonts and styles of ``templates/documents/print``."""
    font_config, stylesheets = _looks()
    document = weasyprint.HTML(string=html, url_fetcher=_NoFetcher()).render(
        font_config=font_config, stylesheets=stylesheets
    )
    justify(document)
    return document


class _NoFetcher(URLFetcher):
    """Refuses every address: a document is made of its content, nothing is read while it is printed."""

    def fetch(self, url: str, headers: object = None) -> Never:
        raise ValueError(f"a document may not fetch {url}")


@cache
def _looks() -> tuple[FontConfiguration, list[weasyprint.CSS]]:
    """Fonts and style sheets, read once in a process."""
    fonts = FontConfiguration()
    folder = settings.BASE_DIR / "templates" / "documents" / "print"
    return fonts, [weasyprint.CSS(path, font_config=fonts) for path in sorted(folder.glob("*.css"))]


def justify(document: Document) -> None:
    """Spread the lines of running text to the full measure, between all characters.

    WeasyPrint justifies at spaces only, which Chinese has none of. Where a punctuation mark may not begin a
    line or a number is not broken, lines end up to some characters short; here their letter spacing grows.
    Works on the laid-out boxes, which are no public interface: ``tests/documents/test_pdf.py`` measures it.
    """
    for page in document.pages:
        for block in page._page_box.descendants():
            if (
                not isinstance(block, BlockBox)
                or block.element is None
                or "text" not in block.element.get("class", "").split()
            ):
                continue
            for line in block.children:
                if isinstance(line, LineBox) and line.resume_at is not None:  # the last one stays as it is
                    _spread(line, block.content_box_x() + block.width)


def _spread(line: LineBox, right: float) -> None:
    texts = [box for box in line.descendants() if isinstance(box, TextBox)]
    gaps = sum(len(box.text) for box in texts) - 1
    if gaps < 1:
        return
    extra = (right - texts[-1].position_x - texts[-1].width) / gaps
    if not 0 < extra <= WIDEST_GAP * texts[0].style["font_size"]:
        return
    moved = 0.0
    for box in texts:
        box.style = box.style.copy()
        box.style["letter_spacing"] += extra
        box.position_x += moved
        moved += extra * len(box.text)
