"""Papers of the site: confirmation of the handover, briefing, sign board, tracking card."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from landbureau.accounts.models import Bureau
from landbureau.documents.content import day_text
from supervision.supply import rules, words
from supervision.supply.kinds.case import Case, Values, agreed, contract_facts, dues_name, without
from supervision.supply.models import DeviationKind, Event, LandSupply
from supervision.supply.models.events import FindingChoice, KindChoice
from supervision.supply.selectors.facts import terms

HOTLINE = "12336"  # the national number of the ministry for reports (违法举报电话)
NONE_KNOWN = "无"


def project_name(supply: LandSupply) -> str:
    """What is built there; the register has no name for it."""
    return f"{supply.parcel.use or '建设'}项目"


def handover_confirmation(case: Case) -> Values:
    event = case.event
    handed_over = event.on if event and event.kind == KindChoice.HANDOVER else case.view.handover.actual_on
    return without(contract_facts(case), "签订日期") | {
        "电子监管号": case.supply.supervision_number,
        "约定交地日期": case.supply.agreed_handover_on,
        "实际交地日期": handed_over,
        "备注": event.remark if event else "",
    }


def briefing(case: Case) -> Values:
    supply = case.supply
    rows = [
        [f"第{one.seq}期", day_text(one.due_on) if one.due_on else "日期未定", f"{one.amount:.2f}"]
        for one in case.view.payment
    ]
    values = (
        contract_facts(case)
        | agreed(case.view)
        | {
            "容积率": supply.parcel.plot_ratio,
            "约定交地日期": supply.agreed_handover_on,
            "延期提前天数": case.number("extension_notice_days"),
            "举报电话": HOTLINE,
        }
    )
    if rows:
        values |= {"款项名称": dues_name(supply), "缴款安排": [["期次", "应缴日期", "应缴金额（元）"], *rows]}
    return values


def sign_board(case: Case) -> Values:
    supply = case.supply
    bureau = Bureau.objects.get()
    return (
        without(contract_facts(case), "合同名称", "签订日期")
        | agreed(case.view)
        | {
            "供应方式": supply.get_method_display(),
            "电子监管号": supply.supervision_number,
            "容积率": supply.parcel.plot_ratio,
            "固定资产投资": supply.investment / words.WAN if supply.investment else None,
            "监管单位": f"{bureau.name}{supply.section}",
            "监管电话": supply.section.phone or bureau.phone,
            "举报电话": HOTLINE,
        }
    )


def tracking_card(case: Case) -> Values:
    """Of a visit (its event); what the officer did not note stays blank."""
    event, supply = case.required_event(), case.supply
    visit = getattr(event, "visit", None)
    view = rules.view_of(case.facts, event.on, terms(case.numbers))
    started = view.start.reached_on
    stopped = view.suspended_since
    people = [event.recorded_by.name if event.recorded_by else "", visit.companions if visit else ""]
    board = {True: "已悬挂", False: "未悬挂"}.get(visit.board_up) if visit else None
    finding = event.finding or FindingChoice.NOT_STARTED
    return agreed(view) | {
        "项目名称": project_name(supply),
        "电子监管号": supply.supervision_number or supply.contract_number,
        "宗地坐落": words.place_of(supply.parcel),
        "宗地面积": supply.parcel.area,
        "批准用途": supply.parcel.use,
        "巡查环节": _stage_of_visit(case, view, event.on),
        "巡查日期": event.on,
        "巡查时间": f"{timezone.localtime(visit.at):%H时%M分}" if visit else "",
        "巡查人员": "、".join(filter(None, people)),
        "公示牌": board,
        "建设状况": FindingChoice(finding).label,
        "实际开工日期": started,
        "停工起始日期": stopped if stopped and (started is None or stopped >= started) else None,
        "已动工面积": event.developed_area,
        "已投资额": event.invested,
        "偏差情况": _deviations(event),
        "照片编号": photo_numbers(event.on, event.photos.count()),
    }


def _stage_of_visit(case: Case, view: rules.View, on: date) -> str:
    for stage, word in ((view.completion, "竣工"), (view.start, "开工")):
        if stage.due_on is None or (stage.reached_on and stage.reached_on < on):
            continue
        if stage.due_on - timedelta(days=case.number("remind_days")) <= on:
            return word
    return "日常巡查"


def _deviations(event: Event) -> str:
    """What is wrong on the day of the visit: what it found, and what was not settled yet. One line for all of
    which the same is said."""
    settled = Event.objects.in_force().filter(
        kind=KindChoice.DEVIATION_FOLLOWED, settles=True, answers=OuterRef("pk"), on__lt=event.on
    )
    found = Event.objects.in_force().filter(
        ~Exists(settled), supply=event.supply_id, kind=KindChoice.DEVIATION, on__lte=event.on
    )
    titles = dict(DeviationKind.objects.values_list("code", "title"))
    by_remark: dict[str, dict[str, None]] = {}
    for one in found:
        by_remark.setdefault(one.remark, {})[titles.get(one.deviation, one.deviation)] = None
    lines = ["：".join(filter(None, ("、".join(kinds), remark))) for remark, kinds in by_remark.items()]
    return "\n".join(lines) or NONE_KNOWN


def photo_numbers(on: date, count: int) -> str:
    """``20261123-01至04``: the photos of a visit as they are named in the archive; empty: there are none."""
    if not count:
        return ""
    last = f"至{count:02}" if count > 1 else ""
    return f"{on:%Y%m%d}-01{last}"
