"""What is due on a day, one line for each matter: the meaning of the daily sweep (contract.md).

``services.sweep`` asks the database for the same lines in sets; tests hold the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from supervision.supply.rules.dates import days_before
from supervision.supply.rules.facts import Facts, Kind, Terms, Track
from supervision.supply.rules.gaps import Gap, gaps
from supervision.supply.rules.states import DateView, InstalmentView, PaymentState, StageState, View, view_of

DAY = timedelta(days=1)
MONTH = "month"
"""What a monthly visit is about."""


class NoticeCode(StrEnum):
    """Kinds of notices of the sweep."""

    PAYMENT_REMINDER = "payment_reminder"
    PAYMENT_DEMAND = "payment_demand"
    START_REMINDER = "start_reminder"
    START_RECHECK = "start_recheck"
    COMPLETION_REMINDER = "completion_reminder"
    COMPLETION_RECHECK = "completion_recheck"
    VISIT_DUE = "visit_due"
    DATA_GAP = "data_gap"


OF_STAGE = {
    (Track.START, StageState.REMINDER): NoticeCode.START_REMINDER,
    (Track.START, StageState.RECHECK): NoticeCode.START_RECHECK,
    (Track.COMPLETION, StageState.REMINDER): NoticeCode.COMPLETION_REMINDER,
    (Track.COMPLETION, StageState.RECHECK): NoticeCode.COMPLETION_RECHECK,
}


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that is due. ``about``: the instalment, the stage, the month of a visit, or what is missing.

    ``due_on``: the agreed date (an amended one makes another matter); ``round``: 1, or more where the kind
    repeats.
    """

    code: NoticeCode
    about: str = ""
    due_on: date | None = None
    round: int = 1

    @property
    def key(self) -> str:
        return f"{self.code}:{self.about}:{self.due_on or ''}:{self.round}"


def subject_of(key: str) -> str:
    """What the key of a matter says without the round: the same for all its repetitions."""
    return key.rpartition(":")[0]


def round_of(first_on: date, on: date, repeat_after_days: int | None) -> int:
    """Which time a matter that began on ``first_on`` is told on ``on``: computed, no night matters."""
    return 1 + (on - first_on).days // repeat_after_days if repeat_after_days else 1


def month_of(on: date) -> date:
    """The first day of the month: what a monthly visit is due for."""
    return on.replace(day=1)


def matters(
    facts: Facts, on: date, terms: Terms, repeat: Mapping[str, int | None], *, monthly: bool
) -> list[Matter]:
    """Everything that is due for a supply on ``on``; nothing before it was signed or after it ended.

    ``repeat``: days after which a kind repeats; ``monthly``: a visit a month, else one in each stage.
    """
    if facts.signed_on is not None and facts.signed_on > on:
        return []
    view = view_of(facts, on, terms)
    if view.closed_on is not None:
        return []
    found = [matter for one in view.payment if (matter := _payment(one, on, repeat))]
    for stage in (view.start, view.completion):
        if matter := _stage(stage, on, repeat):
            found.append(matter)
        if not monthly and (matter := _stage_visit(facts, stage, on, terms)):
            found.append(matter)
    if monthly and (matter := _monthly_visit(facts, on)):
        found.append(matter)
    found += [_gap(gap, seq) for gap, seq in gaps(facts, view, terms)]
    return found


def _payment(one: InstalmentView, on: date, repeat: Mapping[str, int | None]) -> Matter | None:
    """A demand is not written once one was served."""
    if one.state == PaymentState.REMINDER and one.due_on is not None:
        return Matter(NoticeCode.PAYMENT_REMINDER, str(one.seq), one.due_on)
    if one.state == PaymentState.OVERDUE and one.demanded_on is None and one.effective_due_on is not None:
        first_on = one.effective_due_on + DAY
        times = round_of(first_on, on, repeat.get(NoticeCode.PAYMENT_DEMAND))
        return Matter(NoticeCode.PAYMENT_DEMAND, str(one.seq), one.due_on, times)
    return None


def _stage(stage: DateView, on: date, repeat: Mapping[str, int | None]) -> Matter | None:
    code = OF_STAGE.get((stage.track, stage.state))
    if code is None or stage.due_on is None:
        return None
    times = 1
    if stage.state == StageState.RECHECK:
        times = round_of(stage.due_on + DAY, on, repeat.get(code))
    return Matter(code, "", stage.due_on, times)


def _stage_visit(facts: Facts, stage: DateView, on: date, terms: Terms) -> Matter | None:
    """One visit in [date − 30, date + 1] of each stage, unless its goal is reached."""
    if stage.due_on is None or stage.state == StageState.REACHED:
        return None
    first_on = days_before(stage.due_on, terms.remind_days)
    if not first_on <= on <= stage.due_on + DAY:
        return None
    if any(first_on <= event.on <= on for event in facts.of_kind(Kind.VISIT)):
        return None
    return Matter(NoticeCode.VISIT_DUE, stage.track.value, stage.due_on)


def _monthly_visit(facts: Facts, on: date) -> Matter | None:
    """A visit in each whole month under supervision."""
    first_on = month_of(on)
    if facts.signed_on is not None and facts.signed_on > first_on:
        return None
    if any(first_on <= event.on <= on for event in facts.of_kind(Kind.VISIT)):
        return None
    return Matter(NoticeCode.VISIT_DUE, MONTH, first_on)


def _gap(gap: Gap, seq: int | None) -> Matter:
    return Matter(NoticeCode.DATA_GAP, gap.value if seq is None else f"{gap.value}-{seq}")


__all__ = ["Matter", "NoticeCode", "View", "matters", "month_of", "round_of"]
