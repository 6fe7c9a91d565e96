"""Tables of the desk: one look, one way to choose columns, readable on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import django_tables2 as tables
from django.utils.html import format_html

from landbureau.web.templatetags.web import STATE_COLOURS, date_iso, number, relative_days, state


class DeskTable(tables.Table):
    """Base of all tables.

    ``hidden_at_first``: columns that a reader may add. ``fixed``: columns that cannot be taken away.
    On a phone every row becomes a block with its heads as labels.
    """

    hidden_at_first: ClassVar[tuple[str, ...]] = ()
    fixed: ClassVar[tuple[str, ...]] = ()

    class Meta:
        template_name = "web/table.html"
        attrs = {"class": "lb-table lb-table-stack"}
        order_by_field = "sort"
        empty_text = ""

    def choose(self, names: Sequence[str]) -> None:
        """Show the columns ``names``; without any, all but those hidden at first."""
        known = [name for name in names if name in self.columns.names()]
        for name in self.columns.names():
            shown = name in known if known else name not in self.hidden_at_first
            if not shown and name not in self.fixed:
                self.columns.hide(name)

    def column_choices(self) -> list[tuple[str, str, bool]]:
        """``(name, head, shown)`` of the columns that may be chosen."""
        return [
            (column.name, column.header, column.visible)
            for column in self.columns.all()
            if column.name not in self.fixed and column.header
        ]


class NumberColumn(tables.Column):
    """Right-aligned, thousands separated; the unit belongs into the head."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"td": {"class": "lb-number"}, "th": {"class": "lb-number"}})
        super().__init__(*args, **kwargs)

    def render(self, value: Any) -> str:
        return number(value)


class DateColumn(tables.Column):
    """``2026-12-01``, below it how far away that is when ``relative`` is set."""

    def __init__(self, *args: Any, relative: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"td": {"class": "lb-date"}})
        super().__init__(*args, **kwargs)
        self.relative = relative

    def render(self, value: Any) -> str:
        if not self.relative:
            return date_iso(value)
        return format_html("<span>{}<small>{}</small></span>", date_iso(value), relative_days(value))


class StateColumn(tables.Column):
    """Dot and word; ``states`` maps a value to ``(colour, word)``."""

    def __init__(self, *args: Any, states: dict[Any, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert all(colour in STATE_COLOURS for colour, _ in states.values())
        self.states = states

    def render(self, value: Any, bound_column: Any, record: Any) -> str:
        raw = bound_column.accessor.resolve(record)
        return state(*self.states.get(raw, ("grey", str(value))))
