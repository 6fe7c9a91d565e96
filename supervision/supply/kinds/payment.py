"""Kinds about money: reminder, demand, termination for what was not paid."""

from __future__ import annotations

from supervision.supply.errors import SupplyError
from supervision.supply.kinds.case import Case, Values, contract_facts, dues_name, ground_of, some, without


def _payable(case: Case) -> Values:
    """What reminder and demand have in common."""
    one, supply = case.payment(), case.supply
    values = contract_facts(case) | {
        "成交价款": supply.price,
        "款项名称": dues_name(supply),
        "期次": one.seq,
        "应缴日期": one.due_on,
        "违约金千分比": some(supply.payment_rate),
    }
    del values["用途"]
    if supply.is_grant:
        values["解除期限"] = case.number("terminable_days")
    return values


def reminder(case: Case) -> Values:
    return _payable(case) | {"应缴金额": case.payment().balance}


def demand(case: Case) -> Values:
    one = case.payment()
    values = _payable(case) | {
        "电子监管号": case.supply.supervision_number,
        "应缴金额": one.amount,
        "计算截止日期": case.today,
        "逾期天数": some(one.days_late),
        "欠缴金额": one.balance,
        "违约金": some(one.damages),
        "限缴日期": case.deadline(case.number("demand_pay_within_days")),
    }
    return values if some(one.damages) else without(values, "违约金千分比")


def termination_notice(case: Case) -> Values:
    supply = case.supply
    if not supply.is_grant:
        raise SupplyError("划拨供地没有合同可以解除，应当依照划拨决定书和土地管理法第五十八条办理收回。")
    values = without(contract_facts(case), "用途") | {
        "成交价款": supply.price,
        "交还期限": case.deadline(case.number("hand_back_within_days")),
    }
    late = [one for one in case.view.payment if one.balance > 0 and one.days_late and one.demanded_on]
    wanted = case.instalment.seq if case.instalment else None
    one = next((one for one in late if wanted in (None, one.seq)), None)
    if one is None:
        return values | {"解除事由": ground_of(case.event) if case.event else "", "计算截止日期": None}
    return values | {
        "期次": one.seq,
        "应缴日期": one.due_on,
        "计算截止日期": case.today,
        "逾期天数": one.days_late,
        "欠缴金额": one.balance,
        "催缴日期": one.demanded_on,
        "解除期限": case.number("terminable_days"),
        "定金": supply.deposit or None,
        "违约金": some(one.damages),
    }
