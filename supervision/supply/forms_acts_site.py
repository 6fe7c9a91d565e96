"""Forms of the acts on the site: handover and sign board, building, deviations."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django import forms

from supervision.supply.forms_acts_base import DayForm, PhotosField, StepForm, area, money, text
from supervision.supply.models import DeviationKind, Event
from supervision.supply.models.events import CauseChoice
from supervision.supply.services import handover, progress

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
    photos = PhotosField(label="交地现场照片")
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
    photos = PhotosField(label="公示牌照片")
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
