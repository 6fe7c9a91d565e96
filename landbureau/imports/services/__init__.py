"""A file's way in: brought, checked, decided about, confirmed or left. All rows are written, or none."""

from landbureau.imports.services.confirming import confirm, write_import
from landbureau.imports.services.files import import_file
from landbureau.imports.services.sessions import (
    LONGEST_TEXT,
    accept_proposals,
    begin,
    check,
    check_import,
    decide,
    leave,
)
from landbureau.imports.services.tables import kinds_for, may_import

__all__ = [
    "LONGEST_TEXT",
    "accept_proposals",
    "begin",
    "check",
    "check_import",
    "confirm",
    "decide",
    "import_file",
    "kinds_for",
    "leave",
    "may_import",
    "write_import",
]
