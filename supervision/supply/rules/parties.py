"""Land users that may be one and the same: same identity, nearly the same name, same telephone."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

SHORTEST_NEAR = 6  # characters; in shorter names one character is the whole difference
SHORTEST_PHONE = 7
MOST_ALIKE = 4  # that share a mark
DISTINGUISHES = frozenset("0123456789一二三四五六七八九十甲乙丙丁戊东西南北中上下大小新老")
"""Names that differ by one of these are meant to differ: 第一中学 and 第二中学."""
PUBLIC = (
    *("局", "委员会", "村委会", "居委会", "人民政府", "街道办事处", "中学", "小学", "学校", "幼儿园", "医院"),
    *("卫生院", "中心", "站", "所", "村", "社区", "镇", "乡"),
)
_COMMON = re.compile(
    "北京|天津|河北|山西|内蒙古|辽宁|吉林|黑龙江|上海|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南"
    "|重庆|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆"
    "|有限公司|股份|集团|公司|厂|合作社|经营部|.{1,3}[镇乡]|街道"
    "|机械|制造|装备|纺织|服装|棉业|食品|农业|科技|电子|建材|建筑|工程|房地产|置业|开发|实业|商贸|贸易"
    "|物流|仓储|材料|新材料|环保|能源|新能源|生物|医药|化工|包装|家具|汽车|配件|橡塑|轴承|密封|产业|投资"
)
"""Places, kinds and trades that half the companies of a county have in their names."""


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


def alike(parties: Iterable[Party], places: Iterable[str] = ()) -> dict[tuple[int, int], list[str]]:
    """Pairs of keys (smaller first) that may be one party, with the reasons, the strongest first.

    ``places``: townships; who is named after two different ones is two.
    """
    known = {party.key: party for party in parties}
    names = {party.key: plain_name(party.name) for party in known.values()}
    found: dict[tuple[int, int], list[str]] = {}
    reasons: tuple[tuple[str, Callable[[Party], str]], ...] = (
        ("代码相同", lambda party: party.identity.upper()),
        ("名称相同", lambda party: names[party.key]),
        ("电话相同", lambda party: plain_phone(party.phone)),
    )
    for reason, mark in reasons:
        _add(found, reason, _sharing(known.values(), mark), known)
    _add(found, "名称只差一个字", _near(names, tuple(places)), known)
    return {pair: why for pair, why in found.items() if _is_likely(known[pair[0]], known[pair[1]], why)}


def _is_likely(one: Party, other: Party, why: Sequence[str]) -> bool:
    """Beside nearly the same name, or the same telephone, codes are at most a slip apart."""
    if {"代码相同", "名称相同"} & set(why):
        return True
    if not _may_be_one_code(one.identity.upper(), other.identity.upper()):
        return False
    return why != ["电话相同"] or _related(plain_name(one.name), plain_name(other.name))


def _may_be_one_code(one: str, other: str) -> bool:
    """Whether one of them is missing, incomplete, or mistyped: a character wrong, or two changed places."""
    if not one or not other or len(one) != len(other):
        return True
    off = [place for place, (left, right) in enumerate(zip(one, other, strict=True)) if left != right]
    if len(off) < 2:
        return True
    first, last = off[0], off[-1]
    return len(off) == 2 and (one[first], one[last]) == (other[last], other[first])


def core_of(name: str) -> str:
    """What is one's own in a plain name: without county and township before it, kind and trade behind it."""
    return _COMMON.sub("", re.sub(r"^(.{1,4}?[省市县区](?=.))+", "", name))


def _related(one: str, other: str) -> bool:
    """Whether two names have more in common than a place, a trade or a kind of company.

    A telephone alone is often that of an agent, or of somebody who speaks for several.
    """
    first, second = core_of(one), core_of(other)
    if not first or not second:
        return True
    return bool(set(pairwise(first)) & set(pairwise(second))) or first in second or second in first


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
    """All that have the same mark, two by two; what many have (an agent's telephone) tells nothing."""
    groups: dict[str, list[int]] = defaultdict(list)
    for party in parties:
        if value := mark(party):
            groups[value].append(party.key)
    for keys in groups.values():
        if len(keys) <= MOST_ALIKE:
            yield from combinations(keys, 2)


def _near(names: Mapping[int, str], places: Sequence[str]) -> Iterator[tuple[int, int]]:
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
    for found in without.values():
        if not 1 < len(found) < 10:  # what many share tells nothing
            continue
        for (one, left), (other, right) in combinations(found, 2):
            if _is_slip(names[one], names[other], left, right) and not _of_two_places(
                names[one], names[other], places
            ):
                yield one, other


def _is_slip(one: str, other: str, left: int | None, right: int | None) -> bool:
    """Whether the two differ by a character that may be a slip: at one place, in what is their own.

    Left out at two different places, two characters differ. Authorities, villages and schools differ by
    one character: 农业局 and 林业局.
    """
    if one == other or (left is not None and right is not None and left != right):
        return False
    if one.endswith(PUBLIC) and other.endswith(PUBLIC):
        return False
    gone = {_left_out(one, left), _left_out(other, right)} - {""}
    return not gone & DISTINGUISHES


def _of_two_places(one: str, other: str, places: Sequence[str]) -> bool:
    named = [{place for place in places if place in name} for name in (one, other)]
    return bool(named[0] and named[1]) and named[0] != named[1]


def _left_out(name: str, place: int | None) -> str:
    return "" if place is None else name[place]
