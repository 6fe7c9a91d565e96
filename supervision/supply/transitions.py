"""The acts of the office on a supply: who may do each, and in which state. The table is the rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from landbureau.accounts.models import User
from supervision.supply import access, rules
from supervision.supply.models import Event, LandSupply
from supervision.supply.rules import HandoverState, PaymentState, StageState, Track, View
from supervision.supply.selectors.facts import facts_of, terms
from supervision.supply.selectors.office import Office, office_of

LATE = (StageState.RECHECK, StageState.DEFAULT)
UNPAID = (PaymentState.OVERDUE, PaymentState.TERMINABLE)
TRACKS = {Track.PAYMENT: "缴款", Track.START: "开工", Track.COMPLETION: "竣工"}


@dataclass(frozen=True)
class Situation:
    """A supply as of ``today``, with what waits within the office."""

    supply: LandSupply
    facts: rules.Facts
    view: View
    office: Office
    today: date

    @property
    def stages(self) -> tuple[rules.DateView, rules.DateView]:
        return self.view.start, self.view.completion

    def stage(self, track: str) -> rules.DateView:
        return self.view.start if track == Track.START else self.view.completion

    @property
    def late_stages(self) -> list[rules.DateView]:
        """Those whose date has passed without their goal."""
        return [stage for stage in self.stages if stage.state in LATE]

    @property
    def proposable(self) -> list[rules.DateView]:
        return [stage for stage in self.late_stages if not self.office.proposal(stage.track)]

    @property
    def extendable(self) -> list[rules.DateView]:
        return [
            stage
            for stage in self.stages
            if stage.state != StageState.REACHED and stage.due_on and not self.office.application(stage.track)
        ]

    @property
    def terminable(self) -> list[rules.InstalmentView]:
        return [one for one in self.view.payment if one.state == PaymentState.TERMINABLE]

    @property
    def balance(self) -> Decimal:
        """What is still to be paid, in yuan."""
        return sum((max(one.balance, rules.money.ZERO) for one in self.view.payment), rules.money.ZERO)


def situation_of(supply: LandSupply, today: date, view: View | None = None) -> Situation:
    """Read what the acts depend on, in four queries or fewer. ``view``: as of ``today``, if known."""
    facts = facts_of([supply])[supply.pk]
    view = view or rules.view_of(facts, today, terms())
    return Situation(supply, facts, view, office_of(supply, facts), today)


Refuse = Callable[[Situation], str]


@dataclass(frozen=True)
class Transition:
    """An act: ``acts``: the permissions of which one is needed; ``refuse``: why it is not the time for it.

    ``steps``: what it answers, of which one is chosen. ``authors``: whose work it decides on, of a step:
    these may not do it. ``after_the_end``: possible also for a supply that has ended.
    """

    name: str
    title: str
    acts: tuple[str, ...]
    refuse: Refuse = lambda _: ""
    steps: Callable[[Situation], tuple[Event, ...]] | None = None
    authors: Callable[[Situation, Event], set[int | None]] | None = None
    after_the_end: bool = False
    by_brigade: bool = False

    def refusal(self, now: Situation) -> str:
        """Why nobody can do this now; empty: it is the time for it."""
        if now.view.closed_on is not None and not self.after_the_end:
            return f"这宗供地已于 {now.view.closed_on} 终止监管。"
        return self.refuse(now)

    def permits(self, user: User, supply: LandSupply, today: date) -> bool:
        """Whether ``user`` holds the permission for it on the supply."""
        if self.by_brigade:
            return access.is_brigade(user, today)
        return access.may_any(user, self.acts, supply)

    def steps_for(self, user: User, now: Situation) -> list[Event]:
        """The steps that ``user`` may answer: not those that are one's own work."""
        if self.steps is None:
            return []
        return [step for step in self.steps(now) if not self.conflicts(user, now, step)]

    def conflicts(self, user: User, now: Situation, step: Event) -> bool:
        """Whether ``user`` would decide on work of one's own."""
        if self.authors is None:
            return False
        return access.not_separate(user, self.acts, now.supply, self.authors(now, step), now.today)

    def not_for(self, user: User, now: Situation) -> str:
        """Why ``user`` of all who are permitted may not do it; empty: may."""
        if self.steps is not None and self.authors is not None and not self.steps_for(user, now):
            return "提出、经办或者审核过这件事的人（及其代办人）不能再作决定，请由他人办理。"
        return ""


def _by(now: Situation, step: Event) -> set[int | None]:
    """Also who entered what it corrects: a correction does not make it somebody else's work."""
    return {step.recorded_by_id, *now.office.authors.get(step.pk, ())}


def _by_and_reviewer(now: Situation, step: Event) -> set[int | None]:
    review = now.office.reviews.get(step.pk)
    return _by(now, step) | (_by(now, review) if review else set())


def _payment(now: Situation) -> str:
    if now.view.closed_on is not None and now.view.moved:
        return "这宗供地已整宗转让，余款已随转，请在新的一宗登记缴款。"
    return "" if now.view.payment else "这宗供地没有分期缴款；是出让的，请先补录分期。"


def _refund(now: Situation) -> str:
    return "" if any(one.paid > 0 for one in now.view.payment) else "还没有缴款，无款可退。"


def _handover(now: Situation) -> str:
    return f"已于 {now.view.handover.actual_on} 交地。" if now.view.handover.actual_on else ""


def _board_given(now: Situation) -> str:
    if now.view.handover.board_on:
        return f"公示牌已于 {now.view.handover.board_on} 悬挂。"
    given = now.office.board_given
    return f"公示牌已于 {given.on} 移交。" if given else ""


def _board(now: Situation) -> str:
    if now.view.handover.board_on:
        return f"公示牌已于 {now.view.handover.board_on} 悬挂。"
    return (
        "尚未交地，交地后再悬挂公示牌。" if now.view.handover.state == HandoverState.AWAITING_HANDOVER else ""
    )


def _start(now: Situation) -> str:
    if now.view.start.state == StageState.REACHED:
        return f"已于 {now.view.start.reached_on} 开工。" if now.view.start.reached_on else "已竣工。"
    return ""


def _stop(now: Situation) -> str:
    if now.view.completion.state == StageState.REACHED:
        return f"已于 {now.view.completion.reached_on} 竣工。"
    if now.view.start.state != StageState.REACHED:
        return "尚未开工，没有停工可言。"
    return f"自 {now.view.suspended_since} 起已停工。" if now.view.suspended_since else ""


def _resume(now: Situation) -> str:
    return "" if now.view.suspended_since else "没有停工记录。"


def _completion(now: Situation) -> str:
    if now.view.completion.state == StageState.REACHED:
        return f"已于 {now.view.completion.reached_on} 竣工。"
    return ""


def _acceptance(now: Situation) -> str:
    return "" if now.view.completion.state == StageState.REACHED else "尚未竣工，竣工后再复核验收。"


def _propose_default(now: Situation) -> str:
    if now.proposable:
        return ""
    if now.late_stages:
        return "已提出违约认定，等待审核。"
    return "开工、竣工都没有逾期。过了约定日期仍未开工、未竣工的，才能提出违约认定。"


def _waiting(what: str, steps: Callable[[Situation], tuple[Event, ...]]) -> Refuse:
    return lambda now: "" if steps(now) else what


def _proposals(now: Situation) -> tuple[Event, ...]:
    return now.office.proposals


def _decidable(now: Situation) -> str:
    """A proposal that has been overtaken (started meanwhile, date extended) can still be returned."""
    return "" if now.office.proposals else "没有等待审核的违约认定。"


def _brigade(now: Situation) -> str:
    if now.office.letters:
        return ""
    return "移送函尚未印发，印发后再接收。" if now.office.handed_over else "没有等待接收的移送。"


def _apply_extension(now: Situation) -> str:
    if now.extendable:
        return ""
    if now.office.applications:
        return "延期申请正在办理。"
    if all(stage.state == StageState.REACHED for stage in now.stages):
        return "已开工、已竣工，无须延期。"
    return "约定日期不明，不能延期；请先补录约定日期。"


def _propose_termination(now: Situation) -> str:
    if not now.facts.is_grant:
        return "划拨供地没有合同可以解除。"
    if now.office.terminations:
        return "已提请解除合同，等待批准。"
    if now.terminable:
        return ""
    return "还不能解除合同：须有一期逾期超过约定日数，并且已经催缴送达。"


TRANSITIONS = {
    transition.name: transition
    for transition in (
        Transition("payment", "登记缴款", ("update_supply",), _payment, after_the_end=True),
        Transition("refund", "登记退款", ("update_supply",), _refund, after_the_end=True),
        Transition("damages_payment", "登记缴违约金", ("update_supply",), after_the_end=True),
        Transition("briefing", "供后告知", ("create_supply", "update_supply")),
        Transition("handover", "登记交地", ("update_supply", "create_visit"), _handover),
        Transition("board_given", "移交公示牌", ("create_visit",), _board_given),
        Transition("board", "公示牌悬挂", ("create_visit",), _board),
        Transition("start", "登记开工", ("update_supply", "create_visit"), _start),
        Transition("stop", "登记停工", ("update_supply", "create_visit"), _stop),
        Transition("resume", "登记复工", ("update_supply", "create_visit"), _resume),
        Transition("completion", "登记竣工", ("update_supply", "create_visit"), _completion),
        Transition("acceptance", "复核验收", ("update_supply",), _acceptance),
        Transition(
            "follow_up",
            "处理问题",
            ("create_visit", "update_supply"),
            _waiting("没有待处理的问题。", lambda now: now.office.deviations),
            steps=lambda now: now.office.deviations,
        ),
        Transition(
            "propose_default", "提出违约认定", ("propose_default", "create_default"), _propose_default
        ),
        Transition(
            "decide_default", "审核违约认定", ("approve_default",), _decidable, steps=_proposals, authors=_by
        ),
        Transition(
            "brigade_accept",
            "监察大队接收",
            (access.VIEW_DEFAULT,),
            _brigade,
            steps=lambda now: now.office.letters,
            by_brigade=True,
        ),
        Transition("apply_extension", "受理延期申请", ("create_extension",), _apply_extension),
        Transition(
            "review_extension",
            "审核延期申请",
            ("approve_extension",),
            _waiting("没有等待审核的延期申请。", lambda now: now.office.unreviewed),
            steps=lambda now: now.office.unreviewed,
            authors=_by,
        ),
        Transition(
            "decide_extension",
            "批准延期",
            ("decide_extension",),
            _waiting("没有已经审核、等待批准的延期申请。", lambda now: now.office.reviewed),
            steps=lambda now: now.office.reviewed,
            authors=_by_and_reviewer,
        ),
        Transition(
            "propose_termination", "提请解除合同", ("approve_supply", "create_notice"), _propose_termination
        ),
        Transition(
            "decide_termination",
            "批准解除合同",
            ("approve_termination",),
            _waiting("没有等待批准的解除合同。", lambda now: now.office.terminations),
            steps=lambda now: now.office.terminations,
            authors=_by,
        ),
        Transition("transfer", "整宗转让变更", ("update_supply",)),
        Transition("split", "部分转让、分割", ("update_supply",)),
        Transition("take_back", "登记收回", ("update_supply",)),
    )
}
"""In the order of the work."""
