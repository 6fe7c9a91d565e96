"""The four tracks of a supply as rails: what was, where it stands, what is to come. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from landbureau.workdays.rules import add_years
from supervision.supply import rules, words
from supervision.supply.rules import (
    DateView,
    Facts,
    HandoverState,
    InstalmentView,
    PaymentState,
    StageState,
    Terms,
    Track,
    Version,
    View,
)
from supervision.supply.rules.dates import AMENDED, DERIVED, days_after, days_before

MOST_STOPS = 6  # the rails share their columns
ZERO = Decimal(0)


class Mark(StrEnum):
    """How a stop is drawn: filled, filled without a colour, ring with halo, hollow, dashed."""

    DONE = "done"
    PASSED = "passed"
    NOW = "now"
    AHEAD = "ahead"
    LINE = "line"


BEHIND = (Mark.DONE, Mark.PASSED)


@dataclass(frozen=True, slots=True)
class Stop:
    """``note``: instead of the day, or after it. ``colour``: of states; grey: no judgement."""

    title: str
    on: date | None = None
    note: str = ""
    mark: Mark = Mark.AHEAD
    colour: str = "grey"


@dataclass(frozen=True, slots=True)
class Rail:
    """``right``: days and money. ``foot``: on a phone, instead of the stops: what is due, and when."""

    code: str
    title: str
    subtitle: str
    stops: tuple[Stop, ...]
    colour: str
    word: str
    right: tuple[str, ...]
    foot: tuple[str, str]
    late: bool = False


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps within the office that the rails show; no state hangs on them.

    ``proposed``: stages whose default waits for approval.
    """

    board_given_on: date | None = None
    proposed: frozenset[Track] = frozenset()


def rails_of(view: View, facts: Facts, terms: Terms, steps: Steps = Steps()) -> tuple[Rail, ...]:
    """Payment, handover and sign board, start, completion, as of ``view.on``."""
    return (
        _payment(view, facts, terms),
        _handover(view, terms, steps),
        _stage(view, view.start, facts, terms, steps),
        _stage(view, view.completion, facts, terms, steps),
    )


# --- Payment -------------------------------------------------------------------------------------------


def _payment(view: View, facts: Facts, terms: Terms) -> Rail:
    colour, word = words.payment_word(view, facts.price)
    signed = Stop(
        "签订合同" if facts.is_grant else "划拨决定",
        facts.signed_on,
        "" if facts.signed_on else "日期未填",
        Mark.DONE if facts.signed_on else Mark.PASSED,
        "green",
    )
    if not view.payment:
        note = "合同有价款，没有分期，无法计算" if facts.price else "不缴价款"
        return Rail("payment", "缴款", "", (signed,), colour, word, (note,), (note, ""))
    paid = [one for one in view.payment if one.state == PaymentState.PAID]
    open_ = sorted(
        (one for one in view.payment if one.state != PaymentState.PAID),
        key=lambda one: (words.ORDER[one.state], one.due_on or date.max, one.seq),
    )
    stops = [signed, *_paid(paid)]
    if open_:
        stops += _open(open_[0], view.on, terms)
        stops += _rest(open_[1:])
    if len(stops) < MOST_STOPS:
        last = max((one.settled_on for one in paid if one.settled_on), default=None)
        stops.append(Stop("缴清", mark=Mark.AHEAD) if open_ else Stop("缴清", last, "", Mark.DONE, "green"))
    return Rail(
        "payment",
        "缴款",
        _share(view.payment),
        tuple(stops[:MOST_STOPS]),
        colour,
        word,
        _money(open_, paid, view),
        _payment_foot(open_, paid, view.on),
        late=bool(open_) and open_[0].state in (PaymentState.OVERDUE, PaymentState.TERMINABLE),
    )


def _share(payment: Sequence[InstalmentView]) -> str:
    due, paid = sum((one.amount for one in payment), ZERO), sum((one.paid for one in payment), ZERO)
    return f"已缴 {min(paid / due, Decimal(1)) * 100:.0f}%" if due else ""


def _paid(paid: Sequence[InstalmentView]) -> list[Stop]:
    if len(paid) < 2:
        return [_paid_one(one) for one in paid]
    on = max((one.settled_on for one in paid if one.settled_on), default=None)
    total = sum((one.amount for one in paid), ZERO)
    return [Stop(f"{len(paid)} 期 {words.in_wan(total)}", on, "缴清", Mark.DONE, "green")]


def _paid_one(one: InstalmentView) -> Stop:
    late = f"，迟{one.days_late}天" if one.days_late else ""
    return Stop(
        f"第{one.seq}期 {words.in_wan(one.amount)}", one.settled_on, f"缴清{late}", Mark.DONE, "green"
    )


def _open(one: InstalmentView, on: date, terms: Terms) -> list[Stop]:
    """The instalment on which all waits: its reminder, its day, the demand, the line of termination."""
    title = f"第{one.seq}期 {words.in_wan(one.amount)}"
    if one.due_on is None or one.effective_due_on is None:
        return [Stop(title, None, "应缴日期不明", Mark.NOW, "orange")]
    reminder = Stop("进入提醒期", days_before(one.due_on, terms.remind_days))
    due = Stop(title, one.due_on, "应缴")
    if one.state == PaymentState.NOT_DUE:
        return [reminder, due]
    if one.state == PaymentState.REMINDER:
        return [replace(reminder, mark=Mark.PASSED), replace(due, mark=Mark.NOW, colour="blue")]
    due = replace(due, mark=Mark.PASSED, colour="red")
    terminable_on = days_after(one.effective_due_on, terms.terminable_days + 1)
    line = Stop("可解除合同", terminable_on, mark=Mark.LINE, colour="red")
    if one.demanded_on is None:
        return [due, Stop("催缴送达", None, "尚未送达", Mark.NOW, "red"), line]
    demand = Stop("催缴送达", one.demanded_on, mark=Mark.PASSED, colour="red")
    if one.state == PaymentState.TERMINABLE:
        return [due, demand, replace(line, mark=Mark.NOW)]
    return [due, replace(demand, mark=Mark.NOW), line]


def _rest(open_: Sequence[InstalmentView]) -> list[Stop]:
    if not open_:
        return []
    last = max((one.due_on for one in open_ if one.due_on), default=None)
    if len(open_) == 1:
        return [Stop(f"第{open_[0].seq}期 {words.in_wan(open_[0].amount)}", last, "应缴")]
    total = sum((one.amount for one in open_), ZERO)
    return [Stop(f"其余 {len(open_)} 期 {words.in_wan(total)}", last, "止")]


def _money(open_: Sequence[InstalmentView], paid: Sequence[InstalmentView], view: View) -> tuple[str, ...]:
    damages = sum((one.damages or ZERO for one in view.payment), ZERO)
    told = [f"违约金 {damages:,.2f} 元"] if damages else []
    if not open_:
        surplus = -sum((one.balance for one in paid if one.balance < 0), ZERO)
        told += [f"多缴 {surplus:,.2f} 元"] if surplus else []
        return tuple(told) or ("全部缴清",)
    one = open_[0]
    balance = sum((one.balance for one in open_), ZERO)
    return (f"{_days(one.effective_due_on, view.on)}　欠 {balance:,.2f} 元".strip(), *told)


def _payment_foot(
    open_: Sequence[InstalmentView], paid: Sequence[InstalmentView], on: date
) -> tuple[str, str]:
    if not open_:
        last = max((one.settled_on for one in paid if one.settled_on), default=None)
        return "全部缴清", last.isoformat() if last else ""
    one = open_[0]
    due = one.due_on.isoformat() if one.due_on else "日期不明"
    return f"第{one.seq}期 {one.balance:,.2f} 元", f"{due}　{_days(one.effective_due_on, on)}"


# --- Handover ------------------------------------------------------------------------------------------


def _handover(view: View, terms: Terms, steps: Steps) -> Rail:
    one = view.handover
    colour, word = words.handover_word(one.state, one.agreed_on, view.on, terms.remind_days)
    late = one.actual_on is None and one.agreed_on is not None and one.agreed_on < view.on
    agreed = Stop("约定交地", one.agreed_on, "" if one.agreed_on else "未约定")
    actual, given, board = Stop("交地确认"), Stop("移交公示牌"), Stop("公示牌挂出")
    if one.actual_on:
        agreed = replace(agreed, mark=Mark.DONE, colour="green")
        actual = Stop(
            "交地确认", one.actual_on, _early_or_late(one.actual_on, one.agreed_on), Mark.DONE, "green"
        )
    elif late:
        agreed, actual = (
            replace(agreed, mark=Mark.PASSED, colour="red"),
            replace(actual, note="尚未交地", mark=Mark.NOW, colour="red"),
        )
    else:
        agreed = replace(agreed, mark=Mark.NOW, colour=colour)
    if steps.board_given_on:
        given = Stop("移交公示牌", steps.board_given_on, mark=Mark.DONE, colour="green")
    if one.board_on:
        board = Stop("公示牌挂出", one.board_on, mark=Mark.DONE, colour="green")
        given = replace(given, mark=Mark.DONE, colour="green")
    elif one.actual_on:
        waiting = board if steps.board_given_on else given
        waiting = replace(waiting, mark=Mark.NOW, colour="orange")
        given, board = (given, waiting) if steps.board_given_on else (waiting, board)
    return Rail(
        "handover",
        "交地与公示牌",
        "全部完成" if one.state == HandoverState.BOARD_POSTED else "",
        (agreed, actual, given, board),
        colour,
        word,
        _handover_right(view, late),
        _handover_foot(view),
        late=late,
    )


def _handover_right(view: View, late: bool) -> tuple[str, ...]:
    one = view.handover
    if one.actual_on is None:
        days = _days(one.agreed_on, view.on)
        return (f"{days}，本单位迟延" if late else days,)
    told = _early_or_late(one.actual_on, one.agreed_on)
    return (f"交地{told}" if told else "",)


def _handover_foot(view: View) -> tuple[str, str]:
    one = view.handover
    if one.board_on:
        return f"{one.board_on} 挂出", ""
    if one.actual_on:
        return f"{one.actual_on} 交地", "公示牌未挂"
    return f"约定 {one.agreed_on or '未填'}", _days(one.agreed_on, view.on)


# --- Start and completion ------------------------------------------------------------------------------


def _stage(view: View, stage: DateView, facts: Facts, terms: Terms, steps: Steps) -> Rail:
    proposed = stage.track in steps.proposed
    colour, word = words.stage_words(stage, proposed=proposed)
    name = "开工" if stage.track == Track.START else "竣工"
    stops = _stage_stops(stage, name, facts, terms, proposed, view.on)
    if stage.track == Track.START and view.suspended_since:
        if stage.state == StageState.REACHED:
            colour, word = "orange", "已停工"
        stops.append(
            Stop("停工", view.suspended_since, _for_days(view.suspended_since, view.on), Mark.NOW, "orange")
        )
    return Rail(
        stage.track.value,
        name,
        _version(facts, stage, terms),
        tuple(stops[:MOST_STOPS]),
        colour,
        word,
        _stage_right(stage, view.on),
        _stage_foot(stage, name, view.on),
        late=stage.state in (StageState.RECHECK, StageState.DEFAULT),
    )


def _stage_stops(
    stage: DateView, name: str, facts: Facts, terms: Terms, proposed: bool, on: date
) -> list[Stop]:
    goal = Stop(name)
    judged = stage.version if stage.state != StageState.REACHED else _judged(facts, stage, terms)
    if judged is None:
        if stage.state == StageState.REACHED:
            return [Stop(f"约定{name}", None, "未约定", Mark.PASSED), _reached(stage, goal, None)]
        return [Stop(f"约定{name}", None, "日期不明", Mark.NOW, "orange"), goal]
    due_on = judged.due_on
    remind = Stop("提醒", days_before(due_on, terms.remind_days))
    due = Stop(f"约定{name}", due_on)
    check = Stop("次日复核", days_after(due_on, 1))
    if stage.state == StageState.REACHED:
        behind = [remind] if _came(remind, stage.reached_on) else []
        behind = [replace(stop, mark=Mark.PASSED) for stop in (*behind, due)]
        if judged.visited_on and stage.reached_on and judged.visited_on < stage.reached_on:
            behind.append(Stop(f"复核未{name}", judged.visited_on, mark=Mark.PASSED, colour="red"))
        return [*behind, _reached(stage, goal, due_on)]
    if stage.state == StageState.WAITING:
        return [remind, due, check, goal]
    remind = replace(remind, mark=Mark.PASSED)
    if stage.state == StageState.REMINDER:
        return [remind, replace(due, mark=Mark.NOW, colour="blue"), check, goal]
    due = replace(due, mark=Mark.PASSED, colour="red")
    line = _idle_line(stage, due_on, on, terms)
    if stage.state == StageState.RECHECK:
        waiting = replace(check, title="现场复核", mark=Mark.NOW, colour="orange", note="应于")
        return [remind, due, waiting, *line]
    found = Stop(f"复核未{name}", judged.visited_on, mark=Mark.PASSED, colour="red")
    judging = _determination(stage, due_on, facts, proposed)
    return [remind, due, found, judging, *line]


def _determination(stage: DateView, due_on: date, facts: Facts, proposed: bool) -> Stop:
    if stage.cause is None:
        note = "等待审核" if proposed else "原因待认定"
        return Stop("违约认定", None, note, Mark.NOW, "red")
    on = max(
        event.on
        for event in facts.of_kind(rules.Kind.DETERMINATION)
        if facts.stage_of(event) == stage.track and event.on > due_on
    )
    return Stop("违约认定", on, words.CAUSES[stage.cause], Mark.NOW, "red")


def _idle_line(stage: DateView, due_on: date, on: date, terms: Terms) -> list[Stop]:
    """The legal line ahead of a start that does not come (闲置土地处置办法 art. 2)."""
    if stage.track != Track.START:
        return []
    last = add_years(due_on, terms.idle_years)
    mark = Mark.PASSED if on > last else Mark.LINE
    return [Stop(f"满{_numeral(terms.idle_years)}年未开工", last, "", mark, "purple")]


def _numeral(years: int) -> str:
    return "零一两三四五六七八九"[years] if 0 <= years <= 9 else str(years)


def _judged(facts: Facts, stage: DateView, terms: Terms) -> Version | None:
    """Once reached, the date that was in force on that day."""
    found = rules.versions(facts, stage.track, terms)
    if stage.reached_on is None:
        return stage.version
    return rules.in_force(found, stage.reached_on) or (found[0] if found else None)


def _reached(stage: DateView, goal: Stop, due_on: date | None) -> Stop:
    if stage.reached_on is None:
        return replace(goal, note="日期不详", mark=Mark.DONE, colour="green")
    return Stop(goal.title, stage.reached_on, _early_or_late(stage.reached_on, due_on), Mark.DONE, "green")


def _came(stop: Stop, on: date | None) -> bool:
    return stop.on is not None and on is not None and stop.on <= on


def _stage_right(stage: DateView, on: date) -> tuple[str, ...]:
    damages = f"违约金 {stage.damages:,.2f} 元" if stage.damages else ""
    if stage.state == StageState.REACHED:
        late = f"迟{stage.days_late}天" if stage.days_late else "按期" if stage.days_late == 0 else ""
        return tuple(filter(None, (late, damages)))
    if stage.days_late and stage.damages is None:
        damages = "合同未约定违约金"
    return tuple(filter(None, (_days(stage.due_on, on), damages)))


def _stage_foot(stage: DateView, name: str, on: date) -> tuple[str, str]:
    if stage.state == StageState.REACHED:
        return (
            f"{stage.reached_on or '日期不详'} {name}",
            f"迟{stage.days_late}天" if stage.days_late else "",
        )
    return f"约定 {stage.due_on or '不明'}", _days(stage.due_on, on)


def _version(facts: Facts, stage: DateView, terms: Terms) -> str:
    """Which date it is: the contract's, derived from the handover, or put off."""
    version = stage.version
    if version is None:
        return ""
    if version.source == DERIVED:
        return "自交地之日推算"
    before = [
        one for one in rules.versions(facts, stage.track, terms) if one.known_from <= version.known_from
    ]
    return f"第 {len(before)} 次约定（延期）" if version.source == AMENDED else "合同约定日期"


# --- Words ---------------------------------------------------------------------------------------------


def _early_or_late(on: date, agreed: date | None) -> str:
    if agreed is None or on == agreed:
        return ""
    days = (on - agreed).days
    return f"晚{days}天" if days > 0 else f"早{-days}天"


def _days(to: date | None, on: date) -> str:
    if to is None:
        return ""
    days = (to - on).days
    if days == 0:
        return "今天到期"
    return f"还有{days}天" if days > 0 else f"逾期{-days}天"


def _for_days(since: date, on: date) -> str:
    return f"已{(on - since).days}天"


def columns_of(rails: Collection[Rail]) -> int:
    """How many columns the rails share."""
    return max((len(rail.stops) for rail in rails), default=1)
