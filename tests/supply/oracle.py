"""contract.md once more, slowly and day by day: what the rules, the queries and the sweep are held against.

Shares no code with ``supervision.supply.rules`` but its data classes and enumerations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from supervision.supply.rules import Cause, Event, Facts, Finding, Instalment, Kind, Terms, Track

DAY = timedelta(days=1)
EXEMPT = (Cause.GOVERNMENT, Cause.FORCE_MAJEURE, Cause.PREPARATORY_WORK)
STAGES = ((Track.START, "start"), (Track.COMPLETION, "completion"))
Due = tuple[str, str, date | None, int]  # kind, what it is about, agreed date, which time


@dataclass
class Pile:
    """Money that lies with an instalment."""

    seq: int
    amount: Decimal
    surplus: bool

    def fills(self, seq: int) -> bool:
        return self.seq == seq and not self.surplus


class Oracle:
    """One supply."""

    def __init__(self, facts: Facts, terms: Terms) -> None:
        self.facts, self.terms = facts, terms
        self.events = sorted(facts.events, key=lambda event: (event.on, event.order))

    # --- What had happened ---------------------------------------------------------------------------------

    def until(self, day: date) -> list[Event]:
        return [event for event in self.events if event.on <= day]

    def closed_on(self, day: date) -> date | None:
        for event in self.until(day):
            if event.kind in (Kind.TERMINATION, Kind.TAKE_BACK, Kind.ACCEPTANCE):
                return event.on
            if event.kind == Kind.TRANSFER and not event.partial:
                return event.on
        return None

    def start_entered_on(self, day: date) -> date | None:
        for event in self.until(day):
            if event.kind == Kind.START or event.finding in (Finding.STARTED, Finding.UNDER_WAY):
                return event.on
        return None

    def completed_on(self, day: date) -> date | None:
        for event in self.until(day):
            if event.kind == Kind.COMPLETION or event.finding == Finding.COMPLETED:
                return event.on
        return None

    def is_started(self, day: date) -> bool:
        return bool(self.start_entered_on(day) or self.completed_on(day))

    def stage_of(self, event: Event) -> Track:
        if event.track:
            return event.track
        return Track.COMPLETION if self.is_started(event.on) else Track.START

    # --- Money ---------------------------------------------------------------------------------------------

    @cached_property
    def moves(self) -> list[tuple[date, Kind, Decimal, int | None]]:
        """Deposit, payments and refunds by day; the deposit before what else was paid on its day."""
        found = [
            (event.on, 1, event.order, event.kind, event.amount or Decimal(0), event.seq)
            for event in self.events
            if event.kind in (Kind.PAYMENT, Kind.REFUND)
        ]
        if self.facts.deposit:
            signed_on = self.facts.signed_on or date.min
            found.append((signed_on, 0, 0, Kind.PAYMENT, self.facts.deposit, None))
        return [(on, kind, amount, seq) for on, _, _, kind, amount, seq in sorted(found)]

    @cached_property
    def purses(self) -> list[tuple[date, dict[int, Decimal], dict[int, Decimal]]]:
        """After each move: its day, what is open of each instalment, and its balance (less the surplus)."""
        line = sorted(self.facts.instalments, key=lambda one: (one.due_on or date.max, one.seq))
        found = []
        if not line:
            return []
        last = line[-1].seq
        room = {one.seq: one.amount for one in line}
        heap: list[Pile] = []
        for on, kind, left, seq in self.moves:
            while left > 0:
                held = {which: sum(pile.amount for pile in heap if pile.fills(which)) for which in room}
                if kind == Kind.PAYMENT:
                    wanted = [one.seq for one in line if one.seq == seq] + [one.seq for one in line]
                    free = [which for which in wanted if held[which] < room[which]]
                    part = min(left, room[free[0]] - held[free[0]]) if free else left
                    heap.append(Pile(free[0] if free else last, part, surplus=not free))
                else:
                    heap = [pile for pile in heap if pile.amount]
                    mine = [pile for pile in heap if pile.seq == seq] or heap
                    part = min(left, mine[-1].amount) if mine else left
                    if mine:
                        mine[-1].amount -= part
                    else:
                        room[last] += part  # more is given back than was ever paid
                left -= part
            open_ = {
                which: whole - sum(pile.amount for pile in heap if pile.fills(which))
                for which, whole in room.items()
            }
            balance = {
                which: rest - sum(pile.amount for pile in heap if pile.seq == which and pile.surplus)
                for which, rest in open_.items()
            }
            found.append((on, open_, balance))
        return found

    def open_and_balance(self, one: Instalment, day: date) -> tuple[Decimal, Decimal]:
        known = [purse for purse in self.purses if purse[0] <= day]
        return (known[-1][1][one.seq], known[-1][2][one.seq]) if known else (one.amount, one.amount)

    def is_paid(self, one: Instalment, day: date) -> bool:
        return self.open_and_balance(one, day)[1] <= 0

    def demanded(self, one: Instalment, day: date) -> bool:
        assert one.effective_due_on is not None
        for event in self.until(day):
            if event.kind != Kind.DEMAND or event.track not in (None, Track.PAYMENT):
                continue
            if event.on <= one.effective_due_on:
                continue
            if event.seq == one.seq or (event.seq is None and not self.is_paid(one, event.on)):
                return True
        return False

    def payment_state(self, one: Instalment, day: date) -> str:
        if self.is_paid(one, day):
            return "PAID"
        if one.due_on is None or one.effective_due_on is None:
            return "NOT_DUE"
        if day < one.due_on - self.terms.remind_days * DAY:
            return "NOT_DUE"
        if day <= one.effective_due_on:
            return "REMINDER"
        if day > one.effective_due_on + self.terms.terminable_days * DAY and self.demanded(one, day):
            return "TERMINABLE"
        return "OVERDUE"

    def payment_days_late(self, one: Instalment, day: date) -> int | None:
        if one.effective_due_on is None:
            return None
        while self.is_paid(one, day) and day > one.effective_due_on and self.is_paid(one, day - DAY):
            day -= DAY
        return max(0, (day - one.effective_due_on).days)

    def payment_damages(self, one: Instalment, day: date) -> Decimal | None:
        if self.facts.payment_rate is None or one.effective_due_on is None:
            return None
        causes = [
            event.cause
            for event in self.until(day)
            if event.kind == Kind.DETERMINATION
            and event.track == Track.PAYMENT
            and event.on > one.effective_due_on
            and event.seq in (None, one.seq)
        ]
        if causes and causes[-1] in EXEMPT:
            return Decimal("0.00")
        total, at = Decimal(0), one.effective_due_on + DAY
        while at <= day:
            total += self.open_and_balance(one, at - DAY)[0] * self.facts.payment_rate / 1000
            at += DAY
        return _cents(total if self.facts.damages_cap is None else min(total, self.facts.damages_cap))

    # --- Start and completion ------------------------------------------------------------------------------

    def due_on(self, track: Track, day: date) -> date | None:
        """The date in force: the last approval by day, else what was agreed, else a year after handover."""
        found = self.facts.agreed_start_on if track == Track.START else self.facts.agreed_completion_on
        if found is None and track == Track.START:
            for event in self.until(day):
                if event.kind == Kind.HANDOVER:
                    found = _a_year_after(event.on)
                    break
        for event in self.until(day):
            if event.kind != Kind.EXTENSION_APPROVED:
                continue
            stage = self.stage_of(event)
            if stage == track:
                own = event.new_due_on
                if track == Track.COMPLETION:
                    own = own or event.new_completion_on
                found = own or found
            elif track == Track.COMPLETION:
                found = event.new_completion_on or found
        return found

    def reached_on(self, track: Track, day: date) -> date | None:
        return self.start_entered_on(day) if track == Track.START else self.completed_on(day)

    def is_reached(self, track: Track, day: date) -> bool:
        return self.is_started(day) if track == Track.START else self.completed_on(day) is not None

    def checks(self, track: Track, day: date) -> list[Event]:
        return [
            event
            for event in self.until(day)
            if event.kind == Kind.VISIT
            or (event.kind == Kind.DETERMINATION and self.stage_of(event) == track)
        ]

    def stage_state(self, track: Track, day: date) -> str:
        name = track.value.upper()
        if self.is_reached(track, day):
            return "STARTED" if track == Track.START else "COMPLETED"
        due_on = self.due_on(track, day)
        if due_on is None or day < due_on - self.terms.remind_days * DAY:
            return "WAITING"
        if day <= due_on:
            return f"{name}_REMINDER"
        if any(event.on > due_on for event in self.checks(track, day)):
            return f"{name}_DEFAULT"
        return f"{name}_RECHECK"

    def judged_by(self, track: Track, day: date) -> date | None:
        """The date against which lateness counts: what was in force when the goal was reached."""
        reached_on = self.reached_on(track, day)
        at = reached_on or day
        while at <= day:
            if due_on := self.due_on(track, at):
                return due_on
            at += DAY
        return None

    def stage_days_late(self, track: Track, day: date) -> int | None:
        if self.is_reached(track, day) and self.reached_on(track, day) is None:
            return None
        judged_by = self.judged_by(track, day)
        if judged_by is None:
            return None
        return max(0, ((self.reached_on(track, day) or day) - judged_by).days)

    def stage_damages(self, track: Track, day: date) -> Decimal | None:
        rate = self.facts.start_rate if track == Track.START else self.facts.completion_rate
        days_late = self.stage_days_late(track, day)
        if rate is None or self.facts.price is None or days_late is None:
            return None
        judged_by = self.judged_by(track, day)
        causes = [
            event.cause
            for event in self.checks(track, day)
            if event.kind == Kind.DETERMINATION and judged_by and event.on > judged_by
        ]
        if causes and causes[-1] in EXEMPT:
            return Decimal("0.00")
        total = Decimal(0)
        for _ in range(days_late):
            total += self.facts.price * rate / 1000
        return _cents(total)

    # --- As ``supplies`` shows it --------------------------------------------------------------------------

    def states(self, day: date) -> dict[str, Any]:
        """The JSON of one supply but for its number, land user and township, with dates and decimals."""
        closed_on = self.closed_on(day)
        day = closed_on or day
        handed_over = [event.on for event in self.until(day) if event.kind == Kind.HANDOVER]
        posted = any(event.kind == Kind.BOARD for event in self.until(day))
        handover_state = "HANDED_OVER" if handed_over else "AWAITING_HANDOVER"
        answer: dict[str, Any] = {
            "closed_on": closed_on,
            "payment": [
                {
                    "seq": one.seq,
                    "due_on": one.due_on,
                    "effective_due_on": one.effective_due_on,
                    "state": self.payment_state(one, day),
                    "amount": one.amount,
                    "balance": self.open_and_balance(one, day)[1],
                    "days_late": self.payment_days_late(one, day),
                    "damages": self.payment_damages(one, day),
                }
                for one in sorted(self.facts.instalments, key=lambda one: one.seq)
            ],
            "handover": {
                "agreed_on": self.facts.agreed_handover_on,
                "actual_on": handed_over[0] if handed_over else None,
                "state": "BOARD_POSTED" if posted else handover_state,
            },
        }
        for track, name in STAGES:
            answer[name] = {
                "due_on": self.due_on(track, day),
                "state": self.stage_state(track, day),
                "days_late": self.stage_days_late(track, day),
                "damages": self.stage_damages(track, day),
            }
        return answer

    # --- What the sweep must have written ------------------------------------------------------------------

    def due(self, day: date, repeat: Mapping[str, int | None], *, monthly: bool) -> set[Due]:
        """The matters of one day, whether they were told before or not."""
        if self.facts.signed_on and self.facts.signed_on > day:
            return set()
        if self.closed_on(day):
            return set()
        found: set[Due] = set()
        for one in self.facts.instalments:
            state = self.payment_state(one, day)
            if state == "REMINDER":
                found.add(("payment_reminder", str(one.seq), one.due_on, 1))
            if state == "OVERDUE" and not self.demanded(one, day):
                assert one.effective_due_on is not None
                times = _times(one.effective_due_on + DAY, day, repeat["payment_demand"])
                found.add(("payment_demand", str(one.seq), one.due_on, times))
            if one.due_on is None and state != "PAID":
                found.add(("data_gap", f"instalment_date-{one.seq}", None, 1))
        for track, name in STAGES:
            due_on, state = self.due_on(track, day), self.stage_state(track, day)
            if state.endswith("_REMINDER"):
                found.add((f"{name}_reminder", "", due_on, 1))
            if state.endswith("_RECHECK"):
                assert due_on is not None
                found.add(
                    (f"{name}_recheck", "", due_on, _times(due_on + DAY, day, repeat[f"{name}_recheck"]))
                )
            if due_on is None and state == "WAITING":
                found.add(("data_gap", f"{name}_date", None, 1))
            if not monthly and due_on and not self.is_reached(track, day):
                stage = [due_on + n * DAY for n in range(-self.terms.remind_days, 2)]
                if day in stage and not any(on in stage for on in self.visits(day)):
                    found.add(("visit_due", name, due_on, 1))
        first = day.replace(day=1)
        seen = any(on.replace(day=1) == first for on in self.visits(day))
        if monthly and not seen and (not self.facts.signed_on or self.facts.signed_on <= first):
            found.add(("visit_due", "month", first, 1))
        if self.facts.price and not self.facts.instalments:
            found.add(("data_gap", "instalments", None, 1))
        if self.lacks_both_tests(day):
            found.add(("data_gap", "type_b_tests", None, 1))
        return found

    def visits(self, day: date) -> list[date]:
        return [event.on for event in self.until(day) if event.kind == Kind.VISIT]

    def lacks_both_tests(self, day: date) -> bool:
        """Started, stopped for longer than a year, and nobody knows how much is built or invested."""
        since = None
        for event in self.until(day):
            is_building = self.is_started(event.on) and not self.completed_on(event.on)
            goes_on = event.kind == Kind.RESUME or event.finding in (Finding.STARTED, Finding.UNDER_WAY)
            if goes_on or not is_building:
                since = None
            elif event.kind == Kind.STOP or event.finding == Finding.STOPPED:
                since = since or event.on
        if since is None or day <= _a_year_after(since):
            return False
        area = any(event.developed_area is not None for event in self.until(day)) and self.facts.area
        money = any(event.invested is not None for event in self.until(day)) and self.facts.total_investment
        return not area and not money


def _a_year_after(on: date) -> date:
    try:
        return on.replace(year=on.year + 1)
    except ValueError:
        return on.replace(year=on.year + 1, day=28)


def _times(first_on: date, day: date, repeat_after_days: int | None) -> int:
    times = 1
    while repeat_after_days and first_on + repeat_after_days * DAY <= day:
        first_on, times = first_on + repeat_after_days * DAY, times + 1
    return times


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
