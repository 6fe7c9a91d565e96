"""Units in cells, in heads and in the line above the head."""

from __future__ import annotations

from fractions import Fraction

import pytest

from landbureau.imports.units import (
    AREA,
    DIMENSIONS,
    MONEY,
    UNITS,
    find_unit,
    foreign_unit,
    unit_in_header,
    unit_line,
)


@pytest.mark.parametrize("text", ["㎡", "m2", "m²", "M²", "平方米", "平米", "（㎡）", "平方 米", "ｍ２"])
def test_square_metres_are_known_however_they_are_written(text: str) -> None:
    unit = find_unit(text)
    assert unit is not None
    assert (unit.name, unit.factor) == ("平方米", 1)


@pytest.mark.parametrize(
    ("text", "dimension", "factor"),
    [
        ("元", "money", 1),
        ("千元", "money", 1_000),
        ("万元", "money", 10_000),
        ("百万元", "money", 1_000_000),
        ("亿元", "money", 100_000_000),
        ("公顷", "area", 10_000),
        ("hm²", "area", 10_000),
        ("亩", "area", Fraction(2000, 3)),
        ("km²", "area", 1_000_000),
        ("‰", "ratio", 1),
        ("％", "ratio", 10),
    ],
)
def test_units_say_how_many_of_the_stored_unit_they_are(
    text: str, dimension: str, factor: Fraction | int
) -> None:
    unit = find_unit(text)
    assert unit is not None
    assert (unit.dimension, unit.factor) == (dimension, factor)


@pytest.mark.parametrize("text", ["", "角", "美元", "元/㎡", "万元/亩", "m", "米", "2亩"])
def test_other_units_are_unknown(text: str) -> None:
    assert find_unit(text) is None


def test_no_word_names_two_units_and_every_dimension_has_one_that_is_stored() -> None:
    words = [word for names in UNITS.values() for word in names]
    assert len(words) == len(set(words))
    stored = {unit.dimension for unit in UNITS if unit.factor == 1}
    assert stored == {unit.dimension for unit in UNITS} == set(DIMENSIONS)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("面积（亩）", "亩"),
        ("*面 积\n（hm²）", "公顷"),
        ("成交价款(万元)", "万元"),
        ("成交价款（单位：万元）", "万元"),
        ("用地面积（净，公顷）", "公顷"),
        ("面积/平方米", "平方米"),
        ("金额:元", "元"),
        ("面积㎡", "平方米"),
        ("面积公顷", "公顷"),
        ("面积亩", "亩"),
        ("金额元", "元"),
        ("滞纳金比例‰", "‰"),
        ("面积（亩", "亩"),
    ],
)
def test_a_head_names_its_unit(head: str, name: str) -> None:
    unit = unit_in_header(head)
    assert unit is not None
    assert unit.name == name
    assert foreign_unit(head, unit.dimension) == ""


@pytest.mark.parametrize(
    "head", ["单元", "Alpha", "应缴日期（必填）", "每公顷", "一级公元", "坐落（小区/路）", "金额", ""]
)
def test_a_head_without_unit_names_none(head: str) -> None:
    assert unit_in_header(head) is None


@pytest.mark.parametrize(
    ("head", "foreign"),
    [
        ("单价（元/㎡）", "元/㎡"),
        ("单价:万元/亩", "万元/亩"),
        ("补偿标准元每平方米", "补偿标准元每平方米"),
        ("价款（万美元）", "万美元"),
        ("价款（元、万元）", "元、万元"),
        ("价款（亩）", "亩"),
    ],
)
def test_a_head_with_a_unit_that_is_no_money_says_so(head: str, foreign: str) -> None:
    assert foreign_unit(head, MONEY) == foreign


@pytest.mark.parametrize("head", ["面积", "面积（净）", "面积（亩）", "坐落（小区/路）"])
def test_a_head_without_foreign_unit_raises_no_doubt(head: str) -> None:
    assert foreign_unit(head, AREA) == ""


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("单位：万元、公顷", ["万元", "公顷"]),
        ("（单位:元）", ["元"]),
        ("金额单位：万元　面积单位：公顷", ["万元", "公顷"]),
        ("填报单位：新河县国土资源局", []),
        ("填报单位：元氏县　计量单位：万元，亩", ["万元", "亩"]),
        ("单位：元/平方米", []),
        ("万元", []),
    ],
)
def test_the_line_above_a_table_names_units(line: str, names: list[str]) -> None:
    assert [unit.name for unit in unit_line(line)] == names


def test_a_long_head_is_read_in_time() -> None:
    assert unit_in_header("(" * 30_000) is None
    assert unit_in_header(":" * 30_000 + "x") is None
