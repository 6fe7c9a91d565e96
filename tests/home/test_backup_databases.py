"""The parts of backup that speak to SQLite and PostgreSQL: damage, locks, and what is told of errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from django.db import DatabaseError
from django.db.utils import ConnectionHandler

from landbureau.home.backup import BackupError, databases
from landbureau.home.backup.databases import SQLite
from landbureau.home.management.commands.restore import Command


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small database file."""
    path = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(path)) as server, server:
        server.execute("CREATE TABLE parcel (name TEXT)")
        server.executemany("INSERT INTO parcel VALUES (?)", [("宗地" * 500,)] * 20)
    return path


@pytest.fixture
def db(path: Path) -> Iterator[SQLite]:
    options = {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": {"timeout": 0.1}}
    connection = ConnectionHandler({"default": options})["default"]
    with closing(connection):
        yield SQLite(connection)


pytestmark = pytest.mark.django_db  # lifts pytest-django's ban on connections


def test_a_sound_file_is_not_damaged_nor_is_none(db: SQLite, path: Path) -> None:
    assert not db.is_damaged()
    db.db.close()
    path.unlink()
    assert not db.is_damaged()


@pytest.mark.parametrize("spoilt", [slice(0, 100), slice(8192, 16384)])
def test_a_file_with_bad_pages_is_damaged(db: SQLite, path: Path, spoilt: slice) -> None:
    content = bytearray(path.read_bytes())
    content[spoilt] = b"\xff" * (spoilt.stop - spoilt.start)
    path.write_bytes(content)
    assert db.is_damaged()
    kept = db.set_aside("damaged-20261123")
    assert kept.read_bytes() == content
    assert not path.exists()
    assert not db.is_damaged()


def test_a_damaged_file_is_not_taken_for_a_backup(db: SQLite, path: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.sqlite3"
    bad.write_bytes(b"\xff" * 4096)
    with pytest.raises(BackupError, match="无法读取或写入"):
        db.load(bad)
    assert not db.is_damaged()


@pytest.fixture
def busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(databases, "LOCK_TIMEOUT", 0)
    with closing(sqlite3.connect(path)) as colleague:
        colleague.execute("BEGIN EXCLUSIVE")
        yield


def test_a_file_that_is_locked_is_not_damaged(db: SQLite, busy: None) -> None:
    with pytest.raises(DatabaseError, match="locked"):
        db.is_damaged()


def test_a_load_does_not_wait_for_ever(db: SQLite, path: Path, tmp_path: Path, busy: None) -> None:
    with closing(sqlite3.connect(tmp_path / "backup.sqlite3")) as server, server:
        server.execute("CREATE TABLE other (name TEXT)")
    with pytest.raises(BackupError, match="正被占用"):
        db.load(tmp_path / "backup.sqlite3")


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("could not write: No space left on device", "磁盘空间不足"),
        ("ERROR:  canceling statement due to lock timeout", "先停止网页"),
        ("ERROR:  must be owner of table accounts_user", "所有者的 DATABASE_URL"),
        ("first\nserver version mismatch\n\n", "psql 失败：server version mismatch"),
        ("", "没有说明原因"),
    ],
)
def test_what_postgresql_says_is_said_plainly(output: str, said: str) -> None:
    assert said in databases._postgresql_words("psql", output)


def test_a_full_disk_of_sqlite_is_said_plainly() -> None:
    assert databases._sqlite_words(sqlite3.OperationalError("database or disk is full")) == "磁盘空间不足"


def test_restore_tells_of_upgrade_and_of_the_file_set_aside() -> None:
    document = {
        "created_at": datetime(2026, 11, 23, 2, 30),  # noqa: DTZ001
        "rows": 1,
        "files": 2,
        "migrated": ["web.0002_x"],
        "kept": "/var/backups/before-restore-20261123-023000",
        "set_aside": "/var/db.sqlite3.damaged",
    }
    told = Command().text(document)
    assert "已升级到当前版本（1 步）" in told
    assert "已备份到 /var/backups/before-restore-20261123-023000" in told
    assert "改名保存为 /var/db.sqlite3.damaged" in told
