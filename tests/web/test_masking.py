"""Masked data gives away its ends and its length, never its middle."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from landbureau.web.masking import mask, mask_id, mask_phone


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("13800000000", "138****0000"),
        ("0319-4770000", "031*****0000"),
        ("4770000", "4*****0"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_phones(value: str, masked: str) -> None:
    assert mask_phone(value) == masked


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("130530199001010000", "130530**********00"),
        ("130530900101000", "130530*******00"),
        ("12345678", "12****78"),
    ],
)
def test_identity_numbers(value: str, masked: str) -> None:
    assert mask_id(value) == masked


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("None", ""),
        ("", ""),
        ("13800000000", "138****0000"),
        ("13053019900101000X", "130530**********0X"),
    ],
)
def test_what_the_audit_record_masks(value: str, masked: str) -> None:
    assert mask(value) == masked


@pytest.mark.parametrize("function", [mask_phone, mask_id, mask])
@given(value=st.text(alphabet="0123456789Xx张王李-+ ", min_size=1, max_size=30))
def test_at_least_a_third_is_hidden_and_the_length_stays(function: object, value: str) -> None:
    masked = function(value)  # type: ignore[operator]
    assert len(masked) == len(value)
    assert masked.count("*") * 3 >= len(value)
    assert all(a in (b, "*") for a, b in zip(masked, value, strict=True))


@given(st.from_regex(r"1\d{10}", fullmatch=True))
def test_four_digits_of_a_mobile_number_are_hidden(value: str) -> None:
    assert mask_phone(value) == f"{value[:3]}****{value[7:]}"


@given(st.from_regex(r"\d{17}[\dX]", fullmatch=True))
def test_birthday_and_serial_of_an_identity_number_are_hidden(value: str) -> None:
    assert mask(value)[6:16] == "*" * 10


def test_templates_can_mask() -> None:
    page = Template("{% load web %}{{ phone|mask_phone }}")
    assert page.render(Context({"phone": "13800000000"})) == "138****0000"
