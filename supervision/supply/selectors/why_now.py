"""Why an act is possible now, in one sentence at its head."""

from __future__ import annotations

from collections.abc import Callable

from supervision.supply.rules import StageState, Track
from supervision.supply.selectors.consequences import delay, rate_of, yuan
from supervision.supply.transitions import TRACKS, UNPAID, Situation


def why_now(name: str, now: Situation) -> str:
    """The state that the act ``name`` answers to; empty: it needs none."""
    return REASONS[name](now) if name in REASONS else ""


def _payment(now: Situation) -> str:
    late = [one for one in now.view.payment if one.state in UNPAID]
    if late:
        return (
            "；".join(f"第 {one.seq} 期逾期 {one.days_late} 天，欠 {yuan(one.balance)}" for one in late)
            + "。"
        )
    following = next((one for one in now.view.payment if one.balance > 0), None)
    if following is None:
        return "各期都已缴清。"
    due = f"应缴日期 {following.due_on}" if following.due_on else "应缴日期未定"
    return f"第 {following.seq} 期 {due}，尚欠 {yuan(following.balance)}。"


def _handover(now: Situation) -> str:
    agreed = now.view.handover.agreed_on
    if agreed is None:
        return "合同没有约定交地日期。"
    late = (now.today - agreed).days
    return f"约定 {agreed} 交地" + (f"，已过 {late} 天，属本单位迟延。" if late > 0 else "。")


def _board(now: Situation) -> str:
    handed_over = now.view.handover.actual_on
    return f"{handed_over} 已交地，公示牌尚未挂出。" if handed_over else "尚未交地。"


def _stage(track: Track) -> Callable[[Situation], str]:
    def told(now: Situation) -> str:
        stage = now.stage(track)
        if stage.due_on is None:
            return f"约定{TRACKS[track]}日期不明。"
        if not stage.days_late:
            return f"约定 {stage.due_on} {TRACKS[track]}。"
        return f"约定 {stage.due_on} {TRACKS[track]}，{delay(stage, rate_of(now, track))}。"

    return told


def _late(now: Situation) -> str:
    return "".join(_stage(stage.track)(now) for stage in now.late_stages)


def _stop(now: Situation) -> str:
    reached = now.view.start.reached_on
    return f"{reached} 已开工，尚未竣工。" if reached else "已开工（日期不明），尚未竣工。"


def _resume(now: Situation) -> str:
    return (
        f"自 {now.view.suspended_since} 起停工，已 {(now.today - now.view.suspended_since).days} 天。"
        if (now.view.suspended_since)
        else ""
    )


def _acceptance(now: Situation) -> str:
    reached = now.view.completion.reached_on
    return f"{reached} 已竣工。" if reached else "已竣工。"


def _extension(now: Situation) -> str:
    return "".join(
        _stage(stage.track)(now) for stage in now.stages if stage.state != StageState.REACHED and stage.due_on
    )


def _terminable(now: Situation) -> str:
    return (
        "；".join(
            f"第 {one.seq} 期逾期 {one.days_late} 天，{one.demanded_on} 催缴送达，仍欠 {yuan(one.balance)}"
            for one in now.terminable
        )
        + "。"
        if now.terminable
        else "已没有符合解除条件的分期。"
    )


REASONS: dict[str, Callable[[Situation], str]] = {
    "payment": _payment,
    "handover": _handover,
    "board_given": _board,
    "board": _board,
    "start": _stage(Track.START),
    "completion": _stage(Track.COMPLETION),
    "stop": _stop,
    "resume": _resume,
    "acceptance": _acceptance,
    "propose_default": _late,
    "apply_extension": _extension,
    "propose_termination": _terminable,
    "decide_termination": _terminable,
}
