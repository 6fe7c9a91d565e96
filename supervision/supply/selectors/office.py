"""Steps within the office that wait for an answer: proposals, applications, hand-overs, open deviations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from supervision.supply import rules
from supervision.supply.models import Event, LandSupply
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import Track

K = KindChoice
ANSWERS: Mapping[str, tuple[str, ...]] = {
    K.DETERMINATION_PROPOSED: (K.DETERMINATION, K.DETERMINATION_RETURNED),
    K.EXTENSION_APPLIED: (K.EXTENSION_APPROVED, K.EXTENSION_REJECTED),
    K.TERMINATION_PROPOSED: (K.TERMINATION, K.TERMINATION_DECLINED),
    K.TO_BRIGADE: (K.BRIGADE_ACCEPTED,),
}
"""What answers each step. A decision from a ledger names no step: it answers the open ones before it."""
KINDS = {
    *ANSWERS,
    *(kind for kinds in ANSWERS.values() for kind in kinds),
    K.EXTENSION_REVIEWED,
    K.DEVIATION,
    K.DEVIATION_FOLLOWED,
    K.BRIEFING,
    K.BOARD_GIVEN,
}


@dataclass(frozen=True)
class Office:
    """What waits within the office; events oldest first. ``reviews``: of open applications, by their keys.

    ``authors``: who entered a step or corrected it since, by its key.
    """

    proposals: tuple[Event, ...] = ()
    applications: tuple[Event, ...] = ()
    reviews: Mapping[int, Event] = field(default_factory=dict)
    terminations: tuple[Event, ...] = ()
    handed_over: tuple[Event, ...] = ()
    deviations: tuple[Event, ...] = ()
    declined: Event | None = None
    briefed: Event | None = None
    authors: Mapping[int, frozenset[int | None]] = field(default_factory=dict)
    board_given: Event | None = None

    def proposal(self, track: Track) -> Event | None:
        return next((event for event in self.proposals if event.track == track), None)

    def application(self, track: Track) -> Event | None:
        return next((event for event in self.applications if event.track == track), None)

    @property
    def letters(self) -> tuple[Event, ...]:
        """What the brigade can accept: its letter has been issued, or there never was one."""
        return tuple(
            event
            for event in self.handed_over
            if event.document is None or event.document.issued_on is not None
        )

    @property
    def reviewed(self) -> tuple[Event, ...]:
        """Applications that wait for the decision."""
        return tuple(event for event in self.applications if event.pk in self.reviews)

    @property
    def unreviewed(self) -> tuple[Event, ...]:
        return tuple(event for event in self.applications if event.pk not in self.reviews)


def office_of(supply: LandSupply, facts: rules.Facts) -> Office:
    """What waits for ``supply``, in one query. ``facts``: what a step concerns where it names no stage."""
    return offices_of({supply.pk: facts})[supply.pk]


def offices_of(facts: Mapping[int, rules.Facts]) -> dict[int, Office]:
    """As ``office_of``, of many supplies by their keys, in one query."""
    rows: dict[int, list[Event]] = {key: [] for key in facts}
    events = Event.objects.filter(supply__in=list(facts), kind__in=KINDS)
    for event in events.select_related("recorded_by", "document").order_by("on", "pk"):
        rows[event.supply_id].append(event)
    return {key: _office(rows[key], facts[key]) for key in facts}


def _office(rows: Collection[Event], facts: rules.Facts) -> Office:
    trail = _Trail(rows, facts)
    applications = trail.open(K.EXTENSION_APPLIED)
    return Office(
        proposals=trail.open(K.DETERMINATION_PROPOSED),
        applications=applications,
        reviews={event.pk: review for event in applications if (review := trail.review(event))},
        terminations=trail.open(K.TERMINATION_PROPOSED),
        handed_over=trail.open(K.TO_BRIGADE),
        deviations=tuple(event for event in trail.of_kind(K.DEVIATION) if not trail.is_settled(event)),
        declined=trail.last(K.TERMINATION_DECLINED),
        briefed=trail.last(K.BRIEFING),
        board_given=trail.last(K.BOARD_GIVEN),
        authors=trail.authors,
    )


class _Trail:
    """Events of one supply; a corrected one counts as the row that it replaced."""

    def __init__(self, rows: Collection[Event], facts: rules.Facts) -> None:
        self.rows = [event for event in rows if event.in_force]
        self.replaced = {event.pk: event.corrects_id for event in rows if event.corrects_id}
        by_root: dict[int, set[int | None]] = defaultdict(set)
        for event in rows:
            by_root[self._root(event.pk)].add(event.recorded_by_id)
        self.authors = {event.pk: frozenset(by_root[self._root(event.pk)]) for event in self.rows}
        self.tracks = {event.order: facts.stage_of(event) for event in facts.events}
        for event in self.rows:
            if not event.track and (track := self.tracks.get(event.pk)):
                event.track = track.value

    def of_kind(self, *kinds: str) -> Iterable[Event]:
        return (event for event in self.rows if event.kind in kinds)

    def last(self, kind: str) -> Event | None:
        return max(self.of_kind(kind), key=lambda event: (event.on, event.pk), default=None)

    def open(self, kind: str) -> tuple[Event, ...]:
        return tuple(event for event in self.of_kind(kind) if not self.answer(event, *ANSWERS[kind]))

    def answer(self, step: Event, *kinds: str) -> Event | None:
        return next((event for event in self.of_kind(*kinds) if self._answers(event, step)), None)

    def review(self, application: Event) -> Event | None:
        """The last opinion. One about what was corrected since is none about the application as it is."""
        found = (
            event
            for event in self.of_kind(K.EXTENSION_REVIEWED)
            if self._root(event.pk) > application.pk and self._answers(event, application)
        )
        return max(found, key=lambda event: event.pk, default=None)

    def is_settled(self, deviation: Event) -> bool:
        return any(
            event.settles and self._answers(event, deviation) for event in self.of_kind(K.DEVIATION_FOLLOWED)
        )

    def _answers(self, event: Event, step: Event) -> bool:
        if event.answers_id is not None:
            return self._root(event.answers_id) == self._root(step.pk)
        return event.on >= step.on and event.track == step.track

    def _root(self, pk: int) -> int:
        while before := self.replaced.get(pk):
            pk = before
        return pk
