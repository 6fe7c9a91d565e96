"""What every correction of the contract, the parcel or the land user is made of: old, new, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from landbureau.accounts.models import User
from landbureau.web.masking import mask_phone
from landbureau.web.versions import display_value, label_of
from supervision.supply import identity
from supervision.supply.errors import SupplyError
from supervision.supply.models import Correction, LandSupply

Line = tuple[int, date | None, Any]
"""An instalment: number, due date, amount in yuan."""
HIDDEN: Mapping[str, Callable[[str], str]] = {"identity": identity.shown, "phone": mask_phone}
"""Everybody who sees a supply reads its corrections: personal numbers are not written out there."""


def require_reason(reason: str) -> str:
    """``reason`` without space around it. Raises ``SupplyError`` where nothing is left."""
    reason = reason.strip()
    if not reason:
        raise SupplyError("请填写更正理由。", "reason")
    return reason


def apply(row: models.Model, values: Mapping[str, Any]) -> list[list[str]]:
    """Set the values on ``row``; what differs, in words: name, old, new."""
    changes = []
    for name, value in values.items():
        if getattr(row, name) == value:
            continue
        old = display_value(row, name)
        setattr(row, name, value)
        show = HIDDEN.get(name, str)
        changes.append([label_of(row, name), show(old), show(display_value(row, name))])
    return changes


def correction(
    supply: LandSupply,
    subject: models.Model,
    changes: Sequence[Sequence[str]],
    reason: str,
    actor: User | None,
) -> Correction:
    """A row, not saved yet, that keeps what was changed about ``subject``."""
    return Correction(
        supply=supply,
        content_type=ContentType.objects.get_for_model(subject),
        object_id=subject.pk,
        changes=[list(change) for change in changes],
        reason=reason,
        made_by=actor,
    )


def of_instalments(before: Sequence[Line], after: Sequence[Line]) -> list[str]:
    """Instalments as a change: name, old, new."""
    return ["分期缴款", in_words(before), in_words(after)]


def in_words(lines: Sequence[Line]) -> str:
    return "；".join(f"第{seq}期 {due_on or '日期未定'} {amount:,.2f} 元" for seq, due_on, amount in lines)
