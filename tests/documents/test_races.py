"""Several at once: real processes, real locks, on the database of this run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]
SHARED, WORKERS, KILLS, NUMBERS = 24, 4, 6, 10_000  # as in races.py, which needs settings to be imported


def test_numbers_have_no_gap_and_a_document_one_pdf_whoever_works_at_once_or_dies(
    scratch_env: dict[str, str],
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.documents.races"],
        cwd=ROOT,
        env=scratch_env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    after = json.loads(done.stdout)

    same = after["same"]
    assert same["statuses"] == [0] * 4, done.stderr
    assert same["issued"] == same["steps"] == SHARED, "of two who issue the same document one does"
    assert same["numbers"] == list(range(1, SHARED + 1))
    assert same["rendered"] == same["files"] == SHARED, "of two who render the same document one does"
    assert same["without_pdf"] == 0

    numbers = after["numbers"]
    assert numbers["killed"] == KILLS + 1
    assert numbers["statuses"] == [0] * WORKERS, done.stderr
    assert numbers["last"] == NUMBERS
    assert numbers["taken"] is True, "each number once, from the first to the last"
