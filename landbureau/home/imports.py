"""Tables whose taking over moves what stands above their own app."""

from __future__ import annotations

from collections.abc import Sequence

from landbureau.imports.targets import Row, Update
from landbureau.workdays.imports import CalendarDays as OwnCalendarDays
from supervision.supply.services import moving_instalments, recompute_calendar


class CalendarDays(OwnCalendarDays):
    """The calendar's days; due dates of payments follow, as when the calendar is changed on its page."""

    moving_payments = 0

    def write(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        super().write(created, updated)
        if created or updated:
            recompute_calendar()

    def note(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        super().note(created, updated)
        if created or updated:
            self.moving_payments = moving_instalments(self.proposed)

    def consequences(self) -> list[str]:
        told = super().consequences()
        if self.moving_payments:
            told.append(f"{self.moving_payments} 期价款顺延后的应缴日期随之调整。")
        return told
