"""Reads the State Council's yearly notice of holidays (国务院办公厅关于部分节假日安排的通知).

Understood are the notice's own sentences (``二、春节：2月15日（周日）至23日（周一）放假调休，共9天。``)
and plain lines (``2027-02-08 休 春节``). Weekdays in brackets and totals (共9天) are checked, so that a slip
of the pen or a wrong year is found. A line that names days but cannot be read is an error, never skipped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

WEEKDAYS = "一二三四五六日"
DATE = re.compile(
    r"(?:(?P<year>\d{4})\s*年\s*)?(?:(?P<month>\d{1,2})\s*月\s*)?(?P<day>\d{1,2})\s*日"
    r"|(?P<iso_year>\d{4})[-/.](?P<iso_month>\d{1,2})[-/.](?P<iso_day>\d{1,2})(?!\d)"
)
DATED = re.compile(r"^\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日$")  # under the notice's closing
NOTE = re.compile(r"\([^()]*\)")
WEEKDAY_IN_NOTE = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
HEADING = re.compile(r"^(?:[(]?[一二三四五六七八九十\d]+[)、.]\s*)?(?P<name>[^:\d]{1,20}):")
NUMBERED = re.compile(r"^[(]?[一二三四五六七八九十]+[)、.]")
TO = re.compile(r"^\s*(?:至|到|~|-{1,2}|—{1,2}|–)\s*$")
AND = re.compile(r"^\s*(?:、|和|及|以及|与|\+)?\s*$")
WORKED = re.compile(r"^\s*(?:均|都|照常|正常|调休)?(?:上班|工作日?|补班|班)(?!前|后)")
OFF = re.compile(r"^\s*(?:均|都|为)?(?:放假|休息日?|补休|调休|公休|假|休)")
TOTAL = re.compile(r"(?:共|放假|假期|休息)\s*(\d+)\s*天")
ADVICE = re.compile(r"鼓励|建议|倡导")
NAME_FIRST = re.compile(
    r"^\s*(?P<name>\S{1,12})\s+(?P<rest>(?:上班|工作日?|补班|班|放假|休息日?|补休|休)\s*)$"
)
HOLIDAY = re.compile(r"(?:节|元旦|假期|纪念日)$")
LONGEST_BREAK = 31
TITLE_LINES = 3  # a long title is broken into lines
HEAD_LINES = 10
TITLE_END = re.compile(r"(?:通知|公告|决定|安排)$")
FILE_NUMBER = re.compile(r"[(]?(?P<number>[\u4e00-\u9fff]{2,12}[〔\[]\d{4}[〕\]]\s*\d{1,4}\s*号)[)]?")
LABEL = re.compile(r"^\S{1,6}:\s*")  # 标题: 发文字号:


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """One day as the notice has it, and the line (from 1) that says so."""

    on: date
    is_workday: bool
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class LineError:
    """A line (from 1) that cannot be taken over, and why (Chinese)."""

    line: int
    text: str
    message: str


@dataclass(slots=True)
class Notice:
    """What was read: days in order, errors, and the lines that name no day (title, closing)."""

    days: list[NoticeDay] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)
    ignored: list[tuple[int, str]] = field(default_factory=list)


class _Unreadable(ValueError):
    """Why a line cannot be read."""


@dataclass(slots=True)
class _Found:
    """A date in the text: what it says, and where it stands."""

    match: re.Match[str]
    note: str
    end: int


def parse_notice(text: str, year: int) -> Notice:
    """Read ``text``; days without a year belong to ``year``. Days are distinct and in order."""
    notice = Notice()
    days: dict[date, NoticeDay] = {}
    carried = ""  # the holiday of a heading that stands on a line of its own
    for number, raw in enumerate(text.splitlines(), start=1):
        line = " ".join(unicodedata.normalize("NFKC", raw).split())  # one blank: patterns meet no long runs
        line = re.sub(r"(月\s*\d{1,2})\s*号", r"\1日", line)
        if not line:
            continue
        heading = HEADING.match(line)
        name = heading["name"].strip() if heading else "" if NUMBERED.match(line) else carried
        if heading:
            carried = name if HOLIDAY.search(name) else ""
        try:
            found = list(_days_of_line(line, number, name, year))
            for day in found:
                known = days.setdefault(day.on, day)
                if known.is_workday != day.is_workday:
                    raise _Unreadable(f"{day.on:%Y-%m-%d} 与第{known.line}行矛盾：一处上班，一处休息")
        except _Unreadable as error:
            notice.errors.append(LineError(number, raw.strip(), str(error)))
            continue
        if not found and not (heading and heading.end() == len(line)):
            notice.ignored.append((number, raw.strip()))
    notice.days = [days[on] for on in sorted(days)]
    return notice


def notice_title(text: str) -> str:
    """Title and document number as they stand at the head of a notice; empty if there is no title.

    ``国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕99号）``.
    """
    lines = [" ".join(unicodedata.normalize("NFKC", raw).split()) for raw in text.splitlines()]
    head = [line for line in lines if line][:HEAD_LINES]
    numbers = [found["number"] for line in head if (found := FILE_NUMBER.search(line))]
    words = [LABEL.sub("", FILE_NUMBER.sub("", line)).strip() for line in head]
    words = [word for word in words if word]
    first = next((at for at, word in enumerate(words) if "关于" in word), 0)
    for last in range(first, first + TITLE_LINES):
        title = "".join(words[first : last + 1])
        if TITLE_END.search(title):
            return f"{title}（{numbers[0]}）" if numbers else title
    return ""


def _days_of_line(line: str, number: int, name: str, year: int) -> Iterator[NoticeDay]:
    heading = HEADING.match(line)
    body = line[heading.end() :] if heading else line
    if DATED.match(line):
        return
    read = False
    for sentence in filter(None, re.split(r"[。;]", body)):
        off_days = 0
        for clause in filter(None, _split(sentence)):
            if ADVICE.search(clause):
                break
            for on, is_workday, own_name in _days_of_clause(clause, year):
                read = True
                off_days += not is_workday
                yield NoticeDay(on, is_workday, own_name or name, number)
        total = TOTAL.search(sentence)
        if total and off_days and "连休" not in sentence and int(total[1]) != off_days:
            raise _Unreadable(f"列出的放假日有{off_days}天，与“{total[0]}”不符")
    if not read and (NUMBERED.match(line) or heading) and re.search(r"放假|上班|调休|补休", body):
        raise _Unreadable("没有读到日期")


def _split(sentence: str) -> list[str]:
    """Clauses at commas, but not at those inside brackets."""
    masked = NOTE.sub(lambda note: note[0].replace(",", " "), sentence)
    return (
        [clause.strip() for clause in masked.split(",")]
        if not _is_csv(masked)
        else [masked.replace(",", " ")]
    )


def _is_csv(sentence: str) -> bool:
    return bool(re.match(r"^\s*\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\s*,", sentence))


def _days_of_clause(clause: str, year: int) -> Iterator[tuple[date, bool, str]]:
    """The days of one clause: (day, worked, own name)."""
    found = list(_dates(clause))
    if not found:
        if re.search(r"\d\s*[月日]|\d{4}[-/.]\d", NOTE.sub("", clause)):
            raise _Unreadable(f"“{clause}”中的日期无法识别")
        return
    before, after = clause[: found[0].match.start()].strip(), clause[found[-1].end :]
    if before:
        raise _Unreadable(f"“{before}”的意思无法识别")
    name_first = NAME_FIRST.match(after)
    if name_first:
        after = f"{name_first['rest']} {name_first['name']}"
    worked, off = WORKED.match(after), OFF.match(after)
    if not worked and not off:
        raise _Unreadable(f"“{clause}”没有写明上班还是休息")
    keyword = worked or off
    own_name = NOTE.sub("", after[keyword.end() :]).strip() if keyword else ""
    if re.match(r"\d+\s*天|调休|一天", own_name):
        own_name = ""
    for on in _resolve(clause, found, year):
        yield on, bool(worked), own_name


def _dates(clause: str) -> Iterator[_Found]:
    position = 0
    notes = [note.span() for note in NOTE.finditer(clause)]
    while match := DATE.search(clause, position):
        inside = next((end for start, end in notes if start < match.start() < end), None)
        if inside:  # a day mentioned in passing: 元旦(1月1日)当天
            position = inside
            continue
        note = NOTE.match(clause, match.end())
        position = note.end() if note else match.end()
        yield _Found(match, note[0] if note else "", position)


def _resolve(clause: str, found: list[_Found], year: int) -> Iterator[date]:
    """The days that a run of dates means: single ones, lists (、) and ranges (至)."""
    previous: date | None = None
    for index, item in enumerate(found):
        on = _date_of(item, previous, year)
        between = clause[found[index - 1].end : item.match.start()] if index else ""
        if previous and TO.match(between):
            if not timedelta(0) < on - previous <= timedelta(days=LONGEST_BREAK):
                raise _Unreadable(f"“{clause}”的起止日期不合理")
            yield from (previous + timedelta(days=n) for n in range(1, (on - previous).days + 1))
        elif index and not AND.match(between):
            raise _Unreadable(f"“{between.strip()}”的意思无法识别")
        else:
            yield on
        previous = on


def _date_of(item: _Found, previous: date | None, year: int) -> date:
    parts = item.match.groupdict()
    months = parts["month"] or parts["iso_month"]
    years = parts["year"] or parts["iso_year"]
    if not months and not previous:
        raise _Unreadable(f"“{item.match[0]}”缺少月份")
    month = int(months) if months else previous.month if previous else 0
    day = int(parts["day"] or parts["iso_day"])
    if years:
        on_year = int(years)
    elif previous:  # 2026年12月31日至1月2日
        on_year = previous.year + (month < previous.month)
    else:
        on_year = year
    try:
        on = date(on_year, month, day)
    except ValueError:
        raise _Unreadable(f"没有“{item.match[0]}”这一天") from None
    if not date(year - 1, 12, 1) <= on <= date(year + 1, 1, 31):
        raise _Unreadable(f"{on:%Y-%m-%d} 不属于{year}年的安排")
    weekday = WEEKDAY_IN_NOTE.search(item.note)
    if weekday and WEEKDAYS.index(weekday[1].replace("天", "日")) != on.weekday():
        raise _Unreadable(f"{on:%Y-%m-%d} 是周{WEEKDAYS[on.weekday()]}，与“{weekday[0]}”不符")
    return on
