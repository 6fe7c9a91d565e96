"""Kinds of documents of land supply: which there are, and what is filled into their fields.

Titles, approval, basis and wording are rows (``fixtures/documents``); here stands only what a supply says for
each field. What is not known is left out: the wording leaves out the words around it, and a required field
keeps the draft from being sent for approval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from supervision.supply.kinds import building, payment, site
from supervision.supply.kinds.case import (
    Case,
    Values,
    brigade_name,
    contract_name,
    contract_number,
    dues_name,
    title_for,
)
from supervision.supply.kinds.codes import (
    BRIEFING,
    BRIGADE_TRANSFER,
    COMPLETION_PERFORMANCE,
    COMPLETION_REMINDER,
    CONTRACT_AMENDMENT,
    DEFAULT_DETERMINATION,
    HANDOVER_CONFIRMATION,
    PAYMENT_DEMAND,
    PAYMENT_REMINDER,
    SIGN_BOARD,
    START_NOTICE,
    START_PERFORMANCE,
    START_REMINDER,
    TERMINATION_NOTICE,
    TRACKING_CARD,
)
from supervision.supply.kinds.site import photo_numbers, project_name
from supervision.supply.models import Event, Instalment, LandSupply
from supervision.supply.rules import Track

BUILDERS: Mapping[str, Callable[[Case], Values]] = {
    PAYMENT_REMINDER: payment.reminder,
    PAYMENT_DEMAND: payment.demand,
    START_REMINDER: building.start_reminder,
    START_NOTICE: building.start_notice,
    COMPLETION_REMINDER: building.completion_reminder,
    START_PERFORMANCE: lambda case: building.performance(case, Track.START),
    COMPLETION_PERFORMANCE: lambda case: building.performance(case, Track.COMPLETION),
    DEFAULT_DETERMINATION: building.default_determination,
    BRIGADE_TRANSFER: building.brigade_transfer,
    TERMINATION_NOTICE: payment.termination_notice,
    CONTRACT_AMENDMENT: building.contract_amendment,
    HANDOVER_CONFIRMATION: site.handover_confirmation,
    BRIEFING: site.briefing,
    SIGN_BOARD: site.sign_board,
    TRACKING_CARD: site.tracking_card,
}


def values_for(
    kind: str,
    supply: LandSupply,
    *,
    today: date,
    instalment: Instalment | None = None,
    event: Event | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Values:
    """The fields of a document of ``kind`` (a code) about ``supply``, as known on ``today``.

    ``instalment``: for payments; ``event``: what the document follows from; ``extra`` replaces single fields.
    Money in yuan, area in m², rates in ‰ a day. Raises ``SupplyError``: such a supply has no such document.
    """
    case = Case(supply, today, instalment, event)
    values = BUILDERS[kind](case) | dict(extra or {})
    return {name: value for name, value in values.items() if value not in (None, "", [])}


__all__ = [
    "BRIEFING",
    "BRIGADE_TRANSFER",
    "BUILDERS",
    "COMPLETION_PERFORMANCE",
    "COMPLETION_REMINDER",
    "CONTRACT_AMENDMENT",
    "DEFAULT_DETERMINATION",
    "HANDOVER_CONFIRMATION",
    "PAYMENT_DEMAND",
    "PAYMENT_REMINDER",
    "SIGN_BOARD",
    "START_NOTICE",
    "START_PERFORMANCE",
    "START_REMINDER",
    "TERMINATION_NOTICE",
    "TRACKING_CARD",
    "brigade_name",
    "contract_name",
    "contract_number",
    "dues_name",
    "photo_numbers",
    "project_name",
    "title_for",
    "values_for",
]
