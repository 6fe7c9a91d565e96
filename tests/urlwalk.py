"""Every address of the project, opened by the four actors.

Each app lists its addresses in ``tests/<app>/url_cases.py`` as ``CASES: list[UrlCase]``;
``tests/web/test_every_url.py`` walks them all and fails on an address that no case names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from landbureau.accounts.models import Section, TownshipOffice, User


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
    ``bureau_wide``: the permission only makes sense everywhere: ``other`` is not tried.
    ``args``: makes the rows that the address needs, belonging to ``world.section``/``world.office``, and
    returns the arguments of ``reverse``.
    ``other_status``: what ``other`` gets: 404 for an object, 200 for a list (without ``shows``).
    ``shows``: a text that ``right`` sees, and ``other`` does not.
    ``method``/``data``: for addresses that only take POST. ``right_status``: 200, or 302 after an act.
    """

    name: str
    permission: str | None = None
    public: bool = False
    bureau_wide: bool = False
    args: Callable[[World], tuple[Any, ...]] = field(default=lambda world: ())
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)
    right_status: int = 200
    other_status: int = 404
    shows: Callable[[World], str] | None = None
