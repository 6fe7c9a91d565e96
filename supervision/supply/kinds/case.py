"""What all kinds are filled from: the supply as of the day, what it is called, what every one says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from landbureau.workdays.rules import WorkdaysError, roll_forward
from landbureau.workdays.selectors import current_calendar
from supervision.supply import rules, words
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, Instalment, LandSupply
from supervision.supply.rules import StageState, Track
from supervision.supply.selectors.facts import facts_of, parameters, regime, terms

Method = LandSupply.Method
CONTRACTS = {
    Method.ALLOCATION: "国有建设用地划拨决定书",
    Method.LEASE: "国有建设用地使用权租赁合同",
    Method.CONTRIBUTION: "国有建设用地使用权作价出资合同",
}
GRANT_CONTRACT = "国有建设用地使用权出让合同"
DUES = {Method.ALLOCATION: "划拨价款", Method.LEASE: "土地租金", Method.CONTRIBUTION: "价款"}
PREMIUM = "出让金"
Values = dict[str, Any]
Amount = TypeVar("Amount", Decimal, int)


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


def brigade_name() -> str:
    """Who investigates defaults."""
    brigade = regime().brigade
    return brigade.name if brigade else "监察大队"


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


# --- What several kinds say ---------------------------------------------------------------------------


def contract_facts(case: Case) -> Values:
    supply = case.supply
    return {
        "合同名称": contract_name(supply),
        "合同编号": contract_number(supply),
        "签订日期": supply.signed_on,
        "宗地坐落": words.place_of(supply.parcel),
        "面积": supply.parcel.area,
        "用途": supply.parcel.use,
    }


def agreed(view: rules.View) -> Values:
    """The dates in force; a completion that lies before the start is a wrong entry and left out."""
    start, completion = view.start.due_on, view.completion.due_on
    in_order = start is None or completion is None or start <= completion
    return {"约定开工日期": start, "约定竣工日期": completion if in_order else None}


def lateness(case: Case, stage: rules.DateView, name: str, rate: Decimal | None) -> Values:
    """Days and damages of a stage until it was reached, else until today."""
    return {
        "计算截止日期": stage.reached_on or case.today,
        "逾期天数": some(stage.days_late),
        name: some(rate),
        "违约金": some(stage.damages),
    }


def ground_of(event: Event) -> str:
    """The reason as it was proposed, without its full stop: the wording goes on."""
    step = event.answers if event.answers_id else None
    text = (step.remark if step and step.remark else event.remark).strip()
    return " ".join(text.split()).rstrip("。；，")


def seen_on_site(case: Case) -> str:
    """What the last visit after the agreed date found."""
    stage = case.stage(case.track)
    visits = [event.on for event in case.facts.of_kind(rules.Kind.VISIT)]
    visited_on = max((on for on in visits if stage.due_on and on > stage.due_on), default=None)
    found = "项目未动工开发" if case.track == Track.START else "项目尚未竣工"
    if visited_on is None:
        return found
    return f"{visited_on.year}年{visited_on.month}月{visited_on.day}日现场巡查，{found}"


def some(value: Amount | None) -> Amount | None:
    """A rate, days or damages; None for zero: then nothing is said of it."""
    return value or None


def without(values: Values, *names: str) -> Values:
    return {name: value for name, value in values.items() if name not in names}
