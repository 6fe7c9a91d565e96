"""The rail from the agreed handover to the sign board."""

from __future__ import annotations

from dataclasses import replace

from supervision.supply import words
from supervision.supply.rails.parts import Mark, Rail, Steps, Stop, days_left, early_or_late
from supervision.supply.rules import HandoverState, Terms, View


def handover_rail(view: View, terms: Terms, steps: Steps) -> Rail:
    one = view.handover
    colour, word = words.handover_word(one.state, one.agreed_on, view.on, terms.remind_days)
    late = one.actual_on is None and one.agreed_on is not None and one.agreed_on < view.on
    agreed = Stop("约定交地", one.agreed_on, "" if one.agreed_on else "未约定")
    actual, given, board = Stop("交地确认"), Stop("移交公示牌"), Stop("公示牌挂出")
    if one.actual_on:
        agreed = replace(agreed, mark=Mark.DONE, colour="green")
        actual = Stop(
            "交地确认", one.actual_on, early_or_late(one.actual_on, one.agreed_on), Mark.DONE, "green"
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
        days = days_left(one.agreed_on, view.on)
        return (f"{days}，本单位迟延" if late else days,)
    told = early_or_late(one.actual_on, one.agreed_on)
    return (f"交地{told}" if told else "",)


def _handover_foot(view: View) -> tuple[str, str]:
    one = view.handover
    if one.board_on:
        return f"{one.board_on} 挂出", ""
    if one.actual_on:
        return f"{one.actual_on} 交地", "公示牌未挂"
    return f"约定 {one.agreed_on or '未填'}", days_left(one.agreed_on, view.on)
