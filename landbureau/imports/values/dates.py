"""Days, in the many ways that offices write them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from landbureau.imports.cleaning import clean_text, half_width
from landbureau.imports.errors import Unsure, Wrong
from landbureau.imports.units import Unit
from landbureau.imports.values.base import Kind, means_nothing

SERIAL_ZERO = date(1899, 12, 30).toordinal()  # Excel counts days from here
SERIAL_CLEAR = date(1970, 1, 1).toordinal() - SERIAL_ZERO  # 20263 is rather 2026.3 than a day of 1955
CENTURY_FROM = 50  # of years with two figures: 50 is 1950, 49 is 2049

_BETWEEN = r"(?:\s*[./_,、。–—-]\s*|\s+)"
_AFTER_YEAR, _AFTER_MONTH = rf"(?:\s*年\s*|{_BETWEEN})", rf"(?:\s*月\s*|{_BETWEEN})"
_TIME = r"[0-9]{1,2}(?::[0-9]{2}){1,2}(?:\.[0-9]+)?|[0-9]{1,2}[时点](?:[0-9]{1,2}分)?(?:[0-9]{1,2}秒)?"
_WEEKDAY = r"\(?(?:周|星期)[一二三四五六日天]\)?"
_REST = rf"\s*[日号]?\s*(?:{_WEEKDAY})?\s*(?:(?:T|(?<![0-9]))(?:[上下]午)?(?:{_TIME}))?\.?"
_WRITTEN = re.compile(rf"([1-9][0-9]{{3}}){_AFTER_YEAR}([0-9]{{1,2}}){_AFTER_MONTH}([0-9]{{1,2}}){_REST}")
_COMPACT = re.compile(rf"([1-9][0-9]{{3}})([0-9]{{2}})([0-9]{{2}}){_REST}")
_SHORT_YEAR = re.compile(rf"([0-9]{{2}})年([0-9]{{1,2}})月([0-9]{{1,2}}){_REST}")
_ANY_ORDER = re.compile(rf"([0-9]{{1,2}}){_BETWEEN}([0-9]{{1,2}}){_BETWEEN}([0-9]{{4}}|[0-9]{{1,2}}){_REST}")
_MONTH = re.compile(rf"([1-9][0-9]{{3}}){_AFTER_YEAR}([0-9]{{1,2}})月?份?")
_YEAR = re.compile(r"[12][0-9]{3}年?")
_NO_YEAR = re.compile(r"[0-9]{1,2}[月./-][0-9]{1,2}[日号]?")
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_SIX = re.compile(r"[0-9]{6}")
_IN_WORDS = re.compile(
    "([〇○零0一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]?"
)
_DIGIT = {word: digit for digit, words in enumerate(["〇○零0", *"一二三四五六七八九"]) for word in words}
_HOW = "请写成“2026-03-01”的样子。"


@dataclass(frozen=True)
class Date(Kind):
    """A day between two others, both included; a time of day is dropped."""

    earliest: date = date(1949, 10, 1)
    latest: date = date(2100, 12, 31)

    def read_text(self, text: str, unit: Unit | None) -> date | None:
        if len(text) == 10 and text[4] == text[7] == "-" and text.isascii():
            try:
                return self._within(date.fromisoformat(text))
            except ValueError:
                pass  # the way below says why
        text = _in_figures(half_width(clean_text(text)))
        if means_nothing(text):
            return None
        if match := _WRITTEN.fullmatch(text) or _COMPACT.fullmatch(text):
            year, month, day = map(int, match.groups())
            return self._day(year, month, day)
        if _SERIAL.fullmatch(text):
            return self._serial(float(text))
        if match := _SHORT_YEAR.fullmatch(text):
            year, month, day = map(int, match.groups())
            self._ask({self._day(_full_year(year), month, day)})
        if match := _ANY_ORDER.fullmatch(text):
            self._by_order(*match.groups())
        if _SIX.fullmatch(text):
            self._six(text)
        if match := _MONTH.fullmatch(text):
            self._day_missing(int(match[1]), int(match[2]))
        if _YEAR.fullmatch(text):
            raise Wrong("day_missing", f"缺少月和日，{_HOW}")
        if _NO_YEAR.fullmatch(text):
            raise Wrong("year_missing", f"缺少年份，{_HOW}")
        raise _not_a_date()

    def read_number(self, number: float | int, unit: Unit | None) -> date | None:
        if not 1000 <= number < 10**8:  # also not a number
            raise _not_a_date()
        whole = int(number)
        if 10_000 <= whole < 100_000:
            return self._serial(number)
        if whole == number:
            return self.read_text(str(whole), unit)
        if whole < 10_000:  # 2026.1 may have been 2026.10
            raise Wrong("day_missing", f"缺少日，{_HOW}")
        raise _not_a_date()

    def read_date(self, day: date) -> date:
        return self._within(day)

    def show(self, value: date | None) -> str:
        return "" if value is None else value.isoformat()

    @property
    def number_format(self) -> str:
        return "yyyy-mm-dd"

    def _within(self, day: date) -> date:
        if not self.earliest <= day <= self.latest:
            raise Wrong("date_out_of_range", f"应在 {self.earliest} 至 {self.latest} 之间，请核对年份。")
        return day

    def _day(self, year: int, month: int, day: int) -> date:
        if not 1 <= month <= 12:
            raise Wrong("no_such_day", "没有这个月份，请改正后再导入。")
        last = monthrange(year, month)[1]
        if not 1 <= day <= last:
            nearest = self._possible(year, month, last) if last < day <= 31 else None
            raise Wrong("no_such_day", "没有这一天，请改正后再导入。", nearest.isoformat() if nearest else "")
        return self._within(date(year, month, day))

    def _serial(self, number: float) -> date:
        """A number of days, as a spreadsheet holds a date whose cell is not formatted as one."""
        day = date.fromordinal(SERIAL_ZERO + int(number))
        if not self.earliest <= day <= self.latest:
            raise _not_a_date()
        if number < SERIAL_CLEAR:
            raise Unsure("serial_date", "这是一个数字，是否为表格软件里的这一天？", day.isoformat())
        return day

    def _by_order(self, first: str, second: str, third: str) -> NoReturn:
        """``26.3.1``, ``3/1/2026``: the year may be at either end, if it has two figures."""
        a, b, c = int(first), int(second), int(third)
        readings = [(a, b, c)] if len(first) == 2 and len(third) < 4 else []
        if len(third) > 1:
            readings += [(c, a, b), (c, b, a)]
        self._ask({found for reading in readings if (found := self._possible(*reading))})

    def _six(self, text: str) -> NoReturn:
        """``260301``, ``202603``."""
        short = self._possible(int(text[:2]), int(text[2:4]), int(text[4:]))
        first = self._possible(int(text[:4]), int(text[4:]), 1) if text[0] != "0" else None
        if first and not short:
            self._day_missing(first.year, first.month)
        self._ask({found for found in (short, first) if found})

    def _ask(self, readings: set[date]) -> NoReturn:
        if not readings:
            raise _not_a_date()
        if len(readings) > 1:
            raise Wrong("ambiguous_date", f"日期有几种读法，{_HOW}")
        raise Unsure("short_date", "日期的写法不常见，是否为这一天？", readings.pop().isoformat())

    def _possible(self, year: int, month: int, day: int) -> date | None:
        try:
            found = date(_full_year(year), month, day)
        except ValueError:
            return None
        return found if self.earliest <= found <= self.latest else None

    def _day_missing(self, year: int, month: int) -> NoReturn:
        first = self._day(year, month, 1)
        raise Wrong("day_missing", f"缺少日，{_HOW}", first.isoformat())


def _full_year(year: int) -> int:
    return year if year >= 100 else year + (1900 if year >= CENTURY_FROM else 2000)


def _in_figures(text: str) -> str:
    """``二〇二六年三月二十一日`` → ``2026-3-21``; other texts as they are."""
    match = _IN_WORDS.fullmatch(text)
    if match is None:
        return text
    year = "".join(str(_DIGIT[word]) for word in match[1])
    return f"{year}-{_below_hundred(match[2])}-{_below_hundred(match[3])}"


def _below_hundred(words: str) -> int:
    tens, ten, ones = words.rpartition("十")
    if not ten:
        return _DIGIT.get(words, 99)  # 99: no such day; 三一 is not how a number is written
    return 10 * _DIGIT.get(tens or "一", 9) + _DIGIT.get(ones or "零", 99)


def _not_a_date() -> Wrong:
    return Wrong("not_a_date", f"不是日期，{_HOW}")
