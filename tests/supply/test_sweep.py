"""The sweep: what is due gets one notice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from supervision.supply import rules
from supervision.supply.models import LandSupply, Notice
from supervision.supply.selectors import facts_of, terms, with_state
from supervision.supply.services import sweep
from tests.supply.factories import TODAY, happen, make_supply

pytestmark = pytest.mark.django_db


def test_second_sweep_creates_no_second_notice() -> None:
    supply = make_supply(
        signed_on=date(2026, 1, 5),
        price=Decimal(1_000_000),
        instalments=[(1, date(2026, 12, 1), Decimal(500_000)), (2, date(2026, 11, 1), Decimal(500_000))],
        agreed_start_on=date(2026, 11, 20),
        agreed_completion_on=date(2028, 11, 20),
    )
    first = sweep(today=TODAY)
    assert {code: n for code, n in first.created.items() if n} == {
        "payment_reminder": 1,
        "payment_demand": 1,
        "start_recheck": 1,
    }
    second = sweep(today=TODAY)
    assert not any(second.created.values())
    assert second.already == 3
    happen(supply, "payment", TODAY, amount=Decimal(600_000))
    assert Notice.objects.open().count() == 2
    happen(supply, "visit", TODAY)
    assert set(Notice.objects.open().values_list("kind", flat=True)) == {"payment_reminder"}
    n = terms()
    row = with_state(LandSupply.objects.all(), TODAY, n).get()
    view = rules.view_of(facts_of([row])[row.pk], TODAY, n)
    states = row.start_state, row.completion_state, row.payment_state
    assert states == (view.start.code, view.completion.code, "REMINDER")
