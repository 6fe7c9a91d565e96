"""Charts as drawings: where bars and lines lie on a canvas of fixed size, in units of the drawing.

Drawn by the server as SVG (``templates/supply/charts``): they need no script, follow the theme, print, and
can be kept as a picture. Every chart has its table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

WIDTH, HEIGHT = 420, 240
LEFT, RIGHT, TOP, BOTTOM = 36, 8, 22, 40
INNER_WIDTH, INNER_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
LINE_BOTTOM = 26
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the grid with its word."""

    y: float
    word: str


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a bar; ``series``: its number, by which it is coloured."""

    x: float
    y: float
    width: float
    height: float
    series: int
    value: int

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def text_y(self) -> float:
        return round(self.y + self.height / 2 + 4, 1)

    @property
    def is_readable(self) -> bool:
        """High enough for a number in it."""
        return self.height >= 15


@dataclass(frozen=True, slots=True)
class Bar:
    middle: float
    top: float
    words: tuple[str, ...]
    total: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Stacked bars."""

    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def stacked_bars(labels: Sequence[tuple[str, ...]], values: Sequence[Sequence[int]]) -> Bars:
    """A bar for each label (one or two lines of words); ``values[n]``: its parts from the ground up."""
    top, step = scale(max((sum(parts) for parts in values), default=0))
    slot = INNER_WIDTH / max(1, len(values))
    thick = min(48.0, slot * 0.6)
    base = HEIGHT - BOTTOM
    bars = []
    for place, (words, parts) in enumerate(zip(labels, values, strict=True)):
        middle = LEFT + slot * (place + 0.5)
        y, blocks = float(base), []
        for series, value in enumerate(parts):
            high = INNER_HEIGHT * value / top
            y -= high
            if value:
                blocks.append(
                    Block(
                        round(middle - thick / 2, 1),
                        round(y, 1),
                        round(thick, 1),
                        round(high, 1),
                        series,
                        value,
                    )
                )
        bars.append(Bar(round(middle, 1), round(y - 7, 1), tuple(words), sum(parts), tuple(blocks)))
    marks = tuple(
        Mark(round(base - INNER_HEIGHT * value / top, 1), str(value)) for value in range(0, top + 1, step)
    )
    return Bars(marks, tuple(bars))


def scale(most: int) -> tuple[int, int]:
    """The top of an axis that shows ``most`` in four or five steps of 1, 2 or 5, and the step."""
    step, power = 1, 1
    while True:
        for each in STEPS:
            step = each * power
            if step * 5 >= most:
                return max(step, ceil(most / step) * step), step
        power *= 10


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    word: str


@dataclass(frozen=True, slots=True)
class Line:
    """``runs``: the points of each unbroken part (a month with nothing due has none)."""

    series: int
    points: tuple[Point, ...]
    runs: tuple[str, ...]
    last: Point | None


@dataclass(frozen=True, slots=True)
class Lines:
    """Percentages over months. ``required``: the height of the line that is to be reached."""

    marks: tuple[Mark, ...]
    labels: tuple[Point, ...]
    lines: tuple[Line, ...]
    required: float | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - 52
    base: int = HEIGHT - LINE_BOTTOM


def percent_lines(
    labels: Sequence[str], series: Sequence[Sequence[float | None]], required: float | None
) -> Lines:
    """A line for each of ``series`` (percent by month, None: nothing was due), on an axis up to 100."""
    known = [value for values in series for value in values if value is not None]
    lowest = min([*known, required if required is not None else 100.0], default=100.0)
    ground = max(0, min(80, int(lowest) // 20 * 20))
    right = WIDTH - 52  # room for the last value's word
    slot = (right - LEFT) / max(1, len(labels))

    def x_of(place: int) -> float:
        return round(LEFT + slot * (place + 0.5), 1)

    def y_of(value: float) -> float:
        high = HEIGHT - TOP - LINE_BOTTOM
        return round(HEIGHT - LINE_BOTTOM - high * (value - ground) / (100 - ground), 1)

    lines = []
    for number, values in enumerate(series):
        points = [
            Point(x_of(place), y_of(value), f"{value:.1f}%") if value is not None else None
            for place, value in enumerate(values)
        ]
        found = tuple(point for point in points if point is not None)
        lines.append(Line(number, found, _runs(points), found[-1] if found else None))
    step = 10 if ground >= 60 else 20
    return Lines(
        marks=tuple(Mark(y_of(value), f"{value}%") for value in range(ground, 101, step)),
        labels=tuple(
            Point(x_of(place), HEIGHT - LINE_BOTTOM + 18, word) for place, word in enumerate(labels)
        ),
        lines=_apart(lines),
        required=y_of(required) if required is not None else None,
    )


def _runs(points: Sequence[Point | None]) -> tuple[str, ...]:
    runs: list[list[str]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(f"{point.x},{point.y}")
    return tuple(" ".join(run) for run in runs if len(run) > 1)


def _apart(lines: list[Line]) -> tuple[Line, ...]:
    """The words at the ends of two lines do not cover each other."""
    placed: list[Line] = []
    for line in lines:
        last = line.last
        if last is not None:
            for other in placed:
                if other.last is not None and abs(other.last.y - last.y) < 15:
                    low = last.y >= other.last.y
                    last = Point(last.x, round(other.last.y + (15 if low else -15), 1), last.word)
        placed.append(Line(line.series, line.points, line.runs, last))
    return tuple(placed)
