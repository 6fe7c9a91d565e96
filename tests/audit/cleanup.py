"""The one place where tests may empty the record and the documents: after a test that really commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

from landbureau.audit import triggers
from landbureau.documents import freeze


@contextmanager
def thawed(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Documents without their triggers. PostgreSQL empties tables without asking those."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in freeze.RULES:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
    yield
    freeze.install(connection)


def allow_flush_of_audit_rows(patch: pytest.MonkeyPatch) -> None:
    """Let the flush at the end of transactional tests pass the triggers, which stand again afterwards."""
    flush = TransactionTestCase._fixture_teardown

    def flush_past_the_triggers(case: Any) -> None:
        with ExitStack() as stack:
            for alias in case._databases_names(include_mirrors=False):
                stack.enter_context(triggers.lifted(connections[alias]))
                stack.enter_context(thawed(connections[alias]))
            flush(case)

    patch.setattr(TransactionTestCase, "_fixture_teardown", flush_past_the_triggers)
