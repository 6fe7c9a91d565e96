"""What is read of jobs: the schedule as it stands, failures that wait for somebody, signs of life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, Max, OuterRef

from landbureau.jobs.models import Heartbeat, JobRun, JobRunQuerySet
from landbureau.jobs.rules import in_words, next_due
from landbureau.jobs.schedule import Job

SILENT_BEATS = 3  # signs of life missed until a process counts as dead


@dataclass(frozen=True)
class Planned:
    """One line of the schedule. ``latest``: its newest run; ``last_success``: also of earlier runs."""

    job: Job
    when: str
    next_at: datetime
    last_success: datetime | None
    latest: JobRun | None


def planned_jobs(now: datetime) -> list[Planned]:
    """The schedule with next moments and last successes (three queries)."""
    successes = last_successes()
    newest = JobRun.objects.order_by().values("kind").annotate(newest=Max("pk")).values("newest")
    latest = {run.kind: run for run in JobRun.objects.filter(pk__in=newest)}
    recovered = last_sign_of_life(Heartbeat.Role.RECOVERY)
    return [
        Planned(
            job=job,
            when=in_words(job.when),
            next_at=next_due(job.when, now),
            last_success=successes.get(job.name) if job.leaves_run else recovered,
            latest=latest.get(job.name),
        )
        for job in settings.JOBS
        if job.when is not None
    ]


def last_successes() -> dict[str, datetime]:
    """When each kind last succeeded."""
    rows = JobRun.objects.filter(state=JobRun.State.SUCCEEDED).order_by().values("kind")
    return dict(rows.annotate(at=Max("finished_at")).values_list("kind", "at"))


def open_failures() -> JobRunQuerySet:
    """Failed runs that nothing has followed: neither the next night nor a retry of the same work."""
    later = JobRun.objects.filter(kind=OuterRef("kind"), args=OuterRef("args"), pk__gt=OuterRef("pk"))
    return JobRun.objects.filter(~Exists(later), state=JobRun.State.FAILED)


def last_sign_of_life(role: Heartbeat.Role) -> datetime | None:
    """When a process of this role was last known to be alive, on any host; None: never."""
    return Heartbeat.objects.filter(role=role).aggregate(at=Max("at"))["at"]


def is_recent(at: datetime | None, now: datetime) -> bool:
    """Whether a process whose last sign of life was at ``at`` counts as alive."""
    return at is not None and now - at <= timedelta(seconds=SILENT_BEATS * settings.JOBS_HEARTBEAT)


def worker_is_alive(now: datetime) -> bool:
    """Whether what is queued will start by itself."""
    return is_recent(last_sign_of_life(Heartbeat.Role.WORKER), now)
