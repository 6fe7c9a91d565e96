"""Forms of the acts on money and on the site. Each knows its service, and what saving would bring about."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django import forms

from landbureau.accounts.models import User
from landbureau.web.forms import DeskForm, FilesField
from supervision.supply.models import DeviationKind, Event
from supervision.supply.models.events import CauseChoice
from supervision.supply.rules import Track
from supervision.supply.selectors.consequences import Consequence, consequence_of, damages_of, yuan
from supervision.supply.services import handover, payments, progress
from supervision.supply.transitions import TRACKS, TRANSITIONS, Situation

Service = Callable[..., Any]


class ActForm(DeskForm):
    """Base of the acts. ``name``: of the act; ``told``: what is said when it is done.

    ``request_key`` tells a form that was sent twice.
    """

    name: ClassVar[str]
    told: ClassVar[str]
    dangerous: ClassVar[bool] = False
    button: ClassVar[str] = ""
    note_above: ClassVar[str] = ""
    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, now: Situation, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.actor = now, actor
        self.initial.setdefault("request_key", uuid.uuid4())
        self.prepare()

    def prepare(self) -> None:
        """Fill choices and initial values from how the supply stands."""

    @property
    def service(self) -> Service:
        raise NotImplementedError

    def arguments(self) -> dict[str, Any]:
        """What the service is given besides supply, actor and day."""
        return dict(self.cleaned_data)

    def run(self, today: date) -> Any:
        """Do it. Raises ``SupplyError``."""
        return self.service(supply=self.now.supply, actor=self.actor, today=today, **self.arguments())

    def message(self) -> str:
        return self.told

    def values(self) -> dict[str, Any]:
        """What is filled in as far as it is right; before anything is sent, what the form begins with."""
        if self.is_bound:
            self.is_valid()
            return dict(self.cleaned_data)
        found = {}
        for name, field in self.fields.items():
            try:
                found[name] = field.clean(self.get_initial_for_field(field, name))
            except forms.ValidationError:
                continue
        return found

    def consequence(self) -> Consequence:
        """What saving would bring about."""
        return consequence_of(self.name, self.now, self.values())


class DayForm(ActForm):
    """An act on something that happened on a day: today, unless said otherwise."""

    on = forms.DateField(label="日期")
    day_label: ClassVar[str] = "日期"

    def __init__(self, *args: Any, now: Situation, **kwargs: Any) -> None:
        super().__init__(*args, now=now, **kwargs)
        self.fields["on"].label = self.day_label
        self.initial.setdefault("on", now.today)
        self.fields["on"].widget.attrs["max"] = now.today.isoformat()

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.now.today:
            raise forms.ValidationError("日期不能晚于今天。")
        return on


def text(label: str, *, required: bool = True, rows: int = 3, help_text: str = "") -> forms.CharField:
    """A few sentences: as much as an event keeps beside what it says itself."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
    )


def money(label: str, *, required: bool = True, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=0,
        max_digits=16,
        decimal_places=2,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"step": "0.01"}),
    )


def area(label: str, *, required: bool = True, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=0,
        max_digits=14,
        decimal_places=2,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"step": "0.01"}),
    )


class StepForm(ActForm):
    """An act that answers a step within the office; of several one is chosen."""

    step_label: ClassVar[str] = "办理事项"
    step = forms.TypedChoiceField(label="办理事项", widget=forms.RadioSelect)

    def __init__(self, *args: Any, now: Situation, actor: User, **kwargs: Any) -> None:
        self.steps = {str(step.pk): step for step in TRANSITIONS[self.name].steps_for(actor, now)}
        super().__init__(*args, now=now, actor=actor, **kwargs)
        field: Any = self.fields["step"]
        field.label = self.step_label
        field.choices = [(key, self.describe(step)) for key, step in self.steps.items()]
        field.coerce = self.steps.get
        if self.initial.get("step") not in self.steps:
            self.initial["step"] = next(iter(self.steps), None)
        if len(self.steps) == 1:
            field.widget = forms.HiddenInput()

    @property
    def chosen(self) -> Event | None:
        """The step that the form is about: the one sent, or the first."""
        return self.steps.get(str(self["step"].value()))

    def describe(self, step: Event) -> str:
        """The step in one line, to choose it by."""
        return "　".join(value for _, value in self.facts_of(step) if value)

    def facts_of(self, step: Event) -> list[tuple[str, str]]:
        """The step as it was entered: names and values."""
        return [
            (self.step_label, f"{step.on} {step.recorded_by or '台账导入'}"),
            ("环节", step.get_track_display()),
            ("原因", step.get_cause_display()),
            ("事实和理由", step.remark),
        ]

    def facts(self) -> list[tuple[str, str]]:
        """What is shown of the only step that there is to answer."""
        step = self.chosen if len(self.steps) == 1 else None
        return [(name, value) for name, value in self.facts_of(step) if value] if step else []


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


# --- Money ---------------------------------------------------------------------------------------------


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
        label="退票的缴款",
        required=False,
        empty_value=None,
        help_text="银行退票的选择原来那笔，金额照原数；不是退票的不选。",
    )
    amount = money("退款金额", required=False, help_text="退票的不用填。")
    seq = SeqField(label="退哪一期")
    reason = forms.CharField(label="原因", max_length=200)
    field_order = ["payment", "on", "amount", "seq", "reason"]

    def prepare(self) -> None:
        rows = {str(row.pk): row for row in payments.payments_that_may_bounce(self.now.supply)}
        field: Any = self.fields["payment"]
        field.choices = [("", "不是退票")] + [
            (key, f"{row.on}　{yuan(row.amount)}") for key, row in rows.items() if row.amount is not None
        ]
        field.coerce = rows.get
        seq: Any = self.fields["seq"]
        seq.choices = [("", "后缴的先退")] + [
            (str(one.seq), f"第 {one.seq} 期　已缴 {yuan(one.paid)}")
            for one in self.now.view.payment
            if one.paid > 0
        ]

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


# --- Handover and sign board ---------------------------------------------------------------------------


class BriefingForm(DayForm):
    name, told = "briefing", "已记录供后告知。"
    day_label = "告知日期"
    receiver = forms.CharField(
        label="被告知人", max_length=60, help_text="姓名和身份，如：法定代表人、项目负责人"
    )
    remark = text("告知情况", required=False)
    with_paper = forms.BooleanField(label="同时拟制《供后监管告知书》", required=False, initial=True)
    service = staticmethod(handover.record_briefing)

    def prepare(self) -> None:
        self.initial.setdefault("receiver", self.now.supply.land_user.contact)


class HandoverForm(DayForm):
    name, told = "handover", "已登记交地。"
    day_label = "实际交地日期"
    condition = forms.CharField(
        label="土地条件", required=False, max_length=100, help_text="如：场地平整，通路、通水、通电"
    )
    boundary = forms.CharField(
        label="界址核对", required=False, max_length=100, help_text="如：界址点完好，已现场指认"
    )
    remark = forms.CharField(label="备注", required=False, max_length=150)
    photos = FilesField(label="现场照片", required=False)
    with_paper = forms.BooleanField(label="同时拟制《交地确认书》", required=False, initial=True)
    field_order = ["on", "condition", "boundary", "remark", "with_paper", "photos"]
    service = staticmethod(handover.record_handover)

    def prepare(self) -> None:
        if agreed := self.now.view.handover.agreed_on:
            self.fields["on"].help_text = f"约定 {agreed}"


class BoardGivenForm(DayForm):
    name, told = "board_given", "已登记移交公示牌。"
    day_label = "移交日期"
    receiver = forms.CharField(label="接收人", max_length=60)
    service = staticmethod(handover.give_board)

    def prepare(self) -> None:
        self.initial.setdefault("receiver", self.now.supply.land_user.contact)


class BoardForm(DayForm):
    name, told = "board", "已登记公示牌悬挂。"
    day_label = "悬挂日期"
    photos = FilesField(label="公示牌照片")
    remark = forms.CharField(label="备注", required=False, max_length=200, help_text="如：悬挂的位置")
    field_order = ["on", "remark", "photos"]
    service = staticmethod(handover.post_board)


# --- Building ------------------------------------------------------------------------------------------

STARTED_MEANS = (
    "依法取得施工许可，并且：需要挖深基坑的，基坑开挖完毕；使用桩基的，打入所有基础桩；"
    "其他项目，地基施工完成三分之一。清表、围挡、平整场地不算开工（闲置土地处置办法第三十条）。"
)
SIGNS = ("基坑开挖完毕", "基础桩全部打入", "地基施工完成三分之一")


class StartForm(DayForm):
    name, told, note_above = "start", "已登记开工。", STARTED_MEANS
    day_label = "实际开工日期"
    sign = forms.ChoiceField(
        label="认定开工的标志", choices=[(sign, sign) for sign in SIGNS], widget=forms.RadioSelect
    )
    evidence = text("依据", help_text="如：施工许可证编号、现场照片、监理记录")
    service = staticmethod(progress.record_start)

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        given["evidence"] = f"{given.pop('sign')}。{given['evidence']}"
        return given


class StopForm(DayForm):
    name, told = "stop", "已登记停工。"
    day_label = "停工起始日期"
    units: ClassVar[dict[str, str]] = {"developed_area": "m²", "invested": "元"}
    reason = text("停工情况")
    cause = forms.ChoiceField(label="原因", required=False, choices=[("", "尚未查明"), *CauseChoice.choices])
    developed_area = area("已动工开发面积", required=False)
    invested = money("已投资额", required=False, help_text="不含土地价款和税费")
    service = staticmethod(progress.record_stop)


class ResumeForm(DayForm):
    name, told = "resume", "已登记复工。"
    day_label = "复工日期"
    remark = text("复工情况", required=False)
    service = staticmethod(progress.record_resume)


class CompletionForm(DayForm):
    name, told = "completion", "已登记竣工。"
    note_above = "按实际竣工的日期，或者规划核实（竣工验收）的日期登记。"
    day_label = "竣工日期"
    evidence = text("依据", help_text="如：竣工验收备案编号、规划核实意见、现场照片")
    service = staticmethod(progress.record_completion)


class AcceptanceForm(DayForm):
    name, told = "acceptance", "已登记复核验收，监管终止。"
    day_label = "复核验收日期"
    conclusion = text("结论", help_text="面积、用途、容积率、投资和建设进度与约定是否相符")
    service = staticmethod(progress.record_acceptance)


class FollowUpForm(StepForm, DayForm):
    name, told = "follow_up", "已登记处理情况。"
    step_label = "发现的问题"
    day_label = "处理日期"
    measure = text("处理措施和结果")
    settles = forms.BooleanField(label="已经处理完毕", required=False)
    field_order = ["step", "on", "measure", "settles"]
    service = staticmethod(progress.follow_up_deviation)

    def facts_of(self, step: Event) -> list[tuple[str, str]]:
        return [
            ("发现", f"{step.on} {step.recorded_by or '台账导入'}"),
            (self.step_label, self.titles.get(step.deviation, step.deviation)),
            ("说明", step.remark),
        ]

    @cached_property
    def titles(self) -> dict[str, str]:
        return dict(DeviationKind.objects.values_list("code", "title"))


__all__ = [
    "SIGNS",
    "STARTED_MEANS",
    "AcceptanceForm",
    "ActForm",
    "BoardForm",
    "BoardGivenForm",
    "BriefingForm",
    "CompletionForm",
    "DamagesForm",
    "DayForm",
    "FollowUpForm",
    "HandoverForm",
    "PaymentForm",
    "RefundForm",
    "ResumeForm",
    "StartForm",
    "StepForm",
    "StopForm",
]
