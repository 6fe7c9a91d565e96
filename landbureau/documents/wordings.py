"""The text of a wording taken apart: what stands still, what is filled in, what changed. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

PIECE = re.compile(r"\{[^{}\[\]]*\}|\[\[|\]\]")
WORD = re.compile(r"\{[^{}\[\]]*\}|\[\[|\]\]|[A-Za-z0-9.]+|.")
ALIKE = 0.3  # paragraphs that share less are shown as one removed and one added

Part = tuple[Literal["same", "removed", "added", "slot", "mark"], str]


@dataclass(frozen=True)
class Line:
    """A paragraph of a comparison and its parts."""

    state: Literal["same", "removed", "added", "changed"]
    parts: list[Part]


def normalized(text: str) -> str:
    """One paragraph a line, without empty lines and space around them."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def marked(text: str) -> list[list[Part]]:
    """The paragraphs with their placeholders (``slot``) and the brackets of optional parts (``mark``)."""
    return [list(_marked(line)) for line in text.splitlines()]


def _marked(line: str) -> Iterator[Part]:
    end = 0
    for match in PIECE.finditer(line):
        if match.start() > end:
            yield "same", line[end : match.start()]
        yield ("slot", match[0][1:-1]) if match[0].startswith("{") else ("mark", match[0])
        end = match.end()
    if line[end:]:
        yield "same", line[end:]


def compare(old: str, new: str) -> list[Line]:
    """What became of ``old``: paragraph by paragraph, inside changed ones character by character."""
    before, after = old.splitlines(), new.splitlines()
    lines = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [Line("same", [("same", text)]) for text in before[i:j]]
        else:
            lines += _compare_block(before[i:j], after[k:m])
    return lines


def _compare_block(before: list[str], after: list[str]) -> Iterator[Line]:
    pairs = min(len(before), len(after))
    for old, new in zip(before[:pairs], after[:pairs], strict=True):
        words = WORD.findall(old), WORD.findall(new)
        matcher = SequenceMatcher(None, *words, autojunk=False)
        if matcher.ratio() < ALIKE:
            yield Line("removed", [("removed", old)])
            yield Line("added", [("added", new)])
        else:
            yield Line("changed", list(_parts(matcher, *words)))
    yield from (Line("removed", [("removed", text)]) for text in before[pairs:])
    yield from (Line("added", [("added", text)]) for text in after[pairs:])


def _parts(matcher: SequenceMatcher[str], old: list[str], new: list[str]) -> Iterator[Part]:
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield "same", "".join(old[i:j])
            continue
        if i < j:
            yield "removed", "".join(old[i:j])
        if k < m:
            yield "added", "".join(new[k:m])
