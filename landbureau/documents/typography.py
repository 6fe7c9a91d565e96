"""How a Chinese page is divided: balanced titles, rows of a form, the size of a receipt."""

from __future__ import annotations

import re
from collections.abc import Sequence

from landbureau.documents.columns import width
from landbureau.documents.content import Receipt

SHORT = 8  # characters of a value that fits half a line of a form, full width
STARTS_NO_LINE = "，、。；：？！》）〕”’"
ENDS_NO_LINE = "《（〔“‘"
RECEIPT_SIZES = (("", 23, 7, 12, 82), ("small", 27, 5.5, 9, 105))
"""Styles of a receipt: characters of a line, mm of a line, of the lowest row, of room for the entries."""
OWN_HEAD = 16  # mm: number and longer hints of a receipt that is the document itself
AFTER = (*"的，、；：》）〕”等局", "公司", "委员会", "人民政府")  # a phrase ends
BEFORE = (*"《（〔“和并与及", "关于", "以及")  # a phrase begins
WORDS = re.findall(
    r"\S+",
    """有限责任公司 有限公司 股份 集团 合伙 委员会 人民政府 自然资源 国土资源 规划局 管理 监察 执法 大队
    分局 国有 建设用地 使用权 土地 宗地 用地 单位 项目 出让 价款 出让金 缴纳 催缴 合同 协议 约定 签订
    履约 督促 违约 责任 追究 开工 竣工 验收 闲置 处置 监管 巡查 整改 核实 核查 协助 配合 工作 建设 办理
    通知 期限 限期 责令 报告 意见 规定 事项 问题 有关 情况 以及""",
)  # of the titles of a land bureau: not broken


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
    """How bad it is to break ``text`` before ``at``: 0 between phrases, 2 in a word, 3 against the rules."""
    if text[at] in STARTS_NO_LINE or text[at - 1] in ENDS_NO_LINE:
        return 3
    if text[at].isascii() and text[at - 1].isascii():
        return 3
    if any(word in text[max(at - len(word) + 1, 0) : at + len(word) - 1] for word in WORDS):
        return 2
    return 0 if text.endswith(AFTER, 0, at) or text.startswith(BEFORE, at) else 1


def form_rows(pairs: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """The lines of a form: two short pairs share one."""
    rows: list[list[tuple[str, str]]] = []
    half: tuple[str, str] | None = None
    for pair in pairs:
        short = all(width(text) <= SHORT for text in pair) and "\n" not in pair[1]
        if short and half:
            rows[-1].append(pair)
            half = None
        else:
            rows.append([pair])
            half = pair if short else None
    return rows


def receipt_size(receipt: Receipt) -> str:
    """The style of a receipt with long entries: the largest type in which it stays on its one page."""
    entries = [receipt["matter"], receipt["title"], receipt["addressee"], receipt["place"]]
    more = [text for text in (receipt.get("entrusted_by"), receipt.get("remark")) if text]
    more.append("　　".join(receipt["methods"]))
    head = OWN_HEAD if "number" in receipt else 0
    for style, characters, line, least, room in RECEIPT_SIZES:
        lines = [sum(-(-width(part) // characters) for part in text.split("\n")) for text in entries + more]
        if sum(max(count * line + 2, least) for count in lines) + head <= room:
            return style
    return "smallest"
