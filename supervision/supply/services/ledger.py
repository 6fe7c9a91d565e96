"""What whole ledgers bring: supplies, what was agreed, events, written in sets.

Nothing is overwritten silently: a changed contract leaves a ``Correction``, a changed event a new row in its
place. What follows from the facts is projected anew, and notices that are settled are closed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import F

from landbureau.accounts.models import User
from landbureau.imports.errors import ImportRefused
from landbureau.imports.writing import insert_rows, update_rows
from supervision.supply.models import Correction, Event, LandSupply, LandUser, Parcel
from supervision.supply.selectors.land_users import held_elsewhere
from supervision.supply.services.changes import Line, apply, correction, of_instalments
from supervision.supply.services.corrections import CORRECTABLE
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
PART = 500


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

    ``land_users``: known ones (locked), with what is to be otherwise; new ones are saved here before their
    supplies. Raises ``ImportRefused``: a land user that was merged meanwhile, or of which ``actor`` may not
    change all supplies.
    """
    parties: list[LandUser] = [one.land_user for one in new]
    parties += [party for one in changed if (party := one.contract.get("land_user"))]
    _refuse_merged([*parties, *land_users])
    _require_right(list(land_users), actor)
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


def _refuse_merged(land_users: Sequence[LandUser]) -> None:
    if gone := next((one for one in land_users if one.merged_into_id), None):
        raise ImportRefused(f"用地单位“{gone}”刚刚并入了另一个，没有写入，请重试。")


def _require_right(land_users: Sequence[LandUser], actor: User | None) -> None:
    """As on the page of a land user: its details belong to all its supplies."""
    if actor is not None and (others := held_elsewhere(actor, [one.pk for one in land_users])):
        name = next(one.name for one in land_users if one.pk in others)
        raise ImportRefused(f"用地单位“{name}”还有您不能办理的供地，它的资料不能由这张表改动，没有写入。")


def _change_supplies(changed: Sequence[ChangedSupply], actor: User | None) -> list[Correction]:
    corrections = []
    for one in changed:
        changes = apply(one.supply, one.contract) + apply(one.supply.parcel, one.parcel)
        one.supply.number = number_of(one.supply.supervision_number, one.supply.contract_number)
        if one.instalments is not None:
            changes.append(of_instalments(one.before, one.instalments))
        if changes:
            corrections.append(correction(one.supply, one.supply, changes, REASON, actor))
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
    changes = {row: apply(row, values) for row, values in land_users.items()}
    _save(LandUser, {row: set(values) for row, values in land_users.items()})
    first: dict[int, LandSupply] = {}
    for part in _parts(sorted(row.pk for row in land_users)):
        for supply in LandSupply.objects.filter(land_user__in=part).order_by("-pk"):
            first[supply.land_user_id] = supply
    return [
        correction(first[row.pk], row, lines, REASON, actor)
        for row, lines in changes.items()
        if lines and row.pk in first
    ]


def _save(model: type[models.Model], rows: Mapping[Any, Collection[str]]) -> None:
    if not rows:
        return
    fields = sorted({name for names in rows.values() for name in names})
    update_rows(list(rows), fields)
    for part in _parts(sorted(row.pk for row in rows)):
        model._default_manager.filter(pk__in=part).update(version=F("version") + 1)


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
    row.reason = REASON
    return row


def refresh(supplies: Sequence[int], today: date) -> None:
    """What follows from the facts of these supplies, and the notices that it settles."""
    for part in _parts(supplies):
        project(part)
        settle_notices(part, today)


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(keys), PART):
        yield keys[at : at + PART]


__all__ = ["REASON", "ChangedSupply", "save_events", "save_ledger"]
