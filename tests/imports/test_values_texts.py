"""Texts, codes and telephone numbers."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbureau.imports.cleaning import half_width
from landbureau.imports.errors import Problem, Unsure, Wrong
from landbureau.imports.reading.cells import Cell
from landbureau.imports.values import Code, Phone, Text
from tests.imports.problems import message_of, outcome, problem_of

REGION = Code(9, digits=9, meaning="行政区划代码")


def test_a_text_is_cleaned() -> None:
    assert Text(10).parse(" 张　三\n") == "张三"
    assert Text(20).parse("甲。\n乙") == "甲。乙"
    assert Text(20, paragraphs=True).parse("甲。\n乙") == "甲。\n乙"


def test_a_text_that_is_too_long_says_by_how_much() -> None:
    assert Text(4).parse("一二 三四") == "一二三四"
    assert message_of(Text(4), "一二三四五") == "最多 4 个字，这里有 5 个。"


@pytest.mark.parametrize(
    ("cell", "text"), [(3.0, "3"), (3, "3"), (3.5, "3.5"), (0.1 + 0.2, "0.3"), (1e-5, "0.00001")]
)
def test_a_number_in_a_column_of_texts_is_what_was_typed(cell: float, text: str) -> None:
    assert Text(10).parse(cell) == text


def test_a_text_that_became_a_number_of_many_digits_has_lost_some() -> None:
    assert problem_of(Text(40), 130502199001011234.0) == (Wrong, "digits_lost", "")


def test_a_text_that_became_a_date_is_a_question() -> None:
    assert problem_of(Text(40), datetime(2026, 3, 1)) == (Unsure, "became_a_date", "2026-03-01")  # noqa: DTZ001


def test_a_logical_value_is_no_text() -> None:
    assert problem_of(Text(40), True) == (Wrong, "logical_value", "")


def test_a_text_as_somebody_typed_it_in_a_form_is_the_same_as_its_clean_form() -> None:
    assert Text(40).same("张 三 ", "张三")
    assert Text(40, paragraphs=True).same("甲\r\n乙", "甲乙")
    assert not Text(40).same("张三", "张四")
    assert not Text(40).same("张三", None)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("130530100", "130530100"),
        (130530100.0, "130530100"),
        (130530100, "130530100"),
        ("130530100.0", "130530100"),
        (" 1305 30100 ", "130530100"),
        ("１３０５３０１００", "130530100"),
        ("'0012", "0012"),
        ("演示 － 0001", "演示-0001"),
        ("GB–00012", "GB-00012"),
        ("1E17", "1E17"),
        ("新土让〔2025〕36 号", "新土让〔2025〕36号"),
        (999999999999999.0, "999999999999999"),
    ],
)
def test_a_code_is_read_without_what_a_spreadsheet_adds(cell: Cell, code: str) -> None:
    assert Code(40).parse(cell) == code


@pytest.mark.parametrize(
    "cell",
    [
        130502199001011234.0,
        10**15,
        1e15,
        "1.30502E+17",
        "1.30502e+17",
        "1E+17",
        "1.30502E17",
        "130530198001010028.0",
        12.5,
        -1e300,
    ],
)
def test_a_code_that_became_a_number_and_lost_digits_is_an_error(cell: Cell) -> None:
    assert problem_of(Code(40), cell)[:2] == (Wrong, "digits_lost")


def test_a_code_that_became_a_date_is_an_error() -> None:
    assert problem_of(Code(40), date(2026, 3, 1)) == (Wrong, "became_a_date", "")


@pytest.mark.parametrize("cell", [30530100.0, "30530100", "30530100.0"])
def test_a_lost_leading_zero_is_a_question(cell: Cell) -> None:
    assert problem_of(REGION, cell) == (Unsure, "zeros_lost", "030530100")
    assert REGION.parse("030530100") == "030530100"


@pytest.mark.parametrize(
    ("cell", "code"), [("1305301001", "wrong_length"), ("13053010A", "bad_code"), ("٠٠٠٠٠٠٠٠٠", "bad_code")]
)
def test_a_code_of_nine_digits_has_nine_digits(cell: Cell, code: str) -> None:
    assert problem_of(REGION, cell)[:2] == (Wrong, code)


def test_a_zero_is_not_proposed_where_the_pattern_has_none() -> None:
    kind = Code(9, digits=9, pattern="[1-9][0-9]{8}")
    assert problem_of(kind, "30530100") == (Wrong, "wrong_length", "")


def test_a_code_follows_its_pattern_and_says_which() -> None:
    name = Code(30, pattern="[a-z][a-z0-9]*", meaning="用户名", hint="小写字母和数字，字母开头")
    assert name.parse("zhaowb2") == "zhaowb2"
    assert message_of(name, "Zhao") == "用户名应为小写字母和数字，字母开头。"
    assert message_of(Code(9, pattern="[0-9]+"), "A") == "编号的写法不对，请核对。"
    assert message_of(REGION, "A") == "行政区划代码应为 9 位数字。"


def test_a_code_that_is_too_long_is_an_error() -> None:
    assert problem_of(Code(4), "12345") == (Wrong, "too_long", "")


def test_codes_are_the_same_without_their_spaces() -> None:
    assert Code(40).same("新土让 〔2025〕36号", "新土让〔2025〕36号")
    assert not Code(40).same("0012", "12")


@given(st.text("0123456789０１２.-E+ \u3000'GB", max_size=24))
def test_digits_of_a_code_are_never_changed_silently(text: str) -> None:
    code = outcome(Code(40), text)
    typed = "".join(half_width(text).split()).lstrip("'")
    whole, point, rest = typed.partition(".")
    if point and whole.isdecimal() and rest and not rest.strip("0"):
        typed = whole
    assert isinstance(code, Problem) or (code or "") == typed


@given(st.integers(0, 10**20))
def test_a_number_is_its_digits_or_an_error(number: int) -> None:
    code = outcome(Code(40), float(number))
    if number < 10**15:
        assert code == str(number)
    else:
        assert code.code == "digits_lost"


@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_a_code_of_nine_digits_survives_a_spreadsheet_or_is_asked_for(code: str) -> None:
    read = outcome(REGION, float(code))
    assert read.proposal == code if code[0] == "0" else read == code


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("138 0000 0001", "138 0000 0001"),
        (13800000001.0, "13800000001"),
        ("13800000001.0", "13800000001"),
        ("０３１９－８１２３４５６", "0319-8123456"),
        ("（0319）8123456转12", "(0319)8123456转12"),
        ("13800000001、0319—8123456", "13800000001、0319-8123456"),
        (4008123456.0, "4008123456"),
        (8123456.0, "8123456"),
    ],
)
def test_telephone_numbers_are_kept_as_typed(cell: Cell, phone: str) -> None:
    assert Phone().parse(cell) == phone


@pytest.mark.parametrize("cell", ["138****0001", "张三", "12", "转"])
def test_what_is_no_complete_telephone_number_is_an_error(cell: Cell) -> None:
    assert problem_of(Phone(), cell) == (Wrong, "bad_phone", "")


def test_an_area_code_that_lost_its_zero_is_a_question() -> None:
    assert problem_of(Phone(), 3198123456.0) == (Unsure, "zeros_lost", "03198123456")
    assert problem_of(Phone(), 1012345678.0) == (Unsure, "zeros_lost", "01012345678")


def test_a_telephone_number_that_lost_digits_or_is_too_long_is_an_error() -> None:
    assert problem_of(Phone(), "1.38E+10") == (Wrong, "digits_lost", "")
    assert problem_of(Phone(5), "123456") == (Wrong, "too_long", "")


def test_telephone_numbers_are_compared_without_spaces_dashes_and_brackets() -> None:
    assert Phone().same("138 0000 0001", "13800000001")
    assert Phone().same("0319-8123456", "(0319)8123456")
    assert not Phone().same("138 0000 0001", "13800000002")


@given(st.text("0123456789０ -－（)/、转A张*", max_size=30))
def test_a_telephone_number_is_never_made_of_something_else(text: str) -> None:
    phone = outcome(Phone(), text)
    assert isinstance(phone, Problem) or set(phone or "") <= set("0123456789 +()/、,;#转-")


@pytest.mark.parametrize("cell", ["无", "暂无", "/", "—"])
def test_a_word_for_nothing_is_no_telephone_number(cell: str) -> None:
    assert Phone().parse(cell) is None
