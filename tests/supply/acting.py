"""The people of the acts, each with what the role has, and supplies at the points where acts begin."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from landbureau.accounts.models import Section, Township, User
from landbureau.documents.models import Document
from landbureau.documents.services import approve, issue
from supervision.supply.models import Event, LandSupply
from supervision.supply.rules import Cause, Track
from supervision.supply.selectors import regime
from supervision.supply.services import defaults, extensions
from supervision.supply.transitions import Situation, situation_of
from tests.factories import SectionFactory, TownshipFactory, UserFactory, allow
from tests.supply.factories import TODAY, happen, make_supply

CLERK = (
    "view_supply",
    "create_supply",
    "update_supply",
    "view_notice",
    "create_notice",
    "view_default",
    "create_default",
    "view_extension",
    "create_extension",
)
HEAD = (
    "view_supply",
    "approve_supply",
    "view_notice",
    "approve_notice",
    "view_default",
    "approve_default",
    "view_extension",
    "approve_extension",
)
LEADER = ("view_supply", "view_notice", "approve_termination", "view_default", "decide_extension")
OFFICER = ("view_supply", "view_notice", "serve_notice", "view_visit", "create_visit", "propose_default")
BRIGADE = ("view_supply", "view_default", "view_notice")
START_DUE = date(2026, 11, 20)
"""Three days before ``TODAY``."""


class People:
    """A section with its people, the officer of a township, the leader, the brigade."""

    def __init__(self) -> None:
        self.section: Section = SectionFactory(phone="0319-0000000")
        self.township: Township = TownshipFactory()
        self.clerk = self.person("陈晓雨", CLERK, on=self.section, section=self.section)
        self.other_clerk = self.person("孙示例", CLERK, on=self.section, section=self.section)
        self.head = self.person("赵文博", HEAD, on=self.section, section=self.section)
        self.leader = self.person("周局长", LEADER)
        self.officer = self.person("王海燕", OFFICER, on=self.township.office, office=self.township.office)
        self.brigade = self.person("李大队", BRIGADE, section=regime().brigade)

    @staticmethod
    def person(name: str, codenames: tuple[str, ...], on: Any = None, **columns: Any) -> User:
        return allow(UserFactory(name=name, **columns), *codenames, on=on)

    def supply(self, **columns: Any) -> LandSupply:
        """A grant at 5,136,000 yuan whose start was due three days ago, at 0.5 ‰ a day."""
        values: dict[str, Any] = {
            "section": self.section,
            "township": self.township,
            "officer": self.officer,
            "price": Decimal(5136000),
            "signed_on": date(2025, 12, 18),
            "agreed_handover_on": date(2026, 1, 31),
            "agreed_start_on": START_DUE,
            "agreed_completion_on": date(2028, 5, 20),
            "start_rate": Decimal("0.5"),
            "completion_rate": Decimal("0.5"),
            "instalments": [(1, date(2026, 1, 18), 2568000), (2, date(2026, 12, 18), 2568000)],
        }
        return make_supply(**values | columns)

    def unstarted(self, **columns: Any) -> LandSupply:
        """One of whose site a visit found no start on the day after it was due."""
        supply = self.supply(**columns)
        happen(supply, "visit", date(2026, 11, 21), finding="not_started", actor=self.officer)
        return supply

    def proposed(self, cause: Cause = Cause.LAND_USER, supply: LandSupply | None = None) -> Event:
        """A default of the start that the officer has proposed."""
        return defaults.propose_default(
            supply=supply or self.unstarted(),
            track=Track.START,
            cause=cause.value,
            ground="2026-11-21 现场巡查，未见基础施工",
            actor=self.officer,
            today=TODAY,
        )

    def issue_letter(self, transfer: Event) -> None:
        """The letter to the brigade is approved and issued."""
        letter = Document.objects.get(pk=transfer.document_id)
        approve(document=letter, actor=self.head, today=TODAY)
        issue(document=letter, actor=self.head, today=TODAY, render=False)

    def applied(self, supply: LandSupply | None = None, **changes: Any) -> Event:
        """An extension of the start by half a year, registered by the clerk."""
        values: dict[str, Any] = {
            "track": Track.START,
            "by_office": False,
            "on": TODAY,
            "new_due_on": date(2027, 5, 20),
            "new_completion_on": date(2028, 11, 20),
            "cause": Cause.GOVERNMENT.value,
            "ground": "杆线迁移未完成",
            "actor": self.clerk,
            "today": TODAY,
        }
        return extensions.apply_extension(supply=supply or self.supply(), **values | changes)

    def reviewed(self, supply: LandSupply | None = None) -> Event:
        """An application on which the head has agreed."""
        application = self.applied(supply)
        extensions.review_extension(
            supply=application.supply,
            step=application,
            agrees=True,
            opinion="情况属实",
            actor=self.head,
            today=TODAY,
        )
        return application

    def terminable(self) -> LandSupply:
        """One with an instalment that is late by more than sixty days and was demanded."""
        supply = self.supply(
            instalments=[(1, date(2026, 6, 18), 2568000)],
            deposit=Decimal(500000),
            agreed_start_on=date(2027, 5, 1),
        )
        happen(supply, "demand", date(2026, 7, 20), seq=1)
        return supply


def standing(supply: LandSupply, today: date = TODAY) -> Situation:
    """How the supply stands now."""
    return situation_of(LandSupply.objects.select_related("parcel").get(pk=supply.pk), today)


def deputise(person: User, deputy: User) -> None:
    """``deputy`` acts for ``person`` these days."""
    from landbureau.accounts.models import Absence

    Absence.objects.create(user=person, deputy=deputy, starts_on=date(2020, 1, 1), ends_on=date(2199, 1, 1))
    deputy.__dict__.pop("_scopes", None)
