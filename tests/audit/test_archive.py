"""Old rows leave the table for a file: written, read back, removed, recorded; or nothing happens."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction

from landbureau.audit import archive as archiving
from landbureau.audit import triggers
from landbureau.audit.archive import ArchiveError, archive
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from tests.factories import UserFactory

SHANGHAI = ZoneInfo("Asia/Shanghai")
BEFORE = date(2026, 5, 1)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _rows() -> None:
    """Two rows of April, the second by a person in its last second; one of May."""
    with time_machine.travel(datetime(2026, 4, 1, 8, tzinfo=SHANGHAI), tick=False):
        record(Entry.Action.BULK, actor=None, text="四月初", data={"count": 3})
    person = UserFactory(name="张测", username="zhang")
    with time_machine.travel(datetime(2026, 4, 30, 23, 59, 59, 123456, tzinfo=SHANGHAI), tick=False):
        record(Entry.Action.BULK, actor=person, text="四月末", subject=person)
    with time_machine.travel(datetime(2026, 5, 1, 0, 0, tzinfo=SHANGHAI), tick=False):
        record(Entry.Action.BULK, actor=None, text="五月初")


def texts() -> set[str]:
    """Bulk acts, less what the tables of permissions record after ``migrate``."""
    rows = Entry.objects.filter(action=Entry.Action.BULK).exclude(object_repr__startswith="随程序更新")
    return set(rows.values_list("object_repr", flat=True))


@pytest.mark.parametrize("name", ["old.jsonl", "old.jsonl.gz"])
def test_the_rows_are_in_the_file_and_no_longer_in_the_table(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    archived = archive(before=BEFORE, out=out)

    content = gzip.decompress(out.read_bytes()) if name.endswith(".gz") else out.read_bytes()
    documents = [json.loads(line) for line in content.splitlines()]
    assert [document["object_repr"] for document in documents] == ["四月初", "四月末"]
    assert documents[0]["additional_data"] == {"count": 3}
    assert documents[1]["actor_name"] == "张测"
    assert documents[1]["actor_username"] == "zhang"
    assert documents[1]["object_model"] == "user"
    assert datetime.fromisoformat(documents[1]["timestamp"]).microsecond == 123456
    assert texts() == {"五月初"}
    assert archived.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    assert archived.count == 2
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_one_row_says_what_left(tmp_path: Path) -> None:
    archived = archive(before=BEFORE, out=tmp_path / "old.jsonl")
    entry = Entry.objects.get(action=Entry.Action.ARCHIVE)
    assert entry.additional_data == {
        "before": "2026-05-01",
        "count": 2,
        "from": "2026-04-01",
        "to": "2026-04-30",
        "file": "old.jsonl",
        "sha256": archived.sha256,
    }


def test_afterwards_the_record_is_locked_again(tmp_path: Path) -> None:
    archive(before=BEFORE, out=tmp_path / "old.jsonl")
    with pytest.raises(DatabaseError, match=triggers.REFUSAL):
        Entry.objects.all().delete()


def test_a_file_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "old.jsonl").write_text("mine")
    refused(tmp_path / "old.jsonl", "已存在")
    assert (tmp_path / "old.jsonl").read_text() == "mine"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere" / "old.jsonl", "nowhere 不存在")


def test_nothing_to_archive_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="没有审计记录"):
        archive(before=date(2026, 1, 1), out=tmp_path / "old.jsonl")
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fails_removes_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archiving.os, "fsync", full)
    refused(tmp_path / "old.jsonl", "No space left")
    assert not list(tmp_path.iterdir())


def test_a_file_that_reads_back_wrong_removes_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = archiving._write
    monkeypatch.setattr(archiving, "_write", lambda rows, path: [*write(rows, path), 99])
    refused(tmp_path / "old.jsonl", "回读校验不符")
    assert not list(tmp_path.iterdir())


def test_an_error_while_removing_takes_everything_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(archiving, "record", fail)
    with pytest.raises(DatabaseError):
        archive(before=BEFORE, out=tmp_path / "old.jsonl")
    assert texts() == {"四月初", "四月末", "五月初"}
    assert not list(tmp_path.iterdir())
    with pytest.raises(DatabaseError, match=triggers.REFUSAL):
        Entry.objects.all().delete()


def refused(out: Path, message: str) -> None:
    with pytest.raises(ArchiveError, match=message):
        archive(before=BEFORE, out=out)
    assert texts() == {"四月初", "四月末", "五月初"}


if connection.vendor == "postgresql":

    @pytest.fixture
    def application() -> Any:
        """A role as ``deploy/roles.sql`` makes it: may use the tables, owns none."""
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE some_application")
            cursor.execute("GRANT USAGE ON SCHEMA public TO some_application")
            cursor.execute(
                "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE"
                " ON ALL TABLES IN SCHEMA public TO some_application"
            )
            cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO some_application")
            cursor.execute("SET ROLE some_application")
            yield
            cursor.execute("RESET ROLE")
            cursor.execute("DROP OWNED BY some_application")
            cursor.execute("DROP ROLE some_application")

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_entry SET object_repr = ''",
            "DELETE FROM audit_entry",
            "TRUNCATE audit_entry",
            "ALTER TABLE audit_entry DISABLE TRIGGER audit_append_only",
            "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
            "DROP TRIGGER audit_append_only ON audit_entry",
            "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
            "SET session_replication_role = replica",
            "DROP TABLE audit_entry",
        ],
    )
    def test_the_application_cannot_touch_the_record(application: None, statement: str) -> None:
        record(Entry.Action.BULK, actor=None, text="六月")
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert texts() == {"四月初", "四月末", "五月初", "六月"}

    def test_the_application_cannot_archive(application: None, tmp_path: Path) -> None:
        refused(tmp_path / "old.jsonl", "不是审计表的所有者")
        assert not list(tmp_path.iterdir())
