"""Every address of the project, opened by the four actors.

Each app lists its addresses in ``tests/<app>/url_cases*.py`` as ``CASES: list[UrlCase]``;
``tests/web/test_every_url.py`` walks them all and fails on an address that no case names,
``tests/browser/test_axe.py`` opens the same ones in a browser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from landbureau.accounts.models import Section, TownshipOffice, User
from tests.factories import OfficeFactory, SectionFactory, UserFactory, allow

DEMO_TEMPLATES = Path(__file__).parent / "web" / "templates"
NOT_OURS = {"admin"}  # Django's own pages, walked as one group


@dataclass
class World:
    """The scenery of a walk: two sections, two offices, and the signed-in actors."""

    section: Section
    other_section: Section
    office: TownshipOffice
    other_office: TownshipOffice
    nobody: User  # signed in, no permission
    other: User  # has the case's permission on ``other_section`` and ``other_office`` only
    right: User  # has it on ``section`` and ``office`` (or on the whole bureau: ``bureau_wide``)


@dataclass(frozen=True)
class UrlCase:
    """One address and what each actor must get.

    ``permission``: codename that the page asks for; None: sign-in is enough.
    ``public``: open to everyone, no sign-in.
    ``bureau_wide``: it must be held on the whole bureau: ``other`` has it also on ``section``, and gets 403.
    ``args``: makes the rows that the address needs, belonging to ``world.section``/``world.office`` (or to
    ``world.right``), and returns the arguments of ``reverse``.
    ``other_status``: what ``other`` gets: 404 for an object, 200 for a list (without ``shows``).
    ``shows``: a text that ``right`` sees, and ``other`` does not.
    ``is_file``: a picture or file, not a page: nothing for axe to look at.
    ``method``/``data``: for addresses that only take POST. ``right_status``: 200, or 302 after an act.
    """

    name: str
    permission: str | None = None
    public: bool = False
    bureau_wide: bool = False
    args: Callable[[World], tuple[Any, ...]] | None = None
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)
    right_status: int = 200
    other_status: int = 404
    is_file: bool = False
    shows: Callable[[World], str] | None = None

    def address(self, world: World) -> str:
        return reverse(self.name, args=self.args(world) if self.args else ())


def all_cases() -> list[UrlCase]:
    """The cases of all apps."""
    folder = Path(__file__).parent
    return [
        case
        for module in sorted(folder.glob("*/url_cases*.py"))
        for case in import_module(f"tests.{module.parent.name}.{module.stem}").CASES
    ]


def all_names(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """The names of all addresses of the project, with their namespaces; unnamed ones by their pattern."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name or pattern.pattern}"
        elif pattern.namespace not in NOT_OURS:
            yield from all_names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)


def build_world(case: UrlCase) -> World:
    """The actors, with the permission that ``case`` asks for."""
    world = World(
        section=SectionFactory(),
        other_section=SectionFactory(),
        office=OfficeFactory(),
        other_office=OfficeFactory(),
        nobody=UserFactory(),
        other=UserFactory(),
        right=UserFactory(),
    )
    if case.permission:
        allow(world.other, case.permission, on=world.other_section)
        allow(world.other, case.permission, on=world.other_office)
        if case.bureau_wide:
            allow(world.right, case.permission)
            allow(world.other, case.permission, on=world.section)
        else:
            allow(world.right, case.permission, on=world.section)
            allow(world.right, case.permission, on=world.office)
    return world
