"""What a rail is made of, and the words that all four share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from supervision.supply.rules import Track

MOST_STOPS = 6  # the rails share their columns


class Mark(StrEnum):
    """How a stop is drawn: filled, filled without a colour, ring with halo, hollow, dashed."""

    DONE = "done"
    PASSED = "passed"
    NOW = "now"
    AHEAD = "ahead"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Pending:
    """An application for a later date that is not decided; ``reviewed``: only the decision is missing."""

    on: date
    new_due_on: date | None = None
    reviewed: bool = False

    @property
    def word(self) -> str:
        return "待批准" if self.reviewed else "待审"

    @property
    def said(self) -> str:
        """``2026-11-26 延期申请待审，拟延至 2027-05-29``."""
        to = f"，拟延至 {self.new_due_on}" if self.new_due_on else ""
        return f"{self.on} 延期申请{self.word}{to}"


@dataclass(frozen=True, slots=True)
class Stop:
    """``note``: instead of the day, or after it. ``colour``: of states; grey: no judgement."""

    title: str
    on: date | None = None
    note: str = ""
    mark: Mark = Mark.AHEAD
    colour: str = "grey"


@dataclass(frozen=True, slots=True)
class Rail:
    """``right``: days and money. ``foot``: on a phone, instead of the stops: what is due, and when.

    ``pending``: what waits within the office and changes no state.
    """

    code: str
    title: str
    subtitle: str
    stops: tuple[Stop, ...]
    colour: str
    word: str
    right: tuple[str, ...]
    foot: tuple[str, str]
    late: bool = False
    pending: str = ""


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps within the office that the rails show; no state hangs on them.

    ``proposed``: stages whose default waits for approval; ``extensions``: applications by their stage.
    """

    board_given_on: date | None = None
    proposed: frozenset[Track] = frozenset()
    extensions: Mapping[Track, Pending] = field(default_factory=dict)


def early_or_late(on: date, agreed: date | None) -> str:
    if agreed is None or on == agreed:
        return ""
    days = (on - agreed).days
    return f"晚{days}天" if days > 0 else f"早{-days}天"


def days_left(to: date | None, on: date) -> str:
    if to is None:
        return ""
    days = (to - on).days
    if days == 0:
        return "今天到期"
    return f"还有{days}天" if days > 0 else f"逾期{-days}天"
