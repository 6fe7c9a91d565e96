"""The rows of one supply, and the supply as the system has it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType

from landbureau.accounts.models import Assignment, User
from landbureau.accounts.services import SUPERVISION
from landbureau.imports.targets import Row
from supervision.supply.imports.columns import MOST_WIDE, OF_LAND_USER, OF_PARCEL
from supervision.supply.imports.kinds import NONE_AGREED
from supervision.supply.imports.parties import Party
from supervision.supply.models import Event, Instalment, LandSupply, Share

PART = 500  # supplies of one query
Line = tuple[date | None, Decimal | None]  # due date and amount of an instalment
OF_ROW = (
    "supervision_number",
    "contract_number",
    "method",
    "price",
    "deposit",
    "signed_on",
    "agreed_handover_on",
    "agreed_start_on",
    "agreed_completion_on",
    "payment_rate",
    "start_rate",
    "completion_rate",
    "investment",
    "remark",
)
"""Columns of the table that are columns of ``LandSupply``."""


@dataclass(eq=False)
class Held:
    """A supply in the system; ``values``: as the columns of the table have them, instalments apart."""

    supply: LandSupply
    officer: User | None
    values: dict[str, Any]
    lines: dict[int, Line]

    def with_lines(self, seq: int, line: Line | None) -> dict[str, Any]:
        """As a row with this instalment has them, and with all instalments as columns of the row."""
        due_on, amount = line or (None, None)
        wide: dict[str, Any] = {}
        for number in range(1, MOST_WIDE + 1):
            wide[f"due_on_{number}"], wide[f"amount_{number}"] = self.lines.get(number, (None, None))
        return {**self.values, **wide, "due_on": due_on, "amount": amount}


@dataclass(eq=False)
class Group:
    """The rows of one supply. ``number``: as the system has it, or as the rows have it.

    ``said``: what they say of the supply, with the row that said it first. ``lines``: their instalments.
    ``sheet``: that of the first row.
    """

    number: str
    sheet: object
    known: Held | None = None
    rows: list[Row] = field(default_factory=list)
    said: dict[str, tuple[Any, int]] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    wide: set[int] = field(default_factory=set)  # instalments that are columns of a row
    cleared: dict[int, str] = field(default_factory=dict)  # instalment → column that is blank
    party: Party | None = None
    written: bool = False

    @property
    def head(self) -> Row:
        return self.rows[0]

    def value(self, name: str) -> Any:
        """A column as it will be: as the rows say, else as the system has it."""
        if name in self.head.values:
            return self.head.values[name]
        return self.known.values.get(name) if self.known else None

    @property
    def final_number(self) -> str:
        return self.value("supervision_number") or self.value("contract_number") or self.number

    def all_lines(self) -> dict[int, Line]:
        """Instalments as they will be."""
        held = self.known.lines if self.known else {}
        found = {seq: line for seq, line in {**held, **self.lines}.items() if seq not in self.cleared}
        return dict(sorted(found.items()))


def load(keys: Collection[int], called: Any, *, lock: bool) -> dict[int, Held]:
    """Supplies by key, in a few queries for each part of them. ``called``: how an officer is named."""
    found: dict[int, Held] = {}
    for part in parts(keys):
        rows: Any = LandSupply.objects.select_related("parcel__township", "parcel__village", "land_user")
        if lock:
            rows = rows.select_for_update(of=("self",), no_key=True)
        supplies = list(rows.filter(pk__in=part).order_by("pk"))
        officers, lines = officers_of(part), _lines(part)
        for supply in supplies:
            officer = officers.get(supply.pk)
            held = _values(supply) | {"officer": called(officer) if officer else None}
            found[supply.pk] = Held(supply, officer, held, lines.get(supply.pk, {}))
    return found


def officers_of(keys: Collection[int]) -> dict[int, User]:
    rows = Assignment.objects.filter(
        content_type=ContentType.objects.get_for_model(LandSupply),
        object_id__in=keys,
        task=SUPERVISION,
        ends_on=None,
    )
    return {row.object_id: row.user for row in rows.select_related("user__section", "user__office")}


def paid_of(keys: Collection[int]) -> set[tuple[int, int]]:
    """Instalments (supply, seq) with a payment, or that an event names."""
    found: set[tuple[int, int]] = set()
    for part in parts(keys):
        shares = Share.objects.filter(instalment__supply__in=part).exclude(event=None)
        named = Event.objects.in_force().filter(supply__in=part).exclude(seq=None)
        found |= set(shares.values_list("instalment__supply", "instalment__seq"))
        found |= {(supply, seq) for supply, seq in named.values_list("supply", "seq") if seq is not None}
    return found


def _lines(keys: Collection[int]) -> dict[int, dict[int, Line]]:
    found: dict[int, dict[int, Line]] = {}
    rows = Instalment.objects.filter(supply__in=keys).order_by("supply", "seq")
    for supply, seq, due_on, amount in rows.values_list("supply", "seq", "due_on", "amount"):
        found.setdefault(supply, {})[seq] = due_on, amount
    return found


def _values(supply: LandSupply) -> dict[str, Any]:
    parcel, land_user = supply.parcel, supply.land_user
    values: dict[str, Any] = {name: getattr(supply, name) for name in OF_ROW}
    values |= {name: getattr(parcel, name) for name in OF_PARCEL}
    values |= {name: getattr(land_user, name) for name in OF_LAND_USER}
    if supply.payment_rate is None:  # a blank cell would mean the regime's rate
        values["payment_rate"] = NONE_AGREED
    return values | {
        "land_user": land_user.name,
        "township": parcel.township.name if parcel.township else None,
        "village": parcel.village.name if parcel.village else None,
    }


def parts(keys: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(keys)
    for at in range(0, len(ordered), PART):
        yield ordered[at : at + PART]


def export(called: Any, keys: Collection[int]) -> Iterator[Mapping[str, Any]]:
    """A row for each instalment, and one for a supply without any; by number."""
    for part in _parts_in_order(list(keys)):
        held = load(part, called, lock=False)
        for key in part:
            one = held[key]
            for seq, (due_on, amount) in one.lines.items():
                yield {**one.values, "seq": seq, "due_on": due_on, "amount": amount}
            if not one.lines:
                yield one.values


def _parts_in_order(keys: list[int]) -> Iterator[list[int]]:
    for at in range(0, len(keys), PART):
        yield keys[at : at + PART]
