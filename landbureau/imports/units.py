"""Units that cells and heads of columns may name: money, area and ratios.

What is stored is in the first unit of each dimension: 元, m², ‰.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from unicodedata import normalize

MONEY, AREA, RATIO = "money", "area", "ratio"
DIMENSIONS = {MONEY: "金额", AREA: "面积", RATIO: "比例"}


@dataclass(frozen=True, slots=True)
class Unit:
    """``factor``: how many of the dimension's first unit it is."""

    name: str
    dimension: str
    factor: Fraction


MU = Fraction(10_000, 15)  # m²
UNITS = {  # each with the ways it is written, after NFKC (㎡ and m² are m2), in lower case, without spaces
    Unit("元", MONEY, Fraction(1)): ("元", "圆", "人民币元", "元人民币"),
    Unit("千元", MONEY, Fraction(10**3)): ("千元",),
    Unit("万元", MONEY, Fraction(10**4)): ("万元", "人民币万元", "万元人民币"),
    Unit("十万元", MONEY, Fraction(10**5)): ("十万元",),
    Unit("百万元", MONEY, Fraction(10**6)): ("百万元",),
    Unit("千万元", MONEY, Fraction(10**7)): ("千万元",),
    Unit("亿元", MONEY, Fraction(10**8)): ("亿元",),
    Unit("平方米", AREA, Fraction(1)): ("平方米", "平米", "m2", "m^2"),
    Unit("亩", AREA, MU): ("亩", "市亩"),
    Unit("公顷", AREA, Fraction(10**4)): ("公顷", "hm2", "hm^2", "ha"),
    Unit("万平方米", AREA, Fraction(10**4)): ("万平方米", "万平米", "万m2"),
    Unit("万亩", AREA, MU * 10**4): ("万亩",),
    Unit("平方公里", AREA, Fraction(10**6)): ("平方公里", "平方千米", "km2", "km^2"),
    Unit("‰", RATIO, Fraction(1)): ("‰",),
    Unit("%", RATIO, Fraction(10)): ("%",),
}
_BY_WORD = {word: unit for unit, words in UNITS.items() for word in words}

_OPENING, _CLOSING = "(（\\[［【〔", ")）\\]］】〕"
_BRACKETS = re.compile(f"[{_OPENING}]([^{_OPENING}{_CLOSING}]*)[{_CLOSING}]")
_BETWEEN = re.compile(r"[\s、，,；;：:()（）和]+")
_WORDS = "|".join(map(re.escape, _BY_WORD))
# A unit at the end of a head, after NFKC. Other words end in 元 too (单元): where nothing sets it apart, a
# unit of one character counts only behind 面积, 金额, 价款 and the like.
_AT_END = re.compile(rf"(?:[/:,_(\s]|(?<=[积额款金费价税])|(?<![a-z0-9每])(?=[^元圆亩]))({_WORDS})$")
_COMPOUND = re.compile(r"[/每]")
_LOOKS_LIKE_ONE = re.compile(r"[元圆亩顷%‰]|[尺里米千万亿]$|(?<![a-z])[hk]?m2?$")


def find_unit(text: str) -> Unit | None:
    """The unit that ``text`` is: ``万元``, ``㎡``, ``（亩）``."""
    return _BY_WORD.get("".join(_plain(text).strip("()").split()))


def header_parts(header: str) -> tuple[str, tuple[str, ...]]:
    """The head, and its unit or what is in brackets: ``面积/亩``, ``面积（亩）`` → ``"面积", ("亩",)``."""
    head, notes = header, []
    while match := _BRACKETS.search(head):
        notes.append(match[1])
        head = head[: match.start()] + head[match.end() :]
    plain = _plain(head).strip("*: ")
    tail = _AT_END.search(plain)
    if tail is None or _is_compound(plain[: tail.start()]):
        return head, tuple(notes)
    return plain[: tail.start()], (*notes, tail[1])


def unit_in_header(header: str) -> Unit | None:
    """The unit that a head names: ``面积（亩）``, ``金额:元``, ``成交价款（单位：万元）``.

    None also for one that is not known here (``单价（元/㎡）``): see ``foreign_unit``.
    """
    found = {unit for note in header_parts(header)[1] for unit in _units_among(note)}
    return found.pop() if len(found) == 1 else None


def foreign_unit(header: str, dimension: str) -> str:
    """What a head names as a unit, but is none of this dimension: ``元/㎡``, ``万美元``, ``元、万元``.

    Empty if all is well. Values under such a head must not be taken as if they were in 元, m² or ‰.
    """
    if unit := unit_in_header(header):
        return "" if unit.dimension == dimension else unit.name
    head, notes = header_parts(header)
    plain = _plain(head)
    tail = re.split("[:(]", plain)[-1] if _COMPOUND.search(plain) else ""
    return next((note for note in (*notes, tail) if _LOOKS_LIKE_ONE.search(_plain(note))), "")


def unit_line(text: str) -> list[Unit]:
    """The units of a line above the head: ``单位：万元、公顷``. Empty for ``填报单位：某某局``."""
    _, named, rest = text.partition("单位")
    return _units_among(rest.replace("单位", " ")) if named else []


def _units_among(text: str) -> list[Unit]:
    if whole := find_unit(text):
        return [whole]
    return [unit for word in _BETWEEN.split(text) if (unit := find_unit(word))]


def _is_compound(rest: str) -> bool:
    """Whether the head without its last unit ends with another one: ``单价:万元/亩``."""
    return rest.endswith("每") or _AT_END.search(rest) is not None


def _plain(text: str) -> str:
    return normalize("NFKC", text).lower().strip()
