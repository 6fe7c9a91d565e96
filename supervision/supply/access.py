"""Who may act on a supply: by its section, by the office of its township, or everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from landbureau.accounts.models import User
from landbureau.accounts.selectors import acting_for, own_scopes_for, scopes_for
from supervision.supply.models import LandSupply
from supervision.supply.models.events import KindChoice
from supervision.supply.selectors.facts import regime

VIEW_DEFAULT = "view_default"
DECISIONS = {
    KindChoice.DETERMINATION: "approve_default",
    KindChoice.DETERMINATION_RETURNED: "approve_default",
    KindChoice.EXTENSION_REVIEWED: "approve_extension",
    KindChoice.EXTENSION_APPROVED: "decide_extension",
    KindChoice.EXTENSION_REJECTED: "decide_extension",
    KindChoice.TERMINATION: "approve_termination",
    KindChoice.TERMINATION_DECLINED: "approve_termination",
}
"""Who may decide: what was decided is corrected or imported only by them, else a clerk could move a date."""


def may(user: User, codename: str, supply: LandSupply, *, own: bool = False) -> bool:
    """Whether ``user`` holds ``codename`` where the supply lies; ``own``: without what a deputy holds."""
    scopes = (own_scopes_for if own else scopes_for)(user, codename)
    if scopes.everywhere or supply.section_id in scopes.sections:
        return True
    if not scopes.offices:
        return False
    township = supply.parcel.township
    return township is not None and township.office_id in scopes.offices


def may_any(user: User, codenames: Iterable[str], supply: LandSupply, *, own: bool = False) -> bool:
    """Whether one of these permissions is held on the supply."""
    return any(may(user, codename, supply, own=own) for codename in codenames)


def not_separate(
    user: User, codenames: Iterable[str], supply: LandSupply, authors: Iterable[int | None], today: date
) -> bool:
    """Whether ``user`` would decide on the work of one's own, or of the person one deputises for.

    Who deputises for an author decides only by a permission of one's own, as with documents.
    """
    known = set(authors) - {None}
    if user.pk in known:
        return True
    if not known & set(acting_for(user, today)):
        return False
    return not may_any(user, codenames, supply, own=True)


def is_brigade(user: User, today: date) -> bool:
    """Whether ``user`` belongs to the section that takes over defaults, or deputises for one who does."""
    if not user.holds_everywhere(VIEW_DEFAULT):
        return False
    brigade = regime().brigade_id
    if user.is_superuser or (brigade is not None and user.section_id == brigade):
        return True
    people = acting_for(user, today)
    return bool(people) and User.objects.filter(pk__in=people, section=brigade).exists()
