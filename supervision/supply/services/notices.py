"""Notices that ask for nothing any more are closed, with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.db.models import Q

from supervision.supply import rules
from supervision.supply.models import LandSupply, Notice, NoticeKind, Regime
from supervision.supply.rules import NoticeCode
from supervision.supply.selectors.facts import facts_of, regime, terms

ENDED = "监管终止"


def repeats() -> dict[str, int | None]:
    """After how many days each kind is told again."""
    return dict(NoticeKind.objects.values_list("code", "repeat_after_days"))


def is_monthly(of: Regime | None = None) -> bool:
    return (of or regime()).visit_rule == Regime.VisitRule.MONTHLY


def settle_notices(supplies: Collection[int], today: date) -> None:
    """Close the open notices of these supplies whose matter is not due any more as of ``today``."""
    rows = list(Notice.objects.open().filter(supply__in=supplies))
    if not rows:
        return
    keys = {row.supply_id for row in rows}
    found = facts_of(LandSupply.objects.select_related("parcel").filter(pk__in=keys))
    numbers, repeat, monthly = terms(), repeats(), is_monthly()
    due = {
        (pk, matter.key)
        for pk, facts in found.items()
        for matter in rules.matters(facts, today, numbers, repeat, monthly=monthly)
    }
    _close(
        [
            (row, _reason(row, found[row.supply_id], today, numbers))
            for row in rows
            if (row.supply_id, row.key) not in due
        ],
        today,
    )


def close_notice(notice: Notice, today: date, reason: str) -> None:
    """The office has done what the notice asked for."""
    _close([(notice, reason)], today)


def close_passed(today: date) -> int:
    """Close what another kind has followed since: a reminder whose date is over. Set-based; how many."""
    month = rules.month_of(today)
    open_rows = Notice.objects.open()
    passed: Iterable[tuple[Q, str]] = (
        (Q(kind=NoticeCode.PAYMENT_REMINDER, instalment__effective_due_on__lt=today), "已逾期，改为催缴"),
        (Q(kind=NoticeCode.START_REMINDER, due_on__lt=today), "约定日期已过，改为复核"),
        (Q(kind=NoticeCode.COMPLETION_REMINDER, due_on__lt=today), "约定日期已过，改为复核"),
        (
            Q(kind=NoticeCode.VISIT_DUE, due_on__lt=today - timedelta(days=1)) & ~Q(track=""),
            "本阶段已过，改为复核",
        ),
        (Q(kind=NoticeCode.VISIT_DUE, track="", due_on__lt=month), "当月未巡查"),
    )
    return sum(
        open_rows.filter(pk__in=open_rows.filter(where).order_by().values("pk")).update(
            closed_on=today, closed_because=reason
        )
        for where, reason in passed
    )


def _close(rows: Collection[tuple[Notice, str]], today: date) -> None:
    for row, reason in rows:
        row.closed_on, row.closed_because = today, reason
    Notice.objects.bulk_update([row for row, _ in rows], ["closed_on", "closed_because"], batch_size=200)


def _reason(row: Notice, facts: rules.Facts, today: date, numbers: rules.Terms) -> str:
    view = rules.view_of(facts, today, numbers)
    if view.closed_on:
        return ENDED
    match NoticeCode(row.kind_id):
        case NoticeCode.PAYMENT_REMINDER | NoticeCode.PAYMENT_DEMAND:
            one = next((one for one in view.payment if row.instalment_id and str(one.seq) in row.key), None)
            paid = one is not None and one.balance <= 0
            return "已缴清" if paid else "已催缴" if one and one.demanded_on else "日期或金额已更正"
        case NoticeCode.START_REMINDER | NoticeCode.START_RECHECK:
            return _stage_reason(row, view.start, "已开工")
        case NoticeCode.COMPLETION_REMINDER | NoticeCode.COMPLETION_RECHECK:
            return _stage_reason(row, view.completion, "已竣工")
        case NoticeCode.VISIT_DUE:
            return "已巡查"
        case _:
            return "资料已补录"


def _stage_reason(row: Notice, stage: rules.DateView, reached: str) -> str:
    if stage.state == rules.StageState.REACHED:
        return reached
    return "已延期" if stage.due_on != row.due_on else "已复核"
