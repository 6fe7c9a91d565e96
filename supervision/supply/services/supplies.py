"""Supplies are registered, one by form or many from a ledger; what was agreed is corrected with a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction

from landbureau.accounts.models import Assignment, User
from landbureau.accounts.services import SUPERVISION
from landbureau.web.versions import save_edit
from landbureau.workdays.services import lock_calendar
from supervision.supply.errors import SupplyError
from supervision.supply.models import Correction, Event, Instalment, LandSupply, LandUser, Parcel
from supervision.supply.services.changes import (
    Line,
    apply,
    correction,
    in_words,
    of_instalments,
    require_reason,
)
from supervision.supply.services.events import lock_supply
from supervision.supply.services.land_users import holding
from supervision.supply.services.notices import settle_notices
from supervision.supply.services.projection import project, roll

BATCH = 500


@dataclass
class NewSupply:
    """A supply to be registered: columns of ``LandSupply`` and ``Parcel``, and the instalments.

    ``contract`` without ``number``, which follows from its two numbers. ``instalments``: (seq, due_on,
    amount).
    """

    contract: Mapping[str, Any]
    parcel: Mapping[str, Any]
    land_user: LandUser
    instalments: Sequence[Line] = field(default=())
    officer: User | None = None


def number_of(supervision_number: str, contract_number: str) -> str:
    """What a supply is called: the supervision number, else the contract's. Raises ``SupplyError``."""
    number = supervision_number or contract_number
    if not number:
        raise SupplyError("电子监管号和合同编号至少填一个。", "supervision_number")
    return number


@transaction.atomic
def register_supply(*, new: NewSupply, today: date) -> LandSupply:
    """Register one supply. Raises ``SupplyError``: no number, or one that is taken."""
    number = number_of(new.contract.get("supervision_number", ""), new.contract.get("contract_number", ""))
    if LandSupply.objects.filter(number=number).exists():
        raise SupplyError(f"编号“{number}”已经登记过。", "supervision_number")
    try:
        with transaction.atomic():
            held = replace(new, land_user=holding(new.land_user))
            return register_supplies(new=[held], today=today)[0]
    except IntegrityError as error:
        raise SupplyError(f"编号“{number}”刚刚已由他人登记。", "supervision_number") from error


@transaction.atomic
def register_supplies(*, new: Sequence[NewSupply], today: date) -> list[LandSupply]:
    """Register many in sets, with what follows from their facts. Land users are saved before."""
    parcels = Parcel.objects.bulk_create([Parcel(**one.parcel) for one in new], batch_size=BATCH)
    supplies = LandSupply.objects.bulk_create(
        [
            LandSupply(
                number=number_of(
                    one.contract.get("supervision_number", ""), one.contract.get("contract_number", "")
                ),
                parcel=parcel,
                land_user=one.land_user,
                **one.contract,
            )
            for one, parcel in zip(new, parcels, strict=True)
        ],
        batch_size=BATCH,
    )
    instalments = [
        Instalment(supply=supply, seq=seq, due_on=due_on, amount=amount)
        for one, supply in zip(new, supplies, strict=True)
        for seq, due_on, amount in one.instalments
    ]
    roll(instalments)
    Instalment.objects.bulk_create(instalments, batch_size=BATCH)
    assign_officers(
        officers={supply.pk: one.officer for one, supply in zip(new, supplies, strict=True) if one.officer},
        on=today,
    )
    project([supply.pk for supply in supplies])
    return supplies


@transaction.atomic
def assign_officers(*, officers: Mapping[int, User | None], on: date) -> int:
    """Make each person answer for a supply (by key) from ``on``; None: nobody does. How many changed.

    Who answered for it before does so until the day before.
    """
    content_type = ContentType.objects.get_for_model(LandSupply)
    held = {
        row.object_id: row
        for row in Assignment.objects.select_for_update().filter(
            content_type=content_type, object_id__in=officers, task=SUPERVISION, ends_on=None
        )
    }
    new, ended, same_day = [], [], []
    for pk, officer in officers.items():
        row = held.get(pk)
        if (row.user_id if row else None) == (officer.pk if officer else None):
            continue
        if row and row.starts_on >= on:
            same_day.append(row.pk)
        elif row:
            row.ends_on = on - timedelta(days=1)
            ended.append(row)
        if officer:
            new.append(
                Assignment(
                    user=officer, task=SUPERVISION, content_type=content_type, object_id=pk, starts_on=on
                )
            )
    Assignment.objects.filter(pk__in=same_day).delete()
    Assignment.objects.bulk_update(ended, ["ends_on"], batch_size=BATCH)
    Assignment.objects.bulk_create(new, batch_size=BATCH)
    return len(new) + len(ended) + len(same_day)


@transaction.atomic
def correct_contract(
    *,
    supply: LandSupply,
    version: int,
    contract: Mapping[str, Any],
    parcel: Mapping[str, Any],
    reason: str,
    actor: User | None,
    today: date,
) -> Correction | None:
    """Put wrong columns of the contract or the parcel right; old and new values are kept with the reason.

    ``version``: that the form was opened with (``EditConflict``). None: nothing differs. Raises
    ``SupplyError``.
    """
    reason = require_reason(reason)
    row = lock_supply(supply)
    row.version = version
    changes = apply(row, contract) + apply(row.parcel, parcel)
    if not changes:
        return None
    row.number = number_of(row.supervision_number, row.contract_number)
    if LandSupply.objects.filter(number=row.number).exclude(pk=row.pk).exists():
        raise SupplyError(f"编号“{row.number}”已经登记过。", "supervision_number")
    save_edit(row, [*contract, "number"])
    if parcel:
        row.parcel.save(update_fields=list(parcel))
    return _finish(row, changes, reason, actor, today)


@transaction.atomic
def set_instalments(
    *,
    supply: LandSupply,
    instalments: Sequence[Line],
    reason: str,
    actor: User | None,
    today: date,
    seen: str | None = None,
) -> Correction | None:
    """Replace the instalments of a supply by (seq, due_on, amount).

    ``seen``: the mark (``mark_of``) of those that the form was opened with. Raises ``SupplyError``: somebody
    else has changed them since, a number twice, or one gone that an event names.
    """
    reason = require_reason(reason)
    if len({seq for seq, _, _ in instalments}) != len(instalments):
        raise SupplyError("期次不能重复。", "instalments")
    lock_calendar(shared=True)  # before the supply, as everywhere: the days roll over days off
    row = lock_supply(supply)
    before = instalments_of(row)
    if seen is not None and seen != mark_of(before):
        told = in_words(before) or "没有分期"
        raise SupplyError(
            f"您打开之后，分期已被他人修改，现为：{told}。核对后再次保存，将以您填写的为准。", "opened"
        )
    change = of_instalments(before, instalments)
    if change[1] == change[2]:
        return None
    _refuse_to_drop_named(row, {seq for seq, _, _ in before} - {seq for seq, _, _ in instalments})
    write_instalments({row.pk: instalments}, keep_others=False)
    return _finish(row, [change], reason, actor, today)


def instalments_of(supply: LandSupply) -> list[Line]:
    """The instalments of a supply as (seq, due_on, amount)."""
    return [(one.seq, one.due_on, one.amount) for one in supply.instalments.order_by("seq")]


def mark_of(lines: Sequence[Line]) -> str:
    """By which it shows whether instalments are still the same."""
    text = repr([(seq, due_on, str(amount)) for seq, due_on, amount in lines])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _refuse_to_drop_named(supply: LandSupply, gone: set[int]) -> None:
    """What was paid for no instalment by number is spread anew; what names one would hang in the air."""
    named = Event.objects.in_force().filter(supply=supply, seq__in=gone)
    if seqs := sorted({event.seq for event in named if event.seq}):
        told = "、".join(f"第 {seq} 期" for seq in seqs)
        raise SupplyError(f"{told}已有指明这一期的缴款或者催缴，不能取消；请先更正那些记录。", "instalments")


def _finish(
    row: LandSupply, changes: Sequence[Sequence[str]], reason: str, actor: User | None, today: date
) -> Correction:
    kept = correction(row, row, changes, reason, actor)
    kept.save()
    project([row.pk])
    settle_notices([row.pk], today)
    return kept


def write_instalments(wanted: Mapping[int, Iterable[Line]], *, keep_others: bool) -> None:
    """Instalments of supplies by key, in sets; those that are there keep their rows. Project afterwards."""
    there = {(one.supply_id, one.seq): one for one in Instalment.objects.filter(supply__in=wanted)}
    changed, added, kept = [], [], set()
    for supply, lines in wanted.items():
        for seq, due_on, amount in lines:
            kept.add((supply, seq))
            one = there.get((supply, seq))
            if one is None:
                added.append(Instalment(supply_id=supply, seq=seq, due_on=due_on, amount=amount))
            elif (one.due_on, one.amount) != (due_on, amount):
                one.due_on, one.amount = due_on, amount
                changed.append(one)
    roll([*added, *changed])
    Instalment.objects.bulk_create(added, batch_size=BATCH)
    Instalment.objects.bulk_update(
        changed, ["due_on", "amount", "effective_due_on", "provisional"], batch_size=BATCH
    )
    if not keep_others:
        gone = [one.pk for key, one in there.items() if key not in kept]
        Instalment.objects.filter(pk__in=gone).delete()
