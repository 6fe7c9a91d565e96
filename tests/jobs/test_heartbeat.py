"""Signs of life of worker and beat; the lease of a run at work."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError

from landbureau.celery import app
from landbureau.jobs import heartbeat
from landbureau.jobs.heartbeat import HeartbeatScheduler, WorkerHeartbeat
from landbureau.jobs.models import Heartbeat, JobRun
from landbureau.jobs.services import execute, recover
from tests.jobs.factories import JobRunFactory


class FakeTimer:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.cancelled = False

    def call_repeatedly(self, *call: Any) -> FakeTimer:
        self.calls.append(call)
        return self

    def cancel(self) -> None:
        self.cancelled = True


@pytest.mark.django_db(transaction=True)
def test_worker_writes_at_its_start_and_then_by_its_timer(settings: Any) -> None:
    worker = SimpleNamespace(hostname="celery@a", timer=FakeTimer())
    step = WorkerHeartbeat(worker)
    step.start(worker)
    assert Heartbeat.objects.get().host == "celery@a"
    seconds, call, arguments = worker.timer.calls[0]
    assert seconds == settings.JOBS_HEARTBEAT
    assert (call, arguments) == (heartbeat.write, ("worker", "celery@a"))
    step.stop(worker)
    assert worker.timer.cancelled
    step.stop(worker)  # a worker that is stopped twice


def test_every_worker_has_the_step() -> None:
    assert WorkerHeartbeat in app.steps["worker"]


def test_database_that_does_not_answer_does_not_end_the_process(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(role: str, host: str) -> None:
        raise DatabaseError("connection refused")

    monkeypatch.setattr("landbureau.jobs.services.sign_of_life", refuse)
    monkeypatch.setattr(heartbeat.connection, "close", lambda: None)
    heartbeat.write("worker", "celery@a")
    assert "no sign of life of worker" in caplog.text


def test_beat_writes_once_an_interval(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    written: list[tuple[str, str]] = []
    monkeypatch.setattr(heartbeat, "write", lambda *what: written.append(what))
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("landbureau.jobs.heartbeat.monotonic", lambda: clock.now)
    scheduler = HeartbeatScheduler(app=app, schedule_filename="", lazy=True)
    monkeypatch.setattr(HeartbeatScheduler, "schedule", {})
    assert scheduler.tick() == settings.CELERY_BEAT_MAX_LOOP_INTERVAL
    scheduler.tick()
    assert len(written) == 1
    clock.now += settings.JOBS_HEARTBEAT
    scheduler.tick()
    assert [role for role, _ in written] == ["beat", "beat"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("examples")
def test_long_step_without_a_report_keeps_its_lease(settings: Any) -> None:
    settings.JOBS_LEASE = 0.4
    run = JobRunFactory(kind="sleeps", args={"seconds": 1.2})
    seen: list[str] = []
    nap = time.sleep

    def look(seconds: float) -> None:
        nap(seconds)
        recover()  # as another worker would
        seen.append(JobRun.objects.get(pk=run.pk).state)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.jobs.examples.sleep", look)
        execute(run.pk)
    assert seen == [JobRun.State.RUNNING]
    run = JobRun.objects.get(pk=run.pk)
    assert (run.state, run.attempt) == (JobRun.State.SUCCEEDED, 1)
