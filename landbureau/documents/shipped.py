"""What is delivered with the program: ``fixtures/documents``.

``series.csv``, ``kinds.csv``, ``fields.csv``, ``service_methods.csv`` and one text per kind in ``wordings/``.
A kind is added by a row, its fields' rows and a text. The bureau's own value, field and wording stay.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import models, transaction

from landbureau.documents.models import Kind, KindField, Series, ServiceMethod, Wording

UPDATED = "随程序更新"

Row = dict[str, str]
M = TypeVar("M", Series, Kind, ServiceMethod)


def load(**kwargs: Any) -> None:
    """After ``migrate``: new rows are added, changed ones follow, what the bureau edited stays."""
    load_folder(settings.FIXTURES_DIR / "documents")


@transaction.atomic
def load_folder(folder: Path) -> None:
    """Load everything in ``folder``; loading the same again changes nothing.

    The first delivery is written at once; later ones row by row, so that the audit record has each change.
    What is no longer delivered stays: documents hang on it.
    """
    _load(Series, _read(folder / "series.csv"), _series_values)
    series = {row.code: row for row in Series.objects.all()}
    kinds = _read(folder / "kinds.csv")
    _load(Kind, kinds, lambda row: _kind_values(row, series))
    _load(ServiceMethod, _read(folder / "service_methods.csv"), _method_values)
    fields = _read(folder / "fields.csv")
    first = not Wording.objects.exists()
    new: list[KindField | Wording] = []
    for kind in Kind.objects.select_for_update().filter(code__in=[row["code"] for row in kinds]):
        own = [row for row in fields if row["kind"] == kind.code]
        path = folder / "wordings" / f"{kind.code}.txt"
        text = path.read_text(encoding="utf-8").strip() if path.exists() else ""
        own_fields = [_field_values(number, row) for number, row in enumerate(own, 1)]
        delivered = {"fields": own_fields, "wording": text}
        if kind.shipped.items() >= delivered.items():
            continue
        new += _new_fields(kind, own_fields)
        new += _new_wording(kind, text)
        Kind.objects.filter(pk=kind.pk).update(shipped=kind.shipped | delivered)
    _write(KindField, [row for row in new if isinstance(row, KindField)], at_once=first)
    _write(Wording, [row for row in new if isinstance(row, Wording)], at_once=first)


def _load(model: type[M], rows: Sequence[Row], values: Callable[[Row], dict[str, Any]]) -> None:
    """Add what is new; a value follows the delivery if it still is what was delivered before."""
    known = {row.code: row for row in model._default_manager.select_for_update()}
    added = []
    for order, row in enumerate(rows, start=1):
        new = values(row) | {"order": order}
        delivered = {name: _stored(value) for name, value in new.items()}
        there = known.get(row["code"])
        if there is None:
            added.append(model(code=row["code"], shipped=delivered, **new))
        elif not there.shipped.items() >= delivered.items():
            for name, value in new.items():
                if name == "mark" and isinstance(there, Series) and there.has_numbers:
                    continue
                if name in there.shipped and _stored(getattr(there, name)) == there.shipped[name]:
                    setattr(there, name, value)
            there.shipped = there.shipped | delivered
            there.version += 1
            there.save()
    _write(model, added, at_once=not known)


def _new_fields(kind: Kind, delivered: list[dict[str, Any]]) -> list[KindField]:
    """Fields that were not delivered before; those there follow. One that the bureau removed stays away."""
    before = {field["name"]: field for field in kind.shipped.get("fields", ())}
    there = {field.name: field for field in kind.fields.all()}
    new = []
    for values in delivered:
        field, old = there.get(values["name"]), before.get(values["name"], {})
        if field is None and not old:
            new.append(KindField(kind=kind, **values))
        elif field is not None and values != old:
            for name, value in values.items():
                if name in old and _stored(getattr(field, name)) == old[name]:
                    setattr(field, name, value)
            field.save()
    return new


def _new_wording(kind: Kind, text: str) -> list[Wording]:
    """A version with ``text`` if the current one was delivered, too; the bureau's own stays current.

    The page of the kind compares it with the delivered one, which ``kind.shipped["wording"]`` keeps.
    """
    current = kind.wordings.first()
    if not text or (current and (current.text == text or not current.shipped)):
        return []
    number, reason = (current.number + 1, UPDATED) if current else (1, "")
    return [Wording(kind=kind, number=number, text=text, shipped=True, reason=reason)]


def _write(model: type[models.Model], rows: Sequence[models.Model], *, at_once: bool) -> None:
    if at_once:
        model._default_manager.bulk_create(rows)
        return
    for row in rows:
        row.save(force_insert=True)


def _stored(value: Any) -> Any:
    """As it is kept in ``shipped``."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.code if isinstance(value, Series) else value


def _series_values(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("name", "mark")}


def _kind_values(row: Row, series: dict[str, Series]) -> dict[str, Any]:
    words = ("title", "family", "layout", "approval", "legal_basis", "mark", "addressee_label", "note")
    return (
        {name: row[name] for name in words}
        | {
            name: row[name] == "1"
            for name in ("own_title", "needs_seal", "needs_service", "two_servers", "by_hand")
        }
        | {name: int(row[name]) if row[name] else None for name in ("serve_within_days", "repeat_after_days")}
        | {"series": series[row["series"]]}
    )


def _method_values(row: Row) -> dict[str, Any]:
    """``required``: names of fields of ``ServiceRecord``, separated by ``、``."""
    return {name: row[name] for name in ("title", "date_rule", "source", "mark", "note")} | {
        "days": int(row["days"] or 0),
        "required": [name for name in row["required"].split("、") if name],
        "needs_proof": row["needs_proof"] == "1",
    }


def _field_values(order: int, row: Row) -> dict[str, Any]:
    words = ("name", "type", "unit", "help_text", "sample", "at_most", "not_before")
    return {name: row[name] for name in words} | {
        "required": row["required"] == "1",
        "lowest": _stored(Decimal(row["lowest"])) if row["lowest"] else None,
        "highest": _stored(Decimal(row["highest"])) if row["highest"] else None,
        "order": order,
    }


def _read(path: Path) -> list[Row]:
    """The rows of a table; none where a delivery does not have it."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
