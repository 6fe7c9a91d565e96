"""What a user can do wrong with a document: Chinese messages, with the field they belong to."""

from __future__ import annotations


class DocumentError(Exception):
    """A step or a value that is not allowed. ``field``: the form field it belongs to, empty for none."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class ServiceRefused(DocumentError):
    """Several things are wrong with a receipt; ``problems``: message by line."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        field, message = next(iter(problems.items()))
        super().__init__(message, field)
