"""The calendar of due dates: what stands on which day, in which state."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from supervision.supply import rules
from supervision.supply.models import LandSupply, Regime
from supervision.supply.rules import Track
from supervision.supply.selectors import terms
from supervision.supply.selectors.calendar import entries
from supervision.supply.services import sweep
from tests.factories import TownshipFactory
from tests.supply.factories import TODAY, happen
from tests.supply.office import DAY, SupplyOffice, as_
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db
K = rules.Kind
PAGE = "/desk/supply/calendar/"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def office() -> SupplyOffice:
    return SupplyOffice()


def month(kind: str = "", first: date = date(2026, 11, 1), last: date = date(2026, 11, 30)) -> set[Any]:
    found = entries(LandSupply.objects.all(), first, last, TODAY, terms(), kind)
    return {(on.day, entry.what, entry.word) for on, each in found.items() for entry in each}


def test_instalments_stand_on_the_day_to_which_they_are_rolled(office: SupplyOffice) -> None:
    supply = office.supply(
        instalments=[
            (1, date(2026, 11, 2), 100),
            (2, date(2026, 11, 7), 100),  # a Saturday
            (3, date(2026, 11, 30), 100),
            (4, date(2026, 12, 30), 100),
        ]
    )
    happen(supply, K.PAYMENT, date(2026, 11, 2), amount=Decimal(100), seq=1)
    assert month("payment") == {
        (2, "第1期缴款", "已缴清"),
        (9, "第2期缴款", "逾期"),
        (30, "第3期缴款", "提醒期"),
    }


def test_starts_and_completions_stand_on_their_date_in_force_and_are_rechecked_the_day_after(
    office: SupplyOffice,
) -> None:
    done = office.supply(agreed_start_on=date(2026, 11, 3))
    happen(done, K.START, date(2026, 11, 3))
    office.supply(agreed_start_on=date(2026, 11, 10))
    looked_at = office.supply(agreed_completion_on=date(2026, 11, 16), agreed_start_on=date(2026, 1, 6))
    happen(looked_at, K.START, date(2026, 1, 6))
    happen(looked_at, K.VISIT, date(2026, 11, 18))
    moved = office.supply(agreed_start_on=date(2026, 11, 20))
    happen(moved, K.EXTENSION_APPROVED, date(2026, 11, 1), track=Track.START, new_due_on=date(2026, 11, 28))
    assert month() == {
        (3, "约定开工", "已开工"),
        (10, "约定开工", "待复核"),
        (11, "复核开工", "待复核"),
        (16, "约定竣工", "违约"),
        (17, "复核竣工", "已复核"),
        (28, "约定开工", "提醒期"),
        (29, "复核开工", "未到期"),
    }
    assert {what for _, what, _ in month("completion")} == {"约定竣工"}
    assert {what for _, what, _ in month("recheck")} == {"复核开工", "复核竣工"}


def test_a_visit_stands_on_its_last_day_and_many_are_one_line(office: SupplyOffice) -> None:
    office.supply(agreed_start_on=date(2026, 11, 27))
    sweep(today=TODAY)
    assert month("visit") == {(28, "开工阶段巡查", "待巡查")}
    Regime.objects.update(visit_rule=Regime.VisitRule.MONTHLY)
    for _ in range(6):
        office.supply()
    sweep(today=TODAY)
    assert (30, "当月巡查 7 宗", "待巡查") in month("visit")


def test_an_extension_is_to_be_decided_until_the_date_that_it_would_move(office: SupplyOffice) -> None:
    supply = office.supply(agreed_start_on=date(2026, 11, 26))
    applied = happen(
        supply, K.EXTENSION_APPLIED, date(2026, 11, 2), track=Track.START, new_due_on=date(2027, 5, 1)
    )
    assert month("extension") == {(26, "延期开工申请", "待决定")}
    happen(supply, K.EXTENSION_REJECTED, date(2026, 11, 20), track=Track.START, answers=applied)
    assert month("extension") == set()


def test_what_has_ended_stands_nowhere(office: SupplyOffice) -> None:
    supply = office.late(days=3)
    happen(supply, K.TERMINATION, TODAY - DAY)
    assert month() == set()


def test_days_off_are_marked_and_today_is(office: SupplyOffice) -> None:
    page = body_of(as_(office.head).get(PAGE))
    assert page.count("休息日") >= 9
    assert page.count('aria-current="date"') == 1
    october = body_of(as_(office.head).get(PAGE, {"month": "2026-10"}))
    assert "国庆节　休息日" in october


def test_the_month_is_filtered_by_township_officer_and_kind(office: SupplyOffice) -> None:
    office.late(days=3)
    office.late(days=4, township=TownshipFactory(), officer=office.colleague)
    office.supply(agreed_start_on=date(2026, 11, 20))

    def count(**query: Any) -> int:
        return int(as_(office.head).get(PAGE, query).context["count"])

    assert count() == 4
    assert count(township=office.township.pk) == 3
    assert count(officer=office.colleague.pk) == 1
    assert count(kind="payment") == 2
    assert count(month="2026-12") == 0
    assert count(month="nonsense", kind="nonsense") == 4
    assert as_(office.stranger).get(PAGE).context["count"] == 0


def test_a_full_day_shows_some_and_counts_the_rest(office: SupplyOffice) -> None:
    for _ in range(6):
        office.late(days=3)
    page = body_of(as_(office.head).get(PAGE))
    assert "另 3 项" in page
    assert "6 项" in body_of(as_(office.head).get(PAGE, {"view": "agenda"}))


def test_the_calendar_costs_the_same_however_much_falls_due(office: SupplyOffice) -> None:
    """Money (rows, unpaid three), dates, visits, extensions and the dates they move, names."""
    numbers = terms()
    for _ in range(2):
        supply = office.late(days=3)
        happen(supply, K.EXTENSION_APPLIED, date(2026, 11, 2), track=Track.START)
        office.supply(agreed_start_on=date(2026, 11, 26))
        sweep(today=TODAY)
        with CaptureQueriesContext(connection) as queries:
            entries(LandSupply.objects.all(), date(2026, 11, 1), date(2026, 11, 30), TODAY, numbers)
        assert len(queries) == 9
