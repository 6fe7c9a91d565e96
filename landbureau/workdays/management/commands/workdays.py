"""``workdays add D N`` and ``workdays between A B``."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from landbureau.web.commands import Document, JsonCommand, WrongUsage, iso_date
from landbureau.workdays import rules, selectors


class Command(JsonCommand):
    help = (
        "工作日推算。add 2026-02-10 10：其后第10个工作日（负数为其前）；"
        "between 2026-02-10 2026-03-02：两日之间的工作日数，不含首日、含末日。"
    )
    refusals = (rules.WorkdaysError,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["add", "between"], metavar="add|between")
        parser.add_argument("start", type=iso_date, metavar="起始日期")
        parser.add_argument("second", metavar="天数|截止日期")

    def run(self, options: dict[str, Any]) -> Document:
        calendar = selectors.current_calendar()
        if options["act"] == "add":
            due = rules.add_working_days(options["start"], _number(options["second"]), calendar)
            return {"date": due.on, "provisional": due.provisional}
        count = rules.working_days_between(options["start"], _date(options["second"]), calendar)
        return {"workdays": count.days, "provisional": count.provisional}

    def text(self, document: Any) -> str:
        said = f"{document['date']:%Y-%m-%d}" if "date" in document else f"{document['workdays']} 个工作日"
        return f"{said}（暂定：所涉年份的节假日安排尚未公布）" if document["provisional"] else said


def _number(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise WrongUsage(f"天数须为整数，不能是“{value}”") from None


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise WrongUsage(f"“{value}”不是日期，应写作 2026-12-01") from None
