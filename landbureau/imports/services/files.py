"""A file from code or a command: checked, and written if nothing stands in the way."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, transaction

from landbureau.imports import engine
from landbureau.imports.choices import Choices
from landbureau.imports.engine import Aim
from landbureau.imports.errors import ImportRefused
from landbureau.imports.locks import lock_tables
from landbureau.imports.memory import recall
from landbureau.imports.reading import a_place
from landbureau.imports.report import Report
from landbureau.imports.services.tables import NOT_ALLOWED, Changed, fingerprint, kinds_for, record_import
from landbureau.web.uploads import clean_name


def import_file(
    file: Path | File[bytes],
    *,
    today: date,
    name: str = "",
    kinds: tuple[str, ...] = (),
    actor: Any = None,
    dry_run: bool = False,
    accept: bool = False,
    choices: Choices | None = None,
) -> Report:
    """Check a file and write it if nothing stands in the way: all of it, or none.

    ``kinds``: only these tables (default: all that ``actor`` may import). ``accept``: questions take their
    proposals. What the bureau decided about earlier files holds here too. Raises ``FileRefused``, and
    ``ImportRefused`` where the bureau's data changed in the same moment.
    """
    allowed = kinds_for(actor)
    wanted = [allowed[kind] for kind in kinds or allowed if kind in allowed]
    if not wanted:
        raise ImportRefused(NOT_ALLOWED)
    choices = choices or Choices()
    choices.accept = accept
    recall(choices, [target.name for target in wanted])
    name = clean_name(name or (file.name or ""))
    aim = Aim(kinds=wanted, actor=actor, today=today, choices=choices, write=not dry_run)
    try:
        with a_place(), transaction.atomic() if aim.write else nullcontext():
            if aim.write:
                lock_tables(wanted)
            report, _ = engine.run(file, name, aim)
            if dry_run or not report.is_clear:
                raise Changed(report)
            report.committed = True
            record_import(report, name=name, sha256=fingerprint(file), actor=actor)
    except Changed as stopped:
        return stopped.report
    except IntegrityError:
        raise ImportRefused("数据刚被他人改动，没有写入，请重试。") from None
    return report
