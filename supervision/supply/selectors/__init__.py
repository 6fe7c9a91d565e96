"""Reads that are more than a line."""

from supervision.supply.selectors.facts import (
    facts_of,
    parameter,
    parameters,
    premium_terms,
    regime,
    terms,
)
from supervision.supply.selectors.states import (
    PAYMENT_STATES,
    instalments_with_state,
    payment_state,
    stage_state,
    with_state,
)

__all__ = [
    "PAYMENT_STATES",
    "facts_of",
    "instalments_with_state",
    "parameter",
    "parameters",
    "payment_state",
    "premium_terms",
    "regime",
    "stage_state",
    "terms",
    "with_state",
]
