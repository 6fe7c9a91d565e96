"""Synthetic supplies for measurements: many, from a fixed seed, written in sets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from time import monotonic
from typing import Any

from django.db import transaction

from landbureau.accounts.models import Township, User
from landbureau.workdays.rules import add_months
from supervision.supply.models import Event, Instalment, LandSupply, LandUser, Parcel
from supervision.supply.models.events import FindingChoice, KindChoice
from supervision.supply.selectors.facts import regime
from supervision.supply.services.events import append_events
from supervision.supply.services.projection import roll
from supervision.supply.services.supplies import assign_officers

SEED = 20261123
CHUNK = 2000
DUE = 300
"""So many supplies ask for something, however many there are: what is measured against the number of rows
must not be the number of what is due."""
MARK = "S"  # of the supervision numbers: the real ones have A and B
DAY = timedelta(days=1)
K = KindChoice


def load_scale(*, supplies: int, today: date) -> dict[str, Any]:
    """Add ``supplies`` with three instalments and about six events each; how many of each, and the seconds.

    The same numbers give the same rows, relative to ``today``; a second call goes on where the first ended.
    """
    began = monotonic()
    counted = {"supplies": 0, "instalments": 0, "events": 0}
    first = LandSupply.objects.filter(supervision_number__contains=MARK).count()
    for at in range(first, first + supplies, CHUNK):
        made = _load_chunk(range(at, min(at + CHUNK, first + supplies)), today)
        counted = {name: counted[name] + made[name] for name in counted}
    return counted | {"seconds": round(monotonic() - began, 1)}


@transaction.atomic
def _load_chunk(indexes: range, today: date) -> dict[str, int]:
    section = regime().section
    townships = list(Township.objects.order_by("pk"))
    officers = dict(
        User.objects.filter(is_active=True, office__isnull=False).order_by("-pk").values_list("office", "pk")
    )
    people = User.objects.in_bulk(officers.values())
    users = LandUser.objects.bulk_create(
        [LandUser(name=f"规模测试{index:06}号有限公司", identity=f"规模{index:06}") for index in indexes],
        batch_size=500,
    )
    lives = [_Life(index, today) for index in indexes]
    places = [townships[index % len(townships)] for index in indexes]
    parcels = Parcel.objects.bulk_create(
        [
            Parcel(
                township=township,
                location=f"规模测试{life.index:06}号地块",
                area=life.area,
                use="工业用地",
            )
            for life, township in zip(lives, places, strict=True)
        ],
        batch_size=500,
    )
    rows = LandSupply.objects.bulk_create(
        [
            LandSupply(parcel=parcel, land_user=user, section=section, **life.contract())
            for life, parcel, user in zip(lives, parcels, users, strict=True)
        ],
        batch_size=500,
    )
    instalments = [
        Instalment(supply=supply, seq=seq, due_on=due_on, amount=amount)
        for supply, life in zip(rows, lives, strict=True)
        for seq, (due_on, amount) in enumerate(zip(life.dues, life.shares, strict=True), start=1)
    ]
    roll(instalments)
    Instalment.objects.bulk_create(instalments, batch_size=500)
    assign_officers(
        officers={
            supply.pk: people.get(officers.get(township.office_id, 0))
            for supply, township in zip(rows, places, strict=True)
        },
        on=today,
    )
    events = [
        Event(supply=supply, **columns)
        for supply, life in zip(rows, lives, strict=True)
        for columns in life.events()
    ]
    append_events(events=events, today=today)
    return {"supplies": len(rows), "instalments": len(instalments), "events": len(events)}


class _Life:
    """One supply. The first ``DUE`` are of six kinds that ask for something; most others have ended."""

    def __init__(self, index: int, today: date) -> None:
        self.index, self.today = index, today
        chance = Random(SEED * 1_000_003 + index)  # noqa: S311
        self.area = Decimal(chance.randint(5_000, 60_000))
        self.price = Decimal(chance.randint(100, 1_500)) * 10_000
        self.kind = index % 6 if index < DUE else None
        self.is_over = self.kind is None and index % 10 < 7
        near = 1 + index % 28
        match self.kind:
            case 0 | 1:  # last instalment to be reminded of, or late
                last_due = today + near * DAY if self.kind == 0 else today - near * DAY
                self.signed = add_months(last_due, -12)
                self.start = self.signed + 180 * DAY
                self.completion = today + (200 + near) * DAY
            case 2 | 3:  # start
                self.start = today + near * DAY if self.kind == 2 else today - near * DAY
                self.signed = self.start - 500 * DAY
                self.completion = self.start + 600 * DAY
            case 4 | 5:  # completion
                self.completion = today + near * DAY if self.kind == 4 else today - near * DAY
                self.signed = self.completion - 900 * DAY
                self.start = self.signed + 270 * DAY
            case _ if self.is_over:
                self.signed = today - chance.randint(1_800, 4_000) * DAY
                self.start = self.signed + 180 * DAY
                self.completion = self.signed + 900 * DAY
            case _:
                self.signed = today - chance.randint(900, 1_500) * DAY
                self.start = self.signed + 180 * DAY
                self.completion = today + chance.randint(400, 900) * DAY
        self.shares = [self.price / 2, self.price * 3 / 10, self.price / 5]
        self.dues = [add_months(self.signed, months) for months in (1, 6, 12)]

    def contract(self) -> dict[str, Any]:
        number = f"130530{self.signed.year}{MARK}{self.index:06}"
        return {
            "number": number,
            "supervision_number": number,
            "contract_number": f"规模〔{self.signed.year}〕{self.index}号",
            "method": LandSupply.Method.LISTING,
            "price": self.price,
            "signed_on": self.signed,
            "agreed_handover_on": self.signed + 45 * DAY,
            "agreed_start_on": self.start,
            "agreed_completion_on": self.completion,
            "payment_rate": Decimal(1),
            "start_rate": Decimal("0.5"),
            "completion_rate": Decimal("0.5"),
            "investment": self.area * 3_000,
        }

    def events(self) -> Iterator[dict[str, Any]]:
        paid = 2 if self.kind in (0, 1) else 3
        for seq in range(1, paid + 1):
            yield {
                "kind": K.PAYMENT,
                "on": self.dues[seq - 1] - 5 * DAY,
                "seq": seq,
                "amount": self.shares[seq - 1],
            }
        yield {"kind": K.HANDOVER, "on": self.signed + 40 * DAY}
        if not self.is_over:
            yield {"kind": K.BOARD, "on": self.signed + 50 * DAY}
        if self.kind in (2, 3):
            yield {
                "kind": K.VISIT,
                "on": min(self.start - 20 * DAY, self.today),
                "finding": FindingChoice.NOT_STARTED,
            }
            return
        yield {"kind": K.START, "on": self.start - 10 * DAY}
        if self.is_over:
            yield {"kind": K.COMPLETION, "on": self.completion - 20 * DAY}
            yield {"kind": K.ACCEPTANCE, "on": self.completion + 40 * DAY}
            return
        yield {
            "kind": K.VISIT,
            "on": self.start + 100 * DAY,
            "finding": FindingChoice.UNDER_WAY,
            "developed_area": self.area * 4 / 5,
        }
