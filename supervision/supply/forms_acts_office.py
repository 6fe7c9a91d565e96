"""Forms of the acts within the office: default, extension, the end of a supply, and what goes on of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from supervision.supply import words
from supervision.supply.forms_acts_base import ActForm, Choice, DayForm, Service, StepForm, area, money, text
from supervision.supply.models import Event
from supervision.supply.models.events import CauseChoice
from supervision.supply.rules import EXEMPT, Cause, Track
from supervision.supply.services import defaults, endings, extensions
from supervision.supply.services.endings import Successor
from supervision.supply.transitions import TRACKS, Situation

# --- Default -------------------------------------------------------------------------------------------


class ProposeDefaultForm(ActForm):
    name, told = "propose_default", "已提出违约认定，等待审核。"
    track = forms.TypedChoiceField(label="违约环节", coerce=Track, widget=forms.RadioSelect)
    cause = forms.ChoiceField(label="原因", choices=CauseChoice.choices, widget=forms.RadioSelect)
    ground = text("事实和依据", help_text="如：2026-11-21 现场巡查，场地已围挡，未见基础施工")
    service = staticmethod(defaults.propose_default)

    def prepare(self) -> None:
        stages = self.now.proposable
        field: Any = self.fields["track"]
        field.choices = [
            (stage.track.value, f"{TRACKS[stage.track]}　约定 {stage.due_on}，逾期 {stage.days_late} 天")
            for stage in stages
        ]
        if stages:
            self.initial.setdefault("track", stages[0].track.value)
        if bureau_was_late(self.now):
            self.initial.setdefault("cause", CauseChoice.GOVERNMENT)
            self.fields[
                "cause"
            ].help_text = (
                f"交地日期 {self.now.view.handover.actual_on} 晚于约定开工日期，建议按政府原因认定。"
            )


def bureau_was_late(now: Situation) -> bool:
    """Whether the land was handed over only after its start was due: the cause is the government's."""
    handed_over, start = now.view.handover.actual_on, now.view.start
    return bool(handed_over and start.due_on and handed_over > start.due_on)


class DecisionForm(StepForm):
    """Yes or no to a step, with a word: needed for no. Subclasses name the two services."""

    decision = forms.ChoiceField(label="意见", widget=forms.RadioSelect)
    opinion = text("意见说明", required=False)
    field_order = ["step", "decision", "opinion"]
    yes: ClassVar[tuple[str, str]]
    no: ClassVar[tuple[str, str]]
    told_no: ClassVar[str]
    button = "提交意见"
    chooser = "decision"
    reason_missing: ClassVar[str] = "请写明理由。"

    def prepare(self) -> None:
        field: Any = self.fields["decision"]
        field.choices = [self.yes, self.no]
        self.initial.setdefault("decision", self.yes[0])

    def choices_of(self) -> Mapping[str, Choice]:
        return {
            self.yes[0]: Choice({"opinion": "意见说明"}),
            self.no[0]: Choice({"opinion": f"{self.no[1]}的理由"}, ["opinion"]),
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.is_no and not self.cleaned_data.get("opinion") and "opinion" not in self.errors:
            self.add_error("opinion", self.reason_missing)
        return cleaned

    @property
    def is_no(self) -> bool:
        return self.cleaned_data.get("decision") == self.no[0]

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        given.pop("decision")
        if self.is_no:
            given["reason"] = given.pop("opinion")
        return given

    def message(self) -> str:
        return self.told_no if self.is_no else self.told


class DecideDefaultForm(DecisionForm):
    name, step_label = "decide_default", "提出"
    yes, no = ("determine", "认定违约"), ("return", "退回")
    told_no = "已退回。"

    @property
    def service(self) -> Service:
        return defaults.return_default if self.is_no else defaults.determine_default

    def message(self) -> str:
        step: Event = self.cleaned_data["step"]
        if self.is_no:
            return self.told_no
        if Cause(step.cause) in EXEMPT:
            return "已认定，不计违约金。接着请由本单位提出开工、竣工日期的延期。"
        return "已认定，文书已拟好。移送函印发后，由监察大队接收。"


class BrigadeForm(StepForm):
    name, told, step_label, button = "brigade_accept", "已接收。", "移送", "接收"
    note = text("接收意见", required=False)
    service = staticmethod(defaults.accept_by_brigade)

    def facts_of(self, step: Event) -> list[tuple[str, str]]:
        """What the officer found, and what the head said of it."""
        determination = step.answers
        proposal = determination.answers if determination else None
        ground = proposal.remark if proposal else step.remark
        opinion = determination.remark if determination and determination.remark != ground else ""
        who = f"（{determination.recorded_by}，{determination.on}）" if determination and opinion else ""
        return [*super().facts_of(step)[:3], ("事实和理由", ground), ("审核意见", opinion + who)]


# --- Extension -----------------------------------------------------------------------------------------


class ApplyExtensionForm(DayForm):
    name, told = "apply_extension", "已受理，等待审核。"
    day_label = "申请日期"
    track = forms.TypedChoiceField(label="延期环节", coerce=Track, widget=forms.RadioSelect)
    by_office = forms.TypedChoiceField(
        label="由谁提出",
        choices=[("0", words.BY_LAND_USER), ("1", words.BY_OFFICE)],
        coerce=lambda value: value == "1",
        initial="0",
        widget=forms.RadioSelect,
        help_text="政府原因、不可抗力和必需的前期准备，由本单位提出，不受提前申请的限制。",
    )
    new_due_on = forms.DateField(label="新的约定日期")
    new_completion_on = forms.DateField(
        label="新的竣工日期", required=False, help_text="竣工不延的不填；开工日期晚于竣工日期的，必须一并延期"
    )
    cause = forms.ChoiceField(label="原因", choices=[("", "请选择"), *CauseChoice.choices])
    ground = text("理由")
    field_order = [
        "track",
        "by_office",
        "on",
        "new_due_on",
        "new_completion_on",
        "cause",
        "ground",
    ]
    chooser, long_answers = "track", True
    service = staticmethod(extensions.apply_extension)

    def choices_of(self) -> Mapping[str, Choice]:
        """A new completion beside the start only where it is the start that is put off."""
        return {
            Track.START.value: Choice(
                {"new_due_on": "新的开工日期", "new_completion_on": "新的竣工日期"}, ["new_due_on"]
            ),
            Track.COMPLETION.value: Choice({"new_due_on": "新的竣工日期"}, ["new_due_on"]),
        }

    def prepare(self) -> None:
        stages = self.now.extendable
        field: Any = self.fields["track"]
        field.choices = [
            (stage.track.value, f"{TRACKS[stage.track]}　约定 {stage.due_on}") for stage in stages
        ]
        late = next((stage for stage in stages if stage.cause), None) or (stages[0] if stages else None)
        if late is not None:
            self.initial.setdefault("track", late.track.value)
            if late.cause:
                self.initial.setdefault("cause", late.cause.value)
            if late.cause in EXEMPT:
                self.initial.setdefault("by_office", "1")


class ExtensionForm(DecisionForm):
    """Base: the application with its dates, and what was said of it."""

    step_label = "受理"

    def facts_of(self, step: Event) -> list[tuple[str, str]]:
        who, ground = words.asked(step.remark)
        found = [*super().facts_of(step)[:3], ("提出", who), ("理由", ground)]
        dates = [f"{step.get_track_display()} {step.new_due_on}" if step.new_due_on else ""]
        dates.append(f"竣工 {step.new_completion_on}" if step.new_completion_on else "")
        found.insert(2, ("申请延至", "，".join(filter(None, dates))))
        if review := self.now.office.reviews.get(step.pk):
            found.append(("审核意见", f"{review.remark}（{review.recorded_by}，{review.on}）"))
        return found


class ReviewExtensionForm(ExtensionForm):
    name, told, told_no = "review_extension", "已审核，报局领导批准。", "已签署不同意的意见，报局领导决定。"
    yes, no = ("agree", "同意"), ("disagree", "不同意")
    service = staticmethod(extensions.review_extension)

    def arguments(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        given.pop("decision")
        return given | {"agrees": not self.is_no}


class DecideExtensionForm(ExtensionForm):
    name, told, told_no = (
        "decide_extension",
        "已批准，约定日期已改，合同变更协议已拟好。",
        "已不予批准，约定日期不变。",
    )
    yes, no = ("approve", "批准"), ("reject", "不予批准")

    @property
    def service(self) -> Service:
        return extensions.reject_extension if self.is_no else extensions.approve_extension


# --- The end -------------------------------------------------------------------------------------------


class ProposeTerminationForm(ActForm):
    name, told = "propose_termination", "已提请，等待局领导批准。"
    ground = text("事实和理由")
    service = staticmethod(endings.propose_termination)


class DecideTerminationForm(DecisionForm):
    name, step_label, dangerous = "decide_termination", "提请", True
    told, told_no = "已批准解除合同，通知书已拟好。", "已决定不予解除。"
    yes, no = ("terminate", "解除合同"), ("decline", "不予解除")

    @property
    def service(self) -> Service:
        return endings.decline_termination if self.is_no else endings.approve_termination


class TakeBackForm(DayForm):
    name, told, dangerous = "take_back", "已登记收回，监管终止。", True
    day_label = "收回日期"
    reason = text("依据", help_text="收回决定的机关、文号")
    service = staticmethod(endings.record_take_back)


class SuccessorForm(DayForm):
    """What the new supply is called and who has it. A land user that is known by its name is taken."""

    supervision_number = forms.CharField(
        label="新的电子监管号", max_length=40, required=False, help_text="电子监管号和合同编号至少填一个"
    )
    contract_number = forms.CharField(
        label="新的合同编号", max_length=60, required=False, help_text="没有新的电子监管号的，必须填写"
    )
    land_user = forms.CharField(
        label="新的用地单位", max_length=100, help_text="已登记过的，写同样的名称或者代码即可"
    )
    identity = forms.CharField(label="统一社会信用代码/身份证号", max_length=30, required=False)
    contact = forms.CharField(label="联系人", max_length=40, required=False)
    phone = forms.CharField(label="联系电话", max_length=60, required=False)
    address = forms.CharField(label="送达地址", max_length=160, required=False)
    remark = forms.CharField(label="备注", required=False, max_length=200)
    day_label = "转让日期"

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.cleaned_data.get("supervision_number") and not self.cleaned_data.get("contract_number"):
            self.add_error("supervision_number", "电子监管号和合同编号至少填一个。")
        return cleaned

    def successor(self) -> Successor:
        given = self.cleaned_data
        return Successor(
            supervision_number=given["supervision_number"],
            contract_number=given["contract_number"],
            land_user=endings.NewUser(
                name=given["land_user"],
                identity=given["identity"],
                contact=given["contact"],
                phone=given["phone"],
                address=given["address"],
            ),
            area=given.get("area"),
            price=given.get("price"),
            location=given.get("location", ""),
        )

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "successor": self.successor(),
            "on": given["on"],
            "remark": given["remark"],
            "request_key": given["request_key"],
        }


class TransferForm(SuccessorForm):
    name, told, dangerous = "transfer", "已登记整宗转让，原供地终止监管，这是新的一宗。", True
    service = staticmethod(endings.transfer_whole)


class SplitForm(SuccessorForm):
    name, told = "split", "已登记，这是分出的一宗。"
    day_label = "分割日期"
    units: ClassVar[dict[str, str]] = {"area": "m²", "price": "元"}
    area = area("分出的面积")
    price = money("分出部分的价款", required=False, help_text="未缴各期和违约金也按此划分；不填的按面积折算")
    location = forms.CharField(label="分出部分的坐落", max_length=160, required=False)
    field_order = [
        "on",
        "area",
        "price",
        "location",
        "supervision_number",
        "contract_number",
        "land_user",
    ]
    service = staticmethod(endings.split_off)

    def prepare(self) -> None:
        parcel = self.now.supply.parcel
        if parcel.area is not None:
            self.fields["area"].help_text = f"现有 {parcel.area:,.2f} m²"
        self.initial.setdefault("location", parcel.location)


__all__ = [
    "ApplyExtensionForm",
    "BrigadeForm",
    "DecideDefaultForm",
    "DecideExtensionForm",
    "DecideTerminationForm",
    "ProposeDefaultForm",
    "ProposeTerminationForm",
    "ReviewExtensionForm",
    "SplitForm",
    "TakeBackForm",
    "TransferForm",
]
