"""The supply of the pictures, facts that are missing, ends, corrections."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

from supervision.supply.demo.plots.payment import payment_demanded
from supervision.supply.demo.plots.start import propose
from supervision.supply.demo.story import DAY, Finding, Kind, Story, Track
from supervision.supply.models.events import CauseChoice as Cause


def main(story: Story, days: int) -> None:
    """The supply of the pictures: default of the start proposed, second instalment to be reminded of."""
    signed = story.day(-340)
    story.agree(signed=signed, start=story.day(days), completion=story.day(544))
    story.instalments[1][0] = signed + 31 * DAY
    story.instalments[2][0] = story.day(25)
    story.contract["agreed_handover_on"] = signed + 44 * DAY
    story.contract["deposit"] = None
    story.happen(Kind.BRIEFING, signed + DAY, remark="已书面告知缴款、开工、竣工期限和违约责任")
    story.pay(1, signed + 28 * DAY)
    story.hand_over(signed + 41 * DAY, board=False)
    story.happen(Kind.BOARD, signed + 47 * DAY, by="officer", scenes=("board",))
    story.visit(story.day(-21), Finding.NOT_STARTED, "fence", "board", remark="正在平整场地，尚未打桩")
    story.visit(
        story.day(days + 1),
        Finding.NOT_STARTED,
        "fence",
        "board",
        "ground",
        "fence",
        remark="场地已围挡，未见基础施工",
    )
    proposed = propose(story, days + 1, Track.START, Cause.LAND_USER, "场地已围挡，未见基础施工")
    proposed.on, proposed.at = story.day(days + 1), time(17, 2)
    story.rounds_until = story.day(-22)


def without_start_date(story: Story, days: int) -> None:
    """Allocated, not handed over, no date agreed: nobody can say when the start is due."""
    story.agree(signed=story.day(days))
    story.contract |= {"agreed_start_on": None, "agreed_completion_on": None, "agreed_handover_on": None}


def derived_start(story: Story, days: int) -> None:
    """No start agreed: a year after the handover."""
    story.agree(signed=story.day(days - 45))
    story.live(started=False, prepaid=True)
    story.contract["agreed_start_on"] = None


def without_completion_date(story: Story, days: int) -> None:
    story.agree(signed=story.day(days))
    story.live(started=False, prepaid=True)
    story.contract["agreed_completion_on"] = None


def without_due_date(story: Story, days: int) -> None:
    story.agree(signed=story.day(days))
    story.live(started=False, unpaid={2})
    story.instalments[2][0] = None


def without_instalments(story: Story, days: int) -> None:
    story.agree(signed=story.day(days))
    story.live(started=False, paid=False)
    story.instalments = {}
    story.contract["deposit"] = None


def terminated(story: Story, days: int) -> None:
    payment_demanded(story, days - 90)
    asked = story.happen(
        Kind.TERMINATION_PROPOSED, story.worked(story.day(days - 9)), by="head", remark="经两次催缴仍未缴纳"
    )
    story.happen(
        Kind.TERMINATION,
        story.worked(story.day(days)),
        by="leader",
        answers=asked,
        remark="同意解除出让合同，定金不予返还",
    )
    story.happenings = [one for one in story.happenings if one.on <= story.day(days)]


def taken_back(story: Story, days: int) -> None:
    story.agree(start=story.day(days - 760))
    story.live(started=False, prepaid=True)
    story.visit(story.day(days - 700), Finding.NOT_STARTED, remark="满两年未动工")
    story.happen(
        Kind.TAKE_BACK, story.worked(story.day(days)), by="leader", remark="经县政府批准无偿收回，已公告"
    )


def transferred(story: Story, days: int) -> None:
    story.agree(start=story.day(days - 180))
    on = story.day(days)
    story.live(prepaid=True, until=on - DAY)
    story.happen(Kind.TRANSFER, on, remark="转让给另一用地单位，已办理变更。")


def partly_transferred(story: Story, days: int) -> None:
    story.agree(start=story.day(days - 180))
    story.live(prepaid=True)
    story.happen(Kind.TRANSFER, story.day(days), partial=True, remark="分出东部地块，另立一宗。")


def successor(story: Story, days: int) -> None:
    """What goes on as another supply after a transfer."""
    story.agree(signed=story.day(days), start=story.day(days - 180))
    story.contract["deposit"] = None
    story.instalments = {1: [None, Decimal(0)]}
    story.successor_of = "partly_transferred" if story.index == 0 else "transferred"
    begun = story.day(days - 200)
    for kind, on in (
        (Kind.HANDOVER, begun - 190 * DAY),
        (Kind.BOARD, begun - 180 * DAY),
        (Kind.START, begun),
    ):
        story.happen(kind, on, remark="承接自原供地")
    story.visit(story.worked(story.day(days + 40)), Finding.UNDER_WAY, **story.progress(Decimal("0.4")))


def corrected(story: Story, days: int) -> None:
    """Wrong entries, put right; they stay visible."""
    story.agree(start=story.day(days))
    story.live(prepaid=True)
    paid = next(one for one in story.happenings if one.kind == Kind.PAYMENT)
    paid.wrong, paid.right = "金额录入有误，以缴款凭证为准", {"amount": paid.columns["amount"]}
    paid.columns["amount"] = (paid.columns["amount"] / 10).quantize(Decimal("0.01"))
    stray = story.happen(Kind.STOP, story.worked(story.day(days + 60)), by="officer", remark="现场无人施工")
    stray.wrong = "登记到了相邻地块，本宗没有停工"
