"""Kinds of documents of land supply: which there are, and what is filled into their fields.

Titles, approval, basis and wording are rows (``fixtures/documents``); here stands only what a supply says for
each field. What is not known is left out: the wording leaves out the words around it, and a required field
keeps the draft from being sent for approval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from landbureau.accounts.models import Bureau
from landbureau.workdays.rules import WorkdaysError, add_years, roll_forward
from landbureau.workdays.selectors import current_calendar
from supervision.supply import rules
from supervision.supply.errors import SupplyError
from supervision.supply.models import DeviationKind, Event, Instalment, LandSupply
from supervision.supply.models.events import FindingChoice, KindChoice
from supervision.supply.rules import StageState, Track
from supervision.supply.rules.facts import EXEMPT
from supervision.supply.selectors.facts import facts_of, parameters, regime, terms

PAYMENT_REMINDER = "payment_reminder"
PAYMENT_DEMAND = "payment_demand"
START_REMINDER = "start_reminder"
START_NOTICE = "start_notice"
COMPLETION_REMINDER = "completion_reminder"
START_PERFORMANCE = "start_performance"
COMPLETION_PERFORMANCE = "completion_performance"
DEFAULT_DETERMINATION = "default_determination"
BRIGADE_TRANSFER = "brigade_transfer"
TERMINATION_NOTICE = "termination_notice"
CONTRACT_AMENDMENT = "contract_amendment"
HANDOVER_CONFIRMATION = "handover_confirmation"
BRIEFING = "briefing"
SIGN_BOARD = "sign_board"
TRACKING_CARD = "tracking_card"

HOTLINE = "12336"  # the national number of the ministry for reports (违法举报电话)
NONE_KNOWN = "无"
WAN = 10_000  # yuan in a 万元, as boards have it
Method = LandSupply.Method
CONTRACTS = {
    Method.ALLOCATION: "国有建设用地划拨决定书",
    Method.LEASE: "国有建设用地使用权租赁合同",
    Method.CONTRIBUTION: "国有建设用地使用权作价出资合同",
}
GRANT_CONTRACT = "国有建设用地使用权出让合同"
DUES = {Method.ALLOCATION: "划拨价款", Method.LEASE: "土地租金", Method.CONTRIBUTION: "价款"}
PREMIUM = "出让金"
DUTIES = {Track.START: ("迟延开工", "动工开发"), Track.COMPLETION: ("迟延竣工", "竣工")}
"""What is in default, and what should have been done by then."""

Values = dict[str, Any]


def values_for(
    kind: str,
    supply: LandSupply,
    *,
    today: date,
    instalment: Instalment | None = None,
    event: Event | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Values:
    """The fields of a document of ``kind`` (a code) about ``supply``, as known on ``today``.

    ``instalment``: for payments; ``event``: what the document follows from; ``extra`` replaces single fields.
    Money in yuan, area in m², rates in ‰ a day. Raises ``SupplyError``: such a supply has no such document.
    """
    case = Case(supply, today, instalment, event)
    values = BUILDERS[kind](case) | dict(extra or {})
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def contract_name(supply: LandSupply) -> str:
    """The full title of what the land was supplied by."""
    return CONTRACTS.get(Method(supply.method), GRANT_CONTRACT)


def dues_name(supply: LandSupply) -> str:
    """What its price is called: 出让金, 划拨价款, 土地租金."""
    return DUES.get(Method(supply.method), PREMIUM)


def title_for(kind_title: str, supply: LandSupply) -> str:
    """The title of a kind as this supply has it: 划拨价款催缴通知单, 划拨决定书变更协议."""
    title = kind_title.replace(PREMIUM, dues_name(supply))
    return title if supply.is_grant else title.replace("合同", "划拨决定书")


def contract_number(supply: LandSupply) -> str:
    return supply.contract_number or f"电子监管号{supply.supervision_number}"


@dataclass(frozen=True)
class Case:
    """What the fields are filled from; read when asked for."""

    supply: LandSupply
    today: date
    instalment: Instalment | None
    event: Event | None

    @cached_property
    def facts(self) -> rules.Facts:
        return facts_of([self.supply])[self.supply.pk]

    @cached_property
    def numbers(self) -> dict[str, Decimal]:
        return parameters()

    @cached_property
    def view(self) -> rules.View:
        return rules.view_of(self.facts, self.today, terms(self.numbers))

    @property
    def track(self) -> Track:
        """The stage that the event is about; of one that does not say: the start until it is reached."""
        if self.event is not None and self.event.track:
            return Track(self.event.track)
        return Track.COMPLETION if self.view.start.state == StageState.REACHED else Track.START

    def stage(self, track: Track) -> rules.DateView:
        return self.view.start if track == Track.START else self.view.completion

    def number(self, code: str) -> int:
        return int(self.numbers[code])

    def payment(self) -> rules.InstalmentView:
        """Raises ``SupplyError``: no instalment was given."""
        seq = self.instalment.seq if self.instalment else None
        for one in self.view.payment:
            if one.seq == seq:
                return one
        raise SupplyError("请选择分期。", "instalment")

    def required_event(self) -> Event:
        if self.event is None:
            raise SupplyError("这种文书由登记的事项生成。")
        return self.event

    def deadline(self, days: int) -> date:
        """``days`` from today, on a day that is worked."""
        last = self.today + timedelta(days=days)
        try:
            return roll_forward(last, current_calendar()).on
        except WorkdaysError:
            return last


def _contract(case: Case) -> Values:
    supply = case.supply
    return {
        "合同名称": contract_name(supply),
        "合同编号": contract_number(supply),
        "签订日期": supply.signed_on,
        "宗地坐落": supply.parcel.location,
        "面积": supply.parcel.area,
        "用途": supply.parcel.use,
    }


def _payable(case: Case) -> Values:
    """What reminder and demand have in common."""
    one, supply = case.payment(), case.supply
    values = _contract(case) | {
        "成交价款": supply.price,
        "款项名称": dues_name(supply),
        "期次": one.seq,
        "应缴日期": one.due_on,
        "违约金千分比": _rate(supply.payment_rate),
    }
    del values["用途"]
    if supply.is_grant:
        values["解除期限"] = case.number("terminable_days")
    return values


def _payment_reminder(case: Case) -> Values:
    return _payable(case) | {"应缴金额": case.payment().balance}


def _payment_demand(case: Case) -> Values:
    one = case.payment()
    values = _payable(case) | {
        "电子监管号": case.supply.supervision_number,
        "应缴金额": one.amount,
        "计算截止日期": case.today,
        "逾期天数": _days(one.days_late),
        "欠缴金额": one.balance,
        "违约金": _owed(one.damages),
        "限缴日期": case.deadline(case.number("demand_pay_within_days")),
    }
    return values if _owed(one.damages) else _without(values, "违约金千分比")


def _start_reminder(case: Case) -> Values:
    return (
        _without(_contract(case), "用途")
        | _agreed(case.view)
        | {
            "开工违约金千分比": _rate(case.supply.start_rate),
            "延期申请日期": _apply_by(case, case.view.start),
        }
    )


def _completion_reminder(case: Case) -> Values:
    completion = case.view.completion
    visited = [
        event.on
        for event in case.facts.of_kind(rules.Kind.VISIT)
        if completion.version
        and completion.version.due_on - timedelta(case.number("remind_days")) <= event.on
    ]
    return _without(_contract(case), "用途") | {
        "实际开工日期": case.view.start.reached_on,
        "约定竣工日期": completion.due_on,
        "巡查日期": max(visited, default=None),
        "竣工违约金千分比": _rate(case.supply.completion_rate),
        "延期申请日期": _apply_by(case, completion),
    }


def _start_notice(case: Case) -> Values:
    visited_on = case.event.on if case.event and case.event.kind == KindChoice.VISIT else None
    return (
        _contract(case)
        | _lateness(case, case.view.start, "开工违约金千分比", case.supply.start_rate)
        | {
            "约定开工日期": case.view.start.due_on,
            "巡查日期": visited_on,
            "答复期限": case.deadline(case.number("demand_pay_within_days")),
        }
    )


def _performance(case: Case, track: Track) -> Values:
    stage = case.stage(track)
    if track == Track.START:
        words, rate = ("约定开工日期", "开工违约金千分比"), case.supply.start_rate
    else:
        words, rate = ("约定竣工日期", "竣工违约金千分比"), case.supply.completion_rate
    event = case.required_event()
    values = (
        _contract(case)
        | _lateness(case, stage, words[1], rate)
        | {
            words[0]: stage.due_on,
            "认定日期": event.on,
            "答复期限": case.deadline(case.number("demand_pay_within_days")),
            "移送对象": brigade_name(),
        }
    )
    if track == Track.START and stage.due_on is not None:
        values["闲置界限日期"] = add_years(stage.due_on, case.number("idle_years"))
    return values


def _default_determination(case: Case) -> Values:
    event = case.required_event()
    if case.track == Track.PAYMENT:
        values = _payment_default(case, event)
    else:
        stage, supply = case.stage(case.track), case.supply
        matter, duty = DUTIES[case.track]
        rate = supply.start_rate if case.track == Track.START else supply.completion_rate
        values = _lateness(case, stage, "违约金千分比", rate) | {
            "违约事项": matter,
            "约定日期": stage.due_on,
            "约定内容": duty,
            "认定事实": _ground(event) or _seen(case),
        }
    cause = event.get_cause_display()
    exempt = event.cause in {one.value for one in EXEMPT}
    values |= {"免责原因" if exempt else "违约原因": cause}
    return _contract(case) | (_without(values, "违约金千分比", "违约金") if exempt else values)


def _payment_default(case: Case, event: Event) -> Values:
    late = [one for one in case.view.payment if one.balance > 0 and one.days_late]
    one = next((one for one in late if one.seq == event.seq), late[0] if late else None)
    if one is None:
        raise SupplyError("没有逾期未缴的分期，不能拟制缴款违约的认定书。")
    return {
        "违约事项": "迟延缴款",
        "约定日期": one.due_on,
        "约定内容": f"缴清第{one.seq}期{dues_name(case.supply)}",
        "认定事实": _ground(event) or "至今未缴清",
        "计算截止日期": case.today,
        "逾期天数": one.days_late,
        "欠缴金额": one.balance,
        "违约金千分比": _rate(case.supply.payment_rate),
        "违约金": _owed(one.damages),
    }


def _brigade_transfer(case: Case) -> Values:
    event, supply = case.required_event(), case.supply
    determination = event.answers if event.answers_id else event
    if case.track == Track.PAYMENT:
        told = _payment_default(case, determination or event)
    else:
        stage = case.stage(case.track)
        told = _lateness(case, stage, "违约金千分比", None) | {
            "约定日期": stage.due_on,
            "约定内容": DUTIES[case.track][1],
            "认定事实": _ground(determination or event) or _seen(case),
            "违约金": _owed(stage.damages),
        }
    told = _without(told, "违约事项", "违约金千分比", "欠缴金额")
    contract = _without(_contract(case), "用途")
    return (
        contract
        | told
        | {
            "用地单位": supply.land_user.name,
            "电子监管号": supply.supervision_number if supply.contract_number else "",
            "认定日期": determination.on if determination else event.on,
            "违约原因": event.get_cause_display(),
        }
    )


def _termination_notice(case: Case) -> Values:
    supply = case.supply
    if not supply.is_grant:
        raise SupplyError("划拨供地没有合同可以解除，应当依照划拨决定书和土地管理法第五十八条办理收回。")
    values = _without(_contract(case), "用途") | {
        "成交价款": supply.price,
        "交还期限": case.deadline(case.number("demand_pay_within_days")),
    }
    late = [one for one in case.view.payment if one.balance > 0 and one.days_late and one.demanded_on]
    wanted = case.instalment.seq if case.instalment else None
    one = next((one for one in late if wanted in (None, one.seq)), None)
    if one is None:
        return values | {"解除事由": _ground(case.event) if case.event else "", "计算截止日期": None}
    return values | {
        "期次": one.seq,
        "应缴日期": one.due_on,
        "计算截止日期": case.today,
        "逾期天数": one.days_late,
        "欠缴金额": one.balance,
        "催缴日期": one.demanded_on,
        "解除期限": case.number("terminable_days"),
        "定金": supply.deposit or None,
        "违约金": _owed(one.damages),
    }


def _contract_amendment(case: Case) -> Values:
    """Dates in force before the approval, and those that it brings; what it does not change is left out."""
    event = case.required_event()
    track = case.track
    before = replace(case.facts, events=tuple(one for one in case.facts.events if one.order != event.pk))
    old = rules.view_of(before, event.on, terms(case.numbers))
    new_start = event.new_due_on if track == Track.START else None
    new_completion = event.new_completion_on if track == Track.START else event.new_due_on
    ground = _ground(event)
    values = _without(_contract(case), "用途") | {
        "变更原因": "：".join(filter(None, (event.get_cause_display(), ground))),
    }
    if new_start is not None:
        values |= {"原开工日期": old.start.due_on, "新开工日期": new_start}
    if new_completion is not None:
        values |= {"原竣工日期": old.completion.due_on, "新竣工日期": new_completion}
    return values


def _handover_confirmation(case: Case) -> Values:
    event = case.event
    handed_over = event.on if event and event.kind == KindChoice.HANDOVER else case.view.handover.actual_on
    return _without(_contract(case), "签订日期") | {
        "电子监管号": case.supply.supervision_number,
        "约定交地日期": case.supply.agreed_handover_on,
        "实际交地日期": handed_over,
        "备注": event.remark if event else "",
    }


def _briefing(case: Case) -> Values:
    supply = case.supply
    rows = [
        [f"第{one.seq}期", one.due_on.isoformat() if one.due_on else "日期未定", f"{one.amount:.2f}"]
        for one in case.view.payment
    ]
    values = (
        _contract(case)
        | _agreed(case.view)
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


def _sign_board(case: Case) -> Values:
    supply = case.supply
    bureau = Bureau.objects.get()
    return (
        _without(_contract(case), "合同名称", "签订日期")
        | _agreed(case.view)
        | {
            "供应方式": supply.get_method_display(),
            "电子监管号": supply.supervision_number,
            "容积率": supply.parcel.plot_ratio,
            "固定资产投资": supply.investment / WAN if supply.investment else None,
            "监管单位": f"{bureau.name}{supply.section}",
            "监管电话": supply.section.phone or bureau.phone,
            "举报电话": HOTLINE,
        }
    )


def _tracking_card(case: Case) -> Values:
    """Of a visit (its event); what the officer did not note stays blank."""
    event, supply = case.required_event(), case.supply
    visit = getattr(event, "visit", None)
    view = rules.view_of(case.facts, event.on, terms(case.numbers))
    started = view.start.reached_on
    stopped = view.suspended_since
    people = [event.recorded_by.name if event.recorded_by else "", visit.companions if visit else ""]
    board = {True: "已悬挂", False: "未悬挂"}.get(visit.board_up) if visit else None
    finding = event.finding or FindingChoice.NOT_STARTED
    return _agreed(view) | {
        "项目名称": f"{supply.parcel.use or '建设'}项目",
        "电子监管号": supply.supervision_number or supply.contract_number,
        "宗地坐落": supply.parcel.location,
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


def _agreed(view: rules.View) -> Values:
    """The dates in force; a completion that lies before the start is a wrong entry and left out."""
    start, completion = view.start.due_on, view.completion.due_on
    in_order = start is None or completion is None or start <= completion
    return {"约定开工日期": start, "约定竣工日期": completion if in_order else None}


def _stage_of_visit(case: Case, view: rules.View, on: date) -> str:
    for stage, word in ((view.completion, "竣工"), (view.start, "开工")):
        if stage.due_on is None or (stage.reached_on and stage.reached_on < on):
            continue
        if stage.due_on - timedelta(days=case.number("remind_days")) <= on:
            return word
    return "日常巡查"


def _deviations(event: Event) -> str:
    """What is wrong on the day of the visit, one line each: what it found, and what was not settled yet."""
    settled = Event.objects.in_force().filter(
        kind=KindChoice.DEVIATION_FOLLOWED, settles=True, answers=OuterRef("pk"), on__lt=event.on
    )
    found = Event.objects.in_force().filter(
        ~Exists(settled), supply=event.supply_id, kind=KindChoice.DEVIATION, on__lte=event.on
    )
    titles = dict(DeviationKind.objects.values_list("code", "title"))
    lines = ["：".join(filter(None, (titles.get(one.deviation, one.deviation), one.remark))) for one in found]
    return "\n".join(dict.fromkeys(lines)) or NONE_KNOWN


def photo_numbers(on: date, count: int) -> str:
    """``20261123-01至04``: the photos of a visit as they are named in the archive; empty: there are none."""
    if not count:
        return ""
    last = f"至{count:02}" if count > 1 else ""
    return f"{on:%Y%m%d}-01{last}"


def _lateness(case: Case, stage: rules.DateView, name: str, rate: Decimal | None) -> Values:
    """Days and damages of a stage until it was reached, else until today."""
    return {
        "计算截止日期": stage.reached_on or case.today,
        "逾期天数": _days(stage.days_late),
        name: _rate(rate),
        "违约金": _owed(stage.damages),
    }


def _seen(case: Case) -> str:
    """What the last visit after the agreed date found."""
    stage = case.stage(case.track)
    visits = [event.on for event in case.facts.of_kind(rules.Kind.VISIT)]
    visited_on = max((on for on in visits if stage.due_on and on > stage.due_on), default=None)
    found = "项目未动工开发" if case.track == Track.START else "项目尚未竣工"
    if visited_on is None:
        return found
    return f"{visited_on.year}年{visited_on.month}月{visited_on.day}日现场巡查，{found}"


def _ground(event: Event) -> str:
    """The reason as it was proposed, without its full stop: the wording goes on."""
    step = event.answers if event.answers_id else None
    text = (step.remark if step and step.remark else event.remark).strip()
    return " ".join(text.split()).rstrip("。；，")


def _apply_by(case: Case, stage: rules.DateView) -> date | None:
    """Until when an extension is to be applied for, if there is still time."""
    if stage.due_on is None:
        return None
    last = stage.due_on - timedelta(days=case.number("extension_notice_days"))
    return last if last > case.today else None


def brigade_name() -> str:
    """Who investigates defaults."""
    brigade = regime().brigade
    return brigade.name if brigade else "监察大队"


def _rate(rate: Decimal | None) -> Decimal | None:
    return rate or None


def _days(days: int | None) -> int | None:
    return days or None


def _owed(damages: Decimal | None) -> Decimal | None:
    return damages or None


def _without(values: Values, *names: str) -> Values:
    return {name: value for name, value in values.items() if name not in names}


BUILDERS: Mapping[str, Callable[[Case], Values]] = {
    PAYMENT_REMINDER: _payment_reminder,
    PAYMENT_DEMAND: _payment_demand,
    START_REMINDER: _start_reminder,
    START_NOTICE: _start_notice,
    COMPLETION_REMINDER: _completion_reminder,
    START_PERFORMANCE: lambda case: _performance(case, Track.START),
    COMPLETION_PERFORMANCE: lambda case: _performance(case, Track.COMPLETION),
    DEFAULT_DETERMINATION: _default_determination,
    BRIGADE_TRANSFER: _brigade_transfer,
    TERMINATION_NOTICE: _termination_notice,
    CONTRACT_AMENDMENT: _contract_amendment,
    HANDOVER_CONFIRMATION: _handover_confirmation,
    BRIEFING: _briefing,
    SIGN_BOARD: _sign_board,
    TRACKING_CARD: _tracking_card,
}
