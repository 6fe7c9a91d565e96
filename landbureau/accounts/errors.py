"""What a user can do wrong with people, grants, work and absences. Messages are shown as they are."""


class PeopleError(Exception):
    """``field``: the form field beside which the message belongs; None: above the form."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class GrantError(PeopleError):
    """A grant or a role that the rules do not allow."""


class WorkError(PeopleError):
    """Work that cannot be assigned or handed over like this."""


class OpenWorkLeft(WorkError):
    """Someone is to leave while work is open and nobody takes it."""


class AbsenceError(PeopleError):
    """An absence or a deputy that the rules do not allow."""


class StaffError(PeopleError):
    """A person who cannot be entered, moved or let go like this."""
