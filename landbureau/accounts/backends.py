"""Django's ``has_perm``, answered from the scopes."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from landbureau.accounts.models import Bureau, Section, TownshipOffice, User
from landbureau.accounts.selectors import scopes_by_permission, scopes_for


class ScopeBackend(ModelBackend):
    """``has_perm("accounts.view_audit")``: held on any scope; with a scope as ``obj``: held there."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not isinstance(user_obj, User):
            return False
        label, _, codename = perm.rpartition(".")
        if label not in ("", "accounts"):
            return user_obj.is_active and user_obj.is_superuser
        scopes = scopes_for(user_obj, codename)
        if obj is None or scopes.everywhere:
            return bool(scopes)
        ids = {
            Section: scopes.sections,
            TownshipOffice: scopes.offices,
            User: scopes.people,
            Bureau: frozenset(),
        }
        return obj.pk in ids.get(type(obj), frozenset())

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return set()
        return {f"accounts.{codename}" for codename in scopes_by_permission(user_obj)}
