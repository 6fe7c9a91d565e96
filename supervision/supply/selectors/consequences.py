"""What an act would bring about, in words, before it is done: by the rules, on the facts and the form.

``values`` are the fields of the act's form as far as they are filled in; nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from landbureau.documents.models import Kind as DocumentKind
from landbureau.workdays.rules import add_months, add_years
from supervision.supply import rules
from supervision.supply.models import DeviationKind, Event
from supervision.supply.models.events import CauseChoice
from supervision.supply.rules import EXEMPT, Cause, Kind, StageState, Track, View
from supervision.supply.rules.money import ZERO
from supervision.supply.selectors.facts import parameters, terms
from supervision.supply.transitions import TRACKS, Situation

LAST = 2**62
"""``order`` of an event that is only supposed: after all others of its day."""
PAPERS_OF_DEFAULT = {Track.START: "start_performance", Track.COMPLETION: "completion_performance"}


@dataclass(frozen=True, slots=True)
class Consequence:
    """``lines``: what saving does; ``warnings``: what to look at again. Neither: not enough is filled in."""

    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def consequence_of(name: str, now: Situation, values: Mapping[str, Any]) -> Consequence:
    """What the act ``name`` would do with ``values``."""
    return CONSEQUENCES[name](now, values) if name in CONSEQUENCES else Consequence()


# --- Words ---------------------------------------------------------------------------------------------


def yuan(amount: Decimal) -> str:
    return f"{amount:,.2f} 元"


def permille(rate: Decimal | None) -> str:
    """``按日1‰``, or nothing where no rate was agreed."""
    return f"按日{rate.normalize():f}‰" if rate else ""


def papers(*codes: str) -> str:
    """Titles of documents, as the bureau calls them."""
    titles = dict(DocumentKind.objects.filter(code__in=codes).values_list("code", "title"))
    return "、".join(f"《{titles[code]}》" for code in codes if code in titles)


def delay(stage: rules.DateView, rate: Decimal | None) -> str:
    """``逾期 3 天，违约金 7,704.00 元，按日0.5‰``: of a start or completion that is or was late."""
    if not stage.days_late:
        return "没有逾期"
    told = f"逾期 {stage.days_late} 天"
    if stage.cause in EXEMPT:
        return f"{told}，{CauseChoice(stage.cause.value).label}，不计违约金"
    if stage.damages is None:
        return f"{told}，合同没有约定违约金"
    return f"{told}，违约金 {yuan(stage.damages)}，{permille(rate)}"


def rate_of(now: Situation, track: Track) -> Decimal | None:
    return now.facts.start_rate if track == Track.START else now.facts.completion_rate


def damages_of(now: Situation) -> dict[Track, tuple[Decimal, Decimal]]:
    """Damages of each track as of today and what was paid of them, in yuan; only tracks that have any."""
    owed = {
        Track.PAYMENT: sum((one.damages or ZERO for one in now.view.payment), ZERO),
        Track.START: now.view.start.damages or ZERO,
        Track.COMPLETION: now.view.completion.damages or ZERO,
    }
    paid = dict.fromkeys(Track, ZERO)
    for event in now.facts.of_kind(Kind.DAMAGES):
        paid[event.track or Track.PAYMENT] += event.amount or ZERO
    return {track: (owed[track], paid[track]) for track in Track if owed[track] or paid[track]}


def _with(now: Situation, *events: rules.Event) -> rules.Facts:
    """The facts as they would be."""
    added = sorted([*now.facts.events, *events], key=lambda event: (event.on, event.order))
    return replace(now.facts, events=tuple(added))


def _view(facts: rules.Facts, today: date) -> View:
    return rules.view_of(facts, today, terms())


def _lines(*lines: str | None, warnings: Iterable[str | None] = ()) -> Consequence:
    return Consequence(tuple(filter(None, lines)), tuple(filter(None, warnings)))


# --- Money ---------------------------------------------------------------------------------------------


def _payment(now: Situation, values: Mapping[str, Any]) -> Consequence:
    on, amount = values.get("on"), values.get("amount")
    if on is None or amount is None or amount <= 0:
        return Consequence()
    event = rules.Event(Kind.PAYMENT, on, LAST, seq=values.get("seq"), amount=amount)
    facts = _with(now, event)
    view = _view(facts, max(now.today, on))
    parts = [share for share in rules.shares(facts) if share.event == LAST]
    after = {one.seq: one for one in view.payment}
    lines = [
        _filled(after[part.seq], part.amount, now.facts.payment_rate) for part in parts if not part.surplus
    ]
    lines += [f"多缴 {yuan(part.amount)}，记在第 {part.seq} 期，可以退款。" for part in parts if part.surplus]
    rest = sum((max(one.balance, ZERO) for one in view.payment), ZERO)
    lines.append("价款全部缴清。" if not rest else f"此后还欠价款 {yuan(rest)}。")
    early = now.facts.signed_on is not None and on < now.facts.signed_on
    return _lines(
        *lines,
        warnings=[
            f"缴款日期早于合同签订日期 {now.facts.signed_on}，请核对。" if early else None,
            "此前各期都已缴清，请核对是不是重复登记。" if not now.balance else None,
        ],
    )


def _filled(one: rules.InstalmentView, amount: Decimal, rate: Decimal | None) -> str:
    told = f"第 {one.seq} 期缴入 {yuan(amount)}"
    if one.balance > 0:
        told += f"，尚欠 {yuan(one.balance)}"
        if one.days_late:
            told += f"，已逾期 {one.days_late} 天"
            if one.damages is not None:
                told += f"，违约金计至今天 {yuan(one.damages)}，{permille(rate)}，缴清前继续计算"
        return f"{told}。"
    if not one.damages and not one.days_late:
        return f"{told}，按期缴清，没有违约金。"
    late = f"，缴清时逾期 {one.days_late} 天" if one.days_late else "，按期缴清"
    if one.damages is None:
        return f"{told}{late}，合同没有约定违约金。"
    return f"{told}{late}，缴清后违约金 {yuan(one.damages)}，{permille(rate)}。"


def _refund(now: Situation, values: Mapping[str, Any]) -> Consequence:
    payment: Event | None = values.get("payment")
    on, amount, seq = values.get("on"), values.get("amount"), values.get("seq")
    if payment is not None:
        amount, seq = payment.amount, payment.seq
    if on is None or amount is None or amount <= 0:
        return Consequence()
    facts = _with(now, rules.Event(Kind.REFUND, on, LAST, seq=seq, amount=amount))
    view = _view(facts, max(now.today, on))
    taken: dict[int, Decimal] = {}
    for share in rules.shares(facts):
        if share.event == LAST:
            taken[share.seq] = taken.get(share.seq, ZERO) - share.amount
    after = {one.seq: one for one in view.payment}
    return _lines(
        *(
            f"第 {seq} 期退回 {yuan(part)}，尚欠 {yuan(max(after[seq].balance, ZERO))}"
            + (
                f"，已逾期 {after[seq].days_late} 天"
                if after[seq].days_late and after[seq].balance > 0
                else ""
            )
            + "。"
            for seq, part in taken.items()
        ),
        "退票单独成行，原来的缴款记录保留。" if payment is not None else "退款单独成行，原来的缴款记录保留。",
    )


def _damages(now: Situation, values: Mapping[str, Any]) -> Consequence:
    track, amount = values.get("track"), values.get("amount")
    if not track:
        return Consequence()
    owed, paid = damages_of(now).get(Track(track), (ZERO, ZERO))
    word = TRACKS[Track(track)]
    told = f"{word}违约金计至今天 {yuan(owed)}，已缴 {yuan(paid)}。"
    if not amount:
        return _lines(told, "违约金单独登记，不抵价款。")
    rest = owed - paid - amount
    after = f"缴后还欠 {yuan(rest)}。" if rest > 0 else "缴后结清。"
    over = f"比应缴的多 {yuan(-rest)}，请核对金额和环节。" if rest < 0 else None
    return _lines(told, after if rest >= 0 else None, "违约金单独登记，不抵价款。", warnings=[over])


# --- Handover and site ---------------------------------------------------------------------------------


def _briefing(now: Situation, values: Mapping[str, Any]) -> Consequence:
    paper = papers("briefing") if values.get("with_paper") else ""
    last = now.office.briefed
    return _lines(
        "在时间线上记下这次告知。" if not paper else f"在时间线上记下这次告知，并拟制{paper}。",
        warnings=[f"{last.on} 已经告知过。" if last else None],
    )


def _handover(now: Situation, values: Mapping[str, Any]) -> Consequence:
    on = values.get("on")
    if on is None:
        return Consequence()
    view = _view(_with(now, rules.Event(Kind.HANDOVER, on, LAST)), max(now.today, on))
    agreed, starts = now.facts.agreed_handover_on, view.start.due_on
    late = agreed is not None and on > agreed
    derived = now.facts.agreed_start_on is None and starts is not None and now.view.start.due_on is None
    return _lines(
        f"实际交地比约定的 {agreed} 晚 {(on - agreed).days} 天，标为本单位迟延。"
        if late and agreed
        else None,
        "按期交地。" if agreed is not None and not late else None,
        f"合同没有约定开工日期，自交地之日起推算为 {starts}。" if derived else None,
        f"拟制{papers('handover_confirmation')}。" if values.get("with_paper") else None,
        "接着移交并悬挂公示牌。" if not now.view.handover.board_on else None,
        warnings=[
            f"交地晚于约定开工日期 {starts}：属政府原因，应由本单位提出延期。"
            if starts and not derived and on > starts
            else None,
            f"交地日期早于合同签订日期 {now.facts.signed_on}，请核对。"
            if now.facts.signed_on and on < now.facts.signed_on
            else None,
        ],
    )


def _board_given(now: Situation, values: Mapping[str, Any]) -> Consequence:
    return _lines(
        "记下移交。挂出后拍照登记“公示牌悬挂”。",
        warnings=[None if now.view.handover.actual_on else "尚未登记交地。"],
    )


def _board(now: Situation, values: Mapping[str, Any]) -> Consequence:
    return _lines("交地与公示牌环节完成，照片归入这宗供地。")


def _start(now: Situation, values: Mapping[str, Any]) -> Consequence:
    return _reached(now, values, Kind.START, Track.START, "开工")


def _completion(now: Situation, values: Mapping[str, Any]) -> Consequence:
    found = _reached(now, values, Kind.COMPLETION, Track.COMPLETION, "竣工")
    if found.lines and now.view.start.state != StageState.REACHED:
        return replace(found, warnings=(*found.warnings, "没有开工记录：登记后视为已开工，开工日期不明。"))
    return found


def _reached(now: Situation, values: Mapping[str, Any], kind: Kind, track: Track, word: str) -> Consequence:
    on = values.get("on")
    if on is None:
        return Consequence()
    view = _view(_with(now, rules.Event(kind, on, LAST)), max(now.today, on))
    stage = view.start if track == Track.START else view.completion
    due_on = stage.version.due_on if stage.version else stage.due_on
    if due_on is None:
        told = f"约定{word}日期不明，登记后为已{word}。"
    elif stage.days_late:
        told = f"比约定的 {due_on} 晚：{delay(stage, rate_of(now, track))}。"
    else:
        told = f"约定 {due_on}，按期{word}，没有违约金。"
    visit = max((event.on for event in now.facts.of_kind(Kind.VISIT)), default=None)
    return _lines(
        told,
        f"{word}的提醒和复核随即了结。",
        warnings=[
            f"{visit} 的巡查没有发现{word}，登记的日期却在此之前，请核对。" if visit and visit >= on else None
        ],
    )


def _stop(now: Situation, values: Mapping[str, Any]) -> Consequence:
    on = values.get("on")
    if on is None:
        return Consequence()
    years = terms().idle_years
    return _lines(
        f"自 {on} 起标为停工，已停 {(now.today - on).days} 天。",
        f"到 {add_years(on, years)} 满 {years} 年仍未复工，而开发面积不足三分之一或者投资不足四分之一的，"
        "可能认定为闲置土地。",
    )


def _resume(now: Situation, values: Mapping[str, Any]) -> Consequence:
    on, since = values.get("on"), now.view.suspended_since
    if on is None or since is None:
        return Consequence()
    return _lines(f"自 {since} 起停工 {(on - since).days} 天，复工后重新计算。")


def _acceptance(now: Situation, values: Mapping[str, Any]) -> Consequence:
    owed = sum((max(due - paid, ZERO) for due, paid in damages_of(now).values()), ZERO)
    return _lines(
        "复核验收后监管终止，不再提醒和巡查；缴款、退款和违约金仍可登记。",
        warnings=[
            f"价款还欠 {yuan(now.balance)}。" if now.balance else None,
            f"违约金还有 {yuan(owed)} 未缴。" if owed else None,
            f"还有 {len(now.office.deviations)} 个问题没有处理完。" if now.office.deviations else None,
        ],
    )


def _follow_up(now: Situation, values: Mapping[str, Any]) -> Consequence:
    step: Event | None = values.get("step")
    kind = DeviationKind.objects.filter(code=step.deviation).first() if step else None
    return _lines(
        f"本单位的后续措施：{kind.measure}。" if kind else None,
        "这个问题就此了结。" if values.get("settles") else "这个问题仍列为待处理。",
    )


# --- Default -------------------------------------------------------------------------------------------


def _propose_default(now: Situation, values: Mapping[str, Any]) -> Consequence:
    track, cause = values.get("track"), values.get("cause")
    if not track:
        return Consequence()
    track = Track(track)
    stage, word = now.stage(track), TRACKS[track]
    told = f"{word}{delay(replace(stage, cause=None), rate_of(now, track))}。"
    recheck = stage.state == StageState.RECHECK
    return _lines(
        f"约定 {stage.due_on}，{told}",
        _by_cause(now, track, cause, "审核认定后") if cause else None,
        "由股长审核，审核的人不能是提出的人。",
        warnings=[
            "约定日期之后还没有巡查记录，请先现场复核，以照片和跟踪管理卡为据。" if recheck else None,
            f"已于此前认定为{CauseChoice(stage.cause.value).label}，这次是重新认定。"
            if stage.cause
            else None,
        ],
    )


def _by_cause(now: Situation, track: Track, cause: str, when: str) -> str:
    if Cause(cause) in EXEMPT:
        return f"{when}不计违约金，由本单位提出开工、竣工日期一并延期。"
    told = papers("default_determination", PAPERS_OF_DEFAULT[track], "brigade_transfer")
    return f"{when}拟制{told}，移送监察大队调查。"


def _decide_default(now: Situation, values: Mapping[str, Any]) -> Consequence:
    step: Event | None = values.get("step")
    if step is None:
        return Consequence()
    track = Track(step.track)
    if values.get("decision") == "return":
        return _lines("退回后由提出的人补充情况，再次提出。约定日期和状态不变。")
    stage = replace(now.stage(track), cause=Cause(step.cause))
    return _lines(
        f"{TRACKS[track]}约定 {stage.due_on}，{delay(stage, rate_of(now, track))}。",
        _by_cause(now, track, step.cause, "认定后"),
    )


def _brigade(now: Situation, values: Mapping[str, Any]) -> Consequence:
    return _lines("接收后由监察大队调查处理，科室的待办了结。")


# --- Extension -----------------------------------------------------------------------------------------


def _apply_extension(now: Situation, values: Mapping[str, Any]) -> Consequence:
    track, on = values.get("track"), values.get("on")
    if not track:
        return Consequence()
    track = Track(track)
    dates = _new_dates(now, track, values.get("new_due_on"), values.get("new_completion_on"))
    return _lines(
        f"批准后：{dates}。" if dates else None,
        "由股长审核、局领导批准。批准之前，约定日期和状态都不变。",
        warnings=_warnings_of_extension(now, track, on, values),
    )


def _warnings_of_extension(
    now: Situation, track: Track, on: date | None, values: Mapping[str, Any]
) -> list[str | None]:
    due_on, numbers = now.stage(track).due_on, parameters()
    ahead, most = int(numbers["extension_notice_days"]), int(numbers["extension_most_months"])
    late = (
        due_on is not None
        and on is not None
        and not values.get("by_office")
        and on > due_on - timedelta(days=ahead)
    )
    new = values.get("new_due_on")
    long = due_on is not None and new is not None and new > add_months(due_on, most)
    return [
        f"应当在约定日期前 {ahead} 日申请（{due_on - timedelta(days=ahead)} 以前），这次已经晚了。只作提示。"
        if late and due_on
        else None,
        f"一般一次最长延期 {most} 个月（至 {add_months(due_on, most)}），这次超过了。只作提示。"
        if long and due_on
        else None,
    ]


def _new_dates(now: Situation, track: Track, new_due_on: date | None, new_completion_on: date | None) -> str:
    parts = []
    if new_due_on:
        parts.append(_moved(TRACKS[track], now.stage(track).due_on, new_due_on))
    if new_completion_on and track == Track.START:
        parts.append(_moved("竣工", now.view.completion.due_on, new_completion_on))
    return "，".join(parts)


def _moved(word: str, old: date | None, new: date) -> str:
    if old is None:
        return f"{word} {new}"
    return f"{word}由 {old} 改为 {new}（延长 {(new - old).days} 天）"


def _review_extension(now: Situation, values: Mapping[str, Any]) -> Consequence:
    step: Event | None = values.get("step")
    if step is None:
        return Consequence()
    track = Track(step.track)
    dates = _new_dates(now, track, step.new_due_on, step.new_completion_on)
    return _lines(
        f"申请的日期：{dates}。" if dates else None,
        "审核意见报局领导批准；批准之前，约定日期不变。",
        warnings=_warnings_of_extension(now, track, step.on, _asked(step)),
    )


def _asked(step: Event) -> dict[str, Any]:
    """An application as its form was."""
    return {"new_due_on": step.new_due_on, "by_office": step.remark.startswith("本单位")}


def _decide_extension(now: Situation, values: Mapping[str, Any]) -> Consequence:
    step: Event | None = values.get("step")
    if step is None:
        return Consequence()
    if values.get("decision") == "reject":
        return _lines("不予批准：约定日期不变，逾期和违约金照旧计算。")
    track = Track(step.track)
    dates = _new_dates(now, track, step.new_due_on, step.new_completion_on)
    return _lines(
        f"批准后 {now.today} 起：{dates}。",
        f"拟制{papers('contract_amendment')}。提醒按新的日期重新计算。",
        warnings=_warnings_of_extension(now, track, step.on, _asked(step)),
    )


# --- The end -------------------------------------------------------------------------------------------


def _unpaid(now: Situation) -> list[str]:
    return [
        f"第 {one.seq} 期逾期 {one.days_late} 天，欠 {yuan(one.balance)}"
        + (f"，违约金计至今天 {yuan(one.damages)}" if one.damages is not None else "")
        + (f"；{one.demanded_on} 催缴送达。" if one.demanded_on else "。")
        for one in now.terminable
    ]


def _propose_termination(now: Situation, values: Mapping[str, Any]) -> Consequence:
    return _lines(*_unpaid(now), "由局领导批准；批准之前合同照旧履行，催缴照常。")


def _decide_termination(now: Situation, values: Mapping[str, Any]) -> Consequence:
    if values.get("decision") == "decline":
        return _lines("不予解除：合同照旧履行，催缴照常。")
    deposit = now.facts.deposit
    return _lines(
        *_unpaid(now),
        f"解除后监管自 {now.today} 终止，拟制{papers('termination_notice')}。",
        f"定金 {yuan(deposit)} 按合同约定不予返还。" if deposit else None,
    )


def _take_back(now: Situation, values: Mapping[str, Any]) -> Consequence:
    return _lines("登记后监管终止，不再提醒和巡查。收回的决定另有文书，这里只记事实。")


def _transfer(now: Situation, values: Mapping[str, Any]) -> Consequence:
    on = values.get("on")
    stages = [f"{TRACKS[one.track]} {one.due_on}" for one in now.stages if one.due_on]
    return _lines(
        f"这宗供地自 {on} 终止监管，新的一宗由新的用地单位继续履行。" if on else None,
        f"随转的约定日期：{'，'.join(stages)}。" if stages else None,
        f"随转的未缴价款 {yuan(now.balance)}。"
        if now.balance
        else "价款已经缴清。"
        if now.view.payment
        else None,
        warnings=[
            "有违约认定等待审核。" if now.office.proposals else None,
            "有延期申请正在办理，转让后须重新受理。" if now.office.applications else None,
        ],
    )


def _split(now: Situation, values: Mapping[str, Any]) -> Consequence:
    whole, part = now.supply.parcel.area, values.get("area")
    if whole is None or part is None or not 0 < part < whole:
        return Consequence()
    share = rules.yuan(now.supply.price * part / whole) if now.supply.price else None
    return _lines(
        f"分出 {part:,.2f} m²，这宗留下 {whole - part:,.2f} m²（原 {whole:,.2f} m²）。",
        f"按面积折算，分出部分的价款为 {yuan(share)}。" if share else None,
        "价款仍按原合同缴纳；新的一宗随转约定日期，价款只用于计算违约金。",
    )


CONSEQUENCES: dict[str, Callable[[Situation, Mapping[str, Any]], Consequence]] = {
    "payment": _payment,
    "refund": _refund,
    "damages_payment": _damages,
    "briefing": _briefing,
    "handover": _handover,
    "board_given": _board_given,
    "board": _board,
    "start": _start,
    "stop": _stop,
    "resume": _resume,
    "completion": _completion,
    "acceptance": _acceptance,
    "follow_up": _follow_up,
    "propose_default": _propose_default,
    "decide_default": _decide_default,
    "brigade_accept": _brigade,
    "apply_extension": _apply_extension,
    "review_extension": _review_extension,
    "decide_extension": _decide_extension,
    "propose_termination": _propose_termination,
    "decide_termination": _decide_termination,
    "take_back": _take_back,
    "transfer": _transfer,
    "split": _split,
}
