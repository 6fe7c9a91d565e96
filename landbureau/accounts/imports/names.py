"""Sections, offices and places by what tables call them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Generic, TypeVar

from landbureau.imports.cleaning import fold

T = TypeVar("T")
LIKE = 0.6  # of what is left without the common endings: 监查 is like 监察
NAMED = 5
_ENDING = re.compile(
    "(?:人民政府|街道办事处|街道办|街道|镇|乡|村民委员会|居民委员会|社区居委会|村委会|居委会|社区|村)$"
)

_KIND = re.compile(
    "(?:自然资源所|国土资源所|国土所|监察大队|大队|中心|股|科|室|所|局|人民政府|街道办事处|街道|镇|乡|村|社区)$"
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
            stems = {name: _bare(name) for name in self._exact}
            bare = _bare(text)
            within = [name for name, stem in stems.items() if bare and (bare in stem or stem in bare)]
            close = set(get_close_matches(bare, stems.values(), n=NAMED, cutoff=LIKE))
            likely = [
                *within,
                *(name for name, stem in stems.items() if stem in close or _is_slip(bare, stem)),
            ]
            self._nearest[text] = list(dict.fromkeys(str(self._exact[name]) for name in likely))[:NAMED]
        return self._nearest[text]

    def items(self) -> Iterable[tuple[str, T]]:
        return self._exact.items()

    def all(self) -> list[str]:
        return list(dict.fromkeys(map(str, self._exact.values())))


def stem(place: str) -> str:
    """The place's name without what kind of place it is: 东苑村, 东苑村委会 and 东苑 are 东苑."""
    return _ENDING.sub("", fold(place)) or place


def _bare(name: str) -> str:
    """What tells a unit from others of its kind: 监察 of 监察股, 寻寨 of 寻寨国土所."""
    folded = fold(name)
    return _KIND.sub("", folded) or folded


def _is_slip(one: str, other: str) -> bool:
    """Two names of which one character is another: 监查 and 监察, but not 法规 and 规划."""
    return len(one) == len(other) > 1 and sum(a != b for a, b in zip(one, other, strict=True)) == 1
