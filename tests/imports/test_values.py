"""What holds for every kind of value."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbureau.imports.errors import Problem, Wrong
from landbureau.imports.units import UNITS, Unit
from landbureau.imports.values import (
    EMPTY_WORDS,
    Bad,
    Choice,
    Code,
    Date,
    Integer,
    Kind,
    Phone,
    Quantity,
    Text,
    YesNo,
)
from tests.imports.problems import outcome

TITLES = {"chief": "股长", "deputy": "副股长", "clerk": "科员", "none": "无"}
CODES = st.from_regex(r"[A-Z0-9]{1,6}(-[0-9]{1,8})?", fullmatch=True)
AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=2)
KINDS: dict[str, tuple[Kind, st.SearchStrategy[Any]]] = {
    "Text": (Text(500), st.text(max_size=60)),
    "Text with paragraphs": (Text(500, paragraphs=True), st.text("张三。；\n A1", max_size=60)),
    "Code": (Code(40), CODES),
    "Code of nine digits": (Code(9, digits=9), st.from_regex(r"[0-9]{9}", fullmatch=True)),
    "Phone": (
        Phone(),
        st.sampled_from(["13800000001", "138 0000 0001", "0319-8123456", "0319-8123456转12", "110"]),
    ),
    "Integer": (Integer(), st.integers(-(10**15) + 1, 10**15 - 1)),
    "Quantity": (Quantity("money"), AMOUNTS),
    "Quantity of four places": (Quantity("area", places=4), st.decimals(0, 10**10, places=4)),
    "Quantity of whole units": (Quantity(places=0), st.decimals(0, 10**14, places=0)),
    "Ratio": (Quantity("ratio", keep_words={"无": Decimal("0.00")}), st.decimals(0, 1000, places=2)),
    "Date": (Date(), st.dates(date(1949, 10, 1), date(2100, 12, 31))),
    "Choice": (Choice(TITLES, {"负责人": "chief"}), st.sampled_from(list(TITLES))),
    "YesNo": (YesNo(), st.booleans()),
    "有无": (YesNo("有", "无"), st.booleans()),
}
EVERY_KIND = pytest.mark.parametrize("name", list(KINDS))
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.floats(0, 10**8),
    st.dates(),
    st.datetimes(),
    st.builds(Bad, st.text(max_size=5)),
    st.text(max_size=20),
    st.text("0123456789.,-/年月日 万元亩%E+〇二十一张股长是无（）：０", max_size=12),
)


@EVERY_KIND
def test_blank_cells_have_no_value(name: str) -> None:
    kind, _ = KINDS[name]
    for cell in (None, "", " ", "\u3000\n", "\u200b"):
        assert kind.parse(cell) is None


@EVERY_KIND
def test_a_cell_without_usable_value_is_an_error(name: str) -> None:
    kind, _ = KINDS[name]
    with pytest.raises(Wrong) as raised:
        kind.parse(Bad("#REF!"))
    assert raised.value.code == "no_value"


@EVERY_KIND
@given(st.data())
def test_what_is_exported_is_read_as_the_same_value(name: str, data: st.DataObject) -> None:
    kind, values = KINDS[name]
    value = kind.parse(kind.export(data.draw(values)))
    assert kind.parse(_in_a_workbook(kind.export(value))) == value
    assert kind.same(value, kind.parse(_in_a_workbook(kind.export(value))))


@EVERY_KIND
@given(st.data())
def test_what_is_exported_to_csv_or_shown_is_read_as_the_same_value(name: str, data: st.DataObject) -> None:
    kind, values = KINDS[name]
    value = kind.parse(kind.export(data.draw(values)))
    exported = kind.export(value)
    assert kind.parse(_in_csv("" if exported is None else str(exported))) == value
    assert kind.parse(_in_csv(kind.show(value))) == value


@EVERY_KIND
@given(CELLS, st.none() | st.sampled_from(list(UNITS)))
def test_any_cell_has_a_value_or_one_chinese_sentence(name: str, cell: Any, unit: Unit | None) -> None:
    kind, _ = KINDS[name]
    found = outcome(kind, cell, unit)
    if isinstance(found, Problem):
        assert found.message.endswith(("。", "？"))
        assert found.message.count("。") <= 1
        assert found.code.isascii()


@EVERY_KIND
@given(CELLS, st.data())
def test_a_proposal_is_read_without_another_question(name: str, cell: Any, data: st.DataObject) -> None:
    kind, _ = KINDS[name]
    unit = data.draw(st.sampled_from([None, *(unit for unit in UNITS if unit.dimension == kind.dimension)]))
    proposal = getattr(outcome(kind, cell, unit), "proposal", "")
    assert not proposal or kind.parse(proposal, unit) is not None


@EVERY_KIND
@given(st.data())
def test_a_value_differs_from_nothing_and_nothing_from_an_empty_text_not(
    name: str, data: st.DataObject
) -> None:
    kind, values = KINDS[name]
    value = kind.parse(kind.export(data.draw(values)))
    assert kind.same(value, value)
    assert kind.same("", None)
    assert kind.same(None, None)
    if value is not None:
        assert not kind.same(None, value)
        assert not kind.same(value, None)


@pytest.mark.parametrize("name", ["Integer", "Quantity", "Date", "Choice"])
def test_signs_that_mean_nothing_are_blank(name: str) -> None:
    kind, _ = KINDS[name]
    for word in EMPTY_WORDS - {"无"}:
        assert kind.parse(word) is None
    assert kind.parse("无") == ("none" if name == "Choice" else None)


def test_columns_are_formatted_for_excel() -> None:
    assert Text(10).number_format == Code(10).number_format == Phone().number_format == "@"
    assert Quantity("money").number_format == "#,##0.00"
    assert Quantity(places=0).number_format == "#,##0"
    assert Integer().number_format == "0"
    assert Date().number_format == "yyyy-mm-dd"


def _in_a_workbook(exported: Any) -> Any:
    """Numbers come back from a workbook as floats, days as points in time."""
    if isinstance(exported, bool | str) or exported is None:
        return exported
    if isinstance(exported, date):
        return datetime(exported.year, exported.month, exported.day)  # noqa: DTZ001
    return float(exported)


def _in_csv(text: str) -> str:
    """A text that has been in a csv file."""
    file = io.StringIO(newline="")
    csv.writer(file).writerow([text, "x"])
    file.seek(0)
    return next(csv.reader(file))[0]
