"""A section with its people and townships, as the tests of the office's pages need them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.test import Client

from landbureau.accounts.models import Section, Township, TownshipOffice, User
from supervision.supply.models import LandSupply
from tests.factories import OfficeFactory, SectionFactory, TownshipFactory, UserFactory, allow
from tests.supply.factories import TODAY, make_supply

DAY = timedelta(days=1)
OF_CLERK = ("view_supply", "create_supply", "update_supply", "view_notice", "create_notice", "view_document")
OF_HEAD = (
    "view_supply",
    "approve_supply",
    "view_notice",
    "approve_notice",
    "approve_default",
    "approve_extension",
)
OF_LEADER = ("view_supply", "view_notice", "approve_termination", "decide_extension")
OF_OFFICER = ("view_supply", "view_notice", "create_visit", "serve_notice", "propose_default")


class SupplyOffice:
    """``clerk`` and ``head`` of a section, ``leader`` of the bureau, ``officer`` of a township's office.

    ``stranger`` heads another section; ``colleague`` is the officer of another office.
    """

    def __init__(self) -> None:
        self.section: Section = SectionFactory()
        self.office: TownshipOffice = OfficeFactory()
        self.township: Township = TownshipFactory(office=self.office)
        self.other_office: TownshipOffice = OfficeFactory()
        self.clerk: User = allow(UserFactory(name="陈晓雨", section=self.section), *OF_CLERK, on=self.section)
        self.head: User = allow(UserFactory(name="赵文博", section=self.section), *OF_HEAD, on=self.section)
        self.leader: User = allow(UserFactory(name="周永杰"), *OF_LEADER)
        self.officer: User = allow(
            UserFactory(name="王海燕", office=self.office), *OF_OFFICER, on=self.office
        )
        self.colleague: User = allow(
            UserFactory(name="孙志强", office=self.other_office), *OF_OFFICER, on=self.other_office
        )
        self.stranger: User = allow(UserFactory(name="闫慧敏"), *OF_HEAD, on=SectionFactory())

    def supply(self, **contract: Any) -> LandSupply:
        """One of the section in the township, signed in January, with the officer unless told otherwise."""
        values: dict[str, Any] = {
            "section": self.section,
            "township": self.township,
            "officer": self.officer,
            "signed_on": date(2026, 1, 5),
            "agreed_start_on": date(2027, 12, 1),
            "agreed_completion_on": date(2029, 12, 1),
        }
        return make_supply(**values | contract)

    def late(self, days: int = 38, amount: int = 1_860_000, **contract: Any) -> LandSupply:
        """One whose first instalment was due so many days ago."""
        return self.supply(instalments=[(1, TODAY - days * DAY, amount)], **contract)


def as_(user: User) -> Client:
    """A browser in which ``user`` is signed in."""
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def fresh(user: User) -> User:
    """Without what was read about the person before."""
    return User.objects.get(pk=user.pk)
