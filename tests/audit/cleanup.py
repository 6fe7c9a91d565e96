"""The one place where tests may empty the audit record: after a test that really commits."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connections
from django.test import TransactionTestCase

from landbureau.audit import triggers


def allow_flush_of_audit_rows(patch: pytest.MonkeyPatch) -> None:
    """Let the flush at the end of transactional tests pass the triggers, which stand again afterwards."""
    flush = TransactionTestCase._fixture_teardown

    def flush_past_the_triggers(case: Any) -> None:
        with ExitStack() as stack:
            for alias in case._databases_names(include_mirrors=False):
                stack.enter_context(triggers.lifted(connections[alias]))
            flush(case)

    patch.setattr(TransactionTestCase, "_fixture_teardown", flush_past_the_triggers)
