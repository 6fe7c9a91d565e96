"""Fixtures that every test stands on."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import pytest
from django.test import SimpleTestCase

from tests.audit.cleanup import allow_flush_of_audit_rows

# A slow machine is no defect of a rule.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


@pytest.fixture(autouse=True, scope="session")
def _audit_rows_can_be_flushed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        allow_flush_of_audit_rows(patch)
        yield


@pytest.fixture
def scratch_env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation of its own, for processes that a test starts; not migrated yet.

    Its data folder is under ``tmp_path``. Its database and broker are of the kind that this run is on: an
    SQLite file and a folder, or a new PostgreSQL database (removed afterwards) and an unused Redis database.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    env |= {"DJANGO_SETTINGS_MODULE": "landbureau.settings", "DATA_DIR": str(tmp_path / "data"), "HTTPS": "0"}
    if env.get("REDIS_URL"):
        env["REDIS_URL"] = unused_redis_database(env["REDIS_URL"])
    if not env.get("DATABASE_URL", "").startswith("postgres"):
        env.pop("DATABASE_URL", None)
        yield env
        return

    import psycopg

    name = f"scratch_{uuid.uuid4().hex}"
    server = env["DATABASE_URL"]
    env["DATABASE_URL"] = urlsplit(server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield env
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spreadsheets are read in this process, as their own one would: that takes a moment to start."""
    from landbureau.imports.reading.tables import read_tables

    monkeypatch.setattr(
        "landbureau.imports.reading.read_apart", lambda stream, name: read_tables(stream.read(), name)
    )


def unused_redis_database(url: str) -> str:
    """A database of the same Redis that no other test has; numbers below 100 are pytest's own."""
    import redis

    server = url.rpartition("/")[0]
    with redis.Redis.from_url(f"{server}/0") as counter:
        return f"{server}/{100 + int(counter.incr('scratch-databases'))}"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--of-database", action="store_true", help="only tests that depend on the kind of database or broker"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What touches no database has been run on the first one and cannot end differently on the second."""
    if config.getoption("--of-database"):
        of_database = [item for item in items if depends_on_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(of_database)])
        items[:] = of_database


def depends_on_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("once"):
        return False
    fixtures = {"db", "transactional_db", "live_server", "scratch_env"}
    return bool(
        any(item.get_closest_marker(name) for name in ("django_db", "processes"))
        or fixtures & set(getattr(item, "fixturenames", ()))
        or issubclass(getattr(item, "cls", None) or object, SimpleTestCase)
    )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test fails the run: what is not run must not look as if it had passed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("skipped", []):
        terminalreporter.write_line(f"SKIPPED, which fails this run: {report.nodeid}: {report.longrepr[-1]}")
