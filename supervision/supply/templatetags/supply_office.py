"""Figures of the office's pages."""

from __future__ import annotations

from decimal import Decimal

from django import template

from supervision.supply.selectors.indicators import Ratio

register = template.Library()
TEN_THOUSAND = Decimal(10_000)


@register.filter
def wan(yuan: Decimal | None) -> str:
    """元 as 万元 with two places: ``1,286.40``."""
    return "" if yuan is None else f"{yuan / TEN_THOUSAND:,.2f}"


@register.filter
def percent(value: Ratio) -> str:
    """``85.3%``; a dash where nothing was required."""
    found = value.percent
    return "—" if found is None else f"{floor_to_tenth(found)}%"


def floor_to_tenth(value: Decimal) -> Decimal:
    """With one place; what is not quite 100 does not look like it."""
    rounded = value.quantize(Decimal("0.1"))
    return Decimal("99.9") if rounded == 100 and value < 100 else rounded
