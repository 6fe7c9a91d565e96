"""An import on its page: the file is brought, checked, decided about, or left."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.db import transaction
from django.utils import timezone

from landbureau.imports import engine
from landbureau.imports.engine import Aim, LongFile
from landbureau.imports.errors import FileRefused, ImportRefused
from landbureau.imports.memory import recall
from landbureau.imports.models import ImportSession, place
from landbureau.imports.reading import a_place
from landbureau.imports.report import Report
from landbureau.imports.services.tables import NOT_ALLOWED, fingerprint, kinds_for
from landbureau.jobs.models import JobRun
from landbureau.jobs.progress import Progress
from landbureau.jobs.services import enqueue
from landbureau.web.uploads import clean_name

CHECK = "check_import"
LEFT = "这次导入已经取消。"
State = ImportSession.State
LONGEST_TEXT = 1000  # characters that may be typed in place of a cell


def begin(*, file: File[bytes], kind: str, actor: Any, today: date) -> ImportSession:
    """Take a file and check it. Raises ``FileRefused`` if it cannot be read; nothing is kept then."""
    if kind not in kinds_for(actor) and (kind or not kinds_for(actor)):
        raise ImportRefused(NOT_ALLOWED)
    if (file.size or 0) > settings.IMPORTS_MOST_BYTES:
        most = settings.IMPORTS_MOST_BYTES // 1024**2
        raise FileRefused(f"文件超过 {most} MB 的上限，请删去图片和无关的工作表，或分成几个文件。")
    session = ImportSession.objects.create(
        actor=actor,
        kind=kind,
        name=clean_name(file.name or "") or "未命名",
        size=file.size or 0,
        sha256=fingerprint(file),
        file=file,
    )
    try:
        check(session=session, today=today)
    except FileRefused:
        _remove(session)
        raise
    return session


def check(*, session: ImportSession, today: date) -> None:
    """Check at once, or in the background if there are more rows than ``IMPORTS_AT_ONCE``.

    Raises ``FileRefused``.
    """
    if session.rows <= settings.IMPORTS_AT_ONCE:
        with suppress(LongFile), a_place():
            report, _ = examine(session, today, most_rows=settings.IMPORTS_AT_ONCE)
            keep(session, report)
            return
    with transaction.atomic():
        opened(session)
        session.run = enqueue(
            CHECK,
            trigger=JobRun.Trigger.PERSON,
            actor=session.actor,
            args={"session": session.pk},
            recorded=False,
        )
        session.state, session.told = State.CHECKING, ""
        session.save(update_fields=["state", "run", "told"])


def check_import(run: Progress) -> None:
    """Job: check a long file."""
    session = ImportSession.objects.filter(pk=run.args["session"]).first()
    if session is None or session.state != State.CHECKING:
        return  # it was left in the meantime
    try:
        with a_place():
            report, _ = examine(session, timezone.localdate(), progress=run.progress)
    except FileRefused as refused:
        ImportSession.objects.filter(pk=session.pk, state=State.CHECKING).update(
            state=State.REFUSED, told=str(refused)[:300]
        )
        return
    run.counts = {"rows": report.rows, "errors": report.errors, "questions": report.open_questions}
    run.progress(report.rows, report.rows)
    keep(session, report)


def examine(
    session: ImportSession,
    today: date,
    *,
    write: bool = False,
    most_rows: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Report, list[engine.Restore]]:
    """Pass the file through, with all that was decided about it. Raises ``FileRefused``, ``LongFile``."""
    kinds = kinds_for(session.actor)
    wanted = [kinds[session.kind]] if session.kind in kinds else [] if session.kind else list(kinds.values())
    if not wanted:
        raise FileRefused(NOT_ALLOWED)
    choices = recall(session.get_choices(), [target.name for target in wanted])
    aim = Aim(
        kinds=wanted,
        actor=session.actor,
        today=today,
        choices=choices,
        write=write,
        most_rows=most_rows,
        progress=progress,
    )
    with session.file.open("rb") as file:
        return engine.run(file, session.name, aim)


def keep(session: ImportSession, report: Report, told: str = "") -> None:
    """Write down what a check found, unless the import was left meanwhile.

    If something was decided while the check ran, the result is kept, and has to be checked again.
    """
    stored = store_report(report)
    with transaction.atomic():
        rows = ImportSession.objects.select_for_update().exclude(state=State.DONE)
        locked = rows.filter(pk=session.pk).first()
        if locked is None:
            delete_after_commit(stored)
            return
        delete_after_commit(locked.report.name)
        locked.report.name = stored
        locked.digest, locked.rows, locked.counts = report.digest(), report.rows, report.counts()
        locked.state = State.CHECKED if locked.get_choices() == session.get_choices() else State.STALE
        locked.told, locked.checked_at = told[:300], timezone.now()
        locked.save(update_fields=["report", "digest", "rows", "counts", "state", "told", "checked_at"])
    session.refresh_from_db()


def store_report(report: Report) -> str:
    """The name under which the storage has it."""
    content = io.BytesIO()
    report.dump(content)
    return str(files().save(place(), ContentFile(content.getvalue())))


def delete_after_commit(*names: str | None) -> None:
    def delete() -> None:
        for name in filter(None, names):
            files().delete(name)

    transaction.on_commit(delete)


def files() -> Storage:
    """Where the files of imports are."""
    storage: Storage = ImportSession._meta.get_field("file").storage
    return storage


@transaction.atomic
def decide(
    *,
    session: ImportSession,
    kinds: Mapping[str, str] | None = None,
    columns: Mapping[str, Mapping[int, str]] | None = None,
    cells: Mapping[tuple[str, int, int], str] | None = None,
    rows: Collection[tuple[str, int]] = (),
    answers: Mapping[str, str] | None = None,
) -> None:
    """Keep what a person decided; the file has to be checked again.

    ``kinds``, ``columns``, ``answers``: as in ``Choices``; ``cells``: (sheet, row, index) → text in place of
    the file's, which itself is not changed; ``rows``: (sheet, row) that stay out. Raises ``ImportRefused``
    while a job has the file.
    """
    locked = opened(session)
    choices = locked.get_choices()
    for sheet, kind in (kinds or {}).items():
        if choices.kinds.get(sheet, kind) != kind:
            choices.columns.pop(sheet, None)  # they are those of another table
    choices.kinds |= kinds or {}
    for sheet, chosen in (columns or {}).items():
        choices.columns.setdefault(sheet, {}).update(chosen)
    for (sheet, row, index), text in (cells or {}).items():
        choices.cells.setdefault(sheet, {}).setdefault(row, {})[index] = text[:LONGEST_TEXT]
    for sheet, row in rows:
        choices.rows[sheet] = sorted({*choices.rows.get(sheet, ()), row})
    choices.answers |= {question: answer[:200] for question, answer in (answers or {}).items()}
    session.choices, session.state, session.told = choices.as_json(), State.STALE, ""
    session.save(update_fields=["choices", "state", "told"])


def accept_proposals(*, session: ImportSession) -> int:
    """Answer every open question as proposed; how many there were. Raises ``ImportRefused``."""
    report = session.get_report()
    given = session.get_choices().answers
    answers = {
        finding.question: finding.proposal
        for sheet in (report.sheets if report else ())
        for finding in sheet.questions
        if finding.is_open and finding.question not in given
    }
    decide(session=session, answers=answers)
    return len(answers)


def opened(session: ImportSession) -> ImportSession:
    """The row, locked to be worked on. Raises ``ImportRefused`` if it is done, or a job has it."""
    locked = _locked(session)
    if locked.is_over:
        raise ImportRefused("这次导入已经完成。")
    if locked.waits:
        raise ImportRefused(f"正在{locked.get_state_display().removesuffix('中')}，请等它结束。")
    return locked


@transaction.atomic
def leave(*, session: ImportSession) -> None:
    """Give up an import: the file and all that was found in it go. Raises ``ImportRefused`` if it is done or
    being written."""
    locked = _locked(session)
    if locked.is_over or (locked.state == State.WRITING and locked.waits):
        raise ImportRefused("已经写入或正在写入，不能取消。")
    _remove(locked)


def _remove(session: ImportSession) -> None:
    names = [file.name for file in session.files()]
    with transaction.atomic():
        ImportSession.objects.filter(pk=session.pk).delete()
        delete_after_commit(*names)


def _locked(session: ImportSession) -> ImportSession:
    rows = ImportSession.objects.select_for_update(of=("self",)).select_related("run")
    locked = rows.filter(pk=session.pk).first()
    if locked is None:
        raise ImportRefused(LEFT)
    return locked
