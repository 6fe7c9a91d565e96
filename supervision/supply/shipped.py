"""What is delivered with the program: ``fixtures/supply``, and the regime in ``fixtures/<bureau>``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from landbureau.accounts.models import Section
from landbureau.documents.models import Kind
from landbureau.web.shipped import Row, deliver, read_rows
from supervision.supply.models import CheckItem, DeviationKind, Indicator, NoticeKind, Parameter, Regime
from supervision.supply.services.projection import project_all_later


@transaction.atomic
def load(**kwargs: Any) -> None:
    """After ``migrate``: new rows are added, changed ones follow, what the bureau edited stays."""
    shared, own = settings.FIXTURES_DIR / "supply", settings.FIXTURES_DIR / settings.BUREAU
    sections = {section.name: section for section in Section.objects.all()}
    kinds = {kind.code: kind for kind in Kind.objects.all()}
    before = dict(Parameter.objects.values_list("code", "number"))
    deliver(Parameter, read_rows(shared / "parameters.csv"), _parameter)
    after = dict(Parameter.objects.values_list("code", "number"))
    if any(after[code] != number for code, number in before.items()):
        project_all_later()
    deliver(NoticeKind, read_rows(shared / "notice_kinds.csv"), lambda row: _notice_kind(row, kinds))
    deliver(Regime, read_rows(own / "supply_regime.csv"), lambda row: _regime(row, sections))
    deliver(DeviationKind, read_rows(own / "supply_deviations.csv"), _deviation)
    deliver(CheckItem, read_rows(own / "supply_checks.csv"), _law)
    deliver(Indicator, read_rows(own / "supply_indicators.csv"), _indicator)


def _law(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("title", "source", "mark")}


def _parameter(row: Row) -> dict[str, Any]:
    return _law(row) | {"number": Decimal(row["number"]), "unit": row["unit"], "note": row["note"]}


def _notice_kind(row: Row, kinds: dict[str, Kind]) -> dict[str, Any]:
    repeat = row["repeat_after_days"]
    return _law(row) | {
        "doer": row["doer"],
        "act": row["act"],
        "document_kind": kinds[row["document_kind"]] if row["document_kind"] else None,
        "held": row["held"] == "1",
        "repeat_after_days": int(repeat) if repeat else None,
    }


def _regime(row: Row, sections: dict[str, Section]) -> dict[str, Any]:
    words = ("title", "subjects", "officer_title", "visit_rule", "source")
    return {name: row[name] for name in words} | {
        "section": sections.get(row["section"]),
        "brigade": sections.get(row["brigade"]),
    }


def _deviation(row: Row) -> dict[str, Any]:
    return _law(row) | {
        "question": row["question"],
        "measure": row["measure"],
        "asked": row["asked"] == "1",
    }


def _indicator(row: Row) -> dict[str, Any]:
    return _law(row) | {
        "formula": row["formula"],
        "required": Decimal(row["required"]) if row["required"] else None,
        "unit": row["unit"],
    }
