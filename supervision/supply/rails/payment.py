"""The rail of the payments: what is paid, the instalment on which all waits, what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from supervision.supply import words
from supervision.supply.rails.parts import MOST_STOPS, Mark, Rail, Stop, days_left
from supervision.supply.rules import Facts, InstalmentView, PaymentState, Terms, View
from supervision.supply.rules.dates import days_after, days_before

ZERO = Decimal(0)


def payment_rail(view: View, facts: Facts, terms: Terms) -> Rail:
    colour, word = words.payment_word(view, facts.price)
    signed = Stop(
        "签订合同" if facts.is_grant else "划拨决定",
        facts.signed_on,
        "" if facts.signed_on else "日期未填",
        Mark.DONE if facts.signed_on else Mark.PASSED,
        "green",
    )
    if not view.payment:
        note = "合同有价款，没有分期，无法计算" if facts.price else "不缴价款"
        return Rail("payment", "缴款", "", (signed,), colour, word, (note,), (note, ""))
    payment = [one for one in view.payment if one.amount or one.paid or one.moved]
    if not payment:  # a successor to whom nothing was left to pay
        told = "已缴清" if facts.price else "无价款"
        stop = Stop(told, None, "转入时无余款" if facts.price else "", Mark.DONE, "green")
        return Rail("payment", "缴款", "", (signed, stop), colour, word, (told,), (told, ""))
    if view.closed_on is not None and view.moved:
        gone = Stop(f"余款 {words.in_wan(view.moved)}", view.closed_on, "已随转", Mark.DONE, "grey")
        stops = [signed, *_paid([one for one in payment if not one.moved]), gone]
        told = f"余款 {view.moved:,.2f} 元已随转"
        return Rail(
            "payment", "缴款", "", tuple(stops), colour, word, (told,), (told, view.closed_on.isoformat())
        )
    paid = [one for one in payment if one.state == PaymentState.PAID and (one.amount or one.paid)]
    open_ = sorted(
        (one for one in payment if one.state != PaymentState.PAID),
        key=lambda one: (words.ORDER[one.state], one.due_on or date.max, one.seq),
    )
    stops = [signed, *_paid(paid)]
    if open_:
        stops += _open(open_[0], view.on, terms)
        stops += _rest(open_[1:])
    if len(stops) < MOST_STOPS:
        last = max((one.settled_on for one in paid if one.settled_on), default=None)
        stops.append(Stop("缴清", mark=Mark.AHEAD) if open_ else Stop("缴清", last, "", Mark.DONE, "green"))
    return Rail(
        "payment",
        "缴款",
        _share(view.payment),
        tuple(stops[:MOST_STOPS]),
        colour,
        word,
        _money(open_, paid, view),
        _payment_foot(open_, paid, view.on),
        late=bool(open_) and open_[0].state in (PaymentState.OVERDUE, PaymentState.TERMINABLE),
    )


def _share(payment: Sequence[InstalmentView]) -> str:
    due, paid = sum((one.amount for one in payment), ZERO), sum((one.paid for one in payment), ZERO)
    return f"已缴 {min(paid / due, Decimal(1)) * 100:.0f}%" if due else ""


def _paid(paid: Sequence[InstalmentView]) -> list[Stop]:
    if len(paid) < 2:
        return [_paid_one(one) for one in paid]
    on = max((one.settled_on for one in paid if one.settled_on), default=None)
    total = sum((one.amount for one in paid), ZERO)
    return [Stop(f"{len(paid)} 期 {words.in_wan(total)}", on, "缴清", Mark.DONE, "green")]


def _paid_one(one: InstalmentView) -> Stop:
    late = f"，迟{one.days_late}天" if one.days_late else ""
    return Stop(
        f"第{one.seq}期 {words.in_wan(one.amount)}", one.settled_on, f"缴清{late}", Mark.DONE, "green"
    )


def _open(one: InstalmentView, on: date, terms: Terms) -> list[Stop]:
    """The instalment on which all waits: its reminder, its day, the demand, the line of termination."""
    title = f"第{one.seq}期 {words.in_wan(one.amount)}"
    if one.due_on is None or one.effective_due_on is None:
        return [Stop(title, None, "应缴日期不明", Mark.NOW, "orange")]
    reminder = Stop("进入提醒期", days_before(one.due_on, terms.remind_days))
    due = Stop(title, one.due_on, "应缴")
    if one.state == PaymentState.NOT_DUE:
        return [reminder, due]
    if one.state == PaymentState.REMINDER:
        return [replace(reminder, mark=Mark.PASSED), replace(due, mark=Mark.NOW, colour="blue")]
    due = replace(due, mark=Mark.PASSED, colour="red")
    terminable_on = days_after(one.effective_due_on, terms.terminable_days + 1)
    line = Stop("可解除合同", terminable_on, mark=Mark.LINE, colour="red")
    if one.demanded_on is None:
        return [due, Stop("催缴送达", None, "尚未送达", Mark.NOW, "red"), line]
    demand = Stop("催缴送达", one.demanded_on, mark=Mark.PASSED, colour="red")
    if one.state == PaymentState.TERMINABLE:
        return [due, demand, replace(line, mark=Mark.NOW)]
    return [due, replace(demand, mark=Mark.NOW), line]


def _rest(open_: Sequence[InstalmentView]) -> list[Stop]:
    if not open_:
        return []
    last = max((one.due_on for one in open_ if one.due_on), default=None)
    if len(open_) == 1:
        return [Stop(f"第{open_[0].seq}期 {words.in_wan(open_[0].amount)}", last, "应缴")]
    total = sum((one.amount for one in open_), ZERO)
    return [Stop(f"其余 {len(open_)} 期 {words.in_wan(total)}", last, "止")]


def _money(open_: Sequence[InstalmentView], paid: Sequence[InstalmentView], view: View) -> tuple[str, ...]:
    damages = sum((one.damages or ZERO for one in view.payment), ZERO)
    told = [f"违约金 {damages:,.2f} 元"] if damages else []
    if any(one.days_late and one.damages is None for one in view.payment):
        told.append("未约定违约金比例")
    if not open_:
        surplus = -sum((one.balance for one in paid if one.balance < 0), ZERO)
        told += [f"多缴 {surplus:,.2f} 元"] if surplus else []
        return tuple(told) or ("全部缴清",)
    one = open_[0]
    balance = sum((one.balance for one in open_), ZERO)
    return (f"{days_left(one.effective_due_on, view.on)}　欠 {balance:,.2f} 元".strip(), *told)


def _payment_foot(
    open_: Sequence[InstalmentView], paid: Sequence[InstalmentView], on: date
) -> tuple[str, str]:
    if not open_:
        last = max((one.settled_on for one in paid if one.settled_on), default=None)
        return "全部缴清", last.isoformat() if last else ""
    one = open_[0]
    due = one.due_on.isoformat() if one.due_on else "日期不明"
    return f"第{one.seq}期 {one.balance:,.2f} 元", f"{due}　{days_left(one.effective_due_on, on)}"
