"""What earlier files taught: heads of columns and answers to questions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from landbureau.imports.choices import NOT_IMPORTED, Choices
from landbureau.imports.cleaning import fold
from landbureau.imports.models import RememberedAnswer, RememberedColumn
from landbureau.imports.report import Report


def recall(choices: Choices, kinds: Iterable[str]) -> Choices:
    """The choices with what is remembered for these kinds of tables."""
    kinds = list(kinds)
    choices.remembered = {
        (kind, head): column
        for kind, head, column in RememberedColumn.objects.filter(kind__in=kinds).values_list(
            "kind", "head", "column"
        )
    }
    choices.known_answers = dict(
        RememberedAnswer.objects.filter(kind__in=kinds).values_list("question", "answer")
    )
    return choices


def remember(report: Report, choices: Choices, *, actor_id: Any) -> None:
    """Keep for the next file what a person decided about this one.

    An answer about a blank cell holds for that cell alone and is not kept.
    """
    columns = {
        (sheet.kind, fold(head.text)): head.column or NOT_IMPORTED
        for sheet in report.sheets
        for head in sheet.heads
        if sheet.kind and head.how == "chosen" and fold(head.text)
    }
    RememberedColumn.objects.bulk_create(
        [
            RememberedColumn(kind=kind, head=head[:200], column=column, decided_by_id=actor_id)
            for (kind, head), column in columns.items()
        ],
        update_conflicts=True,
        unique_fields=["kind", "head"],
        update_fields=["column", "decided_by", "decided_at"],
    )
    answers = {
        finding.question: RememberedAnswer(
            kind=sheet.kind,
            question=finding.question,
            column=finding.column[:200],
            value=finding.value,
            message=finding.message[:300],
            answer=finding.answer or "",
            decided_by_id=actor_id,
        )
        for sheet in report.sheets
        for finding in sheet.questions
        if sheet.kind and finding.value and finding.question in choices.answers
    }
    RememberedAnswer.objects.bulk_create(
        answers.values(),
        update_conflicts=True,
        unique_fields=["question"],
        update_fields=["answer", "message", "decided_by", "decided_at"],
    )
