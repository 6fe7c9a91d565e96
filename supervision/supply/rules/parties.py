"""Land users that may be one and the same: same identity, nearly the same name, same telephone."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

SHORTEST_NEAR = 6  # characters; in shorter names one character is the whole difference
SHORTEST_PHONE = 7
MOST_ALIKE = 4
DISTINGUISHES = frozenset("0123456789一二三四五六七八九十甲乙丙丁戊东西南北中上下大小新老")
"""Names that differ by one of these are meant to differ: 第一中学 and 第二中学."""


@dataclass(frozen=True, slots=True)
class Party:
    """``certain``: the identity's check digit is right, so that two different ones are two parties."""

    key: int
    name: str
    identity: str
    phone: str
    certain: bool


def plain_name(name: str) -> str:
    """A name without what writers put differently: spaces, widths, brackets, the long form of 有限公司."""
    text = unicodedata.normalize("NFKC", name).casefold()
    text = re.sub(r"[\s()\[\]【】《》<>“”\"'·.,，、。:：\-_]", "", text)
    return text.replace("有限责任公司", "有限公司")


def plain_phone(phone: str) -> str:
    """Digits only; too few of them are no telephone."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", phone)).removeprefix("86")
    return digits if len(digits) >= SHORTEST_PHONE else ""


def alike(parties: Iterable[Party]) -> dict[tuple[int, int], list[str]]:
    """Pairs of keys (smaller first) that may be one party, with the reasons, the strongest first."""
    known = {party.key: party for party in parties}
    names = {party.key: plain_name(party.name) for party in known.values()}
    found: dict[tuple[int, int], list[str]] = {}
    reasons: tuple[tuple[str, Callable[[Party], str]], ...] = (
        ("代码相同", lambda party: party.identity),
        ("名称相同", lambda party: names[party.key]),
        ("电话相同", lambda party: plain_phone(party.phone)),
    )
    for reason, mark in reasons:
        _add(found, reason, _sharing(known.values(), mark), known)
    _add(found, "名称只差一个字", _near(names), known)
    return found


def _add(
    found: dict[tuple[int, int], list[str]],
    reason: str,
    pairs: Iterable[tuple[int, int]],
    known: dict[int, Party],
) -> None:
    for one, other in pairs:
        first, second = known[one], known[other]
        if first.certain and second.certain and first.identity != second.identity:
            continue
        pair = (min(one, other), max(one, other))
        if reason not in found.setdefault(pair, []):
            found[pair].append(reason)


def _sharing(parties: Iterable[Party], mark: Callable[[Party], str]) -> Iterator[tuple[int, int]]:
    """Each with the first that has the same mark; what many have (an agent's telephone) tells nothing."""
    groups: dict[str, list[int]] = defaultdict(list)
    for party in parties:
        if value := mark(party):
            groups[value].append(party.key)
    for first, *others in groups.values():
        if len(others) < MOST_ALIKE:
            yield from ((first, other) for other in others)


def _near(names: dict[int, str]) -> Iterator[tuple[int, int]]:
    """Names of which one becomes the other by one character put in, left out or replaced.

    Found by what remains when one character is left out, so that it costs the names' length, not their
    square.
    """
    without: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
    for key, name in names.items():
        if len(name) < SHORTEST_NEAR:
            continue
        without[name].append((key, None))
        for place in range(len(name)):
            without[name[:place] + name[place + 1 :]].append((key, place))
    for places in without.values():
        if not 1 < len(places) < 10:  # what many share tells nothing
            continue
        (first, left), *others = places
        for other, right in others:
            if other != first and names[other] != names[first]:
                gone = {_left_out(names[first], left), _left_out(names[other], right)} - {""}
                if not gone & DISTINGUISHES:
                    yield first, other


def _left_out(name: str, place: int | None) -> str:
    return "" if place is None else name[place]
