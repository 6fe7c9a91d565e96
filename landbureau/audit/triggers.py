"""The locks on the record: the database itself refuses to change, delete or empty it.

SQLite loses the triggers of a table that a migration rebuilds, so ``install`` runs after every
``migrate`` and may be run again at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "audit_entry"
REFUSAL = "审计记录只能追加，不能修改或删除"

_POSTGRESQL = [
    f"""
    CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'insufficient_privilege'; END $$
    """,
    """
    CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()
    """,
    # ALWAYS: also for a session that calls itself a replica.
    "ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_append_only",
]
_SQLITE = {
    "audit_no_update": "BEFORE UPDATE ON audit_entry",
    "audit_no_delete": "BEFORE DELETE ON audit_entry",
    # INSERT OR REPLACE removes the old row without telling the trigger above.
    "audit_no_replace": "BEFORE INSERT ON audit_entry WHEN NEW.id IN (SELECT id FROM audit_entry)",
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on the table; those that are there stay."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for statement in _POSTGRESQL:
                cursor.execute(statement)
        else:
            for name, event in _SQLITE.items():
                cursor.execute(
                    f"CREATE TRIGGER IF NOT EXISTS {name} {event} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers off, for good: the way back of the migration."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER IF EXISTS audit_append_only ON audit_entry")
        else:
            for name in _SQLITE:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """The table without its triggers, for the archive and the tests' clean-up.

    After an error it is the rollback of the surrounding transaction that brings them back.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # readers are not kept waiting, as they would be by DROP
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_append_only")
    else:
        remove(connection)
    yield
    install(connection)


def may_lift(connection: BaseDatabaseWrapper) -> bool:
    """Whether this connection's role owns the table. On SQLite everybody who has the file does."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class"
            " WHERE oid = 'audit_entry'::regclass"
        )
        return bool(cursor.fetchone()[0])


def reinstall(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Receiver of ``post_migrate``."""
    connection = connections[using]
    if TABLE in connection.introspection.table_names():
        install(connection)
