"""The database refuses to change, delete or empty the record: tried in plain SQL."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from landbureau.audit import triggers
from landbureau.audit.models import Entry
from landbureau.audit.services import record

ATTEMPTS = {
    "update": "UPDATE audit_entry SET object_repr = '改写'",
    "update of nothing": "UPDATE audit_entry SET object_repr = '改写' WHERE id = -1",
    "delete": "DELETE FROM audit_entry",
    "truncate": "TRUNCATE audit_entry",
    "truncate cascade": "TRUNCATE audit_entry CASCADE",
    "truncate of a parent": "TRUNCATE accounts_user CASCADE",
    "replica": "SET LOCAL session_replication_role = replica; DELETE FROM audit_entry",
    "upsert": (
        "INSERT INTO audit_entry (id, object_pk, object_repr, action, timestamp, changes_text)"
        " SELECT id, object_pk, '改写', action, timestamp, '' FROM audit_entry WHERE true"
        " ON CONFLICT (id) DO UPDATE SET object_repr = excluded.object_repr"
    ),
    "replace": (
        "INSERT OR REPLACE INTO audit_entry (id, object_pk, object_repr, action, timestamp, changes_text)"
        " SELECT id, object_pk, '改写', action, timestamp, '' FROM audit_entry"
    ),
}
ONLY_ON = {
    "update of nothing": "postgresql",  # SQLite has row triggers only: nothing happens there
    "truncate": "postgresql",
    "truncate cascade": "postgresql",
    "truncate of a parent": "postgresql",
    "replica": "postgresql",
    "replace": "sqlite",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "attempt", [a for a in ATTEMPTS if ONLY_ON.get(a, connection.vendor) == connection.vendor]
)
def test_the_database_refuses(attempt: str) -> None:
    entry = record(Entry.Action.BULK, actor=None, text="原文")
    connection.check_constraints()  # what is deferred is done: the table can be truncated
    with (
        pytest.raises(DatabaseError, match=triggers.REFUSAL),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(ATTEMPTS[attempt])
    entry.refresh_from_db()
    assert entry.object_repr == "原文"


@pytest.mark.django_db
def test_the_orm_is_refused_too() -> None:
    entry = record(Entry.Action.BULK, actor=None, text="原文")
    entry.object_repr = "改写"
    for act in (entry.save, entry.delete, Entry.objects.all().delete):
        with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
            act()
    assert Entry.objects.get(pk=entry.pk).object_repr == "原文"


@pytest.mark.django_db(transaction=True)
def test_a_committed_row_is_flushed_after_its_test() -> None:
    """Leaves a row behind; the clean-up of this test fails unless the one helper lets it."""
    record(Entry.Action.BULK, actor=None, text="留下")
    with pytest.raises(DatabaseError, match=triggers.REFUSAL):
        Entry.objects.update(object_repr="改写")


@pytest.mark.django_db(transaction=True)
def test_a_flush_by_hand_is_refused() -> None:
    record(Entry.Action.BULK, actor=None, text="留下")
    with pytest.raises(Exception, match=r"couldn't be flushed|flush"):
        call_command("flush", interactive=False, verbosity=0)
    assert Entry.objects.filter(object_repr="留下").exists()


@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_table_gets_its_triggers_back() -> None:
    """SQLite drops the triggers with the old table when a migration alters it."""
    triggers.remove(connection)
    call_command("migrate", verbosity=0)
    record(Entry.Action.BULK, actor=None, text="原文")
    with pytest.raises(DatabaseError, match=triggers.REFUSAL):
        Entry.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_the_migration_can_be_taken_back() -> None:
    MigrationExecutor(connection).migrate([("audit", "0001_initial")])
    record(Entry.Action.BULK, actor=None, text="原文")
    Entry.objects.update(object_repr="改写")
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    with pytest.raises(DatabaseError, match=triggers.REFUSAL):
        Entry.objects.update(object_repr="原文")
