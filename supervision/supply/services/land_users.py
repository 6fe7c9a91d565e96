"""Land users: found or added when a supply is entered, put right with a reason, duplicates merged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from landbureau.accounts.models import User
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.web.versions import save_edit
from supervision.supply import identity
from supervision.supply.errors import SupplyError
from supervision.supply.models import Correction, LandSupply, LandUser, TwoLandUsers
from supervision.supply.rules.parties import plain_name
from supervision.supply.selectors.land_users import changeable_by, held_elsewhere
from supervision.supply.services.changes import apply, correction, require_reason

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


def holding(land_user: LandUser) -> LandUser:
    """The land user, not to be merged until the transaction ends; or the one into which it was merged.

    Locked after supplies (docs/supply.md).
    """
    rows = LandUser.objects.select_for_update(of=("self",), no_key=True)
    row = rows.get(pk=land_user.pk)
    return rows.get(pk=row.merged_into_id) if row.merged_into_id else row


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
    reason = require_reason(reason)
    _require_all(actor, [land_user])
    row = LandUser.objects.select_for_update(no_key=True).get(pk=land_user.pk)
    row.version = version
    changes = apply(row, values)
    if not changes:
        return []
    if row.identity and standing().filter(identity=row.identity).exclude(pk=row.pk).exists():
        raise SupplyError("这个代码已登记在另一个用地单位名下；是同一个单位的，请合并。", "identity")
    save_edit(row, list(values))
    Correction.objects.bulk_create(
        [correction(supply, row, changes, reason, actor) for supply in row.supplies.all()]
    )
    return changes


@transaction.atomic
def merge_land_users(*, keep: LandUser, gone: LandUser, actor: User) -> int:
    """Make one of two: the supplies of ``gone`` go to ``keep``, which takes what it lacks. How many moved.

    ``gone`` stays as a row that points to ``keep``, with all its values; each supply that moved has a
    correction, so that the merger can be undone by hand. Raises ``SupplyError``: the same row, merged
    already, or a supply of either that ``actor`` may not change.
    """
    if keep.pk == gone.pk:
        raise SupplyError("请选择两个不同的用地单位。", "keep")
    keys = [keep.pk, gone.pk]
    supplies = LandSupply.objects.select_for_update(of=("self",), no_key=True)
    locked = set(supplies.filter(land_user__in=keys).order_by("pk").values_list("pk", flat=True))
    land_users = LandUser.objects.select_for_update(no_key=True)
    rows = {row.pk: row for row in land_users.filter(pk__in=keys).order_by("pk")}
    keep, gone = rows[keep.pk], rows[gone.pk]
    if keep.merged_into_id or gone.merged_into_id:
        raise SupplyError("其中一个刚刚已经合并过，请刷新后再看。")
    _require_all(actor, [keep, gone])
    moved = list(LandSupply.objects.filter(land_user=gone).order_by("pk"))
    if not {supply.pk for supply in moved} <= locked:
        raise SupplyError("刚刚又有供地登记在其中一个名下，请刷新后再看。")
    for supply in moved:
        supply.land_user = keep
        supply.version += 1
        supply.save(update_fields=["land_user", "version"])
    change = ["用地单位", _named(gone), _named(keep)]
    Correction.objects.bulk_create([correction(row, row, [change], MERGED, actor) for row in moved])
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


@transaction.atomic
def keep_apart(*, one: LandUser, other: LandUser, actor: User) -> TwoLandUsers:
    """They were looked at and are two: not proposed any more. Said twice, it is said once.

    Raises ``SupplyError``: the same row, one that was merged, or a supply that ``actor`` may not change.
    """
    if one.pk == other.pk:
        raise SupplyError("请选择两个不同的用地单位。")
    _require_all(actor, [one, other])
    first, second = (holding(row) for row in sorted((one, other), key=lambda row: row.pk))
    if (first.pk, second.pk) != tuple(sorted((one.pk, other.pk))):
        raise SupplyError("其中一个刚刚已经合并过，请刷新后再看。")
    said, _ = TwoLandUsers.objects.get_or_create(first=first, second=second, defaults={"said_by": actor})
    return said


def may_change(actor: User, land_users: Collection[LandUser]) -> bool:
    """Whether ``actor`` holds ``update_supply`` on every supply of these land users, and there is one."""
    keys = {one.pk for one in land_users}
    return bool(changeable_by(actor, keys)) and not held_elsewhere(actor, keys)


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


def matching(text: str) -> Q:
    """Land users by a part of the name, or by the whole identity."""
    return Q(name__icontains=text) | Q(identity=identity.normalised(text))
