"""The list of supplies: order, filters, export, bulk acts, and what it costs."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from landbureau.accounts.models import Absence, Assignment, User
from landbureau.audit.models import Entry
from landbureau.documents.models import PrintBatch
from landbureau.home.supply_desk import supply_figures
from supervision.supply import words
from supervision.supply.models import LandSupply, Notice
from supervision.supply.selectors import indicators, lists, overview, terms, with_state
from supervision.supply.selectors.sums import cents
from supervision.supply.services import assign_officers, sweep
from tests.documents.desk import as_
from tests.documents.paper import make_frozen
from tests.factories import OfficeFactory, SectionFactory, TownshipFactory, UserFactory, allow
from tests.supply.factories import TODAY, happen, make_land_user, make_supply
from tests.web.pages import asked, body_of

pytestmark = pytest.mark.django_db
LIST = "/desk/supply/"
MILLION = Decimal(1_000_000)


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


class Desk:
    """A section with its clerk and head, an office with its officer."""

    def __init__(self) -> None:
        self.section = SectionFactory()
        self.office = OfficeFactory()
        self.clerk: User = allow(
            UserFactory(section=self.section),
            "view_supply",
            "create_supply",
            "update_supply",
            on=self.section,
        )
        self.officer: User = allow(
            UserFactory(name="王海燕", office=self.office), "view_supply", "create_visit", on=self.office
        )
        self.township = TownshipFactory(office=self.office)

    def supply(self, **columns: Any) -> LandSupply:
        return make_supply(**{"section": self.section, "township": self.township} | columns)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def rows(user: User, query: str = "") -> list[str]:
    """Contract numbers in the order of the page."""
    response = as_(user).get(f"{LIST}?{query}")
    assert response.status_code == 200
    return [row.record.contract_number for row in response.context["table"].page.object_list]


def set_of(desk: Desk) -> dict[str, LandSupply]:
    """Supplies in typical states, named by their contracts."""
    day = timedelta(days=1)
    late = [(1, TODAY - 40 * day, MILLION)]
    soon = [(1, TODAY + 25 * day, MILLION)]
    found = {
        "late": desk.supply(contract_number="late", price=MILLION, instalments=late),
        "week": desk.supply(contract_number="week", agreed_completion_on=TODAY + 3 * day),
        "soon": desk.supply(contract_number="soon", price=MILLION, instalments=soon),
        "unstarted": desk.supply(contract_number="unstarted", agreed_start_on=TODAY - 3 * day),
        "default": desk.supply(contract_number="default", agreed_start_on=TODAY - 5 * day),
        "started": desk.supply(contract_number="started", agreed_start_on=TODAY - 9 * day),
        "paid": desk.supply(contract_number="paid", price=MILLION, instalments=late),
        "ended": desk.supply(contract_number="ended", price=MILLION, instalments=late),
    }
    happen(found["default"], "visit", TODAY - 2 * day, finding="not_started")
    happen(found["started"], "start", TODAY - 9 * day)
    happen(found["paid"], "payment", TODAY - 41 * day, amount=MILLION)
    happen(found["ended"], "termination", TODAY - day)
    return found


# --- Rows ------------------------------------------------------------------------------------------------


def test_the_longest_waiting_comes_first_and_what_waits_for_nothing_last(desk: Desk) -> None:
    set_of(desk)
    assert rows(desk.clerk)[:5] == ["late", "default", "unstarted", "week", "soon"]


def test_a_reader_sees_the_own_section_or_townships_only(desk: Desk) -> None:
    desk.supply(contract_number="ours")
    make_supply(contract_number="theirs")
    assert rows(desk.clerk) == rows(desk.officer) == ["ours"]
    stranger = UserFactory()
    assert as_(stranger).get(LIST).status_code == 403


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("due=overdue", {"late", "unstarted", "default"}),
        ("due=unpaid", {"late"}),
        ("due=unstarted", {"unstarted", "default"}),
        ("due=uncompleted", set()),
        ("due=week", {"week"}),
        ("due=soon", {"week", "soon"}),
        ("ended=true", {"ended"}),
        ("ended=false", {"late", "week", "soon", "unstarted", "default", "started", "paid"}),
        ("payment=OVERDUE", {"late", "ended"}),
        ("payment=PAID", {"paid"}),
        ("payment=REMINDER&payment=PAID", {"soon", "paid"}),
        ("payment=TERMINABLE", set()),
        ("start=START_RECHECK", {"unstarted"}),
        ("start=START_DEFAULT&start=STARTED", {"default", "started"}),
        ("q=unsta", {"unstarted"}),
        ("q=演示路", {"late", "week", "soon", "unstarted", "default", "started", "paid", "ended"}),
        ("method=allocation", set()),
        ("use=商业", set()),
        ("officer=nobody", {"late", "week", "soon", "unstarted", "default", "started", "paid", "ended"}),
        ("signed_on_after=2026-01-01", set()),
        ("payment=nonsense", set()),
    ],
)
def test_the_list_is_filtered(desk: Desk, query: str, shown: set[str]) -> None:
    set_of(desk)
    assert set(rows(desk.clerk, query)) == shown


def test_a_figure_and_the_list_behind_it_are_the_same_supplies(desk: Desk) -> None:
    """Of the overview, of the desk, and of the presets: late, late by track, due within thirty days."""
    set_of(desk)
    desk.supply(price=MILLION, instalments=[(1, TODAY, MILLION)], agreed_start_on=TODAY + timedelta(days=30))
    desk.supply(signed_on=TODAY + timedelta(days=1), agreed_start_on=TODAY + timedelta(days=9))
    done = desk.supply(
        agreed_start_on=TODAY - timedelta(days=8), agreed_completion_on=TODAY + timedelta(days=5)
    )
    happen(done, "completion", TODAY - timedelta(days=1))
    supplies = LandSupply.objects.visible_to(desk.clerk)
    found = overview.overview(supplies, TODAY)
    figures = {
        "overdue": found.overdue_supplies,
        "unpaid": len(found.debtors),
        "unstarted": found.overdue["start"],
        "uncompleted": found.overdue["completion"],
        "soon": found.coming_supplies,
    }
    assert {name: len(rows(desk.clerk, f"due={name}")) for name in figures} == figures
    assert figures == {"overdue": 3, "unpaid": 1, "unstarted": 2, "uncompleted": 0, "soon": 3}
    allow(desk.clerk, "approve_supply", on=desk.section)
    of_desk = supply_figures(User.objects.get(pk=desk.clerk.pk), TODAY)
    assert of_desk is not None
    assert (of_desk.debtors, of_desk.coming_supplies) == (figures["unpaid"], figures["soon"])
    counts = {one["title"]: one["count"] for one in as_(desk.clerk).get(LIST).context["presets"]}
    assert (counts["已逾期"], counts["逾期未缴"], counts["30 天内到期"]) == ("3", "1", "3")


def test_sums_of_money_are_exact_to_the_cent(desk: Desk) -> None:
    for _ in range(3):
        desk.supply(price=Decimal("0.10"), instalments=[(1, TODAY, Decimal("0.10"))])
    rate = indicators.collection(LandSupply.objects.all(), TODAY, [])
    assert str(rate.all) == "0.30"
    assert str(cents(None)) == "0.00"


def test_township_and_officer_are_filters(desk: Desk) -> None:
    ours, elsewhere = desk.supply(contract_number="ours"), TownshipFactory(office=desk.office)
    desk.supply(contract_number="elsewhere", township=elsewhere)
    assign_officers(officers={ours.pk: desk.officer}, on=TODAY)
    assert rows(desk.clerk, f"township={elsewhere.pk}") == ["elsewhere"]
    assert rows(desk.clerk, f"officer={desk.officer.pk}") == ["ours"]
    assert rows(desk.clerk, "officer=nobody") == ["elsewhere"]


def test_mine_are_also_those_of_whom_one_deputises_for(desk: Desk) -> None:
    ours = desk.supply(contract_number="ours", officer=desk.officer)
    desk.supply(contract_number="others")
    deputy = allow(UserFactory(office=desk.office), "view_supply", "create_visit", on=desk.office)
    assert rows(desk.officer, "mine=true") == ["ours"]
    assert rows(deputy, "mine=true") == []
    Absence.objects.create(user=desk.officer, deputy=deputy, starts_on=TODAY, ends_on=TODAY, reason="学习")
    assert rows(deputy, "mine=true") == ["ours"]
    assert ours.pk


@pytest.mark.parametrize("column", ["payment_state", "start_state", "completion_state", "handover_state"])
def test_the_filter_of_a_state_finds_what_the_annotation_says(desk: Desk, column: str) -> None:
    set_of(desk)
    annotated: dict[str, set[int]] = {}
    for row in with_state(LandSupply.objects.all(), TODAY, terms()):
        annotated.setdefault(getattr(row, column), set()).add(row.pk)
    states = {**words.PAYMENT, **words.HANDOVER, **words.STAGES}
    for state in states:
        found = LandSupply.objects.filter(lists.in_states(column, [state], TODAY, terms()))
        assert {row.pk for row in found} == annotated.get(state, set()), state


def test_a_row_says_state_day_and_how_far_it_is(desk: Desk) -> None:
    set_of(desk)
    body = body_of(as_(desk.clerk).get(f"{LIST}?q=late"))
    assert "逾期40天" in body
    assert "10-14" in body
    body = body_of(as_(desk.clerk).get(f"{LIST}?q=soon"))
    assert "还有25天" in body


def test_closed_supplies_are_shown_as_they_ended(desk: Desk) -> None:
    set_of(desk)
    response = as_(desk.clerk).get(f"{LIST}?q=ended")
    (row,) = response.context["table"].page.object_list
    assert row.record.line.payment.days == -39
    assert "2026-11-22 终止监管" in body_of(response)


def test_the_totals_are_those_of_what_is_filtered(desk: Desk) -> None:
    desk.supply(contract_number="a", price=MILLION)
    desk.supply(contract_number="b", price=2 * MILLION)
    body = body_of(as_(desk.clerk).get(LIST))
    assert "面积 5.3360 公顷　价款 300.00 万元" in body
    assert "面积 2.6680 公顷　价款 100.00 万元" in body_of(as_(desk.clerk).get(f"{LIST}?q=a"))


def test_an_empty_list_says_what_to_do_next(desk: Desk) -> None:
    body = body_of(as_(desk.clerk).get(LIST))
    assert "还没有供地" in body
    assert "登记供地" in body


def test_the_list_costs_the_same_queries_for_any_number_of_supplies(desk: Desk) -> None:
    client = as_(desk.clerk)

    def cost(query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{LIST}?{query}").status_code == 200
        return len(queries)

    set_of(desk)
    cost("")
    first = {query: cost(query) for query in ("", "due=overdue", "start=STARTED&payment=PAID")}
    for supply in set_of_more(desk):
        assign_officers(officers={supply.pk: desk.officer}, on=TODAY)
    assert {query: cost(query) for query in first} == first
    assert first[""] <= 34  # of which the frame has about half


def set_of_more(desk: Desk) -> list[LandSupply]:
    return [
        desk.supply(price=MILLION, instalments=[(1, TODAY, MILLION / 2), (2, TODAY, MILLION / 2)])
        for _ in range(12)
    ]


# --- Export ----------------------------------------------------------------------------------------------


def test_the_export_holds_what_is_filtered_in_the_words_of_the_page(desk: Desk) -> None:
    set_of(desk)
    text = body_of(as_(desk.clerk).get(f"{LIST}?due=overdue&export=csv"))
    head, *lines = text.strip().splitlines()
    assert "缴款状态" in head
    assert "监管国土员" in head
    assert len(lines) == 3
    assert any("逾期" in line and "-40" in line and "1000000" in line for line in lines)


def test_the_export_costs_the_same_queries_for_any_number_of_supplies(desk: Desk) -> None:
    client = as_(desk.clerk)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            body_of(client.get(f"{LIST}?export=csv"))
        return len(queries)

    set_of(desk)
    cost()
    before = cost()
    set_of_more(desk)
    assert cost() == before


# --- Bulk acts -------------------------------------------------------------------------------------------


def test_officers_are_assigned_to_many_where_the_actor_may_change_them(desk: Desk) -> None:
    ours = desk.supply()
    theirs = make_supply()
    allow(desk.clerk, "view_supply")
    data = {"act": "assign", "pk": [ours.pk, theirs.pk], "officer": desk.officer.pk}
    client = as_(desk.clerk)
    response = client.post(LIST, asked(client, LIST, data), follow=True)
    assert "1 宗供地由 王海燕 监管。另有 1 宗不在您的办理范围" in body_of(response)
    (row,) = Assignment.objects.filter(ends_on=None)
    assert (row.object_id, row.user) == (ours.pk, desk.officer)
    assert Entry.objects.filter(object_repr__contains="指派国土员").count() == 1


def test_who_may_not_change_supplies_has_no_such_act(desk: Desk) -> None:
    supply = desk.supply()
    response = as_(desk.officer).post(LIST, {"act": "assign", "pk": [supply.pk]})
    assert response.status_code == 403


def test_somebody_who_makes_no_visits_cannot_be_assigned(desk: Desk) -> None:
    supply = desk.supply()
    data = {"act": "assign", "pk": [supply.pk], "officer": desk.clerk.pk}
    client = as_(desk.clerk)
    response = client.post(LIST, asked(client, LIST, data))
    assert response.status_code == 200
    assert not Assignment.objects.exists()


def test_issued_notices_of_the_chosen_supplies_go_to_the_printer_as_one_batch(desk: Desk) -> None:
    allow(desk.clerk, "view_notice", "view_document", on=desk.section)
    supply, other = (
        desk.supply(price=MILLION, instalments=[(1, TODAY - timedelta(days=9), MILLION)]) for _ in range(2)
    )
    sweep(today=TODAY)
    for one in (supply, other):
        notice = Notice.objects.get(supply=one, kind="payment_demand")
        notice.document = make_frozen(section=desk.section)
        notice.save(update_fields=["document"])
    client = as_(desk.clerk)
    data = {"act": "print", "pk": [supply.pk], "with_receipts": "on"}
    response = client.post(LIST, asked(client, LIST, data))
    batch = PrintBatch.objects.get()
    assert response.url == batch.get_absolute_url()
    assert batch.items.count() == 1


def test_without_an_issued_notice_there_is_nothing_to_print(desk: Desk) -> None:
    supply = desk.supply()
    client = as_(desk.clerk)
    data = {"act": "print", "pk": [supply.pk]}
    response = client.post(LIST, asked(client, LIST, data))
    assert "没有可以打印的通知书" in body_of(response)


def test_names_of_land_users_are_escaped(desk: Desk) -> None:
    desk.supply(land_user=make_land_user("<script>1</script>有限公司"))
    assert "<script>1" not in body_of(as_(desk.clerk).get(LIST))


def test_dates_of_this_year_are_short(desk: Desk) -> None:
    desk.supply(signed_on=date(2026, 1, 2), agreed_handover_on=date(2026, 3, 4))
    assert "03-04" in body_of(as_(desk.clerk).get(LIST))
