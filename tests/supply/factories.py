"""Makers of supplies and their events: through the services, so that what follows from them is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from landbureau.accounts.models import Section, Township, TownshipOffice, User, Village
from supervision.supply.models import Event, LandSupply, LandUser
from supervision.supply.services import NewSupply, append_event, register_supply
from tests.factories import SectionFactory, TownshipFactory

TODAY = date(2026, 11, 23)
_numbers = count(1)


def make_land_user(name: str = "", **columns: Any) -> LandUser:
    return LandUser.objects.create(name=name or f"新河县演示{next(_numbers)}号有限公司", **columns)


def make_supply(
    *,
    instalments: Sequence[tuple[int, date | None, Any]] = (),
    section: Section | None = None,
    office: TownshipOffice | None = None,
    township: Township | None = None,
    village: Village | None = None,
    officer: User | None = None,
    land_user: LandUser | None = None,
    area: Any = Decimal("26680.00"),
    location: str = "演示路北侧",
    today: date = TODAY,
    **contract: Any,
) -> LandSupply:
    """A supply of ``section`` in a township of ``office``; ``instalments``: (seq, due_on, amount)."""
    n = next(_numbers)
    if township is None and office is not None:
        township = TownshipFactory(office=office)
    values = {
        "supervision_number": f"1305302025B{n:05}",
        "contract_number": f"新土让〔2025〕{n}号",
        "method": LandSupply.Method.LISTING,
        "payment_rate": Decimal(1),
        "section": section or SectionFactory(),
    } | contract
    return register_supply(
        new=NewSupply(
            contract=values,
            parcel={
                "township": township or (village.township if village else None),
                "village": village,
                "location": location,
                "area": area,
                "use": "工业用地",
            },
            land_user=land_user or make_land_user(),
            instalments=instalments,
            officer=officer,
        ),
        today=today,
    )


def happen(supply: LandSupply, kind: str, on: date, *, actor: User | None = None, **details: Any) -> Event:
    """Something happened on ``on``, entered on that day or later."""
    event = append_event(supply=supply, kind=kind, on=on, actor=actor, today=max(on, TODAY), **details)
    supply.refresh_from_db()
    return event
