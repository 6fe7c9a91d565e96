from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from landbureau.home.rules import Todo, end_of_week, grouped, urgency

MONDAY = date(2026, 11, 23)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def todo(due_on: date | None) -> Todo:
    return Todo("期限", "一件事", "到期", "办理", "/", due_on)


def test_yesterday_is_overdue_and_today_is_not() -> None:
    assert urgency(todo(date(2026, 11, 22)), MONDAY) == "overdue"
    assert urgency(todo(MONDAY), MONDAY) == "today"


def test_a_thing_without_a_date_is_to_be_done_today() -> None:
    assert urgency(todo(None), MONDAY) == "today"


def test_the_week_ends_on_sunday() -> None:
    assert urgency(todo(date(2026, 11, 29)), MONDAY) == "week"
    assert urgency(todo(date(2026, 11, 30)), MONDAY) == "later"
    assert end_of_week(date(2026, 11, 29)) == date(2026, 11, 29)


@given(st.lists(st.one_of(st.none(), DAYS)), DAYS)
def test_grouping_loses_nothing_and_puts_the_most_urgent_first(due: list[date | None], today: date) -> None:
    groups = grouped([todo(day) for day in due], today)
    listed = [item.due_on for group in groups for item in group["todos"]]
    assert sorted(listed, key=str) == sorted(due, key=str)
    order = ["overdue", "today", "week", "later"]
    codes = [group["code"] for group in groups]
    assert codes == sorted(codes, key=order.index)
    assert all(group["todos"] for group in groups)


@given(DAYS, DAYS)
def test_moving_today_forward_never_makes_a_thing_less_urgent(due_on: date, today: date) -> None:
    order = ["later", "week", "today", "overdue"]
    now, tomorrow = (order.index(urgency(todo(due_on), day)) for day in (today, today + timedelta(days=1)))
    assert tomorrow >= now
