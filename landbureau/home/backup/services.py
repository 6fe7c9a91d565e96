"""Making, restoring and keeping backups."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.base import SessionBase
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.utils import timezone
from django.utils.module_loading import import_string

from landbureau.accounts.models import Bureau, User
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.home.backup.databases import PostgreSQL, SQLite, database, tables
from landbureau.home.backup.errors import BackupError
from landbureau.home.backup.manifest import (
    FileEntry,
    Manifest,
    copy_file,
    entry_of,
    files_below,
    os_error_in_words,
    project_version,
)
from landbureau.home.backup.rotation import backups_to_keep

STAMP = "%Y%m%d-%H%M%S"
PARTIAL = ".partial-"  # begins the name of a folder in which a backup is being written
BEFORE_RESTORE = "before-restore-"  # begins the name of a backup that no rotation removes
SPARE = 50 * 1024 * 1024  # bytes that stay free on the disk


@dataclass(frozen=True)
class Restored:
    """What a restore did. ``migrated``: migrations that were newer than the backup and ran after it.

    ``kept``: the backup of what was overwritten; ``set_aside``: a database file that could not be read.
    """

    manifest: Manifest
    migrated: list[str]
    kept: Path | None
    set_aside: Path | None


# --- Making ----------------------------------------------------------------------------------------


def make_backup(target: Path, *, now: datetime, actor: Model | None = None) -> Manifest:
    """Write a backup into the new folder ``target``: database first, then the files that its rows name.

    The folder appears under its name only when it is whole. Raises ``BackupError``.
    """
    target = target.absolute()
    manifest, digest = _write_folder(target, now)
    record(
        Entry.Action.BACKUP,
        actor=actor,
        text=f"备份到 {target.name}",
        data={
            "folder": str(target),
            "rows": sum(manifest.rows.values()),
            "files": len(manifest.media),
            "size": manifest.size,
            "sha256": digest,
        },
    )
    return manifest


def _write_folder(target: Path, now: datetime) -> tuple[Manifest, str]:
    """The backup ``target`` without its audit row; returns its manifest and the manifest's SHA-256."""
    if target.is_mount() or (target.exists() and not target.is_dir()):
        raise BackupError(f"{target} 不能作为备份文件夹，请给出其中一个新的文件夹名")
    if target.is_dir() and any(target.iterdir()):
        raise BackupError(f"{target} 已存在且不为空，请换一个文件夹名")
    with in_plain_words():
        target.parent.mkdir(parents=True, exist_ok=True)
        _need_space(target.parent, database().size() + _media_size())
        part = Path(tempfile.mkdtemp(prefix=f"{PARTIAL}{target.name}-", dir=target.parent))
        try:
            manifest = _write(part, now)
            digest = manifest.write(part)
            part.replace(target)
            _make_lasting(target.parent)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return manifest, digest


def _write(folder: Path, now: datetime) -> Manifest:
    db = database()
    dump = folder / db.file_name
    rows = db.dump(dump)
    files = [entry_of(dump, folder)]
    media = Path(settings.MEDIA_ROOT)
    for source in files_below(media):
        copy = folder / "media" / source.relative_to(media)
        try:
            digest = copy_file(source, copy)
        except FileNotFoundError:
            continue  # removed meanwhile, and by no row that the dump holds
        files.append(FileEntry(copy.relative_to(folder).as_posix(), copy.stat().st_size, digest))
    return Manifest(
        version=project_version(),
        bureau=_bureau_code(),
        engine=connection.vendor,
        created_at=now,
        migrations=sorted(_applied_migrations()),
        rows=rows,
        files=files,
    )


# --- Restoring ---------------------------------------------------------------------------------------


def restore_backup(source: Path, *, now: datetime, overwrite: bool = False) -> Restored:
    """Put database and files back as they were when ``source`` was made, then bring them to this version.

    Refuses, with everything left as it is: a damaged backup, one of a newer version, of another bureau or
    kind of database, and without ``overwrite`` a target in which people have accounts or files lie. What is
    overwritten, its audit record above all, is kept as a backup in ``settings.BACKUP_DIR``. When something
    fails on the way, the old state is put back. All sign-in sessions end. Raises ``BackupError``.
    """
    source = source.absolute()
    with in_plain_words():
        manifest = Manifest.read(source)
        _refuse_misfit(manifest)
        if damage := manifest.damage(source):
            raise BackupError(f"备份已损坏：{'；'.join(damage[:5])}（共 {len(damage)} 处）")
    db = database()
    media = Path(settings.MEDIA_ROOT)
    with in_plain_words():
        media.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".restore-", dir=media.parent))
    try:
        with in_plain_words():
            kept, set_aside = _make_way(db, work, overwrite=overwrite, now=now)
            _need_space(work, manifest.size)
            _copy_media(manifest, source, work / "media")
            dump = Path(shutil.copy2(source / db.file_name, work / "load" / db.file_name))
            migrated = _swap(db, dump, media, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _forget_what_was()
    record(
        Entry.Action.RESTORE,
        actor=None,
        text=f"从 {source.name} 恢复",
        data={
            "folder": str(source),
            "backup_of": manifest.created_at,
            "rows": sum(manifest.rows.values()),
            "files": len(manifest.media),
            "migrated": len(migrated),
        }
        | ({"kept": str(kept)} if kept else {}),
    )
    with in_plain_words():
        _hand_over(media, kept, set_aside)
    return Restored(manifest, migrated, kept, set_aside)


def _refuse_misfit(manifest: Manifest) -> None:
    if manifest.engine != connection.vendor:
        raise BackupError(f"备份来自 {manifest.engine}，当前数据库是 {connection.vendor}，不能恢复")
    if manifest.bureau != settings.BUREAU:
        raise BackupError(f"备份属于 {manifest.bureau}，本系统为 {settings.BUREAU}（BUREAU），不能恢复")
    loader = MigrationLoader(None)
    known = {_name(key) for key in loader.disk_migrations}
    newer = [
        name
        for name in manifest.migrations
        if name not in known and name.partition(".")[0] not in loader.unmigrated_apps
    ]
    if newer:
        raise BackupError(
            f"备份由更新的版本（{manifest.version}）生成，请先升级本系统：不认识 {'、'.join(newer[:3])}"
        )


def _make_way(
    db: SQLite | PostgreSQL, work: Path, *, overwrite: bool, now: datetime
) -> tuple[Path | None, Path | None]:
    """Put a copy of the present database into ``work``; a file that is beyond reading is renamed.

    Returns the backup that stays of what is overwritten, and the renamed file. Raises ``BackupError`` if
    there is something to overwrite.
    """
    stamp = timezone.localtime(now).strftime(STAMP)
    damaged = isinstance(db, SQLite) and db.is_damaged()
    occupied = damaged or _people_have_accounts() or any(files_below(Path(settings.MEDIA_ROOT)))
    if occupied and not overwrite:
        raise BackupError("当前系统已有数据或文件；确认要覆盖，请加 --overwrite")
    (work / "load").mkdir()
    if isinstance(db, SQLite) and damaged:
        return None, db.set_aside(f"damaged-{stamp}")
    if not occupied:
        db.dump(work / "before")
        return None, None
    kept = Path(settings.BACKUP_DIR) / f"{BEFORE_RESTORE}{stamp}"
    _write_folder(kept, now)
    shutil.copy2(kept / db.file_name, work / "before")
    return kept, None


def _swap(db: SQLite | PostgreSQL, dump: Path, media: Path, work: Path) -> list[str]:
    """Load the dump, migrate, exchange the files; undo all of it when one of them fails."""
    before, old_media = work / "before", work / "old-media"
    try:
        db.load(dump)
        migrated = _migrate()
        if media.exists():
            media.rename(old_media)
        (work / "media").rename(media)
    except BaseException:
        if old_media.exists():
            shutil.rmtree(media, ignore_errors=True)
            old_media.rename(media)
        if before.exists():
            db.load(before)
        raise
    return migrated


def _migrate() -> list[str]:
    """Bring an older backup to this version; returns what ran."""
    had = _applied_migrations()
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except Exception as error:
        raise BackupError(f"备份无法升级到当前版本（{error}），原有数据未变") from error
    return sorted(_applied_migrations() - had)


def _copy_media(manifest: Manifest, source: Path, target: Path) -> None:
    target.mkdir()
    for entry in manifest.media:
        if copy_file(source / entry.path, target.parent / entry.path) != entry.sha256:
            raise BackupError(f"备份已损坏：{entry.path} 与校验值不符")


def _hand_over(*paths: Path | None) -> None:
    """What root wrote belongs to the owner of the data folder, or the services could not write there."""
    if os.geteuid() != 0:
        return
    owner = Path(settings.DATA_DIR).stat()
    found = [Path(settings.BACKUP_DIR), *filter(None, paths)]
    if connection.vendor == "sqlite":
        database_file = Path(connection.settings_dict["NAME"])
        found += [database_file.with_name(f"{database_file.name}{suffix}") for suffix in ("", "-wal", "-shm")]
    for path in filter(Path.exists, found):
        for each in (path, *(path.rglob("*") if path.is_dir() else ())):
            os.chown(each, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _forget_what_was() -> None:
    """Numbers of rows that are gone; sessions of the day of the backup must not come back to life."""
    ContentType.objects.clear_cache()
    session_store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    session_store.get_model_class().objects.all().delete()  # type: ignore[attr-defined]


# --- Keeping -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """A whole backup in ``settings.BACKUP_DIR``."""

    path: Path
    manifest: Manifest


def nightly_backup(*, now: datetime, actor: Model | None = None) -> tuple[Kept, list[Path]]:
    """One more backup in ``settings.BACKUP_DIR``, then the removal of those too old to keep.

    Nothing is removed unless the new one is whole. Returns it, and what was removed.
    """
    folder = Path(settings.BACKUP_DIR)
    path = folder / timezone.localtime(now).strftime(STAMP)
    kept = Kept(path, make_backup(path, now=now, actor=actor))
    return kept, remove_old_backups(folder)


def remove_old_backups(folder: Path) -> list[Path]:
    """Remove what rotation does not keep, and what interrupted backups left; returns those backups."""
    with in_plain_words():
        for part in folder.glob(f"{PARTIAL}*"):
            if part.stat().st_mtime < timezone.now().timestamp() - 24 * 3600:
                shutil.rmtree(part, ignore_errors=True)
        found = {
            timezone.localtime(each.manifest.created_at): each.path
            for each in list_backups(folder)
            if not each.path.name.startswith(BEFORE_RESTORE)  # holds the only record of what was overwritten
        }
        keep = backups_to_keep(
            found,
            daily=settings.BACKUP_KEEP_DAILY,
            weekly=settings.BACKUP_KEEP_WEEKLY,
            monthly=settings.BACKUP_KEEP_MONTHLY,
        )
        old = [path for moment, path in sorted(found.items()) if moment not in keep]
        for path in old:
            # The manifest goes first, so that a half removed backup is not taken for a whole one.
            (path / "manifest.json").unlink()
            shutil.rmtree(path)
    return old


def list_backups(folder: Path) -> list[Kept]:
    """The whole backups in ``folder``, oldest first. Their checksums are not tried here."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        if not path.name.startswith("."):
            with suppress(BackupError):
                found.append(Kept(path, Manifest.read(path)))
    return sorted(found, key=lambda each: each.manifest.created_at)


def latest_backup() -> Kept | None:
    """The newest backup in ``settings.BACKUP_DIR``: what the status page tells the age of."""
    return next(reversed(list_backups(Path(settings.BACKUP_DIR))), None)


# --- Small things ------------------------------------------------------------------------------------------


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Say a full disk, a missing permission or a database that does not answer as a ``BackupError``."""
    try:
        yield
    except OSError as error:
        raise os_error_in_words(error) from error
    except DatabaseError as error:
        raise BackupError(f"数据库无法读取或写入（{error}）") from error


def _need_space(folder: Path, size: int) -> None:
    """Raises ``BackupError`` before a disk is filled up for nothing."""
    free = shutil.disk_usage(folder).free
    if free < size + SPARE:
        raise BackupError(f"磁盘空间不足：{folder} 约需 {(size + SPARE) >> 20} MB，只有 {free >> 20} MB")


def _media_size() -> int:
    return sum(path.stat().st_size for path in files_below(Path(settings.MEDIA_ROOT)))


def _make_lasting(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _bureau_code() -> str:
    if Bureau._meta.db_table not in tables(connection):  # half destroyed: still worth keeping
        return settings.BUREAU
    return Bureau.objects.values_list("code", flat=True).first() or settings.BUREAU


def _people_have_accounts() -> bool:
    """Whether somebody works with this database. Tables of another program count as well."""
    present = tables(connection)
    if User._meta.db_table in present:
        return User.objects.exists()
    return bool(present)


def _applied_migrations() -> set[str]:
    return {_name(key) for key in MigrationRecorder(connection).applied_migrations()}


def _name(key: tuple[str, str]) -> str:
    return ".".join(key)
