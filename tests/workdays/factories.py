"""Makers of calendar rows and time limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from landbureau.workdays import rules, services
from landbureau.workdays.calendars import library_day
from landbureau.workdays.models import CalendarChange, Deadline, TimeLimit
from landbureau.workdays.selectors import DayChange, Proposal


def day(text: str) -> date:
    return date.fromisoformat(text)


def published_calendar(*own: rules.Day, complete: dict[int, str] | None = None) -> rules.OfficialCalendar:
    """The library with the bureau's own days on top, and the fixed holidays of the law."""
    fixed = [
        rules.FixedDay(month, number, name, "办法", date(2025, 1, 1))
        for month, number, name in ((1, 1, "元旦"), (5, 1, "劳动节"), (5, 2, "劳动节"), (10, 1, "国庆节"))
    ]
    return rules.OfficialCalendar({d.on: d for d in own}, library_day, complete or {}, fixed)


def weekday_calendar(off: Callable[[date], bool] = lambda on: False) -> rules.OfficialCalendar:
    """Monday to Friday, certain, less the days that ``off`` names."""
    return rules.OfficialCalendar(
        {}, lambda on: rules.Day(on, on.weekday() < 5 and not off(on)), complete_years={}, fixed=[]
    )


def make_deadline(**kwargs: Any) -> Deadline:
    """A time limit of 15 days that rolls, unless told otherwise; ``code`` takes a row of the law."""
    code = kwargs.pop("code", None)
    if code:
        kwargs["limit"] = TimeLimit.objects.get(code=code)
    elif "number" not in kwargs:
        kwargs |= {"number": 15, "unit": "days", "rolls": True}
    settled_on = kwargs.pop("settled_on", None)
    values = {"title": "缴纳罚款", "event_on": date(2025, 9, 19), "owner": None} | kwargs
    deadline = services.register_deadline(**values)
    if settled_on:
        services.settle_deadline(deadline=deadline, on=settled_on)
    return deadline


def set_day(on: str, is_workday: bool | None, name: str = "", **kwargs: Any) -> CalendarChange:
    """One day of the calendar, changed by the service."""
    values = {"source": "县政府通知", "actor": None, "seen": None} | kwargs
    proposal = Proposal([DayChange(day(on), is_workday, name)], values.pop("source"))
    return services.change_calendar(proposal=proposal, **values)


def import_notice(**kwargs: Any) -> CalendarChange:
    """The notice of 2027 taken over, unless told otherwise."""
    values = {
        "text": NOTICE_2027,
        "year": 2027,
        "source": "国办通知",
        "announced_on": day("2026-11-30"),
    } | kwargs
    actor = values.pop("actor", None)
    proposal, _ = services.read_notice(**values)
    return services.change_calendar(proposal=proposal, actor=actor, text=values["text"])


NOTICE_2027 = """国务院办公厅关于2027年部分节假日安排的通知
国办发明电〔2026〕99号

各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
　　经党中央、国务院批准，现将2027年元旦、春节等节日放假调休日期的具体安排通知如下。
　　一、元旦：1月1日（周五）至3日（周日）放假，共3天。
　　二、春节：2月5日（农历腊月二十九、周五）至11日（农历正月初六、周四）放假调休，共7天。2月14日（周日）、2月20日（周六）上班。
　　三、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
　　节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。
国务院办公厅
2026年11月30日
"""  # invented: the real notice of 2027 is not out
