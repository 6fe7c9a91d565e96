"""Fixtures that every test stands on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.audit.cleanup import allow_flush_of_audit_rows


@pytest.fixture(autouse=True, scope="session")
def _audit_rows_can_be_flushed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        allow_flush_of_audit_rows(patch)
        yield
