"""Reads: states and servers as annotations, what waits for whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypeVar

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from landbureau.accounts.models import User
from landbureau.accounts.selectors import acting_for
from landbureau.documents.access import not_ended, servings, within
from landbureau.documents.models import Document, Kind, ServiceRecord, Step
from landbureau.documents.rules import Status

Action = Step.Action
Rows = TypeVar("Rows", bound="QuerySet[Document]")

SLIP_AFTER = timedelta(days=7)
"""After so long the slip of a letter should be back: it is asked for."""

REGISTERED = Exists(ServiceRecord.objects.filter(document=OuterRef("pk")))
NOT_VOID = Q(voided_on=None)
DRAFTS = NOT_VOID & Q(approved_on=None)
TO_APPROVE = NOT_VOID & Q(submitted_on__isnull=False, approved_on=None)
TO_ISSUE = NOT_VOID & Q(approved_on__isnull=False, issued_on=None)
TO_SEAL = NOT_VOID & Q(issued_on__isnull=False, sealed_on=None, served_on=None, needs_seal=True)
ON_THE_WAY = NOT_VOID & Q(issued_on__isnull=False, served_on=None, needs_service=True)
TO_SERVE = ON_THE_WAY & (Q(sealed_on__isnull=False) | Q(needs_seal=False)) & ~Q(REGISTERED)
TO_RENDER = Q(issued_on__isnull=False, pages=None)
"""What waits for an act. They name the conditions of the partial indexes as these do."""


def with_status(rows: Rows, today: date) -> Rows:
    """Annotate ``state``: ``rules.status_of`` of each row at the end of ``today``, ``sent``: ``is_sent``."""
    found = rows.annotate(
        state=Case(
            When(voided_on__lte=today, then=Value(Status.VOIDED.value)),
            When(served_on__lte=today, then=Value(Status.SERVED.value)),
            When(sealed_on__lte=today, then=Value(Status.SEALED.value)),
            When(issued_on__lte=today, then=Value(Status.ISSUED.value)),
            When(approved_on__lte=today, then=Value(Status.APPROVED.value)),
            default=Value(Status.DRAFT.value),
            output_field=CharField(),
        )
    )
    way = Q(REGISTERED, state__in=[Status.ISSUED, Status.SEALED])
    return found.annotate(sent=Case(When(way, then=True), default=False, output_field=BooleanField()))


def with_server(rows: Rows) -> Rows:
    """Annotate ``server_name``: who is to serve it or has served it, None: nobody yet."""
    latest = servings().filter(object_id=OuterRef("pk")).order_by("-starts_on", "-pk")
    return rows.annotate(server_name=Subquery(latest.values("user__name")[:1]))


def server_of(document: Document) -> User | None:
    """Who is to serve it or has served it."""
    rows = servings().filter(object_id=document.pk).order_by("-starts_on", "-pk")
    latest = rows.select_related("user").first()
    return latest.user if latest else None


def to_approve(user: User, today: date) -> QuerySet[Document]:
    """Drafts that ``user`` may approve as ``services.guards`` has it: permitted, and written by others."""
    people = [user.pk, *acting_for(user, today)]
    rows = _visible(user).filter(TO_APPROVE).exclude(_written_by([user.pk]))
    return rows.filter(_may_approve(user, own=False) & ~_written_by(people) | _may_approve(user, own=True))


def returned(user: User, today: date) -> QuerySet[Document]:
    """Drafts of ``user``, or of whom one deputises for, that came back and were not sent again."""
    turns = Step.objects.filter(
        document=OuterRef("pk"), action__in=[Action.SUBMITTED, Action.WITHDRAWN, Action.RETURNED]
    )
    last = turns.order_by("-at", "-pk").values("action")[:1]
    drafts = _visible(user).filter(DRAFTS, submitted_on=None)
    return (
        drafts.filter(drafted_by__in=[user.pk, *acting_for(user, today)])
        .annotate(last_turn=Subquery(last))
        .filter(last_turn=Action.RETURNED)
    )


def to_issue(user: User, today: date) -> QuerySet[Document]:
    """Approved documents that wait for ``user``: their drafter, of the system's own who drafts there.

    Those who approve may issue too (``transitions``), but are not waited for.
    """
    may = within(user, "draft") | within(user, "approve") | within(user, "sign")
    own = Q(drafted_by__in=[user.pk, *acting_for(user, today)])
    nobodys = (Q(drafted_by=None) | Q(drafted_by__is_active=False)) & within(user, "draft")
    return _visible(user).filter(TO_ISSUE, may, own | nobodys, approved_on__lte=today)


def to_seal(user: User, today: date) -> QuerySet[Document]:
    """Issued documents whose seal ``user`` may register."""
    return _visible(user).filter(TO_SEAL, within(user, "seal"), issued_on__lte=today)


def to_serve(user: User, today: date) -> QuerySet[Document]:
    """What is ready to be served, by ``user`` or by nobody in particular where ``user`` may."""
    return _visible(user).filter(TO_SERVE, _is_server(user, today), issued_on__lte=today)


def without_slip(user: User, today: date) -> QuerySet[Document]:
    """Posted ``SLIP_AFTER`` ago or longer, by whom as in ``to_serve``; annotates ``posted_on``."""
    posted = ServiceRecord.objects.filter(document=OuterRef("pk"), corrected_by=None, served_on=None)
    waiting = _visible(user).filter(ON_THE_WAY, REGISTERED, _is_server(user, today))
    return waiting.annotate(posted_on=Subquery(posted.values("posted_on")[:1])).filter(
        posted_on__lte=today - SLIP_AFTER
    )


def without_proof(user: User, today: date) -> QuerySet[Document]:
    """Served by a method that needs a proof, and none was uploaded: what ``user`` sees."""
    return _visible(user).filter(NOT_VOID, lacks_proof=True, served_on__lte=today)


def matching(text: str) -> Q:
    """Documents in whose number, title, addressee or matter ``text`` occurs."""
    return (
        Q(number__icontains=text)
        | Q(title__icontains=text)
        | Q(addressee__icontains=text)
        | Q(matter__icontains=text)
    )


def to_render() -> QuerySet[Document]:
    """Issued documents whose PDF is not written yet, of the whole bureau; the longest waiting first."""
    rows: QuerySet[Document] = Document.objects.filter(TO_RENDER).order_by("issued_on", "pk")
    return rows


def ledger(today: date, kind: str = "") -> QuerySet[Document]:
    """Documents drafted by the end of ``today``, of one kind (its code) or all, in the order of drafting."""
    rows: QuerySet[Document] = Document.objects.filter(drafted_on__lte=today)
    if kind:
        rows = rows.filter(kind__code=kind)
    return with_status(rows, today).select_related("kind").defer("content").order_by("pk")


def _visible(user: User) -> QuerySet[Document]:
    rows: QuerySet[Document] = Document.objects.visible_to(user)
    return rows


def _is_server(user: User, today: date) -> Q:
    """Given to ``user`` to be served, or to nobody in particular where ``user`` may."""
    given = not_ended(servings(), today)
    own = given.filter(user__in=[user.pk, *acting_for(user, today)])
    free = ~Q(pk__in=given.values("object_id"))
    return within(user, "serve") & (free | Q(pk__in=own.values("object_id")))


def _may_approve(user: User, *, own: bool) -> Q:
    leader = Q(kind__approval=Kind.Approval.LEADER)
    return leader & within(user, "sign", own=own) | ~leader & within(user, "approve", own=own)


def _written_by(people: list[int]) -> Q:
    """Drafted, edited or submitted by one of them: not to be approved by these."""
    steps = Step.objects.filter(document=OuterRef("pk"), action__in=Step.AUTHORING, actor__in=people)
    return Q(drafted_by__in=people) | Q(Exists(steps))
