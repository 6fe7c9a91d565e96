"""An officer on the way: a supply of the own township, photos of a draft, a visit as it is recorded."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone

from landbureau.accounts.models import User
from supervision.supply.models import Event, LandSupply
from supervision.supply.services.photos import add_draft_photo
from supervision.supply.services.visits import Position, Sighting, record_visit
from tests.factories import SectionFactory, TownshipFactory, UserFactory, allow
from tests.supply.factories import TODAY, make_supply
from tests.web.files import photo, upload

OFFICER = ("view_supply", "create_visit", "update_visit", "view_visit")
HERE = Position(Decimal("115.241800"), Decimal("37.530600"), 8)


class Site:
    """``supply``: its start was agreed for 2026-11-20, and nobody has looked since."""

    def __init__(self, **contract: Any) -> None:
        self.township = TownshipFactory()
        self.section = SectionFactory()
        self.officer: User = allow(
            UserFactory(name="王海燕", office=self.township.office), *OFFICER, on=self.township.office
        )
        self.supply = self.make(
            **{"agreed_start_on": date(2026, 11, 20), "agreed_completion_on": date(2028, 11, 20)} | contract
        )

    def make(self, **contract: Any) -> LandSupply:
        values = {"section": self.section, "township": self.township, "officer": self.officer}
        return make_supply(**values | {"signed_on": date(2025, 12, 18)} | contract)

    def photos(self, *colours: str, draft_key: uuid.UUID, supply: LandSupply | None = None) -> list[int]:
        """The keys of photos in a draft of the officer, one of each colour."""
        return [
            add_draft_photo(
                supply=supply or self.supply,
                draft_key=draft_key,
                actor=self.officer,
                file=upload(photo(colour=colour), f"{colour}.jpg"),
                today=TODAY,
            ).pk
            for colour in colours
        ]

    def visit(self, finding: str = "not_started", **how: Any) -> Event:
        """Record a visit on ``on`` (TODAY); ``seen`` columns of ``Sighting`` and arguments may be given."""
        on, draft_key = how.pop("on", TODAY), how.pop("draft_key", uuid.uuid4())
        names = Sighting.__dataclass_fields__.keys() & how.keys()
        seen = Sighting(finding=finding, **{name: how.pop(name) for name in names})
        supply = how.pop("supply", self.supply)
        photos = how.pop("photos", None)
        if photos is None:
            photos = self.photos("#c96", draft_key=draft_key, supply=supply)
        arguments = {
            "supply": supply,
            "actor": self.officer,
            "today": TODAY,
            "at": at(on),
            "seen": seen,
            "photos": photos,
            "draft_key": draft_key,
            "position": HERE,
        }
        event = record_visit(**arguments | how)
        supply.refresh_from_db()
        return event


def at(on: date, hour: int = 10, minute: int = 40) -> datetime:
    return datetime.combine(on, time(hour, minute), tzinfo=timezone.get_current_timezone())
