"""Visits: who may make and see them, what one would bring about, what its card says, an officer's round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.accounts.selectors import acting_for
from supervision.supply import kinds, rules, words
from supervision.supply.models import (
    CheckListEntry,
    DeviationKind,
    Event,
    LandSupply,
    Photo,
    Visit,
)
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import Finding, StageState, Track, View
from supervision.supply.rules.looks import Look, tracks_to_tell, with_look
from supervision.supply.rules.places import Place, place_of
from supervision.supply.selectors.consequences import papers
from supervision.supply.selectors.facts import parameter, terms
from supervision.supply.transitions import TRACKS, Situation, situation_of

STARTED_BY = {
    "pit": "需挖深基坑的，基坑已挖完",
    "piles": "使用桩基的，基础桩已打完",
    "foundation": "其他项目，地基已完成三分之一",
}
"""What counts as a start (闲置土地处置办法 art. 30); clearing or fencing does not."""
PAPERS = {Track.START: kinds.START_NOTICE, Track.COMPLETION: kinds.COMPLETION_REMINDER}
SHOWN_LATELY = 3


# --- Who may make and see them -------------------------------------------------------------------------


def visitable(user: User, today: date) -> QuerySet[LandSupply]:
    """The supplies that ``user`` may visit: of the own townships, and those drawn for a check, until seen."""
    own = LandSupply.objects.visible_to(user, "create_visit").order_by().values("pk")
    drawn = entries_for(user, today)
    return LandSupply.objects.filter(Q(pk__in=own) | Q(pk__in=drawn.values("supply")))


def entries_for(user: User, today: date) -> QuerySet[CheckListEntry]:
    """What ``user``, or who ``user`` deputises for, is still to look at by a check list."""
    rows: QuerySet[CheckListEntry] = CheckListEntry.objects.filter(
        officer__in=people_of(user, today), visit=None
    )
    return rows


def visits_visible_to(user: User) -> QuerySet[Event]:
    """Visits of the supplies of which ``user`` sees the visits, and one's own."""
    rows: QuerySet[Event] = Event.objects.filter(kind=KindChoice.VISIT, withdrawn=False)
    return rows.filter(_seen(user) | Q(recorded_by=user))


def photos_visible_to(user: User) -> QuerySet[Photo]:
    """Photos of events in sight; those of a draft are for who uploaded them."""
    return Photo.objects.filter(Q(event=None, uploaded_by=user) | (Q(event__isnull=False) & _of_photos(user)))


def _seen(user: User) -> Q:
    seen = Q(pk__in=())
    for codename in ("view_visit", "view_supply"):
        if user.holds_everywhere(codename):
            return Q(supply__isnull=False)
        seen |= Q(supply__in=LandSupply.objects.visible_to(user, codename).order_by().values("pk"))
    return seen


def _of_photos(user: User) -> Q:
    return _seen(user) | Q(uploaded_by=user)


def people_of(user: User, today: date) -> list[int]:
    """``user`` and those for whom ``user`` deputises."""
    return [user.pk, *acting_for(user, today)]


# --- A visit as it stands -------------------------------------------------------------------------------


def newest(event: Event) -> Event:
    """The row that counts in the place of ``event``: itself, or the last of its corrections."""
    while (later := Event.objects.filter(corrects=event).first()) is not None:
        event = later
    return event


def chain_of(event: Event) -> list[int]:
    """Keys of the row and of those that it corrected, newest first: visit and photos hang on the last."""
    keys = [event.pk]
    while event.corrects_id is not None:
        event = Event.objects.get(pk=event.corrects_id)
        keys.append(event.pk)
    return keys


@dataclass(frozen=True)
class VisitRecord:
    """A visit with all that belongs to it. ``visit``: None for one that came from a ledger."""

    event: Event
    visit: Visit | None
    photos: list[Photo]
    place: Place | None
    answers: list[tuple[DeviationKind, bool]]
    started_by: str
    followed: list[Event]
    later: Event | None


def record_of(event: Event) -> VisitRecord:
    """Everything about a visit, for its page and its card."""
    keys = chain_of(event)
    visit = Visit.objects.filter(event__in=keys).first()
    said = dict(visit.answers) if visit else {}
    kinds = [kind for kind in DeviationKind.objects.all() if kind.code in said]
    return VisitRecord(
        event=event,
        visit=visit,
        photos=list(Photo.objects.filter(event__in=keys)),
        place=place_in(event.supply, visit.longitude, visit.latitude) if visit else None,
        answers=[(kind, bool(said[kind.code])) for kind in kinds],
        started_by=STARTED_BY.get(str(said.get("started_by", "")), ""),
        followed=list(Event.objects.filter(answers__in=keys, in_force=True)),
        later=newest(event) if not event.in_force else None,
    )


def written_down(answers: Mapping[str, bool], started_by: str) -> dict[str, Any]:
    """As ``Visit.answers`` keeps them."""
    return {**answers, **({"started_by": started_by} if started_by else {})}


def place_in(supply: LandSupply, longitude: Any, latitude: Any) -> Place | None:
    """Where a position lies relative to the parcel; None: not known of one of them."""
    if longitude is None or latitude is None:
        return None
    parcel = supply.parcel
    known = parcel.longitude is not None and parcel.latitude is not None
    point = (float(parcel.longitude or 0), float(parcel.latitude or 0)) if known else None
    return place_of(float(longitude), float(latitude), boundary=parcel.boundary, point=point)


def is_far(place: Place | None, accuracy: int | None) -> bool:
    """Whether a position is too far from the parcel to be that of a visit, its inaccuracy (m) aside."""
    if place is None or not place.distance:
        return False
    return place.distance - (accuracy or 0) > parameter("far_visit_metres")


def lately(supply: LandSupply) -> list[Event]:
    """The last visits, newest first."""
    rows = Event.objects.in_force().filter(supply=supply, kind=KindChoice.VISIT)
    return list(rows.select_related("recorded_by").order_by("-on", "-pk")[:SHOWN_LATELY])


def colleagues(user: User) -> list[str]:
    """Names of those who may come along: of the same office or section."""
    same = Q(pk__in=())
    if user.office_id:
        same |= Q(office=user.office_id)
    if user.section_id:
        same |= Q(section=user.section_id)
    rows = User.objects.filter(same, is_active=True).exclude(pk=user.pk)
    return list(rows.order_by("name").values_list("name", flat=True)[:50])


# --- What a visit would bring about ------------------------------------------------------------------------


def situation_on(supply: LandSupply, on: date) -> Situation:
    """The supply as of the day of a visit, before it."""
    return situation_of(supply, on)


@dataclass(frozen=True)
class Outlook:
    """What follows from sending the visit, in words; nothing until enough is filled in."""

    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def outlook(
    before: Situation,
    look: Look | None,
    *,
    deviations: Sequence[DeviationKind] = (),
    board_gone: bool = False,
    entries: Sequence[CheckListEntry] = (),
) -> Outlook:
    """What the visit would change. ``before``: as of its day; ``deviations``: those that were found."""
    if look is None:
        return Outlook()
    after = rules.view_of(with_look(before.facts, look), look.on, terms())
    lines = [line for pair in _stages(before.view, after) if (line := _moved(*pair))]
    lines += _dated(before, after, look)
    if look.board_posted:
        lines.append(f"公示牌记为 {look.on} 已悬挂")
    if board_gone and before.view.handover.board_on:
        lines.append("登记问题“公示牌未挂”")
    lines += [f"登记问题“{kind.title}”：{kind.measure}" for kind in deviations]
    lines += _papers(before, look)
    lines += [f"完成“{entry.check_list.title}”中的这一宗" for entry in entries]
    lines.append("生成跟踪管理卡")
    return Outlook(lines)


def _stages(before: View, after: View) -> list[tuple[rules.DateView, rules.DateView]]:
    return [(before.start, after.start), (before.completion, after.completion)]


def _moved(old: rules.DateView, new: rules.DateView) -> str:
    if (old.code, old.cause) == (new.code, new.cause):
        return ""
    was, now = words.stage_words(old)[1], words.stage_words(new)[1]
    return f"{TRACKS[old.track]}由“{was}”转为“{now}”"


def _dated(before: Situation, after: View, look: Look) -> list[str]:
    lines = []
    for old, new in _stages(before.view, after):
        if old.state != StageState.REACHED and new.state == StageState.REACHED and new.days_late:
            owed = f"，违约金 {new.damages:,.2f} 元" if new.damages else ""
            lines.append(f"{TRACKS[new.track]}逾期 {new.days_late} 天{owed}")
    if after.suspended_since and not before.view.suspended_since:
        lines.append(f"自 {after.suspended_since} 起记为停工")
    if before.view.suspended_since and not after.suspended_since and look.finding != Finding.COMPLETED:
        lines.append(f"自 {before.view.suspended_since} 起的停工结束")
    late = [
        new.track for old, new in _stages(before.view, after) if new.state == StageState.DEFAULT != old.state
    ]
    if late:
        days = int(parameter("default_propose_days"))
        lines.append(f"{days} 日内提出{'、'.join(TRACKS[track] for track in late)}违约认定")
    return lines


def _papers(before: Situation, look: Look) -> list[str]:
    """Documents that wait for the visit (``services.papers.submit_held``): the first after the date."""
    tracks = tracks_to_tell(before.view, look.finding)
    if before.view.start.state == StageState.DEFAULT:
        tracks = [track for track in tracks if track != Track.START]
    told = papers(*(PAPERS[track] for track in tracks))
    return [f"{told}送{before.supply.section}负责人批准"] if told else []


# --- The tracking card -----------------------------------------------------------------------------------


def visit_values(event: Event) -> dict[str, Any]:
    """What the tracking card of a corrected visit cannot read from its new row (``kinds``)."""
    if event.corrects_id is None:
        return {}
    record = record_of(event)
    visit = record.visit
    people = [event.recorded_by.name if event.recorded_by else "", visit.companions if visit else ""]
    return {
        "巡查时间": f"{timezone.localtime(visit.at):%H时%M分}" if visit else "",
        "巡查人员": "、".join(filter(None, people)),
        "公示牌": {True: "已悬挂", False: "未悬挂"}.get(visit.board_up)
        if visit and visit.board_up is not None
        else "",
        "照片编号": kinds.photo_numbers(event.on, len(record.photos)),
    }
