"""What whole ledgers bring: supplies, what was agreed, events, written in sets.

Nothing is overwritten silently: a changed contract leaves a ``Correction``, a changed event a new row in its
place. What follows from the facts is projected anew, and notices that are settled are closed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import F

from landbureau.accounts.models import User
from landbureau.imports.writing import insert_rows, update_rows
from landbureau.web.masking import mask
from landbureau.web.versions import display_value, label_of
from supervision.supply.models import Correction, Event, LandSupply, LandUser, Parcel
from supervision.supply.services.events import CORRECTABLE
from supervision.supply.services.notices import settle_notices
from supervision.supply.services.projection import project
from supervision.supply.services.supplies import (
    NewSupply,
    assign_officers,
    number_of,
    register_supplies,
    write_instalments,
)

REASON = "台账导入"
CORRECTED = f"（更正：{REASON}）"
"""Behind the remark of an event that a table has corrected."""
PART = 500
MASKED = {"identity", "phone"}
Line = tuple[int, date | None, Any]


@dataclass
class ChangedSupply:
    """A supply (locked, with its parcel) and the columns that are to be otherwise.

    ``instalments``: all of them as they are to be, None: as they are. ``officer``: only if ``has_officer``.
    """

    supply: LandSupply
    contract: Mapping[str, Any] = field(default_factory=dict)
    parcel: Mapping[str, Any] = field(default_factory=dict)
    instalments: Sequence[Line] | None = None
    before: Sequence[Line] = ()
    officer: User | None = None
    has_officer: bool = False


@transaction.atomic
def save_ledger(
    *,
    land_users: Mapping[LandUser, Mapping[str, Any]],
    new: Sequence[NewSupply],
    changed: Sequence[ChangedSupply],
    actor: User | None,
    today: date,
) -> None:
    """Register new supplies and change what was agreed for others, in sets.

    ``land_users``: known ones, with what is to be otherwise; new ones are saved here before their supplies.
    """
    parties: list[LandUser] = [one.land_user for one in new]
    parties += [party for one in changed if (party := one.contract.get("land_user"))]
    made = {id(party): party for party in parties if party.pk is None}
    LandUser.objects.bulk_create(made.values())
    corrections = _change_supplies(changed, actor)
    register_supplies(new=new, today=today)
    corrections += _change_land_users(land_users, actor)
    Correction.objects.bulk_create(corrections, batch_size=PART)
    officers = {one.supply.pk: one.officer for one in changed if one.has_officer}
    for part in _parts(sorted(officers)):
        assign_officers(officers={pk: officers[pk] for pk in part}, on=today)
    refresh([one.supply.pk for one in changed], today)


def _change_supplies(changed: Sequence[ChangedSupply], actor: User | None) -> list[Correction]:
    corrections = []
    for one in changed:
        changes = _apply(one.supply, one.contract) + _apply(one.supply.parcel, one.parcel)
        one.supply.number = number_of(one.supply.supervision_number, one.supply.contract_number)
        if one.instalments is not None:
            changes.append(["分期缴款", _in_words(one.before), _in_words(one.instalments)])
        if changes:
            corrections.append(_correction(one.supply, one.supply, changes, actor))
    for model, rows in (
        (LandSupply, {one.supply: {*one.contract, "number"} for one in changed if one.contract}),
        (Parcel, {one.supply.parcel: {*one.parcel} for one in changed if one.parcel}),
    ):
        _save(model, rows)
    wanted = {one.supply.pk: one.instalments for one in changed if one.instalments is not None}
    for part in _parts(sorted(wanted)):
        write_instalments({pk: wanted[pk] for pk in part}, keep_others=False)
    return corrections


def _change_land_users(
    land_users: Mapping[LandUser, Mapping[str, Any]], actor: User | None
) -> list[Correction]:
    """Their corrections stand with the first supply of each; personal numbers are masked there."""
    if not land_users:
        return []
    changes = {row: _apply(row, values) for row, values in land_users.items()}
    _save(LandUser, {row: set(values) for row, values in land_users.items()})
    first: dict[int, LandSupply] = {}
    for part in _parts(sorted(row.pk for row in land_users)):
        for supply in LandSupply.objects.filter(land_user__in=part).order_by("-pk"):
            first[supply.land_user_id] = supply
    return [
        _correction(first[row.pk], row, lines, actor)
        for row, lines in changes.items()
        if lines and row.pk in first
    ]


def _apply(row: models.Model, values: Mapping[str, Any]) -> list[list[str]]:
    """Set the values; what differs, in words: name, old, new."""
    changes = []
    for name, value in values.items():
        old = display_value(row, name)
        setattr(row, name, value)
        new = display_value(row, name)
        if name in MASKED:
            old, new = mask(old), mask(new)
        changes.append([label_of(row, name), old, new])
    return changes


def _save(model: type[models.Model], rows: Mapping[Any, Collection[str]]) -> None:
    if not rows:
        return
    fields = sorted({name for names in rows.values() for name in names})
    update_rows(list(rows), fields)
    for part in _parts(sorted(row.pk for row in rows)):
        model._default_manager.filter(pk__in=part).update(version=F("version") + 1)


def _correction(
    supply: LandSupply, subject: models.Model, changes: list[list[str]], actor: User | None
) -> Correction:
    return Correction(
        supply=supply,
        content_type=ContentType.objects.get_for_model(subject),
        object_id=subject.pk,
        changes=changes,
        reason=REASON,
        made_by=actor,
    )


def _in_words(lines: Sequence[Line]) -> str:
    return "；".join(f"第{seq}期 {due_on or '日期未定'} {amount:,.2f} 元" for seq, due_on, amount in lines)


@transaction.atomic
def save_events(
    *,
    new: Sequence[Mapping[str, Any]],
    corrected: Sequence[tuple[Event, Mapping[str, Any]]],
    actor: User | None,
    today: date,
) -> None:
    """Append events (columns of ``Event`` with ``supply_id``, all the same) in the order of the sequence.

    ``corrected``: events in force (locked) with what is to be otherwise; a row in its place is appended.
    """
    insert_rows(Event, [{**row, "recorded_by_id": actor.pk if actor else None} for row in new])
    old = [event.pk for event, _ in corrected]
    for part in _parts(old):
        Event.objects.filter(pk__in=part).update(in_force=False)
    Event.objects.bulk_create(
        [_corrected(event, changes, actor) for event, changes in corrected], batch_size=PART
    )
    touched = {row["supply_id"] for row in new} | {event.supply_id for event, _ in corrected}
    refresh(sorted(touched), today)


def _corrected(event: Event, changes: Mapping[str, Any], actor: User | None) -> Event:
    kept = {name: getattr(event, name) for name in CORRECTABLE}
    row = Event(**kept | dict(changes), supply_id=event.supply_id, corrects=event, recorded_by=actor)
    row.answers_id, row.document_id = event.answers_id, event.document_id
    row.remark = f"{row.remark.removesuffix(CORRECTED)}{CORRECTED}"
    return row


def refresh(supplies: Sequence[int], today: date) -> None:
    """What follows from the facts of these supplies, and the notices that it settles."""
    for part in _parts(supplies):
        project(part)
        settle_notices(part, today)


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(keys), PART):
        yield keys[at : at + PART]


__all__ = ["CORRECTED", "REASON", "ChangedSupply", "save_events", "save_ledger"]
