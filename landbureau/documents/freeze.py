"""The database itself refuses to change what an issued document says, its number and its PDF.

SQLite loses the triggers of a table that a migration rebuilds, so they are put on after every ``migrate``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "documents_document"
REFUSAL = "文书签发后，内容、文号和正本不能修改"
FROM_ISSUE = (
    "kind_id",
    "family",
    "title",
    "addressee",
    "matter",
    "content",
    "wording_id",
    "organ_code",
    "series_id",
    "year",
    "sequence",
    "number",
    "code",
    "issued_on",
)
FROM_RENDERING = ("pdf", "sha256", "pages", "receipt_page")
FROZEN = {
    "documents_frozen_text": ("OLD.issued_on IS NOT NULL", FROM_ISSUE),
    "documents_frozen_pdf": ("OLD.sha256 <> ''", FROM_RENDERING),
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on the table, as they are written here."""
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor):
            cursor.execute(statement)


def _statements(vendor: str) -> Iterable[str]:
    if vendor == "postgresql":
        yield (
            "CREATE OR REPLACE FUNCTION documents_frozen() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    for name, (since, columns) in FROZEN.items():
        if vendor == "postgresql":
            yield (
                f"CREATE OR REPLACE TRIGGER {name} BEFORE UPDATE ON {TABLE} FOR EACH ROW"
                f" WHEN ({since} AND ({_changed(columns, 'IS DISTINCT FROM')}))"
                " EXECUTE FUNCTION documents_frozen()"
            )
        else:
            yield f"DROP TRIGGER IF EXISTS {name}"
            yield (
                f"CREATE TRIGGER {name} BEFORE UPDATE ON {TABLE}"
                f" WHEN {since} AND ({_changed(columns, 'IS NOT')})"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )


def _changed(columns: Iterable[str], differs: str) -> str:
    return " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in columns)


def reinstall(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Receiver of ``post_migrate``."""
    connection = connections[using]
    if TABLE in connection.introspection.table_names():
        install(connection)
