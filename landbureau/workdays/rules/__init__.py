"""The law of days and time limits (domain.md H) as pure functions: standard library only, no "now"."""

from landbureau.workdays.rules.calendar import Calendar, Day, FixedDay, OfficialCalendar, WorkdaysError
from landbureau.workdays.rules.explain import Step, explain
from landbureau.workdays.rules.limits import (
    Count,
    Due,
    Unit,
    add_days,
    add_months,
    add_working_days,
    add_years,
    due_on,
    roll_forward,
    working_days_between,
)
from landbureau.workdays.rules.notice import LineError, Notice, NoticeDay, notice_title, parse_notice

__all__ = [
    "Calendar",
    "Count",
    "Day",
    "Due",
    "FixedDay",
    "LineError",
    "Notice",
    "NoticeDay",
    "OfficialCalendar",
    "Step",
    "Unit",
    "WorkdaysError",
    "add_days",
    "add_months",
    "add_working_days",
    "add_years",
    "due_on",
    "explain",
    "notice_title",
    "parse_notice",
    "roll_forward",
    "working_days_between",
]
