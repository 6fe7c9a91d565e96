"""Events put right or withdrawn: a new row takes the place of the old one, which stays visible.

What an act refuses, its correction refuses as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from landbureau.accounts.models import User
from landbureau.web.versions import label_of
from supervision.supply import rules
from supervision.supply.access import DECISIONS
from supervision.supply.errors import SupplyError
from supervision.supply.models import DeviationKind, Event
from supervision.supply.models.events import MONEY_KINDS, CauseChoice, FindingChoice, KindChoice
from supervision.supply.rules.order import out_of_order, unfit_dates
from supervision.supply.selectors.facts import JUDGED, facts_of, terms
from supervision.supply.services.changes import require_reason
from supervision.supply.services.events import (
    check_day,
    closes,
    finish_correction,
    lock_supply,
    refuse_facts_after_the_end,
)
from supervision.supply.transitions import LATE, TRACKS, situation_of

K = KindChoice
LAST = 2**62
"""``order`` of an event that has no row yet: after all others of its day."""
LONGEST_REMARK = 400
COMMON = ("on", "remark")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys((K.PAYMENT, K.REFUND), ("amount", "seq")),
    K.DAMAGES: ("amount", "track", "seq"),
    K.DEMAND: ("seq",),
    K.VISIT: ("finding", "cause", "developed_area", "invested"),
    K.STOP: ("cause", "developed_area", "invested"),
    **dict.fromkeys((K.START, K.RESUME, K.COMPLETION), ("developed_area", "invested")),
    **dict.fromkeys((K.DETERMINATION, K.DETERMINATION_PROPOSED), ("track", "cause")),
    **dict.fromkeys(
        (K.EXTENSION_APPLIED, K.EXTENSION_APPROVED), ("track", "new_due_on", "new_completion_on", "cause")
    ),
    K.EXTENSION_REJECTED: ("track",),
    K.TRANSFER: ("partial",),
    K.DEVIATION: ("deviation",),
    K.DEVIATION_FOLLOWED: ("settles",),
}
"""What can be wrong about each kind, besides its day and remark."""
CORRECTABLE = {"kind", *COMMON, *(name for names in COLUMNS.values() for name in names)}
NEEDED: Mapping[str, tuple[str, ...]] = {
    K.DETERMINATION: ("track", "cause"),
    K.DETERMINATION_PROPOSED: ("track", "cause", "remark"),
    K.EXTENSION_APPLIED: ("track", "new_due_on", "cause", "remark"),
    K.EXTENSION_REJECTED: ("track", "remark"),
    K.DAMAGES: ("track",),
    K.DEVIATION: ("deviation",),
    **dict.fromkeys(
        (
            K.START,
            K.STOP,
            K.COMPLETION,
            K.ACCEPTANCE,
            K.TAKE_BACK,
            K.DEVIATION_FOLLOWED,
            K.DETERMINATION_RETURNED,
            K.TERMINATION_PROPOSED,
            K.TERMINATION_DECLINED,
        ),
        ("remark",),
    ),
}
"""What the act asks for: a correction does not take it away."""
OF_ANY_STAGE = (K.DAMAGES, K.DETERMINATION)
"""They may concern the payment; all others with a stage are about start or completion."""


@transaction.atomic
def correct_event(
    *, event: Event, changes: Mapping[str, Any], reason: str, actor: User | None, today: date
) -> Event:
    """A new row in the place of ``event``, with what was wrong put right.

    Raises ``SupplyError``: no reason, corrected already, a day that cannot be, or what the act would refuse.
    """
    reason = require_reason(reason)
    old = _locked(event)
    values = {
        field.attname: getattr(old, field.attname)
        for field in Event._meta.concrete_fields
        if field.name in CORRECTABLE
    }
    if old.kind in DECISIONS and old.answers_id is not None:
        _refuse_other_decision(old, changes)
    new = Event(**values | _of_kind(old, changes))
    if closes(old) and old.on == old.supply.closed_on:  # what ended the supply: it may have ended later
        old.supply.closed_on = None
    check_day(old.supply, new.kind, new.on, today)
    new.supply, new.corrects, new.recorded_by, new.reason = old.supply, old, actor, reason
    new.answers_id, new.document_id = old.answers_id, old.document_id
    new.moved, new.inherited_from_id = old.moved, old.inherited_from_id
    if (new.on, new.partial) != (old.on, old.partial):
        _refuse_with_successors(old)
    refuse_facts_after_the_end(new)
    _check(old, new, today)
    _refuse_new_contradictions(old, new)
    return finish_correction(old, new, today)


@transaction.atomic
def withdraw_event(*, event: Event, reason: str, actor: User | None, today: date) -> Event:
    """``event`` never happened: a row says so, and neither counts. Raises ``SupplyError``."""
    reason = require_reason(reason)
    old = _locked(event)
    _refuse_with_successors(old)
    _refuse_bounced(old)
    _refuse_new_contradictions(old, None)
    new = Event(
        supply=old.supply,
        kind=old.kind,
        on=old.on,
        amount=old.amount,
        corrects=old,
        withdrawn=True,
        in_force=False,
        recorded_by=actor,
        reason=reason,
    )
    return finish_correction(old, new, today)


def tracks_of(event: Event) -> list[str]:
    """Stages that an event of this kind may concern, of those that its supply has."""
    stages = [rules.Track.START.value, rules.Track.COMPLETION.value]
    if event.kind in OF_ANY_STAGE and event.supply.instalments.exists():
        return [rules.Track.PAYMENT.value, *stages]
    return stages


def _locked(event: Event) -> Event:
    """The row as it is now, its supply locked. Raises ``SupplyError`` if it counts no more."""
    lock_supply(event.supply)
    old = Event.objects.select_related("supply__parcel").get(pk=event.pk)
    if not old.in_force:
        raise SupplyError("这条记录已经更正过，请更正最新的一条。")
    return old


def _of_kind(old: Event, changes: Mapping[str, Any]) -> dict[str, Any]:
    """``changes``, if the kind has these columns. A ``ValueError`` is a mistake of the program."""
    if foreign := set(changes) - {*COMMON, *COLUMNS.get(old.kind, ())}:
        raise ValueError(f"{old.kind} has no {', '.join(sorted(foreign))}")
    return dict(changes)


# --- What the acts refuse ------------------------------------------------------------------------------


def _check(old: Event, new: Event, today: date) -> None:
    """Only what differs is judged: what a ledger has brought may lack things."""
    changed = {name for name in CORRECTABLE if getattr(old, name) != getattr(new, name)}
    for name in NEEDED.get(new.kind, ()):
        if name in changed and not getattr(new, name):
            raise SupplyError(f"“{label_of(new, name)}”不能空着。", name)
    if "remark" in changed and len(new.remark) > LONGEST_REMARK:
        raise SupplyError(f"备注太长，最多 {LONGEST_REMARK} 个字。", "remark")
    _refuse_bounced(old)
    _check_words(new, changed)
    _check_money(new, changed)
    _check_site(new, changed)
    if new.kind in (K.EXTENSION_APPLIED, K.EXTENSION_APPROVED):
        _check_extension(old, new, changed)
    if new.kind == K.DETERMINATION_PROPOSED and "track" in changed:
        _check_proposal(old, new, today)
    if new.answers is not None and "on" in changed and new.on < new.answers.on:
        raise SupplyError(f"日期不能早于所针对的{new.answers.get_kind_display()} {new.answers.on}。", "on")


def _check_words(new: Event, changed: set[str]) -> None:
    """Choices that there are."""
    if "track" in changed and new.track and new.track not in tracks_of(new):
        raise SupplyError("这宗供地没有这个环节。", "track")
    if "cause" in changed and new.cause and new.cause not in CauseChoice.values:
        raise SupplyError("请选择原因。", "cause")
    if "finding" in changed and new.finding and new.finding not in FindingChoice.values:
        raise SupplyError("请选择巡查结果。", "finding")
    if "deviation" in changed and not DeviationKind.objects.filter(code=new.deviation).exists():
        raise SupplyError("请选择问题类别。", "deviation")


def _check_money(new: Event, changed: set[str]) -> None:
    if new.kind in MONEY_KINDS and "amount" in changed and (new.amount is None or new.amount <= 0):
        raise SupplyError("金额须大于 0。", "amount")
    if "seq" in changed and new.seq and not new.supply.instalments.filter(seq=new.seq).exists():
        raise SupplyError(f"没有第 {new.seq} 期。", "seq")
    payment = new.answers if new.kind == K.REFUND else None
    if payment is not None and (new.amount, new.seq) != (payment.amount, payment.seq):
        raise SupplyError("退票的金额和期次照原来那笔缴款；缴款录错的，先撤销退票再更正缴款。", "amount")


def _refuse_bounced(event: Event) -> None:
    """A payment that the bank returned stays as it is: the return repeats its amount."""
    if event.kind == K.PAYMENT and event.answered_by.in_force().filter(kind=K.REFUND).exists():
        raise SupplyError("这笔缴款已登记退票，请先撤销退票。")


def _check_site(new: Event, changed: set[str]) -> None:
    area = new.supply.parcel.area
    for name, unit in (("developed_area", "m²"), ("invested", "元")):
        value: Decimal | None = getattr(new, name)
        if name in changed and value is not None and value < 0:
            raise SupplyError(f"不能小于 0 {unit}。", name)
    if "developed_area" in changed and new.developed_area and area and new.developed_area > area:
        raise SupplyError(f"不能大于宗地面积 {area:,.2f} m²，请核对单位。", "developed_area")


def _check_extension(old: Event, new: Event, changed: set[str]) -> None:
    """The dates as if the old row had not been. A later completion beside a later completion means none."""
    facts = _facts(old, None)
    track = facts.stage_of(_as_fact(new))
    if track == rules.Track.COMPLETION:
        new.new_completion_on = None
    if not changed & {"track", "new_due_on", "new_completion_on", "on"}:
        return
    if new.new_due_on is None and new.new_completion_on is None:
        raise SupplyError("请填写新的约定日期。", "new_due_on")
    if new.new_due_on is None or track is None:  # of a ledger: the completion alone
        return
    view = rules.view_of(facts, new.on, terms())
    if wrong := unfit_dates(view, track, new.new_due_on, new.new_completion_on):
        raise SupplyError(*wrong)


def _check_proposal(old: Event, new: Event, today: date) -> None:
    now = situation_of(old.supply, today)
    other = now.office.proposal(rules.Track(new.track))
    if now.stage(new.track).state not in LATE or (other is not None and other.pk != old.pk):
        word = TRACKS[rules.Track(new.track)]
        raise SupplyError(f"{word}没有逾期，或者已提出违约认定，不能改为{word}。", "track")


def _refuse_new_contradictions(old: Event, new: Event | None) -> None:
    """Raises ``SupplyError`` where the facts would contradict each other as they did not before."""
    if old.kind not in JUDGED:
        return
    before = out_of_order(facts_of([old.supply])[old.supply_id])
    after = out_of_order(_facts(old, new))
    for code, message in after.items():
        if code not in before:
            field = "amount" if code == "refund_of_more_than_paid" else "on"
            raise SupplyError(message, field if new is not None else "")


def _facts(old: Event, new: Event | None) -> rules.Facts:
    """The facts of the supply with ``new`` in the place of ``old``."""
    facts = facts_of([old.supply])[old.supply_id]
    events = [event for event in facts.events if event.order != old.pk]
    if new is not None and new.kind in JUDGED:
        events.append(_as_fact(new))
    return replace(facts, events=tuple(sorted(events, key=lambda event: (event.on, event.order))))


def _as_fact(event: Event) -> rules.Event:
    return rules.Event(
        kind=rules.Kind(event.kind),
        on=event.on,
        order=LAST,
        track=rules.Track(event.track) if event.track else None,
        seq=event.seq,
        amount=event.amount,
        new_due_on=event.new_due_on,
        new_completion_on=event.new_completion_on,
        cause=rules.Cause(event.cause) if event.cause else None,
        finding=rules.Finding(event.finding) if event.finding else None,
        developed_area=event.developed_area,
        invested=event.invested,
        partial=event.partial,
    )


def _refuse_other_decision(decision: Event, changes: Mapping[str, Any]) -> None:
    """What was decided here stays: decided otherwise it would lack its review, its papers and its second
    person."""
    if any(getattr(decision, name) != value for name, value in changes.items() if name != "remark"):
        raise SupplyError("审批决定的内容不能更正；决定有误的，请撤销这条记录后重新办理。")


def _refuse_with_successors(event: Event) -> None:
    """A transfer whose new supply goes on cannot be undone here: both would owe the same.

    Nor a split: its part has become a contract of its own, and this one was divided.
    """
    if event.moved and event.partial:
        raise SupplyError(
            "分割时价款、面积已分到另一宗，不能撤销或者改动；数额有误的，请分别更正两宗的合同。"
        )
    if event.kind == K.TRANSFER and event.supply.successors.filter(closed_on=None).exists():
        raise SupplyError("转让或者分割后的供地仍在监管，不能撤销或者改动这次转让，请先终止后面的供地。")
