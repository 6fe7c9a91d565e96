"""Dump and load of the whole database, on SQLite and on PostgreSQL.

A dump is one consistent state, taken while people work. A load is one transaction: it happens whole or not at
all, and processes that are connected go on with the new content.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from landbureau.home.backup.errors import BackupError

LOCK_TIMEOUT = 30  # seconds to wait for others before a load or dump is given up


class Database(Protocol):
    file_name: str

    def dump(self, target: Path) -> dict[str, int]:
        """Write the dump to ``target``; returns the number of rows of each table in it."""

    def load(self, source: Path) -> None:
        """Replace the whole content by the dump ``source``. Raises ``BackupError``; then nothing changed."""

    def size(self) -> int:
        """Bytes, roughly."""


def database() -> SQLite | PostgreSQL:
    return PostgreSQL(connection) if connection.vendor == "postgresql" else SQLite(connection)


def tables(db: BaseDatabaseWrapper) -> list[str]:
    return sorted(db.introspection.table_names())


class SQLite:
    """By SQLite's own online backup, in both directions."""

    file_name = "database.sqlite3"

    def __init__(self, db: BaseDatabaseWrapper) -> None:
        self.db = db

    def dump(self, target: Path) -> dict[str, int]:
        self.db.ensure_connection()
        try:
            with closing(sqlite3.connect(target)) as copy:
                self.db.connection.backup(copy, progress=_patience())
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, without its journal
                self._verify(copy)
                names = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
                return {
                    name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
                    for (name,) in names.fetchall()
                    if not name.startswith("sqlite_")
                }
        except (sqlite3.Error, DatabaseError) as error:
            raise BackupError(_sqlite_words(error)) from error

    def load(self, source: Path) -> None:
        self.db.ensure_connection()
        try:
            with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as copy:
                self._verify(copy)
                copy.backup(self.db.connection, progress=_patience())
        except (sqlite3.Error, DatabaseError) as error:
            raise BackupError(_sqlite_words(error)) from error
        finally:
            self.db.close()

    def size(self) -> int:
        with self.db.cursor() as cursor:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
            return int(cursor.fetchone()[0])

    def is_damaged(self) -> bool:
        """Whether the file is beyond reading: not merely locked, or missing."""
        try:
            with self.db.cursor() as cursor:
                cursor.execute("PRAGMA quick_check")
                return bool(cursor.fetchone()[0] != "ok")
        except DatabaseError as error:
            code = getattr(error.__cause__, "sqlite_errorcode", None)
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                return True
            raise

    def set_aside(self, suffix: str) -> Path:
        """Rename the file and its journals, so that the next connection begins an empty one."""
        self.db.close()
        path = Path(self.db.settings_dict["NAME"])
        for part in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            if part.exists():
                part.rename(part.with_name(f"{part.name}.{suffix}"))
        return path.with_name(f"{path.name}.{suffix}")

    @staticmethod
    def _verify(copy: sqlite3.Connection) -> None:
        if (answer := copy.execute("PRAGMA quick_check").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(answer)


class PostgreSQL:
    """By PostgreSQL's own programs, of the server's version."""

    file_name = "database.dump"

    def __init__(self, db: BaseDatabaseWrapper) -> None:
        self.db = db

    def dump(self, target: Path) -> dict[str, int]:
        import psycopg

        dump = self._program("pg_dump")
        arguments, environment = self._address()
        # The counts are read in the very state that pg_dump sees.
        with psycopg.connect(**self.db.get_connection_params()) as own:
            own.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            (snapshot,) = own.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
            rows = {
                name: int((own.execute(f'SELECT count(*) FROM "{name}"').fetchone() or (0,))[0])  # noqa: S608
                for name in tables(self.db)
            }
            self._run(
                [
                    dump,
                    "--format=custom",
                    f"--snapshot={snapshot}",
                    "--no-owner",
                    "--no-privileges",
                    f"--file={target}",
                    *arguments,
                ],
                environment,
            )
        return rows

    def load(self, source: Path) -> None:
        restore, psql = self._program("pg_restore"), self._program("psql")
        script, clearing = source.with_suffix(".sql"), source.with_suffix(".clear.sql")
        arguments, environment = self._address()
        try:
            # By way of a script, because pg_restore clears only what it brings: what newer versions added
            # would stay. psql is given the whole script only when pg_restore has come to its end.
            self._run(
                [restore, "--no-owner", "--no-privileges", f"--file={script}", str(source)], environment
            )
            clearing.write_text(self._clearing())
            self.db.close()
            self._run(
                [
                    psql,
                    "--no-psqlrc",
                    "--quiet",
                    "--single-transaction",
                    "--set=ON_ERROR_STOP=1",
                    f"--file={clearing}",
                    f"--file={script}",
                    "--output=/dev/null",
                    *arguments,
                ],
                environment,
            )
        finally:
            script.unlink(missing_ok=True)
            clearing.unlink(missing_ok=True)

    def size(self) -> int:
        with self.db.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])

    def _clearing(self) -> str:
        """SQL that removes all tables, and functions that are not an extension's, of the current schema.

        It gives up when somebody holds a table for too long.
        """
        with self.db.cursor() as cursor:
            cursor.execute(
                """
                SELECT format('DROP TABLE IF EXISTS %I.%I CASCADE;', schemaname, tablename)
                FROM pg_tables WHERE schemaname = current_schema()
                UNION ALL
                SELECT format('DROP FUNCTION IF EXISTS %s CASCADE;', p.oid::regprocedure)
                FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
                AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
                """
            )
            return "\n".join(
                [f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}s';", *(line for (line,) in cursor.fetchall())]
            )

    def _address(self) -> tuple[list[str], Mapping[str, str]]:
        """Arguments that name the database, and the environment that holds its password."""
        from psycopg.conninfo import make_conninfo

        named = self.db.settings_dict
        options = {key: value for key, value in named["OPTIONS"].items() if isinstance(value, str | int)}
        parts: dict[str, Any] = {
            "dbname": named["NAME"],
            "user": named["USER"],
            "host": named["HOST"],
            "port": named["PORT"],
            **options,
        }
        conninfo = make_conninfo(**{key: value for key, value in parts.items() if value})
        environment = {
            **os.environ,
            "PGCONNECT_TIMEOUT": "10",
            "PGCLIENTENCODING": "UTF8",
            "LC_ALL": "C.UTF-8",
        }
        if named["PASSWORD"]:
            environment["PGPASSWORD"] = named["PASSWORD"]
        return [f"--dbname={conninfo}"], environment

    def _program(self, name: str) -> str:
        """The program of the server's major version, else the oldest newer one, else that on PATH."""
        self.db.ensure_connection()
        server = self.db.pg_version // 10000  # type: ignore[attr-defined]
        installed = sorted(
            (int(path.parent.parent.name), str(path))
            for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
            if path.parent.parent.name.isdigit()
        )
        found = next((path for version, path in installed if version >= server), None) or shutil.which(name)
        if not found:
            raise BackupError(f"找不到 {name}：请安装 postgresql-client-{server}")
        return found

    def _run(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise BackupError(_postgresql_words(Path(command[0]).name, done.stderr))


def _patience() -> Callable[[int, int, int], None]:
    """SQLite would wait for ever for somebody who writes; half a minute is enough."""
    deadline = time.monotonic() + LOCK_TIMEOUT

    def give_up(status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline:
            raise sqlite3.OperationalError("database is locked")

    return give_up


def _sqlite_words(error: Exception) -> str:
    text = str(error)
    if "full" in text:
        return "磁盘空间不足"
    if "locked" in text or "busy" in text:
        return "数据库正被占用，请稍后再试"
    return f"SQLite 数据库无法读取或写入（{text}）"


def _postgresql_words(program: str, output: str) -> str:
    if "No space left" in output:
        return "磁盘空间不足"
    if "lock timeout" in output:
        return "数据库正被占用，请先停止网页和后台进程"
    if "must be owner" in output or "permission denied" in output:
        return "当前数据库账号没有权限，请用数据表所有者的 DATABASE_URL 执行"
    lines = [line for line in output.splitlines() if line.strip()]
    return f"{program} 失败：{lines[-1] if lines else '没有说明原因'}"
