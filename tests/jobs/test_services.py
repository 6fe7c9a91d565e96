"""Queueing, doing and picking up runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from landbureau.audit.models import Entry
from landbureau.celery import app
from landbureau.jobs import services
from landbureau.jobs.models import Heartbeat, JobRun
from landbureau.jobs.progress import LOG_LENGTH, LeaseLost, Progress, with_line
from landbureau.jobs.rules import ZONE
from landbureau.jobs.services import JobError, enqueue, execute, recover, retry, run_now, run_slot
from landbureau.jobs.tasks import tick
from tests.factories import UserFactory
from tests.jobs.factories import JobRunFactory

State, Trigger = JobRun.State, JobRun.Trigger
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
SIX = datetime(2026, 11, 23, 6, 0, tzinfo=ZONE)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("examples")]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids of the runs whose message was sent."""
    ids: list[int] = []

    def send_task(name: str, args: list[int], **options: Any) -> None:
        assert name == "landbureau.jobs.tasks.execute"
        ids.extend(args)

    monkeypatch.setattr(app, "send_task", send_task)
    return ids


@pytest.fixture
def broker_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def send_task(*args: Any, **options: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(app, "send_task", send_task)


def reload(run: JobRun) -> JobRun:
    return JobRun.objects.get(pk=run.pk)


def rows(prefix: str) -> int:
    return Entry.objects.filter(object_repr__startswith=prefix).count()


# --- Queueing ------------------------------------------------------------------------------------------


def test_message_is_sent_after_commit_only(sent: list[int], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = enqueue("batch", trigger=Trigger.PERSON, actor=UserFactory(), args={"name": "a", "steps": 1})
        assert sent == []
    assert sent == [run.pk]
    assert reload(run).sent_at is not None
    assert reload(run).state == State.QUEUED


def test_act_that_is_rolled_back_leaves_no_run(
    sent: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    def act() -> None:
        with transaction.atomic():
            enqueue("batch", trigger=Trigger.COMMAND)
            raise ValueError("act failed")

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ValueError, match="act failed"):
        act()
    assert sent == []
    assert not JobRun.objects.exists()


def test_a_person_who_starts_a_job_is_recorded() -> None:
    actor = UserFactory()
    run = enqueue("one_row", trigger=Trigger.PERSON, actor=actor)
    entry = Entry.objects.get(object_pk=str(run.pk), action=Entry.Action.BULK)
    assert entry.actor_id == actor.pk
    assert entry.object_repr == "启动后台任务：每日测试"


def test_second_click_gives_no_second_run() -> None:
    args = {"b": 2, "a": 1}
    first = enqueue("batch", trigger=Trigger.COMMAND, args=args)
    assert enqueue("batch", trigger=Trigger.COMMAND, args={"a": 1, "b": 2}) == first
    assert enqueue("batch", trigger=Trigger.COMMAND, args={"a": 2}) != first
    JobRun.objects.filter(pk=first.pk).update(state=State.RUNNING)
    assert enqueue("batch", trigger=Trigger.COMMAND, args=args) == first
    JobRun.objects.filter(pk=first.pk).update(state=State.SUCCEEDED)
    assert enqueue("batch", trigger=Trigger.COMMAND, args=args) != first


def test_one_slot_gives_one_run_for_ever() -> None:
    first = enqueue("one_row", trigger=Trigger.BEAT, slot=SIX)
    JobRun.objects.update(state=State.FAILED)
    assert enqueue("one_row", trigger=Trigger.BEAT, slot=SIX) == first
    assert JobRun.objects.count() == 1


def test_undeclared_job_is_refused() -> None:
    with pytest.raises(JobError, match="没有名为“nonsense”的后台任务"):
        enqueue("nonsense", trigger=Trigger.COMMAND)


@pytest.mark.usefixtures("broker_is_down")
def test_run_waits_when_the_broker_is_down(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = enqueue("one_row", trigger=Trigger.COMMAND)
    assert reload(run).state == State.QUEUED
    assert reload(run).sent_at is None


def test_the_database_refuses_two_of_a_kind_at_work() -> None:
    JobRunFactory(state=State.RUNNING)
    with pytest.raises(IntegrityError), transaction.atomic():
        JobRunFactory(state=State.RUNNING)


# --- Doing ----------------------------------------------------------------------------------------------


def test_run_is_done_and_its_result_kept(sent: list[int]) -> None:
    run = JobRunFactory(kind="batch", args={"name": "step", "steps": 3})
    with time_machine.travel(NOW, tick=False):
        execute(run.pk)
    run = reload(run)
    assert run.state == State.SUCCEEDED
    assert (run.done, run.total, run.attempt) == (3, 3, 1)
    assert run.results == [("行数", 3)]
    assert run.log == "10:00:00 全部完成\n"
    assert run.started_at == run.finished_at == NOW
    assert run.lease_until is None
    assert rows("step") == 3


def test_message_that_comes_twice_does_nothing_the_second_time(sent: list[int]) -> None:
    run = JobRunFactory(kind="one_row")
    execute(run.pk)
    execute(run.pk)
    assert rows("run ") == 1
    assert reload(run).attempt == 1


def test_message_of_a_run_that_is_gone_does_nothing() -> None:
    execute(4711)


def test_second_run_of_a_kind_waits_and_follows(sent: list[int]) -> None:
    at_work = JobRunFactory(kind="batch", state=State.RUNNING, attempt=1)
    waits = JobRunFactory(kind="batch", args={"name": "second", "steps": 1})
    execute(waits.pk)
    assert reload(waits).state == State.QUEUED
    assert rows("second") == 0

    JobRun.objects.filter(pk=at_work.pk).update(state=State.QUEUED, args={"name": "first", "steps": 1})
    execute(at_work.pk)
    assert sent == [waits.pk], "the one that ends sends the next"
    execute(waits.pk)
    assert reload(waits).state == State.SUCCEEDED


def test_refusal_is_told_in_the_words_of_the_app(caplog: pytest.LogCaptureFixture) -> None:
    run = JobRunFactory(kind="refuses")
    execute(run.pk)
    run = reload(run)
    assert (run.state, run.error) == (State.FAILED, "名单是空的")
    assert "run" in caplog.text


def test_unexpected_error_is_kept_with_its_traceback() -> None:
    run = JobRunFactory(kind="breaks")
    execute(run.pk)
    run = reload(run)
    assert run.state == State.FAILED
    assert run.error == "程序出错（ZeroDivisionError：division by zero）"
    assert "in breaks" in run.traceback
    assert run.finished_at is not None


def test_long_error_is_cut_to_the_column() -> None:
    assert len(services.summary_of(ValueError("长" * 500))) == 300


def test_run_of_a_job_that_is_no_longer_declared_fails() -> None:
    run = JobRunFactory(kind="old_job")
    execute(run.pk)
    assert reload(run).error == "没有名为“old_job”的后台任务"
    assert run.title == "old_job"


def test_log_keeps_its_end() -> None:
    log = ""
    for _ in range(30):
        log = with_line(log, "很长的一行" * 200)
    assert len(log) == LOG_LENGTH
    assert with_line(log, "最后").endswith(" 最后\n")


# --- Commands -------------------------------------------------------------------------------------------


def test_command_does_the_run_here_and_now(sent: list[int]) -> None:
    run = run_now("batch", args={"name": "command", "steps": 2})
    assert (run.state, run.trigger, run.counts) == (State.SUCCEEDED, Trigger.COMMAND, {"rows": 2})
    assert rows("command") == 2
    assert sent == []


def test_command_is_refused_while_the_same_kind_is_at_work() -> None:
    JobRunFactory(kind="batch", state=State.RUNNING)
    with pytest.raises(JobError, match="“分批测试”正在运行"):
        run_now("batch", args={"name": "x", "steps": 1})
    assert JobRun.objects.count() == 1, "and leaves no row behind"


def test_command_takes_over_the_same_work_that_waits() -> None:
    waiting = enqueue("batch", trigger=Trigger.COMMAND, args={"name": "x", "steps": 1})
    assert run_now("batch", args={"name": "x", "steps": 1}) == waiting
    assert rows("x ") == 1


def test_command_that_its_user_stops_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(run: Progress) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tests.jobs.examples.one_row", stop)
    with pytest.raises(KeyboardInterrupt):
        run_now("one_row")
    run = JobRun.objects.get()
    assert (run.state, run.error) == (State.FAILED, "执行被中断")


def test_run_now_returns_a_failure_too() -> None:
    assert run_now("refuses").error == "名单是空的"


# --- Retrying ---------------------------------------------------------------------------------------------


def test_retry_is_a_new_run_of_the_same_work() -> None:
    failed = JobRunFactory(kind="batch", state=State.FAILED, args={"name": "x"})
    actor = UserFactory()
    again = retry(failed, actor=actor)
    assert again != failed
    assert (again.kind, again.args, again.actor, again.trigger) == ("batch", {"name": "x"}, actor, "person")
    assert reload(failed).state == State.FAILED


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.SUCCEEDED])
def test_only_a_failed_run_is_retried(state: str) -> None:
    with pytest.raises(JobError, match="只有失败的任务可以重试"):
        retry(JobRunFactory(state=state), actor=UserFactory())


# --- Leases -----------------------------------------------------------------------------------------------


def lost_run(attempt: int = 1, **values: Any) -> JobRun:
    """At work according to its row, but its lease is over."""
    ended = timezone.now() - timedelta(seconds=1)
    return JobRunFactory(kind="batch", state=State.RUNNING, attempt=attempt, lease_until=ended, **values)


def test_run_whose_worker_died_is_queued_again_and_sent(sent: list[int]) -> None:
    run = lost_run(done=2, args={"name": "again", "steps": 5})
    recover()
    run = reload(run)
    assert run.state == State.QUEUED
    assert "第 1 次执行中断" in run.log
    assert run.pk in sent

    execute(run.pk)
    run = reload(run)
    assert (run.state, run.attempt) == (State.SUCCEEDED, 2)
    assert rows("again") == 3, "it goes on where it was interrupted"


def test_run_at_work_is_left_alone(sent: list[int]) -> None:
    run = JobRunFactory(
        kind="batch", state=State.RUNNING, attempt=1, lease_until=timezone.now() + timedelta(seconds=1)
    )
    recover()
    assert reload(run).state == State.RUNNING
    assert run.pk not in sent


def test_run_that_kills_every_worker_fails_in_the_end(sent: list[int], settings: Any) -> None:
    run = lost_run(attempt=settings.JOBS_ATTEMPTS)
    recover()
    run = reload(run)
    assert run.state == State.FAILED
    assert run.error == "执行 3 次均被中断（后台进程停止或超过时限）"
    assert run.pk not in sent


def test_worker_that_comes_back_too_late_can_write_nothing(sent: list[int]) -> None:
    run = lost_run(args={"name": "late", "steps": 5})
    zombie = Progress(run)
    recover()
    execute(run.pk)  # the second attempt does it all
    for write in (
        lambda: zombie.progress(1),
        lambda: zombie.note("x"),
        lambda: zombie.end(State.FAILED),
        zombie.extend_lease,
    ):
        with pytest.raises(LeaseLost):
            write()
    assert reload(run).state == State.SUCCEEDED
    assert rows("late") == 5


def test_batch_of_a_lost_lease_is_rolled_back(monkeypatch: pytest.MonkeyPatch, sent: list[int]) -> None:
    run = JobRunFactory(kind="batch", args={"name": "rolled", "steps": 3})
    steps = iter([None, lambda: JobRun.objects.filter(pk=run.pk).update(state=State.QUEUED)])

    def pause(seconds: float) -> None:
        if rob := next(steps):
            rob()

    monkeypatch.setattr("tests.jobs.examples.sleep", pause)
    execute(run.pk)
    assert reload(run).state == State.QUEUED, "neither succeeded nor failed"
    assert rows("rolled") == 1
    monkeypatch.undo()
    execute(run.pk)
    assert sorted(
        Entry.objects.filter(object_repr__startswith="rolled").values_list("object_repr", flat=True)
    ) == [
        "rolled 0",
        "rolled 1",
        "rolled 2",
    ]


# --- The minute's upkeep -----------------------------------------------------------------------------------


def test_slot_that_beat_missed_is_made_up_once(sent: list[int]) -> None:
    with time_machine.travel(NOW, tick=False):
        recover()
        recover()
    run = JobRun.objects.get(kind="one_row")
    assert (run.slot, run.trigger) == (SIX, Trigger.BEAT)
    assert not JobRun.objects.filter(kind="recover_runs").exists()


def test_message_that_was_lost_is_sent_again_after_a_while(sent: list[int], settings: Any) -> None:
    now = timezone.now()
    lost = JobRunFactory(kind="batch", sent_at=now - timedelta(seconds=settings.JOBS_RESEND + 1))
    never_sent = JobRunFactory(kind="refuses", sent_at=None)
    fresh = JobRunFactory(kind="breaks", sent_at=now)
    recover()
    assert {lost.pk, never_sent.pk} <= set(sent)
    assert fresh.pk not in sent
    sent.clear()
    recover()
    assert lost.pk not in sent


def test_run_that_waits_for_its_own_kind_is_not_sent(sent: list[int]) -> None:
    JobRunFactory(
        kind="batch", state=State.RUNNING, attempt=1, lease_until=timezone.now() + timedelta(seconds=60)
    )
    waits = JobRunFactory(kind="batch")
    recover()
    assert waits.pk not in sent


@pytest.mark.usefixtures("broker_is_down")
def test_upkeep_goes_on_without_a_broker() -> None:
    run = lost_run()
    recover()
    assert reload(run).state == State.QUEUED
    assert Heartbeat.objects.filter(role="recovery").exists()


def test_sign_of_life_is_one_row_that_moves() -> None:
    for moment in (NOW, NOW + timedelta(minutes=1)):
        with time_machine.travel(moment, tick=False):
            services.sign_of_life(Heartbeat.Role.WORKER, "celery@host")
    beat = Heartbeat.objects.get()
    assert beat.at == NOW + timedelta(minutes=1)
    assert str(beat) == "后台处理 celery@host"


# --- Ticks ------------------------------------------------------------------------------------------------


def test_tick_queues_the_slot_of_its_job() -> None:
    with time_machine.travel(NOW, tick=False):
        tick("one_row")
        tick("one_row")
    assert JobRun.objects.get().slot == SIX


def test_tick_of_the_upkeep_leaves_no_run(sent: list[int], settings: Any) -> None:
    settings.JOBS = settings.JOBS[:1]
    tick("recover_runs")
    assert not JobRun.objects.exists()


def test_job_without_a_time_has_no_slot() -> None:
    with pytest.raises(JobError, match="“总是出错”没有定时"):
        run_slot(services.job_of("breaks"), NOW)
