"""The bureau, its parts, its people, and what each of them may do where."""

from landbureau.accounts.models.grants import SCOPE_MODELS, Grant, Role, RolePermission
from landbureau.accounts.models.people import Session, User, UserManager
from landbureau.accounts.models.units import Bureau, Section, SectionAlias, Township, TownshipOffice, Village
from landbureau.accounts.models.work import Absence, Assignment

__all__ = [
    "SCOPE_MODELS",
    "Absence",
    "Assignment",
    "Bureau",
    "Grant",
    "Role",
    "RolePermission",
    "Section",
    "SectionAlias",
    "Session",
    "Township",
    "TownshipOffice",
    "User",
    "UserManager",
    "Village",
]
