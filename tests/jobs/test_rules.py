from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from celery.schedules import crontab
from hypothesis import given, settings
from hypothesis import strategies as st

from landbureau.jobs.rules import ZONE, in_words, last_due, next_due

CRONTABS = st.builds(
    crontab,
    minute=st.sampled_from(["*", "0", "30", "*/15", "7,59"]),
    hour=st.sampled_from(["*", "0", "2", "23", "8-17"]),
    day_of_week=st.sampled_from(["*", "1", "0", "1-5"]),
    day_of_month=st.sampled_from(["*", "1", "15,29"]),
    month_of_year=st.sampled_from(["*", "2", "1-6"]),
)
MOMENTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, ZONE]),
)


@settings(deadline=None)
@given(CRONTABS, MOMENTS)
def test_the_last_moment_is_not_later_and_the_next_one_is(when: crontab, now: datetime) -> None:
    last, following = last_due(when, now), next_due(when, now)
    assert last <= now < following
    for moment in (last, following):
        assert moment.tzinfo is ZONE
        assert moment.hour in when.hour
        assert moment.minute in when.minute
        assert moment.day in when.day_of_month
        assert moment.month in when.month_of_year
        assert moment.isoweekday() % 7 in when.day_of_week


@settings(deadline=None)
@given(CRONTABS, MOMENTS)
def test_nothing_lies_between_the_last_moment_and_the_next(when: crontab, now: datetime) -> None:
    last, following = last_due(when, now), next_due(when, now)
    assert next_due(when, last) == following
    assert last_due(when, following - timedelta(microseconds=1)) == last
    assert last_due(when, following) == following


@settings(deadline=None)
@given(CRONTABS, MOMENTS, st.floats(0, 1))
def test_everybody_who_asks_within_a_period_gets_the_same_slot(
    when: crontab, now: datetime, share: float
) -> None:
    last, following = last_due(when, now), next_due(when, now)
    between = last + (following - last) * share * 0.999
    assert last_due(when, between) == last


def test_half_past_two_is_that_of_shanghai() -> None:
    when = crontab(hour=2, minute=30)
    assert last_due(when, datetime(2026, 11, 22, 18, 30, tzinfo=UTC)) == datetime(
        2026, 11, 23, 2, 30, tzinfo=ZONE
    )
    assert last_due(when, datetime(2026, 11, 22, 18, 29, tzinfo=UTC)) == datetime(
        2026, 11, 22, 2, 30, tzinfo=ZONE
    )


def test_the_29th_of_february_may_be_eight_years_away() -> None:
    when = crontab(minute=0, hour=0, day_of_month=29, month_of_year=2)
    assert next_due(when, datetime(2096, 3, 1, tzinfo=ZONE)) == datetime(2104, 2, 29, tzinfo=ZONE)


def test_a_day_that_never_comes_is_refused() -> None:
    when = crontab(day_of_month=30, month_of_year=6)
    when.month_of_year = {2}  # Celery itself refuses 30 February
    with pytest.raises(ValueError, match="no day"):
        next_due(when, datetime(2026, 1, 1, tzinfo=ZONE))


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (crontab(), "每分钟"),
        (crontab(hour=2, minute=30), "每天 02:30"),
        (crontab(hour="6,18", minute=0), "每天 06:00、18:00"),
        (crontab(hour=8, minute=0, day_of_week="1,0"), "每周一、日 08:00"),
        (crontab(hour=6, minute=0, day_of_month=1), "每月1日 06:00"),
        (crontab(hour=6, minute=0, day_of_month=15, month_of_year="1,7"), "1、7月15日 06:00"),
    ],
)
def test_in_words(when: crontab, words: str) -> None:
    assert in_words(when) == words
