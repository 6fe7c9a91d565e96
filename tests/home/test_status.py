"""The status page and ``manage.py status``: what is down, since when, what to do."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from landbureau.documents.models import Document, Step
from landbureau.home import status
from landbureau.home.management.commands import status as command
from landbureau.home.status import DOWN, OK, UNKNOWN, WARNING, Sign, ago, clock, collect, document
from landbureau.jobs.models import Heartbeat, JobRun
from landbureau.jobs.rules import ZONE
from supervision.supply.models import Sweep
from tests.documents.factories import make_issued
from tests.factories import UserFactory, allow
from tests.jobs.factories import JobRunFactory

NOW = datetime(2026, 11, 23, 10, 33, tzinfo=ZONE)
KEYS = {
    "database",
    "broker",
    "worker",
    "beat",
    "last_sweep",
    "last_backup",
    "pending_documents",
    "failed_jobs",
    "disk",
    "migrations",
}


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.DATA_DIR = tmp_path


def alive(*, worker: int = 3, beat: int = 3) -> None:
    """Signs of life so many seconds before ``NOW``."""
    Heartbeat.objects.create(role="worker", host="celery@a", at=NOW - timedelta(seconds=worker))
    Heartbeat.objects.create(role="beat", host="a", at=NOW - timedelta(seconds=beat))


def signs() -> dict[str, Sign]:
    return {sign.key: sign for sign in collect(NOW)}


@pytest.mark.django_db
class TestParts:
    def test_all_is_well(self) -> None:
        alive()
        JobRunFactory(state=JobRun.State.SUCCEEDED, finished_at=NOW - timedelta(hours=3))
        Sweep.objects.create(on=NOW.date(), seconds=1.0)
        Sweep.objects.update(began_at=NOW - timedelta(hours=4))
        found = signs()
        assert {sign.state for sign in found.values()} == {OK}, found
        assert found["last_backup"].text == "最近一次：3 小时前（07:33）"
        assert found["worker"].text == "最近响应：刚刚"
        assert not any(sign.advice for sign in found.values())

    def test_worker_that_was_killed_is_down_within_a_minute(self) -> None:
        alive(worker=60)
        sign = signs()["worker"]
        assert (sign.state, sign.colour) == (DOWN, "red")
        assert sign.title + sign.text == "后台处理停止，自 10:32 起无响应"
        assert "重新启动后台处理" in sign.advice
        assert signs()["beat"].state == OK

    def test_one_worker_of_two_is_enough(self) -> None:
        alive(worker=600)
        Heartbeat.objects.create(role="worker", host="celery@b", at=NOW)
        assert signs()["worker"].state == OK

    def test_beat_that_never_started_is_down(self) -> None:
        sign = signs()["beat"]
        assert (sign.state, sign.text, sign.value) == (DOWN, "没有启动过", {"ok": False, "last_seen": None})

    def test_old_backup_is_a_warning_but_nothing_is_down(self) -> None:
        JobRunFactory(state=JobRun.State.SUCCEEDED, finished_at=NOW - timedelta(hours=27))
        sign = signs()["last_backup"]
        assert (sign.state, sign.text) == (WARNING, "最近一次：1 天前（11-22 07:33）")
        assert not sign.is_down

    def test_newest_backup_of_the_folder_counts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = SimpleNamespace(manifest=SimpleNamespace(created_at=NOW - timedelta(minutes=5)))
        monkeypatch.setattr(status, "latest_backup", lambda: made)
        assert signs()["last_backup"].text == "最近一次：5 分钟前（10:28）"

    def test_failed_jobs_are_counted(self) -> None:
        JobRunFactory(state=JobRun.State.FAILED)
        sign = signs()["failed_jobs"]
        assert (sign.state, sign.value, sign.text) == (WARNING, 1, "1 项失败，尚未重试成功")

    def test_work_under_way_is_counted(self) -> None:
        JobRunFactory(state=JobRun.State.QUEUED)
        JobRunFactory(state=JobRun.State.RUNNING)
        assert signs()["waiting_jobs"].text == "运行中 1 项，排队 1 项"

    def test_work_that_waits_for_a_dead_worker_is_a_warning(self) -> None:
        alive(worker=60)
        assert signs()["waiting_jobs"].state == OK
        JobRunFactory(state=JobRun.State.QUEUED)
        sign = signs()["waiting_jobs"]
        assert (sign.state, sign.word) == (WARNING, "注意")
        assert "恢复后自动执行" in sign.advice
        Heartbeat.objects.create(role="worker", host="celery@b", at=NOW)
        assert signs()["waiting_jobs"].state == OK

    @pytest.mark.parametrize(("percent", "state"), [(1, DOWN), (5, WARNING), (50, OK)])
    def test_disk(self, percent: int, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
        usage = SimpleNamespace(free=percent * 10**9, total=100 * 10**9)
        monkeypatch.setattr("landbureau.home.status.shutil.disk_usage", lambda folder: usage)
        sign = signs()["disk"]
        assert sign.state == state
        assert sign.text == f"剩余 {percent}.0 GB（{percent}.0%）"
        assert sign.value["ok"] is (state != DOWN)

    def test_missing_migration_is_down_and_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        known = status.known_migrations() | {("jobs", "0099_later")}
        monkeypatch.setattr(status, "known_migrations", lambda: known)
        sign = signs()["migrations"]
        assert (sign.state, sign.value) == (DOWN, {"ok": False, "missing": ["jobs.0099_later"]})

    def test_broker_that_does_not_answer_is_down(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(status, "broker_answers", lambda: False)
        sign = signs()["broker"]
        assert sign.state == DOWN
        assert sign.value["waiting"] is None
        assert "恢复后自动补发" in sign.advice

    def test_messages_in_the_folder_are_counted(self, settings: Any, tmp_path: Path) -> None:
        settings.REDIS_URL = ""
        folder = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path)}
        settings.CELERY_BROKER_TRANSPORT_OPTIONS = folder
        (tmp_path / "1_a.celery.msg").touch()
        (tmp_path / "2_b.part").touch()
        assert signs()["broker"].value == {"ok": True, "kind": "folder", "waiting": 1}

    def test_part_that_breaks_does_not_keep_the_others_from_answering(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(now: datetime) -> None:
            raise OperationalError("server closed the connection")

        monkeypatch.setattr(status, "last_successes", broken)
        alive()
        found = signs()
        assert found["last_backup"].state == UNKNOWN
        assert found["last_backup"].value is None
        assert found["worker"].state == OK

    def test_document_that_waits_for_its_pdf_is_counted_and_soon_a_warning(self) -> None:
        document = make_issued()
        with time_machine.travel(NOW - timedelta(minutes=9), tick=False):
            document.steps.create(action=Step.Action.ISSUED)
        sign = signs()["pending_documents"]
        assert (sign.state, sign.value, sign.text) == (OK, 1, "1 份已印发，正本尚未生成")
        assert status.document(collect(NOW))["pending_documents"] == 1
        waiting = make_issued()
        with time_machine.travel(NOW - timedelta(minutes=11), tick=False):
            waiting.steps.create(action=Step.Action.ISSUED)
        sign = signs()["pending_documents"]
        assert (sign.state, sign.text) == (WARNING, "2 份已印发，正本尚未生成，其中 1 份超过 10 分钟")
        assert "后台处理" in sign.advice
        Document.objects.update(sha256="0" * 64, pages=2)
        sign = signs()["pending_documents"]
        assert (sign.state, sign.value, sign.text) == (OK, 0, "没有")

    def test_the_last_sweep_is_told_with_its_seconds_and_a_release_is_none(self) -> None:
        assert (signs()["last_sweep"].state, signs()["last_sweep"].text) == (WARNING, "还没有扫描")
        run = Sweep.objects.create(on=NOW.date(), seconds=1.25, created={"payment_demand": 2, "visit_due": 1})
        Sweep.objects.filter(pk=run.pk).update(began_at=NOW - timedelta(hours=3))
        released = Sweep.objects.create(on=NOW.date(), created={"payment_demand": 9})
        Sweep.objects.filter(pk=released.pk).update(began_at=NOW)
        sign = signs()["last_sweep"]
        assert sign.state == OK
        assert "用时 1.2 秒，新增 3 项" in sign.text
        assert status.document(collect(NOW))["last_sweep"] == NOW - timedelta(hours=3)
        Sweep.objects.update(began_at=NOW - timedelta(hours=27))
        assert signs()["last_sweep"].state == WARNING

    def test_scripts_get_the_keys_of_the_contract(self) -> None:
        answer = document(collect(NOW))
        assert answer.keys() == KEYS
        assert answer["last_sweep"] is None, "there was none"
        assert answer["pending_documents"] == 0
        assert answer["failed_jobs"] == 0
        assert answer["database"]["ok"] is True
        assert all(answer[key]["ok"] in (True, False) for key in status.CAN_BE_DOWN)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=59), "刚刚"),
        (timedelta(seconds=-5), "刚刚"),
        (timedelta(minutes=59), "59 分钟前"),
        (timedelta(hours=3, minutes=59), "3 小时前"),
        (timedelta(days=2, hours=23), "2 天前"),
    ],
)
def test_age_in_words(before: timedelta, words: str) -> None:
    assert ago(NOW - before, NOW) == words


def test_clock_names_the_day_when_it_is_another() -> None:
    assert clock(NOW, NOW) == "10:33"
    assert clock(NOW - timedelta(days=1), NOW) == "11-22 10:33"


# --- The command: a thread of its own, so it needs rows that are committed --------------------------------


def run_command(*arguments: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        with time_machine.travel(NOW, tick=False):
            call_command("status", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), err.getvalue()


@pytest.mark.django_db(transaction=True)
def test_command_exits_0_when_all_is_well() -> None:
    alive()
    code, out, _ = run_command("--format", "json")
    assert code == 0
    assert json.loads(out)["worker"] == {"ok": True, "last_seen": "2026-11-23T10:32:57+08:00"}
    code, out, _ = run_command()
    assert code == 0
    assert "正常　后台处理：最近响应：刚刚" in out


@pytest.mark.django_db(transaction=True)
def test_command_exits_1_and_says_what_is_down() -> None:
    alive(worker=61)
    code, out, said = run_command("--format", "json")
    assert code == 1
    assert json.loads(out)["worker"]["ok"] is False
    assert "故障　后台处理：停止，自 10:31 起无响应" in said
    assert "请重新启动后台处理" in said


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hangs", ["disk_usage", "database"])
def test_command_answers_in_time_whatever_hangs(hangs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    over = time.monotonic() + 3

    def wait(*args: object) -> None:
        time.sleep(max(0, over - time.monotonic()))

    if hangs == "disk_usage":
        monkeypatch.setattr("landbureau.home.status.shutil.disk_usage", wait)
    else:
        monkeypatch.setattr("landbureau.home.status.last_sign_of_life", wait)
    monkeypatch.setattr(command, "collect_within", lambda now: status.collect_within(now, seconds=0.5))
    started = time.monotonic()
    code, out, said = run_command("--format", "json")
    assert time.monotonic() - started < 2
    assert code == 1
    answer = json.loads(out)
    assert answer.keys() == KEYS
    assert answer["worker"] == {"ok": False}
    assert answer["disk"]["ok"] is (hangs == "database")
    assert "没有回答　后台处理" in said
    time.sleep(max(0, over - time.monotonic()) + 0.3)  # the thread ends before the database is emptied


# --- The page -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_page_shows_what_is_down_since_when_and_what_to_do() -> None:
    alive(worker=61)
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(allow(UserFactory(), "view_jobs"))
        html = client.get(reverse("home:status")).content.decode()
    assert "后台处理停止，自 10:31 起无响应。" in html
    assert "请重新启动后台处理" in html
    assert 'class="lb-state lb-state-red">故障' in html
    assert f'hx-get="{reverse("home:status_parts")}" hx-trigger="every 15s"' in html


@pytest.mark.django_db(transaction=True)
def test_page_says_that_all_is_well() -> None:
    alive()
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(allow(UserFactory(), "view_jobs"))
        html = client.get(reverse("home:status_parts")).content.decode()
    assert "各部分运行正常。" in html
    assert "<html" not in html


@pytest.mark.django_db(transaction=True)
def test_page_answers_in_time_whatever_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    over = time.monotonic() + 2
    monkeypatch.setattr(status, "broker_answers", lambda: time.sleep(max(0, over - time.monotonic())))
    monkeypatch.setattr(status.collect_within, "__defaults__", (0.3,))
    client = Client()
    client.force_login(allow(UserFactory(), "view_jobs"))
    started = time.monotonic()
    html = client.get(reverse("home:status_parts")).content.decode()
    assert time.monotonic() - started < 1.5
    assert "没有回答" in html
    time.sleep(max(0, over - time.monotonic()) + 0.3)  # the thread ends before the database is emptied
