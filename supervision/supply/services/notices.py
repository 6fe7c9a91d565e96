"""Notices that ask for nothing any more are closed, with the reason; what a correction revives is opened."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from django.db.models import Q

from supervision.supply import rules
from supervision.supply.models import Instalment, LandSupply, Notice, NoticeKind, Regime
from supervision.supply.rules import NoticeCode, StageState, Track
from supervision.supply.rules.matters import subject_of
from supervision.supply.selectors.facts import facts_of, regime, terms
from supervision.supply.services.idle_drafts import give_up_drafts

ENDED = "监管终止"
PAID, DEMANDED, REDATED = "已缴清", "已催缴", "日期或金额已更正"
STARTED, COMPLETED, EXTENDED, CHECKED = "已开工", "已竣工", "已延期", "已复核"
VISITED, SUPPLIED = "已巡查", "资料已补录"
OVERDUE, PASSED, STAGE_PASSED, MONTH_PASSED = (
    "已逾期，改为催缴",
    "约定日期已过，改为复核",
    "本阶段已过，改为复核",
    "当月未巡查",
)
REPEATED = "已由下一次提醒接替"
BY_FACTS = frozenset(
    {ENDED, PAID, DEMANDED, REDATED, STARTED, COMPLETED, EXTENDED, CHECKED, VISITED, SUPPLIED}
)
"""Closed because of a fact: where that fact is withdrawn or corrected, the notice is open again."""
DAY = timedelta(days=1)
CHUNK = 500


def repeats() -> dict[str, int | None]:
    """After how many days each kind is told again."""
    return dict(NoticeKind.objects.values_list("code", "repeat_after_days"))


def is_monthly(of: Regime | None = None) -> bool:
    return (of or regime()).visit_rule == Regime.VisitRule.MONTHLY


def settle_notices(supplies: Collection[int], today: date) -> None:
    """Close the notices of these supplies whose matter is not due as of ``today``; open what is due again.

    The rows are locked in one order: a sweep and an act at the same moment do not wait for each other in a
    circle.
    """
    keys = sorted(supplies)
    for at in range(0, len(keys), CHUNK):
        _settle(keys[at : at + CHUNK], today)


def _settle(supplies: Sequence[int], today: date) -> None:
    rows = list(
        Notice.objects.filter(supply__in=supplies)
        .filter(_may_change())
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    if not rows:
        return
    keys = {row.supply_id for row in rows}
    found = facts_of(LandSupply.objects.select_related("parcel").filter(pk__in=keys))
    numbers, repeat, monthly = terms(), repeats(), is_monthly()
    due = {
        pk: {matter.key for matter in rules.matters(facts, today, numbers, repeat, monthly=monthly)}
        for pk, facts in found.items()
    }
    passed, revived = [], []
    for row in rows:
        is_due = row.key in due[row.supply_id]
        if row.closed_on is not None:
            if is_due:
                revived.append(row)
        elif not is_due:
            view = rules.view_of(found[row.supply_id], today, numbers)
            passed.append((row, _reason(row, view, today, due[row.supply_id])))
    _close(passed, today)
    give_up_drafts([row.pk for row, _ in passed if row.document_id], today)
    if revived:
        _open_again(revived)


def close_notice(notice: Notice, today: date, reason: str) -> None:
    """The office has done what the notice asked for."""
    _close([(notice, reason)], today)


def settle_due(due: Collection[tuple[int, str]], today: date) -> None:
    """After a sweep: close what is not due any more (passed, or settled while the sweep was under way), open
    what is due again. Its cost follows what is open and due.

    ``due``: supply and key. What was found on a later day than ``today`` is left alone.
    """
    open_rows = Notice.objects.open().filter(found_on__lte=today)
    closed = Notice.objects.filter(supply__in={supply for supply, _ in due}, closed_because__in=BY_FACTS)
    changing = set(open_rows.order_by().values_list("supply", "key")) - set(due)
    changing |= set(closed.order_by().values_list("supply", "key")) & set(due)
    settle_notices({supply for supply, _ in changing}, today)


def _may_change() -> Q:
    return Q(closed_on=None) | Q(closed_because__in=BY_FACTS)


def _close(rows: Collection[tuple[Notice, str]], today: date) -> None:
    for row, reason in rows:
        row.closed_on, row.closed_because = today, reason
    _save([row for row, _ in rows])


def _open_again(rows: Sequence[Notice]) -> None:
    """An instalment that was taken out of the contract and put back has another row."""
    there = Instalment.objects.filter(supply__in={row.supply_id for row in rows})
    keys = {(supply, str(seq)): pk for supply, seq, pk in there.values_list("supply", "seq", "pk")}
    for row in rows:
        row.closed_on, row.closed_because = None, ""
        if row.track == Track.PAYMENT:
            row.instalment_id = keys.get((row.supply_id, row.key.split(":")[1]))
    _save(rows)


def _save(rows: Sequence[Notice]) -> None:
    if rows:
        fields = ["closed_on", "closed_because", "instalment"]
        Notice.objects.bulk_update(rows, fields, batch_size=200)


def _reason(row: Notice, view: rules.View, today: date, due: Iterable[str]) -> str:
    """Why the notice asks for nothing any more, in words."""
    if view.closed_on:
        return ENDED
    subject = subject_of(row.key)
    if any(subject_of(key) == subject for key in due):
        return REPEATED
    match NoticeCode(row.kind_id):
        case NoticeCode.PAYMENT_REMINDER | NoticeCode.PAYMENT_DEMAND:
            return _payment_reason(row, view)
        case NoticeCode.START_REMINDER | NoticeCode.START_RECHECK:
            return _stage_reason(row, view.start)
        case NoticeCode.COMPLETION_REMINDER | NoticeCode.COMPLETION_RECHECK:
            return _stage_reason(row, view.completion)
        case NoticeCode.VISIT_DUE:
            return _visit_reason(row, view, today)
        case _:
            return SUPPLIED


def _payment_reason(row: Notice, view: rules.View) -> str:
    seq = row.key.split(":")[1]
    one = next((one for one in view.payment if str(one.seq) == seq), None)
    if one is None or one.due_on != row.due_on:
        return REDATED
    if one.state == rules.PaymentState.PAID:
        return PAID
    if row.kind_id == NoticeCode.PAYMENT_REMINDER:
        return OVERDUE if one.state != rules.PaymentState.NOT_DUE else REDATED
    return DEMANDED if one.demanded_on else REDATED


def _stage_reason(row: Notice, stage: rules.DateView) -> str:
    if stage.state == StageState.REACHED:
        return STARTED if stage.track == Track.START else COMPLETED
    if stage.due_on != row.due_on:
        return EXTENDED if stage.version and stage.version.event is not None else REDATED
    if stage.state == StageState.DEFAULT:
        return CHECKED
    return PASSED if stage.state == StageState.RECHECK else REDATED


def _visit_reason(row: Notice, view: rules.View, today: date) -> str:
    if not row.track:
        return MONTH_PASSED if row.due_on != rules.month_of(today) else VISITED
    stage = view.start if row.track == Track.START else view.completion
    if stage.state == StageState.REACHED or stage.due_on != row.due_on:
        return _stage_reason(row, stage)
    return STAGE_PASSED if row.due_on and today > row.due_on + DAY else VISITED
