"""Makers of rows about people."""

from __future__ import annotations

from datetime import date

import factory

from landbureau.accounts.models import Assignment, Grant, Role
from landbureau.accounts.services import VILLAGE_ROUND
from tests.factories import UserFactory, VillageFactory, allow

TODAY = date(2026, 11, 23)


def role(code: str) -> Role:
    """A role as loaded after ``migrate``."""
    return Role.objects.get(code=code)


class TakerFactory(UserFactory):
    """Someone who may take over village rounds and time limits."""

    @factory.post_generation
    def permissions(self, create: bool, extracted: object, **kwargs: object) -> None:
        allow(self, "create_patrol", "view_deadline")  # type: ignore[arg-type]


class GrantFactory(factory.django.DjangoModelFactory):
    """A bare row: permissions are not in line with it until they are synced."""

    class Meta:
        model = Grant

    user = factory.SubFactory(UserFactory)
    role = factory.LazyFunction(lambda: role("leader"))


class RoundFactory(factory.django.DjangoModelFactory):
    """A village's round, open since the first of the year."""

    class Meta:
        model = Assignment

    user = factory.SubFactory(UserFactory)
    task = VILLAGE_ROUND
    subject = factory.SubFactory(VillageFactory)
    starts_on = date(2026, 1, 1)
