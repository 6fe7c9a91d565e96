"""What a user can be told: Chinese messages, with the field they belong to."""

from __future__ import annotations


class SupplyError(Exception):
    """An act on a supply that its facts or the law do not allow. ``field``: of the form, or empty."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
