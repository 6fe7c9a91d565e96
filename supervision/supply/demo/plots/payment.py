"""Payment and handover: reminded, demanded, late, too much; land that is handed over late."""

from __future__ import annotations

from decimal import Decimal

from supervision.supply.demo.story import DAY, Finding, Happening, Kind, Story, Track


def payment_reminder(story: Story, days: int) -> None:
    story.agree(due=story.day(days), start_after=6)
    story.live(unpaid={2})


def first_payment(story: Story, days: int) -> None:
    story.agree(due=story.day(days), seq=1)
    story.live(unpaid={1, 2})


def payment_overdue(story: Story, days: int) -> None:
    """Nobody has demanded it yet."""
    story.agree(due=story.day(days), start_after=6)
    story.live(unpaid={2})


def payment_demanded(story: Story, days: int) -> Happening:
    payment_overdue(story, days)
    return story.happen(
        Kind.DEMAND,
        story.worked(story.day(min(-1, days + 12))),
        by="officer",
        seq=2,
        remark="《出让金催缴通知单》已直接送达，回证存档",
    )


def payment_terminable(story: Story, days: int) -> None:
    """More than sixty days late and demanded; what the office makes of it differs."""
    payment_demanded(story, days)
    if days == -95:
        story.happen(
            Kind.TERMINATION_PROPOSED,
            story.worked(story.day(-4)),
            by="head",
            remark="多次催缴未缴，提请解除合同",
        )
    if days == -120:
        asked = story.happen(
            Kind.TERMINATION_PROPOSED, story.worked(story.day(-30)), by="head", remark="催缴后仍未缴纳"
        )
        story.happen(
            Kind.TERMINATION_DECLINED,
            story.worked(story.day(-22)),
            by="leader",
            answers=asked,
            remark="企业已书面承诺分两次缴清，暂不解除，继续催缴",
        )


def payment_partial(story: Story, days: int) -> None:
    payment_demanded(story, days)
    story.contract["damages_cap"] = Decimal(300_000)
    for place, share in enumerate((Decimal("0.25"), Decimal("0.4"))):
        story.pay(2, story.worked(story.day(days + 14 + 12 * place)), story.amount(2) * share)


def paid_late(story: Story, days: int) -> None:
    """Paid 26 days late; the damages are paid, paid in part, or still owed."""
    payment_demanded(story, days)
    paid_on = story.day(days + 26)
    story.pay(2, paid_on)
    damages = story.amount(2) * 26 / 1000
    if story.index < 2:
        story.happen(
            Kind.DAMAGES,
            story.after(paid_on, 3, 9),
            track=Track.PAYMENT,
            seq=2,
            amount=(damages if story.index == 0 else damages / 2).quantize(Decimal("0.01")),
            remark="第2期违约金" if story.index == 0 else "第2期违约金，先缴一半",
        )


def paid_over(story: Story, days: int) -> None:
    """More than was owed; once it is paid back."""
    story.agree(due=story.day(days))
    story.live(unpaid={2})
    on = story.before(story.due(2), 2, 9)
    story.pay(2, on, story.amount(2) + 36_000, remark="缴款单位多汇36,000元")
    if story.index:
        story.happen(
            Kind.REFUND, story.after(on, 20, 30), seq=2, amount=Decimal(36_000), remark="退还多缴部分"
        )


def without_rate(story: Story, days: int) -> None:
    """The contract names no damages."""
    payment_demanded(story, days)
    story.contract |= {"payment_rate": None, "start_rate": None, "completion_rate": None}


def awaiting_handover(story: Story, days: int) -> None:
    """The agreed day is near, or has passed: then the bureau is late."""
    story.agree(signed=story.day(days) - 45 * DAY, start_after=10)
    story.live(handed=False, prepaid=True)


def handed_over(story: Story, days: int) -> None:
    """The board does not hang yet."""
    story.agree(signed=story.worked(story.day(days - 44)), start_after=10)
    story.live(handed=False, prepaid=True)
    story.hand_over(story.worked(story.day(days)), board=False)


def late_handover(story: Story, days: int) -> None:
    """Handed over after the agreed start: the bureau's own lateness."""
    story.agree(start=story.day(days))
    story.live(handed=False, started=False, prepaid=True, looked=False)
    story.hand_over(story.worked(story.day(days + 8)), board=False)
    story.visit(story.worked(story.day(-3)), Finding.NOT_STARTED, remark="净地交付不足半月，正在办理施工许可")
