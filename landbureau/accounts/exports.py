"""The staff as a file: the columns of ``imports.Staff``, so that it can be imported again unchanged."""

from __future__ import annotations

from datetime import date
from typing import Any

from landbureau.accounts.imports import Staff
from landbureau.accounts.models import User
from landbureau.web.exports import Column, DeskResource


def _column(name: str, attribute: str = "") -> Column:
    column = Staff.column(name)
    return Column(column.title, attribute, number_format=column.kind.number_format)


class StaffResource(DeskResource):
    """人员. Phone numbers are whole, or not in the file: masked ones would be imported as such."""

    username = _column("username", "username")
    name = _column("name", "name")
    section = _column("section", "section__name")
    office = _column("office", "office__name")
    position = _column("position", "position")
    roles = _column("roles")
    phone = _column("phone", "phone")
    certificate_number = _column("certificate_number", "certificate_number")
    certificate_expires_on = _column("certificate_expires_on", "certificate_expires_on")
    state = _column("state")

    def __init__(self, *, viewer: Any, today: date) -> None:
        super().__init__(viewer=viewer, today=today)
        if not Staff.allows(viewer):
            del self.fields["phone"]

    def dehydrate_roles(self, person: User) -> str:
        """Of ``selectors_people.staff_for``."""
        grants = person.grants_in_force  # type: ignore[attr-defined]
        return "、".join(dict.fromkeys(grant.role.name for grant in grants))

    def dehydrate_state(self, person: User) -> str:
        return Staff.column("state").kind.show(person.is_active)
