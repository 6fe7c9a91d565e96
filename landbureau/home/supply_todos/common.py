"""What the to-dos of supplies share."""

from __future__ import annotations

from django.db.models import Q

from landbureau.accounts.models import User
from landbureau.accounts.selectors import scopes_for
from supervision.supply.models import LandSupply
from supervision.supply.selectors.arrears import Unpaid

MOST_ALONE = 5  # of one kind; more are told as one line


def within(user: User, *codenames: str, at: str = "supply__") -> Q:
    """Condition: where ``user`` holds one of these permissions. ``at``: the way to the supply."""
    where = Q(pk__in=())
    for codename in codenames:
        scopes = scopes_for(user, codename)
        if scopes.everywhere:
            return Q(pk__isnull=False)  # everything: an empty condition would vanish from an OR
        if scopes.sections:
            where |= Q(**{f"{at}section__in": scopes.sections})
        if scopes.offices:
            where |= Q(**{f"{at}parcel__township__office__in": scopes.offices})
    return where


def title_of(supply: LandSupply, money: Unpaid | None = None) -> str:
    return f"{supply.land_user}　第{money.seq}期出让金" if money else f"{supply.land_user}　{supply.number}"
