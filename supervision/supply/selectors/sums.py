"""Sums of money as the database gives them."""

from __future__ import annotations

from decimal import Decimal

from supervision.supply.rules import yuan


def cents(total: Decimal | None) -> Decimal:
    """A sum in yuan, to the cent; of nothing 0.00. SQLite adds in floating point."""
    return yuan(Decimal(total or 0))
