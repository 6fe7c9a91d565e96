"""Sections, offices and places by what tables call them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Generic, TypeVar

from landbureau.imports.cleaning import fold

T = TypeVar("T")
LIKE = 0.4  # 寻寨 is like 寻寨国土所, 监察室 like 监察股
NAMED = 5
_ENDING = re.compile(
    "(?:人民政府|街道办事处|街道办|街道|镇|乡|村民委员会|居民委员会|社区居委会|村委会|居委会|社区|村)$"
)


class Names(Generic[T]):
    """Rows by their names and aliases: exactly so, or but for spaces, brackets and width."""

    def __init__(self, named: Iterable[tuple[str, T]]) -> None:
        self._exact = dict(named)
        self._folded = {fold(name): row for name, row in self._exact.items()}
        self._nearest: dict[str, list[str]] = {}

    def find(self, text: str) -> T | None:
        return self._exact.get(text) or self._folded.get(fold(text))

    def nearest(self, text: str) -> list[str]:
        """Names of the rows that may be meant, the likeliest first."""
        if text not in self._nearest:
            close = get_close_matches(text, self._exact, n=NAMED, cutoff=LIKE)
            self._nearest[text] = list(dict.fromkeys(str(self._exact[name]) for name in close))
        return self._nearest[text]

    def items(self) -> Iterable[tuple[str, T]]:
        return self._exact.items()

    def all(self) -> list[str]:
        return list(dict.fromkeys(map(str, self._exact.values())))


def stem(place: str) -> str:
    """The place's name without what kind of place it is: 东苑村, 东苑村委会 and 东苑 are 东苑."""
    return _ENDING.sub("", fold(place)) or place
