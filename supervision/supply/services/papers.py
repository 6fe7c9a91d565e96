"""Documents of land supply are drafted: by an act of the office, or by the job from open notices.

A notice whose kind has a document and that has none yet is the order to draft one. Who drafts claims it
first: ``attempts`` is the token of the claim, ``claimed_until`` its end. Document and link are committed
together, so that a crash leaves either both or none.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.accounts.services import SUPERVISION
from landbureau.documents import access
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, Kind
from landbureau.documents.services import draft_document
from landbureau.documents.services import submit as send_for_approval
from landbureau.jobs.models import JobRun
from landbureau.jobs.progress import Progress
from landbureau.jobs.services import enqueue
from supervision.supply import kinds, rules
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, Instalment, LandSupply, Notice
from supervision.supply.rules import NoticeCode, StageState, Track
from supervision.supply.selectors.facts import facts_of, terms
from supervision.supply.services.events import lock_supply
from supervision.supply.services.idle_drafts import give_up_drafts, idle_drafts

logger = logging.getLogger(__name__)
JOB = "draft_notices"
LEASE = timedelta(minutes=5)  # many times what a draft takes
LONGEST_WAIT = timedelta(hours=6)  # between two attempts at a notice whose data are wrong
MOST_AT_ONCE = 1000  # notices in one run: the next run takes the others
MOST_SAID = 300  # characters of ``Notice.error``
VOIDED = "文书已作废，仍需要的请重新拟稿。"
"""Of a notice whose document a person gave up: the job does not draft it again."""
MATTERS = {
    kinds.PAYMENT_REMINDER: "{dues}缴纳提醒",
    kinds.PAYMENT_DEMAND: "{dues}催缴",
    kinds.START_REMINDER: "开工提醒",
    kinds.START_NOTICE: "督促开工",
    kinds.COMPLETION_REMINDER: "竣工提醒",
    kinds.START_PERFORMANCE: "督促履行开工约定",
    kinds.COMPLETION_PERFORMANCE: "督促履行竣工约定",
    kinds.DEFAULT_DETERMINATION: "违约认定",
    kinds.BRIGADE_TRANSFER: "违约线索移送",
    kinds.TERMINATION_NOTICE: "解除合同",
    kinds.BRIEFING: "供后监管事项告知",
}
"""事由 by kind; forms have none."""
ATTACHMENTS = {kinds.BRIGADE_TRANSFER: ("违约认定书", "现场巡查记录和照片", "合同或者划拨决定书（复印件）")}


@transaction.atomic
def draft_paper(
    *,
    kind: str,
    supply: LandSupply,
    actor: User | None,
    today: date,
    instalment: Instalment | None = None,
    event: Event | None = None,
    extra: Mapping[str, Any] | None = None,
    submit: bool = True,
) -> Document:
    """Draft a document of ``kind`` (a code of ``kinds``) about ``supply``; ``submit``: send it for approval.

    Its subject is the instalment, else the event, else the supply. It is the system's where ``actor`` may not
    draft such documents: what it says follows from the facts. ``extra``: fields by name that replace those of
    the facts. Raises ``SupplyError``.
    """
    values = kinds.values_for(kind, supply, today=today, instalment=instalment, event=event, extra=extra)
    try:
        return _draft(kind, supply, values, actor, today, instalment or event or supply, submit)
    except DocumentError as error:
        raise SupplyError(error.message) from error


def _draft(
    code: str,
    supply: LandSupply,
    values: Mapping[str, Any],
    actor: User | None,
    today: date,
    subject: models.Model,
    send: bool,
) -> Document:
    kind = Kind.objects.get(code=code)
    parcel = supply.parcel
    to_brigade = code == kinds.BRIGADE_TRANSFER
    return draft_document(
        kind=kind,
        addressee=kinds.brigade_name() if to_brigade else supply.land_user.name,
        values=values,
        section=supply.section,
        drafter=actor if actor and _may_draft(actor, kind, supply) else None,
        today=today,
        title=kinds.title_for(kind.title, supply),
        matter=_matter(code, supply, subject),
        place="" if to_brigade else supply.land_user.address,
        township=parcel.township,
        village=parcel.village,
        subject=subject,
        contact=None if to_brigade else _officer(supply),
        attachments=ATTACHMENTS.get(code, ()),
        submit=send,
    )


def _may_draft(actor: User, kind: Kind, supply: LandSupply) -> bool:
    """As ``draft_document`` will ask."""
    sample = Document(kind=kind, family=kind.family, section=supply.section, township=supply.parcel.township)
    return access.may(actor, "draft", sample)


def _matter(code: str, supply: LandSupply, subject: models.Model) -> str:
    words = MATTERS.get(code, "").format(dues=kinds.dues_name(supply))
    if words and isinstance(subject, Instalment):
        words = f"第{subject.seq}期{words}"
    return f"{words}（{kinds.contract_number(supply)}）" if words else ""


def _officer(supply: LandSupply) -> User | None:
    """Who answers for the supply: named on the paper, with the telephone of the office or the section."""
    row = supply.assignments.filter(task=SUPERVISION, ends_on=None).select_related("user__office").first()
    return row.user if row else None


# --- From notices ------------------------------------------------------------------------------------------


def draft_later(actor: User | None = None) -> JobRun:
    """Have the documents of open notices drafted soon after the caller's transaction has committed."""
    trigger = JobRun.Trigger.PERSON if actor else JobRun.Trigger.BEAT
    return enqueue(JOB, trigger=trigger, actor=actor, recorded=False)


def draft_soon(actor: User | None = None) -> None:
    """``draft_later``, if there is something to draft or to give up."""
    if _waiting(timezone.now()).exists() or idle_drafts().exists():
        draft_later(actor)


def pick_up_notices() -> None:
    """Every few minutes: have drafted what no run is about to draft."""
    State = JobRun.State
    if not JobRun.objects.filter(kind=JOB, state__in=[State.QUEUED, State.RUNNING]).exists():
        draft_soon()


def draft_notice_papers(run: Progress) -> None:
    """Job: draft what open notices ask for, give up drafts whose matter is settled.

    One that fails stops no other, says why at its notice and is tried again later.
    """
    today = timezone.localdate()
    counts = {"drafted": 0, "failed": 0, "voided": 0, **run.counts}
    counts["voided"] += give_up_drafts(idle_drafts().values_list("pk", flat=True), today)
    keys = list(_waiting(timezone.now()).order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    for done, key in enumerate(keys, 1):
        drafted = draft_for_notice(key, today)
        if drafted is not None:
            counts["drafted" if drafted else "failed"] += 1
        run.counts.update(counts)
        run.progress(done, len(keys))
    run.counts.update(counts)


def draft_for_notice(notice_id: int, today: date) -> bool | None:
    """Draft the document of one open notice. True: there is one now; False: it failed (``Notice.error``).

    None: it has one, is closed, or somebody else is at it.
    """
    attempt = _claim(notice_id, timezone.now())
    if attempt is None:
        return None
    try:
        return True if _draft_claimed(notice_id, attempt, today) else None
    except (SupplyError, DocumentError) as error:
        _fail(notice_id, attempt, error.message)
    except Exception:  # whatever is wrong with one notice, the others get their documents
        logger.exception("notice %s not drafted, attempt %s", notice_id, attempt)
        _fail(notice_id, attempt, f"已试 {attempt} 次，原因在系统日志中，请告知系统管理员。")
    return False


def _waiting(now: datetime) -> QuerySet[Notice]:
    """Open notices that want a document and that nobody has claimed."""
    rows: QuerySet[Notice] = Notice.objects.open().filter(
        Q(claimed_until=None) | Q(claimed_until__lt=now), document=None, kind__document_kind__isnull=False
    )
    return rows.exclude(error=VOIDED)


def _claim(notice_id: int, now: datetime) -> int | None:
    """Compare-and-set; the number of this attempt, None: not to be had."""
    attempts = _waiting(now).filter(pk=notice_id).values_list("attempts", flat=True).first()
    if attempts is None:
        return None
    free = Notice.objects.filter(
        Q(claimed_until=None) | Q(claimed_until__lt=now), pk=notice_id, document=None, attempts=attempts
    )
    claimed = free.update(attempts=F("attempts") + 1, claimed_until=now + LEASE + _wait(attempts + 1))
    return attempts + 1 if claimed else None


@transaction.atomic
def _draft_claimed(notice_id: int, attempt: int, today: date) -> bool:
    """Document and link in one transaction; False: settled or taken by another meanwhile.

    The supply is locked first: who settles the notice at the same moment comes before or after.
    """
    notice = Notice.objects.select_related("kind__document_kind", "instalment").get(pk=notice_id)
    supply = lock_supply(notice.supply)
    mine = Notice.objects.open().filter(pk=notice_id, document=None, attempts=attempt)
    if not mine.exists():
        return False
    document, error = _found(notice), ""
    if document is None:
        document, error = _draft_for(notice, supply, today)
    mine.update(document=document, error=error[:MOST_SAID], claimed_until=None)
    return True


def _draft_for(notice: Notice, supply: LandSupply, today: date) -> tuple[Document, str]:
    """A draft, and what keeps it from being sent for approval: then the section completes it."""
    assert notice.kind.document_kind is not None
    code = notice.kind.document_kind.code
    document = draft_paper(
        kind=code, supply=supply, actor=None, today=today, instalment=_instalment(notice), submit=False
    )
    if notice.kind.held:
        return document, ""
    try:
        with transaction.atomic():
            send_for_approval(document=document, actor=None, today=today)
    except DocumentError as error:
        document.refresh_from_db()
        return document, f"已拟稿，未能送审：{error.message}"
    return document, ""


def _found(notice: Notice) -> Document | None:
    """One that was drafted for this matter by hand since it was found."""
    return documents_about(notice).filter(voided_on=None, drafted_on__gte=notice.found_on).first()


def documents_about(notice: Notice) -> QuerySet[Document]:
    """Documents of the notice's kind about its instalment or supply, newest first, whoever drafted them."""
    subject = _instalment(notice) or notice.supply
    rows: QuerySet[Document] = Document.objects.filter(
        kind=notice.kind.document_kind,
        content_type=ContentType.objects.get_for_model(subject),
        object_id=subject.pk,
    )
    return rows.order_by("-pk")


def _instalment(notice: Notice) -> Instalment | None:
    return notice.instalment if notice.track == Track.PAYMENT else None


def _fail(notice_id: int, attempt: int, message: str) -> None:
    Notice.objects.filter(pk=notice_id, document=None, attempts=attempt).update(
        error=message[:MOST_SAID], claimed_until=timezone.now() + _wait(attempt)
    )


def _wait(attempt: int) -> timedelta:
    """One minute after the first failure, then two, four ... minutes."""
    return min(timedelta(minutes=2 ** min(attempt - 1, 10)), LONGEST_WAIT)


# --- After a visit -----------------------------------------------------------------------------------------


def lock_held(supply: LandSupply) -> None:
    """Lock the held drafts of a locked supply, before its events and notices are touched.

    Whoever works on such a draft waits for its notice, never for the supply: supply, drafts, the rest.
    """
    waiting = Notice.objects.open().filter(supply=supply, kind__held=True, document__isnull=False)
    rows = Document.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    list(rows.filter(pk__in=list(waiting.values_list("document", flat=True))).values_list("pk"))


@transaction.atomic
def submit_held(*, supply: LandSupply, track: Track, actor: User | None, today: date) -> Document | None:
    """A visit found the stage not reached: send for approval, or draft, what the land user is told now.

    Completion: the held draft of 《竣工建设提醒》 until the agreed date. Start: 《开工通知书》 after it, once
    for each agreed date. None: nothing is to be told. Raises ``SupplyError``.
    """
    supply = lock_supply(supply)
    view = rules.view_of(facts_of([supply])[supply.pk], today, terms())
    if view.closed_on is not None:
        return None
    if track == Track.START:
        return _notice_of_start(supply, view, actor, today)
    if track == Track.COMPLETION:
        return _held_reminder(supply, view, actor, today)
    return None


def _notice_of_start(
    supply: LandSupply, view: rules.View, actor: User | None, today: date
) -> Document | None:
    due_on = view.start.due_on
    if view.start.state not in (StageState.RECHECK, StageState.DEFAULT) or due_on is None:
        return None
    told = Document.objects.filter(
        kind__code=kinds.START_NOTICE,
        content_type__in=ContentType.objects.get_for_models(LandSupply, Event).values(),
        drafted_on__gt=due_on,
        voided_on=None,
    )
    visits = Event.objects.in_force().filter(supply=supply, kind=rules.Kind.VISIT.value)
    of_supply = Q(content_type=ContentType.objects.get_for_model(LandSupply), object_id=supply.pk)
    of_visits = Q(
        content_type=ContentType.objects.get_for_model(Event),
        object_id__in=Event.objects.filter(supply=supply).order_by().values("pk"),
    )
    if told.filter(of_supply | of_visits).exists():
        return None
    visit = visits.filter(on__gt=due_on, on__lte=today).order_by("-on", "-pk").first()
    return draft_paper(kind=kinds.START_NOTICE, supply=supply, actor=actor, today=today, event=visit)


def _held_reminder(supply: LandSupply, view: rules.View, actor: User | None, today: date) -> Document | None:
    if view.completion.state != StageState.REMINDER:
        return None
    notice = (
        Notice.objects.open()
        .select_related("document", "kind__document_kind")
        .filter(supply=supply, kind__code=NoticeCode.COMPLETION_REMINDER, due_on=view.completion.due_on)
        .first()
    )
    if notice is None or notice.error == VOIDED:
        return None
    document = notice.document
    if document is None:
        document = draft_paper(
            kind=kinds.COMPLETION_REMINDER, supply=supply, actor=actor, today=today, submit=False
        )
        Notice.objects.filter(pk=notice.pk).update(document=document, error="", claimed_until=None)
    if document.submitted_on or document.approved_on or document.voided_on:
        return document
    sender = actor if actor and access.may(actor, "draft", document) else None
    try:
        send_for_approval(document=document, actor=sender, today=today)
    except DocumentError as error:
        raise SupplyError(f"《{document.title}》未能送审：{error.message}") from error
    return document


__all__ = [
    "draft_for_notice",
    "draft_later",
    "draft_notice_papers",
    "draft_paper",
    "draft_soon",
    "lock_held",
    "pick_up_notices",
    "submit_held",
]
