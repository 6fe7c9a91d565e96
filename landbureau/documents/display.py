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


def state_word(status: Status, document: Document, sent: bool) -> tuple[str, str]:
    """Colour and word; ``sent``: ``rules.is_sent``.

    What a kind does not need (approval by a person, seal, service) is not waited for.
    """
    if status == Status.VOIDED:
        return "grey", "已作废"
    if status == Status.SERVED:
        return "green", "已送达"
    if sent:
        return "blue", "送达在途"
    if status == Status.DRAFT:
        return ("orange", "待批准") if document.submitted_on else ("grey", "拟稿中")
    if status == Status.APPROVED:
        return "blue", "待印发"
    if status == Status.ISSUED and document.needs_seal:
        return "blue", "待用印"
    if document.needs_service:
        return "orange", "待送达"
    return "green", "已用印" if document.needs_seal else "已印发"


def next_step(allowed: Iterable[Transition]) -> Transition | None:
    """The one act that leads on, of those that a person may do."""
    by_name = {transition.name: transition for transition in allowed}
    return next((by_name[name] for name in FORWARD if name in by_name), None)


@dataclass(frozen=True)
class Line:
    """A line of the timeline. ``mark``: ``done``, ``refused`` (sent back, voided), ``changed`` (put right),
    ``next`` or ``later``."""

    title: str
    mark: str
    when: str = ""
    who: str = ""
    detail: str = ""
    fingerprint: str = ""
    due_on: date | None = None


MARKS = {
    Step.Action.RETURNED: "refused",
    Step.Action.VOIDED: "refused",
    Step.Action.CORRECTED: "changed",
}


def timeline(
    document: Document, steps: Iterable[Step], status: Status, server: str, sent: bool
) -> list[Line]:
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
    if sent and document.served_on and previous and previous.action == Step.Action.SERVED:
        open_line = replace(lines.pop(), title="公告期内", mark="next")  # not served before its day
        return [*lines, replace(open_line, detail=_deemed(document.served_on))]
    return lines + _to_come(document, status, server, sent)


def _done(document: Document, step: Step) -> Line:
    approved = step.action == Step.Action.APPROVED
    return Line(
        document.kind.approval_title if approved else step.get_action_display(),
        MARKS.get(Step.Action(step.action), "done"),
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


def _deemed(day: date) -> str:
    return f"{day.isoformat()} 视为送达"


def _to_come(document: Document, status: Status, server: str, sent: bool) -> list[Line]:
    if status in (Status.VOIDED, Status.SERVED):
        return []
    if sent and document.served_on:
        return [Line("公告期内", "next", detail=_deemed(document.served_on))]
    if sent:
        return [Line("登记回执", "next", who=server, detail="回执上的收件日期为送达日期")]
    kind = document.kind
    steps = []
    if status == Status.DRAFT:
        if not document.submitted_on:
            steps.append(Line("送审", "later"))
        if kind.approval != Kind.Approval.AUTOMATIC:
            steps.append(Line(kind.approval_title, "later", who=kind.get_approval_display()))
    if status in (Status.DRAFT, Status.APPROVED):
        steps.append(Line("印发", "later", detail="编号、固定正本"))
    if document.needs_seal and status != Status.SEALED:
        steps.append(Line("用印", "later"))
    if document.needs_service:
        steps.append(Line("送达", "later", who=server, due_on=document.serve_by))
    if not steps:
        return []
    first, *later = steps
    return [replace(first, mark="next"), *later]


def returned_by(steps: Iterable[Step]) -> Step | None:
    """The step by which a draft came back, as long as it was not sent again."""
    ways = {Step.Action.RETURNED, Step.Action.SUBMITTED, Step.Action.VOIDED}
    last = [step for step in steps if step.action in ways][-1:]
    return last[0] if last and last[0].action == Step.Action.RETURNED else None
