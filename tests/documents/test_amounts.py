"""Amounts in figures and in words."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

import pytest
from cn2an import cn2an
from hypothesis import given
from hypothesis import strategies as st

from landbureau.documents.amounts import LIMIT, in_figures, in_words, money

AMOUNTS = st.decimals(min_value=0, max_value=LIMIT - 1, places=2)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("2568000", "人民币贰佰伍拾陆万捌仟元整"),
        ("0", "人民币零元整"),
        ("0.05", "人民币伍分"),
        ("0.50", "人民币伍角整"),
        ("10.05", "人民币壹拾元零伍分"),
        ("12.30", "人民币壹拾贰元叁角整"),
        ("6007.14", "人民币陆仟零柒元壹角肆分"),
        ("1000010.10", "人民币壹佰万零壹拾元壹角整"),
        ("100000000", "人民币壹亿元整"),
        ("1000000001", "人民币壹拾亿零壹元整"),
        ("100001000", "人民币壹亿零壹仟元整"),
        ("200005000", "人民币贰亿零伍仟元整"),
        ("100001234.56", "人民币壹亿零壹仟贰佰叁拾肆元伍角陆分"),
        ("1000010000000", "人民币壹万亿零壹仟万元整"),
        ("100011000", "人民币壹亿零壹万壹仟元整"),
    ],
)
def test_amounts_are_written_in_words_as_banks_write_them(amount: str, words: str) -> None:
    assert in_words(amount) == words


def test_amounts_in_figures_have_two_decimals_and_no_separators() -> None:
    assert in_figures(Decimal("2568000")) == "2568000.00元"
    assert in_figures("0.005") == "0.01元"
    assert in_figures("1E+3") == "1000.00元"
    assert in_figures(Decimal("-0")) == "0.00元"


@pytest.mark.parametrize("value", ["-0.01", "-1", "NaN", "Infinity", "一百", "", LIMIT])
def test_what_is_no_amount_is_refused(value: Decimal | str) -> None:
    with pytest.raises(ValueError, match="金额"):
        money(value)


@given(AMOUNTS)
def test_words_say_the_amount_that_was_put_in(amount: Decimal) -> None:
    words = in_words(amount).removeprefix("人民币").removesuffix("整")
    yuan, _, rest = words.rpartition("元")
    jiao = rest.partition("角")[0].strip("零") if "角" in rest else "零"
    fen = rest.rpartition("角")[2].strip("零").removesuffix("分") or "零"
    read = Decimal(cn2an(yuan or "零", "smart")) + Decimal(cn2an(jiao, "smart")) / 10
    assert read + Decimal(cn2an(fen, "smart")) / 100 == amount


@given(AMOUNTS)
def test_figures_are_read_back_as_the_same_amount(amount: Decimal) -> None:
    assert Decimal(in_figures(amount).removesuffix("元")) == amount


@given(AMOUNTS)
def test_only_amounts_with_fen_end_without_zheng(amount: Decimal) -> None:
    assert in_words(amount).endswith("整") == (amount * 10 == int(amount * 10))


@given(st.integers(1, int(LIMIT) - 1))
def test_a_gap_is_said_unless_it_only_ends_a_section_before_a_full_one(yuan: int) -> None:
    places = [place for place, figure in enumerate(reversed(str(yuan))) if figure != "0"][::-1]
    gaps = [above - below > 1 and below != above // 4 * 4 - 1 for above, below in pairwise(places)]
    between = re.split("[壹贰叁肆伍陆柒捌玖]", in_words(yuan))[1:-1]
    assert ["零" in words for words in between] == gaps
