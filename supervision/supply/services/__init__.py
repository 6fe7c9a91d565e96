"""Writes: one function for each act of the office, keyword-only, in one transaction."""

from supervision.supply.services.corrections import correct_event, withdraw_event
from supervision.supply.services.events import append_event
from supervision.supply.services.projection import (
    moving_instalments,
    project,
    project_all_later,
    recompute_calendar,
)
from supervision.supply.services.supplies import (
    NewSupply,
    assign_officers,
    correct_contract,
    register_supplies,
    register_supply,
    set_instalments,
)
from supervision.supply.services.sweep import due, held_back, release, sweep

__all__ = [
    "NewSupply",
    "append_event",
    "assign_officers",
    "correct_contract",
    "correct_event",
    "due",
    "held_back",
    "moving_instalments",
    "project",
    "project_all_later",
    "recompute_calendar",
    "register_supplies",
    "register_supply",
    "release",
    "set_instalments",
    "sweep",
    "withdraw_event",
]
