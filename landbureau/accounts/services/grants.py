"""Roles given and taken, and what a role may do."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone

from landbureau.accounts import catalogue
from landbureau.accounts.errors import GrantError
from landbureau.accounts.models import Grant, Role, RolePermission, Section, TownshipOffice, User
from landbureau.accounts.services.locks import lock_grants, lock_people
from landbureau.accounts.services.permissions import sync_people, sync_permissions
from landbureau.audit.models import Entry
from landbureau.audit.services import record

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

    A unit that the role has no use for is not kept. Raises ``GrantError``: to oneself, to someone who has
    left, without the unit that the role needs, or a second time.
    """
    if actor == user:
        raise GrantError("不能给自己授权，请由另一位管理员办理。")
    lock_grants()
    if not lock_people(user)[user.pk].is_active:
        raise GrantError(f"{user}已停用，不能授权。", "user")
    reaches = set(role.permissions.values_list("reach", flat=True))
    section = section if Reach.SECTION in reaches else None
    office = office if Reach.OFFICE in reaches else None
    if Reach.SECTION in reaches and section is None:
        raise GrantError(f"“{role}”按科室授权，请选择科室。", "section")
    if Reach.OFFICE in reaches and office is None:
        raise GrantError(f"“{role}”按国土所授权，请选择国土所。", "office")
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
    grant.refresh_from_db()
    if grant.ended_at:
        raise GrantError("这项授权已经撤销。")
    if grant.role.permissions.filter(codename=ADMINISTRATION).exists():
        keep_an_administrator(ending=[grant.pk])
    grant.ended_at, grant.ended_by, grant.end_reason = timezone.now(), actor, reason
    grant.save(update_fields=["ended_at", "ended_by", "end_reason"])
    sync_permissions(grant.user)


@transaction.atomic
def set_role_permissions(*, role: Role, permissions: Mapping[str, str], actor: User | None) -> int:
    """Decide what a role may do (codename to reach), for all who hold it. Returns how many cells changed.

    From now on the role is the bureau's: a new version of the program adds only permissions that did not
    exist before. Raises ``GrantError``: an unknown permission, more for a role that the actor holds, a reach
    for which grants in force name no unit, or nobody left who administers.
    """
    if unknown := permissions.keys() - catalogue.permissions().keys():
        raise GrantError(f"没有这样的权限：{'、'.join(sorted(unknown))}。")
    lock_grants()
    role = Role.objects.select_for_update(no_key=True).get(pk=role.pk)
    before = dict(role.permissions.values_list("codename", "reach"))
    stale = [codename for codename, reach in before.items() if permissions.get(codename) != reach]
    new = {codename: reach for codename, reach in permissions.items() if before.get(codename) != reach}
    if not stale and not new:
        return 0
    held = Grant.objects.filter(role=role, ended_at=None)
    if new and actor and held.filter(user=actor).exists():
        raise GrantError(f"您本人持有“{role}”，不能为它增加权限，请由另一位管理员办理。")
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
    role.version += 1
    role.save(update_fields=["version"])
    record(
        Entry.Action.BULK,
        actor=actor,
        subject=role,
        text=f"修改角色权限：{role}",
        data={codename: [before.get(codename), permissions.get(codename)] for codename in {*stale, *new}},
    )
    sync_people(held.values_list("user_id", flat=True))
    return len({*stale, *new})


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
