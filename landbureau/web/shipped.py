"""Rows that are delivered with the program as tables in ``fixtures/`` and may be edited by the bureau."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)
Row = Mapping[str, str]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file (UTF-8, with BOM so that Excel reads it); none where a delivery does not have it."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def deliver(model: type[M], rows: Sequence[Row], values: Callable[[Row], dict[str, Any]]) -> None:
    """Add rows whose ``code`` is new; a value follows the delivery if it still is what was delivered before.

    What the bureau edited stays, and so does what is no longer delivered. The first delivery is written at
    once, later ones row by row, so that the audit record has each. ``model`` has ``code``, ``version`` and
    ``shipped``, which keeps what was delivered.
    """
    known: dict[str, Any] = {row.code: row for row in model._default_manager.select_for_update()}  # type: ignore[attr-defined]
    added = []
    for order, row in enumerate(rows, start=1):
        new = values(row)
        if any(field.name == "order" for field in model._meta.fields):
            new["order"] = order
        delivered = {name: stored(value) for name, value in new.items()}
        there = known.get(row["code"])
        if there is None:
            added.append(model(code=row["code"], shipped=delivered, **new))
        elif there.shipped != delivered:
            for name, value in new.items():
                if stored(getattr(there, name)) == there.shipped.get(name):
                    setattr(there, name, value)
            there.shipped = delivered
            there.version += 1
            there.save()
    if known:
        for one in added:
            one.save(force_insert=True)
    else:
        model._default_manager.bulk_create(added)


def stored(value: Any) -> Any:
    """As ``shipped`` keeps it: JSON."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.pk if isinstance(value, models.Model) else value
