"""All that the page of one supply shows, in a number of queries that does not grow with what happened."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.documents.models import Document, Step
from landbureau.documents.selectors import with_server, with_status
from supervision.supply import access, rails, rules, words
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

ZERO = Decimal(0)
TOLD = (Step.Action.ISSUED, Step.Action.SERVED, Step.Action.CORRECTED, Step.Action.VOIDED)
"""Steps of a document that belong to the life of the supply."""
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
COLOURS = {
    K.PAYMENT: "green",
    K.DAMAGES: "green",
    K.REFUND: "orange",
    K.DEMAND: "red",
    K.HANDOVER: "green",
    K.BOARD: "green",
    K.START: "green",
    K.RESUME: "green",
    K.COMPLETION: "green",
    K.ACCEPTANCE: "green",
    K.STOP: "orange",
    K.DETERMINATION: "red",
    K.DETERMINATION_PROPOSED: "red",
    K.TERMINATION: "red",
    K.TERMINATION_PROPOSED: "red",
    K.TAKE_BACK: "red",
    K.TO_BRIGADE: "red",
    K.DEVIATION: "orange",
    K.EXTENSION_APPROVED: "blue",
    K.EXTENSION_APPLIED: "blue",
}
NOT_FOUND = "not_started"
AMOUNT = re.compile(r"\d{1,14}(\.\d{1,3})?")
AMOUNTS = {"成交价款", "定金", "每期违约金上限", "固定资产投资额", "应动工开发面积", "面积"}


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
    """Sums of all instalments; damages of all tracks, and what was paid of them."""

    parts: tuple[Part, ...]
    amount: Decimal
    paid: Decimal
    balance: Decimal
    damages: tuple[tuple[str, Decimal], ...]
    damages_paid: Decimal

    @property
    def damages_owed(self) -> Decimal:
        return sum((amount for _, amount in self.damages), ZERO)

    @property
    def damages_left(self) -> Decimal:
        return max(self.damages_owed - self.damages_paid, ZERO)

    @property
    def interest(self) -> Decimal:
        return sum((part.interest for part in self.parts), ZERO)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline. ``on``: the day of the fact; ``noted``: when it was entered, where that differs.

    ``void``: corrected or withdrawn, with ``reason``; ``pk``: of the event, 0: it is none.
    """

    on: date
    at: datetime
    title: str
    detail: str = ""
    colour: str = ""
    who: str = ""
    noted: str = ""
    void: bool = False
    reason: str = ""
    url: str = ""
    pk: int = 0
    changes: tuple[tuple[str, str, str], ...] = ()
    may_correct: bool = False

    @property
    def shows_time(self) -> bool:
        at = timezone.localtime(self.at)
        return at.date() == self.on and at.time() != time()


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
    corrections: tuple[Correction, ...]
    versions: tuple[tuple[str, rules.Version, bool], ...]
    changes: tuple[Event, ...]
    lines: tuple[Line, ...]
    successors: tuple[LandSupply, ...]
    payments: tuple[tuple[Event, tuple[Share, ...]], ...]

    @property
    def other_photos(self) -> list[Photo]:
        """Those that belong to no visit in force: of the sign board, of the handover."""
        shown = {photo.pk for line in self.visits for photo in line.photos}
        return [photo for photo in self.photos if photo.pk not in shown]

    @property
    def rails(self) -> tuple[rails.Rail, ...]:
        given = self.office.board_given
        proposed = frozenset(Track(event.track) for event in self.office.proposals if event.track)
        steps = rails.Steps(given.on if given else None, proposed)
        return rails.rails_of(self.view, self.facts, self.terms, steps)


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
    photos = tuple(Photo.objects.filter(supply=supply, event__isnull=False).order_by("-on", "order", "pk"))
    notices = tuple(supply.notices.select_related("kind", "instalment").order_by("-found_on", "-pk"))
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
        corrections=corrections,
        versions=tuple(_versions(facts, view, numbers)),
        changes=tuple(event for event in reversed(events) if event.in_force and event.kind in OF_CHANGES),
        lines=tuple(
            _timeline(supply, events, corrections, notices, documents, deviations, photos, may_correct)
        ),
        successors=tuple(successors),
        payments=tuple(_payments(events, shares)),
    )


# --- Documents -----------------------------------------------------------------------------------------------


def documents_of(
    supply: LandSupply,
    viewer: User,
    today: date,
    events: Collection[Event],
    instalments: Iterable[Instalment],
    notices: Collection[Notice],
) -> QuerySet[Document]:
    """Documents about the supply, its instalments, what happened or a notice, that ``viewer`` sees; newest first."""
    subjects: list[tuple[Any, list[int]]] = [
        (LandSupply, [supply.pk]),
        (Instalment, [one.pk for one in instalments]),
        (Event, [event.pk for event in events]),
        (Notice, [notice.pk for notice in notices]),
    ]
    where = Q(pk__in=[row.document_id for row in (*events, *notices) if row.document_id])
    for model, keys in subjects:
        if keys:
            where |= Q(content_type=ContentType.objects.get_for_model(model), object_id__in=keys)
    rows: QuerySet[Document] = Document.objects.visible_to(viewer).filter(where)
    rows = with_server(with_status(rows, today))
    steps = rows.select_related("kind", "drafted_by").defer("content").prefetch_related("steps__actor")
    return steps.order_by("-drafted_on", "-pk")


# --- Money ---------------------------------------------------------------------------------------------------


def _money(
    supply: LandSupply,
    facts: rules.Facts,
    view: View,
    rows: dict[int, Instalment],
    shares: Sequence[Share],
) -> Money:
    first_paid = min((share.on for share in shares if share.amount > 0), default=None)
    by_seq: dict[int, list[Share]] = defaultdict(list)
    for share in shares:
        if share.on <= view.on:
            by_seq[share.instalment.seq].append(share)
    parts = tuple(
        Part(
            row=rows[one.seq],
            view=one,
            word=words.PAYMENT[one.state],
            interest=rules.interest(one.amount, supply.interest_rate, first_paid, one.due_on)
            if one.seq > 1
            else ZERO,
            shares=tuple(by_seq[one.seq]),
        )
        for one in view.payment
        if one.seq in rows
    )
    damages = (
        ("缴款", sum((one.damages or ZERO for one in view.payment), ZERO)),
        ("开工", view.start.damages or ZERO),
        ("竣工", view.completion.damages or ZERO),
    )
    paid = sum((one.paid for one in view.payment), ZERO)
    amount = sum((one.amount for one in view.payment), ZERO)
    return Money(
        parts=parts,
        amount=amount,
        paid=paid,
        balance=sum((max(one.balance, ZERO) for one in view.payment), ZERO),
        damages=tuple((name, owed) for name, owed in damages if owed),
        damages_paid=sum((event.amount or ZERO for event in facts.of_kind(Kind.DAMAGES)), ZERO),
    )


def _payments(events: Sequence[Event], shares: Sequence[Share]) -> Iterable[tuple[Event, tuple[Share, ...]]]:
    """Payments, refunds and damages in force, newest first, each with the instalments that it filled."""
    by_event: dict[int | None, list[Share]] = defaultdict(list)
    for share in shares:
        by_event[share.event_id].append(share)
    for event in reversed(events):
        if event.in_force and event.kind in (K.PAYMENT, K.REFUND, K.DAMAGES):
            yield event, tuple(by_event[event.pk])


# --- Visits --------------------------------------------------------------------------------------------------


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
    for event in reversed(events):
        if event.in_force and event.kind == K.VISIT:
            visit = getattr(event, "visit", None)
            yield VisitLine(event, visit, tuple(by_event[event.pk]), tuple(found[event.on]))


# --- Dates ---------------------------------------------------------------------------------------------------


def _versions(facts: rules.Facts, view: View, numbers: Terms) -> Iterable[tuple[str, rules.Version, bool]]:
    """Every agreed date of start and completion with whether it is in force."""
    for name, stage in (("开工", view.start), ("竣工", view.completion)):
        for version in rules.versions(facts, stage.track, numbers):
            yield name, version, version == stage.version


# --- Timeline ------------------------------------------------------------------------------------------------


def _timeline(
    supply: LandSupply,
    events: Sequence[Event],
    corrections: Sequence[Correction],
    notices: Sequence[Notice],
    documents: Sequence[Any],
    deviations: dict[str, str],
    photos: Sequence[Photo],
    may_correct: Correcting,
) -> list[Line]:
    """Newest first, by the day of the fact and then the time at which it became known."""
    counts: dict[int | None, int] = defaultdict(int)
    for photo in photos:
        counts[photo.event_id] += 1
    lines = [_event_line(event, deviations, counts[event.pk], may_correct) for event in events]
    lines += [_correction_line(one) for one in corrections]
    lines += [_notice_line(one) for one in notices]
    for document in documents:
        lines += [_step_line(document, step) for step in document.steps.all() if step.action in TOLD]
    if supply.signed_on:
        at = timezone.make_aware(datetime.combine(supply.signed_on, time()))
        lines.append(Line(supply.signed_on, at, f"签订{supply.contract_title}", supply.contract_number))
    return sorted(lines, key=lambda line: (line.on, line.at, line.pk), reverse=True)


def title_of(event: Event, deviations: dict[str, str]) -> str:
    """What happened, in a few words."""
    kind = event.get_kind_display()
    track = event.get_track_display() if event.track else ""
    match event.kind:
        case K.PAYMENT | K.REFUND | K.DAMAGES:
            part = (
                f"（第{event.seq}期）"
                if event.seq
                else f"（{track}）"
                if track and event.kind == K.DAMAGES
                else ""
            )
            return f"{kind} {event.amount:,.2f} 元{part}"
        case K.DEMAND:
            return f"催缴送达（第{event.seq}期）" if event.seq else "催缴送达"
        case K.VISIT:
            return f"巡查：{event.get_finding_display() if event.finding else '未见开工、竣工'}"
        case K.DETERMINATION | K.DETERMINATION_PROPOSED | K.DETERMINATION_RETURNED:
            word = {K.DETERMINATION: "认定", K.DETERMINATION_PROPOSED: "提出"}.get(K(event.kind), "退回")
            return f"{word}{track}违约{'认定' if word != '认定' else ''}"
        case K.EXTENSION_APPLIED | K.EXTENSION_APPROVED | K.EXTENSION_REJECTED | K.EXTENSION_REVIEWED:
            return f"{track}{kind}"
        case K.DEVIATION | K.DEVIATION_FOLLOWED:
            return f"{kind}：{deviations.get(event.deviation, event.deviation)}" if event.deviation else kind
        case K.TRANSFER:
            return "部分转让、分割" if event.partial else "整宗转让变更"
        case _:
            return kind


def facts_in_words(event: Event, photos: int = 0) -> str:
    """The rest of what an event says."""
    said = [
        f"原因：{event.get_cause_display()}" if event.cause else "",
        f"新约定日期 {event.new_due_on}" if event.new_due_on else "",
        f"竣工改为 {event.new_completion_on}" if event.new_completion_on else "",
        f"已开发 {event.developed_area:,.2f} m²" if event.developed_area is not None else "",
        f"已投资 {event.invested:,.2f} 元" if event.invested is not None else "",
        "已处理完毕" if event.settles else "",
        event.remark if not event.corrects_id else "",
        f"照片 {photos} 张" if photos else "",
    ]
    return "；".join(filter(None, said))


def _event_line(event: Event, deviations: dict[str, str], photos: int, may_correct: Correcting) -> Line:
    entered = timezone.localtime(event.recorded_at)
    follower = getattr(event, "corrected_by", None) if not event.in_force else None
    title = title_of(event, deviations)
    if event.withdrawn:
        title = f"撤销：{title}"
    elif event.corrects_id:
        title = f"更正为：{title}"
    colour = COLOURS.get(K(event.kind), "")
    if event.kind == K.VISIT:
        colour = (
            "red" if event.finding in (NOT_FOUND, "") else "orange" if event.finding == "stopped" else "green"
        )
    return Line(
        on=event.on,
        at=event.recorded_at,
        title=title,
        detail=facts_in_words(event, photos),
        colour="" if not event.in_force else colour,
        who=str(event.recorded_by) if event.recorded_by else "导入或系统",
        noted="" if entered.date() == event.on else f"{entered:%Y-%m-%d %H:%M} 登记",
        void=not event.in_force and not event.withdrawn,
        reason=event.remark if event.corrects_id else _why(follower),
        pk=event.pk,
        may_correct=event.in_force and may_correct(event),
    )


def _why(follower: Event | None) -> str:
    if follower is None:
        return ""
    return f"{'已撤销' if follower.withdrawn else '已更正'}：{follower.remark}"


def _correction_line(one: Correction) -> Line:
    return Line(
        on=timezone.localtime(one.made_at).date(),
        at=one.made_at,
        title=f"更正{one.content_type.name}资料（原值保留）",
        who=str(one.made_by) if one.made_by else "系统",
        reason=one.reason,
        changes=tuple((name, _shown(name, old), _shown(name, new)) for name, old, new in one.changes),
    )


def _shown(name: str, value: str) -> str:
    """Amounts and areas with thousands separators, as elsewhere on the page."""
    return f"{Decimal(value):,.2f}" if name in AMOUNTS and AMOUNT.fullmatch(value) else value


def _notice_line(one: Notice) -> Line:
    at = timezone.make_aware(datetime.combine(one.found_on, time(6)))
    which = f"（第{one.instalment.seq}期）" if one.instalment else ""
    again = f"，第 {one.round} 次" if one.round > 1 else ""
    closed = f"{one.closed_on} {one.closed_because}" if one.closed_on else ""
    due = f"约定 {one.due_on}" if one.due_on else ""
    return Line(
        on=one.found_on,
        at=at,
        title=f"{one.kind}{which}{again}",
        detail="；".join(filter(None, (due, closed))),
        who="每日扫描",
    )


def _step_line(document: Document, step: Step) -> Line:
    number = f" {document.number}" if document.number else ""
    colour = "blue" if step.action == Step.Action.ISSUED else "green"
    on = timezone.localtime(step.at).date()
    word = "签发" if step.action == Step.Action.ISSUED else step.get_action_display()
    if step.action == Step.Action.SERVED and document.served_on:
        on = document.served_on
    return Line(
        on=on,
        at=step.at,
        title=f"{word}《{document.title}》{number}",
        detail=step.reason,
        colour="" if step.action == Step.Action.VOIDED else colour,
        who=str(step.actor) if step.actor else "系统",
        url=document.get_absolute_url(),
    )


# --- Who may correct what ------------------------------------------------------------------------------------

OF_OFFICERS = {K.VISIT, K.BOARD, K.BOARD_GIVEN, K.DEVIATION, K.DEVIATION_FOLLOWED}
DECISIONS = {
    K.DETERMINATION: "approve_default",
    K.DETERMINATION_RETURNED: "approve_default",
    K.EXTENSION_REVIEWED: "approve_extension",
    K.EXTENSION_APPROVED: "decide_extension",
    K.EXTENSION_REJECTED: "decide_extension",
    K.TERMINATION: "approve_termination",
    K.TERMINATION_DECLINED: "approve_termination",
}
"""What was decided is corrected only by those who may decide it: else a clerk could move an approved date."""


class Correcting:
    """Whether ``user`` may put an event of ``supply`` right or withdraw it; each permission is asked for once."""

    def __init__(self, user: User, supply: LandSupply) -> None:
        self.user, self.supply = user, supply
        self.known: dict[str, bool] = {}

    def __call__(self, event: Event) -> bool:
        kind = K(event.kind)
        if kind in (K.BRIGADE_ACCEPTED, K.TO_BRIGADE):
            return False
        if kind in DECISIONS:
            return self._holds(DECISIONS[kind])
        return self._holds("update_supply") or (kind in OF_OFFICERS and self._holds("update_visit"))

    def _holds(self, codename: str) -> bool:
        if codename not in self.known:
            self.known[codename] = access.may(self.user, codename, self.supply)
        return self.known[codename]
