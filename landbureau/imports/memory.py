"""What earlier files taught: heads of columns and answers to questions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from landbureau.imports.choices import NOT_IMPORTED, Choices
from landbureau.imports.models import RememberedAnswer, RememberedColumn
from landbureau.imports.recognise import head_key, names_of
from landbureau.imports.report import Report
from landbureau.imports.targets import Target, targets

NO_KIND = ""  # of questions about sheets that are no table


def recall(choices: Choices, kinds: Iterable[str]) -> Choices:
    """The choices with what is remembered for these kinds of tables."""
    kinds = list(kinds)
    known = targets()
    names = {kind: {column.name for column in known[kind].columns} | {NOT_IMPORTED} for kind in kinds}
    columns = RememberedColumn.objects.filter(kind__in=kinds).values_list("kind", "head", "column")
    choices.remembered = {(kind, head): name for kind, head, name in columns if name in names[kind]}
    answers = RememberedAnswer.objects.filter(kind__in=[*kinds, NO_KIND])
    choices.known_answers = dict(answers.values_list("question", "answer"))
    return choices


def remember(report: Report, choices: Choices, *, actor_id: Any) -> None:
    """Keep for the next file what a person decided about this one.

    Not kept: another meaning of a head that is the table's own (it is a matter of this file), an answer about
    a blank cell (it holds for that cell alone), an answer about personal data.
    """
    known = targets()
    columns = {
        (sheet.kind, head_key(head.text)): head.column or NOT_IMPORTED
        for sheet in report.sheets
        for head in sheet.heads
        if sheet.kind and head.how == "chosen" and _is_strange(known[sheet.kind], head.text)
    }
    RememberedColumn.objects.bulk_create(
        [
            RememberedColumn(kind=kind, head=head, column=column, decided_by_id=actor_id)
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
        if finding.value and finding.question in choices.answers and not finding.personal
    }
    RememberedAnswer.objects.bulk_create(
        answers.values(),
        update_conflicts=True,
        unique_fields=["question"],
        update_fields=["answer", "message", "decided_by", "decided_at"],
    )


def _is_strange(target: type[Target], head: str) -> bool:
    key = head_key(head)
    return bool(key) and key not in names_of(target)
