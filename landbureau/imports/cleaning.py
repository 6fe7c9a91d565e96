"""Texts of cells as they should have been typed, and as they are compared.

Spaces between Chinese characters are layout (``张 三``, ``第 257 号``), between Latin words they are not.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from landbureau.imports.units import header_parts

# Everything that could have to be changed. A text without any of it is clean: one search decides.
_NOT_CLEAN = re.compile(
    "[\x00-\x20\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\ud800-\udfff\ufdd0-\ufdef\ufff0-\ufff8\ufffe\uffff]"
)
_INVISIBLE = (
    *range(0x09), *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0), 0xAD, 0x180E,
    *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF,
    *range(0xD800, 0xE000), *range(0xFDD0, 0xFDF0), *range(0xFFF0, 0xFFF9), 0xFFFE, 0xFFFF,
)  # fmt: skip
_SPACES = (0x09, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_LINE_ENDS = (0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029)
_HALF_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {ord("￥"): "¥", ord("−"): "-"}
_WIDE = (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
_CLEANED: dict[int, str | None] = {
    **dict.fromkeys(_INVISIBLE),
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(_LINE_ENDS, "\n"),
    **{code: _HALF_WIDTH[code] for code in _WIDE},
}

_CHINESE = (
    "·—“”…\u2460-\u24ff\u2e80-\u2fff\u3001-\u303f\u3200-\u9fff\ue000-\ufaff\ufe30-\ufe4f"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffe6\U00020000-\U000323af"
)
_LAYOUT = re.compile(f"(?<=[{_CHINESE}]) (?=[{_CHINESE}0-9])|(?<=[0-9]) (?=[{_CHINESE}])")
_BLANK_LINES = re.compile(r"\n *(?:\n *)+")
_SENTENCE_END = re.compile(r"(?:(?<=[。；！？：])|(?<=[。；！？：][”）》])) *\n")
_NO_WORD = re.compile(r"[\W_]+")


def clean_text(text: str, paragraphs: bool = False) -> str:
    """``text`` without invisible characters and without spaces and line breaks that are only layout.

    Digits and Latin letters of full width become ASCII, Chinese punctuation stays. ``paragraphs``: a line
    break behind the end of a sentence, or a blank line, is kept.
    """
    if _NOT_CLEAN.search(text) is None:
        return text
    text = text.replace("\r\n", "\n").translate(_CLEANED)
    if not paragraphs or "\n" not in text:
        return _one_line(text)
    blocks = (_sentences(block) for block in _BLANK_LINES.split(text))
    return "\n\n".join(filter(None, blocks))


def half_width(text: str) -> str:
    """Also the signs of full width as ASCII (``－．，（％``), for texts that are numbers, dates or codes."""
    return text.translate(_HALF_WIDTH)


def fold(text: str) -> str:
    """As heads and names of choices are compared: without spaces and punctuation, one width, lower case."""
    return _NO_WORD.sub("", normalize("NFKC", text).lower())


def split_header(text: str) -> tuple[str, tuple[str, ...]]:
    """The folded head, and its unit or what stands in brackets: ``*姓名（必填）`` → ``"姓名", ("必填",)``."""
    head, notes = header_parts(text)
    return fold(head), notes


def _sentences(block: str) -> str:
    return "\n".join(filter(None, map(_one_line, _SENTENCE_END.split(block))))


def _one_line(text: str) -> str:
    return _LAYOUT.sub("", " ".join(text.split()))
