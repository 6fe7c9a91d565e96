"""The database itself refuses to change what an issued document says and what was done with it.

SQLite loses the triggers of a table that a migration rebuilds, so they are put on after every ``migrate``.
No trigger looks at another table: SQLite could not rebuild that one any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

DOCUMENTS = "documents_document"
FROM_ISSUE = (
    "kind_id",
    "family",
    "title",
    "addressee",
    "matter",
    "content",
    "wording_id",
    "needs_seal",
    "needs_service",
    "two_servers",
    "drafted_on",
    "drafted_by_id",
    "submitted_on",
    "approved_on",
    "issued_on",
    "organ_code",
    "series_id",
    "year",
    "sequence",
    "number",
    "code",
)
FROM_RENDERING = ("pdf", "sha256", "pages", "receipt_page")
APPENDED = ("step", "sealrecord", "servicerecord", "proof")
FROZEN, KEPT = "文书印发后，内容、文号和正本不能修改", "已印发的文书不能删除"
ONCE, UP, ONLY_APPENDED = "用印和作废只登记一次", "文号只增不减", "办理记录只能追加，不能修改或删除"


@dataclass(frozen=True)
class Rule:
    """``event`` on a row of ``table`` is refused under this condition on OLD and NEW."""

    table: str
    event: str
    condition: str
    refusal: str


def _changed(*columns: str) -> str:
    return "(" + " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns) + ")"


RULES = {
    "documents_frozen_text": Rule(
        DOCUMENTS, "UPDATE", f"OLD.issued_on IS NOT NULL AND {_changed(*FROM_ISSUE)}", FROZEN
    ),
    "documents_frozen_pdf": Rule(
        DOCUMENTS, "UPDATE", f"OLD.sha256 <> '' AND {_changed(*FROM_RENDERING)}", FROZEN
    ),
    "documents_sealed_once": Rule(
        DOCUMENTS, "UPDATE", f"OLD.sealed_on IS NOT NULL AND {_changed('sealed_on')}", ONCE
    ),
    "documents_voided_once": Rule(
        DOCUMENTS, "UPDATE", f"OLD.voided_on IS NOT NULL AND {_changed('voided_on')}", ONCE
    ),
    "documents_kept": Rule(DOCUMENTS, "DELETE", "OLD.issued_on IS NOT NULL", KEPT),
    "documents_attachments_frozen": Rule("documents_attachment", "UPDATE", "OLD.frozen", FROZEN),
    "documents_attachments_kept": Rule("documents_attachment", "DELETE", "OLD.frozen", KEPT),
    "documents_numbers_up": Rule(
        "documents_numbercounter",
        "UPDATE",
        f"NEW.last < OLD.last OR {_changed('organ_code', 'series_id', 'year')}",
        UP,
    ),
    "documents_numbers_kept": Rule("documents_numbercounter", "DELETE", "OLD.last > 0", UP),
    **{
        f"documents_{name}_{event.lower()}": Rule(
            f"documents_{name}", event, "OLD.id IS NOT NULL", ONLY_APPENDED
        )
        for name in APPENDED
        for event in ("UPDATE", "DELETE")
    },
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on the tables, as they are written here."""
    make = _postgresql if connection.vendor == "postgresql" else _sqlite
    with connection.cursor() as cursor:
        for name, rule in RULES.items():
            for statement in make(name, rule):
                cursor.execute(statement)


def _postgresql(name: str, rule: Rule) -> Iterator[str]:
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{rule.refusal}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    yield (
        f"CREATE OR REPLACE TRIGGER {name} BEFORE {rule.event} ON {rule.table} FOR EACH ROW"
        f" WHEN ({rule.condition}) EXECUTE FUNCTION {name}()"
    )


def _sqlite(name: str, rule: Rule) -> Iterator[str]:
    condition = rule.condition.replace("IS DISTINCT FROM", "IS NOT")  # which it has from 3.39 on
    yield f"DROP TRIGGER IF EXISTS {name}"
    yield (
        f"CREATE TRIGGER {name} BEFORE {rule.event} ON {rule.table}"
        f" WHEN {condition} BEGIN SELECT RAISE(ABORT, '{rule.refusal}'); END"
    )


def reinstall(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Receiver of ``post_migrate``."""
    connection = connections[using]
    if DOCUMENTS in connection.introspection.table_names():
        install(connection)
