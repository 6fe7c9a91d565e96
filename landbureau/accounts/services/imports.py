"""What whole tables bring: people, townships and villages, written in sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.db.models import F, Max

from landbureau.accounts.models import Grant, Role, RolePermission, Township, TownshipOffice, User, Village
from landbureau.accounts.services.grants import bound_to, require_administrator
from landbureau.accounts.services.locks import lock_grants, lock_people
from landbureau.accounts.services.permissions import sync_people
from landbureau.audit.models import Entry
from landbureau.audit.services import record

REASON = "批量导入"


@transaction.atomic
def enrol_people(
    *, people: Sequence[User], roles: Mapping[str, Sequence[Role]], actor: User | None
) -> list[Grant]:
    """Save new (validated, unsaved) people with their first roles (by username), in their own units.

    They have no password: an administrator resets it and hands it over. Returns the grants. Raises
    ``GrantError``: by someone who does not administer the whole bureau, or without the unit that a role
    needs.
    """
    lock_grants()
    if any(roles.values()):
        require_administrator(actor)
    for person in people:
        person.set_unusable_password()
    reaches = reaches_of({role for given in roles.values() for role in given})
    User.objects.bulk_create(people)
    grants = []
    for person in people:
        for role in roles.get(person.username, ()):
            section, office = bound_to(role, reaches[role.pk], person.section, person.office)
            grants.append(
                Grant(user=person, role=role, section=section, office=office, granted_by=actor, reason=REASON)
            )
    Grant.objects.bulk_create(grants)
    sync_people(grant.user_id for grant in grants)
    record(
        Entry.Action.BULK,
        actor=actor,
        text=f"批量登记人员：{len(people)} 人，授予角色 {len(grants)} 项",
        data={"created": [person.username for person in people]},
    )
    return grants


@transaction.atomic
def change_people(*, people: Sequence[User], fields: Collection[str]) -> None:
    """Save ``fields`` of people. Units, roles and states are changed by their own acts, never here."""
    lock_people(*people)
    User.objects.bulk_update(people, fields)
    User.objects.filter(pk__in=[person.pk for person in people]).update(version=F("version") + 1)


def reaches_of(roles: Collection[Role]) -> Mapping[int, set[str]]:
    """Keys of the roles → how far their permissions reach, in one query."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    rows = RolePermission.objects.filter(role__in=roles).order_by().values_list("role_id", "reach")
    for role, reach in rows.distinct():
        found[role].add(reach)
    return found


@transaction.atomic
def open_offices(*, names: Sequence[str], actor: User | None) -> list[TownshipOffice]:
    """New township land offices, behind the others in the order of the names."""
    last = TownshipOffice.objects.aggregate(last=Max("order"))["last"] or 0
    offices = TownshipOffice.objects.bulk_create(
        TownshipOffice(name=name, order=order) for order, name in enumerate(names, start=last + 1)
    )
    record(
        Entry.Action.BULK,
        actor=actor,
        text=f"批量登记国土所：{len(offices)} 个",
        data={"created": list(names)},
    )
    return offices


@transaction.atomic
def save_townships(
    *, created: Sequence[Township], changed: Sequence[Township], fields: Collection[str]
) -> None:
    """Add townships, and save ``fields`` of others."""
    Township.objects.bulk_create(created)
    if changed:
        Township.objects.bulk_update(changed, fields)
        _new_version({township.pk for township in changed})


@transaction.atomic
def save_villages(*, created: Sequence[Village], changed: Sequence[Village], fields: Collection[str]) -> None:
    """Add villages, and save ``fields`` of others.

    They are edited in their township's form: its version tells an editor that they have changed.
    """
    townships = {village.township_id for village in (*created, *changed)}
    list(Township.objects.select_for_update(no_key=True).filter(pk__in=townships).order_by("pk").values("pk"))
    Village.objects.bulk_create(created)
    if changed:
        Village.objects.bulk_update(changed, fields)
    _new_version(townships)


def _new_version(townships: Collection[int]) -> None:
    Township.objects.filter(pk__in=townships).update(version=F("version") + 1)
