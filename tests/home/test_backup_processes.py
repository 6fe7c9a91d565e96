"""Backup and restore as commands of a real installation, while others are connected, and after disasters."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

pytestmark = pytest.mark.processes

SET_UP = """
from django.core.management import call_command
from landbureau.accounts.models import User
call_command("migrate", verbosity=0)
User.objects.create_user(username="zhang", name="张测")
"""
# Stays connected: adds a person when told a name, and answers each line with all names.
COLLEAGUE = """
import sys
from landbureau.accounts.models import User
print("ready", flush=True)
for line in sys.stdin:
    if name := line.strip():
        User.objects.create_user(username=name, name="李测")
    print(*sorted(User.objects.values_list("username", flat=True)), flush=True)
"""


def manage(env: dict[str, str], *args: str, fails: bool = False) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *args], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True
    )
    assert bool(done.returncode) == fails, done.stderr
    return done.stderr if fails else done.stdout


def sql(env: dict[str, str], statement: str) -> list[str]:
    """The first column of the answer, straight from the database."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(Path(env["DATA_DIR"]) / "db.sqlite3")) as server:
            return [row[0] for row in server.execute(statement)]
    with psycopg.connect(env["DATABASE_URL"]) as server:
        cursor = server.execute(statement.encode())
        return [row[0] for row in cursor] if cursor.description else []


def people(env: dict[str, str]) -> list[str]:
    return sql(env, "SELECT username FROM accounts_user ORDER BY username")


def shell(env: dict[str, str], script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
        cwd=settings.BASE_DIR,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def installation(scratch_env: dict[str, str]) -> dict[str, str]:
    """Migrated, with one person and one file."""
    assert shell(scratch_env, SET_UP).wait() == 0
    media = Path(scratch_env["DATA_DIR"]) / "media"
    media.mkdir()
    (media / "photo.jpg").write_bytes(b"photo")
    return scratch_env


def test_what_was_lost_comes_back_while_a_colleague_is_connected(
    installation: dict[str, str], tmp_path: Path
) -> None:
    backup = str(tmp_path / "backup")
    assert json.loads(manage(installation, "backup", backup, "--format", "json"))["files"] == 1
    colleague = shell(installation, COLLEAGUE)
    assert colleague.stdin
    assert colleague.stdout
    assert colleague.stdout.readline() == "ready\n"

    def tell(name: str) -> str:
        print(name, file=colleague.stdin, flush=True)
        return colleague.stdout.readline().strip()  # type: ignore[union-attr]

    assert tell("later") == "later zhang"
    assert "--overwrite" in manage(installation, "restore", backup, fails=True)
    manage(installation, "restore", backup, "--overwrite")
    assert tell("") == "zhang"
    assert tell("colleague") == "colleague zhang"
    colleague.communicate()
    assert people(installation) == ["colleague", "zhang"]

    if connection.vendor == "sqlite":
        path = Path(installation["DATA_DIR"]) / "db.sqlite3"
        path.write_bytes(b"\xff" * path.stat().st_size)
    else:
        sql(installation, "DROP TABLE accounts_user, django_migrations CASCADE")
    answer = json.loads(manage(installation, "restore", backup, "--overwrite", "--format", "json"))
    assert people(installation) == ["zhang"]
    if connection.vendor == "sqlite":
        assert Path(answer["set_aside"]).read_bytes().startswith(b"\xff")


def test_a_backup_killed_half_way_is_no_backup(installation: dict[str, str], tmp_path: Path) -> None:
    with (Path(installation["DATA_DIR"]) / "media" / "large.bin").open("wb") as file:
        file.truncate(1 << 30)
    target = tmp_path / "backups" / "tonight"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "backup", str(target)], cwd=settings.BASE_DIR, env=installation
    )
    deadline = time.monotonic() + 60
    while not list(target.parent.glob(".partial-*/media/large.bin")) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not target.exists()
    (half,) = target.parent.iterdir()
    assert "不是完整的备份" in manage(installation, "restore", str(half), "--overwrite", fails=True)
    assert people(installation) == ["zhang"]
