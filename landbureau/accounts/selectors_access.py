"""The two questions about permissions: what may this person do, and who may do this. Each with its reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from guardian.models import UserObjectPermission

from landbureau.accounts import catalogue
from landbureau.accounts.catalogue import PermissionEntry
from landbureau.accounts.models import (
    SCOPE_MODELS,
    Absence,
    Bureau,
    Grant,
    Role,
    RolePermission,
    Section,
    TownshipOffice,
    User,
)
from landbureau.accounts.services.permissions import scope_of

Scope = tuple[type[Model], int]  # the model and key of a Bureau, Section, TownshipOffice or User


@dataclass(frozen=True)
class Source:
    """Why a permission is held: through a grant in force, perhaps as somebody's deputy.

    Without a grant the row in the database has no reason: a fault that the page shows.
    """

    grant: Grant | None
    absence: Absence | None = None


@dataclass
class Held:
    """One permission on one scope."""

    entry: PermissionEntry
    scope: Scope
    where: str
    sources: list[Source] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    """What may be done to one object in one place for the same reasons."""

    actions: tuple[str, ...]
    where: str
    sources: tuple[Source, ...]


@dataclass
class Holder:
    """Someone who holds the permission in question."""

    user: User
    held: list[Held] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One of django-guardian's rows about scopes."""

    holder: int
    codename: str
    scope: Scope


def access_of(user: User, today: date) -> list[Held]:
    """All that ``user`` may do on ``today``, in the order of the matrix; empty for those who have left.

    It reads the rows that ``has_perm`` reads, and then looks for their reasons. The break-glass superuser is
    not listed: it may do everything.
    """
    if not user.is_active:
        return []
    absences = {absence.user_id: absence for absence in _absences(today).filter(deputy=user)}
    rows = _rows(Q(user_id__in=[user.pk, *absences]))
    held: dict[tuple[str, Scope], Held] = {}
    for row, grants, where in _explained(rows):
        item = held.setdefault(
            (row.codename, row.scope), Held(catalogue.permissions()[row.codename], row.scope, where)
        )
        item.sources += _sources(grants, absences.get(row.holder))
    order = {codename: index for index, codename in enumerate(catalogue.permissions())}
    return sorted(held.values(), key=lambda item: (order[item.entry.codename], item.where))


def who_can(codename: str, scope: Model | None, today: date) -> list[Holder]:
    """Everybody who holds ``codename`` on ``scope`` (None: anywhere) on ``today``, by name.

    Superusers come with an empty list of reasons: they hold everything.
    """
    where = Q(permission__codename=codename)
    if scope is not None:
        bureau = ContentType.objects.get_for_model(Bureau)
        own = ContentType.objects.get_for_model(scope)
        where &= Q(content_type=bureau) | Q(content_type=own, object_pk=str(scope.pk))
    rows = _rows(where & Q(user__is_active=True))
    deputies = defaultdict(list)
    for absence in _absences(today).filter(deputy__is_active=True):
        deputies[absence.user_id].append(absence)
    acting = {absence.deputy_id for row in rows for absence in deputies[row.holder]}
    users = User.objects.select_related("section", "office").filter(is_active=True)
    holders = {
        user.pk: Holder(user)
        for user in users.filter(Q(pk__in={row.holder for row in rows} | acting) | Q(is_superuser=True))
    }
    for row, grants, label in _explained(rows):
        as_whom: list[tuple[int, Absence | None]] = [(row.holder, None)]
        as_whom += [(absence.deputy_id, absence) for absence in deputies[row.holder]]
        for pk, while_away in as_whom:
            held = Held(catalogue.permissions()[codename], row.scope, label, _sources(grants, while_away))
            holders[pk].held.append(held)
    return sorted(holders.values(), key=lambda holder: (holder.user.is_superuser, holder.user.name))


def by_object(held: Iterable[Held]) -> list[tuple[str, list[Held]]]:
    """Grouped by what is acted upon, in the order of the matrix."""
    return [(name, list(group)) for name, group in groupby(held, key=lambda item: item.entry.object)]


def lines(held: Iterable[Held]) -> list[Line]:
    """Permissions on one object, taken together where place and reasons are the same."""
    found: dict[tuple[str, tuple[Source, ...]], list[str]] = {}
    for item in held:
        found.setdefault((item.where, tuple(item.sources)), []).append(item.entry.action)
    return [Line(tuple(actions), where, sources) for (where, sources), actions in found.items()]


def _sources(grants: list[Grant], absence: Absence | None) -> list[Source]:
    return [Source(grant, absence) for grant in grants] or [Source(None, absence)]


def _absences(today: date) -> QuerySet[Absence]:
    return Absence.objects.on(today).filter(user__is_active=True).select_related("user", "deputy")


def _rows(where: Q) -> list[Row]:
    types = {ContentType.objects.get_for_model(model).pk: model for model in SCOPE_MODELS}
    rows = UserObjectPermission.objects.filter(where, content_type__in=types).order_by("pk")
    return [
        Row(holder, codename, (types[content_type], int(pk)))
        for holder, codename, content_type, pk in rows.values_list(
            "user_id", "permission__codename", "content_type_id", "object_pk"
        )
        if codename in catalogue.permissions()
    ]


def _explained(rows: list[Row]) -> list[tuple[Row, list[Grant], str]]:
    """Each row with the grants that give it, and the scope in words."""
    bureau = Bureau.objects.get()
    grants = Grant.objects.filter(
        user_id__in={row.holder for row in rows}, ended_at=None, user__is_active=True
    ).select_related("role", "section", "office", "granted_by")
    of_role = defaultdict(list)
    for role, codename, reach in RolePermission.objects.filter(
        codename__in={row.codename for row in rows}
    ).values_list("role_id", "codename", "reach"):
        of_role[role].append((codename, reach))
    reasons: dict[Row, list[Grant]] = defaultdict(list)
    for grant in grants:
        for codename, reach in of_role[grant.role_id]:
            if scope := scope_of(grant, reach, bureau.pk):
                reasons[Row(grant.user_id, codename, scope)].append(grant)
    names = _names({row.scope for row in rows}, bureau)
    return [(row, reasons[row], names[row.scope]) for row in rows]


def _names(scopes: set[Scope], bureau: Bureau) -> dict[Scope, str]:
    names: dict[Scope, str] = {(Bureau, bureau.pk): "全局"}
    for model, label in ((Section, "{}"), (TownshipOffice, "{}"), (User, "{}承办的")):
        keys = {pk for kind, pk in scopes if kind is model}
        if keys:
            for pk, name in model._default_manager.filter(pk__in=keys).values_list("pk", "name"):
                names[model, pk] = label.format(name)
    return {scope: names.get(scope, "已不存在") for scope in scopes}


def matrix(roles: list[Role]) -> dict[str, list[tuple[PermissionEntry, list[str]]]]:
    """By object: each permission with its reach in every role, in words (with ``permissions`` prefetched)."""
    words = dict(RolePermission.Reach.choices)
    cells = {
        (role.pk, row.codename): str(words[row.reach]) for role in roles for row in role.permissions.all()
    }
    groups: dict[str, list[tuple[PermissionEntry, list[str]]]] = {}
    for entry in catalogue.permissions().values():
        row = [cells.get((role.pk, entry.codename), "") for role in roles]
        groups.setdefault(entry.object, []).append((entry, row))
    return groups
