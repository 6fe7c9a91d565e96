"""The steps of a document: from which states, by whom, to which state. The table is the rule."""

from __future__ import annotations

from dataclasses import dataclass

from landbureau.documents.rules import Status

D, A, I, E, S = Status.DRAFT, Status.APPROVED, Status.ISSUED, Status.SEALED, Status.SERVED  # noqa: E741


@dataclass(frozen=True)
class Transition:
    """An act on a document.

    ``target`` None: stays where it is. ``acts``: any of these permissions (names of ``access.Permissions``,
    or ``seal``); who approves also depends on the kind (``services.guards``). ``submitted``, ``served``: only
    with a document that was (True) or was not (False) sent for approval, registered as served; None: either.
    ``needs``: only with documents that need this (a field). ``on_paper``: only once the PDF is
    written, which is what is printed, sealed and served.
    """

    name: str
    title: str
    sources: frozenset[Status]
    target: Status | None
    acts: tuple[str, ...]
    submitted: bool | None = None
    served: bool | None = None
    needs: str = ""
    on_paper: bool = False


TRANSITIONS = {
    transition.name: transition
    for transition in (
        Transition("edit", "修改", frozenset({D}), None, ("draft",), submitted=False),
        Transition("submit", "送审", frozenset({D}), None, ("draft",), submitted=False),
        Transition("withdraw", "撤回送审", frozenset({D}), None, ("draft",), submitted=True),
        Transition("approve", "批准", frozenset({D}), A, ("approve", "sign"), submitted=True),
        Transition("return", "退回", frozenset({D, A}), D, ("approve", "sign"), submitted=True),
        Transition("issue", "印发", frozenset({A}), I, ("draft", "approve", "sign")),
        Transition("seal", "用印登记", frozenset({I}), E, ("seal",), needs="needs_seal", on_paper=True),
        Transition(
            "hand",
            "交办送达",
            frozenset({I, E}),
            None,
            ("draft", "approve", "serve"),
            served=False,
            needs="needs_service",
        ),
        Transition(
            "serve",
            "登记送达",
            frozenset({I, E}),
            S,
            ("serve",),
            served=False,
            needs="needs_service",
            on_paper=True,
        ),
        # A publication counts as served only days later; its registration may be corrected at once.
        Transition("correct", "更正送达", frozenset({I, E, S}), None, ("correct",), served=True),
        Transition("discard", "弃稿", frozenset({D}), Status.VOIDED, ("draft", "approve")),
        Transition("void", "作废", frozenset({A, I, E, S}), Status.VOIDED, ("approve", "sign")),
    )
}
