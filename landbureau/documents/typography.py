"""What WeasyPrint and CSS cannot do for a Chinese page: justified lines, balanced titles, rows of a form."""

from __future__ import annotations

from collections.abc import Sequence

from weasyprint import Document
from weasyprint.formatting_structure.boxes import BlockBox, LineBox, TextBox

WIDEST_GAP = 0.2  # em between two characters; a line with more to spare stays ragged
SHORT = 8  # characters of a value that fits half a line of a form, full width
STARTS_NO_LINE = "，、。；：？！》）〕”’"
ENDS_NO_LINE = "《（〔“‘"
AFTER = tuple("的，、；：》）〕”")  # a phrase ends
BEFORE = (*"《（〔“和并与及", "关于")  # a phrase begins


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
                or block.element.get("class") != "text"
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


def balanced(text: str, most: int) -> list[str]:
    """A title of more than ``most`` characters as lines of nearly equal length, which end where a phrase
    ends if one does nearby."""
    lines = []
    for left in range(-(-len(text) // most), 1, -1):
        ideal = round(len(text) / left)
        first = max(ideal - 4, len(text) - most * (left - 1), 1)
        last = min(ideal + 4, most, len(text) - 1)
        cut = min(range(first, last + 1), key=lambda at: (_roughness(text, at), abs(at - ideal)))
        lines.append(text[:cut])
        text = text[cut:]
    return [*lines, text]


def _roughness(text: str, at: int) -> int:
    """How bad it is to break ``text`` before ``at``: 0 between phrases, 2 against the rules."""
    if text[at] in STARTS_NO_LINE or text[at - 1] in ENDS_NO_LINE:
        return 2
    if text[at].isascii() and text[at - 1].isascii():
        return 2
    return 0 if text.endswith(AFTER, 0, at) or text.startswith(BEFORE, at) else 1


def form_rows(pairs: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """The lines of a form: two short pairs share one."""
    rows: list[list[tuple[str, str]]] = []
    half: tuple[str, str] | None = None
    for pair in pairs:
        short = all(_width(text) <= SHORT for text in pair) and "\n" not in pair[1]
        if short and half:
            rows[-1].append(pair)
            half = None
        else:
            rows.append([pair])
            half = pair if short else None
    return rows


def _width(text: str) -> float:
    """Characters of full width: figures and Latin letters take half of one."""
    return sum(0.5 if letter.isascii() else 1 for letter in text)
