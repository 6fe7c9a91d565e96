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

WORDS = ("group", "title", "event", "source", "mark", "note", "order", "backwards")
COUNTED = ("number", "unit", "rolls")


def load(**kwargs: Any) -> None:
    """After ``migrate``: new rows are added, changed ones follow, what the bureau edited stays."""
    load_time_limits()
    load_holidays()


@transaction.atomic
def load_time_limits(path: Path | None = None) -> tuple[int, int]:
    """Returns how many rows were added and how many followed a new delivery."""
    known = {limit.code: limit for limit in TimeLimit.objects.select_for_update()}
    new, changed = [], []
    for order, row in enumerate(_rows(path or settings.FIXTURES_DIR / "time_limits.csv"), start=1):
        shipped = {
            **{name: row[name] for name in WORDS if name in row},
            "order": order,
            "backwards": row["backwards"] == "1",
            "shipped_number": int(row["number"]),
            "shipped_unit": row["unit"],
            "shipped_rolls": row["rolls"] == "1",
        }
        limit = known.get(row["code"])
        if limit is None:
            limit = TimeLimit(code=row["code"], **shipped)
            _take_over(limit)
            new.append(limit)
        elif any(getattr(limit, name) != value for name, value in shipped.items()):
            own = limit.is_changed
            for name, value in shipped.items():
                setattr(limit, name, value)
            if not own:
                _take_over(limit)
            changed.append(limit)
    TimeLimit.objects.bulk_create(new)
    TimeLimit.objects.bulk_update(changed, [*WORDS, *COUNTED, *(f"shipped_{name}" for name in COUNTED)])
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


def _take_over(limit: TimeLimit) -> None:
    for name in COUNTED:
        setattr(limit, name, getattr(limit, f"shipped_{name}"))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
