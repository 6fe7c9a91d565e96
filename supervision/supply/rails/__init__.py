"""The four tracks of a supply as rails: what was, where it stands, what is to come. Pure."""

from __future__ import annotations

from supervision.supply.rails.handover import handover_rail
from supervision.supply.rails.parts import MOST_STOPS, Mark, Pending, Rail, Steps, Stop
from supervision.supply.rails.payment import payment_rail
from supervision.supply.rails.stages import stage_rail
from supervision.supply.rules import Facts, Terms, View

NO_STEPS = Steps()


def rails_of(view: View, facts: Facts, terms: Terms, steps: Steps = NO_STEPS) -> tuple[Rail, ...]:
    """Payment, handover and sign board, start, completion, as of ``view.on``."""
    return (
        payment_rail(view, facts, terms),
        handover_rail(view, terms, steps),
        stage_rail(view, view.start, facts, terms, steps),
        stage_rail(view, view.completion, facts, terms, steps),
    )


__all__ = ["MOST_STOPS", "Mark", "Pending", "Rail", "Steps", "Stop", "rails_of"]
