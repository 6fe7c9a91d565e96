"""What an act would bring about, in words, before it is done: by the rules, on the facts and the form.

``values`` are the fields of the act's form as far as they are filled in; nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from supervision.supply.selectors.consequences import decisions, endings, money, site
from supervision.supply.selectors.consequences.words import (
    Consequence,
    damages_of,
    delay,
    papers,
    rate_of,
    yuan,
)
from supervision.supply.transitions import Situation

CONSEQUENCES: dict[str, Callable[[Situation, Mapping[str, Any]], Consequence]] = {
    "payment": money.payment,
    "refund": money.refund,
    "damages_payment": money.damages,
    "briefing": site.briefing,
    "handover": site.handover,
    "board_given": site.board_given,
    "board": site.board,
    "start": site.start,
    "stop": site.stop,
    "resume": site.resume,
    "completion": site.completion,
    "acceptance": site.acceptance,
    "follow_up": site.follow_up,
    "propose_default": decisions.propose_default,
    "decide_default": decisions.decide_default,
    "brigade_accept": decisions.brigade,
    "apply_extension": decisions.apply_extension,
    "review_extension": decisions.review_extension,
    "decide_extension": decisions.decide_extension,
    "propose_termination": endings.propose_termination,
    "decide_termination": endings.decide_termination,
    "take_back": endings.take_back,
    "transfer": endings.transfer,
    "split": endings.split,
}


def consequence_of(name: str, now: Situation, values: Mapping[str, Any]) -> Consequence:
    """What the act ``name`` would do with ``values``."""
    return CONSEQUENCES[name](now, values) if name in CONSEQUENCES else Consequence()


__all__ = ["Consequence", "consequence_of", "damages_of", "delay", "papers", "rate_of", "yuan"]
