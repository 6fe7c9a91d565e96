"""chinesecalendar behind our own door."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from landbureau.workdays.calendars import library_day, library_years


def test_every_published_day_is_as_the_library_says() -> None:
    on = date(2004, 1, 1)
    while on.year <= 2026:
        known = library_day(on)
        assert known is not None
        assert not known.provisional
        if on.year in (2004, 2015, 2020, 2025, 2026):  # its own functions are slow
            assert known.is_workday == chinese_calendar.is_workday(on), on
        on += timedelta(days=1)


@pytest.mark.parametrize("on", [date(2003, 12, 31), date(2027, 1, 1)])
def test_a_year_outside_the_library_is_unknown(on: date) -> None:
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(on)
    assert library_day(on) is None


def test_the_library_covers_2004_to_2026() -> None:
    assert (library_years()[0], library_years()[-1]) == (2004, 2026)


def test_days_carry_their_holiday() -> None:
    off, worked = library_day(date(2026, 2, 17)), library_day(date(2026, 2, 14))
    assert off
    assert worked
    assert (off.name, off.is_workday) == ("春节", False)
    assert off.source == "国务院办公厅历年节假日安排"
    assert (worked.name, worked.is_workday) == ("春节", True)
