"""Which backups stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from landbureau.home.backup import backups_to_keep

NIGHT = datetime(2026, 11, 23, 2, 30)  # noqa: DTZ001  # a Monday; local times without a zone will do here
NIGHTS = [NIGHT - timedelta(days=days) for days in range(400)]
moments = st.lists(
    st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001
    min_size=1,
    max_size=60,
    unique=True,
)
few = st.integers(0, 6)


def test_a_year_of_nights() -> None:
    kept = sorted(backups_to_keep(NIGHTS, daily=14, weekly=8, monthly=12), reverse=True)
    assert kept[:14] == NIGHTS[:14]
    # Then the Sundays of the weeks before, and the last nights of the months before.
    assert [moment.isoweekday() for moment in kept[14:20]] == [7, 7, 6, 7, 7, 7]
    months = {(moment.year, moment.month) for moment in kept}
    assert len(months) == 12
    assert len(kept) < 14 + 8 + 12


def test_nights_without_a_backup_use_up_nothing() -> None:
    every_third = NIGHTS[::3]
    assert backups_to_keep(every_third, daily=5, weekly=0, monthly=0) == set(every_third[:5])


def test_of_one_day_the_newest_stays() -> None:
    morning = NIGHT + timedelta(hours=8)
    assert backups_to_keep([NIGHT, morning], daily=1, weekly=1, monthly=1) == {morning}


def test_weeks_are_those_of_the_calendar() -> None:
    sunday, monday = NIGHTS[1], NIGHTS[0]
    assert backups_to_keep([sunday, monday], daily=0, weekly=2, monthly=0) == {sunday, monday}


@given(moments, few, few, few)
def test_the_newest_always_stays_and_never_more_than_asked(
    made_at: list[datetime], daily: int, weekly: int, monthly: int
) -> None:
    kept = backups_to_keep(made_at, daily=daily, weekly=weekly, monthly=monthly)
    assert max(made_at) in kept
    assert kept <= set(made_at)
    assert len(kept) <= max(1, daily + weekly + monthly)


@given(moments, few, few, few)
def test_rotating_again_removes_nothing(
    made_at: list[datetime], daily: int, weekly: int, monthly: int
) -> None:
    kept = backups_to_keep(made_at, daily=daily, weekly=weekly, monthly=monthly)
    assert backups_to_keep(kept, daily=daily, weekly=weekly, monthly=monthly) == kept


@given(moments, few, few, few)
def test_every_day_that_counts_keeps_its_newest(
    made_at: list[datetime], daily: int, weekly: int, monthly: int
) -> None:
    kept = backups_to_keep(made_at, daily=daily, weekly=weekly, monthly=monthly)
    days = sorted({moment.date() for moment in made_at}, reverse=True)[:daily]
    assert {max(m for m in made_at if m.date() == day) for day in days} <= kept
