"""Rows of the ledger as a careful clerk writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tests.ledger.imports import Lots

HEAD = [column.title for column in Lots.columns]
NAMES = [column.name for column in Lots.columns]


def lot(number: int = 1, /, **changes: Any) -> list[Any]:
    """A row; ``changes`` by the names of the columns."""
    values = {
        "number": f"2026B{number:05}",
        "method": "挂牌",
        "land_user": f"新河县演示{number}号有限公司",
        "credit_code": f"91130530MA0DEMO{number % 1000:03}",
        "contact": "演示人",
        "phone": f"138 0000 {number % 10000:04}",
        "address": "新河县演示路16号",
        "location": "演示路以东、规划路以南",
        "township": "新河镇",
        "village": "东苑村",
        "area": 17342.5 + number,
        "use": "工业用地",
        "price": 5136000.0 + number,
        "deposit": 1000000.0,
        "signed_on": date(2026, 3, 1),
        "start_on": date(2026, 9, 1),
        "completion_on": date(2028, 9, 1),
        "plot_ratio": 1.2,
        "instalments": 2,
        "remark": "",
    }
    values |= changes
    return [values[name] for name in NAMES]


def sheet(*rows: Sequence[Any], head: Sequence[Any] = HEAD) -> list[list[Any]]:
    return [list(head), *map(list, rows)]
