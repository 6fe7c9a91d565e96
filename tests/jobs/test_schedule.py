"""The one list: every job runs, at the hour that is written there."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.module_loading import import_string

from landbureau.celery import app
from landbureau.documents.services.printing import create_batch
from landbureau.home.backup import BackupError
from landbureau.imports.models import ImportSession
from landbureau.imports.services import begin
from landbureau.jobs.models import JobRun
from landbureau.jobs.rules import ZONE, next_due
from landbureau.jobs.schedule import SCHEDULE, Job
from landbureau.jobs.services import run_now
from tests.documents.paper import make_frozen
from tests.factories import TownshipFactory, UserFactory, allow
from tests.imports import files

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)
TIMED = [job for job in SCHEDULE if job.when is not None]
NAMES = {"ids": lambda job: job.name}


def test_names_are_unique_and_fit_into_the_table() -> None:
    assert len({job.name for job in SCHEDULE}) == len(SCHEDULE)
    assert all(len(job.name) <= 40 for job in SCHEDULE)


def one_batch() -> dict[str, int]:
    person = UserFactory(is_superuser=True)
    batch = create_batch(actor=person, documents=[make_frozen()], with_receipts=True, duplex=False)
    return {"batch": batch.pk}


def one_import(state: str) -> dict[str, int]:
    villages = ContentFile(
        files.csv([["乡镇", "村居"], [TownshipFactory(name="甲镇").name, "东村"]]), "村居.csv"
    )
    admin = allow(UserFactory(), "update_config")
    session = begin(file=villages, kind="villages", actor=admin, today=NOON.date())
    ImportSession.objects.filter(pk=session.pk).update(state=state)
    return {"session": session.pk}


ARGUMENTS = {
    "print_batch": one_batch,
    "check_import": lambda: one_import("checking"),
    "write_import": lambda: one_import("writing"),
}  # of jobs that nobody starts without


@pytest.mark.django_db(transaction=True)  # as backups need it
@pytest.mark.parametrize("job", SCHEDULE, **NAMES)
def test_every_declared_job_runs(job: Job, settings: Any, tmp_path: Any) -> None:
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.MEDIA_ROOT = tmp_path / "media"
    if not job.leaves_run:
        import_string(job.function)()
        assert not JobRun.objects.filter(kind=job.name).exists()
        return
    run = run_now(job.name, args=ARGUMENTS.get(job.name, dict)())
    assert run.state == JobRun.State.SUCCEEDED, run.traceback
    assert run.counts.keys() <= job.counts.keys(), "a number without a Chinese name"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("recover_runs", datetime(2026, 11, 23, 12, 1, tzinfo=ZONE)),
        ("pick_up_documents", datetime(2026, 11, 23, 12, 1, tzinfo=ZONE)),
        ("nightly_backup", datetime(2026, 11, 24, 2, 30, tzinfo=ZONE)),
        ("clear_sessions", datetime(2026, 11, 24, 3, 15, tzinfo=ZONE)),
        ("clear_paper", datetime(2026, 11, 24, 3, 20, tzinfo=ZONE)),
        ("clear_imports", datetime(2026, 11, 24, 3, 25, tzinfo=ZONE)),
        ("clear_visit_photos", datetime(2026, 11, 24, 3, 30, tzinfo=ZONE)),
        ("sweep", datetime(2026, 11, 24, 6, 0, tzinfo=ZONE)),
        ("pick_up_notices", datetime(2026, 11, 23, 12, 5, tzinfo=ZONE)),
    ],
)
def test_next_run_in_shanghai(name: str, expected: datetime) -> None:
    job = next(job for job in SCHEDULE if job.name == name)
    assert next_due(job.when, NOON) == expected


def test_every_job_has_its_next_run_tested() -> None:
    mark = next(m for m in test_next_run_in_shanghai.pytestmark if m.name == "parametrize")
    assert {name for name, _ in mark.args[1]} == {job.name for job in TIMED}


@pytest.mark.parametrize("job", TIMED, **NAMES)
def test_celery_means_the_same_moment(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Celery's own answer, on a machine whose clock is set to UTC."""
    schedule = app.conf.beat_schedule[job.name]["schedule"]
    monkeypatch.setattr(schedule, "nowfun", lambda: NOON)
    assert app.conf.timezone == settings.TIME_ZONE == "Asia/Shanghai"
    assert NOON + schedule.remaining_estimate(NOON) == next_due(job.when, NOON)


@pytest.mark.parametrize("job", TIMED, **NAMES)
def test_a_message_expires_just_before_the_next_is_due(job: Job) -> None:
    moments = [NOON]
    for _ in range(60):
        moments.append(next_due(job.when, moments[-1]))
    shortest = min(later - earlier for earlier, later in pairwise(moments[1:]))
    assert job.expires is not None
    assert shortest * 0.9 <= timedelta(seconds=job.expires) < shortest


def test_beat_sends_each_timed_job_by_its_name() -> None:
    assert settings.CELERY_BEAT_SCHEDULE.keys() == {job.name for job in TIMED}
    for job in TIMED:
        entry = settings.CELERY_BEAT_SCHEDULE[job.name]
        assert entry["task"] == "landbureau.jobs.tasks.tick"
        assert entry["args"] == [job.name]
        assert entry["options"] == {"expires": job.expires}


@pytest.mark.django_db
def test_backup_that_fails_tells_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**arguments: Any) -> None:
        raise BackupError("磁盘已满，请腾出空间后再试")

    monkeypatch.setattr("landbureau.home.jobs.make_nightly_backup", refuse)
    run = run_now("nightly_backup")
    assert (run.state, run.error) == (JobRun.State.FAILED, "磁盘已满，请腾出空间后再试")
