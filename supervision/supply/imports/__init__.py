"""Tables of this app that come in as spreadsheets."""

from supervision.supply.imports.events import Events
from supervision.supply.imports.supplies import Supplies

__all__ = ["Events", "Supplies"]
