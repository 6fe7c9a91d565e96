"""The steps of a document: from which states, by whom, to which state. The table is the rule."""

from __future__ import annotations

from dataclasses import dataclass

from landbureau.documents.rules import Status

D, A, I, E, S = Status.DRAFT, Status.APPROVED, Status.ISSUED, Status.SEALED, Status.SERVED  # noqa: E741


@dataclass(frozen=True)
class Transition:
    """An act on a document.

    ``acts``: any of these permissions (names of ``access.Permissions``, or ``seal``). ``submitted``: only
    with a draft that was (True) or was not (False) submitted; None: either.
    """

    name: str
    title: str
    sources: frozenset[Status]
    target: Status
    acts: tuple[str, ...]
    submitted: bool | None = None


TRANSITIONS = {
    transition.name: transition
    for transition in (
        Transition("edit", "修改", frozenset({D}), D, ("draft",), submitted=False),
        Transition("submit", "送审", frozenset({D}), D, ("draft",), submitted=False),
        Transition("withdraw", "撤回送审", frozenset({D}), D, ("draft",), submitted=True),
        Transition("approve", "批准", frozenset({D}), A, ("approve", "sign"), submitted=True),
        Transition("return", "退回", frozenset({D, A}), D, ("approve", "sign"), submitted=True),
        Transition("issue", "签发", frozenset({A}), I, ("draft", "approve", "sign")),
        Transition("seal", "用印登记", frozenset({I}), E, ("seal",)),
        Transition("hand", "交办送达", frozenset({I, E}), E, ("draft", "approve", "serve")),
        Transition("serve", "登记送达", frozenset({I, E}), S, ("serve",)),
        Transition("correct", "更正送达", frozenset({S}), S, ("serve",)),
        Transition("discard", "弃稿", frozenset({D}), Status.VOIDED, ("draft", "approve")),
        Transition("void", "作废", frozenset({A, I, E, S}), Status.VOIDED, ("approve", "sign")),
    )
}
