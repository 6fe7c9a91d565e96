from __future__ import annotations

from django.utils import timezone

from landbureau.jobs.models import JobRun
from tests.jobs.factories import JobRunFactory
from tests.urlwalk import UrlCase, World


def failed_run(world: World) -> tuple[int]:
    run = JobRunFactory(
        state=JobRun.State.FAILED,
        error="磁盘已满",
        traceback="Traceback",
        log="10:00:00 开始\n",
        started_at=timezone.now(),
        finished_at=timezone.now(),
        attempt=2,
    )
    return (run.pk,)


def running(world: World) -> tuple[int]:
    run = JobRunFactory(
        state=JobRun.State.RUNNING, started_at=timezone.now(), attempt=1, done=3, total=12, counts={"rows": 3}
    )
    return (run.pk,)


CASES = [
    UrlCase(
        "jobs:runs",
        permission="view_jobs",
        bureau_wide=True,
        args=None,
        shows=lambda world: "每晚备份",
    ),
    UrlCase(
        "jobs:run",
        permission="view_jobs",
        bureau_wide=True,
        args=failed_run,
        shows=lambda world: "磁盘已满",
    ),
    UrlCase(
        "jobs:progress",
        permission="view_jobs",
        bureau_wide=True,
        args=running,
        shows=lambda world: "3 / 12",
    ),
    UrlCase(
        "jobs:start",
        permission="run_jobs",
        bureau_wide=True,
        args=lambda world: ("nightly_backup",),
        method="post",
        right_status=302,
    ),
    UrlCase(
        "jobs:retry",
        permission="run_jobs",
        bureau_wide=True,
        args=failed_run,
        method="post",
        right_status=302,
    ),
]
