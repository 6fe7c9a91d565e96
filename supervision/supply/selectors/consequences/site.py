"""Handover, sign board, building, deviations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from landbureau.workdays.rules import add_years
from supervision.supply import rules
from supervision.supply.models import DeviationKind, Event
from supervision.supply.rules import Kind, StageState, Track
from supervision.supply.rules.money import ZERO
from supervision.supply.selectors.consequences.words import (
    LAST,
    Consequence,
    damages_of,
    delay,
    facts_with,
    papers,
    rate_of,
    saying,
    view_as_of,
    yuan,
)
from supervision.supply.selectors.facts import terms
from supervision.supply.transitions import Situation


def briefing(now: Situation, values: Mapping[str, Any]) -> Consequence:
    paper = papers("briefing") if values.get("with_paper") else ""
    last = now.office.briefed
    return saying(
        "在时间线上记下这次告知。" if not paper else f"在时间线上记下这次告知，并拟制{paper}。",
        warnings=[f"{last.on} 已经告知过。" if last else None],
    )


def handover(now: Situation, values: Mapping[str, Any]) -> Consequence:
    on = values.get("on")
    if on is None:
        return Consequence()
    view = view_as_of(facts_with(now, rules.Event(Kind.HANDOVER, on, LAST)), max(now.today, on))
    agreed, starts = now.facts.agreed_handover_on, view.start.due_on
    late = agreed is not None and on > agreed
    derived = now.facts.agreed_start_on is None and starts is not None and now.view.start.due_on is None
    return saying(
        f"实际交地比约定的 {agreed} 晚 {(on - agreed).days} 天，标为本单位迟延。"
        if late and agreed
        else None,
        "按期交地。" if agreed is not None and not late else None,
        f"合同没有约定开工日期，自交地之日起推算为 {starts}。" if derived else None,
        f"拟制{papers('handover_confirmation')}。" if values.get("with_paper") else None,
        "接着移交并悬挂公示牌。" if not now.view.handover.board_on else None,
        warnings=[
            f"交地晚于约定开工日期 {starts}：属政府原因，应由本单位提出延期。"
            if starts and not derived and on > starts
            else None,
            f"交地日期早于合同签订日期 {now.facts.signed_on}，请核对。"
            if now.facts.signed_on and on < now.facts.signed_on
            else None,
        ],
    )


def board_given(now: Situation, values: Mapping[str, Any]) -> Consequence:
    return saying(
        "记下移交。挂出后拍照登记“公示牌悬挂”。",
        warnings=[None if now.view.handover.actual_on else "尚未登记交地。"],
    )


def board(now: Situation, values: Mapping[str, Any]) -> Consequence:
    return saying("交地与公示牌环节完成，照片归入这宗供地。")


def start(now: Situation, values: Mapping[str, Any]) -> Consequence:
    return _reached(now, values, Kind.START, Track.START, "开工")


def completion(now: Situation, values: Mapping[str, Any]) -> Consequence:
    found = _reached(now, values, Kind.COMPLETION, Track.COMPLETION, "竣工")
    if found.lines and now.view.start.state != StageState.REACHED:
        return replace(found, warnings=(*found.warnings, "没有开工记录：登记后视为已开工，开工日期不明。"))
    return found


def _reached(now: Situation, values: Mapping[str, Any], kind: Kind, track: Track, word: str) -> Consequence:
    on = values.get("on")
    if on is None:
        return Consequence()
    view = view_as_of(facts_with(now, rules.Event(kind, on, LAST)), max(now.today, on))
    stage = view.start if track == Track.START else view.completion
    due_on = stage.version.due_on if stage.version else stage.due_on
    if due_on is None:
        told = f"约定{word}日期不明，登记后为已{word}。"
    elif stage.days_late:
        told = f"比约定的 {due_on} 晚：{delay(stage, rate_of(now, track))}。"
    else:
        told = f"约定 {due_on}，按期{word}，没有违约金。"
    visit = max((event.on for event in now.facts.of_kind(Kind.VISIT)), default=None)
    return saying(
        told,
        f"{word}的提醒和复核随即了结。",
        warnings=[
            f"{visit} 的巡查没有发现{word}，登记的日期却在此之前，请核对。" if visit and visit >= on else None
        ],
    )


def stop(now: Situation, values: Mapping[str, Any]) -> Consequence:
    on = values.get("on")
    if on is None:
        return Consequence()
    years = terms().idle_years
    return saying(
        f"自 {on} 起标为停工，已停 {(now.today - on).days} 天。",
        f"到 {add_years(on, years)} 满 {years} 年仍未复工，而开发面积不足三分之一或者投资不足四分之一的，"
        "可能认定为闲置土地。",
    )


def resume(now: Situation, values: Mapping[str, Any]) -> Consequence:
    on, since = values.get("on"), now.view.suspended_since
    if on is None or since is None:
        return Consequence()
    return saying(f"自 {since} 起停工 {(on - since).days} 天，复工后重新计算。")


def acceptance(now: Situation, values: Mapping[str, Any]) -> Consequence:
    owed = sum((max(due - paid, ZERO) for due, paid in damages_of(now).values()), ZERO)
    return saying(
        "复核验收后监管终止，不再提醒和巡查；缴款、退款和违约金仍可登记。",
        warnings=[
            f"价款还欠 {yuan(now.balance)}。" if now.balance else None,
            f"违约金还有 {yuan(owed)} 未缴。" if owed else None,
            f"还有 {len(now.office.deviations)} 个问题没有处理完。" if now.office.deviations else None,
        ],
    )


def follow_up(now: Situation, values: Mapping[str, Any]) -> Consequence:
    step: Event | None = values.get("step")
    kind = DeviationKind.objects.filter(code=step.deviation).first() if step else None
    return saying(
        f"本单位的后续措施：{kind.measure}。" if kind else None,
        "这个问题就此了结。" if values.get("settles") else "这个问题仍列为待处理。",
    )
