"""What pages say about a document: the word of its state, the steps done and those to come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from landbureau.documents.models import Document, Kind, Step
from landbureau.documents.rules import Status
from landbureau.documents.transitions import Transition

FORWARD = ("submit", "approve", "issue", "seal", "serve")
"""Acts that lead on; the first that a person may do is the next step of the page."""


def state_word(status: Status, document: Document) -> tuple[str, str]:
    """Colour and word. What a kind does not need (approval by a person, seal, service) is not waited for."""
    kind = document.kind
    if status == Status.VOIDED:
        return "grey", "已作废"
    if status == Status.SERVED:
        return "green", "已送达"
    if status == Status.DRAFT:
        return ("orange", "待批准") if document.submitted_on else ("grey", "拟稿中")
    if status == Status.APPROVED:
        return "blue", "待签发"
    if status == Status.ISSUED and kind.needs_seal:
        return "blue", "待用印"
    if kind.needs_service:
        return "orange", "待送达"
    return "green", "已用印" if kind.needs_seal else "已签发"


def next_step(allowed: Iterable[Transition]) -> Transition | None:
    """The one act that leads on, of those that a person may do."""
    by_name = {transition.name: transition for transition in allowed}
    return next((by_name[name] for name in FORWARD if name in by_name), None)


@dataclass(frozen=True)
class Line:
    """A line of the timeline. ``colour``: green done, red sent back or voided, orange next, grey to come."""

    title: str
    colour: str
    when: str = ""
    who: str = ""
    detail: str = ""
    fingerprint: str = ""
    due_on: date | None = None


COLOURS = {Step.Action.RETURNED: "red", Step.Action.VOIDED: "red", Step.Action.CORRECTED: "orange"}


def timeline(document: Document, steps: Iterable[Step], status: Status, server: str) -> list[Line]:
    """The steps taken, oldest first (edits in a row as one), then those to come; ``server``: who serves."""
    lines: list[Line] = []
    previous: Step | None = None
    for step in steps:
        if step.action == Step.Action.EDITED and "attached" in step.data:
            continue  # part of the saving before it
        again = previous and (step.action, step.actor_id) == (previous.action, previous.actor_id)
        if again and step.action == Step.Action.EDITED:
            lines.pop()
        lines.append(_done(document, step))
        previous = step
    return lines + _to_come(document, status, server)


def _done(document: Document, step: Step) -> Line:
    return Line(
        step.get_action_display(),
        COLOURS.get(Step.Action(step.action), "green"),
        f"{timezone.localtime(step.at):%m-%d %H:%M}",
        str(step.actor) if step.actor else "系统自动",
        _detail(document, step),
        _fingerprint(document) if step.action == Step.Action.ISSUED else "",
    )


def _fingerprint(document: Document) -> str:
    """``8c1f 40d2 … 63b0 a27e``: enough to compare by eye."""
    digest = document.sha256
    return f"{digest[:4]} {digest[4:8]} … {digest[-8:-4]} {digest[-4:]}" if digest else ""


def _detail(document: Document, step: Step) -> str:
    if step.action == Step.Action.ISSUED and document.number:
        return f"编号 {document.number}"
    if step.action == Step.Action.SEALED and hasattr(document, "seal"):
        seal = document.seal
        return f"{seal.sealed_on:%Y-%m-%d}　{seal.seal}　{seal.copies} 份　监印 {seal.keeper}"
    return step.reason


def _to_come(document: Document, status: Status, server: str) -> list[Line]:
    if status in (Status.VOIDED, Status.SERVED):
        return []
    kind = document.kind
    steps = []
    if status == Status.DRAFT:
        if not document.submitted_on:
            steps.append(Line("送审", "grey"))
        if kind.approval != Kind.Approval.AUTOMATIC:
            steps.append(Line("批准", "grey", who=kind.get_approval_display()))
    if status in (Status.DRAFT, Status.APPROVED):
        steps.append(Line("签发", "grey", detail="编号、固定正本"))
    if kind.needs_seal and status != Status.SEALED:
        steps.append(Line("用印", "grey"))
    if kind.needs_service:
        steps.append(Line("送达", "grey", who=server, due_on=document.serve_by))
    if not steps:
        return []
    first, *later = steps
    return [replace(first, colour="orange"), *later]


def returned_by(steps: Iterable[Step]) -> Step | None:
    """The step by which a draft came back, as long as it was not sent again."""
    ways = {Step.Action.RETURNED, Step.Action.SUBMITTED, Step.Action.VOIDED}
    last = [step for step in steps if step.action in ways][-1:]
    return last[0] if last and last[0].action == Step.Action.RETURNED else None
