"""The section head's page: its figures, the lists behind them, its charts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from landbureau.accounts.models import User
from supervision.supply import charts, rules
from supervision.supply.models import LandSupply, Regime
from supervision.supply.rules import Track
from supervision.supply.selectors import behind, overview
from supervision.supply.services import sweep
from tests.factories import TownshipFactory
from tests.supply.factories import TODAY, happen
from tests.supply.office import DAY, SupplyOffice, as_
from tests.web.pages import body_of, check_page

pytestmark = pytest.mark.django_db
K = rules.Kind
PAGE = "/desk/supply/overview/"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def office() -> SupplyOffice:
    return SupplyOffice()


def shown(user: User, **query: Any) -> Any:
    response = as_(user).get(PAGE, query)
    assert response.status_code == 200
    return response.context


def a_year(office: SupplyOffice) -> None:
    """Something for every figure: late, paid, started in time and late, visited, handed over, coming."""
    office.late()
    office.late(days=70, amount=4_200_000, payment_rate=None)
    paid = office.late(days=100)
    happen(paid, K.PAYMENT, TODAY - 100 * DAY, amount=Decimal(1_860_000))
    kept = office.supply(agreed_start_on=date(2026, 5, 1))
    happen(kept, K.VISIT, date(2026, 4, 20))
    happen(kept, K.START, date(2026, 4, 30))
    missed = office.supply(agreed_start_on=date(2026, 6, 1))
    happen(missed, K.START, date(2026, 9, 1))
    happen(missed, K.HANDOVER, date(2026, 2, 1))
    office.supply(agreed_start_on=TODAY + 10 * DAY, instalments=[(1, TODAY + 20 * DAY, 500_000)])
    office.supply(agreed_start_on=date(2025, 9, 1), agreed_completion_on=date(2026, 8, 1))


# --- Figures ----------------------------------------------------------------------------------------------


def test_the_head_sees_money_dates_visits_and_boards_of_the_section(office: SupplyOffice) -> None:
    a_year(office)
    context = shown(office.head)
    figures = {one["label"]: (one["value"], one["note"]) for one in context["figures"]}
    assert figures["逾期未缴"] == ("606.00", "2 宗 2 期　违约金 7.07 万元")
    assert figures["缴款率"] == ("23.5", "186.00 / 792.00 万元　要求 100%")
    assert figures["按期开工率"] == ("50.0", "1 / 2 宗　要求 90%")
    assert figures["按期竣工率"] == ("0.0", "0 / 1 宗　要求 90%")
    assert figures["巡查完成率"] == ("33.3", "1 / 3 次　要求 100%")
    assert figures["公示牌悬挂率"] == ("0.0", "0 / 1 宗　要求 100%")


@pytest.mark.parametrize("name", sorted(behind.BEHIND))
def test_a_figure_opens_exactly_the_rows_it_counts(office: SupplyOffice, name: str) -> None:
    a_year(office)
    found = overview.overview(LandSupply.objects.visible_to(office.head), TODAY)
    values = {code: value for code, (_, value) in found.counted.values().items()}
    rows = behind.rows_behind(name, LandSupply.objects.visible_to(office.head), TODAY)
    closed = [row for row in rows if not row.is_open]
    match name:
        case "overdue":
            assert sum(row.amount for row in rows if row.amount) == sum(one.balance for one in found.late)
        case "collection":
            owed = sum(row.amount for row in rows if row.is_open and row.amount)
            assert owed == values["collection"].open
            assert sum(row.amount for row in rows if row.amount) == values["collection"].all
        case "due":
            assert len(rows) == len(found.coming) == sum(week.total for week in found.weeks)
        case _:
            code = {"visits": "visits", "boards": "boards"}.get(name, f"{name}_on_time")
            assert (len(closed), len(rows)) == (values[code].done, values[code].all)
    page = body_of(as_(office.head).get(reverse("supply:behind", args=[name])))
    check_page(as_(office.head).get(PAGE), page)
    assert str(office.section) not in page or rows


def test_a_section_a_township_and_the_bureau_each_see_their_own(office: SupplyOffice) -> None:
    office.late()
    elsewhere = TownshipFactory()
    office.late(township=elsewhere)
    for person, count in ((office.head, 2), (office.leader, 2), (office.officer, 1), (office.stranger, 0)):
        assert len(shown(person)["found"].late) == count
    assert len(shown(office.leader, township=elsewhere.pk)["found"].late) == 1


def test_who_sees_no_supplies_gets_no_page(office: SupplyOffice) -> None:
    from tests.factories import UserFactory

    assert as_(UserFactory()).get(PAGE).status_code == 403


def test_a_past_year_is_shown_as_of_its_last_day(office: SupplyOffice) -> None:
    supply = office.supply(
        signed_on=date(2024, 1, 5), agreed_start_on=date(2025, 6, 1), instalments=[(1, date(2025, 3, 3), 100)]
    )
    happen(supply, K.START, date(2025, 6, 1))
    happen(supply, K.PAYMENT, date(2026, 2, 1), amount=Decimal(100))
    context = shown(office.head, year=2025)
    assert context["found"].on == date(2025, 12, 31)
    assert len(context["found"].late) == 1
    assert context["values"]["start"].done == 1
    assert not shown(office.head)["found"].late


@pytest.mark.parametrize("query", [{"year": "1899"}, {"year": "2027"}, {"year": "x"}, {"township": "99999"}])
def test_a_year_or_township_that_is_none_is_not_found(office: SupplyOffice, query: dict[str, str]) -> None:
    assert as_(office.head).get(PAGE, query).status_code == 404


def test_the_overdue_card_names_the_largest_and_sums_up_the_rest(office: SupplyOffice) -> None:
    for n in range(7):
        office.late(amount=1_000_000 * (n + 1))
    context = shown(office.head)
    assert [debtor.balance for debtor, _ in context["debtors"]] == [n * 1_000_000 for n in (7, 6, 5, 4, 3)]
    assert (len(context["rest"]), context["rest_balance"]) == (2, Decimal(3_000_000))
    assert "其余 2 宗 2 期" in body_of(as_(office.head).get(PAGE))


def test_what_falls_due_is_counted_by_week_from_today(office: SupplyOffice) -> None:
    office.supply(instalments=[(1, TODAY, 100), (2, TODAY + 30 * DAY, 100), (3, TODAY + 31 * DAY, 100)])
    office.supply(agreed_start_on=TODAY + 6 * DAY, agreed_completion_on=TODAY + 7 * DAY)
    weeks = shown(office.head)["weeks"]
    assert [(week.first, week.last) for week in weeks[:2]] == [
        (TODAY, TODAY + 6 * DAY),
        (TODAY + 7 * DAY, TODAY + 13 * DAY),
    ]
    assert weeks[-1].last == TODAY + 30 * DAY
    assert [week.counts for week in weeks] == [(1, 1, 0), (0, 0, 1), (0, 0, 0), (0, 0, 0), (1, 0, 0)]


def test_the_trend_judges_each_month_by_the_twelve_before_its_end(office: SupplyOffice) -> None:
    supply = office.supply(signed_on=date(2024, 1, 5), agreed_start_on=date(2025, 1, 15))
    happen(supply, K.START, date(2025, 1, 10))
    office.supply(agreed_start_on=date(2026, 2, 1))
    months = shown(office.head)["found"].months
    assert [month.last for month in (months[0], months[-2], months[-1])] == [
        date(2025, 12, 31),
        date(2026, 10, 31),
        TODAY,
    ]
    assert (months[0].start.done, months[0].start.all) == (1, 1)
    assert (months[1].start.done, months[1].start.all) == (0, 0)
    assert (months[2].start.done, months[2].start.all) == (0, 1)


def test_open_notices_are_counted_with_the_officer_or_the_section(office: SupplyOffice) -> None:
    office.supply(agreed_start_on=TODAY - 5 * DAY)
    office.supply(agreed_start_on=TODAY - 5 * DAY, officer=None)
    office.late()
    sweep(today=TODAY)
    loads = {str(load.person): load for load in shown(office.head)["found"].loads}
    assert (loads["王海燕"].open, loads["王海燕"].overdue, loads["王海燕"].longest) == (1, 1, 5)
    assert (loads["None"].open, loads["None"].longest) == (2, 38)


def test_monthly_visits_are_those_of_the_month(office: SupplyOffice) -> None:
    Regime.objects.update(visit_rule=Regime.VisitRule.MONTHLY)
    supply = office.supply()
    happen(supply, K.VISIT, date(2026, 11, 2))
    office.supply()
    (township,) = shown(office.head)["found"].townships
    assert (township.value.done, township.value.all) == (1, 2)
    assert "11 月，次" in body_of(as_(office.head).get(PAGE))


def test_a_rate_stands_beside_that_of_the_same_day_a_year_ago(office: SupplyOffice) -> None:
    kept = office.supply(signed_on=date(2024, 1, 5), agreed_start_on=date(2025, 5, 1))
    happen(kept, K.START, date(2025, 4, 30))
    office.supply(signed_on=date(2024, 1, 5), agreed_start_on=date(2025, 6, 1))
    office.supply(signed_on=date(2024, 1, 5), agreed_start_on=date(2025, 12, 1))  # later in that year
    office.supply(agreed_start_on=date(2026, 5, 1))
    notes = {one["label"]: one["note"] for one in shown(office.head)["figures"]}
    assert notes["按期开工率"].endswith("上年同期 50.0%")
    assert "上年同期" not in notes["按期竣工率"], "nothing was due"
    assert "上年同期" in notes["巡查完成率"]


def test_the_page_says_as_of_when_and_when_it_was_swept(office: SupplyOffice) -> None:
    assert "还没有扫描过" in body_of(as_(office.head).get(PAGE))
    sweep(today=TODAY)
    page = body_of(as_(office.head).get(PAGE))
    assert "数据截至 <b>2026-11-23</b>" in page
    assert "最近扫描 2026-11-23 09:00" in page
    assert "data-print" in page


def test_what_is_late_leads_to_the_list_of_the_same_supplies(office: SupplyOffice) -> None:
    a_year(office)
    elsewhere = TownshipFactory()
    office.late(township=elsewhere)
    for query in ({}, {"township": elsewhere.pk}):
        context = shown(office.head, **query)
        links = {word: (count, url) for word, count, url in context["overdue"]}
        links["全部"] = (context["found"].overdue_supplies, context["lists"]["overdue"])
        links["30 天"] = (context["found"].coming_supplies, context["lists"]["soon"])
        for count, url in links.values():
            assert as_(office.head).get(url).context["table"].page.paginator.count == count
    assert shown(office.head, year=2025)["lists"]["overdue"] == "", "the list knows today only"


def test_the_figures_can_be_taken_away_with_their_formulas(office: SupplyOffice) -> None:
    a_year(office)
    text = body_of(as_(office.head).get(PAGE, {"export": "csv"}))
    lines = {line.split(",")[0] for line in text.splitlines()}
    assert {"已逾期", "逾期未缴", "30 天内到期", "按期开工率", "巡查完成率"} <= {
        line.strip('"') for line in lines
    }
    assert "本年应开工的项目中按期开工的" in text
    assert as_(office.head).get(PAGE, {"export": "xlsx"})["Content-Disposition"].startswith("attachment")
    assert as_(office.head).get(PAGE, {"export": "doc"}).status_code == 404


# --- Cost -------------------------------------------------------------------------------------------------


def test_the_page_costs_the_same_however_many_supplies(office: SupplyOffice) -> None:
    """Numbers and regime; stages (two); unpaid money (four) and what was due, what of it has
    moved; visits; what is counted of all; townships; open notices (two) and their officers; indicators;
    names; what is missed (two); last year's stages (two) and visits."""
    visible = LandSupply.objects.visible_to(User.objects.get(pk=office.leader.pk))
    for _ in range(3):
        a_year(office)
        sweep(today=TODAY)
        with CaptureQueriesContext(connection) as queries:
            overview.overview(visible, TODAY)
        assert len(queries) == 21


# --- Charts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["due", "on-time"])
def test_a_chart_can_be_kept_as_a_picture(office: SupplyOffice, name: str) -> None:
    a_year(office)
    response = as_(office.head).get(reverse("supply:chart", args=[name]))
    assert response["Content-Type"].startswith("image/svg+xml")
    assert "attachment" in response["Content-Disposition"]
    assert 'xmlns="http://www.w3.org/2000/svg"' in body_of(response)
    assert as_(office.head).get(reverse("supply:chart", args=["other"])).status_code == 404


@pytest.mark.parametrize(
    ("most", "top", "step"), [(0, 1, 1), (5, 5, 1), (6, 6, 2), (23, 25, 5), (101, 150, 50)]
)
def test_an_axis_has_few_round_steps(most: int, top: int, step: int) -> None:
    assert charts.scale(most) == (top, step)


def test_bars_stand_on_each_other_and_fill_the_height() -> None:
    drawn = charts.stacked_bars([("a",), ("b",)], [(1, 2, 1), (0, 0, 0)])
    blocks = drawn.bars[0].blocks
    assert [block.value for block in blocks] == [1, 2, 1]
    assert blocks[0].y + blocks[0].height == pytest.approx(drawn.base, abs=0.2)
    assert blocks[1].y + blocks[1].height == pytest.approx(blocks[0].y, abs=0.2)
    assert drawn.bars[1].blocks == ()


def test_a_month_with_nothing_due_breaks_the_line() -> None:
    drawn = charts.percent_lines(["1", "2", "3", "4"], [[80.0, None, 90.0, 95.0], [None] * 4], 90.0)
    assert len(drawn.lines[0].points) == 3
    assert len(drawn.lines[0].runs) == 1
    assert drawn.lines[1].last is None
    assert all(mark.y <= drawn.base for mark in drawn.marks)


def test_an_extended_completion_is_kept_by_its_new_date(office: SupplyOffice) -> None:
    supply = office.supply(agreed_completion_on=date(2026, 7, 1))
    happen(
        supply,
        K.EXTENSION_APPROVED,
        date(2026, 6, 1),
        track=Track.COMPLETION,
        new_due_on=date(2026, 12, 1),
    )
    assert shown(office.head)["values"]["completion"].all == 0
    assert [one.due_on for one in shown(office.head)["found"].coming] == [TODAY + timedelta(days=8)]
