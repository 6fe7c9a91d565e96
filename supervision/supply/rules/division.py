"""A supply divided: what goes to the part, what stays. Nothing is lost, nothing is there twice. Yuan, m²."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from supervision.supply.rules.money import ZERO, yuan
from supervision.supply.rules.states import View


@dataclass(frozen=True, slots=True)
class Divided:
    """The part's price (None: there is none), and its part of what is open of each instalment, by number.

    ``whole``, ``part``: areas.
    """

    price: Decimal | None
    whole_price: Decimal | None
    whole: Decimal
    part: Decimal
    instalments: Mapping[int, Decimal]

    def by_area(self, value: Decimal) -> Decimal:
        return yuan(value * self.part / self.whole)

    def by_price(self, value: Decimal) -> Decimal:
        """By area where there is no price."""
        if self.price is None or not self.whole_price:
            return self.by_area(value)
        return yuan(value * self.price / self.whole_price)


def divide(
    view: View, price: Decimal | None, part_price: Decimal | None, whole: Decimal, part: Decimal
) -> Divided:
    """Divide by the price of the part; ``part_price`` None: by the areas. What was paid is not divided."""
    if price is not None and part_price is None:
        part_price = yuan(price * part / whole)
    found = Divided(part_price, price, whole, part, {})
    open_ = open_amounts(view)
    shares = {seq: min(amount, found.by_price(amount)) for seq, amount in open_.items()}
    return Divided(part_price, price, whole, part, shares)


def open_amounts(view: View) -> dict[int, Decimal]:
    """What is still to be paid of each instalment, by number."""
    return {one.seq: max(one.balance, ZERO) for one in view.payment}
