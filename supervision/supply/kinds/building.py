"""Kinds about start and completion: reminders, notices, what a default and an extension lead to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from landbureau.workdays.rules import add_years
from supervision.supply import rules, words
from supervision.supply.errors import SupplyError
from supervision.supply.kinds.case import (
    Case,
    Values,
    agreed,
    brigade_name,
    contract_facts,
    dues_name,
    ground_of,
    lateness,
    seen_on_site,
    some,
    without,
)
from supervision.supply.models import Event
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import Track
from supervision.supply.rules.facts import EXEMPT
from supervision.supply.selectors.facts import terms

DUTIES = {Track.START: ("迟延开工", "动工开发"), Track.COMPLETION: ("迟延竣工", "竣工")}
"""What is in default, and what should have been done by then."""


def start_reminder(case: Case) -> Values:
    return (
        without(contract_facts(case), "用途")
        | agreed(case.view)
        | {
            "开工违约金千分比": some(case.supply.start_rate),
            "延期申请日期": _apply_by(case, case.view.start),
        }
    )


def completion_reminder(case: Case) -> Values:
    completion = case.view.completion
    visited = [
        event.on
        for event in case.facts.of_kind(rules.Kind.VISIT)
        if completion.version
        and completion.version.due_on - timedelta(case.number("remind_days")) <= event.on
    ]
    return without(contract_facts(case), "用途") | {
        "实际开工日期": case.view.start.reached_on,
        "约定竣工日期": completion.due_on,
        "巡查日期": max(visited, default=None),
        "竣工违约金千分比": some(case.supply.completion_rate),
        "延期申请日期": _apply_by(case, completion),
    }


def start_notice(case: Case) -> Values:
    visited_on = case.event.on if case.event and case.event.kind == KindChoice.VISIT else None
    return (
        contract_facts(case)
        | lateness(case, case.view.start, "开工违约金千分比", case.supply.start_rate)
        | {
            "约定开工日期": case.view.start.due_on,
            "巡查日期": visited_on,
            "答复期限": case.deadline(case.number("reply_within_days")),
        }
    )


def performance(case: Case, track: Track) -> Values:
    stage = case.stage(track)
    if track == Track.START:
        names, rate = ("约定开工日期", "开工违约金千分比"), case.supply.start_rate
    else:
        names, rate = ("约定竣工日期", "竣工违约金千分比"), case.supply.completion_rate
    event = case.required_event()
    values = (
        contract_facts(case)
        | lateness(case, stage, names[1], rate)
        | {
            names[0]: stage.due_on,
            "认定日期": event.on,
            "答复期限": case.deadline(case.number("reply_within_days")),
            "移送对象": brigade_name(),
        }
    )
    if track == Track.START and stage.due_on is not None:
        values["闲置界限日期"] = add_years(stage.due_on, case.number("idle_years"))
    return values


def default_determination(case: Case) -> Values:
    event = case.required_event()
    if case.track == Track.PAYMENT:
        values = _payment_default(case, event)
    else:
        stage, supply = case.stage(case.track), case.supply
        matter, duty = DUTIES[case.track]
        rate = supply.start_rate if case.track == Track.START else supply.completion_rate
        values = lateness(case, stage, "违约金千分比", rate) | {
            "违约事项": matter,
            "约定日期": stage.due_on,
            "约定内容": duty,
            "认定事实": ground_of(event) or seen_on_site(case),
        }
    cause = event.get_cause_display()
    exempt = event.cause in {one.value for one in EXEMPT}
    values |= {"免责原因" if exempt else "违约原因": cause}
    return contract_facts(case) | (without(values, "违约金千分比", "违约金") if exempt else values)


def _payment_default(case: Case, event: Event) -> Values:
    late = [one for one in case.view.payment if one.balance > 0 and one.days_late]
    one = next((one for one in late if one.seq == event.seq), late[0] if late else None)
    if one is None:
        raise SupplyError("没有逾期未缴的分期，不能拟制缴款违约的认定书。")
    return {
        "违约事项": "迟延缴款",
        "约定日期": one.due_on,
        "约定内容": f"缴清第{one.seq}期{dues_name(case.supply)}",
        "认定事实": ground_of(event) or "至今未缴清",
        "计算截止日期": case.today,
        "逾期天数": one.days_late,
        "欠缴金额": one.balance,
        "违约金千分比": some(case.supply.payment_rate),
        "违约金": some(one.damages),
    }


def brigade_transfer(case: Case) -> Values:
    event, supply = case.required_event(), case.supply
    determination = event.answers if event.answers_id else event
    if case.track == Track.PAYMENT:
        told = _payment_default(case, determination or event)
    else:
        stage = case.stage(case.track)
        told = lateness(case, stage, "违约金千分比", None) | {
            "约定日期": stage.due_on,
            "约定内容": DUTIES[case.track][1],
            "认定事实": ground_of(determination or event) or seen_on_site(case),
            "违约金": some(stage.damages),
        }
    told = without(told, "违约事项", "违约金千分比", "欠缴金额")
    contract = without(contract_facts(case), "用途")
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


def contract_amendment(case: Case) -> Values:
    """Dates in force before the approval, and those that it brings; what it does not change is left out."""
    event = case.required_event()
    track = case.track
    before = replace(case.facts, events=tuple(one for one in case.facts.events if one.order != event.pk))
    old = rules.view_of(before, event.on, terms(case.numbers))
    new_start = event.new_due_on if track == Track.START else None
    new_completion = event.new_completion_on if track == Track.START else event.new_due_on
    _, ground = words.asked(ground_of(event))
    values = without(contract_facts(case), "用途") | {
        "变更原因": "：".join(filter(None, (event.get_cause_display(), ground))),
    }
    if new_start is not None:
        values |= {"原开工日期": old.start.due_on, "新开工日期": new_start}
    if new_completion is not None:
        values |= {"原竣工日期": old.completion.due_on, "新竣工日期": new_completion}
    return values


def _apply_by(case: Case, stage: rules.DateView) -> date | None:
    """Until when an extension is to be applied for, if there is still time."""
    if stage.due_on is None:
        return None
    last = stage.due_on - timedelta(days=case.number("extension_notice_days"))
    return last if last > case.today else None
