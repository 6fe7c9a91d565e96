"""What offices do to their tables without changing what they say: a list of defects, each a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from tests.ledger.rows import HEAD, lot

ROWS = 3
EXCEL_DAY_0 = date(1899, 12, 30)


@dataclass
class Mess:
    """A table on its way to a file. ``rows``: by the columns of ``head``; merges count from the first row."""

    above: list[list[Any]] = field(default_factory=list)
    head: list[list[Any]] = field(default_factory=lambda: [list(HEAD)])
    rows: list[list[Any]] = field(
        default_factory=lambda: [
            lot(n, number=f"2026{n:04}", land_user="新河县演示工业有限公司", credit_code="")
            for n in (1, 2, 3)
        ]
    )
    below: list[list[Any]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    moved: int = 0  # columns to the right

    def at(self, title: str) -> int:
        """Where a column is now."""
        return HEAD.index(title) + self.moved

    def each(self, title: str, change: Callable[[Any], Any]) -> None:
        place = self.at(title)
        for row in self.rows:
            if row[place] is not None:
                row[place] = change(row[place])

    def grid(self) -> list[list[Any]]:
        return [*self.above, *self.head, *self.rows, *self.below]

    def merges(self) -> list[tuple[int, int, int, int]]:
        first = len(self.above) + len(self.head) + 1
        return [(first, self.at(t), first + len(self.rows) - 1, self.at(t)) for t in self.merged]


def title_rows(mess: Mess) -> None:
    mess.above[:0] = [
        ["新河县2026年供地台账"],
        [],
        ["填报单位：新河县国土资源局", None, None, "2026年11月23日"],
    ]


def units_above(mess: Mess) -> None:
    mess.above.append([None, None, "单位：万元"])
    mess.each("成交价款", in_ten_thousands)
    mess.each("定金", in_ten_thousands)


def units_in_the_head(mess: Mess) -> None:
    mess.head[0][mess.at("面积")] = "面积（公顷）"
    mess.each("面积", in_ten_thousands)


def head_of_two_lines(mess: Mess) -> None:
    upper, lower = list(mess.head[0]), [None] * len(mess.head[0])
    start = mess.at("约定开工日期")
    lower[start] = "开工日期"
    upper[start] = "约定"
    mess.head = [upper, lower]


def blank_below_the_company(mess: Mess) -> None:
    place = mess.at("用地单位")
    for row in mess.rows[1:]:
        row[place] = None
    mess.merged.append("用地单位")


def broken_words(mess: Mess) -> None:
    mess.head[0] = [title and title[:2] + "\n" + title[2:] for title in mess.head[0]]
    mess.each("用地单位", lambda name: f" 新河 县演\n示{name[5:]} ")
    mess.each("乡镇", lambda name: " ".join(name))


def odd_spaces(mess: Mess) -> None:
    mess.each("村", lambda name: f"\u00a0{name}\u3000")
    mess.each("供应方式", lambda name: f"{name}\u200b\u00a0")
    mess.each("联系人", lambda name: "演\u3000示 人")


def full_width_digits(mess: Mess) -> None:
    wide = str.maketrans("0123456789.", "０１２３４５６７８９．")
    mess.each("电子监管号", lambda code: str(code).translate(wide))
    mess.each("容积率", lambda value: str(value).translate(wide))


def serial_dates(mess: Mess) -> None:
    mess.each("签订日期", lambda day: float((day - EXCEL_DAY_0).days))


def dates_with_points(mess: Mess) -> None:
    mess.each("约定开工日期", lambda day: f"{day.year}.{day.month}.{day.day}")


def dates_in_chinese(mess: Mess) -> None:
    mess.each("约定竣工日期", lambda day: f"{day.year}年{day.month}月{day.day}日")


def dates_as_numbers(mess: Mess) -> None:
    mess.each("签订日期", lambda day: int(f"{day:%Y%m%d}") if isinstance(day, date) else day)


def numbers_as_text(mess: Mess) -> None:
    mess.each("成交价款", lambda value: f"{value:,}" if not isinstance(value, str) else value)
    mess.each("期数", lambda value: f"{value} ")


def units_in_cells(mess: Mess) -> None:
    mess.each("定金", lambda value: "100万元")


def codes_as_numbers(mess: Mess) -> None:
    mess.each("电子监管号", lambda code: float(code) if str(code).isascii() else code)


def point_zero_behind_codes(mess: Mess) -> None:
    mess.each("电子监管号", lambda code: f"{code}.0" if isinstance(code, str) else code)


def running_numbers(mess: Mess) -> None:
    mess.moved += 1
    for line in mess.head:
        line.insert(0, "序 号" if line is mess.head[0] else None)
    for number, row in enumerate(mess.rows, 1):
        row.insert(0, number)
    mess.below += [[4], [5]]


def head_again(mess: Mess) -> None:
    if len(mess.head) == 1:
        mess.rows.insert(2, list(mess.head[0]))


def blank_rows(mess: Mess) -> None:
    mess.rows.append([None] * len(mess.head[0]))
    mess.below += [[], [" "]]


def table_not_in_the_corner(mess: Mess) -> None:
    mess.moved += 1
    for line in (*mess.above, *mess.head, *mess.rows, *mess.below):
        line.insert(0, None)
    mess.above[:0] = [[], []]


def other_names(mess: Mess) -> None:
    names = {"电子监管号": "监管号", "用地单位": "受让人", "村": "村居", "签订日期": "合同签订日期"}
    mess.head[0] = [names.get(title, title) for title in mess.head[0]]


def marked_heads(mess: Mess) -> None:
    mess.head[0] = [f"*{title}" if title in ("面积", "乡镇", "供应方式") else title for title in mess.head[0]]


def sum_below(mess: Mess) -> None:
    mess.below.append(["合 计", *[None] * 9, 52032.5])


def in_ten_thousands(value: Any) -> Any:
    return value if value == "100万元" else float(Decimal(str(value).replace(",", "")) / 10000)


DEFECTS: tuple[Callable[[Mess], None], ...] = (
    units_above,
    units_in_the_head,
    blank_below_the_company,
    serial_dates,
    dates_as_numbers,
    dates_with_points,
    dates_in_chinese,
    units_in_cells,
    codes_as_numbers,
    point_zero_behind_codes,
    numbers_as_text,
    full_width_digits,
    odd_spaces,
    marked_heads,
    other_names,
    broken_words,
    head_of_two_lines,
    running_numbers,
    head_again,
    blank_rows,
    sum_below,
    title_rows,
    table_not_in_the_corner,
)
