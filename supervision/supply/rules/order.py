"""What cannot have happened in this order, and dates to which nothing can be extended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from supervision.supply.rules.facts import Facts, Finding, Kind, Track
from supervision.supply.rules.money import ZERO
from supervision.supply.rules.states import StageState, View


def out_of_order(facts: Facts) -> dict[str, str]:
    """Contradictions between the facts of a supply: a sentence for each, by a code of its own.

    What a ledger brings may hold some; an act or a correction must bring no new one.
    """
    return dict(_of_building(facts)) | dict(_of_the_rest(facts))


def _of_building(facts: Facts) -> Iterator[tuple[str, str]]:
    started, completed, reached = facts.started_on, facts.completed_on, facts.start_reached_on
    if started and completed and completed < started:
        yield "completion_before_start", f"竣工日期 {completed} 早于开工日期 {started}。"
    stops = [event for event in facts.events if event.kind == Kind.STOP]
    for event in stops:
        if reached is None or event.on < reached:
            since = f"开工日期 {reached}" if reached else "开工"
            yield "stop_before_start", f"停工日期 {event.on} 早于{since}。"
    stopped = [event.on for event in facts.events if event in stops or event.finding == Finding.STOPPED]
    for event in facts.of_kind(Kind.RESUME):
        if not any(on <= event.on for on in stopped):
            yield "resume_without_stop", f"{event.on} 复工之前没有停工记录。"
    for event in facts.of_kind(Kind.ACCEPTANCE):
        if completed is None or event.on < completed:
            yield "acceptance_before_completion", f"{event.on} 复核验收时还没有竣工。"


def _of_the_rest(facts: Facts) -> Iterator[tuple[str, str]]:
    handed_over, board = facts.first(Kind.HANDOVER), facts.first(Kind.BOARD)
    if handed_over and board and board < handed_over:
        yield "board_before_handover", f"公示牌悬挂日期 {board} 早于交地日期 {handed_over}。"
    paid = sum((event.amount or ZERO for event in facts.of_kind(Kind.PAYMENT)), facts.deposit or ZERO)
    back = sum((event.amount or ZERO for event in facts.of_kind(Kind.REFUND)), ZERO)
    if back > paid:
        yield "refund_of_more_than_paid", f"退款共 {back:,.2f} 元，多于已缴的 {paid:,.2f} 元。"


def unfit_dates(
    view: View, track: Track, new_due_on: date, new_completion_on: date | None
) -> tuple[str, str] | None:
    """Why a stage cannot be extended to these dates, and which of them it is; None: it can."""
    stage = view.start if track == Track.START else view.completion
    agreed, starts = stage.due_on, view.start.due_on
    if agreed is not None and new_due_on <= agreed:
        return f"新的日期须晚于现在约定的 {agreed}。", "new_due_on"
    if track == Track.COMPLETION:
        if starts and new_due_on <= starts and view.start.state != StageState.REACHED:
            return f"竣工日期须晚于约定开工日期 {starts}。", "new_due_on"
        return None
    completion = view.completion.due_on
    if new_completion_on is not None and completion is not None and new_completion_on < completion:
        return f"新的竣工日期不能早于现在约定的 {completion}。", "new_completion_on"
    last = new_completion_on or completion
    if last is not None and last <= new_due_on:
        return f"竣工日期须晚于新的开工日期 {new_due_on}，请一并延期。", "new_completion_on"
    return None
