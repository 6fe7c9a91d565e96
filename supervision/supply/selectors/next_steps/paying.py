"""What is asked for about money and missing facts."""

from __future__ import annotations

from collections.abc import Iterator

from landbureau.accounts.models import User
from supervision.supply import access
from supervision.supply.models import Notice
from supervision.supply.rules import NoticeCode, PaymentState, StageState, Track
from supervision.supply.rules.money import ZERO
from supervision.supply.selectors.consequences import damages_of, yuan
from supervision.supply.selectors.next_steps.step import NextStep, Turn, is_open, url_of
from supervision.supply.selectors.why_now import why_now
from supervision.supply.transitions import TRACKS, UNPAID, Situation


def terminable(user: User, now: Situation) -> Iterator[NextStep]:
    """Not again where the leader has declined since it could be terminated: that needs a new ground."""
    declined = now.office.declined
    if not is_open(user, now, "propose_termination"):
        return
    yield NextStep(
        "提请解除合同",
        why_now("propose_termination", now) + (f"{declined.on} 曾提请，未予批准。" if declined else ""),
        "提请解除",
        url_of(now, "propose_termination"),
        "orange" if declined else "red",
        turn=Turn.SOON if declined else Turn.NOW,
    )


def late_payments(user: User, now: Situation) -> Iterator[NextStep]:
    if not is_open(user, now, "payment"):
        return
    for one in now.view.payment:
        if one.state in UNPAID:
            damages = f"，违约金计至今天 {yuan(one.damages)}" if one.damages is not None else ""
            demanded = f"{one.demanded_on} 已催缴送达。" if one.demanded_on else "尚未催缴送达。"
            yield NextStep(
                f"登记第 {one.seq} 期缴款",
                f"逾期 {one.days_late} 天，欠 {yuan(one.balance)}{damages}。{demanded}",
                "登记缴款",
                url_of(now, "payment", seq=one.seq),
                "red",
                one.effective_due_on,
            )


def coming_payments(user: User, now: Situation) -> Iterator[NextStep]:
    if not is_open(user, now, "payment"):
        return
    for one in now.view.payment:
        if one.state == PaymentState.REMINDER:
            yield NextStep(
                f"登记第 {one.seq} 期缴款",
                f"应缴 {one.due_on}，尚欠 {yuan(one.balance)}。",
                "登记缴款",
                url_of(now, "payment", seq=one.seq),
                "blue",
                one.effective_due_on,
            )


def damages(user: User, now: Situation) -> Iterator[NextStep]:
    """Damages that do not grow any more: what they are for is paid, started or completed."""
    if not is_open(user, now, "damages_payment"):
        return
    grown = {
        Track.PAYMENT: bool(now.view.payment) and not now.balance,
        Track.START: now.view.start.state == StageState.REACHED,
        Track.COMPLETION: now.view.completion.state == StageState.REACHED,
    }
    for track, (owed, paid) in damages_of(now).items():
        if grown[track] and owed - paid > ZERO:
            yield NextStep(
                f"登记缴{TRACKS[track]}违约金",
                f"应缴 {yuan(owed)}，已缴 {yuan(paid)}，还欠 {yuan(owed - paid)}。",
                "登记缴违约金",
                url_of(now, "damages_payment", track=track.value),
                "orange",
            )


def gaps(user: User, now: Situation) -> Iterator[NextStep]:
    """Facts that are missing: without them nothing is reminded of."""
    if not access.may(user, "update_supply", now.supply):
        return
    for notice in Notice.objects.open().filter(supply=now.supply, kind__code=NoticeCode.DATA_GAP):
        of_instalments = notice.gap.startswith("instalment")
        yield NextStep(
            f"补录资料：{_gap_word(notice)}",
            "缺了这一项就算不出到期日，也不会提醒。",
            "补录",
            url_of(now, "instalments" if of_instalments else "correct"),
            "orange",
        )


def _gap_word(notice: Notice) -> str:
    words = {
        "start_date": "约定开工日期",
        "completion_date": "约定竣工日期",
        "instalment_date": "应缴日期",
        "instalments": "分期缴款",
        "type_b_tests": "已开发面积、已投资额",
    }
    name, _, seq = notice.gap.partition("-")
    return f"第 {seq} 期{words.get(name, '')}" if seq else words.get(name, notice.gap)
