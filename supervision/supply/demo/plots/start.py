"""The start: reminded, looked at again, in default, extended."""

from __future__ import annotations

from decimal import Decimal

from landbureau.workdays.rules import add_months
from supervision.supply.demo.story import Finding, Happening, Kind, Story, Track
from supervision.supply.models.events import CauseChoice as Cause


def start_reminder(story: Story, days: int) -> None:
    story.agree(start=story.day(days))
    story.live(started=False, prepaid=True, looked=story.index % 2 == 1)


def start_recheck(story: Story, days: int) -> None:
    story.agree(start=story.day(days))
    story.live(started=False, prepaid=True)


def start_default(story: Story, days: int) -> Happening:
    """The recheck has found no start."""
    start_recheck(story, days)
    return story.visit(
        story.day(days + 1), Finding.NOT_STARTED, "fence", "board", remark="场地已围挡，未见基础施工"
    )


def propose(story: Story, days: int, track: str, cause: str, ground: str) -> Happening:
    return story.happen(
        Kind.DETERMINATION_PROPOSED,
        story.next_worked(story.day(days)),
        by="officer",
        track=track,
        cause=cause,
        remark=ground,
    )


def determine(story: Story, days: int, track: str, cause: str, ground: str) -> Happening:
    """Proposed by the officer, determined by the head of the section."""
    proposed = propose(story, days, track, cause, ground)
    return story.happen(
        Kind.DETERMINATION,
        story.after(proposed.on, 1, 3),
        by="head",
        track=track,
        cause=cause,
        answers=proposed,
        remark=ground,
    )


def to_brigade(story: Story, determination: Happening, *, accepted: bool) -> None:
    shared = {"track": determination.columns["track"], "cause": Cause.LAND_USER}
    handed = story.happen(
        Kind.TO_BRIGADE,
        determination.on,
        by="head",
        answers=determination,
        remark=determination.columns["remark"],
        **shared,
    )
    if accepted:
        story.happen(
            Kind.BRIGADE_ACCEPTED,
            story.after(handed.on, 4, 6),  # its letter is approved and issued by then
            by="brigade",
            answers=handed,
            remark="已接收，列入本月调查",
            **shared,
        )


def start_default_user(story: Story, days: int) -> None:
    start_default(story, days)
    ground = "土地已按期交付，因企业资金未到位未开工"
    determined = determine(story, days + 4, Track.START, Cause.LAND_USER, ground)
    to_brigade(story, determined, accepted=story.index > 0)


def start_default_government(story: Story, days: int) -> None:
    """The office itself proposes a later date for start and completion."""
    start_default(story, days)
    ground = "地块东侧高压线迁改未完成，不具备开工条件"
    determine(story, days + 4, Track.START, Cause.GOVERNMENT, ground)
    apply(story, days + 9, Track.START, months=6, cause=Cause.GOVERNMENT, ground=f"本单位提出：{ground}")


def start_default_majeure(story: Story, days: int) -> None:
    start_default(story, days)
    ground = "汛期积水，场地淹没月余"
    determine(story, days + 4, Track.START, Cause.FORCE_MAJEURE, ground)
    applied = apply(
        story, days + 8, Track.START, months=4, cause=Cause.FORCE_MAJEURE, ground=f"用地单位申请：{ground}"
    )
    approve(story, applied)


def start_default_preparatory(story: Story, days: int) -> None:
    start_default(story, days)
    determine(story, days + 4, Track.START, Cause.PREPARATORY_WORK, "地下管线探测和文物勘探尚未完成")


def apply(
    story: Story, days: int, track: str, *, months: int, cause: str, ground: str, by: str = "clerk"
) -> Happening:
    agreed = story.start if track == Track.START else story.completion
    dates = {"new_due_on": add_months(agreed, months)}
    if track == Track.START:
        dates["new_completion_on"] = add_months(story.completion, months)
    return story.happen(
        Kind.EXTENSION_APPLIED,
        story.worked(story.day(days)),
        by=by,
        track=track,
        cause=cause,
        remark=ground,
        **dates,
    )


def review(story: Story, applied: Happening) -> Happening:
    return story.happen(
        Kind.EXTENSION_REVIEWED,
        story.after(applied.on, 1, 3),
        by="head",
        track=applied.columns["track"],
        answers=applied,
        remark="同意：情况属实",
    )


def approve(story: Story, applied: Happening) -> Happening:
    reviewed = review(story, applied)
    same = {name: applied.columns[name] for name in applied.columns if name != "remark"}
    return story.happen(
        Kind.EXTENSION_APPROVED,
        story.after(reviewed.on, 1, 4),
        by="leader",
        answers=applied,
        remark="同意延期，签订补充协议",
        **same,
    )


ROAD = "用地单位申请：道路和管网未通，施工设备无法进场"


def extension_pending(story: Story, days: int) -> None:
    story.agree(start=story.day(days))
    story.live(started=False, prepaid=True)
    apply(story, -3, Track.START, months=5, cause=Cause.GOVERNMENT, ground=ROAD)


def extension_reviewed(story: Story, days: int) -> None:
    story.agree(start=story.day(days))
    story.live(started=False, prepaid=True)
    applied = apply(story, -12, Track.START, months=6, cause=Cause.GOVERNMENT, ground=ROAD)
    review(story, applied)


def extension_approved(story: Story, days: int) -> None:
    """The first has not started yet, the second did before its new date."""
    story.agree(start=story.day(days))
    story.live(started=False, prepaid=True)
    applied = apply(story, days - 32, Track.START, months=6, cause=Cause.GOVERNMENT, ground=ROAD)
    approved = approve(story, applied)
    if story.index:
        story.begin(story.before(approved.columns["new_due_on"], 45, 70))


def extension_rejected(story: Story, days: int) -> None:
    story.agree(start=story.day(days))
    story.live(started=False, prepaid=True)
    applied = apply(
        story,
        days - 10,
        Track.START,
        months=10,
        cause=Cause.LAND_USER,
        ground="用地单位申请：市场行情不好，暂缓建设",
    )
    review(story, applied).columns["remark"] = "不同意：不属于可以延期的情形"
    story.happen(
        Kind.EXTENSION_REJECTED,
        story.after(applied.on, 5, 8),
        by="leader",
        track=Track.START,
        cause=Cause.LAND_USER,
        answers=applied,
        remark="不属于可以延期的情形，按合同约定开工",
    )


def start_idle(story: Story, days: int) -> None:
    """More than a year after the agreed start: a candidate for idle land, of one cause or another."""
    start_default(story, days)
    if days > -400:
        return
    if story.index:
        determined = determine(story, days + 6, Track.START, Cause.LAND_USER, "企业股东变更，项目停顿")
        to_brigade(story, determined, accepted=True)
    else:
        determine(story, days + 6, Track.START, Cause.GOVERNMENT, "规划道路调整，出入口未定")
    for since in (120, 300):
        story.visit(
            story.worked(story.day(days + since)), Finding.NOT_STARTED, remark="场内杂草丛生，无施工迹象"
        )


def started_late(story: Story, days: int) -> None:
    start_default(story, days)
    started = story.worked(story.day(days + 41))
    story.begin(started)
    if story.index:
        owed = (story.price or Decimal(0)) * Decimal("0.0005") * (started - story.start).days
        story.happen(
            Kind.DAMAGES,
            story.after(started, 20, 30),
            track=Track.START,
            amount=owed.quantize(Decimal("0.01")),
            remark="开工违约金",
        )
