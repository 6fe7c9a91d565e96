"""Land users with what they hold, and those that may be one and the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from landbureau.accounts.models import User
from supervision.supply import identity
from supervision.supply.models import LandSupply, LandUser
from supervision.supply.rules.parties import Party, alike


@dataclass(frozen=True, slots=True)
class Held:
    """How many supplies a land user has in sight, and their price in yuan (None: none is known)."""

    count: int = 0
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two land users that may be one; ``reasons`` in words."""

    rows: tuple[LandUser, LandUser]
    reasons: tuple[str, ...]


def land_users_for(viewer: User) -> QuerySet[LandUser]:
    """Those with a supply that ``viewer`` sees, which were not merged into another."""
    seen = LandSupply.objects.visible_to(viewer).order_by().values("land_user")
    return LandUser.objects.filter(merged_into=None, pk__in=seen).order_by("name", "pk")


def held_by(viewer: User, land_users: Collection[LandUser]) -> dict[int, Held]:
    """What these hold, by key, in one query. Not as columns of the list: the database would count for all."""
    rows = LandSupply.objects.visible_to(viewer).filter(land_user__in=[one.pk for one in land_users])
    found = rows.order_by().values("land_user").annotate(count=Count("pk"), total=Sum("price"))
    return {row["land_user"]: Held(row["count"], row["total"]) for row in found}


def duplicates_for(viewer: User) -> list[Pair]:
    """Pairs that may be one, those for which most speaks first."""
    rows = {row.pk: row for row in land_users_for(viewer)}
    parties = [
        Party(row.pk, row.name, row.identity, row.phone, identity.is_valid(row.identity))
        for row in rows.values()
    ]
    found = sorted(alike(parties).items(), key=lambda item: (-len(item[1]), rows[item[0][0]].name))
    return [_pair(rows, keys, reasons) for keys, reasons in found]


def _pair(rows: dict[int, LandUser], keys: tuple[int, int], reasons: Sequence[str]) -> Pair:
    return Pair((rows[keys[0]], rows[keys[1]]), tuple(reasons))
