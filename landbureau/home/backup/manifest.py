"""The list of what a backup holds. It is written last: a folder without it is no backup."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings

from landbureau.home.backup.databases import PostgreSQL, SQLite
from landbureau.home.backup.errors import BackupError

NAME = "manifest.json"
FORMAT = 1
DUMPS = {"sqlite": SQLite.file_name, "postgresql": PostgreSQL.file_name}
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class FileEntry:
    """One file of the backup: ``path`` below its folder, ``size`` in bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """``rows``: number of rows of each table in the dump. ``files``: the dump first, then the media."""

    version: str
    bureau: str
    engine: str
    created_at: datetime
    migrations: list[str]
    rows: dict[str, int]
    files: list[FileEntry] = field(default_factory=list)
    format: int = FORMAT

    @property
    def media(self) -> list[FileEntry]:
        return [entry for entry in self.files if entry.path.startswith("media/")]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(entry.size for entry in self.files)

    def write(self, folder: Path) -> str:
        """Write it into ``folder`` and make it lasting; returns its SHA-256."""
        document = {**asdict(self), "created_at": self.created_at.isoformat()}
        content = json.dumps(document, ensure_ascii=False, indent=1).encode()
        with (folder / NAME).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return hashlib.sha256(content).hexdigest()

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Raises ``BackupError`` if there is none, or it is damaged, or of a later format."""
        try:
            document: dict[str, Any] = json.loads((folder / NAME).read_bytes())
            if document["format"] > FORMAT:
                raise BackupError(f"备份的格式（{document['format']}）由更新的版本生成，本版本不能恢复")
            document["created_at"] = datetime.fromisoformat(document["created_at"])
            document["files"] = [FileEntry(**entry) for entry in document["files"]]
            manifest = cls(**document)
        except (FileNotFoundError, NotADirectoryError):
            raise BackupError(f"{folder} 不是完整的备份：没有 {NAME}") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BackupError(f"备份已损坏：{NAME} 无法读取") from None
        if any(_leaves_folder(entry.path) for entry in manifest.files):
            raise BackupError(f"备份已损坏：{NAME} 中有不允许的路径")
        # What is not listed has no checksum.
        if manifest.engine in DUMPS and DUMPS[manifest.engine] not in {
            entry.path for entry in manifest.files
        }:
            raise BackupError(f"备份已损坏：{NAME} 中没有 {DUMPS[manifest.engine]}")
        return manifest

    def damage(self, folder: Path) -> list[str]:
        """What of the backup in ``folder`` is missing or not as it was written (Chinese, one line each)."""
        found = []
        for entry in self.files:
            path = folder / entry.path
            try:
                if path.stat().st_size != entry.size or sha256_of(path) != entry.sha256:
                    found.append(f"{entry.path} 与校验值不符")
            except OSError as error:
                found.append(f"{entry.path} 无法读取（{error.strerror}）")
        return found


def project_version() -> str:
    return str(tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["version"])


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def entry_of(path: Path, folder: Path) -> FileEntry:
    return FileEntry(path.relative_to(folder).as_posix(), path.stat().st_size, sha256_of(path))


def files_below(folder: Path) -> Iterator[Path]:
    """Regular files, in order of their names; links are not followed."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def copy_file(source: Path, target: Path) -> str:
    """Copy and make it lasting; returns the SHA-256 of what was written."""
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(_CHUNK):
            digest.update(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    shutil.copystat(source, target)
    return digest.hexdigest()


def os_error_in_words(error: OSError) -> BackupError:
    """A full disk or a missing permission as a sentence for the user."""
    place = f"：{error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return BackupError(f"磁盘空间不足{place}")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return BackupError(f"没有写入或读取的权限{place}")
    return BackupError(f"文件操作失败（{error.strerror}）{place}")


def _leaves_folder(path: str) -> bool:
    parts = PurePosixPath(path)
    return parts.is_absolute() or ".." in parts.parts
