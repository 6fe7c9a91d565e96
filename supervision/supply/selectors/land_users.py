"""Land users with what they hold, and those that may be one and the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from landbureau.accounts.models import Township, User
from supervision.supply import identity
from supervision.supply.models import LandSupply, LandUser, TwoLandUsers
from supervision.supply.rules.parties import Party, alike, plain_name
from supervision.supply.selectors.sums import cents

PART = 500
NEAR, MOST_NEAR = 6, 50
"""So many characters of a name are asked of the database, so many rows are compared."""


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
    return {
        row["land_user"]: Held(row["count"], None if row["total"] is None else cents(row["total"]))
        for row in found
    }


def held_elsewhere(actor: User, land_users: Collection[int]) -> set[int]:
    """Of these (keys) those with a supply that ``actor`` may not change: their details are not one's own."""
    changeable = LandSupply.objects.visible_to(actor, "update_supply").order_by().values("pk")
    keys, found = sorted(land_users), set[int]()
    for at in range(0, len(keys), PART):
        rows = (
            LandSupply.objects.filter(land_user__in=keys[at : at + PART])
            .exclude(pk__in=changeable)
            .order_by()
        )
        found |= set(rows.values_list("land_user", flat=True))
    return found


def changeable_by(actor: User, land_users: Collection[int]) -> set[int]:
    """Of these (keys) those of which ``actor`` may change every supply, and there is one."""
    rows = LandSupply.objects.filter(land_user__in=land_users).order_by()
    return set(rows.values_list("land_user", flat=True)) - held_elsewhere(actor, land_users)


def with_name(land_users: QuerySet[LandUser], name: str) -> list[LandUser]:
    """Those of this name, however it is written."""
    plain = plain_name(name)
    near = land_users.filter(name__icontains=name.strip()[:NEAR]).order_by("pk")[:MOST_NEAR]
    return [row for row in near if plain_name(row.name) == plain]


def the_one(land_users: QuerySet[LandUser], name: str, code: str) -> LandUser | None:
    """The land user that is meant beyond doubt: the same code, or the same name if only one has it.

    One with another code is another one, whatever its name.
    """
    if code and (row := land_users.filter(identity=code).order_by("pk").first()):
        return row
    rows = with_name(land_users, name) if plain_name(name) else []
    if len(rows) == 1 and not (code and rows[0].identity):
        return rows[0]
    return None


def duplicates_for(viewer: User) -> list[Pair]:
    """Pairs that may be one, those for which most speaks first; not those of which somebody said no."""
    rows = {row.pk: row for row in land_users_for(viewer)}
    parties = [
        Party(row.pk, row.name, row.identity, row.phone, identity.is_valid(row.identity))
        for row in rows.values()
    ]
    places = Township.objects.values_list("name", flat=True)
    told_apart = set(TwoLandUsers.objects.values_list("first", "second"))
    pairs = {keys: why for keys, why in alike(parties, places).items() if keys not in told_apart}
    found = sorted(pairs.items(), key=lambda item: (-len(item[1]), rows[item[0][0]].name))
    return [_pair(rows, keys, reasons) for keys, reasons in found]


def told_apart_from(land_user: LandUser, viewer: User) -> list[tuple[LandUser, TwoLandUsers]]:
    """Whom somebody said it not to be, of those that ``viewer`` sees."""
    said = TwoLandUsers.objects.filter(Q(first=land_user) | Q(second=land_user))
    others = [
        (one.second_id if one.first_id == land_user.pk else one.first_id, one)
        for one in said.select_related("said_by")
    ]
    seen = {row.pk: row for row in land_users_for(viewer).filter(pk__in=[pk for pk, _ in others])}
    return [(seen[pk], one) for pk, one in others if pk in seen]


def _pair(rows: dict[int, LandUser], keys: tuple[int, int], reasons: Sequence[str]) -> Pair:
    return Pair((rows[keys[0]], rows[keys[1]]), tuple(reasons))
