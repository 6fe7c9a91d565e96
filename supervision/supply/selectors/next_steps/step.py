"""What a next step is, and how soon its turn comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from landbureau.accounts.models import User
from supervision.supply.models import Event
from supervision.supply.transitions import TRANSITIONS, Situation


class Turn(IntEnum):
    """Steps come in this order; within one, in that of the work.

    ``NOW``: others wait for it, or its day has come. ``OVERTAKEN``: what it was for has been passed.
    """

    NOW = 0
    SOON = 1
    OVERTAKEN = 2


@dataclass(frozen=True, slots=True)
class NextStep:
    """``why``: the reason and the computed consequence in words; ``action``: the button.

    ``colour``: of states (grey blue orange red purple green); ``due_on``: by when, if a day is set;
    ``turn``: how soon it is this step's.
    """

    title: str
    why: str
    action: str
    url: str
    colour: str
    due_on: date | None = None
    turn: Turn = Turn.SOON


@dataclass(frozen=True, slots=True)
class Act:
    """An act that is open to the person; ``name``: of its address, without ``supply:``."""

    name: str
    title: str


def is_open(user: User, now: Situation, name: str) -> bool:
    act = TRANSITIONS[name]
    return act.permits(user, now.supply, now.today) and not act.refusal(now)


def url_of(now: Situation, name: str, **query: Any) -> str:
    address = reverse(f"supply:{name}", args=[now.supply.pk])
    return f"{address}?{urlencode(query)}" if query else address


def who(step: Event) -> str:
    return f"{step.on:%m-%d} {step.recorded_by or '台账导入'}"
