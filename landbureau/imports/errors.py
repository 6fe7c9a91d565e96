"""What is told to whoever brings a table."""

from __future__ import annotations

from django.core.exceptions import ValidationError


class ImportRefused(ValidationError):
    """The file, or an act on an import, is refused; its text is one Chinese sentence."""

    def __str__(self) -> str:
        return "；".join(self.messages)


class FileRefused(ImportRefused):
    """A file that cannot be read as tables: encrypted, damaged, with macros, too large, of another kind."""


class Problem(Exception):
    """What is wrong, or doubtful, with one cell. ``code``: stable, for scripts; the text is Chinese."""

    def __init__(self, code: str, message: str, proposal: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.proposal = code, message, proposal


class Wrong(Problem):
    """The cell is an error: nothing is committed. ``proposal``: what the page offers to type instead."""


class Unsure(Problem):
    """The cell can be understood in more than one way: ``proposal`` (as one would type it) is a question."""
