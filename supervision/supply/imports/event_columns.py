"""The columns of the sheet of events (contract.md), with the words that bureaus use for what happened."""

from __future__ import annotations

from landbureau.imports.targets import Column
from landbureau.imports.values import Choice, Date, Text
from supervision.supply.imports.columns import AREA_KIND, MONEY_KIND, NUMBERS
from supervision.supply.imports.kinds import Seq
from supervision.supply.models.events import CauseChoice, FindingChoice, KindChoice, TrackChoice
from supervision.supply.selectors.facts import JUDGED

KINDS = {kind: label for kind, label in KindChoice.choices if kind in JUDGED}
_K = KindChoice
KIND_WORDS: dict[str, str] = {
    **dict.fromkeys(
        ("缴纳", "付款", "缴纳价款", "缴纳出让金", "缴出让金", "缴纳出让价款", "到账"), _K.PAYMENT.value
    ),
    **dict.fromkeys(("退还", "退费", "退还价款", "退还出让金"), _K.REFUND.value),
    **dict.fromkeys(("缴纳违约金", "违约金缴纳", "缴滞纳金", "缴纳滞纳金"), _K.DAMAGES.value),
    **dict.fromkeys(
        ("催缴", "催缴通知送达", "送达催缴通知", "催缴通知单送达", "催缴函送达"), _K.DEMAND.value
    ),
    **dict.fromkeys(("土地交付", "交付土地", "实际交地", "交付"), _K.HANDOVER.value),
    **dict.fromkeys(("悬挂公示牌", "公示牌悬挂", "设立公示牌", "挂公示牌", "信息公示牌"), _K.BOARD.value),
    **dict.fromkeys(("现场巡查", "现场核查", "实地巡查", "巡查记录", "实地核查"), _K.VISIT.value),
    **dict.fromkeys(("动工", "实际开工", "动工开发", "项目开工", "开工建设", "实际动工"), _K.START.value),
    **dict.fromkeys(("停建", "中止建设", "停止建设"), _K.STOP.value),
    **dict.fromkeys(("恢复施工", "恢复建设"), _K.RESUME.value),
    **dict.fromkeys(("完工", "实际竣工", "项目竣工", "建成"), _K.COMPLETION.value),
    **dict.fromkeys(("认定违约",), _K.DETERMINATION.value),
    **dict.fromkeys(("申请延期",), _K.EXTENSION_APPLIED.value),
    **dict.fromkeys(("批准延期", "同意延期", "延期同意"), _K.EXTENSION_APPROVED.value),
    **dict.fromkeys(("驳回延期", "不予延期", "不同意延期", "延期不予批准"), _K.EXTENSION_REJECTED.value),
    **dict.fromkeys(("合同解除", "解除"), _K.TERMINATION.value),
    **dict.fromkeys(("收回土地", "无偿收回", "收回土地使用权", "土地收回"), _K.TAKE_BACK.value),
    **dict.fromkeys(("转让", "转让过户", "土地转让"), _K.TRANSFER.value),
    **dict.fromkeys(("验收", "土地复核验收", "竣工复核验收", "最终验收"), _K.ACCEPTANCE.value),
}
TRACK_WORDS = {
    **dict.fromkeys(("付款", "缴纳", "价款"), TrackChoice.PAYMENT.value),
    **dict.fromkeys(("动工", "开工环节", "开工阶段"), TrackChoice.START.value),
    **dict.fromkeys(("完工", "竣工环节", "竣工阶段"), TrackChoice.COMPLETION.value),
}
_C = CauseChoice
CAUSES = {
    _C.GOVERNMENT.value: "政府原因",
    _C.FORCE_MAJEURE.value: "不可抗力",
    _C.PREPARATORY_WORK.value: "前期准备",
    _C.LAND_USER.value: "用地单位",
}
"""In the contract's words."""
CAUSE_WORDS = {
    **dict.fromkeys(("政府", "政府部门原因", "政府行为"), _C.GOVERNMENT.value),
    **dict.fromkeys(("自然灾害",), _C.FORCE_MAJEURE.value),
    **dict.fromkeys(
        ("必需的前期准备", "前期工作", "前期准备工作", "必需的前期工作"), _C.PREPARATORY_WORK.value
    ),
    **dict.fromkeys(
        ("用地单位原因", "企业原因", "企业自身原因", "用地者原因", "受让人原因", "自身原因", "单位原因"),
        _C.LAND_USER.value,
    ),
}
_F = FindingChoice
FINDING_WORDS = {
    **dict.fromkeys(("未动工", "没有开工", "尚未开工"), _F.NOT_STARTED.value),
    **dict.fromkeys(("已动工", "开工"), _F.STARTED.value),
    **dict.fromkeys(("建设中", "正在建设", "施工中", "正在施工"), _F.UNDER_WAY.value),
    **dict.fromkeys(("已停工", "停建"), _F.STOPPED.value),
    **dict.fromkeys(("竣工", "已完工", "已建成"), _F.COMPLETED.value),
}
LONGEST_REMARK = 380  # leaves room for what a correction adds
COLUMNS = (
    *NUMBERS,
    Column(
        "kind",
        "事项",
        Choice(KINDS, KIND_WORDS),
        ("事项名称", "供后事项", "办理事项", "事件"),
        required=True,
    ),
    Column("on", "日期", Date(), ("发生日期", "事项日期", "办理日期", "时间", "发生时间"), required=True),
    Column("track", "环节", Choice(dict(TrackChoice.choices), TRACK_WORDS), ("所属环节", "阶段")),
    Column("seq", "期次", Seq(), ("缴款期次", "期别", "第几期")),
    Column("amount", "金额", MONEY_KIND, ("缴款金额", "实缴金额", "缴纳金额", "到账金额", "发生金额")),
    Column(
        "new_due_on", "新约定日期", Date(), ("新的约定日期", "延期至", "延期后日期", "变更后日期", "新日期")
    ),
    Column(
        "new_completion_on",
        "新约定竣工日期",
        Date(),
        ("新的约定竣工日期", "新竣工日期", "延期后竣工日期", "变更后竣工日期"),
    ),
    Column("cause", "原因", Choice(CAUSES, CAUSE_WORDS), ("违约原因", "延期原因", "原因类别")),
    Column(
        "finding",
        "巡查结果",
        Choice(dict(FindingChoice.choices), FINDING_WORDS),
        ("巡查情况", "核查结果", "巡查发现"),
    ),
    Column(
        "developed_area", "已开发面积", AREA_KIND, ("开发面积", "已动工面积", "动工面积", "已动工开发面积")
    ),
    Column("invested", "已投资额", MONEY_KIND, ("已完成投资", "完成投资额", "累计投资额", "已投资")),
    Column("remark", "备注", Text(LONGEST_REMARK), ("说明", "情况说明")),
)
COMPARED = ("new_due_on", "new_completion_on", "cause", "finding", "developed_area", "invested", "remark")
