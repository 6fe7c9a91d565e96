"""Values of which there are only some: choices, and yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

from landbureau.imports.cleaning import clean_text, fold
from landbureau.imports.errors import Unsure, Wrong
from landbureau.imports.units import Unit
from landbureau.imports.values.base import Kind, means_nothing

MOST_NAMED = 8  # titles in a message
LONGEST_COMPARED = 40  # characters


@dataclass(frozen=True, eq=False)
class Choice(Kind):
    """One of ``choices`` (value → title), named by its title. ``synonyms``: other words → values.

    Raises ``ValueError`` where two values have the same words.
    """

    choices: Mapping[Any, str]
    synonyms: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        meant: dict[str, Any] = {}
        titles = ((title, value) for value, title in self.choices.items())
        for word, value in chain(titles, self.synonyms.items()):
            if (folded := fold(word)) and meant.setdefault(folded, value) != value:
                raise ValueError(f"{word!r} names two choices")

    def read_text(self, text: str, unit: Unit | None) -> Any:
        if text in self._exact:
            return self._exact[text]
        text = clean_text(text)
        if text in self._exact:
            return self._exact[text]
        if (folded := fold(text)) and folded in self._folded:
            return self._folded[folded]
        if means_nothing(text):
            return None
        titles = tuple(self.choices.values())
        if nearest := _nearest(text, titles):
            raise Unsure("unknown_choice", "没有这一项，是否应为最接近的一项？", nearest)
        more = f"等 {len(titles)} 项" if len(titles) > MOST_NAMED else ""
        raise Wrong("unknown_choice", f"没有这一项，应为{'、'.join(titles[:MOST_NAMED])}{more}。")

    def show(self, value: Any) -> str:
        return self.choices.get(value, super().show(value))

    def export(self, value: Any) -> str | None:
        return None if value is None else self.show(value)

    @property
    def number_format(self) -> str:
        return "@"

    @cached_property
    def _exact(self) -> dict[str, Any]:
        return dict(self.synonyms) | {title: value for value, title in self.choices.items()}

    @cached_property
    def _folded(self) -> dict[str, Any]:
        return {fold(word): value for word, value in self._exact.items()}


YES = ("是", "有", "√", "✓", "✔", "☑", "对", "Y", "YES", "T", "TRUE", "1")
NO = ("否", "无", "没有", "×", "✗", "✘", "☒", "X", "N", "NO", "F", "FALSE", "0", "不是")


class YesNo(Choice):
    """是 or 否, in the ways that people write it. ``yes``, ``no``: the words in which it is shown."""

    def __init__(self, yes: str = "是", no: str = "否") -> None:
        synonyms = dict.fromkeys(YES, True) | dict.fromkeys(NO, False)
        super().__init__({True: yes, False: no}, synonyms)

    def read_bool(self, flag: bool) -> bool:
        return flag


@lru_cache(maxsize=1024)
def _nearest(text: str, titles: tuple[str, ...]) -> str:
    """The title that was probably meant; empty if none is close."""
    if len(text) > LONGEST_COMPARED:
        return ""
    alike = [title for title in titles if not set(title).isdisjoint(text)]
    return next(iter(get_close_matches(text, alike, n=1)), "")
