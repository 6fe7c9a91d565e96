"""What pages and documents say in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from supervision.supply import words
from supervision.supply.templatetags.supply_site import figures, in_wan, place_within, whole_place


@dataclass
class Village:
    name: str


@dataclass
class Parcel:
    township: str | None
    village: Village | None
    location: str


@pytest.mark.parametrize(
    ("township", "village", "location", "said"),
    [
        ("寻寨镇", None, "振兴路北侧", "寻寨镇振兴路北侧"),
        ("寻寨镇", None, "寻寨镇振兴路北侧", "寻寨镇振兴路北侧"),
        ("寻寨镇", None, "新河县寻寨镇振兴路北侧", "新河县寻寨镇振兴路北侧"),
        ("寻寨镇", "前寻村", "村北", "寻寨镇前寻村村北"),
        ("寻寨镇", "前寻村", "前寻村村北", "寻寨镇前寻村村北"),
        ("寻寨镇", "前寻村", "寻寨镇振兴路北侧", "寻寨镇振兴路北侧"),
        ("寻寨镇", "前寻村", "", "寻寨镇前寻村"),
        (None, None, "振兴路北侧", "振兴路北侧"),
        (None, None, "", ""),
    ],
)
def test_township_village_and_address_are_said_once(
    township: str | None, village: str | None, location: str, said: str
) -> None:
    parcel: Any = Parcel(township, Village(village) if village else None, location)
    assert words.place_of(parcel) == whole_place(parcel) == said


def test_below_a_heading_with_the_village_only_the_address_is_said() -> None:
    parcel: Any = Parcel("寻寨镇", Village("前寻村"), "寻寨镇前寻村村北")
    assert place_within(parcel) == "村北"
    assert place_within(Parcel("寻寨镇", None, "寻寨镇")) == "寻寨镇"  # type: ignore[arg-type]


def test_a_large_sum_is_said_in_wan_beside_the_yuan() -> None:
    assert in_wan(Decimal("5136000.00")) == "513.60 万元"
    assert in_wan(Decimal("9999.99")) == in_wan(None) == ""


def test_days_and_amounts_are_not_broken_and_nothing_else_is_let_through() -> None:
    assert figures("约定 2026-11-20 开工，违约金 7,704.00 元 <b>") == (
        '约定 <span class="lb-num">2026-11-20</span> 开工，违约金 '
        '<span class="lb-num">7,704.00 元</span> &lt;b&gt;'
    )
