"""What Django's own lookups lack."""

from __future__ import annotations

from typing import Any

from django.db.models import IntegerField
from django.db.models.lookups import In


@IntegerField.register_lookup
class IntegerIn(In):
    """``pk__in`` with numbers that no column can hold: they match nothing.

    Django does so for ``=``, ``<`` and ``>`` only; SQLite raises ``OverflowError`` otherwise. So a choice
    of many rows with such a key is an invalid choice, in every form, filter and list.
    """

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        if self.rhs_is_direct_value():
            low, high = connection.ops.integer_field_range(self.lhs.output_field.get_internal_type())
            self.rhs = [
                value
                for value in self.rhs
                if not isinstance(value, int)
                or ((low is None or low <= value) and (high is None or value <= high))
            ]
        return super().process_rhs(compiler, connection)
