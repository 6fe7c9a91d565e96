"""What is delivered with the program: series, kinds, their fields and wording, methods of service."""

from __future__ import annotations

from typing import Any


def load(**kwargs: Any) -> None:
    """After ``migrate``: new rows are added, changed ones follow, what the bureau edited stays."""
