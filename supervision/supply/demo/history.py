"""What the office did in the last weeks: the sweep of each morning, documents, and what became of them.

Day by day, so that everything is dated as it would have been; acts of today are left to who tries the demo.
"""

from __future__ import annotations

import heapq
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.documents import clock, services
from landbureau.documents.demo_photos import receipt_photo
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, Kind, ServiceMethod
from landbureau.documents.selectors import TO_RENDER
from landbureau.documents.services.rendering import render, render_later
from landbureau.workdays.selectors import current_calendar
from supervision.supply import kinds
from supervision.supply.demo.records import People
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, Notice, Sweep
from supervision.supply.models.events import CauseChoice, FindingChoice, KindChoice, TrackChoice
from supervision.supply.rules import Track
from supervision.supply.services import sweep
from supervision.supply.services.following import follow
from supervision.supply.services.papers import documents_about, draft_for_notice, draft_paper, submit_held
from supervision.supply.services.visits import draw_card, make_sign_board

logger = logging.getLogger(__name__)
DAYS = 38
MOST_OF_A_KIND = 3
MOST_SEALED = 18
"""Documents that are written as PDF at once: that takes a moment each, and a start should be short."""
MORNING, DRAFTED, APPROVED, ISSUED, SEALED, HANDED, SERVED = (
    time(6), time(6, 5), time(9, 40), time(10, 50), time(15, 10), time(16), time(15, 30),
)  # fmt: skip
LATE_PAPERS = timedelta(days=4)
"""Reminders that were found earlier have been told otherwise: their documents are drafted today."""
HELD = {kinds.START_NOTICE: Track.START, kinds.COMPLETION_REMINDER: Track.COMPLETION}
"""Sent when a visit has found that they are needed."""
MAIN = {
    KindChoice.DETERMINATION: kinds.DEFAULT_DETERMINATION,
    KindChoice.TO_BRIGADE: kinds.BRIGADE_TRANSFER,
    KindChoice.EXTENSION_APPROVED: kinds.CONTRACT_AMENDMENT,
    KindChoice.TERMINATION: kinds.TERMINATION_NOTICE,
    KindChoice.HANDOVER: kinds.HANDOVER_CONFIRMATION,
    KindChoice.BRIEFING: kinds.BRIEFING,
}
"""The document that an event points to."""
DAY = timedelta(days=1)
Act = Callable[[date], Any]


def catch_up(people: People, today: date) -> None:
    """Live through the last weeks, as the first load of the demo."""
    _Weeks(people, today).live()


class _Weeks:
    def __init__(self, people: People, today: date) -> None:
        self.people, self.today, self.calendar = people, today, current_calendar()
        self.turn = count()
        self.agenda: list[tuple[datetime, int, Act]] = []
        self.sealed = 0
        self.method = ServiceMethod.objects.get(code="direct")
        self.kinds_of_section = set(
            Kind.objects.filter(approval=Kind.Approval.SECTION_HEAD).values_list("code", flat=True)
        )

    def live(self) -> None:
        begin = self.today - DAYS * DAY
        for event, act in self._papers_of_events(begin):
            self._put(event.on, time(17), act)
        day = begin
        while day <= self.today:
            self._sweep(day)
            self._link(day)
            for notice in Notice.objects.filter(found_on=day, document=None, closed_on=None):
                self._put(self._drafting_day(notice), DRAFTED, self._draft(notice))
            self._do_until(day)
            day += DAY
        keys = list(Document.objects.filter(TO_RENDER).values_list("pk", flat=True))
        render_later(keys, None)

    # --- The agenda ------------------------------------------------------------------------------------

    def _put(self, on: date, at: time, act: Act) -> None:
        """To be done on the next day worked; what the system does, on its day."""
        if at not in (MORNING, DRAFTED):
            while not self.calendar.day(on).is_workday:
                on += DAY
        heapq.heappush(self.agenda, (timezone.make_aware(datetime.combine(on, at)), next(self.turn), act))

    def _do_until(self, day: date) -> None:
        """Acts of people are done until yesterday."""
        while self.agenda and timezone.localdate(self.agenda[0][0]) <= day:
            moment, _, act = heapq.heappop(self.agenda)
            on = timezone.localdate(moment)
            if on < self.today or moment.timetz().replace(tzinfo=None) == DRAFTED:
                with clock.at(min(moment, timezone.now())):
                    self._try(act, on)

    @staticmethod
    def _try(act: Act, on: date) -> None:
        """A bureau that has edited its kinds of documents still gets the demo."""
        try:
            with transaction.atomic():
                act(on)
        except (SupplyError, DocumentError) as error:
            logger.warning("the demo's document was left out: %s", error.message)

    # --- What the system did ---------------------------------------------------------------------------

    def _sweep(self, day: date) -> None:
        run = sweep(today=day)
        began = timezone.make_aware(datetime.combine(day, MORNING))
        Sweep.objects.filter(pk=run.pk).update(began_at=min(began, timezone.now()))

    def _link(self, day: date) -> None:
        """The demo's documents that were drafted by hand before their notice was found."""
        waiting = Notice.objects.open().filter(document=None, instalment__isnull=False)
        for notice in waiting.select_related("kind__document_kind", "instalment"):
            document = documents_about(notice).filter(voided_on=None).first()
            if document:
                done_on = document.served_on or day
                follow(document=document, actor=None, today=min(max(day, done_on), self.today))

    def _drafting_day(self, notice: Notice) -> date:
        premium = notice.instalment_id is not None
        too_early = premium and notice.found_on < self.today - LATE_PAPERS
        return self.today if too_early else notice.found_on

    def _draft(self, notice: Notice) -> Act:
        def act(on: date) -> None:
            if draft_for_notice(notice.pk, on):
                document = Notice.objects.select_related("document").get(pk=notice.pk).document
                if document and document.submitted_on:
                    self._send(document, on)

        return act

    # --- Papers that follow from what happened ---------------------------------------------------------

    def _papers_of_events(self, begin: date) -> Iterable[tuple[Event, Act]]:
        rows = Event.objects.in_force().filter(on__range=(begin, self.today - DAY))
        done: Counter[str] = Counter()
        for event in rows.select_related("supply__parcel__township", "supply__land_user").order_by("-on"):
            for code in _papers_of(event):
                done[code] += 1
                if done[code] <= MOST_OF_A_KIND or code == kinds.TRACKING_CARD:
                    yield event, self._paper(event, code)

    def _paper(self, event: Event, code: str) -> Act:
        def act(on: date) -> None:
            supply = event.supply
            officer = self.people.officer(supply)
            if code == kinds.TRACKING_CARD:
                if on >= self._last_issue(code):
                    draw_card(event=event, actor=event.recorded_by or officer, today=on)
                return
            if code == kinds.SIGN_BOARD:
                make_sign_board(supply=supply, actor=officer, today=on)
                return
            if code in HELD:
                document = submit_held(supply=supply, track=HELD[code], actor=None, today=on)
            else:
                document = draft_paper(kind=code, supply=supply, actor=None, today=on, event=event)
                if code in MAIN.values() and event.document_id is None:
                    Event.objects.filter(pk=event.pk).update(document=document)
            if document and document.submitted_on:
                self._send(document, on)

        return act

    # --- What people did with a document ---------------------------------------------------------------

    def _send(self, document: Document, on: date) -> None:
        """Approved the next day worked, then issued, sealed, handed to the officer, served."""
        self._put(on + DAY, APPROVED, lambda day: self._approve(document.pk, day))

    def _approve(self, key: int, day: date) -> None:
        document = Document.objects.select_related("kind").get(pk=key)
        if document.approved_on or document.voided_on or not document.submitted_on:
            return
        by = self.people.head if document.kind.code in self.kinds_of_section else self.people.leader
        services.approve(document=document, actor=by, today=day)
        self._put(
            max(day + DAY, self._last_issue(document.kind.code)), ISSUED, lambda on: self._issue(key, on)
        )

    def _issue(self, key: int, day: date) -> None:
        document = Document.objects.select_related("kind").get(pk=key)
        if document.voided_on:
            return
        services.issue(document=document, actor=self.people.clerk, today=day, render=False)
        self._put(day, SEALED, lambda on: self._seal(key, on))

    def _seal(self, key: int, day: date) -> None:
        document = Document.objects.select_related("kind").get(pk=key)
        if document.voided_on or not document.needs_seal or self.sealed >= MOST_SEALED:
            return
        self.sealed += 1
        render(key)
        services.seal(
            document=document,
            actor=self.people.clerk,
            today=day,
            sealed_on=day,
            seal=f"{self.people.bureau}公章",
            keeper=self.people.keeper,
            copies=2,
        )
        if document.needs_service:
            self._put(day + DAY, HANDED, lambda on: self._hand(key, on))

    def _hand(self, key: int, day: date) -> None:
        document = Document.objects.select_related("kind", "township").get(pk=key)
        server = self._server(document)
        services.hand_to(document=document, actor=self.people.clerk, today=day, server=server)
        self._put(day + 2 * DAY, SERVED, lambda on: self._serve(key, on))

    def _serve(self, key: int, day: date) -> None:
        document = Document.objects.select_related("kind", "township").get(pk=key)
        server = self._server(document)
        contact = document.content["receipt"]["place"] if document.content.get("receipt") else ""
        services.add_proof(
            document=document,
            actor=server,
            file=receipt_photo(
                [("文书", document.number or ""), ("受送达人", document.addressee), ("送达人", server.name)],
                taken=timezone.make_aware(datetime.combine(day, SERVED)),
                position=_position(document),
                turn=2.5,
            ),
        )
        services.register_service(
            document=document,
            actor=server,
            today=day,
            method=self.method,
            request_key=f"supply-demo-{key}",
            first_server=server.name,
            second_server=self.people.companions[0],
            place=contact or document.addressee,
            received_on=day,
            received_at=SERVED,
            receiver="收发室",
            relation="单位收发部门",
        )

    def _server(self, document: Document) -> User:
        office = document.township.office_id if document.township else 0
        return self.people.officers.get(office, self.people.clerk)

    def _last_issue(self, code: str) -> date:
        """Numbers follow the days: nothing of a series is issued before its last."""
        series = Kind.objects.get(code=code).series
        last: date | None = Document.objects.filter(series=series).aggregate(last=Max("issued_on"))["last"]
        return last or date.min


def _papers_of(event: Event) -> Iterable[str]:
    """Kinds of the documents that the office makes of it."""
    supply, on = event.supply, event.on
    if main := MAIN.get(KindChoice(event.kind)):
        yield main
    if event.kind == KindChoice.DETERMINATION and event.cause == CauseChoice.LAND_USER:
        of_start = event.track == TrackChoice.START
        yield kinds.START_PERFORMANCE if of_start else kinds.COMPLETION_PERFORMANCE
    if event.kind == KindChoice.BOARD_GIVEN:
        yield kinds.SIGN_BOARD
    if event.kind == KindChoice.VISIT:
        yield kinds.TRACKING_CARD
        start, completion = supply.agreed_start_on, supply.agreed_completion_on
        if event.finding == FindingChoice.NOT_STARTED and start and start < on:
            yield kinds.START_NOTICE
        if event.finding == FindingChoice.UNDER_WAY and completion and completion >= on:
            yield kinds.COMPLETION_REMINDER


def _position(document: Document) -> tuple[float, float]:
    """Where it was served: at the parcel, as far as that is known."""
    subject: Any = document.subject
    supply = getattr(subject, "supply", subject)
    parcel = getattr(supply, "parcel", None)
    if parcel is None or parcel.latitude is None:
        return 0.0, 0.0
    return float(parcel.latitude), float(parcel.longitude)
