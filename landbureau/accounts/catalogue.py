"""The permissions and roles of domain.md I, as the two tables in ``fixtures/`` state them.

``permissions.csv`` is the matrix: one row per permission, one column per role; a cell says how far the role
reaches (全局, 本科室, 本所乡镇, 本人承办; empty: not at all). ``roles.csv`` names the roles.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from landbureau.accounts.models import RolePermission

REACH = {str(label): value for value, label in RolePermission.Reach.choices}


BUREAU_WIDE = frozenset(
    {
        "view_staff",
        "create_staff",
        "update_staff",
        "view_config",
        "update_config",
        "update_calendar",
        "view_jobs",
        "run_jobs",
    }
)
"""Held everywhere or not at all: people, settings, jobs and the calendar are the whole bureau's."""


@dataclass(frozen=True)
class PermissionEntry:
    """One row of the matrix: what is done (``action``) to what (``object``)."""

    codename: str
    object: str
    action: str

    @property
    def name(self) -> str:
        return f"{self.object}：{self.action}"


@dataclass(frozen=True)
class RoleEntry:
    """One column of the matrix: codename to reach."""

    code: str
    name: str
    summary: str
    order: int
    permissions: dict[str, str] = field(default_factory=dict)


def read_table(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file (UTF-8, with BOM so that Excel reads it)."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache
def permissions() -> dict[str, PermissionEntry]:
    """All permissions by codename, in the order of the matrix."""
    rows = read_table(settings.FIXTURES_DIR / "permissions.csv")
    return {row["代码"]: PermissionEntry(row["代码"], row["对象"], row["动作"]) for row in rows}


@lru_cache
def roles() -> tuple[RoleEntry, ...]:
    """All roles with what each may do. A cell that is no reach is a ``KeyError``."""
    matrix = read_table(settings.FIXTURES_DIR / "permissions.csv")
    return tuple(
        RoleEntry(
            code=row["代码"],
            name=row["名称"],
            summary=row["说明"],
            order=order,
            permissions={line["代码"]: REACH[line[row["名称"]]] for line in matrix if line[row["名称"]]},
        )
        for order, row in enumerate(read_table(settings.FIXTURES_DIR / "roles.csv"), start=1)
    )
