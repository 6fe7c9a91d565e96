"""Documents of the supply: each one's next step, done on its own page."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from landbureau.accounts.models import User
from landbureau.documents.models import Document
from landbureau.documents.services import allowed
from supervision.supply import kinds
from supervision.supply.models import Event, Instalment, LandSupply, Notice
from supervision.supply.rules import PaymentState, StageState
from supervision.supply.selectors.next_steps.step import NextStep, Turn
from supervision.supply.transitions import TRACKS, UNPAID, Situation
from supervision.supply.words import stage_word

PAPER_STEPS = ("approve", "issue", "seal", "serve", "submit")
"""What is done with a document, in the order of its life; its page leads on."""
GIVE_UP = ("discard", "void")
"""What is done with one that is not needed any more, before it has left the office."""
BEFORE, AFTER = (StageState.WAITING, StageState.REMINDER), (StageState.RECHECK, StageState.DEFAULT)
UNTIL = {
    kinds.START_REMINDER: BEFORE,
    kinds.COMPLETION_REMINDER: BEFORE,
    kinds.START_NOTICE: AFTER,
    kinds.START_PERFORMANCE: AFTER,
    kinds.COMPLETION_PERFORMANCE: AFTER,
}
"""The states of the stage in which a kind has something to urge."""
OF_COMPLETION = (kinds.COMPLETION_REMINDER, kinds.COMPLETION_PERFORMANCE)


def papers(user: User, now: Situation) -> Iterator[NextStep]:
    """The document's next step, where it is this person's."""
    supply = now.supply
    ours = (
        Q(pk__in=Event.objects.in_force().filter(supply=supply, document__isnull=False).values("document"))
        | Q(pk__in=Notice.objects.open().filter(supply=supply, document__isnull=False).values("document"))
        | Q(content_type=ContentType.objects.get_for_model(LandSupply), object_id=supply.pk)
        | Q(
            content_type=ContentType.objects.get_for_model(Instalment),
            object_id__in=Instalment.objects.filter(supply=supply).order_by().values("pk"),
        )
        | Q(
            content_type=ContentType.objects.get_for_model(Event),
            object_id__in=Event.objects.filter(supply=supply).order_by().values("pk"),
        )
    )
    waiting = Q(approved_on=None) | Q(issued_on=None) | Q(needs_seal=True, sealed_on=None)
    waiting |= Q(needs_service=True, served_on=None)
    rows = Document.objects.visible_to(user).filter(ours, waiting, voided_on=None)
    held = set(
        Notice.objects.open()
        .filter(supply=supply, kind__held=True, document__submitted_on=None)
        .values_list("document", flat=True)
    )
    for document in rows.select_related("kind", "section", "township").order_by("drafted_on", "pk"):
        titles = {step.name: step.title for step in allowed(user, document, now.today)}
        reason = _overtaken(document, now)
        names = GIVE_UP if reason and document.issued_on is None else PAPER_STEPS
        name = next((name for name in names if name in titles), None)
        if name is None or document.pk in held:
            continue
        late = document.serve_by is not None and document.serve_by <= now.today
        yield NextStep(
            f"{titles[name]}《{document.title}》",
            _standing(document) + reason,
            titles[name],
            document.get_absolute_url(),
            "grey" if reason else "red" if late and document.serve_by != now.today else "blue",
            None if reason else document.serve_by,
            Turn.OVERTAKEN if reason else Turn.NOW if late else Turn.SOON,
        )


def _overtaken(document: Document, now: Situation) -> str:
    """Why the document has nothing to urge any more; empty: it has."""
    start, completion = now.view.start, now.view.completion
    code = document.kind.code
    if code == kinds.START_NOTICE and start.cause is not None:
        return "开工违约已经认定，不再需要这份文书。"
    if code in UNTIL:
        stage = completion if code in OF_COMPLETION else start
        if stage.state not in UNTIL[code]:
            return f"{TRACKS[stage.track]}现为“{stage_word(stage.code, stage.due_on)[1]}”，不再需要这份文书。"
    if code in (kinds.PAYMENT_REMINDER, kinds.PAYMENT_DEMAND):
        return _paid_or_late(document, now)
    return ""


def _paid_or_late(document: Document, now: Situation) -> str:
    """A reminder until the day, a demand until it is paid."""
    seq = now.supply.instalments.filter(pk=document.object_id or 0).values_list("seq", flat=True).first()
    one = next((one for one in now.view.payment if one.seq == seq), None)
    if one is None:
        return ""
    if one.state == PaymentState.PAID:
        return f"第 {one.seq} 期已缴清，不再需要这份文书。"
    if document.kind.code == kinds.PAYMENT_REMINDER and one.state in UNPAID:
        return f"第 {one.seq} 期已经逾期，应当催缴。"
    return ""


def _standing(document: Document) -> str:
    number = f"{document.number}　" if document.number else ""
    if document.issued_on:
        return f"{number}{document.issued_on} 印发，送达 {document.addressee}。"
    if document.approved_on:
        return f"{document.approved_on} 已批准，印发后编号。"
    return f"{document.drafted_on} 拟稿，{'待批准' if document.submitted_on else '待送审'}。"
