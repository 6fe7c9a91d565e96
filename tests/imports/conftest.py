from __future__ import annotations

from typing import Any

import pytest

from landbureau.imports.reading.tables import read_tables


@pytest.fixture(autouse=True)
def _ledger(settings: Any) -> None:
    """The ledger of the tests beside the project's own tables."""
    settings.IMPORT_TARGETS = ["tests.ledger.imports.Lots", *settings.IMPORT_TARGETS]


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process, as the reading process would: for tests with very many of them."""
    monkeypatch.setattr(
        "landbureau.imports.reading.read_apart", lambda stream, name: read_tables(stream.read(), name)
    )
