"""States and numbers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbureau.documents.rules import Dates, Status, number_text, status_of

TODAY = date(2026, 11, 23)
days = st.one_of(st.none(), st.integers(-5, 5).map(lambda n: TODAY + timedelta(n)))
dates = st.builds(Dates, days, days, days, days, days)


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (0, Status.DRAFT),
        (1, Status.APPROVED),
        (2, Status.ISSUED),
        (3, Status.SEALED),
        (4, Status.SERVED),
        (5, Status.VOIDED),
    ],
)
def test_each_step_leads_to_its_state_on_its_day_and_not_before(taken: int, expected: Status) -> None:
    steps = Dates(*[TODAY] * taken)
    assert status_of(steps, TODAY) == expected
    assert status_of(steps, TODAY + timedelta(99)) == expected
    assert status_of(steps, TODAY - timedelta(1)) == Status.DRAFT


def test_a_draft_may_be_voided_and_a_document_that_needs_no_seal_served() -> None:
    assert status_of(Dates(voided_on=TODAY), TODAY) == Status.VOIDED
    assert status_of(Dates(TODAY, TODAY, None, TODAY), TODAY) == Status.SERVED


@given(dates)
def test_a_document_never_goes_back_as_days_pass(steps: Dates) -> None:
    order = list(Status)
    states = [status_of(steps, TODAY + timedelta(n)) for n in range(-6, 7)]
    assert states == sorted(states, key=order.index)


@given(dates)
def test_what_comes_later_is_not_known_today(steps: Dates) -> None:
    known = Dates(*(day if day and day <= TODAY else None for day in vars(steps).values()))
    assert status_of(steps, TODAY) == status_of(known, TODAY)


def test_a_number_has_six_angle_brackets_and_no_leading_zero() -> None:
    assert number_text("新国土资", "催", 2026, 17) == "新国土资催〔2026〕17号"
