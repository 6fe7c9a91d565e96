"""Who may bring in and take out the ledgers."""

from __future__ import annotations

from typing import Any

from landbureau.accounts.selectors import Scopes, scopes_for
from supervision.supply.access import DECISIONS
from supervision.supply.models import Regime
from supervision.supply.models.events import KindChoice

NEEDED = ("create_supply", "update_supply")


def allows(user: Any) -> bool:
    """Whoever registers and corrects supplies of the section that supervises them, or everywhere."""
    held = [scopes_for(user, codename) for codename in NEEDED]
    if not all(scopes.everywhere or scopes.sections for scopes in held):
        return False  # asked on every page of the desk: the section is looked up only where it matters
    section = Regime.objects.values_list("section", flat=True).first()
    return all(_within(scopes, section) for scopes in held)


def may_change(user: Any, section: int) -> bool:
    """Whether supplies of this section may be changed; without a person (a command) all."""
    return user is None or _within(scopes_for(user, "update_supply"), section)


def may_decide(user: Any, kind: str, section: int | None) -> bool:
    """Whether an event of this kind may come in from a table of ``user``: a decision only from who decides.

    ``section``: of the supply; None: a new one, of the section that supervises. A command may everything.
    """
    codename = DECISIONS.get(KindChoice(kind))
    if user is None or codename is None:
        return True
    if section is None:
        section = Regime.objects.values_list("section", flat=True).first()
    return _within(scopes_for(user, codename), section)


def _within(scopes: Scopes, section: int | None) -> bool:
    return scopes.everywhere or (section is not None and section in scopes.sections)
