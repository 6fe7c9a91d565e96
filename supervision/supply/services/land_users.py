"""Land users: found or added when a supply is entered, put right with a reason, duplicates merged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from landbureau.accounts.models import User
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.web.masking import mask_phone
from landbureau.web.versions import display_value, label_of, save_edit
from supervision.supply import access, identity
from supervision.supply.errors import SupplyError
from supervision.supply.models import Correction, LandSupply, LandUser
from supervision.supply.rules.parties import plain_name

OWN = ("name", "identity", "contact", "phone", "address")
MERGED = "合并重复的用地单位"


def standing() -> Any:
    """Land users that were not merged into another."""
    return LandUser.objects.filter(merged_into=None)


@transaction.atomic
def find_or_add(*, values: Mapping[str, str]) -> LandUser:
    """The land user of these values (names of ``OWN``): the one with this identity, else a new one.

    Raises ``SupplyError``: no name, or the identity belongs to a land user of quite another name.
    """
    name, code = values.get("name", "").strip(), identity.normalised(values.get("identity", ""))
    if not name:
        raise SupplyError("请填写用地单位。", "land_user_name")
    if code:
        there = standing().filter(identity=code).first()
        if there is not None:
            return _same(there, name)
    try:
        with transaction.atomic():
            return LandUser.objects.create(**{**values, "name": name, "identity": code})
    except IntegrityError:  # entered by somebody else at this moment
        return _same(standing().get(identity=code), name)


def _same(there: LandUser, name: str) -> LandUser:
    if plain_name(there.name) != plain_name(name):
        raise SupplyError("这个代码已登记在另一个名称的用地单位名下，请核对代码和名称。", "identity")
    return there


@transaction.atomic
def correct_land_user(
    *,
    land_user: LandUser,
    version: int,
    values: Mapping[str, str],
    reason: str,
    actor: User,
) -> list[list[str]]:
    """Put its columns right; each of its supplies keeps the old values with the reason. What was changed.

    Raises ``SupplyError`` (no reason, identity taken), ``EditConflict``.
    """
    if not reason.strip():
        raise SupplyError("请填写更正理由。", "reason")
    _require_all(actor, [land_user])
    row = LandUser.objects.select_for_update().get(pk=land_user.pk)
    row.version = version
    changes = []
    for name, value in values.items():
        old = display_value(row, name)
        if getattr(row, name) != value:
            setattr(row, name, value)
            changes.append([label_of(row, name), old, display_value(row, name)])
    if not changes:
        return []
    if row.identity and standing().filter(identity=row.identity).exclude(pk=row.pk).exists():
        raise SupplyError("这个代码已登记在另一个用地单位名下；是同一个单位的，请合并。", "identity")
    save_edit(row, list(values))
    shown = [_hidden(change) for change in changes]
    _keep(row, list(row.supplies.all()), shown, reason, actor)
    return shown


def _hidden(change: list[str]) -> list[str]:
    """Everybody who sees the supply reads its corrections: personal numbers are not written out there."""
    label, old, new = change
    if label == label_of(LandUser(), "identity"):
        return [label, identity.shown(old), identity.shown(new)]
    if label == label_of(LandUser(), "phone"):
        return [label, mask_phone(old), mask_phone(new)]
    return change


@transaction.atomic
def merge_land_users(*, keep: LandUser, gone: LandUser, actor: User) -> int:
    """Make one of two: the supplies of ``gone`` go to ``keep``, which takes what it lacks. How many moved.

    ``gone`` stays as a row that points to ``keep``, with all its values; each supply that moved has a
    correction, so that the merger can be undone by hand. Raises ``SupplyError``: the same row, merged
    already, or a supply of either that ``actor`` may not change.
    """
    if keep.pk == gone.pk:
        raise SupplyError("请选择两个不同的用地单位。", "keep")
    rows = {row.pk: row for row in LandUser.objects.select_for_update().filter(pk__in=[keep.pk, gone.pk])}
    keep, gone = rows[keep.pk], rows[gone.pk]
    if keep.merged_into_id or gone.merged_into_id:
        raise SupplyError("其中一个刚刚已经合并过，请刷新后再看。")
    _require_all(actor, [keep, gone])
    moved = list(
        LandSupply.objects.select_for_update(of=("self",), no_key=True).filter(land_user=gone).order_by("pk")
    )
    for supply in moved:
        supply.land_user = keep
        supply.version += 1
        supply.save(update_fields=["land_user", "version"])
    change = ["用地单位", _named(gone), _named(keep)]
    Correction.objects.bulk_create(
        [Correction(supply=row, subject=row, changes=[change], reason=MERGED, made_by=actor) for row in moved]
    )
    gone.merged_into = keep
    save_edit(gone, ["merged_into"])
    LandUser.objects.filter(merged_into=gone).update(merged_into=keep)
    filled = [name for name in OWN if not getattr(keep, name) and getattr(gone, name)]
    for name in filled:
        setattr(keep, name, getattr(gone, name))
    if filled:
        save_edit(keep, filled)
    record(
        Entry.Action.BULK,
        actor=actor,
        subject=keep,
        text=f"合并用地单位：{gone} → {keep}，{len(moved)} 宗供地",
        data={"count": len(moved), "from": f"{gone}（{gone.pk}）", "to": f"{keep}（{keep.pk}）"},
    )
    return len(moved)


def may_change(actor: User, land_users: Collection[LandUser]) -> bool:
    """Whether ``actor`` holds ``update_supply`` on every supply of these land users, and there is one."""
    supplies = LandSupply.objects.filter(land_user__in=[one.pk for one in land_users])
    found = list(supplies.select_related("parcel__township"))
    return bool(found) and all(access.may(actor, "update_supply", supply) for supply in found)


def reveal_phone(*, land_user: LandUser, actor: User) -> str:
    """The whole number; that it was read is recorded."""
    record(Entry.Action.REVEAL, actor=actor, subject=land_user, text=f"查看{land_user}的联系电话")
    return land_user.phone


def _require_all(actor: User, land_users: Collection[LandUser]) -> None:
    if not may_change(actor, land_users):
        raise SupplyError("这些用地单位还有您不能办理的供地，请由有权修改全部供地的人办理。")


def _named(land_user: LandUser) -> str:
    code = identity.shown(land_user.identity)
    return f"{land_user.name}（{code}）" if code else land_user.name


def _keep(
    land_user: LandUser, supplies: Collection[LandSupply], changes: list[list[str]], reason: str, actor: User
) -> None:
    Correction.objects.bulk_create(
        [
            Correction(supply=supply, subject=land_user, changes=changes, reason=reason, made_by=actor)
            for supply in supplies
        ]
    )


def matching(text: str) -> Q:
    """Land users by a part of the name, or by the whole identity."""
    return Q(name__icontains=text) | Q(identity=identity.normalised(text))
