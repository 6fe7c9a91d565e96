"""Land users with what they hold, and those that may be one and the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from landbureau.accounts.models import User
from supervision.supply import identity
from supervision.supply.models import LandSupply, LandUser
from supervision.supply.rules.parties import Party, alike


@dataclass(frozen=True, slots=True)
class Pair:
    """Two land users that may be one; ``reasons`` in words, ``counts``: of their supplies in sight."""

    rows: tuple[LandUser, LandUser]
    reasons: tuple[str, ...]
    counts: tuple[int, int]


def land_users_for(viewer: User) -> QuerySet[LandUser]:
    """Those that ``viewer`` sees and that were not merged, with number and price of the supplies in sight."""
    own = LandSupply.objects.visible_to(viewer).filter(land_user=OuterRef("pk")).order_by().values("land_user")
    count = own.annotate(number=Count("pk")).values("number")
    price = own.annotate(total=Sum("price")).values("total")
    rows: QuerySet[LandUser] = _in_sight(viewer).annotate(
        supply_count=Coalesce(Subquery(count), 0),
        price_total=Subquery(price, DecimalField(max_digits=18, decimal_places=2)),
    )
    return rows.order_by("name", "pk")


def _in_sight(viewer: User) -> QuerySet[LandUser]:
    """With a supply that ``viewer`` sees."""
    seen = LandSupply.objects.visible_to(viewer).order_by().values("land_user")
    return LandUser.objects.filter(merged_into=None, pk__in=seen)


def duplicates_for(viewer: User) -> list[Pair]:
    """Pairs that may be one, those for which most speaks first."""
    rows = {row.pk: row for row in _in_sight(viewer)}
    parties = [
        Party(row.pk, row.name, row.identity, row.phone, identity.is_valid(row.identity))
        for row in rows.values()
    ]
    found = sorted(alike(parties).items(), key=lambda item: (-len(item[1]), rows[item[0][0]].name))
    named = {key for keys, _ in found for key in keys}
    counted = {row.pk: row for row in land_users_for(viewer).filter(pk__in=named)}
    return [_pair(counted, keys, reasons) for keys, reasons in found]


def _pair(rows: dict[int, Any], keys: tuple[int, int], reasons: Sequence[str]) -> Pair:
    one, other = rows[keys[0]], rows[keys[1]]
    return Pair((one, other), tuple(reasons), (one.supply_count, other.supply_count))
