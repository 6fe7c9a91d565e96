"""Building and completion: under way, stopped, not as approved, finished, in default."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

from supervision.supply.demo.plots.start import apply, approve, determine, to_brigade
from supervision.supply.demo.story import DAY, Finding, Kind, Story, Track
from supervision.supply.models.events import CauseChoice as Cause

DEVIATIONS = (
    ("use_changed", "一层临街部分改作门市出租，与批准的工业用途不符"),
    ("moved", "南侧围墙越出界址约1.2米，须由测绘单位复测"),
    ("area_exceeded", "西侧堆场超出红线，初测超占约310平方米"),
    ("plot_ratio_raised", "办公楼在核定四层之上加建一层，容积率须复核"),
    ("transferred", "现场为另一家企业生产，负责人称已口头转让"),
    ("temporary_overdue", "施工临时用地期满未退还，仍堆放材料"),
    ("board_missing", "公示牌被大风刮倒后未补立"),
    ("other", "场内道路未硬化，出入口泥土带到县道"),
)


def building(story: Story, days: int) -> None:
    """Every fourth is paid in three parts."""
    if story.index % 4 == 3:
        story.agree(start=story.day(days), shares=(50, 30, 20), months=(1, 6, 12))
    else:
        story.agree(start=story.day(days))
    story.live(prepaid=True)


def waiting(story: Story, days: int) -> None:
    story.agree(signed=story.worked(story.day(days)), start_after=11 if days < -120 else 9)
    story.live(started=False, prepaid=story.index % 3 == 0)


def lately(story: Story, days: int) -> None:
    story.agree(signed=story.worked(story.day(days)))
    story.live(paid=False)
    if (on := story.signed + 3 * DAY) < story.today:
        story.pay(1, story.worked(on))


def suspended(story: Story, days: int) -> None:
    story.agree(start=story.day(days - 260))
    story.live(prepaid=True, until=story.day(days - 1))
    _stop(story, days)


def _stop(story: Story, days: int, **known: Decimal) -> None:
    on = story.worked(story.day(days))
    story.visit(
        on,
        Finding.STOPPED,
        "stopped",
        stopped_since=on - 6 * DAY,
        remark="工人已撤场，塔吊停用，值班人员称等待资金",
        **known,
    )


def suspended_long(story: Story, days: int) -> None:
    """Stopped for more than a year with a fifth of the area developed: type B of idle land."""
    _stopped_long(story, days)
    share = {"developed_area": story.area / 5, "invested": story.contract["investment"] / 6}
    _stop(story, days, **{name: value.quantize(Decimal("0.01")) for name, value in share.items()})


def suspended_unknown(story: Story, days: int) -> None:
    """How much was built is not known: nobody can say whether it is idle."""
    _stopped_long(story, days)
    _stop(story, days)
    for one in story.happenings:
        one.columns.pop("developed_area", None)
        one.columns.pop("invested", None)


def _stopped_long(story: Story, days: int) -> None:
    story.agree(start=story.day(days - 60), build=30)
    story.live(prepaid=True, until=story.day(days - 1))


def resumed(story: Story, days: int) -> None:
    story.agree(start=story.day(days - 120), build=24)
    story.live(prepaid=True, until=story.day(days - 1))
    _stop(story, days)
    on = story.worked(story.day(days + 75))
    story.happen(Kind.RESUME, on, by="officer", remark="施工队伍已返场")
    story.visit(on, Finding.UNDER_WAY, **story.progress(Decimal("0.5")))


def deviation(story: Story, days: int) -> None:
    """Something is not as approved: still open, followed up, or settled."""
    story.agree(start=story.day(days - 200))
    story.live(prepaid=True)
    code, words = DEVIATIONS[story.index % len(DEVIATIONS)]
    on = story.worked(story.day(days))
    seen = story.visit(on, Finding.UNDER_WAY, "deviation", remark=words)
    seen.at = time(10, 20)
    seen.visit = (
        {"board_up": False} if code == "board_missing" else {"board_up": True, "answers": {code: True}}
    )
    found = story.happen(Kind.DEVIATION, on, by="officer", deviation=code, remark=words, answers=seen)
    if story.index % 3 == 0:
        return
    story.happen(
        Kind.DEVIATION_FOLLOWED,
        story.worked(story.day(days // 3)),
        by="officer",
        deviation=code,
        answers=found,
        settles=story.index % 3 == 1,
        remark="已责令改正，复查时已恢复" if story.index % 3 == 1 else "已下达整改要求，限期十五日",
    )


def completion_reminder(story: Story, days: int) -> None:
    story.agree(completion=story.day(days))
    story.live(completed=False, looked=story.index % 2 == 1)


def completion_recheck(story: Story, days: int) -> None:
    story.agree(completion=story.day(days))
    story.live(completed=False)


def completion_default(story: Story, days: int) -> None:
    completion_recheck(story, days)
    story.visit(
        story.day(days + 1),
        Finding.UNDER_WAY,
        remark="主体封顶，外墙和室外工程未完",
        **story.progress(Decimal("0.85")),
    )


def completion_default_user(story: Story, days: int) -> None:
    completion_default(story, days)
    determined = determine(
        story, days + 4, Track.COMPLETION, Cause.LAND_USER, "企业未按进度支付工程款，施工单位减员"
    )
    to_brigade(story, determined, accepted=False)


def completion_default_government(story: Story, days: int) -> None:
    completion_default(story, days)
    ground = "配套道路和供电未接入，无法验收"
    determine(story, days + 4, Track.COMPLETION, Cause.GOVERNMENT, ground)
    apply(story, days + 9, Track.COMPLETION, months=6, cause=Cause.GOVERNMENT, ground=f"本单位提出：{ground}")


def completion_extended(story: Story, days: int) -> None:
    completion_recheck(story, days)
    applied = apply(
        story,
        days - 35,
        Track.COMPLETION,
        months=8,
        cause=Cause.FORCE_MAJEURE,
        ground="用地单位申请：雨季停工和设备到货推迟",
    )
    approve(story, applied)


def finished(story: Story, days: int) -> None:
    story.agree(completion=story.day(days))
    story.live(accepted=False)


def finished_late(story: Story, days: int) -> None:
    completion_default(story, days)
    story.finish(story.worked(story.day(days + 52)))


def accepted(story: Story, days: int) -> None:
    story.agree(completion=story.day(days))
    story.live()
