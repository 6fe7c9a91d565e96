"""What looks odd about a contract (domain.md C.4): warnings with their source."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from supervision.supply.rules.entry import Entered, doubts, new_doubts

TODAY = date(2026, 11, 23)
NUMBERS = {
    "first_share": Decimal(50),
    "first_months": Decimal(1),
    "last_months": Decimal(12),
    "start_years_after_handover": Decimal(1),
}
PRICE = Decimal("10000000")
PLAIN = Entered(
    is_grant=True,
    price=PRICE,
    deposit=None,
    signed_on=date(2024, 1, 31),
    handover_on=date(2024, 3, 1),
    start_on=date(2024, 9, 1),
    completion_on=date(2026, 9, 1),
    rates=(Decimal(1), Decimal("0.5"), None),
    area=Decimal(26680),
    boundary_area=None,
    instalments=[(1, date(2024, 2, 29), PRICE / 2), (2, date(2025, 1, 31), PRICE / 2)],
)


def told(**changes: Any) -> str:
    return " ".join(doubts(replace(PLAIN, **changes), NUMBERS, TODAY))


def test_a_contract_as_the_rules_want_it_raises_no_doubt() -> None:
    """Worked example 9: half by the month's end, the rest within the year."""
    assert told() == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"instalments": [(1, date(2024, 3, 1), PRICE / 2), (2, date(2025, 1, 31), PRICE / 2)]}, "应缴 0%"),
        (
            {"instalments": [(1, date(2024, 2, 29), PRICE / 2), (2, date(2025, 2, 1), PRICE / 2)]},
            "晚于签订后 12 个月",
        ),
        ({"instalments": [(1, date(2024, 2, 1), PRICE - 5)]}, "少 5.00 元"),
        ({"instalments": [(1, date(2024, 2, 1), PRICE + 5)]}, "多 5.00 元"),
        ({"instalments": [(1, date(2024, 1, 1), PRICE)]}, "早于合同签订日期"),
        ({"instalments": []}, "没有分期"),
        ({"price": None, "instalments": []}, "没有填成交价款"),
        ({"deposit": PRICE + 1}, "定金比成交价款还多"),
        ({"rates": (Decimal(5), None, None)}, "把百分比填成了千分比"),
        ({"handover_on": date(2024, 10, 1)}, "约定开工日期 2024-09-01 早于约定交地日期"),
        ({"completion_on": None}, "没有填约定竣工日期"),
        ({"start_on": None}, "起 1 年推算"),
        ({"signed_on": None}, "没有填签订日期"),
        ({"signed_on": date(2026, 12, 1)}, "在今天之后"),
        ({"area": None}, "没有填面积"),
        ({"boundary_area": Decimal(30000)}, "相差 12%"),
        ({"required_area": Decimal(30000)}, "比宗地面积 26,680.00 m² 还大"),
    ],
)
def test_what_is_odd_is_said(changes: dict[str, Any], words: str) -> None:
    assert words in told(**changes)


def test_an_allocation_owes_no_price_and_no_schedule() -> None:
    assert told(is_grant=False, price=None, instalments=[]) == ""


def test_a_small_difference_of_area_is_nothing() -> None:
    assert told(boundary_area=Decimal(27000)) == ""


def asked(before: Entered, **changes: Any) -> str:
    return " ".join(new_doubts(before, replace(before, **changes), NUMBERS, TODAY))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"price": PRICE + 5}, "少 5.00 元"),
        ({"area": Decimal("2.668")}, "单价由 374.81 元/m² 变为"),
        ({"price": Decimal(1000)}, "单价由"),
        ({"deposit": PRICE + 1}, "定金比成交价款还多"),
        ({"handover_on": date(2024, 10, 1)}, "早于约定交地日期"),
    ],
)
def test_a_correction_that_makes_a_contract_contradict_itself_is_asked(
    changes: dict[str, Any], words: str
) -> None:
    assert words in asked(PLAIN, **changes)


def test_a_correction_is_not_asked_about_what_was_odd_before_or_is_only_missing() -> None:
    odd = replace(PLAIN, instalments=[(1, date(2024, 2, 29), PRICE - 5)])
    assert asked(odd, area=Decimal(26681)) == ""
    assert asked(PLAIN, completion_on=None, area=None) == ""
    assert asked(PLAIN, price=PRICE + 1, instalments=[(1, date(2024, 2, 29), PRICE + 1)]) == ""
