"""The four rails of a supply, as pure functions of its view."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from supervision.supply import rules
from supervision.supply.rails import MOST_STOPS, Mark, Pending, Rail, Steps, rails_of
from supervision.supply.rules import Cause, Event, Facts, Finding, Instalment, Kind, Terms, Track

TERMS = Terms(remind_days=30, terminable_days=60, start_years_after_handover=1, idle_years=1)
TODAY = date(2026, 11, 23)
HALF = Decimal("2568000")


def facts(*events: Event, **contract: Any) -> Facts:
    """The supply of the pictures: two halves, start on 2026-11-20, completion on 2028-05-20."""
    values: dict[str, Any] = {
        "number": "1305302025B00127",
        "signed_on": date(2025, 12, 18),
        "price": 2 * HALF,
        "agreed_handover_on": date(2026, 1, 31),
        "agreed_start_on": date(2026, 11, 20),
        "agreed_completion_on": date(2028, 5, 20),
        "payment_rate": Decimal(1),
        "start_rate": Decimal("0.5"),
        "instalments": [instalment(1, date(2026, 1, 18)), instalment(2, date(2026, 12, 18))],
    }
    return Facts.of(events=events, **values | contract)


def instalment(seq: int, due_on: date | None, amount: Decimal = HALF) -> Instalment:
    return Instalment(seq, due_on, due_on, amount)


def rails(*events: Event, on: date = TODAY, steps: Steps = Steps(), **contract: Any) -> dict[str, Rail]:  # noqa: B008
    known = facts(*events, **contract)
    return {rail.code: rail for rail in rails_of(rules.view_of(known, on, TERMS), known, TERMS, steps)}


def marks(rail: Rail) -> list[tuple[str, str]]:
    return [(stop.title, stop.mark.value) for stop in rail.stops]


FIRST = Event(Kind.PAYMENT, date(2026, 1, 15), 1, amount=HALF)
FOUND_NONE = Event(Kind.VISIT, date(2026, 11, 21), 2, finding=Finding.NOT_STARTED)


def test_a_paid_part_is_filled_and_the_one_that_is_reminded_of_is_the_ring() -> None:
    rail = rails(FIRST)["payment"]
    assert marks(rail) == [
        ("签订合同", "done"),
        ("第1期 256.80 万", "done"),
        ("进入提醒期", "passed"),
        ("第2期 256.80 万", "now"),
        ("缴清", "ahead"),
    ]
    assert (rail.colour, rail.word, rail.subtitle) == ("blue", "提醒期", "已缴 50%")
    assert rail.right == ("还有25天　欠 2,568,000.00 元",)
    assert rail.foot == ("第2期 2,568,000.00 元", "2026-12-18　还有25天")


def test_an_overdue_part_shows_the_demand_and_the_line_of_termination() -> None:
    rail = rails(on=date(2026, 2, 1))["payment"]
    assert marks(rail)[1:4] == [("第1期 256.80 万", "passed"), ("催缴送达", "now"), ("可解除合同", "line")]
    assert rail.stops[3].on == date(2026, 3, 20)
    assert rail.late
    demand = Event(Kind.DEMAND, date(2026, 1, 25), 1, seq=1)
    terminable = rails(demand, on=date(2026, 3, 20))["payment"]
    assert [mark for _, mark in marks(terminable)[1:4]] == ["passed", "passed", "now"]
    assert terminable.word == "可解除"


def test_all_paid_says_when_and_what_was_paid_too_much() -> None:
    rail = rails(Event(Kind.PAYMENT, date(2026, 1, 15), 1, amount=2 * HALF + 100))["payment"]
    assert rail.stops[-1].title == "缴清"
    assert rail.stops[-1].on == date(2026, 1, 15)
    assert rail.right == ("多缴 100.00 元",)


@pytest.mark.parametrize("count", range(1, 13))
@pytest.mark.parametrize("paid", range(0, 13, 3))
@pytest.mark.parametrize("on", [date(2026, 1, 1), date(2026, 6, 1), date(2027, 6, 1)])
def test_no_rail_has_more_stops_than_there_are_columns(count: int, paid: int, on: date) -> None:
    parts = [instalment(seq, date(2026, seq, 5), Decimal(100)) for seq in range(1, count + 1)]
    events = [Event(Kind.PAYMENT, date(2026, 1, 1), 1, amount=Decimal(100 * paid))] if paid else []
    for rail in rails(*events, instalments=parts, on=on).values():
        assert 1 <= len(rail.stops) <= MOST_STOPS
        assert sum(stop.mark == Mark.NOW for stop in rail.stops) <= 1


def test_an_allocation_without_price_has_nothing_to_pay() -> None:
    rail = rails(instalments=[], price=None, is_grant=False)["payment"]
    assert marks(rail) == [("划拨决定", "done")]
    assert rail.word == "无价款"
    assert rails(instalments=[])["payment"].word == "缺分期"


def test_a_successor_to_whom_nothing_was_left_has_paid_all() -> None:
    nothing = [instalment(seq, due_on, Decimal(0)) for seq, due_on in ((1, date(2026, 1, 18)), (2, None))]
    rail = rails(instalments=nothing)["payment"]
    assert marks(rail) == [("签订合同", "done"), ("已缴清", "done")]
    assert (rail.word, rail.right, rail.foot) == ("已缴清", ("已缴清",), ("已缴清", ""))
    assert rails(instalments=nothing, price=None)["payment"].right == ("无价款",)


def test_an_instalment_of_nothing_is_left_out_beside_others() -> None:
    due = [instalment(1, date(2026, 1, 18), Decimal(0)), instalment(2, date(2026, 12, 18))]
    rail = rails(instalments=due)["payment"]
    assert [stop.title for stop in rail.stops] == ["签订合同", "进入提醒期", "第2期 256.80 万", "缴清"]


def test_the_board_is_given_and_then_posted() -> None:
    handed_over = Event(Kind.HANDOVER, date(2026, 1, 28), 1)
    waiting = rails(handed_over)["handover"]
    assert marks(waiting)[2] == ("移交公示牌", "now")
    assert waiting.right == ("交地早3天",)
    given = rails(handed_over, steps=Steps(date(2026, 1, 28)))["handover"]
    assert [mark for _, mark in marks(given)] == ["done", "done", "done", "now"]
    posted = rails(handed_over, Event(Kind.BOARD, date(2026, 2, 3), 2))["handover"]
    assert {mark for _, mark in marks(posted)} == {"done"}
    assert posted.subtitle == "全部完成"


def test_a_late_handover_is_the_bureaus_own_delay() -> None:
    rail = rails()["handover"]
    assert (rail.colour, rail.word) == ("red", "逾期未交地")
    assert rail.right == ("逾期296天，本单位迟延",)


def test_a_start_that_was_not_found_waits_for_the_determination_and_the_idle_line_lies_ahead() -> None:
    rail = rails(FOUND_NONE, steps=Steps(proposed=frozenset({Track.START})))["start"]
    assert marks(rail) == [
        ("提醒", "passed"),
        ("约定开工", "passed"),
        ("复核未开工", "passed"),
        ("违约认定", "now"),
        ("满一年未开工", "line"),
    ]
    assert rail.stops[3].note == "等待审核"
    assert rail.stops[4].on == date(2027, 11, 20)
    assert rail.stops[4].colour == "purple"
    assert rail.word == "违约，待审核认定"
    assert rail.right == ("逾期3天", "违约金 7,704.00 元")


def test_a_determination_is_shown_with_its_cause() -> None:
    determined = Event(Kind.DETERMINATION, date(2026, 11, 22), 3, track=Track.START, cause=Cause.GOVERNMENT)
    rail = rails(FOUND_NONE, determined)["start"]
    assert rail.stops[3].on == date(2026, 11, 22)
    assert rail.word == "违约，政府原因"
    assert rail.right == ("逾期3天", "不计违约金")
    assert rails(FOUND_NONE, start_rate=None)["start"].right == ("逾期3天", "未约定违约金比例")


def test_the_idle_line_is_behind_once_the_year_is_over() -> None:
    assert rails(on=date(2027, 11, 20))["start"].stops[-1].mark == Mark.LINE
    assert rails(on=date(2027, 11, 21))["start"].stops[-1].mark == Mark.PASSED


def test_a_start_is_judged_by_the_date_that_was_in_force_on_its_day() -> None:
    rail = rails(
        Event(Kind.EXTENSION_APPROVED, date(2026, 10, 1), 1, track=Track.START, new_due_on=date(2027, 3, 1)),
        Event(Kind.START, date(2027, 3, 11), 2),
        on=date(2027, 4, 1),
    )["start"]
    assert marks(rail) == [("提醒", "passed"), ("约定开工", "passed"), ("开工", "done")]
    assert rail.stops[1].on == date(2027, 3, 1)
    assert rail.stops[2].note == "晚10天"
    assert rail.subtitle == "第 2 次约定（延期）"


def test_work_that_stands_still_is_said_on_the_rail_of_the_start() -> None:
    rail = rails(Event(Kind.START, date(2026, 11, 1), 1), Event(Kind.STOP, date(2026, 11, 13), 2))["start"]
    assert (rail.colour, rail.word) == ("orange", "已停工")
    assert (rail.stops[-1].title, rail.stops[-1].note) == ("停工", "已10天")


def test_dates_that_nobody_knows_are_said_to_be_missing() -> None:
    start = rails(agreed_start_on=None)["start"]
    assert start.word == "日期不明"
    assert start.stops[0].note == "日期不明"
    payment = rails(instalments=[instalment(1, None)])["payment"]
    assert payment.stops[1].note == "应缴日期不明"


def test_what_is_completed_without_a_start_counts_as_started() -> None:
    found = rails(Event(Kind.COMPLETION, date(2026, 11, 1), 1))
    assert found["start"].stops[-1].note == "日期不详"
    assert found["completion"].word == "已竣工"


def test_a_pending_extension_is_shown_at_its_day_and_changes_no_state() -> None:
    asked = Steps(extensions={Track.START: Pending(date(2026, 11, 22), date(2027, 5, 20))})
    plain, shown = rails(FOUND_NONE)["start"], rails(FOUND_NONE, steps=asked)["start"]
    assert (shown.colour, shown.word, shown.right) == (plain.colour, plain.word, plain.right)
    assert shown.pending == "2026-11-22 延期申请待审，拟延至 2027-05-20"
    assert [title for title, _ in marks(shown)] == [
        "提醒", "约定开工", "复核未开工", "延期申请", "违约认定", "满一年未开工",
    ]  # fmt: skip
    assert [stop for stop in shown.stops if stop.title != "延期申请"] == list(plain.stops)
    assert shown.stops[3].note == "待审"
    assert rails(steps=asked)["completion"].pending == ""


def test_an_application_before_the_reminder_comes_first_and_waits_for_the_decision() -> None:
    asked = Steps(extensions={Track.COMPLETION: Pending(date(2026, 11, 22), reviewed=True)})
    rail = rails(steps=asked)["completion"]
    assert marks(rail)[0] == ("延期申请", "passed")
    assert rail.pending == "2026-11-22 延期申请待批准"
    assert (rail.colour, rail.word) == ("grey", "未到期")


def test_with_an_application_no_rail_has_more_stops_than_there_are_columns() -> None:
    stopped = Event(Kind.STOP, date(2026, 11, 22), 3)
    asked = Steps(extensions={Track.START: Pending(date(2026, 11, 22), date(2027, 5, 20))})
    for on in (date(2026, 1, 1), TODAY, date(2028, 1, 1)):
        for rail in rails(FOUND_NONE, stopped, steps=asked, on=on).values():
            assert len(rail.stops) <= MOST_STOPS


def test_without_a_rate_a_late_instalment_says_so_and_with_a_rate_of_zero_owes_nothing() -> None:
    late = {"on": date(2026, 2, 1)}
    assert rails(payment_rate=None, **late)["payment"].right[-1] == "未约定违约金比例"
    assert rails(payment_rate=Decimal(0), **late)["payment"].right == ("逾期14天　欠 5,136,000.00 元",)
