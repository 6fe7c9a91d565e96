"""What is delivered with the program: ``fixtures/time_limits.csv`` and ``fixtures/holidays.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from landbureau.workdays.models import FixedHoliday, TimeLimit

FIELDS = (
    "group",
    "title",
    "event",
    "number",
    "unit",
    "rolls",
    "backwards",
    "source",
    "mark",
    "note",
    "order",
)


def load(**kwargs: Any) -> None:
    """After ``migrate``: new rows are added, changed ones follow, what the bureau edited stays."""
    load_time_limits()
    load_holidays()


@transaction.atomic
def load_time_limits(path: Path | None = None) -> tuple[int, int]:
    """Returns how many rows were added and how many followed a new delivery.

    A value follows the delivery if it still is what was delivered before; the bureau's own value stays.
    The first delivery is written at once; later ones row by row, so that the audit record has each.
    """
    known = {limit.code: limit for limit in TimeLimit.objects.select_for_update()}
    new, changed = [], []
    for order, row in enumerate(_rows(path or settings.FIXTURES_DIR / "time_limits.csv"), start=1):
        delivered = {name: _value(name, row) for name in FIELDS if name != "order"} | {"order": order}
        limit = known.get(row["code"])
        if limit is None:
            new.append(TimeLimit(code=row["code"], shipped=delivered, **delivered))
        elif limit.shipped != delivered:
            for name, value in delivered.items():
                if getattr(limit, name) == limit.shipped.get(name):
                    setattr(limit, name, value)
            limit.shipped = delivered
            limit.version += 1
            changed.append(limit)
    if known:
        for limit in (*new, *changed):
            limit.save()
    else:
        TimeLimit.objects.bulk_create(new)
    return len(new), len(changed)


def load_holidays(path: Path | None = None) -> int:
    """Adds the fixed holidays that are missing; returns how many."""
    known = set(FixedHoliday.objects.values_list("month", "day", "valid_from"))
    new = [
        FixedHoliday(
            month=int(row["month"]),
            day=int(row["day"]),
            name=row["name"],
            source=row["source"],
            valid_from=date.fromisoformat(row["valid_from"]),
        )
        for row in _rows(path or settings.FIXTURES_DIR / "holidays.csv")
    ]
    new = [row for row in new if (row.month, row.day, row.valid_from) not in known]
    FixedHoliday.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _value(name: str, row: dict[str, str]) -> Any:
    if name in ("rolls", "backwards"):
        return row[name] == "1"
    return int(row[name]) if name == "number" else row[name]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
