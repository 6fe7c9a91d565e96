"""``make demo`` with its real processes, in a folder with spaces."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ops.conftest import script

demo = script("demo")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A ``make demo`` and what it says."""

    def __init__(self, program: Path, env: dict[str, str]) -> None:
        self.program, self.said = program, program.parent / f"said-{time.monotonic_ns()}"
        self.port = env["PORT"]
        with self.said.open("wb") as output:
            self.make = subprocess.Popen(
                ["make", "demo"],
                cwd=program,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def text(self) -> str:
        return self.said.read_text(encoding="utf-8")

    def wait_for(self, condition: Callable[[], bool], seconds: float = 180) -> float:
        began = time.monotonic()
        while not condition():
            waited = time.monotonic() - began
            assert waited < seconds, f"not within {seconds} s; it said:\n{self.text()}"
            time.sleep(0.1)
        return time.monotonic() - began

    def processes(self) -> dict[int, str]:
        """Pid and command of every process of this copy."""
        found = {}
        for folder in Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and (folder / "cwd").resolve() == self.program:
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    if command:  # a zombie has none
                        found[int(folder.name)] = command
            except OSError:
                continue
        return found

    def pid_of(self, word: str) -> int:
        return min(pid for pid, command in self.processes().items() if word in command)

    def ready(self) -> float:
        return self.wait_for(lambda: "演示已就绪" in self.text())

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code


@pytest.fixture
def make_demo(
    program: Path, scratch_env: dict[str, str], plain_env: dict[str, str]
) -> Iterator[Callable[..., Running]]:
    env = plain_env | {k: v for k, v in scratch_env.items() if k in ("DATABASE_URL", "REDIS_URL")}
    started: list[Running] = []

    def start(**changes: str) -> Running:
        running = Running(program, env | {"PORT": str(free_port())} | changes)
        started.append(running)
        return running

    yield start
    for running in started:
        if running.make.poll() is None:
            running.make.terminate()
            running.make.wait(15)


@pytest.mark.processes
def test_demo_serves_keeps_its_data_and_ends_whole(make_demo: Callable[..., Running]) -> None:
    first = make_demo()
    first.ready()
    said = first.text()
    assert f"http://127.0.0.1:{first.port}" in said
    assert "演示账号" in said
    assert first.status("/accounts/login/") == 200
    assert first.status("/readyz") == 200

    second = make_demo()
    assert second.make.wait(30) != 0
    assert f"演示已经在运行：http://127.0.0.1:{first.port}" in second.text()

    os.kill(first.pid_of("celery --app landbureau --quiet worker"), signal.SIGKILL)
    first.wait_for(lambda: "后台任务（worker）意外结束（信号 9）" in first.text())
    assert first.status("/accounts/login/") == 200

    kept = [first.program / "var" / name for name in ("secret-key", "static-collected")]
    before = [path.stat().st_mtime_ns for path in kept]
    first.make.send_signal(signal.SIGTERM)
    first.make.wait(10)
    assert first.wait_for(lambda: not first.processes(), seconds=1) < 1

    again = make_demo()
    assert again.ready() < 60  # seconds; alone on the machine it takes four
    assert [path.stat().st_mtime_ns for path in kept] == before, "what takes time is not done again"
    os.killpg(again.make.pid, signal.SIGINT)
    again.make.wait(10)
    assert again.wait_for(lambda: not again.processes(), seconds=1) < 1


@pytest.mark.processes
def test_nothing_outlives_a_demo_that_is_killed(make_demo: Callable[..., Running]) -> None:
    running = make_demo()
    running.ready()
    os.kill(running.pid_of("scripts/demo.py"), signal.SIGKILL)
    running.make.wait(10)
    running.wait_for(lambda: not running.processes(), seconds=15)


@pytest.mark.processes
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"PORT": "eighty"}, "端口 PORT=eighty 不对"),
        ({"PORT": "70000"}, "端口 PORT=70000 不对"),
        ({"BUREAU": "atlantis"}, "没有 BUREAU=atlantis 的资料，可用的有：hongjiang、xinhe"),
        ({"DATA_DIR": "/proc/landbureau"}, "不能写入 /proc/landbureau"),
        ({"DATA_DIR": "/etc/hostname/data"}, "不能写入 /etc/hostname/data"),
        ({"FRESH": "1", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, "FRESH=1 只清除自带的 SQLite"),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, "连不上数据库"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    make_demo: Callable[..., Running], changes: dict[str, str], expected: str
) -> None:
    running = make_demo(**changes)
    assert running.make.wait(30) != 0
    lines = [line for line in running.text().splitlines() if not line.startswith(("make", "准备", "清除"))]
    assert len(lines) == 1, lines
    assert expected in lines[0]


@pytest.mark.processes
def test_port_in_use_is_said_and_another_proposed(make_demo: Callable[..., Running]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        running = make_demo(PORT=str(port))
        assert running.make.wait(30) != 0
    assert f"端口 {port} 已被别的程序占用，请换一个：PORT={port + 1} make demo" in running.text()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/var/x"), "磁盘已满，请腾出空间后再试。"),
        (Exception("database or disk is full"), "磁盘已满，请腾出空间后再试。"),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/x"), "没有权限写入 /srv/x。"),
        (OSError(errno.EROFS, "Read-only file system", "/srv/x"), "没有权限写入 /srv/x。"),
        (Exception("attempt to write a readonly database"), "没有权限写入 数据目录。"),
        (Exception("unable to open database file"), "打不开数据库文件，请检查数据目录的权限。"),
        (RuntimeError("something\nelse"), "RuntimeError：something else"),
    ],
)
def test_common_troubles_have_words(error: Exception, expected: str) -> None:
    assert demo.explained(error) == expected


def test_a_disk_that_is_nearly_full_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "ROOM_NEEDED", 1 << 60)
    with pytest.raises(demo.DemoError, match="磁盘空间不足"):
        demo.check_room(tmp_path)


def test_start_over_keeps_fonts_backups_and_key(tmp_path: Path) -> None:
    for name in ("media", "fonts", "backups"):
        (tmp_path / name).mkdir()
    for name in ("db.sqlite3", "secret-key"):
        (tmp_path / name).touch()
    demo.start_over(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backups", "fonts", "secret-key"]


def test_each_bureau_has_data_of_its_own() -> None:
    xinhe, hongjiang = demo.settings_of({})[2], demo.settings_of({"BUREAU": "hongjiang"})[2]
    assert xinhe.name == "var"
    assert hongjiang == xinhe / "hongjiang"
