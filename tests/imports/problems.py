"""What a kind of value says to a cell."""

from __future__ import annotations

from typing import Any

import pytest

from landbureau.imports.errors import Problem
from landbureau.imports.reading.cells import Cell
from landbureau.imports.units import Unit, find_unit
from landbureau.imports.values import Kind


def outcome(kind: Kind, cell: Cell, unit: Unit | None = None) -> Any:
    """The value, or the problem."""
    try:
        return kind.parse(cell, unit)
    except Problem as problem:
        return problem


def problem_of(kind: Kind, cell: Cell, unit: str = "") -> tuple[type[Problem], str, str]:
    """``Wrong`` or ``Unsure``, the code, and the proposal."""
    problem = _problem(kind, cell, unit)
    return type(problem), problem.code, problem.proposal


def message_of(kind: Kind, cell: Cell, unit: str = "") -> str:
    return _problem(kind, cell, unit).message


def _problem(kind: Kind, cell: Cell, unit: str) -> Problem:
    with pytest.raises(Problem) as raised:
        kind.parse(cell, find_unit(unit))
    return raised.value
