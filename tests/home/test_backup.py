"""Backup and restore, on the database of this run: destroy, restore, compare every table and file."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from landbureau.accounts.models import User
from landbureau.audit.models import Entry
from landbureau.home import backup
from landbureau.home.backup import BackupError, Manifest, make_backup, manifest, restore_backup, services
from landbureau.home.backup.databases import PostgreSQL, database, tables
from landbureau.jobs.models import JobRun
from landbureau.jobs.services import run_now
from tests.factories import UserFactory

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
# What a restore itself writes: its audit row, the end of all sessions.
WRITTEN_BY_RESTORE = {"audit_entry", "accounts_session", "django_session", "sqlite_sequence"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "data" / "media"
    settings.BACKUP_DIR = tmp_path / "data" / "backups"
    settings.MEDIA_ROOT.mkdir(parents=True)
    return Path(settings.MEDIA_ROOT)


@pytest.fixture
def whole(tmp_path: Path, media: Path) -> Path:
    """A backup with people and files in it."""
    UserFactory(username="zhang", name="张测试")
    (media / "2026" / "照片").mkdir(parents=True)
    (media / "2026" / "照片" / "界桩 1.jpg").write_bytes(bytes(range(256)) * 40)
    (media / "空.txt").touch()
    make_backup(tmp_path / "backup", now=NOW)
    return tmp_path / "backup"


def contents() -> dict[str, str]:
    """A hash of all rows of every table."""
    found = {}
    with connection.cursor() as cursor:
        for name in tables(connection):
            if name not in WRITTEN_BY_RESTORE:
                cursor.execute(f'SELECT * FROM "{name}" ORDER BY 1')
                found[name] = hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(command: str, *args: str) -> dict[str, Any]:
    out = StringIO()
    call_command(command, *args, "--format", "json", stdout=out)
    return json.loads(out.getvalue())


# --- The round trip ---


def test_what_was_destroyed_comes_back(whole: Path, media: Path) -> None:
    before, rows_before = contents(), Entry.objects.count()
    photos = files(media)
    User.objects.filter(username="zhang").update(name="被改写")
    UserFactory(username="later")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE left_over (id integer)")  # of a newer version, say
        cursor.execute("DROP TABLE web_savedview")
    shutil.rmtree(media)
    media.mkdir()
    (media / "later.txt").write_text("later")

    answer = run("restore", str(whole), "--overwrite")

    assert contents() == before
    assert files(media) == photos
    assert answer["files"] == 2
    assert answer["migrated"] == []
    # The record as it was in the backup (made before its own row), and one row that says what happened.
    assert Entry.objects.count() == rows_before
    assert Entry.objects.latest().action == Entry.Action.RESTORE
    UserFactory(username="sequences go on")
    assert not list(media.parent.glob(".restore-*"))


def test_what_is_overwritten_is_kept_with_its_audit_record(whole: Path, media: Path) -> None:
    UserFactory(username="later")
    (media / "later.txt").write_text("later")
    entries = Entry.objects.count()

    answer = run("restore", str(whole), "--overwrite")

    kept = Path(answer["kept"])
    assert kept.parent == media.parent / "backups"
    assert kept.name.startswith("before-restore-")
    assert Entry.objects.latest().additional_data["kept"] == str(kept)
    assert Manifest.read(kept).damage(kept) == []
    restore_backup(kept, now=NOW, overwrite=True)
    assert User.objects.filter(username="later").exists()
    assert (media / "later.txt").read_text() == "later"
    assert Entry.objects.count() == entries + 1, "and the row of the second restore"


def test_rotation_leaves_what_a_restore_kept(whole: Path, settings: Any) -> None:
    settings.BACKUP_KEEP_DAILY = settings.BACKUP_KEEP_WEEKLY = settings.BACKUP_KEEP_MONTHLY = 1
    kept = restore_backup(whole, now=NOW, overwrite=True).kept
    assert kept
    for day in range(1, 4):
        backup.nightly_backup(now=NOW + timedelta(days=day))
    assert kept.exists()


def test_what_root_restores_belongs_to_the_owner_of_the_data_folder(
    whole: Path, media: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[Path, tuple[int, int]] = {}
    monkeypatch.setattr(services.os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        services.os, "chown", lambda path, uid, gid, **_: given.setdefault(Path(path), (uid, gid))
    )
    settings.DATA_DIR = media.parent
    kept = restore_backup(whole, now=NOW, overwrite=True).kept
    assert kept
    wanted = {media, *media.rglob("*"), kept, *kept.rglob("*"), kept.parent}
    assert wanted <= given.keys()
    owner = media.parent.stat()
    assert set(given.values()) == {(owner.st_uid, owner.st_gid)}


def test_who_is_not_root_gives_nothing_away(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: Any, **kwargs: Any) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(services.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(services.os, "chown", refused)
    assert restore_backup(whole, now=NOW, overwrite=True).kept


def test_the_restored_record_is_still_append_only(whole: Path) -> None:
    restore_backup(whole, now=NOW, overwrite=True)
    with pytest.raises(Exception, match="只能追加"):
        Entry.objects.all().delete()


def test_nobody_is_signed_in_after_a_restore(client: Client, tmp_path: Path) -> None:
    user = UserFactory()
    client.force_login(user)
    make_backup(tmp_path / "backup", now=NOW)
    restore_backup(tmp_path / "backup", now=NOW, overwrite=True)
    assert client.get("/desk/").status_code == 302


def test_an_empty_installation_needs_no_overwrite(whole: Path, media: Path) -> None:
    _empty()
    shutil.rmtree(media)
    restore_backup(whole, now=NOW)
    assert User.objects.get().username == "zhang"
    assert (media / "空.txt").exists()


def _empty() -> None:
    from landbureau.audit import triggers

    with triggers.lifted(connection):
        call_command("flush", interactive=False, verbosity=0)


def test_an_older_backup_is_brought_to_this_version(tmp_path: Path) -> None:
    UserFactory(username="zhang")
    call_command("migrate", "web", "zero", verbosity=0)
    make_backup(tmp_path / "old", now=NOW)
    call_command("migrate", verbosity=0)

    restored = restore_backup(tmp_path / "old", now=NOW, overwrite=True)

    assert restored.migrated
    assert all(name.startswith("web.") for name in restored.migrated)
    assert "web_savedview" in tables(connection)
    assert User.objects.filter(username="zhang").exists()


# --- What a backup is ---


def test_the_manifest_names_every_file_with_its_checksum(whole: Path) -> None:
    written = Manifest.read(whole)
    listed = {entry.path: entry.sha256 for entry in written.files}
    on_disk = {path: hashlib.sha256(content).hexdigest() for path, content in files(whole).items()}
    assert on_disk.pop("manifest.json")
    assert listed == on_disk
    assert written.bureau == "xinhe"
    assert written.created_at == NOW
    assert written.rows["accounts_user"] == 1
    assert "accounts.0001_initial" in written.migrations


def test_only_the_owner_may_look_into_a_backup(whole: Path) -> None:
    assert stat.S_IMODE(whole.stat().st_mode) == 0o700


def test_a_backup_leaves_one_audit_row_with_the_manifests_checksum(whole: Path) -> None:
    entry = Entry.objects.get(action=Entry.Action.BACKUP)
    assert (
        entry.additional_data["sha256"] == hashlib.sha256((whole / "manifest.json").read_bytes()).hexdigest()
    )
    assert entry.additional_data["files"] == 2
    assert (entry.object_repr, entry.additional_data["folder"]) == ("备份到 backup", str(whole))


def test_a_dump_is_one_state_while_people_write(tmp_path: Path) -> None:
    """The counts of the manifest are those of the dump, whatever is written at the time."""
    UserFactory.create_batch(3)
    written = make_backup(tmp_path / "backup", now=NOW)
    UserFactory()
    assert written.rows["accounts_user"] == 3


def test_the_command_answers_in_json(tmp_path: Path) -> None:
    UserFactory()
    answer = run("backup", str(tmp_path / "backup"))
    assert answer["path"] == str(tmp_path / "backup")
    assert answer["created_at"].startswith("20")
    assert answer["files"] == 0
    assert answer["bytes"] > 0


def test_the_commands_speak_chinese(tmp_path: Path) -> None:
    out = StringIO()
    call_command("backup", str(tmp_path / "backup"), stdout=out)
    call_command("restore", str(tmp_path / "backup"), stdout=out)
    assert "已备份到" in out.getvalue()
    assert "重新登录" in out.getvalue()


@pytest.mark.parametrize("kind", ["full folder", "file"])
def test_nothing_is_written_over(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "there"
    if kind == "file":
        target.write_text("mine")
    else:
        target.mkdir()
        (target / "mine.txt").write_text("mine")
    with pytest.raises(BackupError, match="文件夹"):
        make_backup(target, now=NOW)
    assert (target if kind == "file" else target / "mine.txt").read_text() == "mine"


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "ready").mkdir()
    make_backup(tmp_path / "ready", now=NOW)
    assert (tmp_path / "ready" / "manifest.json").exists()


# --- What goes wrong ---


def test_a_full_disk_leaves_no_half_backup(
    tmp_path: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (media / "photo.jpg").write_bytes(b"photo")

    def full(source: Path, target: Path) -> str:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    monkeypatch.setattr(services, "copy_file", full)
    with pytest.raises(BackupError, match="磁盘空间不足"):
        make_backup(tmp_path / "out" / "backup", now=NOW)
    assert list((tmp_path / "out").iterdir()) == []
    assert not Entry.objects.filter(action=Entry.Action.BACKUP).exists()


def test_a_disk_too_small_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "SPARE", 10**18)
    with pytest.raises(BackupError, match=r"磁盘空间不足：.*约需"):
        make_backup(tmp_path / "out" / "backup", now=NOW)
    assert list((tmp_path / "out").iterdir()) == []


def test_the_database_says_when_the_disk_is_full(tmp_path: Path) -> None:
    """``/dev/full`` takes nothing."""
    (tmp_path / "dump").symlink_to("/dev/full")
    with pytest.raises(BackupError):
        database().dump(tmp_path / "dump")


def _bit_flipped(folder: Path) -> None:
    path = folder / database().file_name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _change_manifest(folder: Path, **values: Any) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


DAMAGE: dict[str, tuple[Callable[[Path], Any], str]] = {
    "bit flipped": (_bit_flipped, "备份已损坏：database"),
    "file missing": (lambda folder: (folder / "media" / "空.txt").unlink(), "空.txt"),
    "file grown": (lambda folder: (folder / "media" / "空.txt").write_text("x"), "与校验值不符"),
    "no manifest": (lambda folder: (folder / "manifest.json").unlink(), "不是完整的备份"),
    "manifest cut": (lambda folder: (folder / "manifest.json").write_text('{"format": 1,'), "无法读取"),
    "manifest of something else": (lambda folder: (folder / "manifest.json").write_text("[]"), "无法读取"),
    "later format": (lambda folder: _change_manifest(folder, format=99), "更新的版本"),
    "newer": (
        lambda folder: _change_manifest(folder, migrations=["accounts.0001_initial", "accounts.9999_later"]),
        "accounts.9999_later",
    ),
    "dump not listed": (
        lambda folder: _change_manifest(folder, files=[]),
        f"manifest.json 中没有 {database().file_name}",
    ),
    "other bureau": (lambda folder: _change_manifest(folder, bureau="hongjiang"), "备份属于 hongjiang"),
    "other database": (lambda folder: _change_manifest(folder, engine="oracle"), "oracle"),
    "path outside": (
        lambda folder: _change_manifest(folder, files=[{"path": "media/../../x", "size": 0, "sha256": ""}]),
        "不允许的路径",
    ),
    "no folder": (lambda folder: shutil.rmtree(folder), "不是完整的备份"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_bad_backup_is_refused_and_nothing_changes(whole: Path, media: Path, kind: str) -> None:
    spoil, message = DAMAGE[kind]
    spoil(whole)
    before, photos = contents(), files(media)
    with pytest.raises(BackupError, match=message):
        restore_backup(whole, now=NOW, overwrite=True)
    assert contents() == before
    assert files(media) == photos


def test_people_or_files_are_not_overwritten_unasked(whole: Path, media: Path) -> None:
    before = contents()
    with pytest.raises(CommandError, match="--overwrite") as refusal:
        call_command("restore", str(whole))
    assert refusal.value.returncode == 1
    assert contents() == before


def test_a_restore_that_fails_at_the_end_puts_everything_back(
    whole: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    UserFactory(username="later")
    (media / "later.txt").write_text("later")
    before, photos, entries = contents(), files(media), Entry.objects.count()

    def fail() -> list[str]:
        (media / "half.txt").touch()
        raise BackupError("升级失败")

    monkeypatch.setattr(services, "_migrate", fail)
    with pytest.raises(BackupError, match="升级失败"):
        restore_backup(whole, now=NOW, overwrite=True)
    assert contents() == before
    assert Entry.objects.count() == entries
    (media / "half.txt").unlink()
    assert files(media) == photos


def test_a_migration_that_fails_is_a_refusal(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents()

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no such column")

    monkeypatch.setattr(services, "call_command", broken)
    with pytest.raises(BackupError, match="无法升级"):
        restore_backup(whole, now=NOW, overwrite=True)
    assert contents() == before


def test_files_are_put_back_when_they_cannot_be_exchanged(
    whole: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (media / "later.txt").write_text("later")
    photos, before = files(media), contents()
    rename = Path.rename

    def fail_on_the_new(path: Path, target: Path) -> Path:
        if path.parent.name.startswith(".restore-") and path.name == "media":
            raise PermissionError(errno.EACCES, "Permission denied", str(target))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_on_the_new)
    with pytest.raises(BackupError, match="没有写入或读取的权限"):
        restore_backup(whole, now=NOW, overwrite=True)
    assert files(media) == photos
    assert contents() == before


def test_missing_programs_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "sqlite":
        programs = PostgreSQL(connection)
        monkeypatch.setattr(connection, "pg_version", 150000, raising=False)
    else:
        programs = PostgreSQL(connection)
    monkeypatch.setattr(Path, "glob", lambda folder, pattern: iter(()))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="postgresql-client-"):
        programs._program("pg_dump")


# --- Keeping ---


def test_nightly_backups_rotate(settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_KEEP_DAILY, settings.BACKUP_KEEP_WEEKLY, settings.BACKUP_KEEP_MONTHLY = 2, 1, 1
    first, _ = backup.nightly_backup(now=NOW)
    second, _ = backup.nightly_backup(now=NOW + timedelta(days=1))
    (first.path.parent / "not-a-backup").mkdir()
    third, removed = backup.nightly_backup(now=NOW + timedelta(days=2))
    assert removed == [first.path]
    assert not first.path.exists()
    assert second.path.exists()
    assert (first.path.parent / "not-a-backup").exists()
    latest = backup.latest_backup()
    assert latest
    assert latest.path == third.path
    assert third.path.name == "20261125-023000"


def test_the_job_leaves_a_backup_and_counts(settings: Any) -> None:
    person = UserFactory()
    run = run_now("nightly_backup", actor=person)
    assert run.state == JobRun.State.SUCCEEDED, run.traceback
    assert run.counts["rows"] > 0
    kept = backup.latest_backup()
    assert kept
    assert kept.path.name in run.log
    assert Entry.objects.get(action=Entry.Action.BACKUP).actor == person


def test_a_job_that_finds_no_room_fails_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "SPARE", 10**18)
    run = run_now("nightly_backup")
    assert run.state == JobRun.State.FAILED
    assert "磁盘空间不足" in run.error


def test_no_backup_is_removed_when_tonights_fails(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BACKUP_KEEP_DAILY = settings.BACKUP_KEEP_WEEKLY = settings.BACKUP_KEEP_MONTHLY = 1
    first, _ = backup.nightly_backup(now=NOW)
    monkeypatch.setattr(services, "SPARE", 10**18)
    with pytest.raises(BackupError):
        backup.nightly_backup(now=NOW + timedelta(days=1))
    assert first.path.exists()


def test_what_a_killed_backup_left_is_removed_a_day_later(settings: Any) -> None:
    import os

    folder = Path(settings.BACKUP_DIR)
    for name, age in ((".partial-old-x", 2), (".partial-new-x", 0)):
        (folder / name).mkdir(parents=True)
        moment = datetime.now(tz=NOW.tzinfo).timestamp() - age * 86400
        os.utime(folder / name, (moment, moment))
    services.remove_old_backups(folder)
    assert [path.name for path in folder.iterdir()] == [".partial-new-x"]


def test_without_backups_there_is_no_latest() -> None:
    assert backup.latest_backup() is None


def test_reading_a_folder_that_is_no_folder() -> None:
    with pytest.raises(BackupError):
        Manifest.read(Path("/dev/null"))


def test_other_disk_errors_are_said_plainly() -> None:
    assert "文件操作失败" in str(manifest.os_error_in_words(OSError(errno.EIO, "Input/output error")))
