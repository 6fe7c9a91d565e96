"""Decisions that wait for the person: of others' proposals, and what was handed to the brigade."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from landbureau.accounts.models import User
from supervision.supply.models import Event
from supervision.supply.models.events import CauseChoice
from supervision.supply.rules import EXEMPT, Cause, Track
from supervision.supply.selectors.consequences import delay, papers, rate_of
from supervision.supply.selectors.facts import parameter
from supervision.supply.selectors.next_steps.step import NextStep, Turn, is_open, url_of, who
from supervision.supply.selectors.why_now import why_now
from supervision.supply.transitions import TRACKS, TRANSITIONS, Situation


def decisions(user: User, now: Situation) -> Iterator[NextStep]:
    for name, told in (
        ("decide_termination", _termination),
        ("decide_default", _proposal),
        ("decide_extension", _application),
        ("review_extension", _application),
    ):
        if is_open(user, now, name):
            for step in TRANSITIONS[name].steps_for(user, now):
                yield told(now, name, step)


def _termination(now: Situation, name: str, step: Event) -> NextStep:
    return NextStep(
        "批准解除合同",
        f"{who(step)}提请：{step.remark}。{why_now('propose_termination', now)}",
        "批准解除",
        url_of(now, name, step=step.pk),
        "red",
        turn=Turn.NOW,
    )


def _proposal(now: Situation, name: str, step: Event) -> NextStep:
    track, cause = Track(step.track), Cause(step.cause)
    word = TRACKS[track]
    told = delay(replace(now.stage(track), cause=cause), rate_of(now, track))
    if cause in EXEMPT:
        then = "认定后由本单位提出开工、竣工日期的延期"
    else:
        kind = "start_performance" if track == Track.START else "completion_performance"
        then = f"认定后生成{papers(kind)}，并移送监察大队调查"
    return NextStep(
        f"审核{word}违约认定",
        f"{who(step)}提出“{CauseChoice(step.cause).label}”。{then}；{word}{told}。",
        "审核认定",
        url_of(now, name, step=step.pk),
        "red",
        step.on + timedelta(days=int(parameter("default_propose_days"))),
        Turn.NOW,
    )


def _application(now: Situation, name: str, step: Event) -> NextStep:
    track = Track(step.track)
    dates = f"{TRACKS[track]}由 {now.stage(track).due_on} 延至 {step.new_due_on}"
    if step.new_completion_on:
        dates += f"，竣工延至 {step.new_completion_on}"
    review = now.office.reviews.get(step.pk)
    opinion = f"审核意见：{review.remark}。" if review else ""
    title = "批准延期" if name == "decide_extension" else "审核延期申请"
    return NextStep(
        f"{title}（{TRACKS[track]}）",
        f"{who(step)}受理，{dates}。{opinion}批准之前约定日期不变。",
        "批准" if name == "decide_extension" else "审核",
        url_of(now, name, step=step.pk),
        "orange",
        turn=Turn.NOW,
    )


def brigade(user: User, now: Situation) -> Iterator[NextStep]:
    if is_open(user, now, "brigade_accept"):
        for step in now.office.letters:
            matter = f"{step.get_track_display()}违约，{step.get_cause_display() or '原因未定'}"
            yield NextStep(
                "接收移送",
                f"{who(step)}移送：{matter}。接收后由监察大队调查。",
                "接收",
                url_of(now, "brigade_accept", step=step.pk),
                "red",
                turn=Turn.NOW,
            )
