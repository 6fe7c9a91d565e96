"""Which characters can be printed: those that some installed font has. Others would be frozen as boxes."""

from __future__ import annotations

import subprocess
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from typing import Any

from landbureau.documents.content import Content
from landbureau.documents.errors import DocumentError

NOT_PRINTED = ("version", "layout", "values")
DRAWS_NOTHING = ("Cc", "Cf", "Zl", "Zp", "Zs")


def require_printable(content: Content) -> None:
    """Raises ``DocumentError`` that names the characters for which there is no font."""
    printed = [text for name, part in content.items() if name not in NOT_PRINTED for text in _texts(part)]
    missing = [letter for letter in dict.fromkeys("".join(printed)) if not _is_printable(letter)]
    if missing:
        raise DocumentError(f"字库中没有“{'、'.join(missing)}”，请改用其他字或配置字体。")


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list | tuple):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _texts(inner)


def _is_printable(letter: str) -> bool:
    if unicodedata.category(letter) in DRAWS_NOTHING or "\ufe00" <= letter <= "\ufe0f":
        return True
    starts, ends = _covered()
    at = bisect_right(starts, ord(letter)) - 1
    return at >= 0 and ord(letter) <= ends[at]


@cache
def _covered() -> tuple[list[int], list[int]]:
    """First and last code points of the ranges that any font has, as fontconfig knows them; asked once in a
    process. Pango takes a character from any font when those of the style sheet lack it."""
    command = ["fc-list", "--format", "%{charset} "]  # comes with Pango, which draws the pages
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    starts: list[int] = []
    ends: list[int] = []
    for first, last in sorted(_range(text) for text in set(listed.split())):
        if ends and first <= ends[-1] + 1:
            ends[-1] = max(ends[-1], last)
        else:
            starts.append(first)
            ends.append(last)
    return starts, ends


def _range(text: str) -> tuple[int, int]:
    """``4e00-9fff`` or ``3007``."""
    first, _, last = text.partition("-")
    return int(first, 16), int(last or first, 16)
