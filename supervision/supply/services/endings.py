"""The end of a supply, and what goes on as another: termination, take-back, transfer of all or of a part."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from landbureau.accounts.models import User
from landbureau.accounts.services import SUPERVISION
from landbureau.workdays.services import lock_calendar
from supervision.supply import rules
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, LandSupply, LandUser
from supervision.supply.models.events import KindChoice, TrackChoice
from supervision.supply.selectors.facts import facts_of, terms
from supervision.supply.services.acts import Begun, begin, require_text
from supervision.supply.services.events import append_events
from supervision.supply.services.land_users import find_or_add
from supervision.supply.services.supplies import NewSupply, correct_contract, register_supply
from supervision.supply.transitions import Situation

SAME_CONTRACT = (
    "method",
    "section",
    "payment_rate",
    "start_rate",
    "completion_rate",
    "interest_rate",
)
SAME_PARCEL = ("township", "village", "location", "use", "plot_ratio")
ON_SITE = (
    KindChoice.HANDOVER,
    KindChoice.BOARD_GIVEN,
    KindChoice.BOARD,
    KindChoice.VISIT,
    KindChoice.START,
    KindChoice.STOP,
    KindChoice.RESUME,
    KindChoice.COMPLETION,
)
OF_DEFAULT = (
    KindChoice.DEMAND,
    KindChoice.DETERMINATION,
    KindChoice.TO_BRIGADE,
    KindChoice.BRIGADE_ACCEPTED,
)
INHERITED = (*ON_SITE, *OF_DEFAULT)
"""What the new supply takes over as it stood: reached, looked at, demanded, determined, handed over."""
COLUMNS = (
    "kind",
    "on",
    "track",
    "seq",
    "amount",
    "cause",
    "finding",
    "developed_area",
    "invested",
    "deviation",
)
LETTERS = (KindChoice.DETERMINATION, KindChoice.TO_BRIGADE)
"""Their documents go with them: the brigade waits for its letter."""
BY_AREA = ("investment", "required_area")
BY_PRICE = ("damages_cap",)
LONGEST_REMARK = 400


@dataclass(frozen=True)
class NewUser:
    """The land user that takes over, as entered: one that is known by its code is taken."""

    name: str
    identity: str = ""
    contact: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class Successor:
    """The supply that goes on: its numbers and land user; for a part also area (m²) and price (yuan)."""

    supervision_number: str
    contract_number: str
    land_user: NewUser
    area: Decimal | None = None
    price: Decimal | None = None
    location: str = ""


@transaction.atomic
def propose_termination(
    *,
    supply: LandSupply,
    ground: str,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """Ask the leader to terminate the contract: an instalment is late, demanded and still unpaid.

    Raises ``SupplyError``.
    """
    begun = begin("propose_termination", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    return begun.record(
        KindChoice.TERMINATION_PROPOSED,
        remark=require_text(ground, "请写明解除合同的事实和理由。", "ground"),
    )


@transaction.atomic
def approve_termination(
    *,
    supply: LandSupply,
    step: Event,
    actor: User,
    today: date,
    opinion: str = "",
    request_key: uuid.UUID | None = None,
) -> Event:
    """Terminate the contract: the supply ends, and the notice of it is drafted.

    Raises ``SupplyError``: also for the proposer, and where all has been paid meanwhile.
    """
    begun = begin(
        "decide_termination", supply=supply, actor=actor, today=today, request_key=request_key, step=step
    )
    if begun.sent:
        return begun.sent
    if not begun.now.terminable:
        raise SupplyError("已不再符合解除合同的条件（可能已经缴款），请不予批准。")
    event = begun.record(
        KindChoice.TERMINATION,
        answers=step,
        remark=opinion or step.remark,
    )
    begun.draft("termination_notice", event)
    return event


@transaction.atomic
def decline_termination(
    *,
    supply: LandSupply,
    step: Event,
    reason: str,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """The contract is not terminated; the demand goes on. Raises ``SupplyError``."""
    begun = begin(
        "decide_termination", supply=supply, actor=actor, today=today, request_key=request_key, step=step
    )
    if begun.sent:
        return begun.sent
    return begun.record(
        KindChoice.TERMINATION_DECLINED,
        answers=step,
        remark=require_text(reason, "请写明不予解除的理由。", "reason"),
    )


@transaction.atomic
def record_take_back(
    *,
    supply: LandSupply,
    on: date,
    reason: str,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """The land was taken back: a fact decided elsewhere, which ends the supply. Raises ``SupplyError``."""
    begun = begin("take_back", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    return begun.record(
        KindChoice.TAKE_BACK,
        on=on,
        remark=require_text(reason, "请写明收回的依据。", "reason"),
    )


@transaction.atomic
def transfer_whole(
    *,
    supply: LandSupply,
    successor: Successor,
    on: date,
    actor: User,
    today: date,
    remark: str = "",
    request_key: uuid.UUID | None = None,
) -> LandSupply:
    """The whole land goes to another user: this supply ends, a new one goes on with what is still owed.

    It has the dates in force, what is still to be paid of each instalment with the damages for it, those for
    a late start or completion, and the state that was reached. None of it is owed here any more: the rights
    and duties of the contract go with the land. Raises ``SupplyError``.
    """
    lock_calendar(shared=True)  # the new one's instalments roll over days off
    begun = begin("transfer", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return _successor_of(begun)
    now = begun.now
    old = now.supply
    land_user = _land_user(successor.land_user)
    if land_user == old.land_user:
        raise SupplyError("新的用地单位和原来的相同。", "land_user")
    view = _view_on(now, on)
    open_ = rules.open_amounts(view)
    begun.record(
        KindChoice.TRANSFER,
        on=on,
        moved=_moved(open_, price=old.price),
        remark=_remark(successor, remark),
    )
    new = _register(
        now,
        view,
        replace(successor, price=old.price),
        land_user,
        on,
        today,
        instalments=[(one.seq, one.due_on, open_[one.seq]) for one in view.payment],
        parcel={"area": old.parcel.area, "boundary": old.parcel.boundary} | _point(old),
        contract={
            "damages_cap": old.damages_cap,
            "investment": old.investment,
            "required_area": old.required_area,
        },
    )
    _inherit(new, now, on, actor, today, damages=True)
    return new


@transaction.atomic
def split_off(
    *,
    supply: LandSupply,
    successor: Successor,
    on: date,
    actor: User,
    today: date,
    remark: str = "",
    request_key: uuid.UUID | None = None,
) -> LandSupply:
    """A part of the land becomes a supply of its own (部分转让、分割); this one keeps the rest.

    Divided are area, price, investment, the area to be developed, the most of damages, and what is open of
    each instalment (``rules.divide``); what was paid stays with who has paid it. Until the day of the split
    everything stands here as it was.
    ``successor.price``: by default the part's share of the area.
    Raises ``SupplyError``: a part that is not smaller than the land, an earlier day than the last split.
    """
    lock_calendar(shared=True)
    begun = begin("split", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return _successor_of(begun)
    now = begun.now
    old = now.supply
    whole, part = old.parcel.area, successor.area
    if whole is None:
        raise SupplyError("宗地面积不明，请先补录面积。", "area")
    if part is None or part <= 0:
        raise SupplyError("请填写分出的面积。", "area")
    if part >= whole:
        raise SupplyError(f"分出的面积须小于现有的 {whole:,.2f} m²；全部转让的，请办理整宗转让变更。", "area")
    if successor.price is not None and successor.price > (old.price or 0):
        raise SupplyError("分出部分的价款不能多于成交价款。", "price")
    _refuse_before_last_split(now, on)
    view = _view_on(now, on)
    divided = rules.divide(view, old.price, successor.price, whole, part)
    successor = replace(successor, price=divided.price)
    shared = {
        name: divided.by_area(value) for name in BY_AREA if (value := getattr(old, name)) is not None
    } | {name: divided.by_price(value) for name in BY_PRICE if (value := getattr(old, name)) is not None}
    begun.record(
        KindChoice.TRANSFER,
        on=on,
        partial=True,
        moved=_moved(divided.instalments, price=divided.price, area=part, **shared),
        remark=_remark(successor, f"{part:,.2f} m²。{remark}"),
    )
    new = _register(
        now,
        view,
        successor,
        _land_user(successor.land_user),
        on,
        today,
        instalments=[(one.seq, one.due_on, divided.instalments[one.seq]) for one in view.payment],
        parcel={"area": part},
        contract=shared,
    )
    _inherit(new, now, on, actor, today)
    old.refresh_from_db()
    rest = {name: getattr(old, name) - value for name, value in shared.items()}
    if old.price is not None and divided.price is not None:
        rest["price"] = old.price - divided.price
    correct_contract(
        supply=old,
        version=old.version,
        contract=rest,
        parcel={"area": whole - part},
        reason=f"{on} 分出 {part:,.2f} m²，另立 {new.number}",
        actor=actor,
        today=today,
    )
    return new


def _refuse_before_last_split(now: Situation, on: date) -> None:
    """What is divided are the sums of that day: they have been divided since."""
    last = max((event.on for event in now.facts.events if event.moved is not None), default=None)
    if last is not None and on < last:
        raise SupplyError(f"{last} 已经分割过，这次的日期不能早于那一天。", "on")


def _moved(instalments: Mapping[int, Decimal], **columns: Decimal | None) -> dict[str, Any]:
    """As ``Event.moved`` keeps it."""
    return {name: str(value) for name, value in columns.items() if value is not None} | {
        "instalments": {str(seq): str(amount) for seq, amount in instalments.items() if amount}
    }


def _successor_of(begun: Begun) -> LandSupply:
    """What the form that came twice has made the first time."""
    found: LandSupply | None = begun.now.supply.successors.order_by("-pk").first()
    if found is None:
        raise SupplyError("这张表单已经提交过。")
    return found


def _remark(successor: Successor, remark: str) -> str:
    return f"转给 {successor.land_user.name}。{remark}".rstrip("。") + "。"


def _land_user(given: NewUser) -> LandUser:
    """As when a supply is registered: the one with this code, else a new one; duplicates are merged there."""
    require_text(given.name, "请填写新的用地单位。", "land_user")
    return find_or_add(values=asdict(given))


def _view_on(now: Situation, on: date) -> rules.View:
    """The supply as it stood on the day of the transfer, before it."""
    return rules.view_of(now.facts, on, terms())


def _point(old: LandSupply) -> dict[str, Any]:
    return {"longitude": old.parcel.longitude, "latitude": old.parcel.latitude}


def _register(
    now: Situation,
    view: rules.View,
    successor: Successor,
    land_user: LandUser,
    on: date,
    today: date,
    *,
    instalments: list[tuple[int, date | None, Any]],
    parcel: dict[str, Any],
    contract: dict[str, Any],
) -> LandSupply:
    old, terms_ = now.supply, terms()
    officer = old.assignments.filter(task=SUPERVISION, ends_on=None).select_related("user").first()
    same = {name: getattr(old, name) for name in SAME_CONTRACT}
    land = {name: getattr(old.parcel, name) for name in SAME_PARCEL}
    if successor.location:
        land["location"] = successor.location
    return register_supply(
        new=NewSupply(
            contract=same
            | {
                "supervision_number": successor.supervision_number,
                "contract_number": successor.contract_number,
                "origin": old,
                "price": successor.price,
                "signed_on": on,
                "agreed_handover_on": old.agreed_handover_on,
                "agreed_start_on": _counting(now, view.start, on, terms_),
                "agreed_completion_on": _counting(now, view.completion, on, terms_),
            }
            | contract,
            parcel=land | parcel,
            land_user=land_user,
            instalments=instalments,
            officer=officer.user if officer else None,
        ),
        today=today,
    )


def _counting(now: Situation, stage: rules.DateView, on: date, numbers: rules.Terms) -> date | None:
    """The date in force; of what is reached the one that was in force then: lateness stays what it was."""
    found = rules.versions(now.facts.until(on), stage.track, numbers)
    version = rules.judged_by(found, on, stage.reached_on)
    return version.due_on if version else None


def _inherit(
    new: LandSupply, now: Situation, on: date, actor: User, today: date, *, damages: bool = False
) -> None:
    """What had happened by ``on`` is true of the new supply too: in rows of its own that name the old ones.

    So a default that was found, determined and handed over stays so, and what was demanded is not demanded
    again. ``damages``: also what was paid of the damages, which go over: all but those for money that was
    paid late, which stay with it.
    """
    kinds = (*INHERITED, KindChoice.DAMAGES) if damages else INHERITED
    rows = now.supply.events.in_force().filter(kind__in=kinds, on__lte=on).order_by("on", "pk")
    copies: dict[int, Event] = {}
    stays = _damages_for_late_payment(now.supply, on) if damages else rules.money.ZERO
    for row in rows:
        amount = row.amount or rules.money.ZERO
        if row.kind == KindChoice.DAMAGES and row.track in ("", TrackChoice.PAYMENT):
            kept = min(stays, amount)
            stays, amount = stays - kept, amount - kept
            if not amount:
                continue
        copies[row.pk] = Event(
            supply=new,
            recorded_by=actor,
            inherited_from=row,
            remark="。".join(filter(None, (f"承接自 {now.supply.number}", row.remark)))[:LONGEST_REMARK],
            **{name: getattr(row, name) for name in COLUMNS} | {"amount": amount if row.amount else None},
        )
        if row.kind in LETTERS:
            copies[row.pk].document_id = row.document_id
    for row in rows:
        if row.pk in copies and row.answers_id in copies:
            copies[row.pk].answers = copies[row.answers_id]
    if copies:
        append_events(events=list(copies.values()), today=today)


def _damages_for_late_payment(old: LandSupply, on: date) -> Decimal:
    """What the transfer of ``on`` has left of the damages for late payment, in yuan."""
    view = rules.view_of(facts_of([old])[old.pk], on, terms())
    return sum((one.damages or rules.money.ZERO for one in view.payment), rules.money.ZERO)
