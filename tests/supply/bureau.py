"""A bureau over some years from a fixed seed: supplies, and what happens to them, told when it is learnt."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from supervision.supply.models import Event, LandSupply
from supervision.supply.services import append_event, withdraw_event
from tests.supply.factories import make_land_user, make_supply
from tests.supply.strategies import COIN


@dataclass
class Told:
    """An event of a supply and the details that its form says."""

    supply: LandSupply
    kind: str
    on: date
    details: dict[str, Any]


@dataclass
class Bureau:
    """``script``: what is told on each day."""

    begins_on: date
    days: int
    supplies: list[LandSupply] = field(default_factory=list)
    script: dict[date, list[Told]] = field(default_factory=lambda: defaultdict(list))
    seed: int = 1

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    @property
    def ends_on(self) -> date:
        return self.begins_on + timedelta(days=self.days)

    def populate(self, number: int, **common: Any) -> Bureau:
        land_user = make_land_user()
        for _ in range(number):
            self._supply(land_user=land_user, **common)
        return self

    def tell(self, today: date) -> list[LandSupply]:
        """What is told on ``today`` is entered; now and then an entry turns out to be wrong. Who changed."""
        changed = []
        for told in self.script.pop(today, []):
            told.supply.refresh_from_db()
            if told.supply.closed_on is not None and told.on > told.supply.closed_on:
                continue
            append_event(
                supply=told.supply, kind=told.kind, on=told.on, actor=None, today=today, **told.details
            )
            changed.append(told.supply)
        if self.dice.random() < 0.05:
            event = Event.objects.in_force().order_by("-pk").first()
            if event is not None:
                withdraw_event(event=event, reason="登记错误", actor=None, today=today)
                changed.append(event.supply)
        return changed

    # --- One supply and its life ---------------------------------------------------------------------------

    def _day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.dice.randint(0, max(0, (last - first).days)))

    def _chance(self, percent: int) -> bool:
        return self.dice.random() * 100 < percent

    def _supply(self, **common: Any) -> None:
        signed_on = self._day(self.begins_on - timedelta(days=400), self.begins_on + timedelta(days=150))
        price = self.dice.randint(1, 30) * 8 * COIN
        parts = self.dice.randint(1, 3)
        instalments = [
            (seq, signed_on + timedelta(days=self.dice.randint(15, 400)), price / 4)
            for seq in range(1, parts)
        ]
        last = None if self._chance(4) else signed_on + timedelta(days=self.dice.randint(60, 500))
        instalments.append((parts, last, price - price / 4 * (parts - 1)))
        start_on = signed_on + timedelta(days=self.dice.randint(30, 300))
        supply = make_supply(
            signed_on=None if self._chance(3) else signed_on,
            price=price,
            deposit=COIN if self._chance(30) else None,
            instalments=[] if self._chance(4) else instalments,
            agreed_start_on=None if self._chance(15) else start_on,
            agreed_completion_on=None if self._chance(5) else start_on + timedelta(days=300),
            today=self.begins_on,
            **common,
        )
        self.supplies.append(supply)
        self._life(supply, signed_on, start_on, instalments)

    def _tell(self, supply: LandSupply, kind: str, on: date, **details: Any) -> None:
        """Learnt on the day, or some days after; what was before the time is learnt on the first day."""
        late = self.dice.choice([0, 0, 0, 1, 4, 20])
        today = max(self.begins_on, on + timedelta(days=late))
        self.script[today].append(Told(supply, kind, on, details))

    def _life(
        self,
        supply: LandSupply,
        signed_on: date,
        start_on: date,
        instalments: list[tuple[int, date | None, Decimal]],
    ) -> None:
        tell, chance = self._tell, self._chance
        for seq, due_on, amount in instalments:
            around = due_on or signed_on
            if chance(60):
                on = self._day(around - timedelta(days=40), around + timedelta(days=50))
                tell(supply, "payment", on, amount=amount, seq=seq if chance(50) else None)
            elif chance(60):
                for n in (10, 70):
                    tell(supply, "payment", around + timedelta(days=n), amount=amount / 2)
            if chance(25):
                tell(supply, "demand", around + timedelta(days=self.dice.randint(1, 60)), seq=seq)
            if chance(5):
                tell(supply, "refund", around + timedelta(days=30), amount=COIN)
        if chance(80):
            tell(supply, "handover", self._day(signed_on, start_on))
        for day in (start_on, start_on + timedelta(days=300)):
            if chance(70):
                tell(supply, "visit", self._day(day - timedelta(days=45), day + timedelta(days=40)))
        if chance(30):
            on = self._day(start_on, start_on + timedelta(days=60))
            tell(
                supply,
                "extension_approved",
                on,
                track="start",
                new_due_on=on + timedelta(days=self.dice.randint(20, 120)),
                new_completion_on=start_on + timedelta(days=500) if chance(50) else None,
            )
        if chance(65):
            on = self._day(start_on - timedelta(days=40), start_on + timedelta(days=120))
            tell(supply, "start", on)
            if chance(30):
                tell(supply, "stop", on + timedelta(days=20))
            if chance(50):
                tell(supply, "completion", on + timedelta(days=self.dice.randint(150, 400)))
        elif chance(40):
            tell(supply, "determination", start_on + timedelta(days=20), track="start", cause="government")
        if chance(15):
            kind = self.dice.choice(["termination", "acceptance", "take_back", "transfer"])
            tell(supply, kind, self._day(self.begins_on, self.ends_on))
