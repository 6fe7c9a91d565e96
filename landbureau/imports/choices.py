"""What a person decided about a file: which column is which, what a cell should say; answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

NOT_IMPORTED = "-"  # the choice for a sheet or a column that stays out


@dataclass
class Choices:
    """``kinds``: sheet → name of a target or ``NOT_IMPORTED``. ``columns``: sheet → index → name or
    ``NOT_IMPORTED``. ``cells``: sheet → row → index → text in place of the file's. ``rows``: sheet → rows
    that stay out. ``answers``: by the key of the question. ``accept``: a question without an answer takes
    its proposal.

    ``remembered`` and ``known_answers``: what was decided about earlier files (``memory``), after which these
    come first: (target, key of the head) → name or ``NOT_IMPORTED``; key of the question → answer.
    """

    kinds: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[int, str]] = field(default_factory=dict)
    cells: dict[str, dict[int, dict[int, str]]] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    accept: bool = False
    remembered: Mapping[tuple[str, str], str] = field(default_factory=dict)
    known_answers: Mapping[str, str] = field(default_factory=dict)

    def answer(self, question: str, proposal: str) -> str | None:
        found = self.answers.get(question, self.known_answers.get(question))
        return proposal if found is None and self.accept else found

    def as_json(self) -> dict[str, Any]:
        """What is kept with an import: a person's own decisions."""
        kept = asdict(self)
        for name in ("accept", "remembered", "known_answers"):
            del kept[name]
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Choices:
        return cls(
            kinds=dict(kept.get("kinds", {})),
            columns={
                sheet: {int(index): name for index, name in columns.items()}
                for sheet, columns in kept.get("columns", {}).items()
            },
            cells={
                sheet: {
                    int(row): {int(index): text for index, text in cells.items()}
                    for row, cells in rows.items()
                }
                for sheet, rows in kept.get("cells", {}).items()
            },
            rows={sheet: list(rows) for sheet, rows in kept.get("rows", {}).items()},
            answers=dict(kept.get("answers", {})),
        )
