"""What the nightly upkeep removes, and what it leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from landbureau.jobs.models import Heartbeat, JobRun
from landbureau.jobs.selectors import open_failures
from landbureau.jobs.services import run_now
from tests.jobs.factories import JobRunFactory

State = JobRun.State

pytestmark = pytest.mark.django_db


def old_run(days: int, **values: Any) -> JobRun:
    at = timezone.now() - timedelta(days=days)
    return JobRunFactory(**{"state": State.SUCCEEDED, "finished_at": at, "queued_at": at} | values)


def clear() -> JobRun:
    run = run_now("clear_sessions")
    assert run.state == State.SUCCEEDED, run.traceback
    return run


def left() -> set[int]:
    return set(JobRun.objects.exclude(kind="clear_sessions").values_list("pk", flat=True))


def test_old_runs_go_but_not_the_last_success_of_a_kind() -> None:
    old_run(200)
    old_run(120)
    last = old_run(91)
    other = old_run(300, kind="another")
    assert clear().counts["runs"] == 2
    assert left() == {last.pk, other.pk}


def test_runs_of_the_last_season_stay() -> None:
    kept = {old_run(days).pk for days in (89, 30, 1)}
    assert clear().counts["runs"] == 0
    assert left() == kept


def test_a_failure_that_waits_for_somebody_stays_and_none_begins_to_wait_again() -> None:
    waiting = old_run(200, state=State.FAILED, kind="import", args={"file": 1})
    old_run(190, state=State.FAILED, kind="import", args={"file": 2})
    old_run(189, kind="import", args={"file": 2})
    last = old_run(180, kind="import", args={"file": 3})
    before = set(open_failures())
    clear()
    assert left() == {waiting.pk, last.pk}
    assert set(open_failures()) == before == {waiting}


def test_work_that_is_not_over_stays() -> None:
    run = old_run(200, state=State.QUEUED, finished_at=None)
    clear()
    assert left() == {run.pk}


def test_processes_that_are_gone_are_forgotten() -> None:
    now = timezone.now()
    for host, days in (("gone", 8), ("here", 0)):
        Heartbeat.objects.create(role="worker", host=host, at=now - timedelta(days=days))
    assert clear().counts["processes"] == 1
    assert Heartbeat.objects.get().host == "here"
