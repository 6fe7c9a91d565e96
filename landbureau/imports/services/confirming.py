"""An import that was confirmed is written: all rows as they were shown, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from landbureau.imports import workbooks
from landbureau.imports.errors import ImportRefused
from landbureau.imports.locks import lock_tables
from landbureau.imports.memory import remember
from landbureau.imports.models import ImportSession
from landbureau.imports.reading import a_place
from landbureau.imports.report import Report
from landbureau.imports.services.sessions import (
    LEFT,
    delete_after_commit,
    examine,
    files,
    keep,
    opened,
    store_report,
)
from landbureau.imports.services.tables import Changed, record_import
from landbureau.imports.targets import targets
from landbureau.jobs.models import JobRun
from landbureau.jobs.progress import Progress
from landbureau.jobs.services import enqueue

WRITE = "write_import"
State = ImportSession.State
ROWS_NAMED = 5
SEEN_NO_MORE = "检查结果已经更新，请核对后再确认。"
TAKEN = "数据刚被他人改动，没有写入。比对结果已经更新，请核对后再确认。"


def confirm(*, session: ImportSession, seen: str, today: date) -> ImportSession:
    """Write the file's rows, as they were shown: at once, or in the background if there are many.

    ``seen``: the digest of the result that the person has seen. Raises ``ImportRefused`` if that is no longer
    what would be written; the new result is kept.
    """
    with transaction.atomic():
        locked = opened(session)
        report = locked.get_report()
        if locked.state != State.CHECKED or locked.digest != seen or report is None:
            raise ImportRefused(SEEN_NO_MORE)
        if not report.is_clear:
            raise ImportRefused("还有错误或没有答复的问题，不能导入。")
        if locked.rows > settings.IMPORTS_AT_ONCE:
            locked.run = enqueue(
                WRITE,
                trigger=JobRun.Trigger.PERSON,
                actor=locked.actor,
                args={"session": locked.pk},
                recorded=False,
            )
            locked.state, locked.told = State.WRITING, ""
            locked.save(update_fields=["state", "run", "told"])
            return locked
    told = _write(session.pk, today, State.CHECKED, seen)
    written = ImportSession.objects.filter(pk=session.pk).first()
    if told or written is None or not written.is_over:
        raise ImportRefused(told or (SEEN_NO_MORE if written else LEFT))
    return written


def write_import(run: Progress) -> None:
    """Job: write a long file that was confirmed."""
    session = ImportSession.objects.filter(pk=run.args["session"]).first()
    if session is None:
        return

    def done(rows: int) -> None:
        run.progress(rows, rows)  # in the transaction of the writing: a lost lease undoes it

    if told := _write(session.pk, timezone.localdate(), State.WRITING, session.digest, done):
        run.note(told)  # no failure of the job: the person who confirmed has to look again


def _write(
    pk: int,
    today: date,
    state: ImportSession.State,
    seen: str,
    done: Callable[[int], None] = lambda rows: None,
) -> str:
    """Write all rows, or none; why not, for the person who waits, else empty."""
    session = ImportSession.objects.filter(pk=pk).first()
    if session is None:
        return LEFT
    try:
        with a_place(), _no_file_of_a_failure() as stored, transaction.atomic():
            _write_all(pk, today, state, seen, stored)
            done(session.rows)
    except Changed as changed:
        return _changed(session, changed.report)
    except IntegrityError:
        report, _ = examine(session, today)
        return _changed(session, report)
    except ImportRefused as refused:
        ImportSession.objects.filter(pk=pk).update(state=State.CHECKED, told=str(refused)[:300])
        return str(refused)
    return ""


def _write_all(pk: int, today: date, state: ImportSession.State, seen: str, stored: list[str]) -> None:
    """``stored``: takes the names of the files that are made. Raises ``Changed``."""
    session = ImportSession.objects.select_for_update().filter(pk=pk, state=state, digest=seen).first()
    if session is None:
        return  # left, changed, or written already
    kinds = {sheet["kind"] for sheet in session.counts}
    lock_tables(target for name, target in targets().items() if name in kinds)
    report, restores = examine(session, today, write=True)
    if not report.is_clear or report.digest() != seen:
        raise Changed(report)
    report.committed = True
    delete_after_commit(session.report.name)
    session.report.name = store_report(report)
    stored.append(session.report.name)
    if restores:
        session.restore.save("restore", ContentFile(workbooks.restore(restores)), save=False)
        stored.append(str(session.restore.name))
    session.state, session.told, session.finished_at = State.DONE, "", timezone.now()
    session.save(update_fields=["report", "restore", "state", "told", "finished_at"])
    remember(report, session.get_choices(), actor_id=session.actor_id)
    record_import(report, name=session.name, sha256=session.sha256, actor=session.actor)


@contextmanager
def _no_file_of_a_failure() -> Iterator[list[str]]:
    """Files whose names are put into the list go again if what they belong to is not committed."""
    stored: list[str] = []
    try:
        yield stored
    except BaseException:
        for name in stored:
            files().delete(name)
        raise


def _changed(session: ImportSession, report: Report) -> str:
    """Keep the new result, and say which rows are not as they were confirmed."""
    old, new = _by_row(session.get_report()), _by_row(report)
    rows = [place for place in new if old.get(place) != new[place]]
    told = TAKEN
    if rows:
        named = "、".join(f"“{sheet}”第 {row} 行" for sheet, row in rows[:ROWS_NAMED])
        told += f"与检查时不同的有：{named}{f'等 {len(rows)} 行' if len(rows) > ROWS_NAMED else ''}。"
    keep(session, report, told)
    return told


def _by_row(report: Report | None) -> dict[tuple[str, int], list[Any]]:
    """Outcome and changes of each row."""
    rows: dict[tuple[str, int], list[Any]] = {}
    for sheet in report.sheets if report else ():
        for row, outcome, _ in sheet.outcomes:
            rows.setdefault((sheet.sheet, row), []).append(outcome)
        for row, *change in sheet.changes:
            rows.setdefault((sheet.sheet, row), []).append(change)
    return rows
