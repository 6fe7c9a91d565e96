"""A supply of the demo as it is told: what was agreed, what happened, in days relative to today."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from landbureau.documents.models import Document
from landbureau.workdays.rules import Calendar, add_months
from supervision.supply.models.events import FindingChoice as Finding
from supervision.supply.models.events import KindChoice as Kind
from supervision.supply.models.events import TrackChoice as Track

DAY = timedelta(days=1)
MONTHS_OF_ROUNDS = 5
CENT = Decimal("0.01")


@dataclass(eq=False)
class Happening:
    """An event to be: ``by`` names whose work it is; ``scenes`` are the photos that were taken."""

    kind: str
    on: date
    by: str
    at: time
    columns: dict[str, Any] = field(default_factory=dict)
    answers: Happening | None = None
    document: Document | None = None
    visit: dict[str, Any] | None = None
    scenes: tuple[str, ...] = ()
    wrong: str = ""  # it is corrected or withdrawn afterwards, for this reason
    right: dict[str, Any] | None = None  # what it is corrected to; None: it never happened


@dataclass
class Story:
    """What is told. Offsets are days from today, negative in the past; money in yuan."""

    today: date
    calendar: Calendar
    chance: Random
    index: int
    area: Decimal
    price: Decimal | None
    monthly: bool
    contract: dict[str, Any] = field(default_factory=dict)
    parcel: dict[str, Any] = field(default_factory=dict)
    instalments: dict[int, list[Any]] = field(default_factory=dict)  # by number: day due, amount
    happenings: list[Happening] = field(default_factory=list)
    has_officer: bool = True
    successor_of: str = ""  # the story whose supply it comes from
    rounds_until: date | None = None  # no monthly rounds after this day

    # --- Days ------------------------------------------------------------------------------------------

    def day(self, offset: int) -> date:
        return self.today + offset * DAY

    def worked(self, on: date) -> date:
        """The day, or the last before it on which people worked."""
        while not self.calendar.day(on).is_workday:
            on -= DAY
        return on

    def before(self, on: date, low: int, high: int) -> date:
        """A day worked, between ``low`` and ``high`` days before ``on`` or a little earlier."""
        return self.worked(on - self.chance.randint(low, high) * DAY)

    def after(self, on: date, low: int, high: int) -> date:
        """A day worked, between ``low`` and ``high`` days after ``on`` or a little later; not after today."""
        return self.next_worked(on + self.chance.randint(low, high) * DAY)

    def next_worked(self, on: date) -> date:
        """The day, or the next on which people work; today where that lies ahead."""
        while on < self.today and not self.calendar.day(on).is_workday:
            on += DAY
        return min(on, self.today)

    # --- What was agreed -------------------------------------------------------------------------------

    def agree(
        self,
        *,
        signed: date | None = None,
        start: date | None = None,
        completion: date | None = None,
        due: date | None = None,
        seq: int = 2,
        shares: Sequence[int] = (50, 50),
        months: Sequence[int] = (1, 12),
        start_after: int = 9,
        build: int = 22,
    ) -> None:
        """The contract, counted in months from one day that is given: signing, start, completion or the
        instalment ``seq`` due. Shares of the price in %."""
        if signed is None and due is not None:
            signed = add_months(due, -months[seq - 1])
        if signed is None:
            begin = start or add_months(completion, -build)  # type: ignore[arg-type]
            signed = self.worked(add_months(begin, -start_after))
        agreed_start = start or add_months(signed, start_after)
        self.contract |= {
            "signed_on": signed,
            "agreed_handover_on": signed + 45 * DAY,
            "agreed_start_on": agreed_start,
            "agreed_completion_on": completion or add_months(agreed_start, build),
            "start_rate": Decimal("0.5"),
            "completion_rate": Decimal("0.5"),
            "payment_rate": Decimal(1),
            "investment": Decimal(round(self.area * 3200, -4)),
            "price": self.price,
        }
        self.instalments = {}
        if self.price:
            self.contract["deposit"] = Decimal(round(self.price / 10, -4))
            amounts = [(self.price * share / 100).quantize(CENT) for share in shares]
            amounts[-1] = self.price - sum(amounts[:-1])
            for place, (amount, month) in enumerate(zip(amounts, months, strict=True), start=1):
                self.instalments[place] = [add_months(signed, month), amount]
            if due is not None:
                self.instalments[seq][0] = due

    def due(self, seq: int) -> date:
        on: date = self.instalments[seq][0]
        return on

    def amount(self, seq: int) -> Decimal:
        """What is left of the instalment: the deposit counts into the first one."""
        amount: Decimal = self.instalments[seq][1]
        return amount - (self.contract.get("deposit") or 0) if seq == min(self.instalments) else amount

    @property
    def signed(self) -> date:
        on: date = self.contract["signed_on"]
        return on

    @property
    def start(self) -> date:
        on: date = self.contract["agreed_start_on"]
        return on

    @property
    def completion(self) -> date:
        on: date = self.contract["agreed_completion_on"]
        return on

    # --- What happened ---------------------------------------------------------------------------------

    def happen(self, kind: str, on: date, *, by: str = "clerk", **columns: Any) -> Happening:
        answers, document = columns.pop("answers", None), columns.pop("document", None)
        scenes = columns.pop("scenes", ())
        at = time(self.chance.randint(9, 16), self.chance.randint(0, 59))
        if answers is not None and answers.on == on:
            at = max(at, answers.at.replace(hour=min(answers.at.hour + 1, 17)))
        found = Happening(kind, on, by, at, columns, answers, document, scenes=scenes)
        self.happenings.append(found)
        return found

    def visit(self, on: date, finding: str, *scenes: str, **columns: Any) -> Happening:
        """The officer on the site; the photos are of what stood there."""
        seen = {
            Finding.NOT_STARTED: "fence",
            Finding.STARTED: "foundation",
            Finding.UNDER_WAY: "building",
            Finding.STOPPED: "stopped",
            Finding.COMPLETED: "done",
        }[Finding(finding)]
        stopped = columns.pop("stopped_since", None)
        found = self.happen(Kind.VISIT, on, by="officer", finding=finding, **columns)
        found.visit = {"board_up": self.board_on is not None and self.board_on <= on}
        if stopped:
            found.visit["stopped_since"] = stopped
        found.scenes = scenes or ((seen, "board") if found.visit["board_up"] else (seen,))
        return found

    def pay(self, seq: int, on: date, part: Decimal | None = None, **columns: Any) -> Happening:
        amount = self.amount(seq) if part is None else part
        return self.happen(Kind.PAYMENT, on, seq=seq, amount=amount.quantize(CENT), **columns)

    def hand_over(self, on: date, *, board: bool = True) -> None:
        handed = self.happen(Kind.HANDOVER, on, by="officer", scenes=("ground",))
        given = self.happen(Kind.BOARD_GIVEN, on, by="officer")
        handed.at, given.at = sorted((handed.at, given.at))
        if board and (hung := self.after(on, 4, 9)) < self.today:
            self.happen(Kind.BOARD, hung, by="officer", scenes=("board",))

    def first(self, *kinds: str) -> date | None:
        return min((one.on for one in self.happenings if one.kind in kinds), default=None)

    @property
    def board_on(self) -> date | None:
        return self.first(Kind.BOARD)

    @property
    def started_on(self) -> date | None:
        return self.first(Kind.START)

    # --- A life without trouble, as far as it has come -------------------------------------------------

    def live(
        self,
        *,
        paid: bool = True,
        unpaid: Collection[int] = (),
        prepaid: bool = False,
        handed: bool = True,
        board: bool = True,
        started: bool = True,
        completed: bool = True,
        accepted: bool = True,
        looked: bool = True,
        until: date | None = None,
    ) -> None:
        """Everything goes as agreed until yesterday, or ``until``; what is False does not happen."""
        until = until or self.today - DAY
        briefed = self.after(self.signed, 2, 5)
        if briefed <= until:
            self.happen(Kind.BRIEFING, briefed, remark="已书面告知缴款、开工、竣工期限和违约责任")
        if paid:
            self._pay_in_time(unpaid, prepaid, until)
        if handed and (on := self.before(self.contract["agreed_handover_on"], 0, 6)) <= until:
            self.hand_over(on, board=board)
        if started and (on := self.before(self.start, 6, 50)) <= until:
            self.begin(on)
        elif looked:
            self._look(self.start, Finding.NOT_STARTED, until)
        if self.started_on:
            self._build(self.started_on, until)
        if completed and (on := self.before(self.completion, 8, 60)) <= until and self.started_on:
            self.finish(on)
            if accepted and (on := self.after(on, 35, 75)) <= until:
                self.happen(Kind.ACCEPTANCE, on, by="head", remark="土地复核验收合格")
        elif looked and self.started_on:
            self._look(self.completion, Finding.UNDER_WAY, until)

    def _pay_in_time(self, unpaid: Collection[int], prepaid: bool, until: date) -> None:
        for seq, (due_on, _) in self.instalments.items():
            if seq in unpaid or due_on is None:
                continue
            on = self.before(due_on, 1, 12)
            if prepaid:
                on = min(on, self.after(self.signed, 20, 34))
            if (on := max(on, self.signed)) <= until:
                self.pay(seq, on)

    def begin(self, on: date) -> None:
        """Construction starts: the officer sees it."""
        self.happen(Kind.START, on, by="officer", remark="桩基施工完毕，已取得施工许可证")
        self.visit(on, Finding.STARTED, **self.progress(Decimal("0.12")))

    def finish(self, on: date) -> None:
        self.happen(Kind.COMPLETION, on, by="officer", remark="已通过规划核实")
        self.visit(on, Finding.COMPLETED, **self.progress(Decimal(1)))

    def _look(self, due_on: date, finding: str, until: date) -> None:
        """The visit of the stage: within the thirty days before the date."""
        on = self.before(due_on, 6, 18)
        if on <= until:
            share = Decimal("0.9") if finding == Finding.UNDER_WAY else None
            self.visit(on, finding, **(self.progress(share) if share else {}))

    def _build(self, since: date, until: date) -> None:
        """A look every half year while it goes on."""
        length = max((self.completion - since).days, 1)
        on = self.worked(since + self.chance.randint(120, 190) * DAY)
        while on <= until and on < self.completion - 60 * DAY:
            share = Decimal((on - since).days) / length
            self.visit(on, Finding.UNDER_WAY, **self.progress(min(share, Decimal("0.95"))))
            on = self.worked(on + self.chance.randint(150, 210) * DAY)

    def progress(self, share: Decimal) -> dict[str, Any]:
        investment = self.contract.get("investment") or Decimal(0)
        return {
            "developed_area": (self.area * share).quantize(CENT),
            "invested": (investment * share * Decimal("0.9")).quantize(CENT),
        }

    def make_rounds(self) -> None:
        """Where every project is visited monthly: the rounds that the story does not tell."""
        if not self.monthly:
            return
        last = min(filter(None, (self.today - DAY, self.rounds_until, self._missed_goal())))
        first_of_month = self.today.replace(day=1)
        for month in range(MONTHS_OF_ROUNDS, -1, -1):
            begin = add_months(first_of_month, -month)
            on = self.worked(begin + self.chance.randint(7, 20) * DAY)
            done = any(one.kind == Kind.VISIT and one.on.replace(day=1) == begin for one in self.happenings)
            if self.signed < begin and on <= last and not done and not self._ended(on):
                self.visit(on, self._state_on(on))

    def _missed_goal(self) -> date | None:
        """After an agreed date that was missed only the story says what was seen."""
        missed = [self.contract.get("agreed_start_on")] if not self.started_on else []
        if not self.first(Kind.COMPLETION):
            missed.append(self.contract.get("agreed_completion_on"))
        return min(filter(None, missed), default=None)

    def _ended(self, on: date) -> bool:
        ends = (Kind.ACCEPTANCE, Kind.TERMINATION, Kind.TAKE_BACK, Kind.TRANSFER)
        return any(one.kind in ends and one.on <= on for one in self.happenings)

    def _state_on(self, on: date) -> Finding:
        state = Finding.NOT_STARTED
        for one in sorted(self.happenings, key=lambda one: one.on):
            if one.on <= on:
                state = {
                    Kind.START: Finding.UNDER_WAY,
                    Kind.RESUME: Finding.UNDER_WAY,
                    Kind.STOP: Finding.STOPPED,
                    Kind.COMPLETION: Finding.COMPLETED,
                }.get(Kind(one.kind), state)
        return state


__all__ = ["DAY", "Finding", "Happening", "Kind", "Story", "Track"]
