"""Texts of cells as they should have been typed, and heads as they are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbureau.imports.cleaning import clean_text, fold, half_width, split_header

# What offices' cells are made of, and what has no business there.
SPACES = " \u3000\xa0\u200b\ufeff\t\r\n\n\u2028\x00\x1f\ud800\uffff"
MESSY = st.text(st.sampled_from("张三县国〇（）。；：，、·“”—Aa Zz09０９ＡｚＺ．％" + SPACES), max_size=30)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("张 三", "张三"),
        ("张\u3000\u3000三", "张三"),
        ("第 257 号", "第257号"),
        ("中华人\n民共和国", "中华人民共和国"),
        ("中华人\r\n民共和国", "中华人民共和国"),
        ("东至 道路 ，西至 沟 。", "东至道路，西至沟。"),
        ("（ 甲 ）", "（甲）"),
        ("面积 5 ㎡", "面积5㎡"),
        ("㐂 𠮷", "㐂𠮷"),
        ("\ue000 三", "\ue000三"),
    ],
)
def test_spaces_and_line_breaks_between_chinese_characters_are_layout(typed: str, meant: str) -> None:
    assert clean_text(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ABC  Co", "ABC Co"),
        ("ABC\nCo", "ABC Co"),
        ("ABC\xa0Co", "ABC Co"),
        ("华为 ABC", "华为 ABC"),
        ("138 0000 0001", "138 0000 0001"),
        ("A 区 3 号", "A 区3号"),
    ],
)
def test_spaces_between_words_and_numbers_stay_single(typed: str, meant: str) -> None:
    assert clean_text(typed) == meant


def test_edges_are_trimmed_and_blank_texts_are_empty() -> None:
    assert clean_text(" \t张三\u3000\n") == "张三"
    assert clean_text("\u3000 \n\t\u200b") == ""


def test_digits_and_letters_of_full_width_become_ascii_and_chinese_punctuation_stays() -> None:
    assert clean_text("ＡＢｃ１２３") == "ABc123"
    assert clean_text("１号，（东）：甲；乙！丙？“丁”《戊》") == "1号，（东）：甲；乙！丙？“丁”《戊》"


def test_characters_that_no_file_can_hold_are_removed() -> None:
    assert clean_text("张\x00\x0b\ud800三\ufffe\u200b") == "张三"
    assert clean_text("\ufeff张\u202e三\xad") == "张三"


def test_paragraphs_are_kept_behind_the_end_of_a_sentence() -> None:
    assert (
        clean_text("一、已开工。\n二、未竣\n工；\r\n三、见附件", paragraphs=True)
        == "一、已开工。\n二、未竣工；\n三、见附件"
    )
    assert clean_text("他说：“好。”\n完", paragraphs=True) == "他说：“好。”\n完"


def test_a_blank_line_parts_paragraphs() -> None:
    assert clean_text("标题\n \n\n正文\n", paragraphs=True) == "标题\n\n正文"


def test_a_clean_text_is_returned_as_it_is() -> None:
    text = "河北昌茂仓储有限公司（新河分公司）"
    assert clean_text(text) is text


@given(MESSY | st.text(), st.booleans())
def test_cleaning_twice_changes_nothing_more(text: str, paragraphs: bool) -> None:
    once = clean_text(text, paragraphs)
    assert clean_text(once, paragraphs) == once
    once.encode()


@given(MESSY, st.booleans())
def test_cleaning_loses_no_character_that_can_be_seen(text: str, paragraphs: bool) -> None:
    def visible(text: str) -> str:
        return "".join(c for c in half_width(text) if c.isprintable() and not c.isspace())

    assert visible(clean_text(text, paragraphs)) == visible(text)


@pytest.mark.parametrize("head", ["应缴日期", "*应缴日期：", "＊应 缴\n日期", "“应缴、日期”"])
def test_heads_are_compared_without_spaces_and_punctuation(head: str) -> None:
    assert fold(head) == "应缴日期"


def test_heads_are_compared_in_one_width_and_lower_case() -> None:
    assert fold("ＮＯ．1（㎡）") == fold("no.1(m2)") == "no1m2"


@pytest.mark.parametrize(
    ("head", "folded", "notes"),
    [
        ("*应缴日期（必填）", "应缴日期", ("必填",)),
        ("面积（亩）", "面积", ("亩",)),
        ("面积（亩", "面积", ("亩",)),
        ("成交价款(万元)*", "成交价款", ("万元",)),
        ("金额（含税）[万元]", "金额", ("含税", "万元")),
        ("面积/平方米", "面积", ("平方米",)),
        ("金额:元", "金额", ("元",)),
        ("登 记\n日期", "登记日期", ()),
        ("（（亩））", "", ("亩", "")),
        ("单元", "单元", ()),
        ("姓名/单位", "姓名单位", ()),
        ("", "", ()),
    ],
)
def test_brackets_and_units_stand_apart_from_the_head(head: str, folded: str, notes: tuple[str, ...]) -> None:
    assert split_header(head) == (folded, notes)


@given(MESSY)
def test_every_head_can_be_split(text: str) -> None:
    folded, _ = split_header(text)
    assert fold(folded) == folded
