"""When a premium must be paid by general rule (domain.md C.4); a contract beyond it is a warning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from landbureau.workdays.rules import Calendar, Due, add_months, add_working_days, roll_forward
from supervision.supply.rules.facts import Facts
from supervision.supply.rules.money import ZERO, yuan


class PremiumRule(StrEnum):
    CONTRACT = "contract"
    FIRST_SHARE = "first_share"
    LAST_PAYMENT = "last_payment"


@dataclass(frozen=True, slots=True)
class PremiumTerms:
    """国土资发〔2010〕34号: working days from the deal, % due within months of signing, all within."""

    contract_days: int
    first_share: Decimal
    first_months: int
    last_months: int


@dataclass(frozen=True, slots=True)
class PremiumWarning:
    """``due``: the last day of the rule. ``wanted``: yuan due by then, ``agreed``: what the contract says.

    Of a contract signed late there is no amount.
    """

    rule: PremiumRule
    due: Due
    wanted: Decimal | None = None
    agreed: Decimal | None = None


def premium_warnings(
    facts: Facts, terms: PremiumTerms, calendar: Calendar, deal_on: date | None = None
) -> list[PremiumWarning]:
    """Where the contract departs from the rule; ``deal_on``: day of the deal (成交), if known.

    Nothing is said about allocations, and where price, signing or instalments are unknown. An instalment
    without a date counts as not agreed by any day.
    """
    if facts.signed_on is None or not facts.is_grant:
        return []
    found = []
    if deal_on is not None:
        due = add_working_days(deal_on, terms.contract_days, calendar)
        if facts.signed_on > due.on:
            found.append(PremiumWarning(PremiumRule.CONTRACT, due))
    if not facts.price or not facts.instalments:
        return found
    for rule, share, months in (
        (PremiumRule.FIRST_SHARE, terms.first_share, terms.first_months),
        (PremiumRule.LAST_PAYMENT, Decimal(100), terms.last_months),
    ):
        due = premium_due(facts.signed_on, months, calendar)
        wanted = yuan(facts.price * share / 100)
        agreed = yuan(agreed_by(facts, due.on))
        if agreed < wanted:
            found.append(PremiumWarning(rule, due, wanted, agreed))
    return found


def premium_due(signed_on: date, months: int, calendar: Calendar) -> Due:
    """``months`` after signing: the same day, or the month's last; rolled over days off."""
    return roll_forward(add_months(signed_on, months), calendar)


def agreed_by(facts: Facts, on: date) -> Decimal:
    """Yuan of the instalments that are due on or before ``on``; a day off does not make one late."""
    return sum((one.amount for one in facts.instalments if one.due_on is not None and one.due_on <= on), ZERO)
