"""Generated histories as rows: in sets, as an import writes them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import count

from landbureau.accounts.models import Section
from supervision.supply.models import Event, Instalment, LandSupply, LandUser
from supervision.supply.rules import Facts
from supervision.supply.services import NewSupply, project, register_supplies
from tests.factories import SectionFactory
from tests.supply.factories import TODAY

_numbers = count(1)


def write(histories: Sequence[Facts], section: Section | None = None) -> list[LandSupply]:
    """A supply for each history, projected. Instalments keep their rolled days."""
    section = section or SectionFactory()
    land_user = LandUser.objects.create(name="新河县演示有限公司")
    supplies = register_supplies(new=[_new(facts, land_user, section) for facts in histories], today=TODAY)
    seqs = {
        (supply.pk, one.seq): one
        for supply, facts in zip(supplies, histories, strict=True)
        for one in facts.instalments
    }
    rows = list(Instalment.objects.filter(supply__in=supplies))
    for row in rows:
        row.effective_due_on = seqs[row.supply_id, row.seq].effective_due_on
    Instalment.objects.bulk_update(rows, ["effective_due_on"], batch_size=200)
    Event.objects.bulk_create(
        [
            Event(
                supply=supply,
                kind=event.kind.value,
                on=event.on,
                track=event.track.value if event.track else "",
                seq=event.seq,
                amount=event.amount,
                new_due_on=event.new_due_on,
                new_completion_on=event.new_completion_on,
                cause=event.cause.value if event.cause else "",
                finding=event.finding.value if event.finding else "",
                developed_area=event.developed_area,
                invested=event.invested,
                partial=event.partial,
            )
            for supply, facts in zip(supplies, histories, strict=True)
            for event in sorted(facts.events, key=lambda event: event.order)
        ],
        batch_size=500,
    )
    project([supply.pk for supply in supplies])
    return list(LandSupply.objects.select_related("parcel").filter(pk__in=[one.pk for one in supplies]))


def _new(facts: Facts, land_user: LandUser, section: Section) -> NewSupply:
    n = next(_numbers)
    return NewSupply(
        contract={
            "supervision_number": f"1305302024A{n:06}",
            "method": LandSupply.Method.LISTING if facts.is_grant else LandSupply.Method.ALLOCATION,
            "section": section,
            "signed_on": facts.signed_on,
            "price": facts.price,
            "deposit": facts.deposit,
            "agreed_handover_on": facts.agreed_handover_on,
            "agreed_start_on": facts.agreed_start_on,
            "agreed_completion_on": facts.agreed_completion_on,
            "payment_rate": facts.payment_rate or Decimal(0),
            "start_rate": facts.start_rate,
            "completion_rate": facts.completion_rate,
            "damages_cap": facts.damages_cap,
            "investment": facts.total_investment,
        },
        parcel={"area": facts.area, "location": "演示路"},
        land_user=land_user,
        instalments=[(one.seq, one.due_on, one.amount) for one in facts.instalments],
    )
