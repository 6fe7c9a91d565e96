"""How one cell becomes a value: the kinds of columns."""

from landbureau.imports.reading.cells import Bad, Cell
from landbureau.imports.values.base import EMPTY_WORDS, Kind
from landbureau.imports.values.choices import Choice, YesNo
from landbureau.imports.values.dates import Date
from landbureau.imports.values.numbers import Integer, Quantity
from landbureau.imports.values.texts import Code, Phone, Text

__all__ = [
    "EMPTY_WORDS",
    "Bad",
    "Cell",
    "Choice",
    "Code",
    "Date",
    "Integer",
    "Kind",
    "Phone",
    "Quantity",
    "Text",
    "YesNo",
]
