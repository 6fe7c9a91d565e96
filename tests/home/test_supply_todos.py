"""Supplies on the desk: what waits for whom, the figures, the last sweep, search and navigation."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from landbureau.accounts.models import Absence, Bureau, Section, User
from landbureau.documents.models import Document
from landbureau.home.rules import Todo
from landbureau.home.selectors import next_days, search
from landbureau.home.supply_todos import MOST_ALONE, supply_todos
from supervision.supply import rules
from supervision.supply.kinds import START_NOTICE
from supervision.supply.models import Event, LandSupply, Notice, Sweep, Visit
from supervision.supply.rules import Cause, Finding, Track
from supervision.supply.selectors import regime
from supervision.supply.services import check_lists, correct_event, sweep
from supervision.supply.transitions import TRANSITIONS, situation_of
from tests.documents.factories import DocumentFactory
from tests.factories import UserFactory, allow
from tests.supply.factories import TODAY, happen
from tests.supply.office import DAY, OF_HEAD, OF_LEADER, SupplyOffice, as_, fresh
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db
K = rules.Kind
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def office() -> SupplyOffice:
    return SupplyOffice()


def waiting(user: User, today: date = TODAY) -> list[Todo]:
    return supply_todos(fresh(user), today)


def acts(user: User) -> list[str]:
    return sorted(todo.act for todo in waiting(user))


# --- Notices --------------------------------------------------------------------------------------------


def test_a_look_on_the_site_waits_for_the_officer_of_the_supply(office: SupplyOffice) -> None:
    supply = office.supply(agreed_start_on=TODAY - 3 * DAY)
    sweep(today=TODAY)
    (todo,) = waiting(office.officer)
    assert (todo.kind, todo.act, todo.due_on) == ("开工复核", "现场复核", TODAY - 3 * DAY)
    assert todo.url == reverse("supply:visit", args=[supply.pk])
    assert todo.why == "约定 2026-11-20 开工，已过 3 天，须现场复核是否开工。"
    assert acts(office.colleague) == acts(office.head) == acts(office.clerk) == []


def test_a_deputy_has_the_work_of_the_officer_on_those_days(office: SupplyOffice) -> None:
    office.supply(agreed_start_on=TODAY - 3 * DAY)
    sweep(today=TODAY)
    Absence.objects.create(user=office.officer, deputy=office.colleague, starts_on=TODAY, ends_on=TODAY)
    assert acts(office.colleague) == ["现场复核"]


def test_what_nobody_answers_for_waits_for_the_section_and_the_office(office: SupplyOffice) -> None:
    office.supply(agreed_start_on=TODAY - 3 * DAY, officer=None)
    sweep(today=TODAY)
    assert acts(office.clerk) == ["指派人员"]
    assert acts(office.officer) == ["现场复核"]
    assert acts(office.colleague) == []


def test_a_missing_fact_waits_for_who_may_enter_it(office: SupplyOffice) -> None:
    supply = office.supply(agreed_start_on=None)
    sweep(today=TODAY)
    (todo,) = waiting(office.clerk)
    assert (todo.act, todo.url) == ("补录资料", reverse("supply:correct", args=[supply.pk]))
    assert todo.due_on is None
    assert acts(office.head) == []


def test_a_document_that_is_on_its_way_is_not_shown_twice(office: SupplyOffice) -> None:
    office.late()
    sweep(today=TODAY)
    assert acts(office.clerk) == [], "the next task drafts it"
    notice = Notice.objects.get()
    document = DocumentFactory(section=office.section, drafted_by=None)
    Notice.objects.update(document=document)
    assert acts(office.clerk) == ["补全送审"], "the system's draft could not be sent"
    document.submitted_on = TODAY
    document.save(update_fields=["submitted_on"])
    assert acts(office.clerk) == acts(office.head) == []
    Notice.objects.filter(pk=notice.pk).update(document=None, error="送达地址未填。")
    (todo,) = waiting(office.clerk)
    assert (todo.kind, todo.act) == ("催缴", "重新起草")
    assert todo.url == reverse("supply:redraft", args=[notice.pk])
    assert "欠 1,860,000.00 元，违约金 70,680.00 元。文书没有拟成：送达地址未填。" in todo.why
    assert acts(office.head) == [], "who approves does not draft"


def test_a_document_that_nobody_drafted_after_the_sweep_waits_for_the_clerk(office: SupplyOffice) -> None:
    office.late()
    sweep(today=TODAY)
    Sweep.objects.update(began_at=timezone.now() - 31 * MINUTE)
    (todo,) = waiting(office.clerk)
    assert todo.act == "重新起草"
    assert "文书至今没有拟出。" in todo.why


def test_a_notice_of_start_that_a_visit_failed_to_draft_waits_for_the_clerk(office: SupplyOffice) -> None:
    supply = office.supply(agreed_start_on=TODAY - 3 * DAY)
    event = happen(supply, K.VISIT, TODAY - DAY, finding=Finding.NOT_STARTED)
    assert "重新起草" not in acts(office.clerk), "a visit from the ledger asks for none"
    Visit.objects.create(event=event, at=timezone.now())
    (todo,) = [todo for todo in waiting(office.clerk) if todo.act == "重新起草"]
    assert todo.url == reverse("supply:start_notice", args=[supply.pk])
    assert todo.why == "约定 2026-11-20 开工，2026-11-22 巡查发现未开工，开工通知书没有拟出。"
    assert "重新起草" not in acts(office.head) + acts(office.officer)
    allow(office.clerk, "view_document", "draft_document", on=office.section)
    response = as_(office.clerk).post(todo.url)
    document = Document.objects.get(kind__code=START_NOTICE)
    assert response["Location"] == document.get_absolute_url()
    assert "重新起草" not in acts(office.clerk)
    Document.objects.filter(pk=document.pk).update(voided_on=TODAY)
    assert "重新起草" in acts(office.clerk)
    happen(supply, K.DETERMINATION, TODAY, track=Track.START, cause=Cause.LAND_USER)
    assert "重新起草" not in acts(office.clerk), "then other papers are due"
    assert as_(office.clerk).get(todo.url)["Location"] == supply.get_absolute_url()


def test_many_missing_notices_of_start_are_one_line(office: SupplyOffice) -> None:
    for _ in range(MOST_ALONE + 1):
        supply = office.supply(agreed_start_on=TODAY - 3 * DAY)
        event = happen(supply, K.VISIT, TODAY - DAY, finding=Finding.NOT_STARTED)
        Visit.objects.create(event=event, at=timezone.now())
    (todo,) = [todo for todo in waiting(office.clerk) if todo.act == "重新起草"]
    assert todo.title == "6 份开工通知书没有拟出"


def test_a_draft_that_waits_for_a_visit_asks_the_section_for_nothing(office: SupplyOffice) -> None:
    office.supply(agreed_completion_on=TODAY + 10 * DAY, agreed_start_on=date(2026, 2, 1))
    sweep(today=TODAY)
    reminder = Notice.objects.filter(kind="completion_reminder")
    reminder.update(document=DocumentFactory(section=office.section, drafted_by=None))
    assert reminder.get().kind.held
    assert "竣工提醒" not in [todo.kind for todo in waiting(office.clerk)]
    supply = LandSupply.objects.get()
    happen(supply, K.VISIT, TODAY, finding=Finding.UNDER_WAY)
    (todo,) = [todo for todo in waiting(office.clerk) if todo.kind == "竣工提醒"]
    assert todo.act == "补全送审", "the visit called for it, and it was not sent"


def test_many_of_one_kind_are_one_line_that_opens_their_list(office: SupplyOffice) -> None:
    for n in range(MOST_ALONE + 1):
        office.supply(agreed_start_on=TODAY - (n + 2) * DAY)
    sweep(today=TODAY)
    (todo,) = waiting(office.officer)
    assert (todo.title, todo.url) == ("6 项开工复核", reverse("supply:my_visits"))
    assert todo.due_on == TODAY - 7 * DAY


# --- Proposals and contracts to be ended ----------------------------------------------------------------


def test_a_proposed_default_waits_for_the_head_with_days_and_damages(office: SupplyOffice) -> None:
    supply = office.supply(
        agreed_start_on=TODAY - 3 * DAY, price=Decimal(5_136_000), start_rate=Decimal("0.5")
    )
    happen(supply, K.VISIT, TODAY - 2 * DAY)
    step = happen(
        supply,
        K.DETERMINATION_PROPOSED,
        TODAY - DAY,
        actor=office.officer,
        track=Track.START,
        cause=Cause.LAND_USER,
    )
    (todo,) = [todo for todo in waiting(office.head) if todo.kind == "违约认定"]
    assert todo.url == f"{reverse('supply:decide_default', args=[supply.pk])}?step={step.pk}"
    assert "王海燕提出：用地单位原因。约定 2026-11-20 开工，逾期 3 天，违约金 7,704.00 元。" in todo.why
    assert acts(office.stranger) == []
    happen(
        supply,
        K.DETERMINATION,
        TODAY,
        actor=office.head,
        track=Track.START,
        cause=Cause.LAND_USER,
        answers=step,
    )
    assert "审核认定" not in acts(office.head)


def test_nobody_decides_on_the_own_proposal(office: SupplyOffice) -> None:
    supply = office.supply(agreed_start_on=TODAY - 3 * DAY)
    happen(supply, K.VISIT, TODAY - 2 * DAY)
    details = {"track": Track.START, "cause": Cause.GOVERNMENT}
    happen(supply, K.DETERMINATION_PROPOSED, TODAY - DAY, actor=office.head, **details)
    assert acts(office.head) == []


def test_a_corrected_proposal_is_answered_by_the_answer_to_the_old_row(office: SupplyOffice) -> None:
    supply = office.supply(agreed_start_on=TODAY - 3 * DAY)
    step = happen(supply, K.DETERMINATION_PROPOSED, TODAY - DAY, track=Track.START, cause=Cause.LAND_USER)
    happen(supply, K.DETERMINATION_RETURNED, TODAY, track=Track.START, answers=step)
    correct_event(event=step, changes={"remark": "补充"}, reason="漏填", actor=None, today=TODAY)
    assert acts(office.head) == []


def test_an_application_that_was_reviewed_and_then_corrected_is_reviewed_anew(office: SupplyOffice) -> None:
    supply, step = applied(office)
    review(supply, step, office.head)
    assert (acts(office.head), acts(office.leader)) == ([], ["审批"])
    step = correct(step, office.clerk)
    assert (acts(office.head), acts(office.leader)) == (["审核"], [])
    review(supply, step, office.head)
    assert (acts(office.head), acts(office.leader)) == ([], ["审批"])


def test_an_application_that_was_corrected_twice_is_answered_by_the_answer_to_any_row(
    office: SupplyOffice,
) -> None:
    supply, step = applied(office)
    answer = {"track": Track.START, "answers": step, "new_due_on": date(2027, 5, 31)}
    twice = correct(correct(step, office.clerk), office.clerk)
    review(supply, twice, office.head)
    assert acts(office.leader) == ["审批"]
    happen(supply, K.EXTENSION_APPROVED, TODAY, **answer)
    assert acts(office.head) == acts(office.leader) == []


def test_who_wrote_or_corrected_any_row_of_it_is_not_offered_the_decision(office: SupplyOffice) -> None:
    """The applicant's row was corrected by the head: neither the one nor the other reviews."""
    second = allow(UserFactory(name="刘文静", section=office.section), *OF_HEAD, on=office.section)
    supply, step = applied(office, actor=second)
    step = correct(step, office.head)
    step = correct(step, office.clerk)
    assert acts(second) == acts(office.head) == []
    third = allow(UserFactory(section=office.section), *OF_HEAD, on=office.section)
    assert acts(third) == ["审核"]
    now = situation_of(supply, TODAY)
    for person, may in ((second, False), (office.head, False), (third, True)):
        assert bool(TRANSITIONS["review_extension"].steps_for(fresh(person), now)) == may


def test_who_reviewed_is_not_offered_the_approval(office: SupplyOffice) -> None:
    both = allow(UserFactory(name="双职", section=office.section), *OF_HEAD, *OF_LEADER, on=office.section)
    supply, step = applied(office)
    review(supply, step, both)
    assert acts(both) == []
    assert acts(office.leader) == ["审批"]
    Absence.objects.create(user=both, deputy=office.leader, starts_on=TODAY, ends_on=TODAY)
    assert acts(office.leader) == ["审批"], "by a permission of one's own"


def test_a_termination_that_was_corrected_twice_and_declined_is_proposed_again(office: SupplyOffice) -> None:
    supply = office.late(days=66)
    happen(supply, K.DEMAND, TODAY - 50 * DAY)
    step = happen(supply, K.TERMINATION_PROPOSED, TODAY - 40 * DAY, actor=office.head)
    twice = correct(correct(step, office.head), office.head)
    assert acts(office.head) == []
    assert acts(office.leader) == ["批准解除"]
    happen(supply, K.TERMINATION_DECLINED, TODAY - 30 * DAY, answers=step)
    assert acts(office.leader) == []
    assert not twice.answered_by.exists()


def applied(office: SupplyOffice, actor: User | None = None) -> tuple[LandSupply, Event]:
    supply = office.supply(agreed_start_on=TODAY + 10 * DAY)
    step = happen(
        supply,
        K.EXTENSION_APPLIED,
        TODAY - 2 * DAY,
        actor=actor or office.clerk,
        track=Track.START,
        new_due_on=date(2027, 5, 31),
        cause=Cause.GOVERNMENT,
    )
    return supply, step


def review(supply: LandSupply, step: Event, actor: User) -> Event:
    return happen(supply, K.EXTENSION_REVIEWED, TODAY, actor=actor, track=Track.START, answers=step)


def correct(step: Event, actor: User) -> Event:
    return correct_event(event=step, changes={"remark": "补充"}, reason="漏填", actor=actor, today=TODAY)


def test_an_extension_goes_from_the_head_to_the_leader(office: SupplyOffice) -> None:
    supply = office.supply(agreed_start_on=TODAY + 10 * DAY)
    step = happen(
        supply,
        K.EXTENSION_APPLIED,
        TODAY - 2 * DAY,
        actor=office.clerk,
        track=Track.START,
        new_due_on=date(2027, 5, 31),
        cause=Cause.GOVERNMENT,
    )
    (todo,) = waiting(office.head)
    assert (todo.act, todo.due_on) == ("审核", TODAY + 10 * DAY)
    assert todo.why == "11-21 陈晓雨受理，由 2026-12-03 延至 2027-05-31，政府原因。"
    assert acts(office.leader) == []
    happen(supply, K.EXTENSION_REVIEWED, TODAY - DAY, actor=office.head, track=Track.START, answers=step)
    assert acts(office.head) == []
    assert acts(office.leader) == ["审批"]
    happen(supply, K.EXTENSION_APPROVED, TODAY, track=Track.START, answers=step, new_due_on=date(2027, 5, 31))
    assert acts(office.leader) == []


def test_a_contract_that_may_be_ended_waits_for_the_head_until_it_is_decided(office: SupplyOffice) -> None:
    supply = office.late(days=66, amount=4_200_000)
    happen(supply, K.DEMAND, TODAY - 50 * DAY)
    (todo,) = waiting(office.head)
    assert todo.kind == "解除合同"
    assert todo.url == reverse("supply:propose_termination", args=[supply.pk])
    assert "欠 4,200,000.00 元，违约金 277,200.00 元" in todo.why
    assert acts(office.clerk) == []
    step = happen(supply, K.TERMINATION_PROPOSED, TODAY, actor=office.head)
    assert acts(office.head) == []
    (todo,) = waiting(office.leader)
    assert (todo.act, todo.why) == (
        "批准解除",
        "11-23 赵文博提请：逾期未缴 4,200,000.00 元，违约金 277,200.00 元。",
    )
    happen(supply, K.TERMINATION_DECLINED, TODAY, answers=step)
    assert acts(office.head) == acts(office.leader) == []


def test_many_contracts_that_may_be_ended_are_one_line(office: SupplyOffice) -> None:
    for _ in range(MOST_ALONE + 1):
        happen(office.late(days=66), K.DEMAND, TODAY - 50 * DAY)
    (todo,) = waiting(office.head)
    assert todo.title == "6 宗可以提请解除合同"
    assert as_(office.head).get(todo.url).status_code == 200


def test_what_is_handed_to_the_brigade_waits_for_its_people(office: SupplyOffice) -> None:
    supply = office.supply(agreed_start_on=TODAY - 3 * DAY)
    step = happen(supply, K.TO_BRIGADE, TODAY, actor=office.head, track=Track.START)
    brigade = regime().brigade
    assert isinstance(brigade, Section)
    person = allow(UserFactory(section=brigade), "view_supply", "view_default")
    assert acts(person) == ["接收"]
    assert acts(allow(UserFactory(), "view_supply", "view_default")) == []
    happen(supply, K.BRIGADE_ACCEPTED, TODAY, track=Track.START, answers=step)
    assert acts(person) == []


# --- Checks, go-live ------------------------------------------------------------------------------------


def test_a_check_list_waits_for_whoever_is_to_look(office: SupplyOffice) -> None:
    for _ in range(2):
        office.supply()
    made = check_lists.draw(
        kind="cross",
        title="四季度交叉巡查",
        count=2,
        due_on=TODAY + 9 * DAY,
        seed="1",
        actor=office.head,
        today=TODAY,
    )
    (todo,) = waiting(office.colleague)
    assert (todo.title, todo.due_on) == ("四季度交叉巡查", TODAY + 9 * DAY)
    assert todo.why == "交叉巡查名单中还有 2 宗由您检查。"
    assert as_(office.colleague).get(todo.url).status_code == 200
    supply = made.entries.get(pk=made.entries.all()[0].pk).supply
    made.entries.update(visit=happen(supply, K.VISIT, TODAY))
    assert waiting(office.colleague) == []


def test_what_is_held_back_at_go_live_waits_for_the_head(office: SupplyOffice) -> None:
    Bureau.objects.update(go_live_on=TODAY)
    assert acts(office.head) == []
    supply = office.late()
    (todo,) = waiting(office.head)
    assert (todo.kind, todo.url) == ("上线核实", reverse("supply:review"))
    assert acts(office.stranger) == acts(office.clerk) == []
    happen(supply, K.PAYMENT, TODAY, amount=Decimal(1_860_000))
    assert acts(office.head) == []


# --- Cost -----------------------------------------------------------------------------------------------


def everything(office: SupplyOffice) -> None:
    office.late()
    office.supply(agreed_start_on=None)
    office.supply(agreed_start_on=TODAY - 3 * DAY, officer=None)
    happen(office.late(days=66), K.DEMAND, TODAY - 50 * DAY)
    supply = office.supply(agreed_start_on=TODAY - 3 * DAY)
    happen(supply, K.VISIT, TODAY - 2 * DAY)
    happen(supply, K.DETERMINATION_PROPOSED, TODAY - DAY, track=Track.START, cause=Cause.LAND_USER)
    happen(supply, K.EXTENSION_APPLIED, TODAY - DAY, track=Track.START, new_due_on=date(2027, 5, 31))
    sweep(today=TODAY)
    Notice.objects.filter(kind="payment_demand").update(error="送达地址未填。")


def cost(user: User) -> int:
    person = fresh(user)
    person.has_perm("accounts.view_supply")  # scopes are read once for the whole request
    with CaptureQueriesContext(connection) as queries:
        supply_todos(person, TODAY)
    return len(queries)


def test_what_waits_costs_the_same_however_much_it_is(office: SupplyOffice) -> None:
    """The head: contracts (numbers, unpaid four, those proposed two, names); steps (keys, supplies, numbers,
    facts two, what waits); notices; check lists; the day of going live. Many need no names."""
    everything(office)
    people = (office.head, office.clerk, office.officer, office.leader)
    first = {person: cost(person) for person in people}
    everything(office)
    assert {person: cost(person) for person in people} == first
    assert first[office.head] == 16
    for _ in range(5):
        everything(office)
    assert all(cost(person) <= first[person] for person in people)
    assert cost(UserFactory()) == 0


# --- The page, search, navigation -----------------------------------------------------------------------


def test_the_desk_shows_figures_the_sweep_and_the_week_to_the_head(office: SupplyOffice) -> None:
    everything(office)
    office.supply(instalments=[(1, TODAY + DAY, 500_000)])
    page = body_of(as_(office.head).get("/desk/"))
    assert "逾期未缴出让金" in page
    assert "372.00" in page
    assert "今日扫描" in page
    assert "项缺少资料" in page
    assert "缴款 1" in page
    days = {day.on: day.supplies for day in next_days(fresh(office.head), TODAY)}
    assert days[TODAY + DAY] == "缴款 1"
    assert days[TODAY] == ""


def test_who_sees_no_supplies_has_a_desk_without_them(office: SupplyOffice) -> None:
    everything(office)
    page = body_of(as_(UserFactory()).get("/desk/"))
    assert "逾期未缴" not in page
    assert "扫描" not in page
    assert "供后监管" not in page


@pytest.mark.parametrize("by", ["number", "contract_number"])
def test_supplies_are_found_by_number_land_user_and_place_in_sight(office: SupplyOffice, by: str) -> None:
    supply = office.supply(location="团结路查找地块")
    office.supply()

    def found(user: User, text: str) -> list[tuple[str, str]]:
        return [(hit.title, hit.url) for hit in dict(search(fresh(user), text)).get("供地", [])]

    expected = [(str(supply.land_user), supply.get_absolute_url())]
    for text in (getattr(supply, by), supply.land_user.name, "查找地块"):
        assert found(office.officer, text) == expected
        assert found(office.stranger, text) == []


def test_land_users_are_found_by_name_and_lead_to_their_page(office: SupplyOffice) -> None:
    supply = office.supply()
    (hit,) = dict(search(fresh(office.clerk), supply.land_user.name))["用地单位"]
    assert (hit.url, hit.detail) == (supply.land_user.get_absolute_url(), "供地 1 宗")
    assert "用地单位" not in dict(search(fresh(office.stranger), supply.land_user.name))


def lines(user: User, address: str) -> list[tuple[str, bool]]:
    groups = as_(user).get(address).context["navigation"]
    (group,) = [line for line in groups if line["title"] == "供后监管"] or [{}]
    return [(line["title"], line["active"]) for line in group.get("children", [])]


def test_the_menu_has_what_the_person_may_open_and_marks_the_page(office: SupplyOffice) -> None:
    def titles(user: User) -> list[str]:
        return [title for title, _ in lines(user, "/desk/")]

    assert "我的巡查" in titles(office.officer)
    assert "我的巡查" not in titles(office.head)
    assert titles(office.head)[:4] == ["供地列表", "到期日历", "今日通知", "监管概览"]
    for name, title in (
        ("overview", "监管概览"),
        ("calendar", "到期日历"),
        ("notices", "今日通知"),
        ("review", "今日通知"),
        ("check_lists", "检查名单"),
        ("draw", "检查名单"),
    ):
        marked = [word for word, active in lines(office.head, reverse(f"supply:{name}")) if active]
        assert marked == [title]
    behind = reverse("supply:behind", args=["overdue"])
    assert [word for word, active in lines(office.head, behind) if active] == ["监管概览"]


def test_a_page_has_one_line_in_the_whole_menu(office: SupplyOffice) -> None:
    supervising = regime().section
    assert supervising is not None
    allow(office.clerk, "create_supply", "update_supply", "view_supply", on=supervising)
    for query, group in (("?kind=supplies", "供后监管"), ("", "系统管理")):
        groups: Any = as_(office.clerk).get(reverse("imports:imports") + query).context["navigation"]
        assert [line["title"] for line in groups if line["active"]] == [group]


def test_every_supply_address_belongs_to_a_line_of_the_menu(office: SupplyOffice) -> None:
    supply: LandSupply = office.supply()
    marked = [word for word, active in lines(office.head, supply.get_absolute_url()) if active]
    assert marked == ["供地列表"]
