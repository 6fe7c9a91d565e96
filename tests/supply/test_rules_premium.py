"""Warnings where a contract agrees payment later than the general rule (domain.md C.4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from supervision.supply.rules import (
    Facts,
    PremiumRule,
    PremiumTerms,
    interest,
    premium_warnings,
)
from supervision.supply.selectors import premium_terms
from tests.supply.test_states import day, instalment, supply
from tests.supply.test_worked_examples import CALENDAR

TERMS = PremiumTerms(contract_days=10, first_share=Decimal(50), first_months=1, last_months=12)
MILLION = 1_000_000


def signed(*instalments: Any, **contract: Any) -> Facts:
    values = {"signed_on": "2024-01-31", "price": Decimal(10 * MILLION)} | contract
    return supply(instalments=instalments, **values)


def warned(facts: Facts, deal_on: str | None = None) -> list[tuple[str, str, Decimal | None, Decimal | None]]:
    found = premium_warnings(facts, TERMS, CALENDAR, day(deal_on) if deal_on else None)
    return [(one.rule.value, one.due.on.isoformat(), one.wanted, one.agreed) for one in found]


def test_a_contract_within_the_rule_has_no_warning() -> None:
    facts = signed(instalment(1, "2024-02-29", 5 * MILLION), instalment(2, "2025-02-05", 5 * MILLION))
    assert warned(facts, "2024-01-17") == []


def test_a_first_share_that_is_too_small_or_too_late_is_warned_of() -> None:
    small = signed(instalment(1, "2024-02-29", 4 * MILLION), instalment(2, "2025-01-31", 6 * MILLION))
    assert warned(small) == [("first_share", "2024-02-29", Decimal("5000000.00"), Decimal("4000000.00"))]
    late = signed(instalment(1, "2024-03-01", 5 * MILLION), instalment(2, "2025-01-31", 5 * MILLION))
    assert warned(late) == [("first_share", "2024-02-29", Decimal("5000000.00"), Decimal("0.00"))]


def test_a_last_payment_after_a_year_is_warned_of() -> None:
    facts = signed(instalment(1, "2024-02-29", 5 * MILLION), instalment(2, "2025-02-06", 5 * MILLION))
    assert warned(facts) == [("last_payment", "2025-02-05", Decimal("10000000.00"), Decimal("5000000.00"))]


def test_an_instalment_without_a_date_is_agreed_by_no_day() -> None:
    facts = signed(instalment(1, "2024-02-29", 5 * MILLION), instalment(2, None, 5 * MILLION))
    assert [rule for rule, *_ in warned(facts)] == ["last_payment"]


@pytest.mark.parametrize(("deal_on", "late"), [("2024-01-16", True), ("2024-01-17", False)])
def test_a_contract_is_signed_within_ten_working_days_after_the_deal(deal_on: str, late: bool) -> None:
    facts = signed(instalment(1, "2024-02-29", 10 * MILLION))
    assert warned(facts, deal_on) == ([("contract", "2024-01-30", None, None)] if late else [])


def test_where_the_rule_cannot_be_applied_nothing_is_said() -> None:
    late = instalment(1, "2030-01-01", 10 * MILLION)
    assert warned(supply(instalments=[late], price=Decimal(1))) == []
    assert warned(signed(late, is_grant=False)) == []
    assert warned(signed(late, price=None)) == []
    assert warned(signed()) == []


@pytest.mark.django_db
def test_the_numbers_are_those_of_the_regime() -> None:
    assert premium_terms() == TERMS
    assert PremiumRule.CONTRACT.value == "contract"


def test_interest_runs_from_the_first_payment_to_the_day_it_is_due() -> None:
    amount, rate = Decimal(MILLION), Decimal("3.65")
    assert interest(amount, rate, day("2024-03-01"), day("2024-03-11")) == Decimal("1000.00")
    assert interest(amount, rate, day("2024-03-11"), day("2024-03-01")) == Decimal("0.00")
    assert interest(amount, None, day("2024-03-01"), day("2024-03-11")) == Decimal("0.00")
    assert interest(amount, rate, None, day("2024-03-11")) == Decimal("0.00")
