"""What ``make test`` answers, and with whose settings it runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.ops.conftest import script

REPORT = """<testsuites><testsuite tests="3" failures="0" errors="0" skipped="{skipped}"/></testsuites>"""


@pytest.mark.parametrize(("skipped", "status"), [(0, 0), (1, 1)])
def test_a_skipped_test_fails_the_suite(
    skipped: int, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = script("suite")

    def one_stage(name: str, reports: Path) -> list[object]:
        (reports / "tests.xml").write_text(REPORT.format(skipped=skipped))
        return [suite.Stage("tests", [sys.executable, "-c", ""])]

    monkeypatch.setattr(suite, "stages", one_stage)
    assert suite.main("test") == status
    assert f"{3 - skipped} passed, {skipped} failed" in capsys.readouterr().out


def test_a_stage_that_fails_fails_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    suite = script("suite")
    failing = suite.Stage("lint", [sys.executable, "-c", "raise SystemExit(1)"])
    monkeypatch.setattr(suite, "stages", lambda name, reports: [failing])
    assert suite.main("check") == 1


@pytest.mark.parametrize(
    "name", ["HTTPS", "TRUSTED_PROXIES", "SECRET_KEY_FILE", "JOBS_LEASE", "DATABASE_URL"]
)
def test_the_callers_own_settings_do_not_reach_the_tests(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = script("suite")
    monkeypatch.setitem(os.environ, name, "mine")
    stage = suite.Stage("tests", [sys.executable, "-c", f"import os, sys; sys.exit({name!r} in os.environ)"])
    suite.run(stage)
    assert stage.passed


def test_what_touches_a_database_is_run_on_both(pytester: pytest.Pytester) -> None:
    """``--of-database`` keeps tests by fixtures of any depth, marks and classes, and no others."""
    pytester.makeconftest("from tests.conftest import pytest_addoption, pytest_collection_modifyitems")
    pytester.makepyfile(
        """
        import pytest
        from django.test import TestCase

        @pytest.fixture
        def rows(db): ...

        def test_pure(): ...
        def test_deep(rows): ...
        @pytest.mark.processes
        def test_started(): ...
        @pytest.mark.django_db
        def test_marked(): ...
        @pytest.mark.once
        def test_once(db): ...
        class Cases(TestCase):
            def test_method(self): ...
        """
    )
    kept = pytester.runpytest_inprocess(
        "--of-database", "--collect-only", "-q", "--ds=tests.settings"
    ).outlines
    names = {line.rpartition("::")[2] for line in kept if "::" in line}
    assert names == {"test_deep", "test_started", "test_marked", "test_method"}
