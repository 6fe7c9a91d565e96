"""Rows that the acts of this app lock, always in this order: the bureau, people by key, work by key."""

from __future__ import annotations

from landbureau.accounts.models import Bureau, User


def lock_grants() -> None:
    """One act on grants and roles at a time (they are rare, and the last administrator must stay)."""
    list(Bureau.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def lock_people(*people: User) -> dict[int, User]:
    """The persons as they are now, by key, locked until the transaction ends."""
    keys = {person.pk for person in people}
    return {
        person.pk: person
        for person in User.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    }
