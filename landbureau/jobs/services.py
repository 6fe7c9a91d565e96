"""Putting work into the queue, doing it, and picking up what was interrupted.

The database is the outbox: a run is a row, written in the transaction of the act that wants it; the broker's
message is sent after commit and may be lost or doubled without harm.
"""

from __future__ import annotations

import logging
import socket
import traceback
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.module_loading import import_string
from kombu.exceptions import ChannelError, KombuError

from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.celery import app
from landbureau.jobs.models import Heartbeat, JobRun, declared
from landbureau.jobs.progress import KeepLease, LeaseLost, Progress, lease_end, with_line
from landbureau.jobs.rules import last_due
from landbureau.jobs.schedule import Job

logger = logging.getLogger(__name__)
State, Trigger = JobRun.State, JobRun.Trigger


class JobError(Exception):
    """What a job, or who starts it, tells the user in Chinese."""


def job_of(kind: str) -> Job:
    """The declared job of this name. Raises ``JobError``."""
    job = declared(kind)
    if job is None:
        raise JobError(f"没有名为“{kind}”的后台任务")
    return job


@transaction.atomic
def enqueue(
    kind: str,
    *,
    trigger: JobRun.Trigger,
    actor: AbstractBaseUser | None = None,
    args: dict[str, Any] | None = None,
    slot: datetime | None = None,
    recorded: bool = True,
) -> JobRun:
    """Queue a run; it starts soon after the caller's transaction has committed.

    ``args`` holds ids only. The run that is already there for this ``slot`` (or, without one, waits or works
    with the same ``args``) is returned instead of a second one. Raises ``JobError`` for an undeclared kind.
    ``recorded`` False: only part of a person's act that is on the record itself.
    """
    job = job_of(kind)
    values: dict[str, Any] = {"trigger": trigger, "actor": actor}
    args = _sorted(args)
    if slot is None:
        run, created = JobRun.objects.get_or_create(
            kind=kind, args=args, slot=None, state__in=[State.QUEUED, State.RUNNING], defaults=values
        )
    else:
        run, created = JobRun.objects.get_or_create(kind=kind, slot=slot, defaults={"args": args, **values})
    if created:
        transaction.on_commit(lambda: send(run.pk))
        if trigger == Trigger.PERSON and recorded:
            record(Entry.Action.BULK, actor=actor, text=f"启动后台任务：{job.title}", subject=run, data=args)
    return run


def send(run_id: int) -> bool:
    """Tell the workers that a run waits. A broker that is down is no error: ``recover`` sends again."""
    try:
        app.send_task(
            "landbureau.jobs.tasks.execute", args=[run_id], retry=False, expires=settings.JOBS_RESEND
        )
    except (KombuError, ChannelError, OSError) as error:
        logger.warning("run %s waits, the broker does not answer: %s", run_id, error)
        return False
    JobRun.objects.filter(pk=run_id, state=State.QUEUED).update(sent_at=timezone.now())
    return True


def execute(run_id: int) -> None:
    """Do a queued run, unless somebody else has it or another of its kind is at work."""
    run = _claim(run_id)
    if run is None:
        return
    _perform(run)
    _send_next(run.kind)


def run_now(
    kind: str,
    *,
    trigger: JobRun.Trigger = Trigger.COMMAND,
    actor: AbstractBaseUser | None = None,
    args: dict[str, Any] | None = None,
) -> JobRun:
    """Do a run here and now and return it when it is over, succeeded or not (for commands).

    Raises ``JobError`` when the kind is undeclared or one of it is at work already.
    """
    job = job_of(kind)
    values: dict[str, Any] = {"trigger": trigger, "actor": actor}
    try:
        with transaction.atomic():
            queued, _ = JobRun.objects.get_or_create(
                kind=kind,
                args=_sorted(args),
                slot=None,
                state=State.QUEUED,
                defaults=values,
            )
            run = _claim(queued.pk)
            if run is None:
                raise IntegrityError  # and the row of this call is not left behind
    except IntegrityError:
        raise JobError(f"“{job.title}”正在运行，请稍后再试") from None
    _perform(run)
    _send_next(kind)
    run.refresh_from_db()
    return run


def retry(run: JobRun, *, actor: AbstractBaseUser) -> JobRun:
    """Queue a failed run once more, as a new row. Raises ``JobError``."""
    if run.state != State.FAILED:
        raise JobError("只有失败的任务可以重试")
    return enqueue(run.kind, trigger=Trigger.PERSON, actor=actor, args=run.args)


def run_slot(job: Job, now: datetime) -> JobRun:
    """Queue the run of the schedule's latest moment at or before ``now``, once however often called."""
    if job.when is None:
        raise JobError(f"“{job.title}”没有定时")
    return enqueue(job.name, trigger=Trigger.BEAT, slot=last_due(job.when, now))


def recover() -> None:
    """The minute's upkeep: end lost leases, make up for missed slots, send again what nobody took."""
    now = timezone.now()
    for run_id in JobRun.objects.filter(_lost(now)).values_list("pk", flat=True):
        _take_back(run_id, now)
    for job in settings.JOBS:
        if job.when is not None and job.leaves_run:
            run_slot(job, now)
    at_work = JobRun.objects.filter(kind=OuterRef("kind"), state=State.RUNNING)
    unclaimed = Q(sent_at=None) | Q(sent_at__lt=now - timedelta(seconds=settings.JOBS_RESEND))
    waiting = JobRun.objects.filter(unclaimed, ~Exists(at_work), state=State.QUEUED).order_by(
        "queued_at", "pk"
    )
    for run_id in waiting.values_list("pk", flat=True)[:200]:
        if not send(run_id):
            break
    sign_of_life(Heartbeat.Role.RECOVERY, socket.gethostname())


def sign_of_life(role: str, host: str) -> None:
    """Note that a process is alive now."""
    Heartbeat.objects.update_or_create(role=role, host=host, defaults={"at": timezone.now()})


def _claim(run_id: int) -> JobRun | None:
    """Compare-and-set from queued to running; the attempt is the fencing token."""
    now = timezone.now()
    try:
        with transaction.atomic():
            claimed = JobRun.objects.filter(pk=run_id, state=State.QUEUED).update(
                state=State.RUNNING,
                attempt=F("attempt") + 1,
                started_at=now,
                lease_until=lease_end(now),
            )
    except IntegrityError:  # another of this kind is at work; it sends the next one when it ends
        return None
    return JobRun.objects.select_related("actor").get(pk=run_id) if claimed else None


def _perform(run: JobRun) -> None:
    """Call the job's function and write down how it ended."""
    progress = Progress(run)
    try:
        try:
            with KeepLease(progress):
                import_string(job_of(run.kind).function)(progress)
        except LeaseLost:
            raise
        except Exception as error:
            logger.exception("run %s (%s) failed", run.pk, run.kind)
            progress.end(State.FAILED, error=summary_of(error), traceback=traceback.format_exc())
        except KeyboardInterrupt:  # a command that its user stopped is not to be repeated by a worker
            progress.end(State.FAILED, error="执行被中断")
            raise
        else:
            progress.end(State.SUCCEEDED)
    except LeaseLost as error:
        logger.warning("given to another worker, result dropped: %s", error)


def summary_of(error: Exception) -> str:
    """One line for the user: the app's own words, or what kind of error it was."""
    text = str(error) if isinstance(error, JobError) else f"程序出错（{type(error).__name__}：{error}）"
    return text if len(text) <= 300 else text[:299] + "…"


def _send_next(kind: str) -> None:
    """Two of a kind never run together: when one ends, the one that waited longest is sent."""
    waiting = JobRun.objects.filter(kind=kind, state=State.QUEUED).order_by("queued_at", "pk").first()
    if waiting:
        send(waiting.pk)


def _lost(now: datetime) -> Q:
    return Q(state=State.RUNNING, lease_until__lt=now)


@transaction.atomic
def _take_back(run_id: int, now: datetime) -> None:
    """Queue a run again whose worker died; give up after ``JOBS_ATTEMPTS``.

    A row that its worker has locked (it is just committing a batch) is alive and left alone.
    """
    run = JobRun.objects.select_for_update(skip_locked=True).filter(_lost(now), pk=run_id).first()
    if run is None:
        return
    run.lease_until = None
    if run.attempt < settings.JOBS_ATTEMPTS:
        run.state = State.QUEUED
        run.sent_at = None
        run.log = with_line(run.log, f"第 {run.attempt} 次执行中断（后台进程停止），重新排队")
    else:
        run.state = State.FAILED
        run.finished_at = now
        run.error = f"执行 {run.attempt} 次均被中断（后台进程停止或超过时限）"
        run.log = with_line(run.log, run.error)
    run.save(update_fields=["state", "lease_until", "sent_at", "finished_at", "error", "log"])


def _sorted(args: dict[str, Any] | None) -> dict[str, Any]:
    """SQLite compares JSON as text."""
    return dict(sorted((args or {}).items()))
