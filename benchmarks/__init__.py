"""What ``make bench`` measures. Times are compared within one run, never with another machine's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Result:
    """One measured figure: ``value`` in ``unit`` against ``baseline`` in the same unit.

    ``bar``: what the ratio may be at most (or at least, with ``at_least``); None: told, not judged.
    """

    name: str
    value: float
    unit: str
    baseline: float | None = None
    bar: float | None = None
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        return round(self.value / self.baseline, 3) if self.baseline else None

    @property
    def met(self) -> bool | None:
        """Whether the bar holds; without a baseline the value itself is held against it."""
        if self.bar is None:
            return None
        figure = self.ratio if self.ratio is not None else self.value
        return figure >= self.bar if self.at_least else figure <= self.bar

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "baseline": self.baseline,
            "ratio": self.ratio,
            "bar": self.bar,
            "met": self.met,
        }


def in_turn(first: Callable[[], object], second: Callable[[], object], times: int) -> tuple[float, float]:
    """Median milliseconds of two calls made in turn, so that a slow moment of the machine meets both."""
    first(), second()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for call, list_ in zip((first, second), taken, strict=True):
            start = perf_counter()
            call()
            list_.append((perf_counter() - start) * 1000)
    return round(median(taken[0]), 2), round(median(taken[1]), 2)
