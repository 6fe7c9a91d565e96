"""An import as its pages show it."""

from landbureau.imports.display.check import FILTERS, Check, Line
from landbureau.imports.display.comparison import TABS, Comparison
from landbureau.imports.display.pages import (
    PAGE,
    ImportPage,
    Listed,
    Panel,
    Step,
    size_in_words,
    waiting_steps,
)

__all__ = [
    "FILTERS",
    "PAGE",
    "TABS",
    "Check",
    "Comparison",
    "ImportPage",
    "Line",
    "Listed",
    "Panel",
    "Step",
    "size_in_words",
    "waiting_steps",
]
