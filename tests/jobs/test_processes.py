"""Real workers and beats, killed and robbed, on the broker of this run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import environ
import pytest
import redis
from django.db import connections
from django.db.models import QuerySet

from landbureau.audit.models import Entry
from landbureau.jobs.models import JobRun

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]
ALIAS = "scratch"


class Installation:
    """A migrated installation of its own, whose processes a test starts and kills."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env | {"DJANGO_SETTINGS_MODULE": "tests.settings_processes", "PYTHONPATH": str(ROOT)}
        self.logs = Path(env["DATA_DIR"]) / "logs"
        self.started: list[subprocess.Popen[bytes]] = []
        assert self.manage("migrate", "-v0").returncode == 0
        self.logs.mkdir(parents=True)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=120)

    def enqueue(self, **args: Any) -> None:
        code = "from landbureau.jobs.services import enqueue; "
        code += f"enqueue('batch', trigger='command', args={args!r})"
        done = self.manage("shell", "-c", code)
        assert done.returncode == 0, done.stderr

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """In a group of its own, as under systemd."""
        log = (self.logs / f"{len(self.started)}-{command[0]}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "landbureau", *command, "-l", "INFO"],
            cwd=ROOT,
            env=self.env,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self.start("worker", "-c", "2")

    def start_beat(self) -> subprocess.Popen[bytes]:
        return self.start("beat", "--pidfile", "")

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                self.kill(process)

    def empty_broker(self) -> None:
        if self.env.get("REDIS_URL"):
            with redis.Redis.from_url(self.env["REDIS_URL"]) as server:
                server.flushdb()
            return
        for message in (Path(self.env["DATA_DIR"]) / "broker").glob("*.msg"):
            message.unlink(missing_ok=True)

    def waiting_messages(self) -> int:
        if self.env.get("REDIS_URL"):
            with redis.Redis.from_url(self.env["REDIS_URL"]) as server:
                return int(server.llen("celery"))  # type: ignore[arg-type]
        return len(list((Path(self.env["DATA_DIR"]) / "broker").glob("*.celery.msg")))

    @property
    def runs(self) -> QuerySet[JobRun]:
        return JobRun.objects.using(ALIAS)

    def rows(self, prefix: str) -> list[str]:
        """What the test jobs wrote."""
        return list(
            Entry.objects.using(ALIAS)
            .filter(object_repr__startswith=prefix)
            .values_list("object_repr", flat=True)
        )

    def wait(self, what: str, true: Callable[[], bool], seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                logs = "\n".join(f"--- {log.name}\n{log.read_text()[-3000:]}" for log in self.logs.iterdir())
                pytest.fail(f"{what}: not within {seconds} s\n{list(self.runs.values())}\n{logs}")
            time.sleep(0.1)


@pytest.fixture
def place(scratch_env: dict[str, str], django_db_blocker: Any) -> Iterator[Installation]:
    """The installation; its database can be read as ``using("scratch")``."""
    installation = Installation(scratch_env)
    url = scratch_env.get("DATABASE_URL") or f"sqlite:///{scratch_env['DATA_DIR']}/db.sqlite3"
    connections.settings[ALIAS] = connections.settings["default"] | environ.Env.db_url_config(url)
    try:
        with django_db_blocker.unblock():
            yield installation
    finally:
        installation.end()
        connections[ALIAS].close()
        del connections[ALIAS], connections.settings[ALIAS]


def done(place: Installation, name: str) -> int:
    return sum(run.done for run in place.runs.filter(args__name=name))


def test_worker_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing(place: Installation) -> None:
    place.start_beat()
    worker = place.start_worker()
    place.enqueue(name="killed", steps=30, pause=0.1)
    place.wait("a part of the batch", lambda: done(place, "killed") >= 5)

    place.kill(worker)
    run = place.runs.get(kind="batch")
    assert run.state == JobRun.State.RUNNING
    assert 5 <= run.done < 30
    assert len(place.rows("killed")) == run.done

    time.sleep(7)  # three signs of life are missing
    answer = place.manage("status", "--format", "json")
    assert answer.returncode == 1
    status = json.loads(answer.stdout)
    assert status["worker"]["ok"] is False
    assert status["beat"]["ok"] is True
    assert status["broker"]["ok"] is True
    assert "后台处理：停止，自" in place.manage("status").stderr

    place.start_worker()
    place.wait("the end of the batch", lambda: place.runs.get(kind="batch").state == "succeeded")
    run = place.runs.get(kind="batch")
    assert run.attempt == 2
    assert "第 1 次执行中断" in run.log
    assert run.counts == {"rows": 30}
    assert sorted(place.rows("killed")) == sorted(f"killed {step}" for step in range(30))
    answer = place.manage("status", "--format", "json")
    assert json.loads(answer.stdout)["worker"]["ok"] is True
    assert answer.returncode == 0


def test_work_is_done_once_although_the_broker_was_emptied(place: Installation) -> None:
    names = ["waits", "works", "comes later"]
    place.enqueue(name="waits", steps=3)
    assert place.waiting_messages() == 1
    place.empty_broker()
    assert place.waiting_messages() == 0

    place.start_worker()
    place.start_beat()
    place.wait("the run whose message was lost", lambda: done(place, "waits") == 3)

    place.enqueue(name="works", steps=10, pause=0.2)
    place.wait("a part of the next", lambda: done(place, "works") >= 2)
    place.empty_broker()  # under the feet of worker and beat
    place.enqueue(name="comes later", steps=3)
    place.wait(
        "the end of all", lambda: place.runs.filter(kind="batch", state="succeeded").count() == len(names)
    )
    for name, steps in zip(names, (3, 10, 3), strict=True):
        assert sorted(place.rows(name)) == sorted(f"{name} {step}" for step in range(steps))
    assert set(place.runs.filter(kind="batch").values_list("attempt", flat=True)) == {1}


def test_two_beats_give_one_run_per_slot(place: Installation) -> None:
    place.start_beat()
    place.start_beat()
    place.start_worker()
    ticks = place.runs.filter(kind="each_minute")
    place.wait("a run of this minute", lambda: ticks.filter(state="succeeded").exists())
    time.sleep(4)  # some eight more ticks

    slots = Counter(ticks.values_list("slot", flat=True))
    assert set(slots.values()) == {1}
    assert all(slot.second == 0 for slot in slots)
    place.wait("the end of all", lambda: not ticks.exclude(state="succeeded").exists())
    assert Counter(place.rows("run ")) == Counter(f"run {run.pk}" for run in ticks)
    sent = sum("recover_runs" in log.read_text() for log in place.logs.glob("*-beat.log"))
    assert sent == 2, "both beats were at work"
