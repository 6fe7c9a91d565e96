"""Several at once: real processes, real locks, on the database of this run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]
# As in races.py, which can be imported with settings only.
SHARED, EACH, WORKERS, KILLS, NUMBERS = 24, 12, 4, 6, 3_000


def test_numbers_have_no_gap_and_a_step_is_taken_once_whoever_works_at_once_or_dies(
    scratch_env: dict[str, str],
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.documents.races"],
        cwd=ROOT,
        env=scratch_env,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr
    after = json.loads(done.stdout)

    same = after["same"]
    assert same["statuses"] == [0] * 4, done.stderr
    assert same["issued"] == same["steps"] == SHARED, "of two who issue the same document one does"
    assert same["numbers"] == list(range(1, SHARED + 1))
    assert same["rendered"] == same["files"] == SHARED, "of two who render the same document one does"
    assert same["without_pdf"] == 0

    acts = after["services"]
    keys, done = acts["keys"], acts["done"]
    assert acts["statuses"] == [0] * 2, done
    assert done["approve"] == keys["approve"], "of two who approve the same document one does"
    assert acts["approved"] == EACH
    assert done["serve"] == keys["serve"], "of two who serve the same document one does"
    assert done["send"] == sorted(keys["send"] * 2), "who sends the same form twice gets what was made once"
    assert acts["records"] == keys["serve"] + keys["send"]
    assert done["issue"] == keys["issue"], "what one issues and another makes void is one of both"
    assert acts["both"] == 0
    assert acts["numbers"] == list(range(1, len(acts["numbers"]) + 1))
    assert acts["servings"] == keys["hand"], "one answers for it, whoever handed it on"

    numbers = after["numbers"]
    assert numbers["killed"] == KILLS + 1
    assert numbers["statuses"] == [0] * WORKERS, done.stderr
    assert numbers["last"] == NUMBERS
    assert numbers["taken"] is True, "each number once, from the first to the last"
