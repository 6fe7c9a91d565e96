"""What was told becomes rows: in sets, through the services."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from landbureau.accounts.models import Bureau, User
from supervision.supply.demo.cast import Role
from supervision.supply.demo.photos import site_photo
from supervision.supply.demo.story import Happening, Kind, Story
from supervision.supply.models import Event, LandSupply, LandUser, Photo, Visit
from supervision.supply.selectors.facts import regime
from supervision.supply.services import NewSupply, correct_event, register_supplies, withdraw_event
from supervision.supply.services.events import append_events
from supervision.supply.services.notices import is_monthly

PHOTO_DAYS, PHOTO_DAYS_OF_ROUNDS = 150, 45
"""Photos are drawn of what was seen in so many days: older visits have none, as from a ledger."""


@dataclass
class Told:
    """A role with its story, and the rows that it became."""

    role: Role
    story: Story
    land_user: dict[str, Any]
    supply: LandSupply | None = None


class People:
    """Who does what in the demo."""

    def __init__(self) -> None:
        of = regime()
        self.section = of.section
        people = list(User.objects.filter(is_active=True).order_by("pk"))
        of_section = [user for user in people if user.section_id == (of.section_id or 0)]
        self.head = next(user for user in of_section if user.position == "股长")
        self.clerk = next(user for user in of_section if user != self.head)
        self.leader = next(user for user in people if user.position == "局长")
        brigade = [user for user in people if user.section_id == (of.brigade_id or 0)]
        self.brigade = brigade[0]
        self.companions = [user.name for user in brigade[1:]] or [self.brigade.name]
        self.officers = {user.office_id: user for user in people if user.office_id}
        self.bureau = Bureau.objects.get().name
        self.keeper = next((user.name for user in people if user.position == "主任"), self.clerk.name)

    def officer(self, supply: LandSupply) -> User:
        township = supply.parcel.township
        return self.officers.get(township.office_id, self.clerk) if township else self.clerk

    def by(self, who: str, supply: LandSupply) -> User:
        if who == "officer":
            return self.officer(supply)
        person: User = getattr(self, who)
        return person


def write(told: Sequence[Told], people: People, today: date) -> int:
    """Register the supplies and what happened to them; how many events."""
    _register([one for one in told if not one.story.successor_of], people, today, told)
    _register([one for one in told if one.story.successor_of], people, today, told)
    rows = _append(told, people, today)
    _date(told, rows)
    _visits(rows, people)
    _photos(rows, people, today)
    _correct(rows, today)
    return len(rows)


def _register(part: Sequence[Told], people: People, today: date, all_: Sequence[Told]) -> None:
    supplies_of = {one.role.story: one.supply for one in all_ if one.supply}
    known = {user.identity: user for user in LandUser.objects.exclude(identity="")}
    # A company with two supplies is one land user.
    users = {one.land_user["identity"]: one.land_user for one in reversed(part)}
    missing = [columns for identity, columns in users.items() if identity not in known]
    for user in LandUser.objects.bulk_create(LandUser(**columns) for columns in reversed(missing)):
        known[user.identity] = user
    new = []
    for one in part:
        origin = supplies_of.get(one.story.successor_of)
        parcel = one.story.parcel
        if origin:
            parcel |= {name: getattr(origin.parcel, name) for name in ("township", "village", "location")}
            parcel |= {"boundary": None, "longitude": None, "latitude": None}
        office = parcel["township"].office_id
        new.append(
            NewSupply(
                contract={**one.story.contract, "section": people.section, "origin": origin},
                parcel=parcel,
                land_user=known[one.land_user["identity"]],
                instalments=[
                    (seq, due_on, amount) for seq, (due_on, amount) in one.story.instalments.items()
                ],
                officer=people.officers.get(office) if one.story.has_officer else None,
            )
        )
    for one, supply in zip(part, register_supplies(new=new, today=today), strict=True):
        one.supply = supply


def _append(told: Sequence[Told], people: People, today: date) -> list[tuple[Happening, Event]]:
    rows = [
        (happening, one.supply)
        for one in told
        for happening in one.story.happenings
        if one.supply is not None
    ]
    rows.sort(key=lambda row: (row[0].on, row[0].at))
    events = {
        id(happening): Event(
            supply=supply,
            kind=happening.kind,
            on=happening.on,
            recorded_by=people.by(happening.by, supply),
            document=happening.document,
            **happening.columns,
        )
        for happening, supply in rows
    }
    for happening, _ in rows:
        if happening.answers is not None:
            events[id(happening)].answers = events[id(happening.answers)]
    append_events(events=list(events.values()), today=today)
    return [(happening, events[id(happening)]) for happening, _ in rows]


def _date(told: Sequence[Told], rows: Iterable[tuple[Happening, Event]]) -> None:
    """Entered when it happened, not when the demo was loaded."""
    now = timezone.now()
    for happening, event in rows:
        event.recorded_at = min(now, _moment(happening))
    Event.objects.bulk_update([event for _, event in rows], ["recorded_at"], batch_size=500)
    supplies = [one.supply for one in told if one.supply]
    for supply in supplies:
        if supply.signed_on:
            registered = _aware(supply.signed_on + timedelta(days=2), 10)
            supply.registered_at = min(now, registered)
    LandSupply.objects.bulk_update(supplies, ["registered_at"], batch_size=500)


def _moment(happening: Happening) -> datetime:
    return timezone.make_aware(datetime.combine(happening.on, happening.at))


def _aware(on: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(on, time(hour)))


def _visits(rows: Iterable[tuple[Happening, Event]], people: People) -> None:
    visits = []
    for happening, event in rows:
        if happening.visit is None:
            continue
        longitude, latitude = _near(event)
        companion = people.companions[event.pk % len(people.companions)]
        visits.append(
            Visit(
                event=event,
                at=min(event.recorded_at, _moment(happening)),
                companions=companion,
                longitude=longitude,
                latitude=latitude,
                accuracy=8 + event.pk % 17 if longitude is not None else None,
                no_position_reason="" if longitude is not None else "现场没有信号",
                **happening.visit,
            )
        )
    Visit.objects.bulk_create(visits, batch_size=500)


def _near(event: Event) -> tuple[Decimal, Decimal] | tuple[None, None]:
    """Longitude and latitude a few metres from the middle of the parcel."""
    longitude, latitude = event.supply.parcel.longitude, event.supply.parcel.latitude
    if longitude is None or latitude is None:
        return None, None
    chance = Random(event.pk)  # noqa: S311
    return _moved(longitude, chance), _moved(latitude, chance)


def _moved(degrees: Decimal, chance: Random) -> Decimal:
    return (degrees + Decimal(chance.randint(-400, 400)) / 1_000_000).quantize(Decimal("0.000001"))


def _photos(rows: Iterable[tuple[Happening, Event]], people: People, today: date) -> None:
    days = PHOTO_DAYS_OF_ROUNDS if is_monthly() else PHOTO_DAYS
    since = today - timedelta(days=days)
    photos = []
    for happening, event in rows:
        if happening.on < since:
            continue
        longitude, latitude = _near(event)
        if longitude is None or latitude is None:
            continue
        for order, scene in enumerate(happening.scenes, start=1):
            taken = timezone.localtime(_moment(happening)) + timedelta(minutes=order)
            data = site_photo(
                scene, event.pk + order, taken=taken, position=(float(latitude), float(longitude))
            )
            photos.append(
                Photo(
                    event=event,
                    supply=event.supply,
                    order=order,
                    on=happening.on,
                    file=ContentFile(data, "photo.jpg"),
                    file_name=f"IMG_{taken:%Y%m%d_%H%M%S}.jpg",
                    mime="image/jpeg",
                    size=len(data),
                    sha256=hashlib.sha256(data).hexdigest(),
                    taken_at=taken,
                    longitude=longitude,
                    latitude=latitude,
                    uploaded_by=people.officer(event.supply),
                )
            )
    Photo.objects.bulk_create(photos, batch_size=200)


def _correct(rows: Iterable[tuple[Happening, Event]], today: date) -> None:
    """Wrong entries are put right by who made them."""
    for happening, event in rows:
        if not happening.wrong:
            continue
        if happening.right is None:
            withdraw_event(event=event, reason=happening.wrong, actor=event.recorded_by, today=today)
        else:
            correct_event(
                event=event,
                changes=happening.right,
                reason=happening.wrong,
                actor=event.recorded_by,
                today=today,
            )


__all__ = ["Kind", "People", "Told", "write"]
