"""The end of a supply, and what goes on as another: termination, take-back, transfer of all or of a part."""

from __future__ import annotations

import uuid
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
from supervision.supply.models.events import KindChoice
from supervision.supply.selectors.facts import terms
from supervision.supply.services.acts import Begun, begin, require_text
from supervision.supply.services.events import append_event
from supervision.supply.services.land_users import find_or_add
from supervision.supply.services.supplies import NewSupply, correct_contract, register_supply
from supervision.supply.transitions import Situation

SAME_CONTRACT = (
    "method",
    "section",
    "payment_rate",
    "start_rate",
    "completion_rate",
    "damages_cap",
    "interest_rate",
)
SAME_PARCEL = ("township", "village", "location", "use", "plot_ratio")


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

    It has the dates in force, what is still to be paid of each instalment, and what was reached on the site.
    Raises ``SupplyError``.
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
    begun.record(
        KindChoice.TRANSFER,
        on=on,
        remark=_remark(successor, remark),
    )
    view = _view_on(now, on)
    new = _register(
        old,
        view,
        replace(successor, price=old.price),
        land_user,
        on,
        today,
        instalments=[(one.seq, one.due_on, max(one.balance, rules.money.ZERO)) for one in view.payment],
        parcel={"area": old.parcel.area, "boundary": old.parcel.boundary} | _point(old),
        contract={"investment": old.investment, "required_area": old.required_area},
    )
    _carry_over(new, now, view, actor, today)
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
    """A part of the land becomes a supply of its own (部分转让、分割); this one keeps the rest of the area.

    The price is still paid by this contract; ``successor.price`` is what damages of the part are counted by,
    by default the part's share of the area.
    Raises ``SupplyError``: a part that is not smaller than the land.
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
    if successor.price is None and old.price is not None:
        successor = replace(successor, price=rules.yuan(old.price * part / whole))
    begun.record(
        KindChoice.TRANSFER,
        on=on,
        partial=True,
        remark=_remark(successor, f"{part:,.2f} m²。{remark}"),
    )
    view = _view_on(now, on)
    new = _register(
        old,
        view,
        successor,
        _land_user(successor.land_user),
        on,
        today,
        instalments=[(1, None, rules.money.ZERO)] if successor.price else [],
        parcel={"area": part},
        contract={},
    )
    _carry_over(new, now, view, actor, today)
    old.refresh_from_db()
    correct_contract(
        supply=old,
        version=old.version,
        contract={},
        parcel={"area": whole - part},
        reason=f"{on} 分出 {part:,.2f} m²，另立 {new.number}",
        actor=actor,
        today=today,
    )
    return new


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
    old: LandSupply,
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
                "agreed_start_on": view.start.due_on,
                "agreed_completion_on": view.completion.due_on,
            }
            | contract,
            parcel=land | parcel,
            land_user=land_user,
            instalments=instalments,
            officer=officer.user if officer else None,
        ),
        today=today,
    )


def _carry_over(new: LandSupply, now: Situation, view: rules.View, actor: User, today: date) -> None:
    """What was reached on the site stays reached."""
    known = (
        (KindChoice.HANDOVER, view.handover.actual_on),
        (KindChoice.BOARD, view.handover.board_on),
        (KindChoice.START, view.start.reached_on),
        (KindChoice.STOP, view.suspended_since),
        (KindChoice.COMPLETION, view.completion.reached_on),
    )
    for kind, on in known:
        if on is not None:
            append_event(
                supply=new, kind=kind, on=on, actor=actor, today=today, remark=f"承接自 {now.supply.number}"
            )
