"""What is known of a land supply: the contract, and what happened since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property


class Track(StrEnum):
    """What an event is about (环节)."""

    PAYMENT = "payment"
    START = "start"
    COMPLETION = "completion"


class Kind(StrEnum):
    """What happened (事项). The first nineteen are those of the sheet of events."""

    PAYMENT = "payment"
    REFUND = "refund"
    DAMAGES = "damages"
    DEMAND = "demand"
    HANDOVER = "handover"
    BOARD = "board"
    VISIT = "visit"
    START = "start"
    STOP = "stop"
    RESUME = "resume"
    COMPLETION = "completion"
    DETERMINATION = "determination"
    EXTENSION_APPLIED = "extension_applied"
    EXTENSION_APPROVED = "extension_approved"
    EXTENSION_REJECTED = "extension_rejected"
    TERMINATION = "termination"
    TAKE_BACK = "take_back"
    TRANSFER = "transfer"
    ACCEPTANCE = "acceptance"
    # Steps within the office: they change no state.
    BRIEFING = "briefing"
    BOARD_GIVEN = "board_given"
    DETERMINATION_PROPOSED = "determination_proposed"
    DETERMINATION_RETURNED = "determination_returned"
    EXTENSION_REVIEWED = "extension_reviewed"
    TERMINATION_PROPOSED = "termination_proposed"
    TERMINATION_DECLINED = "termination_declined"
    TO_BRIGADE = "to_brigade"
    BRIGADE_ACCEPTED = "brigade_accepted"
    DEVIATION = "deviation"
    DEVIATION_FOLLOWED = "deviation_followed"


class Cause(StrEnum):
    LAND_USER = "land_user"
    GOVERNMENT = "government"
    FORCE_MAJEURE = "force_majeure"
    PREPARATORY_WORK = "preparatory_work"


class Finding(StrEnum):
    """What a visit found (巡查结果)."""

    NOT_STARTED = "not_started"
    STARTED = "started"
    UNDER_WAY = "under_way"
    STOPPED = "stopped"
    COMPLETED = "completed"


EXEMPT = frozenset({Cause.GOVERNMENT, Cause.FORCE_MAJEURE, Cause.PREPARATORY_WORK})
"""Causes for which the land user owes no damages (城市房地产管理法 art. 26; domain.md C.3)."""
CLOSING = frozenset({Kind.TERMINATION, Kind.TAKE_BACK, Kind.ACCEPTANCE, Kind.TRANSFER})
SHOWS_START = frozenset({Finding.STARTED, Finding.UNDER_WAY})
STAGE_UNSAID = frozenset(
    {Kind.DETERMINATION, Kind.EXTENSION_APPLIED, Kind.EXTENSION_APPROVED, Kind.EXTENSION_REJECTED}
)
"""Where no stage is said, they concern the start if the land was not started on that day, else completion."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The numbers of the regime as the bureau has them (``models.Parameter``); days, ``years`` in years."""

    remind_days: int
    terminable_days: int
    start_years_after_handover: int
    idle_years: int


@dataclass(frozen=True, slots=True)
class Instalment:
    """``amount`` in yuan; ``effective_due_on``: rolled to the next working day."""

    seq: int
    due_on: date | None
    effective_due_on: date | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Moved:
    """What a transfer or split took over to another supply, from its day on. Yuan, m².

    ``instalments``: what was open of each, by number; the damages for it go with it. ``price``: the base of
    damages for a late start or completion.
    """

    price: Decimal = Decimal(0)
    area: Decimal = Decimal(0)
    investment: Decimal = Decimal(0)
    damages_cap: Decimal = Decimal(0)
    instalments: tuple[tuple[int, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day. ``order`` tells those of one day apart; money in yuan, area in m²."""

    kind: Kind
    on: date
    order: int = 0
    track: Track | None = None
    seq: int | None = None
    amount: Decimal | None = None
    new_due_on: date | None = None
    new_completion_on: date | None = None
    cause: Cause | None = None
    finding: Finding | None = None
    developed_area: Decimal | None = None
    invested: Decimal | None = None
    partial: bool = False
    moved: Moved | None = None

    @property
    def closes(self) -> bool:
        """Whether it ends the supply: a transfer of a part does not."""
        return self.kind in CLOSING and not (self.kind == Kind.TRANSFER and self.partial)


@dataclass(frozen=True)
class Facts:
    """A supply's contract and its events, in the order in which they happened.

    The contract as it was before anything of it went to another supply (``left``). Rates in ‰ a day; None:
    the contract names none. ``damages_cap``: most damages for one instalment.
    """

    number: str
    signed_on: date | None = None
    price: Decimal | None = None
    deposit: Decimal | None = None
    area: Decimal | None = None
    is_grant: bool = True
    agreed_handover_on: date | None = None
    agreed_start_on: date | None = None
    agreed_completion_on: date | None = None
    payment_rate: Decimal | None = None
    start_rate: Decimal | None = None
    completion_rate: Decimal | None = None
    damages_cap: Decimal | None = None
    total_investment: Decimal | None = None
    instalments: tuple[Instalment, ...] = ()
    events: tuple[Event, ...] = field(default=())

    @classmethod
    def of(
        cls, *, events: Iterable[Event] = (), instalments: Iterable[Instalment] = (), **contract: object
    ) -> Facts:
        """With events in the order of their days, and instalments oldest due date first."""
        return cls(
            events=tuple(sorted(events, key=lambda event: (event.on, event.order))),
            instalments=tuple(
                sorted(instalments, key=lambda one: (one.due_on or date.max, one.seq)),
            ),
            **contract,  # type: ignore[arg-type]
        )

    def until(self, on: date) -> Facts:
        """Only what had happened by the end of ``on``: also the deposit is paid on a day, that of signing."""
        paid = self.signed_on is None or self.signed_on <= on
        if paid and (not self.events or self.events[-1].on <= on):
            return self
        return replace(
            self,
            events=tuple(event for event in self.events if event.on <= on),
            deposit=self.deposit if paid else None,
        )

    def left(self) -> Facts:
        """With the price, area and investment that stay, after what has gone to other supplies.

        Instalments stay as they were: ``money.shares`` says what went of each.
        """
        moved = [event.moved for event in self.events if event.moved is not None]
        if not moved:
            return self

        def rest(value: Decimal | None, name: str) -> Decimal | None:
            if value is None:
                return None
            return max(Decimal(0), value - sum((getattr(one, name) for one in moved), Decimal(0)))

        return replace(
            self,
            price=rest(self.price, "price"),
            area=rest(self.area, "area"),
            total_investment=rest(self.total_investment, "investment"),
            damages_cap=rest(self.damages_cap, "damages_cap"),
        )

    def of_kind(self, *kinds: Kind) -> Iterator[Event]:
        return (event for event in self.events if event.kind in kinds)

    def first(self, kind: Kind) -> date | None:
        """The day of the first event of a kind."""
        return next((event.on for event in self.of_kind(kind)), None)

    @property
    def demands(self) -> Iterator[Event]:
        """Demands for payment that were served; one for another stage (环节) is none."""
        return (event for event in self.of_kind(Kind.DEMAND) if self.stage_of(event) == Track.PAYMENT)

    @cached_property
    def started_on(self) -> date | None:
        """The day of the start: entered as such, or on which a visit saw it; None: not, or day unknown."""
        return next(
            (event.on for event in self.events if event.kind == Kind.START or event.finding in SHOWS_START),
            None,
        )

    @cached_property
    def completed_on(self) -> date | None:
        return next(
            (
                event.on
                for event in self.events
                if event.kind == Kind.COMPLETION or event.finding == Finding.COMPLETED
            ),
            None,
        )

    @cached_property
    def start_reached_on(self) -> date | None:
        """From this day on the land counts as started: what is completed was started, on whatever day."""
        return min(filter(None, (self.started_on, self.completed_on)), default=None)

    @cached_property
    def suspended_since(self) -> date | None:
        """Since when work has stopped after it began; None: it goes on, or never began."""
        since = None
        begun, done = self.start_reached_on, self.completed_on
        for event in self.events:
            is_built_on = begun is not None and begun <= event.on and (done is None or event.on < done)
            if not is_built_on or event.kind == Kind.RESUME or event.finding in SHOWS_START:
                since = None
            elif event.kind == Kind.STOP or event.finding == Finding.STOPPED:
                since = since or event.on
        return since

    def latest(self, name: str) -> Decimal | None:
        """The last value of ``developed_area`` or ``invested`` that an event brought."""
        values = (getattr(event, name) for event in reversed(self.events))
        return next((value for value in values if value is not None), None)

    def stage_of(self, event: Event) -> Track | None:
        """The stage that an event concerns. A start of the same day counts as made."""
        if event.track is not None:
            return event.track
        if event.kind == Kind.DEMAND:
            return Track.PAYMENT
        if event.kind not in STAGE_UNSAID:
            return None
        reached = self.start_reached_on
        return Track.COMPLETION if reached is not None and reached <= event.on else Track.START
