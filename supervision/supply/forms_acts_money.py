"""Forms of the acts about money: payment, refund, damages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from supervision.supply.forms_acts_base import Choice, DayForm, Service, money
from supervision.supply.rules import Track
from supervision.supply.selectors.consequences import damages_of, yuan
from supervision.supply.services import payments
from supervision.supply.transitions import TRACKS, Situation


class SeqField(forms.TypedChoiceField):
    """An instalment by its number; empty: oldest due date first."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, empty_value=None, required=False, **kwargs)


def _seqs(now: Situation) -> list[tuple[str, str]]:
    return [("", "按应缴日期先后")] + [
        (str(one.seq), f"第 {one.seq} 期　{_due(one)}，{_balance(one)}") for one in now.view.payment
    ]


def _due(one: Any) -> str:
    return f"应缴 {one.due_on}" if one.due_on else "应缴日期未定"


def _balance(one: Any) -> str:
    return f"尚欠 {yuan(one.balance)}" if one.balance > 0 else "已缴清"


class PaymentForm(DayForm):
    name, told = "payment", "已登记缴款。"
    day_label = "缴款日期"
    units: ClassVar[dict[str, str]] = {"amount": "元"}
    amount = money("缴款金额")
    seq = SeqField(label="缴哪一期")
    remark = forms.CharField(label="备注", required=False, max_length=200, help_text="如：缴款书号、缴款方式")
    service = staticmethod(payments.record_payment)

    def prepare(self) -> None:
        field: Any = self.fields["seq"]
        field.choices = _seqs(self.now)
        wanted = str(self.initial.get("seq", ""))
        open_ = [one for one in self.now.view.payment if one.balance > 0]
        first = next((one for one in open_ if str(one.seq) == wanted), next(iter(open_), None))
        if first is not None:
            self.initial.setdefault("amount", first.balance)


class RefundForm(DayForm):
    name, told = "refund", "已登记退款。"
    day_label = "退款日期"
    units: ClassVar[dict[str, str]] = {"amount": "元"}
    payment = forms.TypedChoiceField(
        label="退的是哪笔",
        required=False,
        empty_value=None,
        widget=forms.RadioSelect,
        help_text="银行退票的选择原来那笔，金额照原数。",
    )
    amount = money("退款金额", required=False)
    seq = SeqField(label="退哪一期")
    reason = forms.CharField(label="原因", max_length=200)
    field_order = ["payment", "on", "amount", "seq", "reason"]
    chooser, long_answers = "payment", True

    def prepare(self) -> None:
        rows = {str(row.pk): row for row in payments.payments_that_may_bounce(self.now.supply)}
        field: Any = self.fields["payment"]
        field.choices = [("", "一般退款")] + [
            (key, f"退票：{row.on} 缴款 {yuan(row.amount)}")
            for key, row in rows.items()
            if row.amount is not None
        ]
        field.coerce = rows.get
        seq: Any = self.fields["seq"]
        seq.choices = [("", "后缴的先退")] + [
            (str(one.seq), f"第 {one.seq} 期　已缴 {yuan(one.paid)}")
            for one in self.now.view.payment
            if one.paid > 0
        ]

    def choices_of(self) -> Mapping[str, Choice]:
        """The amount of a bounced payment is known."""
        return {"": Choice({"amount": "退款金额", "seq": "退哪一期"}, ["amount"])}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        given = self.cleaned_data
        if not given.get("payment") and given.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "请填写退款金额，或者选择退票的缴款。")
        return cleaned

    @property
    def service(self) -> Service:
        return payments.record_bounced if self.cleaned_data["payment"] else payments.record_refund

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        for name in ("amount", "seq") if given["payment"] else ("payment",):
            given.pop(name)
        return given


class DamagesForm(DayForm):
    name, told = "damages_payment", "已登记缴违约金。"
    day_label = "缴纳日期"
    units: ClassVar[dict[str, str]] = {"amount": "元"}
    track = forms.TypedChoiceField(label="违约环节", coerce=Track, widget=forms.RadioSelect)
    amount = money("缴纳金额")
    remark = forms.CharField(label="备注", required=False, max_length=200)
    field_order = ["track", "on", "amount", "remark"]
    service = staticmethod(payments.record_damages)

    def prepare(self) -> None:
        found = damages_of(self.now)
        field: Any = self.fields["track"]
        field.choices = [
            (track.value, f"{TRACKS[track]}　{_damages_in_words(found.get(track))}") for track in Track
        ]
        open_ = {track: owed - paid for track, (owed, paid) in found.items() if owed > paid}
        track = next(iter(open_), Track.PAYMENT)
        self.initial.setdefault("track", track.value)
        if track in open_:
            self.initial.setdefault("amount", open_[track])


def _damages_in_words(found: tuple[Any, Any] | None) -> str:
    if found is None:
        return "没有违约金"
    owed, paid = found
    return f"计至今天 {yuan(owed)}，已缴 {yuan(paid)}"
