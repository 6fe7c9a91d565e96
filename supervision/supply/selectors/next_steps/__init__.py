"""What a person can do with a supply now: the next steps, most urgent first, and all acts that are open."""

from __future__ import annotations

from datetime import date

from landbureau.accounts.models import User
from supervision.supply.models import LandSupply
from supervision.supply.rules import View
from supervision.supply.selectors.next_steps.deciding import brigade, decisions
from supervision.supply.selectors.next_steps.documents import papers
from supervision.supply.selectors.next_steps.paying import (
    coming_payments,
    damages,
    gaps,
    late_payments,
    terminable,
)
from supervision.supply.selectors.next_steps.step import Act, NextStep, Turn
from supervision.supply.selectors.next_steps.watching import (
    defaults,
    deviations,
    extensions,
    handover,
    looks,
    rest,
)
from supervision.supply.transitions import TRANSITIONS, situation_of


def next_steps(user: User, supply: LandSupply, view: View, today: date) -> list[NextStep]:
    """What ``user`` is expected to do with the supply now, most urgent first. ``view``: as of ``today``."""
    now = situation_of(supply, today, view)
    if view.closed_on is not None:
        return [*papers(user, now)]
    steps = [
        *decisions(user, now),
        *brigade(user, now),
        *papers(user, now),
        *terminable(user, now),
        *looks(user, now),
        *defaults(user, now),
        *extensions(user, now),
        *late_payments(user, now),
        *handover(user, now),
        *deviations(user, now),
        *gaps(user, now),
        *coming_payments(user, now),
        *damages(user, now),
        *rest(user, now),
    ]
    return sorted(steps, key=lambda step: step.turn)


def allowed_acts(user: User, supply: LandSupply, view: View, today: date) -> list[Act]:
    """Every act that ``user`` may do now, in the order of the work."""
    now = situation_of(supply, today, view)
    return [
        Act(name, act.title)
        for name, act in TRANSITIONS.items()
        if act.permits(user, supply, today) and not act.refusal(now) and not act.not_for(user, now)
    ]


__all__ = ["Act", "NextStep", "Turn", "allowed_acts", "next_steps"]
