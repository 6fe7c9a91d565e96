"""The set-up, with the system's programs replaced by ones that only take notes."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.ops.conftest import ROOT, Fakes

pytestmark = pytest.mark.processes

RUNTIME = [
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz0b",
    "libharfbuzz-subset0",
    "fontconfig",
    "fonts-noto-cjk",
]
TOOLS = ["sh", "cat", "cut", "dirname", "env", "flock", "grep", "mkdir", "mv", "rm", "sha256sum"]
TOOLS += ["tail", "tee"]


def setup(program: Path, env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(program / "scripts" / "setup.sh"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def nothing_installed(fakes: Fakes, plain_env: dict[str, str]) -> dict[str, str]:
    fakes.add("dpkg-query", "exit 1")
    fakes.only(*TOOLS)
    return plain_env | {"PATH": str(fakes.folder), "PYTHON": sys.executable}


def test_where_nothing_is_missing_it_is_silent_and_quick(program: Path, plain_env: dict[str, str]) -> None:
    before = time.monotonic()
    done = setup(program, plain_env)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - before < 5


def test_without_root_it_names_what_is_missing_and_one_command(
    program: Path, fakes: Fakes, nothing_installed: dict[str, str]
) -> None:
    fakes.add("id", "echo 1000")
    fakes.add("sudo", "exit 1")
    done = setup(program, nothing_installed)
    assert done.returncode == 1
    assert f"缺少系统软件包：{' '.join(RUNTIME)}" in done.stderr
    commands = [line.strip() for line in done.stderr.splitlines() if "apt-get" in line]
    install = f"apt-get install -y --no-install-recommends {' '.join(RUNTIME)}"
    assert commands == [f"apt-get update && {install}"]
    assert not any("apt-get" in call for call in fakes.calls())


def test_what_only_the_tests_need_is_asked_for_by_the_tests_only(
    program: Path, fakes: Fakes, nothing_installed: dict[str, str]
) -> None:
    fakes.add("id", "echo 1000")
    fakes.add("sudo", "exit 1")
    fakes.add("initdb", "")
    done = setup(program, nothing_installed, "test")
    assert "redis-server chromium poppler-utils" in done.stderr
    assert done.stderr.count("systemctl disable --now") == 1, "the one command leaves no server behind"
    assert "postgresql" not in done.stderr, "an initdb on PATH is enough"


def test_with_sudo_it_installs_with_all_servers_held_back(
    program: Path, fakes: Fakes, nothing_installed: dict[str, str]
) -> None:
    fakes.add("id", "echo 1000")
    fakes.add("sudo", "exit 0")
    fakes.add("apt-cache", "exit 0")
    fakes.add("initdb", "")
    fakes.add("npm", "exit 0")
    done = setup(program, nothing_installed, "test")
    assert done.returncode == 0, done.stderr
    calls = fakes.calls()
    install = next(i for i, call in enumerate(calls) if "apt-get install" in call)
    hold = next(i for i, call in enumerate(calls) if "tee /usr/sbin/policy-rc.d" in call)
    release = next(i for i, call in enumerate(calls) if "rm -f /usr/sbin/policy-rc.d" in call)
    assert hold < install < release
    assert "DEBIAN_FRONTEND=noninteractive" in calls[install]
    assert "--no-install-recommends" in calls[install]
    assert calls[install].endswith(" ".join([*RUNTIME, "redis-server", "chromium", "poppler-utils"]))
    assert "sudo -n update-rc.d redis-server disable" in calls
    touched = [call for call in calls if "postgresql" in call and "rm -f" not in call]
    assert not touched, "what was there before is left alone"


def test_empty_package_lists_are_fetched_first(
    program: Path, fakes: Fakes, nothing_installed: dict[str, str]
) -> None:
    fakes.add("id", "echo 1000")
    fakes.add("sudo", "exit 0")
    fakes.add("apt-cache", "exit 100")
    assert setup(program, nothing_installed).returncode == 0
    kinds = [call.split("apt-get ")[1].split()[0] for call in fakes.calls() if "apt-get " in call]
    assert kinds == ["update", "install"]


def test_a_failing_step_is_explained_in_one_line(
    program: Path, fakes: Fakes, nothing_installed: dict[str, str]
) -> None:
    fakes.add("id", "echo 1000")
    fakes.add(
        "sudo", 'case "$*" in *apt-get*) echo "E: write: No space left on device" >&2; exit 100 ;; esac'
    )
    fakes.add("apt-cache", "exit 0")
    done = setup(program, nothing_installed)
    assert done.returncode == 1
    assert done.stderr.strip() == "准备没有完成：更新软件包目录失败，磁盘已满。"


def test_an_old_python_is_refused(program: Path, plain_env: dict[str, str]) -> None:
    done = setup(program, plain_env | {"PYTHON": "/bin/false"})
    assert done.returncode == 1
    assert "需要 Python 3.11" in done.stderr


def test_what_ci_and_make_run_may_be_run() -> None:
    for name in (".ci/run", "scripts/setup.sh", "deploy/upgrade.sh"):
        assert (ROOT / name).stat().st_mode & 0o111, name


def test_lock_files_name_versions_and_hashes_and_no_addresses() -> None:
    for name in (
        "requirements.txt",
        "requirements-test.txt",
        "scripts/requirements-npm.txt",
        "package-lock.json",
    ):
        text = (ROOT / name).read_text()
        assert "resolved" not in text
        assert "files.pythonhosted" not in text
        assert "--index-url" not in text
    for name in ("requirements.txt", "requirements-test.txt"):
        lines = (ROOT / name).read_text().splitlines()
        packages = [line for line in lines if line and line[0].isalnum()]
        assert packages
        assert all("==" in line and line.endswith("\\") for line in packages)
