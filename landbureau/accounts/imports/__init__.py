"""Tables of this app that come in as spreadsheets."""

from landbureau.accounts.imports.places import Townships, Villages
from landbureau.accounts.imports.staff import Staff

__all__ = ["Staff", "Townships", "Villages"]
