"""Two people import at once: real processes, real locks, on the database of this run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.imports.races import ROUNDS, VILLAGES

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]


def start(env: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.imports.races", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def answer(process: subprocess.Popen[str]) -> Any:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)


def test_two_imports_at_once_do_what_one_after_the_other_would_do(scratch_env: dict[str, str]) -> None:
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(migrate, cwd=ROOT, env=scratch_env, check=True, timeout=90)
    answer(start(scratch_env, "prepare"))

    done = [answer(process) for process in [start(scratch_env, "race", side) for side in ("0", "1")]]
    after = answer(start(scratch_env, "outcome"))

    assert after["new"] == [VILLAGES] * ROUNDS, "the same new rows twice are there once"
    assert all(map(any, zip(*(each["same_new"] for each in done), strict=True)))
    assert all(orders in ([1], [2]) for orders in after["changed"]), "one of the two files, never a mixture"
    assert after["twice"] == [VILLAGES] * ROUNDS
    assert after["imports"] == ROUNDS, "an import confirmed by two is written once"
