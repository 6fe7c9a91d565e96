"""Which tables a person may import, and the record of an import."""

from __future__ import annotations

from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from django.core.files.base import File

from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.imports.report import Report
from landbureau.imports.targets import Target, targets

NOT_ALLOWED = "没有导入这种表的权限。"


class Changed(Exception):
    """What would be written is no longer what was confirmed; ``report`` is how it stands now."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def kinds_for(actor: Any) -> dict[str, type[Target]]:
    """The tables that this person may import; without a person (a command) all."""
    return {name: target for name, target in targets().items() if actor is None or target.allows(actor)}


def may_import(actor: Any) -> bool:
    """Whether this person may import any table at all."""
    return bool(kinds_for(actor))


def fingerprint(file: Path | File[bytes]) -> str:
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return file_digest(opened, "sha256").hexdigest()
    digest = sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def record_import(report: Report, *, name: str, sha256: str, actor: Any) -> None:
    known = targets()
    titles = dict.fromkeys(known[sheet.kind].title for sheet in report.sheets if sheet.kind)
    record(
        Entry.Action.IMPORT,
        actor=actor,
        text=f"导入{'、'.join(titles)}：{name}",
        data={
            "file": name,
            "sha256": sha256,
            "rows": report.rows,
            "created": report.count("created"),
            "updated": report.count("updated"),
            "unchanged": report.count("unchanged"),
        },
    )
