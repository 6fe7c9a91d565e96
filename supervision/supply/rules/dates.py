"""Dated versions of the agreed start and completion: which date was in force on which day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from landbureau.workdays.rules import add_years
from supervision.supply.rules.facts import Event, Facts, Kind, Terms, Track

ALWAYS = date.min
ORIGINAL, DERIVED, AMENDED = "original", "derived", "amended"


@dataclass(frozen=True, slots=True)
class Version:
    """``due_on`` is in force from ``known_from`` to the day before ``until`` (None: still).

    ``visited_on``: the first visit or determination after ``due_on``; if the goal was not reached by then, it
    found none. ``event``: ``order`` of the approval that brought it. Start and completion dates never roll.
    """

    due_on: date
    known_from: date
    until: date | None
    source: str
    visited_on: date | None
    event: int | None = None


def versions(facts: Facts, track: Track, terms: Terms) -> list[Version]:
    """All versions in the order in which they came into force.

    Only an approved extension makes one. Where no start was agreed, it is a year after the actual handover
    (闲置土地处置办法 art. 22). Of several approvals the last by its day counts.
    """
    found: list[tuple[date, date, str, int | None]] = []
    agreed = facts.agreed_start_on if track == Track.START else facts.agreed_completion_on
    if agreed is not None:
        found.append((ALWAYS, agreed, ORIGINAL, None))
    amended = [
        (event.on, due, AMENDED, event.order)
        for event in facts.of_kind(Kind.EXTENSION_APPROVED)
        if (due := _new_date(facts, event, track)) is not None
    ]
    handed_over = facts.first(Kind.HANDOVER)
    derives = agreed is None and track == Track.START
    if derives and handed_over is not None and (not amended or amended[0][0] > handed_over):
        due_on = add_years(handed_over, terms.start_years_after_handover)
        found.append((handed_over, due_on, DERIVED, None))
    found += amended
    checks = [event.on for event in facts.events if _checks(facts, event, track)]
    return [
        Version(
            due_on=due,
            known_from=known_from,
            until=found[place + 1][0] if place + 1 < len(found) else None,
            source=source,
            visited_on=next((on for on in checks if on > due), None),
            event=event,
        )
        for place, (known_from, due, source, event) in enumerate(found)
    ]


def in_force(found: Sequence[Version], on: date) -> Version | None:
    """The version of a day; None: no date was known then."""
    return next((version for version in reversed(found) if version.known_from <= on), None)


def judged_by(found: Sequence[Version], on: date, reached_on: date | None) -> Version | None:
    """The version against which lateness counts: once reached, what was in force on that day."""
    if reached_on is None:
        return in_force(found, on)
    return in_force(found, reached_on) or (found[0] if found else None)


def _new_date(facts: Facts, event: Event, track: Track) -> date | None:
    """The date that an approval sets for ``track``: its own stage, or the completion beside the start."""
    stage = facts.stage_of(event)
    if stage == track:
        if track == Track.COMPLETION:
            return event.new_due_on or event.new_completion_on
        return event.new_due_on
    return event.new_completion_on if track == Track.COMPLETION else None


def _checks(facts: Facts, event: Event, track: Track) -> bool:
    """Whether it looked for the goal of ``track``: a visit looks for both."""
    if event.kind == Kind.VISIT:
        return True
    return event.kind == Kind.DETERMINATION and facts.stage_of(event) == track


def days_before(on: date, days: int) -> date:
    """``on`` minus ``days``; the first day there is where the calendar ends."""
    return on - timedelta(days=days) if on.toordinal() > days else date.min


def days_after(on: date, days: int) -> date:
    """``on`` plus ``days``; the last day there is where the calendar ends."""
    return on + timedelta(days=days) if date.max.toordinal() - on.toordinal() > days else date.max
