"""The matrix of roles and permissions, cell by cell, against domain.md I as typed in here again."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings

from landbureau.accounts import catalogue

ROLES = (
    "clerk", "section_head", "leader", "land_officer", "brigade", "legal_reviewer", "archive_clerk", "admin",
)  # fmt: skip

# One row per object of domain.md I. A cell: permission and reach. A letter without a reach means the unit
# for the clerk's and the head's writing, and the whole bureau otherwise; whoever writes may also read.
MATRIX = {
    "duty": (
        "view*", "view* create:X update:X", "view* approve*", "view*", "view*", "view*", "view*",
        "view* import*",
    ),
    "supply": (
        "view:X create:X update:X", "view:X approve:X", "view*", "view:T", "view*", "", "view*", "",
    ),
    "notice": (
        "view:X create:X", "view:X approve:X", "view* approve_termination*", "view:T serve:T", "view*", "",
        "view*", "",
    ),
    "visit": ("view*", "view*", "view*", "view:T create:T update:T", "view*", "", "view*", ""),
    "default": (
        "view:X create:X", "view:X approve:X", "view*", "view:T propose:T", "view*", "", "view*", "",
    ),
    "extension": (
        "view:X create:X", "view:X approve:X", "view* decide*", "view:T", "view*", "view*", "view*", "",
    ),
    "idle_case": (
        "view*", "view*", "view* approve*", "view:T confirm:T", "view:O create:O update:O", "view* review*",
        "view*", "",
    ),
    "patrol": (
        "view* view_round*", "view* view_round*", "view* view_round*",
        "view:T create:T update:T view_round:T", "view* approve_patrol_plan* view_round*", "",
        "view* view_round*", "view_round* assign_round*",
    ),
    "clue": (
        "view:X create:X", "view:X", "view*", "view:T create:T", "view* create* update* approve*", "",
        "view*", "",
    ),
    "case": (
        "", "", "view* approve* discuss*", "view_reported_case:T", "view:O create:O update:O",
        "view* review*", "view_closed_case*", "",
    ),
    "hearing": ("", "", "view* approve*", "", "view:O present:O", "view* chair*", "view*", ""),
    "discretion": (
        "view*", "view*", "view* approve*", "view*", "view* create* update*", "view*", "view*", "",
    ),
    "check": (
        "view:X create:X", "view:X approve:X", "view*", "view:T create:T", "view*", "", "view*", "",
    ),
    "weekly_report": ("", "view*", "view*", "view:T create:T", "view*", "", "view*", ""),
    "document": (  # seal and serve: not in domain.md; the section's own, the officers' for what they carry
        "view:X create:X seal:X serve:X", "view:X approve:X", "view* approve* sign*", "serve:T",
        "view:O create:O seal:O serve:O", "", "view*", "update_series*",
    ),
    "archive_lookup": ("", "view*", "view*", "", "view:O", "view*", "view* create* update*", ""),
    "deadline": (
        "view:X create:X update:X", "view:X create:X update:X", "view*", "view:T create:T update:T",
        "view:O create:O update:O", "view*", "", "",
    ),
    "staff": ("", "", "view*", "", "", "", "", "view* create* update*"),
    "config": ("", "", "view*", "", "", "", "", "view* update*"),
    "calendar": ("view*", "view*", "view*", "view*", "view*", "view*", "view*", "view* update*"),
    "jobs": ("", "", "", "", "", "", "", "view* run*"),
    "audit": ("", "view:X", "view*", "", "view:O", "view*", "", "view*"),
}  # fmt: skip


def expected(role: str) -> dict[str, str]:
    cells = {}
    for subject, row in MATRIX.items():
        for cell in row[ROLES.index(role)].split():
            verb, reach = (cell[:-1], "*") if cell.endswith("*") else cell.split(":")
            cells[verb if "_" in verb else f"{verb}_{subject}"] = reach
    return cells


@pytest.mark.parametrize("role", ROLES)
def test_every_cell_of_the_matrix_is_as_domain_md_says(role: str) -> None:
    loaded = {entry.code: entry.permissions for entry in catalogue.roles()}

    assert loaded[role] == expected(role)


def test_every_permission_belongs_to_some_role_and_the_roles_are_these() -> None:
    assert {entry.code for entry in catalogue.roles()} == set(ROLES)
    assert set(catalogue.permissions()) == {codename for role in ROLES for codename in expected(role)}


def test_the_administrator_reaches_no_case_content_and_no_facts() -> None:
    admin = next(entry for entry in catalogue.roles() if entry.code == "admin")
    objects = {codename.partition("_")[2] for codename in admin.permissions}

    assert objects == {"duty", "round", "series", "staff", "config", "calendar", "jobs", "audit"}


def test_names_say_object_and_action_and_are_all_different() -> None:
    names = [entry.name for entry in catalogue.permissions().values()]

    assert catalogue.permissions()["serve_notice"].name == "提醒与催缴文书：送达"
    assert len(set(names)) == len(names)


def test_every_codename_that_the_program_asks_for_exists() -> None:
    asked = {
        codename: str(path)
        for folder in ("landbureau", "publicservice", "supervision")
        for path in (settings.BASE_DIR / folder).rglob("*.py")
        if "migrations" not in path.parts
        for codename in _asked_in(path)
    }
    unknown = {codename: path for codename, path in asked.items() if codename not in catalogue.permissions()}

    assert "update_staff" in asked  # the search finds something
    assert unknown == {}


def _asked_in(path: Path) -> set[str]:
    """Codenames as literals in ``desk_page("x")``, ``scopes_for(.., "x")``, ``has_perm("accounts.x")``,
    ``visible_to(.., "x")``, ``permission = "x"``, ``permission="x"``."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            literals = [
                a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ]
            if name in ("desk_page", "scopes_for", "visible_to", "holds_everywhere"):
                found |= set(literals)
            elif name == "has_perm":
                found |= {text.removeprefix("accounts.") for text in literals}
            found |= {
                keyword.value.value
                for keyword in node.keywords
                if keyword.arg == "permission"
                and isinstance(keyword.value, ast.Constant)
                and isinstance(keyword.value.value, str)
            }
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(getattr(target, "id", "") == "permission" for target in targets) and isinstance(
                node.value, ast.Constant
            ):
                found |= {node.value.value} if isinstance(node.value.value, str) else set()
    return found
