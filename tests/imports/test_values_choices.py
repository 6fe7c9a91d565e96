"""Choices, and yes or no."""

from __future__ import annotations

from datetime import date

import pytest

from landbureau.imports.errors import Unsure, Wrong
from landbureau.imports.reading.cells import Cell
from landbureau.imports.values import Choice, YesNo
from tests.imports.problems import message_of, problem_of

POSTS = Choice(
    {"chief": "股长", "deputy": "副股长", "clerk": "科员（一级）", 2: "二"}, {"负责人": "chief", "2": 2}
)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("股长", "chief"),
        (" 股 长 ", "chief"),
        ("负责人", "chief"),
        ("科员(一级)", "clerk"),
        ("科员一级", "clerk"),
        (2.0, 2),
        ("２", 2),
    ],
)
def test_a_choice_is_named_by_its_title_or_a_synonym(cell: Cell, value: object) -> None:
    assert POSTS.parse(cell) == value


def test_a_word_that_is_nearly_a_title_is_a_question() -> None:
    assert problem_of(POSTS, "科员（二级）") == (Unsure, "unknown_choice", "科员（一级）")


def test_another_word_is_an_error_that_names_the_choices() -> None:
    assert message_of(POSTS, "厨师") == "没有这一项，应为股长、副股长、科员（一级）、二。"
    many = Choice({number: f"第{number}项" for number in range(1, 31)})
    assert message_of(many, "厨师").startswith("没有这一项，应为第1项、第2项、")
    assert message_of(many, "厨师").endswith("、第8项等 30 项。")


def test_a_long_text_is_not_compared_with_the_choices() -> None:
    assert problem_of(POSTS, "股长" * 30) == (Wrong, "unknown_choice", "")


@pytest.mark.parametrize("cell", [True, date(2026, 3, 1)])
def test_a_logical_value_or_a_day_is_no_choice(cell: Cell) -> None:
    assert problem_of(POSTS, cell)[0] is Wrong


def test_a_choice_is_shown_and_exported_by_its_title() -> None:
    assert POSTS.show("chief") == POSTS.export("chief") == "股长"
    assert POSTS.show("gone") == "gone"
    assert POSTS.show(None) == ""
    assert POSTS.export(None) is None


def test_two_choices_cannot_have_the_same_words() -> None:
    with pytest.raises(ValueError, match="two choices"):
        Choice({1: "其他（一）", 2: "其他(一)"})
    with pytest.raises(ValueError, match="two choices"):
        Choice({1: "股长", 2: "科员"}, {"科 员": 1})


@pytest.mark.parametrize("cell", ["是", "有", "√", "Y", "yes", "1", 1.0, 1, True, "TRUE", "对"])
def test_yes_is_understood(cell: Cell) -> None:
    assert YesNo().parse(cell) is True


@pytest.mark.parametrize("cell", ["否", "无", "×", "n", "No", "0", 0.0, 0, False, "false", "没有"])
def test_no_is_understood(cell: Cell) -> None:
    assert YesNo().parse(cell) is False


def test_neither_yes_nor_no_is_an_error() -> None:
    for cell in ("待定", 2.0, "?"):
        assert problem_of(YesNo(), cell) == (Wrong, "unknown_choice", "")
    assert YesNo().parse("/") is None


def test_yes_and_no_are_shown_in_the_words_of_the_column() -> None:
    assert [YesNo().show(flag) for flag in (True, False, None)] == ["是", "否", ""]
    assert [YesNo("有", "无").export(flag) for flag in (True, False, None)] == ["有", "无", None]
