"""The yearly calendar as a table: days off, and weekends that are worked (domain.md H)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.imports.errors import ImportRefused, Wrong
from landbureau.imports.targets import Column, Current, Key, Row, Target, Update
from landbureau.imports.units import Unit
from landbureau.imports.values import Choice, Date, Kind, Text
from landbureau.workdays import selectors
from landbureau.workdays.calendars import library_years
from landbureau.workdays.models import CalendarDay
from landbureau.workdays.rules.notice import WEEKDAYS
from landbureau.workdays.selectors import DayChange, Proposal
from landbureau.workdays.services import CalendarConflict, change_calendar, lock_calendar

OWN_CALENDAR = "本单位导入的日历"
YES, NO = "是", "否"
_WEEKDAY = re.compile(rf"(?:周|星期|礼拜)?([{WEEKDAYS}天])")
_WORKED = ("班", "工作", "工作日", "上班日", "补班", "调休上班", "是")
_OFF = ("休", "假", "放假", "休息日", "公休", "节假日", "法定节假日", "放假调休", "否")


@dataclass(frozen=True)
class Weekday(Kind):
    """A day of the week, 0 for Monday; also a cell with a date that only shows it."""

    def read_text(self, text: str, unit: Unit | None) -> int:
        if match := _WEEKDAY.fullmatch("".join(text.split())):
            return WEEKDAYS.index(match[1].replace("天", "日"))
        raise Wrong("bad_weekday", "不是星期，应写成“星期一”的样子。")

    def read_date(self, day: date) -> int:
        return day.weekday()

    def show(self, value: int | None) -> str:
        return "" if value is None else f"星期{WEEKDAYS[value]}"

    def export(self, value: int | None) -> str:
        return self.show(value)


class CalendarDays(Target):
    """Days of the bureau's own table (``CalendarDay``). All of a sheet is judged and written together.

    A day that other sources have alike is new all the same: the bureau has not said it yet.
    """

    name = "calendar"
    title = "工作日历"
    unit = "天"
    permission = "update_calendar"
    key = ("date",)
    label = ("name",)
    whole = True
    list_url = "workdays:calendar"
    columns = (
        Column("date", "日期", Date(), required=True),
        Column("weekday", "星期", Weekday(), ("周几", "星期几")),
        Column(
            "is_workday",
            "安排",
            Choice({True: "上班", False: "休息"}, dict.fromkeys(_WORKED, True) | dict.fromkeys(_OFF, False)),
            ("是否上班", "班/休", "放假/上班", "上班/放假", "上班/休息", "类型"),
            required=True,
        ),
        Column("name", "名称", Text(40), ("节日名称", "节日", "节假日名称")),
        Column("source", "依据", Text(120), ("来源", "文号", "依据文号")),
        Column("announced_on", "公布日期", Date(), ("发布日期", "印发日期")),
    )

    def prepare(self) -> None:
        self.held = {day.date: Current(day.pk, _values(day)) for day in CalendarDay.objects.all()}
        self.calendar = selectors.current_calendar()
        self.revision = selectors.revision()
        self.years: set[int] = set()
        self.complete: dict[int, bool] = {}
        self.proposed = self.calendar
        self.moving: dict[int, selectors.Move] = {}
        self.completed: list[int] = []

    @classmethod
    def lock(cls) -> None:
        lock_calendar(shared=False)

    # --- Checks ------------------------------------------------------------------------------------------

    def check(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self.years.add(row.values["date"].year)
            self._check_weekday(row)
            self._keep_what_is_not_said(row)
        rows = [row for row in rows if not row.failed]
        self._ask_source([row for row in rows if not row.values["source"]])
        changing: defaultdict[int, list[Row]] = defaultdict(list)
        for row in rows:
            if not self._is_held(row):
                changing[row.values["date"].year].append(row)
        for year, of_year in changing.items():
            if year not in library_years() and year not in self.calendar.complete_years:
                days = {row.values["date"] for row in rows}
                self._ask_if_complete(year, of_year, days)

    def _check_weekday(self, row: Row) -> None:
        day: date = row.values["date"]
        said = row.values.get("weekday")
        if said is not None and said != day.weekday():
            words = [f"星期{WEEKDAYS[number]}" for number in (day.weekday(), said)]
            row.error("date", "weekday", f"{day} 是{words[0]}，表中是{words[1]}，请核对日期。")
        row.values["weekday"] = day.weekday()

    def _keep_what_is_not_said(self, row: Row) -> None:
        """Of a day that stays worked or off, name and source are kept where the file has none."""
        values = row.values
        held = self.held.get(values["date"])
        if held and held.values["is_workday"] == values["is_workday"]:
            values.setdefault("name", held.values["name"])
            if not values.get("source"):
                values["source"] = held.values["source"]
                values["announced_on"] = values.get("announced_on") or held.values["announced_on"]
            elif values["source"] == held.values["source"]:
                values.setdefault("announced_on", held.values["announced_on"])
        for name in ("name", "source", "announced_on"):
            values.setdefault(name, None)

    def _ask_source(self, rows: Sequence[Row]) -> None:
        """Once for all days without one."""
        if not rows:
            return
        message = f"有 {len(rows)} 天没有写依据，以什么为依据？如通知的标题和文号。"
        answer = rows[0].ask("source", "source", message, OWN_CALENDAR)
        if answer is not None and not 0 < len(answer.strip()) <= 120:
            rows[0].error("source", "source", "依据不能空着，最多 120 个字。")
        for row in rows:
            row.values["source"] = (answer or "").strip()
            row.failed = row.failed or rows[0].failed

    def _ask_if_complete(self, year: int, rows: Sequence[Row], days: Collection[date]) -> None:
        """Whether the days of a year that is not announced yet are all of its notice."""
        looks_so = {date(year, 1, 1), date(year, 10, 1)} <= set(days)
        answer = rows[0].ask(
            "date",
            "complete_year",
            f"这些日期是否为 {year} 年放假调休的完整安排？",
            YES if looks_so else NO,
            (
                (YES, "是：该年其余日期按周一至周五上班，不再标为暂定"),
                (NO, "否：该年其余日期仍为暂定"),
            ),
        )
        if answer not in (None, YES, NO):
            rows[0].error("date", "complete_year", f"答复应为“{YES}”或“{NO}”。")
        for row in rows:
            row.failed = row.failed or rows[0].failed
        self.complete[year] = answer == YES

    def _is_held(self, row: Row) -> bool:
        held = self.held.get(row.values["date"])
        return held is not None and all(
            column.kind.same(held.values[column.name], row.values[column.name]) for column in self.columns
        )

    # --- What the system holds, and what is written --------------------------------------------------------

    def current(self, keys: Collection[Key]) -> Mapping[Key, Current]:
        """As ``prepare`` has read them; whether somebody changed them since, the revision tells ``write``."""
        return {key: held for key in keys if (held := self.held.get(key[0]))}

    def everything(self) -> Mapping[Key, str]:
        """The days of the years that the file is about."""
        return {
            (on,): f"{on}　{held.values['name']}" for on, held in self.held.items() if on.year in self.years
        }

    def write(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        for proposal in self._proposals(created, updated):
            try:
                change = change_calendar(proposal=proposal, actor=self.actor, seen=self.revision)
            except CalendarConflict:
                raise ImportRefused("检查之后日历已被他人修改，没有写入，请重新检查后再确认。") from None
            self.revision = change.revision
            record(
                Entry.Action.BULK,
                actor=self.actor,
                subject=change,
                text=f"修改工作日历：{change.source}",
                data={"days": len(change.days), "moved": change.moved, "kept": change.kept},
            )

    def _proposals(self, created: Sequence[Row], updated: Sequence[Update]) -> list[Proposal]:
        """A change of the calendar for each source and year. What makes a year complete has its most days."""
        groups: defaultdict[tuple[int, str, date | None], list[DayChange]] = defaultdict(list)
        for row in (*created, *(update.row for update in updated)):
            values = row.values
            place = values["date"].year, values["source"], values["announced_on"]
            change = DayChange(values["date"], values["is_workday"], values["name"] or "")
            groups[place].append(change)
        proposals = []
        complete = {year for year, answer in self.complete.items() if answer}
        for (year, source, announced_on), days in sorted(groups.items(), key=lambda item: -len(item[1])):
            proposals.append(Proposal(days, source, announced_on, year if year in complete else None))
            complete.discard(year)
        return proposals

    def note(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        """The time limits that move, by the calendar as it is to be after the sheet; once it is written, no
        more would."""
        proposals = self._proposals(created, updated)
        for proposal in proposals:
            self.proposed = selectors.proposed_calendar(proposal, self.proposed)
        for proposal in proposals:
            moves = selectors.moves(proposal, self.proposed)
            self.moving |= {move.deadline.pk: move for move in moves if move.moves}
        self.completed += [proposal.complete_year for proposal in proposals if proposal.complete_year]

    def consequences(self) -> list[str]:
        told = [f"{year} 年其余日期不再暂定。" for year in self.completed]
        kept = sum(move.kept for move in self.moving.values())
        if len(self.moving) > kept:
            told.append(f"{len(self.moving) - kept} 项未办结期限的到期日随之调整。")
        if kept:
            told.append(f"{kept} 项期限的到期日已告知当事人，保持不变。")
        return told

    def export_rows(self, pks: Collection[Any] | None = None) -> Iterable[Mapping[str, Any]]:
        days = CalendarDay.objects.order_by("date")
        if pks is not None:
            days = days.filter(pk__in=pks)
        return map(_values, days)


def _values(day: CalendarDay) -> dict[str, Any]:
    return {
        "date": day.date,
        "weekday": day.date.weekday(),
        "is_workday": day.is_workday,
        "name": day.name,
        "source": day.source,
        "announced_on": day.announced_on,
    }
