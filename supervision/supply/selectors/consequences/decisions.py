"""Default and extension: proposed, reviewed, decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from landbureau.workdays.rules import add_months
from supervision.supply.models import Event
from supervision.supply.models.events import CauseChoice
from supervision.supply.rules import EXEMPT, Cause, StageState, Track
from supervision.supply.selectors.consequences.words import Consequence, delay, papers, rate_of, saying
from supervision.supply.selectors.facts import parameters
from supervision.supply.transitions import TRACKS, Situation

PAPERS_OF_DEFAULT = {Track.START: "start_performance", Track.COMPLETION: "completion_performance"}


def propose_default(now: Situation, values: Mapping[str, Any]) -> Consequence:
    track, cause = values.get("track"), values.get("cause")
    if not track:
        return Consequence()
    track = Track(track)
    stage, word = now.stage(track), TRACKS[track]
    told = f"{word}{_late(now, track, cause)}。"
    recheck = stage.state == StageState.RECHECK
    return saying(
        f"约定 {stage.due_on}，{told}",
        _by_cause(now, track, cause, "审核认定后") if cause else None,
        "由股长审核，审核的人不能是提出的人。",
        warnings=[
            "约定日期之后还没有巡查记录，请先现场复核，以照片和跟踪管理卡为据。" if recheck else None,
            f"已于此前认定为{CauseChoice(stage.cause.value).label}，这次是重新认定。"
            if stage.cause
            else None,
        ],
    )


def _late(now: Situation, track: Track, cause: str | None) -> str:
    """The delay, with its damages unless the cause owes none (then ``_by_cause`` says so)."""
    stage = replace(now.stage(track), cause=None)
    if cause and Cause(cause) in EXEMPT and stage.days_late:
        return f"逾期 {stage.days_late} 天"
    return delay(stage, rate_of(now, track))


def _by_cause(now: Situation, track: Track, cause: str, when: str) -> str:
    if Cause(cause) in EXEMPT:
        return f"{when}不计违约金，由本单位提出开工、竣工日期一并延期。"
    told = papers("default_determination", PAPERS_OF_DEFAULT[track], "brigade_transfer")
    return f"{when}拟制{told}，移送监察大队调查。"


def decide_default(now: Situation, values: Mapping[str, Any]) -> Consequence:
    step: Event | None = values.get("step")
    if step is None:
        return Consequence()
    track = Track(step.track)
    if values.get("decision") == "return":
        return saying("退回后由提出的人补充情况，再次提出。约定日期和状态不变。")
    return saying(
        f"{TRACKS[track]}约定 {now.stage(track).due_on}，{_late(now, track, step.cause)}。",
        _by_cause(now, track, step.cause, "认定后"),
    )


def brigade(now: Situation, values: Mapping[str, Any]) -> Consequence:
    return saying("接收后由监察大队调查处理，科室的待办了结。")


def apply_extension(now: Situation, values: Mapping[str, Any]) -> Consequence:
    track, on = values.get("track"), values.get("on")
    if not track:
        return Consequence()
    track = Track(track)
    dates = _new_dates(now, track, values.get("new_due_on"), values.get("new_completion_on"))
    return saying(
        f"批准后：{dates}。" if dates else None,
        "由股长审核、局领导批准。批准之前，约定日期和状态都不变。",
        warnings=_warnings_of_extension(now, track, on, values),
    )


def _warnings_of_extension(
    now: Situation, track: Track, on: date | None, values: Mapping[str, Any]
) -> list[str | None]:
    due_on, numbers = now.stage(track).due_on, parameters()
    ahead, most = int(numbers["extension_notice_days"]), int(numbers["extension_most_months"])
    late = (
        due_on is not None
        and on is not None
        and not values.get("by_office")
        and on > due_on - timedelta(days=ahead)
    )
    new = values.get("new_due_on")
    long = due_on is not None and new is not None and new > add_months(due_on, most)
    return [
        f"应当在约定日期前 {ahead} 日申请（{due_on - timedelta(days=ahead)} 以前），这次已经晚了。只作提示。"
        if late and due_on
        else None,
        f"一般一次最长延期 {most} 个月（至 {add_months(due_on, most)}），这次超过了。只作提示。"
        if long and due_on
        else None,
    ]


def _new_dates(now: Situation, track: Track, new_due_on: date | None, new_completion_on: date | None) -> str:
    parts = []
    if new_due_on:
        parts.append(_moved(TRACKS[track], now.stage(track).due_on, new_due_on))
    if new_completion_on and track == Track.START:
        parts.append(_moved("竣工", now.view.completion.due_on, new_completion_on))
    return "，".join(parts)


def _moved(word: str, old: date | None, new: date) -> str:
    if old is None:
        return f"{word} {new}"
    return f"{word}由 {old} 改为 {new}（延长 {(new - old).days} 天）"


def review_extension(now: Situation, values: Mapping[str, Any]) -> Consequence:
    step: Event | None = values.get("step")
    if step is None:
        return Consequence()
    track = Track(step.track)
    dates = _new_dates(now, track, step.new_due_on, step.new_completion_on)
    return saying(
        f"申请的日期：{dates}。" if dates else None,
        "审核意见报局领导批准；批准之前，约定日期不变。",
        warnings=_warnings_of_extension(now, track, step.on, _asked(step)),
    )


def _asked(step: Event) -> dict[str, Any]:
    """An application as its form was."""
    return {"new_due_on": step.new_due_on, "by_office": step.remark.startswith("本单位")}


def decide_extension(now: Situation, values: Mapping[str, Any]) -> Consequence:
    step: Event | None = values.get("step")
    if step is None:
        return Consequence()
    if values.get("decision") == "reject":
        return saying("不予批准：约定日期不变，逾期和违约金照旧计算。")
    track = Track(step.track)
    dates = _new_dates(now, track, step.new_due_on, step.new_completion_on)
    return saying(
        f"批准后 {now.today} 起：{dates}。",
        f"拟制{papers('contract_amendment')}。提醒按新的日期重新计算。",
        warnings=_warnings_of_extension(now, track, step.on, _asked(step)),
    )
