"""Supervision after supply (domain.md C) as pure functions: standard library and ``workdays.rules`` only.

``Facts`` are what a supply's rows say; ``view_of(facts, on, terms)`` is the supply as of a day. What depends
on facts alone and on no day (who paid which instalment, which date was in force when) is in ``money`` and
``dates``; services store it beside the facts, so that queries can compare it with a day.
"""

from supervision.supply.rules import money
from supervision.supply.rules.dates import Version, in_force, judged_by, versions
from supervision.supply.rules.division import Divided, divide, open_amounts
from supervision.supply.rules.facts import (
    CLOSING,
    EXEMPT,
    Cause,
    Event,
    Facts,
    Finding,
    Instalment,
    Kind,
    Moved,
    Terms,
    Track,
)
from supervision.supply.rules.gaps import Gap, gaps
from supervision.supply.rules.matters import Matter, NoticeCode, matters, month_of, round_of
from supervision.supply.rules.money import (
    Share,
    damages_for_delay,
    damages_for_payment,
    interest,
    shares,
    yuan,
)
from supervision.supply.rules.premium import (
    PremiumRule,
    PremiumTerms,
    PremiumWarning,
    premium_due,
    premium_warnings,
)
from supervision.supply.rules.states import (
    DateView,
    HandoverState,
    HandoverView,
    InstalmentView,
    PaymentState,
    StageState,
    View,
    closed_on,
    view_of,
)

__all__ = [
    "CLOSING",
    "EXEMPT",
    "Cause",
    "DateView",
    "Divided",
    "Event",
    "Facts",
    "Finding",
    "Gap",
    "HandoverState",
    "HandoverView",
    "Instalment",
    "InstalmentView",
    "Kind",
    "Matter",
    "Moved",
    "NoticeCode",
    "PaymentState",
    "PremiumRule",
    "PremiumTerms",
    "PremiumWarning",
    "Share",
    "StageState",
    "Terms",
    "Track",
    "Version",
    "View",
    "closed_on",
    "damages_for_delay",
    "damages_for_payment",
    "divide",
    "gaps",
    "in_force",
    "interest",
    "judged_by",
    "matters",
    "money",
    "month_of",
    "open_amounts",
    "premium_due",
    "premium_warnings",
    "round_of",
    "shares",
    "versions",
    "view_of",
    "yuan",
]
