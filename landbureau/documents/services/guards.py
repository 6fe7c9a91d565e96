"""Whether a step may be taken: one answer for the services that take it and the pages that offer it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from landbureau.accounts.models import User
from landbureau.accounts.selectors import acting_for
from landbureau.documents import access
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, Kind, Step
from landbureau.documents.transitions import TRANSITIONS, Transition

BY_SYSTEM = ("submit", "discard")
"""What the system does by itself: sends for approval what it drafted, gives up what nobody needs any more."""


class StaleDocument(DocumentError):
    """Somebody else has taken a step since the page was opened."""


def allowed(user: User, document: Document, today: date) -> list[Transition]:
    """What ``user`` can do with it now: by its state and kind, by permission and separation of duties."""
    return [
        step
        for step in TRANSITIONS.values()
        if _in_turn(document, step, today) and not _not_permitted(user, document, step, today)
    ]


def refusal(user: User | None, document: Document, step: Transition, today: date) -> str:
    """Why ``user`` (None: the system) may not take this step now; empty: may."""
    return out_of_turn(document, step, today) or _not_permitted(user, document, step, today)


def begin(document: Document, name: str, actor: User | None, today: date) -> None:
    """Lock the document until the transaction ends and bring it up to date, if ``actor`` may take the step.

    Raises ``StaleDocument`` when it is no longer as it was opened (its ``version``), else ``DocumentError``.
    """
    opened = document.version
    document.refresh_from_db(from_queryset=Document.objects.select_for_update(no_key=True, of=("self",)))
    if document.version != opened:
        raise StaleDocument(f"您打开之后，这件文书已有变动（{_last_step(document)}）。请核对后再办理。")
    if today < (latest := max(_days(document))):
        raise DocumentError(f"日期不能早于上一步的日期 {latest.isoformat()}。")
    if reason := refusal(actor, document, TRANSITIONS[name], today):
        raise DocumentError(reason)


def finish(
    document: Document,
    fields: Iterable[str],
    action: Step.Action,
    actor: User | None,
    *,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Save these fields of a locked document and append the step."""
    document.version += 1
    document.save(update_fields=[*fields, "version"])
    document.steps.create(action=action, actor=actor, reason=reason, data=data or {})


def out_of_turn(document: Document, step: Transition, today: date) -> str:
    """Why nobody may take this step now; empty: its turn has come."""
    if _in_turn(document, step, today):
        return ""
    if step.needs and not getattr(document, step.needs):
        return f"“{document.kind}”{'无须用印' if step.needs == 'needs_seal' else '无须送达'}。"
    if step.name == "serve" and _lacks_seal(document):
        return "这件文书尚未用印，不能送达。"
    if document.status(today) in step.sources and _lacks_paper(document, step):
        return "正本尚未生成，请稍候。"
    return f"这件文书现在不能{step.title}（最近一步：{_last_step(document)}）。"


def _in_turn(document: Document, step: Transition, today: date) -> bool:
    return (
        document.status(today) in step.sources
        and step.submitted in (None, document.submitted_on is not None)
        and step.served in (None, document.served_on is not None)
        and (not step.needs or getattr(document, step.needs))
        and not (step.name == "serve" and _lacks_seal(document))
        and not _lacks_paper(document, step)
    )


def _lacks_seal(document: Document) -> bool:
    return document.is_issued and document.sealed_on is None and document.needs_seal


def _lacks_paper(document: Document, step: Transition) -> bool:
    return step.on_paper and not document.sha256


def _not_permitted(user: User | None, document: Document, step: Transition, today: date) -> str:
    if user is None:
        return "" if step.name in BY_SYSTEM else f"系统不能{step.title}，须由人办理。"
    acts = _acts(document, step)
    if not any(access.may(user, act, document) for act in acts):
        return f"您没有{step.title}这件文书的权限。"
    return _not_separate(user, document, acts, today) if step.name == "approve" else ""


def _acts(document: Document, step: Transition) -> tuple[str, ...]:
    """The permissions of which one is needed; who approves, and may return, follows from the kind."""
    if step.name not in ("approve", "return"):
        return step.acts
    return ("sign",) if document.kind.approval == Kind.Approval.LEADER else ("approve",)


def _not_separate(user: User, document: Document, acts: tuple[str, ...], today: date) -> str:
    """Drafter ≠ approver, nor who edited or submitted it, nor their deputy by their permission alone."""
    people = {user.pk, *acting_for(user, today)}
    steps = document.steps.filter(action__in=Step.AUTHORING, actor__in=people)
    authors = {*steps.values_list("actor", flat=True), document.drafted_by_id} & people
    if user.pk == document.drafted_by_id:
        return "拟稿人不能批准自己拟的文书。"
    if user.pk in authors:
        return "修改或送审过这件文书的人不能批准它。"
    if authors and not any(access.may(user, act, document, own=True) for act in acts):
        return "您代办的人拟过这件文书，不能以其权限批准。"
    return ""


def _days(document: Document) -> list[date]:
    days = (
        document.drafted_on,
        document.submitted_on,
        document.approved_on,
        document.issued_on,
        document.sealed_on,
    )
    return [day for day in days if day]


def _last_step(document: Document) -> str:
    last = document.steps.select_related("actor").last()
    return f"{last.actor or '系统'} {last.get_action_display()}" if last else "拟稿"
