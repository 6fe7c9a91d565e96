from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from landbureau.accounts.models import User
from landbureau.celery import app
from landbureau.jobs.models import Heartbeat, JobRun
from landbureau.jobs.rules import ZONE
from landbureau.jobs.selectors import open_failures, planned_jobs
from tests.factories import UserFactory, allow
from tests.jobs.factories import JobRunFactory

State = JobRun.State
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("examples")]


@pytest.fixture
def admin() -> User:
    return allow(UserFactory(name="周管理"), "view_jobs", "run_jobs")


@pytest.fixture
def client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    response = client.get(reverse(f"jobs:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def test_schedule_says_when_each_job_runs_next_and_last_succeeded(client: Client) -> None:
    at = datetime(2026, 11, 23, 2, 31, tzinfo=ZONE)
    JobRunFactory(state=State.SUCCEEDED, started_at=at, finished_at=at)
    with time_machine.travel(NOW, tick=False):
        client.force_login(User.objects.get())
        html = page(client, "runs")
    assert "每天 02:30" in html
    assert "2026-11-24 02:30" in html
    assert "2026-11-23 02:31" in html
    assert "立即运行" in html


def test_planned_jobs_know_the_newest_run_and_the_last_success() -> None:
    success = JobRunFactory(kind="one_row", state=State.SUCCEEDED, finished_at=NOW - timedelta(days=1))
    failure = JobRunFactory(kind="one_row", state=State.FAILED, finished_at=NOW)
    Heartbeat.objects.create(role="recovery", host="a", at=NOW)
    lines = {line.job.name: line for line in planned_jobs(NOW)}
    assert lines["one_row"].last_success == success.finished_at
    assert lines["one_row"].latest == failure
    assert lines["recover_runs"].last_success == NOW
    assert lines["nightly_backup"].last_success is None
    assert "batch" not in lines, "it has no time"


def test_without_the_permission_to_run_there_is_no_button() -> None:
    reader = allow(UserFactory(), "view_jobs")
    client = Client()
    client.force_login(reader)
    run = JobRunFactory(state=State.FAILED, traceback="Traceback: secret path")
    assert "立即运行" not in page(client, "runs")
    html = page(client, "run", run.pk)
    assert "重试" not in html
    assert "secret path" not in html


def test_list_is_filtered_by_kind_and_state(client: Client) -> None:
    JobRunFactory(kind="one_row", state=State.FAILED, error="第一种失败")
    JobRunFactory(kind="one_row", state=State.SUCCEEDED)
    JobRunFactory(kind="nightly_backup", state=State.FAILED, error="第二种失败")
    html = page(client, "runs", kind="one_row", state="failed")
    assert "第一种失败" in html
    assert "第二种失败" not in html
    assert "共 1 次运行" in html


def test_list_costs_the_same_for_one_run_and_for_twenty(
    client: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    JobRunFactory(state=State.SUCCEEDED, actor=UserFactory())
    page(client, "runs")  # fills the caches of content types
    with django_assert_max_num_queries(20) as one:
        page(client, "runs")
    for _ in range(19):
        JobRunFactory(state=State.SUCCEEDED, actor=UserFactory())
    with django_assert_num_queries(len(one)):
        page(client, "runs")


def test_run_at_work_polls_its_progress(client: Client) -> None:
    run = JobRunFactory(kind="batch", state=State.RUNNING, done=3, total=12, attempt=2)
    html = page(client, "run", run.pk)
    assert f'hx-get="{reverse("jobs:progress", args=[run.pk])}" hx-trigger="every 2s"' in html
    assert '<progress value="25" max="100"' in html
    assert "第 2 次执行" in html
    assert "刷新" in html, "for browsers without JavaScript"


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED])
def test_run_that_is_over_polls_no_more(client: Client, state: str) -> None:
    started = timezone.now()
    run = JobRunFactory(
        kind="batch",
        state=state,
        started_at=started,
        finished_at=started + timedelta(seconds=125),
        counts={"rows": 12345},
        log="10:00:00 全部完成\n",
    )
    html = page(client, "progress", run.pk)
    assert "hx-get" not in html
    assert "2 分 05 秒" in html
    assert "12,345" in html
    assert "全部完成" in html


def test_polling_does_not_keep_an_idle_session_alive(client: Client) -> None:
    run = JobRunFactory(state=State.RUNNING)
    address, start = reverse("jobs:progress", args=[run.pk]), timezone.now()
    for minutes, status in ((10, 200), (25, 200), (31, 302)):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert client.get(address).status_code == status


def test_start_queues_the_job_and_opens_its_run(client: Client, admin: User) -> None:
    Heartbeat.objects.create(role="worker", host="a", at=timezone.now())
    response = client.post(reverse("jobs:start", args=["one_row"]), follow=True)
    run = JobRun.objects.get(kind="one_row")
    assert response.redirect_chain[-1][0] == run.get_absolute_url()
    assert (run.trigger, run.actor) == ("person", admin)
    assert "“每日测试”已排队，很快开始。" in response.content.decode()


@pytest.mark.parametrize("silent_for", [None, 46])
def test_while_the_worker_is_dead_nothing_is_said_to_start_soon(
    client: Client, silent_for: int | None
) -> None:
    if silent_for:
        at = timezone.now() - timedelta(seconds=silent_for)
        Heartbeat.objects.create(role="worker", host="a", at=at)
    JobRunFactory(kind="batch", state=State.FAILED, args={})
    for name, args in (("start", ["one_row"]), ("retry", [JobRun.objects.get(kind="batch").pk])):
        response = client.post(reverse(f"jobs:{name}", args=args), follow=True)
        assert "排队。" in response.content.decode()
        assert "很快开始" not in response.content.decode()
    JobRun.objects.update(sent_at=timezone.now())
    html = page(client, "run", JobRun.objects.get(kind="one_row").pk)
    assert "后台处理已停止，恢复后自动执行" in html
    assert reverse("home:status") in html


def test_a_run_that_waits_for_a_living_worker_says_so(client: Client) -> None:
    Heartbeat.objects.create(role="worker", host="a", at=timezone.now())
    html = page(client, "progress", JobRunFactory(sent_at=timezone.now()).pk)
    assert "正在等待后台处理" in html
    assert "已停止" not in html


@pytest.mark.parametrize("kind", ["nonsense", "recover_runs", "batch"])
def test_only_jobs_of_the_schedule_can_be_started_here(client: Client, kind: str) -> None:
    assert client.post(reverse("jobs:start", args=[kind])).status_code == 404
    assert not JobRun.objects.exists()


def test_waiting_run_says_that_the_broker_is_down(
    client: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def send_task(*args: Any, **options: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(app, "send_task", send_task)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("jobs:start", args=["one_row"]))
    html = page(client, "run", JobRun.objects.get().pk)
    assert "消息还没有发出。后台恢复后会自动补发" in html


def test_retry_opens_the_new_run(client: Client) -> None:
    failed = JobRunFactory(kind="batch", state=State.FAILED)
    response = client.post(reverse("jobs:retry", args=[failed.pk]), follow=True)
    again = JobRun.objects.exclude(pk=failed.pk).get()
    assert response.redirect_chain[-1][0] == again.get_absolute_url()
    assert "“分批测试”已重新排队" in response.content.decode()


def test_retry_of_a_success_says_why_not(client: Client) -> None:
    run = JobRunFactory(state=State.SUCCEEDED)
    response = client.post(reverse("jobs:retry", args=[run.pk]), follow=True)
    assert "只有失败的任务可以重试" in response.content.decode()
    assert JobRun.objects.count() == 1


def test_failure_is_open_until_something_follows_it() -> None:
    first = JobRunFactory(kind="one_row", state=State.FAILED, args={}, slot=NOW)
    other_work = JobRunFactory(kind="one_row", state=State.FAILED, args={"id": 7})
    assert set(open_failures()) == {first, other_work}
    second = JobRunFactory(kind="one_row", state=State.FAILED, args={}, slot=NOW + timedelta(days=1))
    assert set(open_failures()) == {second, other_work}
    JobRunFactory(kind="one_row", state=State.SUCCEEDED, args={}, slot=NOW + timedelta(days=2))
    assert set(open_failures()) == {other_work}


def test_results_without_a_declared_name_are_shown_by_their_key() -> None:
    run = JobRunFactory.build(kind="batch", counts={"rows": 1, "other": 2})
    assert run.results == [("行数", 1), ("other", 2)]
    assert JobRunFactory.build(kind="gone", counts={"rows": 1}).results == [("rows", 1)]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "不到 1 秒"), (8, "8 秒"), (59.4, "59 秒"), (60, "1 分 00 秒"), (None, None)]
)
def test_duration_in_words(seconds: float | None, words: str | None) -> None:
    finished = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert JobRunFactory.build(started_at=NOW, finished_at=finished).duration == words
