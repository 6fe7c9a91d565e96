"""Rows as the facts that the rules judge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from supervision.supply import rules
from supervision.supply.models import Event, Instalment, LandSupply, Parameter, Regime

EVENT_FIELDS = (
    "supply_id",
    "pk",
    "kind",
    "on",
    "track",
    "seq",
    "amount",
    "new_due_on",
    "new_completion_on",
    "cause",
    "finding",
    "developed_area",
    "invested",
    "partial",
    "moved",
)
JUDGED = [kind.value for kind in list(rules.Kind)[:19]]
"""Kinds that the rules look at; the others are steps within the office."""


def parameters() -> dict[str, Decimal]:
    """All numbers of the regime by their codes."""
    return dict(Parameter.objects.values_list("code", "number"))


def parameter(code: str) -> Decimal:
    """One number of the regime. ``Parameter.DoesNotExist``: the delivery is incomplete."""
    return Parameter.objects.values_list("number", flat=True).get(code=code)


def terms(numbers: dict[str, Decimal] | None = None) -> rules.Terms:
    """The numbers that decide states, in one query."""
    numbers = numbers or parameters()
    return rules.Terms(
        remind_days=int(numbers["remind_days"]),
        terminable_days=int(numbers["terminable_days"]),
        start_years_after_handover=int(numbers["start_years_after_handover"]),
        idle_years=int(numbers["idle_years"]),
    )


def premium_terms(numbers: dict[str, Decimal] | None = None) -> rules.PremiumTerms:
    """The numbers of the general rule for payment of premiums, in one query."""
    numbers = numbers or parameters()
    return rules.PremiumTerms(
        contract_days=int(numbers["contract_days"]),
        first_share=numbers["first_share"],
        first_months=int(numbers["first_months"]),
        last_months=int(numbers["last_months"]),
    )


def regime() -> Regime:
    """The bureau's regime, with its sections."""
    return Regime.objects.select_related("section", "brigade").get()


def facts_of(supplies: Iterable[LandSupply]) -> dict[int, rules.Facts]:
    """The facts of supplies by key, in two queries (the parcels are expected to be selected with them).

    Price, area and investment stand in the rows as they are since the last split; the facts have them as
    they were before, and the splits as events.
    """
    supplies = list(supplies)
    keys = [supply.pk for supply in supplies]
    events, instalments = _events(keys), _instalments(keys)
    split = {key: [event.moved for event in events[key] if event.partial and event.moved] for key in keys}

    def whole(supply: LandSupply, value: Decimal | None, name: str) -> Decimal | None:
        parts = (getattr(moved, name) for moved in split[supply.pk])
        return None if value is None else sum(parts, value)

    return {
        supply.pk: rules.Facts.of(
            number=supply.number,
            signed_on=supply.signed_on,
            price=whole(supply, supply.price, "price"),
            deposit=supply.deposit,
            area=whole(supply, supply.required_area or supply.parcel.area, "area"),
            is_grant=supply.is_grant,
            agreed_handover_on=supply.agreed_handover_on,
            agreed_start_on=supply.agreed_start_on,
            agreed_completion_on=supply.agreed_completion_on,
            payment_rate=supply.payment_rate,
            start_rate=supply.start_rate,
            completion_rate=supply.completion_rate,
            damages_cap=whole(supply, supply.damages_cap, "damages_cap"),
            total_investment=whole(supply, supply.investment, "investment"),
            instalments=instalments[supply.pk],
            events=events[supply.pk],
        )
        for supply in supplies
    }


def _events(keys: Collection[int]) -> dict[int, list[rules.Event]]:
    found: dict[int, list[rules.Event]] = defaultdict(list)
    rows = Event.objects.filter(supply__in=keys, in_force=True, kind__in=JUDGED).order_by("on", "pk")
    for (
        supply,
        pk,
        kind,
        on,
        track,
        seq,
        amount,
        new_due_on,
        new_completion_on,
        cause,
        finding,
        developed_area,
        invested,
        partial,
        moved,
    ) in rows.values_list(*EVENT_FIELDS):
        found[supply].append(
            rules.Event(
                kind=rules.Kind(kind),
                on=on,
                order=pk,
                track=rules.Track(track) if track else None,
                seq=seq,
                amount=amount,
                new_due_on=new_due_on,
                new_completion_on=new_completion_on,
                cause=rules.Cause(cause) if cause else None,
                finding=rules.Finding(finding) if finding else None,
                developed_area=developed_area,
                invested=invested,
                partial=partial,
                moved=moved_of(moved) if moved else None,
            )
        )
    return found


def moved_of(stored: Mapping[str, Any]) -> rules.Moved:
    """``Event.moved`` as the rules take it: the area to be developed, where one was agreed."""

    def number(name: str) -> Decimal:
        return Decimal(stored.get(name) or 0)

    return rules.Moved(
        price=number("price"),
        area=number("required_area") or number("area"),
        investment=number("investment"),
        damages_cap=number("damages_cap"),
        instalments=tuple((int(seq), Decimal(amount)) for seq, amount in stored["instalments"].items()),
    )


def _instalments(keys: Collection[int]) -> dict[int, list[rules.Instalment]]:
    found: dict[int, list[rules.Instalment]] = defaultdict(list)
    rows = Instalment.objects.filter(supply__in=keys).order_by("supply", "seq")
    for supply, seq, due_on, effective, amount in rows.values_list(
        "supply", "seq", "due_on", "effective_due_on", "amount"
    ):
        found[supply].append(rules.Instalment(seq, due_on, effective, amount))
    return found
