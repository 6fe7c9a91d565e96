"""Which supplies are under supervision on a day, and who answers for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from landbureau.accounts.models import Assignment, User
from landbureau.accounts.services import SUPERVISION
from supervision.supply.models import LandSupply

MOST_NAMED = 900
"""So many rows are named by their keys in a query; of more the database is asked for all."""


def inside(supplies: QuerySet[LandSupply], keys: Collection[int]) -> set[int]:
    """Which of these keys are of ``supplies``. One query.

    For what is few of many: a condition on its supply would have the database begin with all supplies.
    """
    if not keys:
        return set()
    rows = supplies if len(keys) > MOST_NAMED else supplies.filter(pk__in=keys)
    return set(rows.order_by().values_list("pk", flat=True)) & set(keys)


def under_supervision(prefix: str, on: date) -> Q:
    """Condition: signed by ``on`` and not ended. ``prefix``: the way to the supply, as ``supply__``.

    Said so that no index on the day of signing tempts the database to begin with all the old supplies.
    """
    goes_on = Q(**{f"{prefix}closed_on": None}) | Q(**{f"{prefix}closed_on__gt": on})
    return ~Q(**{f"{prefix}signed_on__gt": on}) & goes_on


def supervisions() -> QuerySet[Assignment]:
    """Who answers for which supply now; ``object_id`` is the supply's key."""
    return Assignment.objects.filter(
        content_type=ContentType.objects.get_for_model(LandSupply), task=SUPERVISION, ends_on=None
    )


def supervised_by(people: Collection[int]) -> QuerySet[Assignment, Any]:
    """The keys of the supplies for which one of ``people`` answers, to be used in a query."""
    return supervisions().filter(user__in=people).values("object_id")


def officers_of(supplies: Collection[int] | QuerySet[Any]) -> dict[int, User]:
    """Who answers for each of these supplies, in one query; a supply without an officer is not there."""
    rows = supervisions().filter(object_id__in=supplies).select_related("user")
    return {row.object_id: row.user for row in rows}


def officers(supplies: QuerySet[LandSupply]) -> QuerySet[User]:
    """The people who answer for one of these supplies: what a filter offers."""
    rows = supervisions().filter(object_id__in=supplies.order_by().values("pk"))
    return User.objects.filter(pk__in=rows.values("user")).order_by("name")
