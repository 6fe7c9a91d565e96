"""What a value may be at most, and before or beside which other: the limits of a kind's fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from landbureau.documents.models import KindField

AMOUNTS = (KindField.Type.MONEY, KindField.Type.NUMBER, KindField.Type.INTEGER)


def beyond_limits(fields: Sequence[KindField], values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong, by the field's name; ``values`` as cleaned or as ``Content.values`` keeps them.

    What is empty, or not of its type, is nobody's limit.
    """
    found = {}
    for field in fields:
        if message := _problem(field, values):
            found[field.name] = message
    return found


def _problem(field: KindField, values: Mapping[str, Any]) -> str:
    value = _text(values, field.name)
    if not value:
        return ""
    if field.type == KindField.Type.DATE:
        first = _text(values, field.not_before)
        return f"不能早于{field.not_before} {first}。" if value < first else ""  # ISO dates
    if field.type not in AMOUNTS:
        return ""
    amount, most = Decimal(value), _text(values, field.at_most)
    if field.lowest is not None and amount < field.lowest:
        return f"不能小于 {_figure(field.lowest)}{field.unit}。"
    if field.highest is not None and amount > field.highest:
        return f"不能大于 {_figure(field.highest)}{field.unit}。"
    return f"不能大于{field.at_most} {most}{field.unit}。" if most and amount > Decimal(most) else ""


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value)


def _figure(limit: Decimal) -> str:
    return f"{Decimal(limit).normalize():f}"
