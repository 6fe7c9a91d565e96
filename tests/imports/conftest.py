from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _ledger(settings: Any) -> None:
    """The ledger of the tests beside the project's own tables."""
    settings.IMPORT_TARGETS = ["tests.ledger.imports.Lots", *settings.IMPORT_TARGETS]
