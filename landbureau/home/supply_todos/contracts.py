"""Contracts that may be terminated wait for the section head."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.accounts.selectors import scopes_for
from landbureau.home.rules import Todo
from landbureau.home.supply_todos.common import MOST_ALONE, title_of
from landbureau.home.supply_todos.steps import open_terminations
from supervision.supply.models import Event, LandSupply
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import PaymentState
from supervision.supply.selectors import terms
from supervision.supply.selectors.arrears import total, unpaid_until
from supervision.supply.selectors.overview import debtors, named


def contract_todos(user: User, today: date) -> list[Todo]:
    """Late beyond the agreed days, demanded, and neither proposed nor declined."""
    if not scopes_for(user, "approve_supply"):
        return []
    numbers = terms()
    supplies: QuerySet[LandSupply] = LandSupply.objects.visible_to(user, "approve_supply")
    declined = Event.objects.in_force().filter(
        supply=OuterRef("supply"),
        kind=KindChoice.TERMINATION_DECLINED,
        on__gte=OuterRef("terminable_from"),
    )
    ripe = Q(~Exists(declined), terminable_from__lte=today, demanded_on__lte=today)
    rows = unpaid_until(supplies, today, today, numbers, ripe)
    late = [one for one in rows if one.state == PaymentState.TERMINABLE]
    if not late:
        return []
    proposed = open_terminations({one.supply for one in late}, today)
    late = [one for one in late if one.supply not in proposed]
    found = debtors(late)
    if len(found) > MOST_ALONE:
        balance, damages = total(late)
        return [
            Todo(
                "解除合同",
                f"{len(found)} 宗可以提请解除合同",
                f"逾期超过 {numbers.terminable_days} 天且已催缴，共欠 {balance:,.2f} 元，"
                f"违约金 {damages:,.2f} 元。",
                "查看清单",
                f"{reverse('supply:supplies')}?payment=TERMINABLE",
                min(one.effective_due_on for one in late),
            )
        ]
    names = named([debtor.supply for debtor in found])
    return [
        Todo(
            "解除合同",
            title_of(names[debtor.supply], debtor.instalments[0]),
            f"逾期超过 {numbers.terminable_days} 天且已催缴，可以解除合同。欠 {debtor.balance:,.2f} 元，"
            f"违约金 {debtor.damages:,.2f} 元。请决定是否呈报局领导。",
            "提请解除",
            reverse("supply:propose_termination", args=[debtor.supply]),
            debtor.instalments[0].effective_due_on,
        )
        for debtor in found
    ]
