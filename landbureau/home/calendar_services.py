"""Changing the calendar: every app whose stored days hang on it takes part, in one transaction."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Model

from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.workdays import services as workdays
from landbureau.workdays.models import CalendarChange
from landbureau.workdays.selectors import Proposal
from supervision.supply.services import recompute_calendar


@transaction.atomic
def change_calendar(
    *, proposal: Proposal, actor: Model | None, text: str = "", seen: int | None = None
) -> CalendarChange:
    """Change the calendar, move what hangs on it, and leave one line in the audit record.

    Raises ``workdays.CalendarConflict`` if the calendar is newer than ``seen``.
    """
    change = workdays.change_calendar(proposal=proposal, actor=actor, text=text, seen=seen)
    payments = recompute_calendar()
    record(
        Entry.Action.BULK,
        actor=actor,
        subject=change,
        text=f"修改工作日历：{change.source}",
        data={"days": len(change.days), "moved": change.moved, "kept": change.kept, "payments": payments},
    )
    return change
