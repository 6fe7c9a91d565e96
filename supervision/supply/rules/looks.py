"""What a visit may find, and what follows from it: before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from supervision.supply.rules.facts import SHOWS_START, Cause, Event, Facts, Finding, Kind, Track
from supervision.supply.rules.states import StageState, View

LAST = 2**62
"""``order`` of an event that is only supposed: after all others of its day."""
LATE = (StageState.RECHECK, StageState.DEFAULT)
DATED = {Finding.STARTED: Kind.START, Finding.COMPLETED: Kind.COMPLETION, Finding.STOPPED: Kind.STOP}
"""Findings that may go back to a day before the visit, and the kind of event that says so then."""


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the site on ``on``. ``since``: the day on which what was found began (start, stop, end).

    ``board_posted``: the sign board was seen for the first time.
    """

    on: date
    finding: Finding
    since: date | None = None
    cause: Cause | None = None
    board_posted: bool = False


def findings_for(view: View) -> tuple[Finding, ...]:
    """What can be found, by how far the land has come.

    Land that is not known to be started may turn out to be completed only once its completion is near.
    """
    if view.completion.state == StageState.REACHED:
        return (Finding.COMPLETED,)
    if view.start.state == StageState.REACHED:
        return (Finding.UNDER_WAY, Finding.STOPPED, Finding.COMPLETED)
    begun = (Finding.NOT_STARTED, Finding.STARTED)
    return begun if view.completion.state == StageState.WAITING else (*begun, Finding.COMPLETED)


def is_late(finding: Finding | None, view: View) -> bool:
    """Whether the finding is a delay, of which the cause is asked. ``view``: before the visit."""
    match finding:
        case Finding.NOT_STARTED:
            return view.start.state in LATE or view.completion.state in LATE
        case Finding.UNDER_WAY:
            return view.completion.state in LATE
        case Finding.STOPPED:
            return True
    return False


def asks_since(finding: Finding | None, view: View) -> bool:
    """Whether the day on which it began is asked: it is news."""
    match finding:
        case Finding.STARTED:
            return view.start.state != StageState.REACHED
        case Finding.COMPLETED:
            return view.completion.state != StageState.REACHED
        case Finding.STOPPED:
            return view.suspended_since is None
    return False


def tracks_to_tell(view: View, finding: Finding) -> list[Track]:
    """Of which stages the land user is to be told after this finding. ``view``: before the visit.

    A start that is late; a completion that is near and not reached (domain.md C.3).
    """
    told = []
    if finding == Finding.NOT_STARTED and view.start.state in LATE:
        told.append(Track.START)
    if finding != Finding.COMPLETED and view.completion.state == StageState.REMINDER:
        told.append(Track.COMPLETION)
    return told


def stage_of(view: View) -> Track | None:
    """The stage in which a visit falls: the one that is due; None: neither is near."""
    for stage in (view.start, view.completion):
        if stage.state in (StageState.REMINDER, *LATE):
            return stage.track
    return None


def seen_working(facts: Facts) -> date | None:
    """The last day on which work was known to go on: a stop cannot go back behind it."""
    days = [
        event.on
        for event in facts.events
        if event.kind in (Kind.START, Kind.RESUME) or event.finding in SHOWS_START
    ]
    return max(days, default=None)


def events_of(look: Look) -> list[Event]:
    """What the visit adds to the facts, the visit first."""
    visit = Event(Kind.VISIT, look.on, LAST, cause=look.cause, finding=look.finding)
    found = [visit]
    if look.since is not None and look.since < look.on and look.finding in DATED:
        found.append(Event(DATED[look.finding], look.since, LAST, cause=look.cause))
    if look.board_posted:
        found.append(Event(Kind.BOARD, look.on, LAST))
    return found


def with_look(facts: Facts, look: Look) -> Facts:
    """The facts as they would be after the visit."""
    added = sorted([*facts.events, *events_of(look)], key=lambda event: (event.on, event.order))
    return replace(facts, events=tuple(added))
