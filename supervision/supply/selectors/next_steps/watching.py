"""What the states of the tracks ask for on the site: to look, to propose, to hand over, to follow up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from landbureau.accounts.models import User
from supervision.supply import access
from supervision.supply.models import DeviationKind, Notice
from supervision.supply.models.events import CauseChoice
from supervision.supply.rules import EXEMPT, HandoverState, NoticeCode, StageState, Track
from supervision.supply.selectors.consequences import delay, rate_of
from supervision.supply.selectors.facts import parameter
from supervision.supply.selectors.next_steps.step import NextStep, Turn, is_open, url_of, who
from supervision.supply.selectors.why_now import why_now
from supervision.supply.transitions import TRACKS, TRANSITIONS, Situation


def looks(user: User, now: Situation) -> Iterator[NextStep]:
    """A visit that is due: after the agreed date, or within the stage."""
    if not access.may(user, "create_visit", now.supply):
        return
    rechecks = [stage for stage in now.stages if stage.state == StageState.RECHECK]
    for stage in rechecks:
        word = TRACKS[stage.track]
        yield NextStep(
            f"现场复核是否{word}",
            f"约定 {stage.due_on} {word}，{delay(stage, rate_of(now, stage.track))}，到期后还没有巡查。",
            "现场巡查",
            url_of(now, "visit"),
            "orange",
            stage.due_on + timedelta(days=1) if stage.due_on else None,
            Turn.NOW,
        )
    due = (
        Notice.objects.open()
        .filter(supply=now.supply, kind__code=NoticeCode.VISIT_DUE)
        .order_by("due_on")
        .first()
    )
    if due is not None and not rechecks:
        stage_word = f"约定 {due.due_on} {TRACKS[Track(due.track)]}" if due.track else "本月应巡查一次"
        yield NextStep(
            "现场巡查",
            f"{stage_word}，本阶段还没有巡查。",
            "现场巡查",
            url_of(now, "visit"),
            "blue",
            due.due_on,
        )


def defaults(user: User, now: Situation) -> Iterator[NextStep]:
    if not is_open(user, now, "propose_default"):
        return
    for stage in now.proposable:
        if stage.state != StageState.DEFAULT or stage.cause is not None or stage.version is None:
            continue
        word, seen = TRACKS[stage.track], stage.version.visited_on
        days = int(parameter("default_propose_days"))
        yield NextStep(
            f"提出{word}违约认定",
            f"{seen} 巡查未{word}，{delay(stage, rate_of(now, stage.track))}。写明原因，由股长审核。",
            "提出认定",
            url_of(now, "propose_default", track=stage.track.value),
            "red",
            seen + timedelta(days=days) if seen else None,
            Turn.NOW,
        )


def extensions(user: User, now: Situation) -> Iterator[NextStep]:
    """A default that is not the land user's: the office proposes the extension itself."""
    if not is_open(user, now, "apply_extension"):
        return
    for stage in now.extendable:
        if stage in now.late_stages and stage.cause in EXEMPT and stage.cause is not None:
            word = TRACKS[stage.track]
            yield NextStep(
                f"提出{word}延期",
                f"已认定为{CauseChoice(stage.cause.value).label}，不计违约金。由本单位提出开工、竣工日期的延期。",
                "提出延期",
                url_of(now, "apply_extension", track=stage.track.value),
                "orange",
            )


def handover(user: User, now: Situation) -> Iterator[NextStep]:
    standing = now.view.handover
    soon = standing.agreed_on and standing.agreed_on <= now.today + timedelta(days=30)
    if standing.state == HandoverState.AWAITING_HANDOVER and soon and is_open(user, now, "handover"):
        late = standing.agreed_on is not None and standing.agreed_on < now.today
        yield NextStep(
            "登记交地",
            why_now("handover", now),
            "登记交地",
            url_of(now, "handover"),
            "red" if late else "blue",
            standing.agreed_on,
        )
    if standing.state != HandoverState.HANDED_OVER:
        return
    for name in ("board_given", "board"):
        if is_open(user, now, name):
            title = TRANSITIONS[name].title
            yield NextStep(title, why_now(name, now), title, url_of(now, name), "orange")
            return


def deviations(user: User, now: Situation) -> Iterator[NextStep]:
    if not now.office.deviations or not is_open(user, now, "follow_up"):
        return
    kinds = {kind.code: kind for kind in DeviationKind.objects.all()}
    for step in now.office.deviations:
        kind = kinds.get(step.deviation)
        yield NextStep(
            f"处理：{kind.title if kind else '发现的问题'}",
            f"{who(step)}发现。{f'{kind.measure}。' if kind else step.remark}",
            "登记处理",
            url_of(now, "follow_up", step=step.pk),
            "orange",
        )


def rest(user: User, now: Situation) -> Iterator[NextStep]:
    if now.view.completion.state == StageState.REACHED and is_open(user, now, "acceptance"):
        yield NextStep(
            "复核验收",
            f"{why_now('acceptance', now)}复核验收后监管终止。",
            "复核验收",
            url_of(now, "acceptance"),
            "green",
        )
    if (
        now.office.briefed is None
        and now.view.start.state == StageState.WAITING
        and is_open(user, now, "briefing")
    ):
        yield NextStep(
            "供后告知", "告知用地单位应当履行的约定和期限。", "供后告知", url_of(now, "briefing"), "grey"
        )
