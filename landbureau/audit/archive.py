"""Old rows leave the table for a file, and only then: written, read back, removed, recorded."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any, Literal, cast

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from landbureau.audit import triggers
from landbureau.audit.models import Entry
from landbureau.audit.services import record

NOT_KEPT = ("changes_text", "actor_email", "remote_port")  # never filled here


class ArchiveError(Exception):
    """Why nothing was archived; the message is for the user (Chinese). No row has been removed."""


@dataclass(frozen=True)
class Archived:
    """``count`` rows from ``first_at`` to ``last_at``, now in ``path``; ``sha256`` of the file."""

    path: Path
    count: int
    first_at: datetime
    last_at: datetime
    sha256: str


def archive(*, before: date, out: Path) -> Archived:
    """Move the rows of all days before ``before`` into ``out``: one JSON document a line, gzip if so named.

    The caller has seen to the time of retention. Raises ``ArchiveError``: the file is there already or cannot
    be written, there is nothing to move, or the database's role does not own the table.
    """
    if not triggers.may_lift(connection):
        raise ArchiveError(
            "当前数据库账号不是审计表的所有者，不能移出记录；"
            "请用所有者的 DATABASE_URL 执行（deploy/owner.env）"
        )
    out = out.absolute()
    if out.exists():
        raise ArchiveError(f"{out} 已存在，不覆盖")
    rows = Entry.objects.filter(timestamp__lt=timezone.make_aware(datetime.combine(before, time())))
    try:
        with _new_file(out) as part:
            keys = _write(rows, part)
            digest = _read_back(part, keys)
            bounds = (rows.earliest().timestamp, rows.latest().timestamp)
            part.rename(out)
    except OSError as error:
        raise ArchiveError(f"无法写入 {out}（{error.strerror}）") from error
    archived = Archived(out, len(keys), *bounds, digest)
    try:
        _remove(rows.filter(pk__lte=keys[-1]), archived, before)
    except BaseException:
        out.unlink()
        raise
    return archived


@contextmanager
def _new_file(out: Path) -> Iterator[Path]:
    if not out.parent.is_dir():
        raise ArchiveError(f"文件夹 {out.parent} 不存在")
    part = out.with_name(f".partial-{os.getpid()}-{out.name}")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _open(path: Path, mode: Literal["rb", "wb"]) -> IO[Any]:
    """gzip, if named so."""
    return cast(IO[Any], gzip.open(path, mode) if path.suffix == ".gz" else path.open(mode))


def _write(rows: QuerySet[Entry], path: Path) -> list[int]:
    """Returns the keys of what was written, ascending. Names of people stand beside their keys."""
    names = [field.attname for field in Entry._meta.concrete_fields if field.name not in NOT_KEPT]
    documents = rows.order_by("pk").values(
        *names,
        actor_name=F("actor__name"),
        actor_username=F("actor__username"),
        object_model=F("content_type__model"),
    )
    keys = []
    with _open(path, "wb") as file:
        for document in documents.iterator(chunk_size=2000):
            file.write(json.dumps(document, cls=ExactEncoder, ensure_ascii=False).encode() + b"\n")
            keys.append(document["id"])
    if not keys:
        raise ArchiveError("此日期之前没有审计记录")
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return keys


def _read_back(path: Path, keys: list[int]) -> str:
    """Raises ``ArchiveError`` unless the file holds exactly these rows; returns its SHA-256."""
    with _open(path, "rb") as file:
        if [json.loads(line)["id"] for line in file] != keys:
            raise ArchiveError(f"{path.name} 回读校验不符，未移出任何记录")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remove(rows: QuerySet[Entry], archived: Archived, before: date) -> None:
    with transaction.atomic():
        with triggers.lifted(connection):
            removed = rows._raw_delete(rows.db)  # rows that nothing points to: no collector needed
        if removed != archived.count:
            raise ArchiveError(f"应移出 {archived.count} 条，实际 {removed} 条，已撤销")
        record(
            Entry.Action.ARCHIVE,
            actor=None,
            text=f"归档 {before} 之前的审计记录",
            data={
                "before": before,
                "count": archived.count,
                "from": timezone.localdate(archived.first_at),
                "to": timezone.localdate(archived.last_at),
                "file": archived.path.name,
                "sha256": archived.sha256,
            },
        )


class ExactEncoder(DjangoJSONEncoder):
    """Django cuts microseconds; the archive does not."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)
