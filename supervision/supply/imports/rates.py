"""Rates of damages that look like fractions."""

from __future__ import annotations

from decimal import Decimal

from supervision.supply.imports.groups import Group
from supervision.supply.imports.kinds import NONE_AGREED

TOO_SMALL = Decimal("0.01")  # ‰ a day


def ask_if_fraction(group: Group, name: str) -> None:
    """1 ‰ typed as 0.001, or as a cell of 0.1 %."""
    row, rate = group.head, group.head.values.get(name)
    if (
        not rate
        or rate == NONE_AGREED
        or rate >= TOO_SMALL
        or (group.known and group.known.values[name] == rate)
    ):
        return
    meant, typed = f"{float(rate * 1000):g}", f"{float(rate):g}"
    answer = row.ask(
        name,
        "small_rate",
        f"每日千分之 {typed}，是否把千分之 {meant} 写成了小数？",
        meant,
        ((meant, f"是，千分之 {meant}"), (typed, f"不是，就是千分之 {typed}")),
    )
    if answer == meant:
        row.values[name] = rate * 1000
    elif answer not in (None, typed):
        row.error(name, "small_rate", f"答复应为“{meant}”或“{typed}”。")
