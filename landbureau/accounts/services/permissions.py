"""django-guardian's rows about scopes: those that the grants in force define, never edited otherwise."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from guardian.models import UserObjectPermission

from landbureau.accounts.models import (
    SCOPE_MODELS,
    Bureau,
    Grant,
    RolePermission,
    Section,
    TownshipOffice,
    User,
)


def sync_permissions(user: User) -> int:
    """Bring one person's permissions in line with the grants in force. Returns how many rows changed."""
    changed = sync_people([user.pk])
    user.__dict__.pop("_scopes", None)
    return changed


@transaction.atomic
def sync_people(user_ids: Iterable[int]) -> int:
    """``sync_permissions`` for many, in a fixed number of queries."""
    ids = list(
        User.objects.select_for_update(no_key=True)
        .filter(pk__in=list(user_ids))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    types = {model: ContentType.objects.get_for_model(model).pk for model in SCOPE_MODELS}
    wanted = _defined_by_grants(ids, types)
    rows = UserObjectPermission.objects.filter(user_id__in=ids, content_type_id__in=types.values())
    existing = {
        (user, permission, content_type, scope): pk
        for pk, user, permission, content_type, scope in rows.values_list(
            "pk", "user_id", "permission_id", "content_type_id", "object_pk"
        )
    }
    surplus = [pk for key, pk in existing.items() if key not in wanted]
    missing = wanted - existing.keys()
    UserObjectPermission.objects.filter(pk__in=surplus).delete()
    UserObjectPermission.objects.bulk_create(
        UserObjectPermission(
            user_id=user, permission_id=permission, content_type_id=content_type, object_pk=scope
        )
        for user, permission, content_type, scope in sorted(missing)
    )
    return len(surplus) + len(missing)


def scope_of(grant: Grant, reach: str, bureau_id: int) -> tuple[type, int] | None:
    """Where a permission of the granted role is held: the model and key of the scope.

    None: nowhere, since the grant names no section (X) or no office (T).
    """
    scope: tuple[type, int | None] = {
        RolePermission.Reach.BUREAU: (Bureau, bureau_id),
        RolePermission.Reach.SECTION: (Section, grant.section_id),
        RolePermission.Reach.OFFICE: (TownshipOffice, grant.office_id),
        RolePermission.Reach.OWN: (User, grant.user_id),
    }[RolePermission.Reach(reach)]
    model, pk = scope
    return None if pk is None else (model, pk)


def _defined_by_grants(user_ids: list[int], types: dict[type, int]) -> set[tuple[int, int, int, str]]:
    """(user, permission, content type, scope) of every permission that the grants in force give."""
    bureau_id = Bureau.objects.values_list("pk", flat=True).get()
    grants = list(Grant.objects.filter(user_id__in=user_ids, ended_at=None, user__is_active=True))
    by_role: dict[int, list[tuple[str, str]]] = {}
    for role, codename, reach in RolePermission.objects.filter(
        role_id__in={grant.role_id for grant in grants}
    ).values_list("role_id", "codename", "reach"):
        by_role.setdefault(role, []).append((codename, reach))
    permissions = {
        (codename, content_type): pk
        for pk, codename, content_type in Permission.objects.filter(
            content_type_id__in=types.values()
        ).values_list("pk", "codename", "content_type_id")
    }
    wanted = set()
    for grant in grants:
        for codename, reach in by_role.get(grant.role_id, ()):
            if scope := scope_of(grant, reach, bureau_id):
                model, pk = scope
                wanted.add((grant.user_id, permissions[codename, types[model]], types[model], str(pk)))
    return wanted
