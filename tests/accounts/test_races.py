"""Two at once: real processes, real locks, on the database of this run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.accounts.races import RACES, ROUNDS, VILLAGES

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]
ALL_VILLAGES = ROUNDS * VILLAGES


def start(env: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.accounts.races", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def answer(process: subprocess.Popen[str]) -> Any:
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    return json.loads(out)


def test_two_at_once_do_what_one_after_the_other_would_do(scratch_env: dict[str, str]) -> None:
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(migrate, cwd=ROOT, env=scratch_env, check=True, timeout=90)
    answer(start(scratch_env, "prepare"))

    processes = [start(scratch_env, "race", side) for side in ("0", "1")]
    answers = [answer(process) for process in processes]
    done = {name: list(zip(*(each[name] for each in answers), strict=True)) for name in RACES}
    after = answer(start(scratch_env, "outcome"))

    for name in ("hand_over_twice", "grant_twice", "absent_twice", "edit_twice"):
        assert [sum(pair) for pair in done[name]] == [1] * ROUNDS, f"{name}: one of two, each time"
    assert sum(map(sum, done["end_each_other"])) == 1
    assert after["administrators"] == 1
    assert all(any(pair) for pair in done["assign_twice"])
    assert after["rounds"] == ALL_VILLAGES + ROUNDS, "no village lost, none with two"
    for name in ("leave_and_assign", "leave_and_owe"):
        assert [sum(pair) for pair in done[name]] == [1] * ROUNDS, f"{name}: one of two, each time"
    assert after["work_of_leavers"] == 0
    assert after["leaders"] <= ROUNDS
    assert after["versions"] == [2] * ROUNDS
