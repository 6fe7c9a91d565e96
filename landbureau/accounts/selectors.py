"""Who may do what, where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from guardian.models import UserObjectPermission

from landbureau.accounts.models import Absence, Bureau, Section, TownshipOffice, User


@dataclass(frozen=True)
class Scopes:
    """Where a permission is held: everywhere, in these sections and offices, for these persons' own work."""

    everywhere: bool = False
    sections: frozenset[int] = frozenset()
    offices: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.everywhere or self.sections or self.offices or self.people)


def acting_for(user: User, today: date) -> list[int]:
    """Ids of the persons for whom ``user`` deputises on ``today`` (asked once: kept on ``user``)."""
    kept = _kept(user)
    if ("acting", today) not in kept:
        rows = Absence.objects.on(today).filter(deputy=user, user__is_active=True)
        kept["acting", today] = list(rows.values_list("user_id", flat=True))
    return list(kept["acting", today])


def scopes_by_permission(user: User) -> dict[str, Scopes]:
    """Every permission of a person today with its scopes, deputised ones included (kept on ``user``).

    ``has_perm`` takes no day, so this asks for today itself (ADR 6).
    """
    kept, today = _kept(user), timezone.localdate()
    if ("scopes", today) not in kept:
        kept["scopes", today] = _read_scopes([user.pk, *acting_for(user, today)])
    scopes: dict[str, Scopes] = kept["scopes", today]
    return scopes


def _kept(user: User) -> dict[tuple[str, date], Any]:
    """What was read about this person, by day: an object that lives past midnight reads again."""
    if not hasattr(user, "_scopes"):  # not by __dict__: request.user is a lazy object with one of its own
        user._scopes = {}  # type: ignore[attr-defined]
    kept: dict[tuple[str, date], Any] = user._scopes  # type: ignore[attr-defined]
    return kept


def _read_scopes(people: list[int]) -> dict[str, Scopes]:
    models = {ContentType.objects.get_for_model(m).pk: m for m in (Bureau, Section, TownshipOffice, User)}
    found: dict[str, dict[type, set[int]]] = {}
    rows = UserObjectPermission.objects.filter(user_id__in=people, content_type_id__in=models)
    for codename, content_type, pk in rows.values_list(
        "permission__codename", "content_type_id", "object_pk"
    ):
        found.setdefault(codename, {}).setdefault(models[content_type], set()).add(int(pk))
    return {
        codename: Scopes(
            everywhere=Bureau in by_model,
            sections=frozenset(by_model.get(Section, ())),
            offices=frozenset(by_model.get(TownshipOffice, ())),
            people=frozenset(by_model.get(User, ())),
        )
        for codename, by_model in found.items()
    }


def scopes_for(user: User, codename: str) -> Scopes:
    """Where ``user`` holds ``codename`` today. The break-glass superuser holds everything everywhere."""
    if not user.is_authenticated or not user.is_active:
        return Scopes()
    if user.is_superuser:
        return Scopes(everywhere=True)
    return scopes_by_permission(user).get(codename, Scopes())


def own_scopes_for(user: User, codename: str) -> Scopes:
    """Where ``user`` holds ``codename`` by grants of one's own: what is held as a deputy is left out."""
    held, today = scopes_for(user, codename), timezone.localdate()
    if not held or not acting_for(user, today) or user.is_superuser:
        return held
    kept = _kept(user)
    if ("own", today) not in kept:
        kept["own", today] = _read_scopes([user.pk])
    own: dict[str, Scopes] = kept["own", today]
    return own.get(codename, Scopes())
