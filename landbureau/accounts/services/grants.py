"""Roles given and taken, and what a role may do."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone

from landbureau.accounts import catalogue
from landbureau.accounts.errors import GrantError
from landbureau.accounts.models import Grant, Role, RolePermission, Section, TownshipOffice, User
from landbureau.accounts.selectors import acting_for
from landbureau.accounts.services.locks import lock_grants, lock_people
from landbureau.accounts.services.permissions import sync_people, sync_permissions
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.web.versions import EditConflict

ADMINISTRATION = "update_staff"  # who holds it everywhere can repair every other grant
Reach = RolePermission.Reach


@transaction.atomic
def grant_role(
    *,
    user: User,
    role: Role,
    section: Section | None = None,
    office: TownshipOffice | None = None,
    actor: User | None,
    reason: str = "",
) -> Grant:
    """Give ``user`` a role, where it says so in a section or an office (``actor`` None: the system).

    A unit that the role has no use for is not kept. Raises ``GrantError``: by someone who does not administer
    the whole bureau, to oneself or somebody for whom one deputises, to someone who has left, without the unit
    that the role needs, or a second time.
    """
    if actor == user:
        raise GrantError("不能给自己授权，请由另一位管理员办理。")
    if actor and user.pk in _oneself(actor):
        raise GrantError(f"您正在代{user}办理，不能给其授权，请由另一位管理员办理。")
    lock_grants()
    require_administrator(actor)
    if not lock_people(user)[user.pk].is_active:
        raise GrantError(f"{user}已停用，不能授权。", "user")
    section, office = bound_to(role, set(role.permissions.values_list("reach", flat=True)), section, office)
    if Grant.objects.filter(user=user, role=role, section=section, office=office, ended_at=None).exists():
        raise GrantError(f"{user}已有这项授权。", "role")
    grant = Grant.objects.create(
        user=user, role=role, section=section, office=office, granted_by=actor, reason=reason
    )
    sync_permissions(user)
    return grant


@transaction.atomic
def end_grant(*, grant: Grant, actor: User | None, reason: str) -> None:
    """Take a role back. Raises ``GrantError``: ended already, or the last administrator's."""
    lock_grants()
    require_administrator(actor)
    grant.refresh_from_db()
    if grant.ended_at:
        raise GrantError("这项授权已经撤销。")
    if grant.role.permissions.filter(codename=ADMINISTRATION).exists():
        keep_an_administrator(ending=[grant.pk])
    grant.ended_at, grant.ended_by, grant.end_reason = timezone.now(), actor, reason
    grant.save(update_fields=["ended_at", "ended_by", "end_reason"])
    sync_permissions(grant.user)


@transaction.atomic
def set_role_permissions(
    *, role: Role, permissions: Mapping[str, str], actor: User | None, opened: int | None = None
) -> int:
    """Decide what a role may do (codename to reach), for all who hold it. Returns how many cells changed.

    From now on the role is the bureau's: a new version of the program adds only permissions that did not
    exist before. ``opened``: the version that the editor saw (None: whatever there is). Raises
    ``EditConflict`` if there is a newer one; ``GrantError``: no administrator, an unknown permission, one
    that is the whole bureau's with a smaller reach, more for a role that the actor (or somebody for whom he
    deputises) holds, a reach for which grants in force name no unit, or nobody left who administers.
    """
    if unknown := permissions.keys() - catalogue.permissions().keys():
        raise GrantError(f"没有这样的权限：{'、'.join(sorted(unknown))}。")
    if narrowed := [
        catalogue.permissions()[codename].name
        for codename, reach in permissions.items()
        if codename in catalogue.BUREAU_WIDE and reach != Reach.BUREAU
    ]:
        raise GrantError(f"{'、'.join(narrowed)}：关系到整个单位，只能选“全局”。")
    lock_grants()
    require_administrator(actor)
    role = Role.objects.select_for_update(no_key=True).get(pk=role.pk)
    if opened is not None and opened != role.version:
        raise EditConflict(role)
    before = dict(role.permissions.values_list("codename", "reach"))
    stale = [codename for codename, reach in before.items() if permissions.get(codename) != reach]
    new = {codename: reach for codename, reach in permissions.items() if before.get(codename) != reach}
    if not stale and not new:
        return 0
    held = Grant.objects.filter(role=role, ended_at=None)
    if new and actor and (own := held.filter(user__in=_oneself(actor)).select_related("user").first()):
        who = "您本人" if own.user == actor else f"由您代办的{own.user}"
        raise GrantError(f"{who}持有“{role}”，不能为它增加权限，请由另一位管理员办理。")
    if Reach.SECTION in new.values() and (bare := held.filter(section=None).count()):
        raise GrantError(f"“{role}”有 {bare} 项授权没有指定科室，不能改为“本科室”。")
    if Reach.OFFICE in new.values() and (bare := held.filter(office=None).count()):
        raise GrantError(f"“{role}”有 {bare} 项授权没有指定国土所，不能改为“本所乡镇”。")
    role.permissions.filter(codename__in=stale).delete()
    RolePermission.objects.bulk_create(
        RolePermission(role=role, codename=codename, reach=reach) for codename, reach in new.items()
    )
    if ADMINISTRATION in stale and held.exists():
        keep_an_administrator()
    role.edited_by_bureau = True
    role.version += 1
    role.save(update_fields=["edited_by_bureau", "version"])
    record(
        Entry.Action.BULK,
        actor=actor,
        subject=role,
        text=f"修改角色权限：{role}",
        data={codename: [before.get(codename), permissions.get(codename)] for codename in {*stale, *new}},
    )
    sync_people(held.values_list("user_id", flat=True))
    return len({*stale, *new})


def bound_to(
    role: Role, reaches: Collection[str], section: Section | None, office: TownshipOffice | None
) -> tuple[Section | None, TownshipOffice | None]:
    """Section and office of a grant: those that the role, by its reaches, has a use for.

    Raises ``GrantError`` where one is missing.
    """
    if Reach.SECTION in reaches and section is None:
        raise GrantError(f"“{role}”按科室授权，请选择科室。", "section")
    if Reach.OFFICE in reaches and office is None:
        raise GrantError(f"“{role}”按国土所授权，请选择国土所。", "office")
    return section if Reach.SECTION in reaches else None, office if Reach.OFFICE in reaches else None


def _oneself(actor: User) -> list[int]:
    """The actor and those whose permissions he holds today as their deputy."""
    return [actor.pk, *acting_for(actor, timezone.localdate())]


def require_administrator(actor: User | None) -> None:
    """Roles are the whole bureau's. Read anew, under the lock: the right may just have been taken."""
    if actor and not User.objects.get(pk=actor.pk).holds_everywhere(ADMINISTRATION):
        raise GrantError("授权和角色由管理全局人员的管理员办理，您没有这项权限。")


def keep_an_administrator(*, ending: Collection[int] = ()) -> None:
    """Raise ``GrantError`` if nobody administered people any more once the grants ``ending`` are gone."""
    remaining = Grant.objects.filter(
        ended_at=None,
        user__is_active=True,
        role__permissions__codename=ADMINISTRATION,
        role__permissions__reach=Reach.BUREAU,
    ).exclude(pk__in=ending)
    if not remaining.exists():
        raise GrantError("这样一来就没有人能管理人员和授权了，请先给另一个人授予管理员角色。")
