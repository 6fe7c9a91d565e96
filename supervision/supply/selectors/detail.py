"""All that the page of one supply shows, in a number of queries that does not grow with what happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Min, Q, QuerySet

from landbureau.accounts.models import User
from landbureau.documents.models import Document
from landbureau.documents.selectors import with_server, with_status
from supervision.supply import rails, rules, words
from supervision.supply.models import (
    Correction,
    DeviationKind,
    Event,
    Instalment,
    LandSupply,
    Notice,
    Photo,
    Share,
    Visit,
)
from supervision.supply.models.events import KindChoice as K
from supervision.supply.rules import Kind, Terms, Track, View
from supervision.supply.selectors.facts import facts_of, terms
from supervision.supply.selectors.office import Office, office_of
from supervision.supply.selectors.supervised import officers_of
from supervision.supply.selectors.timeline import Correcting, Line, changes_of, timeline_of

ZERO = Decimal(0)
OF_CHANGES = (
    K.EXTENSION_APPLIED,
    K.EXTENSION_REVIEWED,
    K.EXTENSION_APPROVED,
    K.EXTENSION_REJECTED,
    K.DETERMINATION_PROPOSED,
    K.DETERMINATION,
    K.DETERMINATION_RETURNED,
    K.TRANSFER,
    K.TERMINATION_PROPOSED,
    K.TERMINATION,
    K.TERMINATION_DECLINED,
    K.TAKE_BACK,
    K.ACCEPTANCE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """An instalment with what the page says beside its view; ``shares``: newest last."""

    row: Instalment
    view: rules.InstalmentView
    word: words.Word
    interest: Decimal
    shares: tuple[Share, ...]

    @property
    def rolled(self) -> bool:
        return self.view.effective_due_on != self.view.due_on

    @property
    def surplus(self) -> Decimal:
        return max(-self.view.balance, ZERO)


@dataclass(frozen=True, slots=True)
class Money:
    """Sums of all instalments; damages of all tracks (None: no rate was agreed), and what was paid."""

    parts: tuple[Part, ...]
    amount: Decimal
    paid: Decimal
    balance: Decimal
    damages: tuple[tuple[str, Decimal | None], ...]
    damages_paid: Decimal

    @property
    def damages_owed(self) -> Decimal:
        return sum((amount for _, amount in self.damages if amount), ZERO)

    @property
    def damages_left(self) -> Decimal:
        return max(self.damages_owed - self.damages_paid, ZERO)

    @property
    def interest(self) -> Decimal:
        return sum((part.interest for part in self.parts), ZERO)


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """A payment, refund or payment of damages; ``shares``: what it filled."""

    event: Event
    shares: tuple[Share, ...]
    may_correct: bool


@dataclass(frozen=True, slots=True)
class VisitLine:
    event: Event
    visit: Visit | None
    photos: tuple[Photo, ...]
    deviations: tuple[str, ...]


@dataclass(frozen=True)
class Detail:
    supply: LandSupply
    facts: rules.Facts
    view: View
    terms: Terms
    office: Office
    officer: User | None
    money: Money
    events: tuple[Event, ...]
    visits: tuple[VisitLine, ...]
    photos: tuple[Photo, ...]
    documents: tuple[Any, ...]
    notices: tuple[Notice, ...]
    corrections: tuple[tuple[Correction, tuple[tuple[str, str, str], ...]], ...]
    versions: tuple[tuple[str, rules.Version, bool], ...]
    changes: tuple[Event, ...]
    lines: tuple[Line, ...]
    successors: tuple[LandSupply, ...]
    payments: tuple[MoneyLine, ...]

    @property
    def other_photos(self) -> list[tuple[Event, list[Photo]]]:
        """Those that belong to no visit in force: of the sign board, of the handover; by what they show."""
        shown = {photo.pk for line in self.visits for photo in line.photos}
        found: dict[Event, list[Photo]] = {}
        for photo in self.photos:
            if photo.event is not None and photo.pk not in shown:
                found.setdefault(photo.event, []).append(photo)
        return sorted(found.items(), key=lambda item: (item[0].on, item[0].pk), reverse=True)

    @property
    def rails(self) -> tuple[rails.Rail, ...]:
        given = self.office.board_given
        proposed = frozenset(Track(event.track) for event in self.office.proposals if event.track)
        steps = rails.Steps(given.on if given else None, proposed, pending_of(self.office))
        return rails.rails_of(self.view, self.facts, self.terms, steps)


def pending_of(office: Office) -> dict[Track, rails.Pending]:
    """Applications for a later date that are not decided, by their stage."""
    return {
        Track(event.track): rails.Pending(event.on, event.new_due_on, event.pk in office.reviews)
        for event in office.applications
        if event.track
    }


def supplies_with_all(viewer: User) -> QuerySet[LandSupply]:
    """Supplies that ``viewer`` sees, with the rows that every page about one of them needs."""
    rows: QuerySet[LandSupply] = LandSupply.objects.visible_to(viewer)
    return rows.select_related(
        "land_user", "parcel__township__office", "parcel__village", "section", "origin__land_user"
    )


def detail_of(supply: LandSupply, viewer: User, today: date) -> Detail:
    """Everything about ``supply`` as of ``today``, documents as far as ``viewer`` sees them."""
    facts, numbers = facts_of([supply])[supply.pk], terms()
    view = rules.view_of(facts, today, numbers)
    events = tuple(
        supply.events.select_related("recorded_by", "visit", "document", "corrected_by").order_by("on", "pk")
    )
    rows = {one.seq: one for one in supply.instalments.all()}
    shares = tuple(
        Share.objects.filter(instalment__supply=supply, on__lte=today)
        .select_related("instalment", "event")
        .order_by("on", "pk")
    )
    pictures = Photo.objects.filter(supply=supply, event__isnull=False).select_related("event", "uploaded_by")
    photos = tuple(pictures.order_by("-on", "order", "pk"))
    notices = tuple(supply.notices.select_related("kind", "instalment", "sweep").order_by("-found_on", "-pk"))
    documents = tuple(documents_of(supply, viewer, today, events, rows.values(), notices))
    corrections = tuple(supply.corrections.select_related("made_by", "content_type"))
    deviations = dict(DeviationKind.objects.values_list("code", "title"))
    successors = LandSupply.objects.visible_to(viewer).filter(origin=supply).select_related("land_user")
    money = _money(supply, facts, view, rows, shares)
    may_correct = Correcting(viewer, supply)
    return Detail(
        supply=supply,
        facts=facts,
        view=view,
        terms=numbers,
        office=office_of(supply, facts),
        officer=officers_of([supply.pk]).get(supply.pk),
        money=money,
        events=events,
        visits=tuple(_visits(events, photos, deviations)),
        photos=photos,
        documents=documents,
        notices=notices,
        corrections=tuple((one, changes_of(one)) for one in corrections),
        versions=tuple(_versions(facts, view, numbers)),
        changes=tuple(event for event in reversed(events) if event.in_force and event.kind in OF_CHANGES),
        lines=tuple(
            timeline_of(supply, events, corrections, notices, documents, deviations, photos, may_correct)
        ),
        successors=tuple(successors),
        payments=tuple(_payments(events, shares, may_correct)),
    )


# --- Documents ---------------------------------------------------------------------------------------------


def documents_of(
    supply: LandSupply,
    viewer: User,
    today: date,
    events: Collection[Event],
    instalments: Iterable[Instalment],
    notices: Collection[Notice],
) -> QuerySet[Document]:
    """Documents about the supply, an instalment, an event or a notice, that ``viewer`` sees; newest first."""
    subjects: list[tuple[Any, list[int]]] = [
        (LandSupply, [supply.pk]),
        (Instalment, [one.pk for one in instalments]),
        (Event, [event.pk for event in events]),
        (Notice, [notice.pk for notice in notices]),
    ]
    named = [event.document_id for event in events] + [notice.document_id for notice in notices]
    where = Q(pk__in=[pk for pk in named if pk])
    for model, keys in subjects:
        if keys:
            where |= Q(content_type=ContentType.objects.get_for_model(model), object_id__in=keys)
    rows: QuerySet[Document] = Document.objects.visible_to(viewer).filter(where)
    rows = with_server(with_status(rows, today))
    steps = rows.select_related("kind", "drafted_by").defer("content").prefetch_related("steps__actor")
    return steps.order_by("-drafted_on", "-pk")


# --- Money -------------------------------------------------------------------------------------------------


def _money(
    supply: LandSupply,
    facts: rules.Facts,
    view: View,
    rows: dict[int, Instalment],
    shares: Sequence[Share],
) -> Money:
    first_paid = min((share.on for share in shares if share.amount > 0 and not share.moved), default=None)
    if supply.origin_id is not None and supply.interest_rate:
        before = Share.objects.filter(instalment__supply=supply.origin_id, amount__gt=0, moved=False)
        first_paid = before.aggregate(on=Min("on"))["on"] or first_paid
    by_seq: dict[int, list[Share]] = defaultdict(list)
    for share in shares:
        if share.on <= view.on:
            by_seq[share.instalment.seq].append(share)
    parts = tuple(
        Part(
            row=rows[one.seq],
            view=one,
            word=words.MOVED if one.moved and view.closed_on else words.PAYMENT[one.state],
            interest=rules.interest(one.amount, supply.interest_rate, first_paid, one.due_on)
            if one.seq > 1
            else ZERO,
            shares=tuple(by_seq[one.seq]),
        )
        for one in view.payment
        if one.seq in rows
    )
    paid = sum((one.paid for one in view.payment), ZERO)
    amount = sum((one.amount for one in view.payment), ZERO)
    return Money(
        parts=parts,
        amount=amount,
        paid=paid,
        balance=sum((max(one.balance, ZERO) for one in view.payment), ZERO),
        damages=tuple(_damages(view)),
        damages_paid=sum((event.amount or ZERO for event in facts.of_kind(Kind.DAMAGES)), ZERO),
    )


def _damages(view: View) -> Iterable[tuple[str, Decimal | None]]:
    """Of each track that is or was late."""
    late = [one.damages for one in view.payment if one.days_late]
    if late:
        yield "缴款", None if None in late else sum(filter(None, late), ZERO)
    for name, stage in (("开工", view.start), ("竣工", view.completion)):
        if stage.days_late:
            yield name, stage.damages


def _payments(
    events: Sequence[Event], shares: Sequence[Share], may_correct: Correcting
) -> Iterable[MoneyLine]:
    """Payments, refunds and damages in force, newest first, each with the instalments that it filled."""
    by_event: dict[int | None, list[Share]] = defaultdict(list)
    for share in shares:
        by_event[share.event_id].append(share)
    for event in reversed(events):
        if event.in_force and event.kind in (K.PAYMENT, K.REFUND, K.DAMAGES):
            yield MoneyLine(event, tuple(by_event[event.pk]), may_correct(event))


# --- Visits ------------------------------------------------------------------------------------------------


def _visits(
    events: Sequence[Event], photos: Sequence[Photo], deviations: dict[str, str]
) -> Iterable[VisitLine]:
    by_event: dict[int | None, list[Photo]] = defaultdict(list)
    for photo in photos:
        by_event[photo.event_id].append(photo)
    found: dict[date, list[str]] = defaultdict(list)
    for event in events:
        if event.in_force and event.kind == K.DEVIATION:
            found[event.on].append(deviations.get(event.deviation, event.deviation))
    known = {event.pk: event for event in events}
    for event in reversed(events):
        if event.in_force and event.kind == K.VISIT:
            trail = list(_trail(event, known))
            yield VisitLine(
                event,
                next((one.visit for one in trail if hasattr(one, "visit")), None),
                tuple(photo for one in trail for photo in by_event[one.pk]),
                tuple(found[event.on]),
            )


def _trail(event: Event, known: dict[int, Event]) -> Iterable[Event]:
    """The entry and those that it put right: time, position and photos stay with the first."""
    current: Event | None = event
    while current is not None:
        yield current
        current = known.get(current.corrects_id) if current.corrects_id else None


# --- Dates -------------------------------------------------------------------------------------------------


def _versions(facts: rules.Facts, view: View, numbers: Terms) -> Iterable[tuple[str, rules.Version, bool]]:
    """Every agreed date of start and completion with whether it is in force."""
    for name, stage in (("开工", view.start), ("竣工", view.completion)):
        for version in rules.versions(facts, stage.track, numbers):
            yield name, version, version == stage.version
