"""What a cell holds when a file has been read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any

from .refusals import Refused

MOST_TEXT = 32_767  # characters in one cell: Excel's own limit


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell without a usable value: a formula without result, ``#REF!``. ``text``: what it shows."""

    text: str


Cell = None | str | float | int | bool | date | datetime | Bad

NO_RESULT = Bad("公式没有结果")
NOT_A_NUMBER = Bad("#NUM!")
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def clean_cells(values: Iterable[Any]) -> list[Cell]:
    """Values as a reader gives them, as cells."""
    cells: list[Cell] = []
    for value in values:
        kind = type(value)
        if kind is str:
            cells.append(clean_text(value) if value else None)
        elif kind is float:
            cells.append(value if isfinite(value) else NOT_A_NUMBER)
        elif kind is time:
            cells.append(clock(value.hour, value.minute, value.second))
        elif kind is timedelta:
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            cells.append(clock(minutes // 60, minutes % 60, seconds))
        else:
            cells.append(value)
    return cells


def clean_text(text: str) -> str | None:
    """Without control characters, lines ended by one sign; None if it is blank. Raises ``Refused``."""
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)
    if len(text) > MOST_TEXT:
        raise Refused(f"有一个单元格超过 {MOST_TEXT} 个字，请检查文件内容是否错乱。")
    return None if not text or text.isspace() else text


def clock(hours: int, minutes: int, seconds: int) -> str:
    """A time of day, or a length of time, as text: 08:30."""
    return f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")
