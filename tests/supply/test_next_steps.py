"""What each person can do now: the most urgent first, with its consequence in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.documents.models import Document, Kind
from landbureau.documents.services import approve, issue
from supervision.supply.models import Event, LandSupply
from supervision.supply.rules import Cause, Track
from supervision.supply.selectors.next_steps import NextStep, Turn, allowed_acts, next_steps
from supervision.supply.services.defaults import determine_default
from supervision.supply.services.endings import decline_termination, propose_termination
from supervision.supply.services.papers import draft_paper, submit_held
from supervision.supply.services.sweep import sweep
from tests.factories import UserFactory, allow
from tests.supply.acting import People, deputise, standing
from tests.supply.factories import TODAY, happen

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


def steps(user: User, supply: LandSupply, today: date = TODAY) -> list[NextStep]:
    now = standing(supply, today)
    return next_steps(user, now.supply, now.view, today)


def titles(user: User, supply: LandSupply, today: date = TODAY) -> list[str]:
    return [step.title for step in steps(user, supply, today)]


def acts(user: User, supply: LandSupply) -> list[str]:
    now = standing(supply)
    return [act.name for act in allowed_acts(user, now.supply, now.view, TODAY)]


def test_the_head_is_asked_to_determine_what_the_officer_proposed(people: People) -> None:
    proposal = people.proposed()

    step = steps(people.head, proposal.supply)[0]

    assert step.title == "审核开工违约认定"
    assert step.why == (
        "11-23 王海燕提出“用地单位原因”。认定后生成《开工建设履约通知单》，并移送监察大队调查；"
        "开工逾期 3 天，违约金 7,704.00 元，按日0.5‰。"
    )
    assert step.action == "审核认定"
    assert step.url == reverse("supply:decide_default", args=[proposal.supply_id]) + f"?step={proposal.pk}"
    assert (step.colour, step.due_on) == ("red", date(2026, 11, 28))


def test_the_proposer_and_the_deputy_are_not_asked_to_determine(people: People) -> None:
    proposal, deputy = people.proposed(), UserFactory()
    deputise(people.officer, deputy)
    assert "审核开工违约认定" not in titles(people.officer, proposal.supply)
    assert "审核开工违约认定" not in titles(deputy, proposal.supply)


def test_after_the_agreed_day_the_officer_looks_and_then_proposes(people: People) -> None:
    supply = people.supply()
    assert titles(people.officer, supply)[0] == "现场复核是否开工"

    happen(supply, "visit", date(2026, 11, 21), finding="not_started", actor=people.officer)

    step = steps(people.officer, supply)[0]
    assert step.title == "提出开工违约认定"
    assert step.why.startswith("2026-11-21 巡查未开工，逾期 3 天，违约金 7,704.00 元")
    assert step.due_on == date(2026, 11, 26)
    assert "提出开工违约认定" in titles(people.clerk, supply)
    assert "提出开工违约认定" not in titles(people.leader, supply)


def test_a_visit_that_is_due_is_the_officers_next_step(people: People) -> None:
    supply = people.supply(agreed_start_on=date(2026, 12, 10))
    sweep(today=TODAY)
    step = next(step for step in steps(people.officer, supply) if step.title == "现场巡查")
    assert step.why == "约定 2026-12-10 开工，本阶段还没有巡查。"
    assert step.url == reverse("supply:visit", args=[supply.pk])


def test_a_default_of_the_government_leads_to_an_extension(people: People) -> None:
    proposal = people.proposed(Cause.GOVERNMENT)
    determine_default(supply=proposal.supply, step=proposal, actor=people.head, today=TODAY)
    step = next(step for step in steps(people.clerk, proposal.supply) if step.title == "提出开工延期")
    assert "不计违约金" in step.why
    assert step.url.endswith("?track=start")


def test_the_brigade_is_asked_to_accept(people: People) -> None:
    proposal = people.proposed()
    determine_default(supply=proposal.supply, step=proposal, actor=people.head, today=TODAY)
    transfer = Event.objects.get(kind="to_brigade")
    assert titles(people.brigade, proposal.supply) == []
    people.issue_letter(transfer)
    assert titles(people.brigade, proposal.supply)[0] == "接收移送"
    assert steps(people.brigade, proposal.supply)[0].url.endswith(f"?step={transfer.pk}")
    assert "接收移送" not in titles(people.head, proposal.supply)


def test_documents_of_an_act_lead_to_their_own_page(people: People) -> None:
    proposal = people.proposed()
    event = determine_default(supply=proposal.supply, step=proposal, actor=people.head, today=TODAY)
    assert event.document is not None
    found = {step.url for step in steps(people.head, proposal.supply) if step.title.startswith("批准《")}
    assert event.document.get_absolute_url() in found
    assert len(found) == 3


def test_reviewer_and_leader_are_asked_one_after_the_other(people: People) -> None:
    application = people.applied()
    assert titles(people.head, application.supply)[0] == "审核延期申请（开工）"
    assert "批准延期（开工）" not in titles(people.leader, application.supply)

    second = people.reviewed()
    step = steps(people.leader, second.supply)[0]
    assert step.title == "批准延期（开工）"
    assert "开工由 2026-11-20 延至 2027-05-20，竣工延至 2028-11-20" in step.why
    assert "审核意见：同意：情况属实" in step.why
    assert "审核延期申请（开工）" not in titles(people.head, second.supply)


def test_a_late_instalment_says_what_is_owed(people: People) -> None:
    supply = people.supply(instalments=[(1, date(2026, 11, 18), 2568000)])
    step = next(step for step in steps(people.clerk, supply) if "缴款" in step.title)
    assert step.why == "逾期 5 天，欠 2,568,000.00 元，违约金计至今天 12,840.00 元。尚未催缴送达。"
    assert (step.colour, step.due_on) == ("red", date(2026, 11, 18))
    assert step.url.endswith("/payment/?seq=1")


def test_what_can_be_terminated_goes_from_the_head_to_the_leader(people: People) -> None:
    supply = people.terminable()
    assert titles(people.head, supply)[0] == "提请解除合同"
    proposal = propose_termination(supply=supply, ground="多次催缴未缴", actor=people.head, today=TODAY)
    assert "提请解除合同" not in titles(people.head, supply)
    assert titles(people.leader, supply)[0] == "批准解除合同"

    decline_termination(supply=supply, step=proposal, reason="正在筹款", actor=people.leader, today=TODAY)

    again = next(step for step in steps(people.head, supply) if step.title == "提请解除合同")
    assert again.colour == "orange"
    assert "2026-11-23 曾提请，未予批准" in again.why


def test_handover_then_board(people: People) -> None:
    supply = people.supply(agreed_start_on=date(2027, 5, 1))
    first = next(step for step in steps(people.clerk, supply) if step.title == "登记交地")
    assert first.colour == "red"
    assert "已过 296 天，属本单位迟延" in first.why

    happen(supply, "handover", TODAY)
    assert titles(people.officer, supply)[0] == "移交公示牌"
    happen(supply, "board_given", TODAY)
    assert titles(people.officer, supply)[0] == "公示牌悬挂"


def test_open_deviations_missing_facts_and_unpaid_damages_are_told(people: People) -> None:
    supply = people.supply(agreed_completion_on=None)
    happen(supply, "deviation", date(2026, 11, 1), deviation="use_changed", actor=people.officer)
    happen(supply, "start", TODAY)
    sweep(today=TODAY)

    found = titles(people.clerk, supply)

    assert "处理：改变用途" in found
    assert "补录资料：约定竣工日期" in found
    assert "登记缴开工违约金" in found


def test_after_completion_the_clerk_verifies_and_then_nothing_is_left(people: People) -> None:
    supply = people.supply(instalments=[], price=None)
    happen(supply, "start", date(2026, 3, 1))
    happen(supply, "completion", date(2026, 11, 1))
    assert titles(people.clerk, supply)[-1] == "复核验收"
    happen(supply, "acceptance", TODAY)
    assert steps(people.clerk, supply) == []


def test_acts_are_those_of_the_person_and_of_the_state(people: People) -> None:
    supply = people.unstarted()

    assert acts(people.officer, supply) == [
        "handover",
        "board_given",
        "start",
        "completion",
        "propose_default",
    ]
    assert "decide_default" not in acts(people.head, supply)
    assert {"payment", "apply_extension", "transfer", "split", "take_back"} <= set(acts(people.clerk, supply))
    assert acts(people.leader, supply) == []
    assert acts(UserFactory(), supply) == []


def test_after_the_end_only_money_moves(people: People) -> None:
    supply = people.supply()
    happen(supply, "payment", TODAY, amount=Decimal(1000))
    happen(supply, "take_back", TODAY)
    assert acts(people.clerk, supply) == ["payment", "refund", "damages_payment"]
    assert acts(people.officer, supply) == []


def test_the_number_of_queries_does_not_grow_with_the_facts(
    people: People, django_assert_max_num_queries: object
) -> None:
    supply = people.unstarted()
    for day in range(1, 20):
        happen(supply, "visit", date(2026, 10, day), finding="not_started")
    sweep(today=TODAY)
    now = standing(supply)
    people.officer.__dict__.pop("_scopes", None)
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        next_steps(people.officer, now.supply, now.view, TODAY)


# --- What is really due comes first ------------------------------------------------------------------------


def test_a_notice_that_the_determination_has_overtaken_comes_last(people: People) -> None:
    supply = people.unstarted()
    notice = submit_held(supply=supply, track=Track.START, actor=None, today=TODAY)
    assert notice is not None
    assert titles(people.head, supply)[0] == "批准《开工通知书》"

    proposal = people.proposed(supply=supply)
    determine_default(supply=supply, step=proposal, actor=people.head, today=TODAY)

    found = steps(people.head, supply)
    assert found[0].title != "批准《开工通知书》"
    assert [step.title for step in found[:3]] == [
        "批准《违约认定书》",
        "批准《开工建设履约通知单》",
        "批准《违约线索移送函》",
    ]
    last = found[-1]
    assert (last.title, last.turn, last.colour) == ("弃稿《开工通知书》", Turn.OVERTAKEN, "grey")
    assert last.why.endswith("开工违约已经认定，不再需要这份文书。")
    assert last.url == notice.get_absolute_url()


def test_what_was_issued_and_overtaken_is_still_served_but_last(people: People) -> None:
    Kind.objects.filter(code="start_notice").update(needs_seal=False)
    supply = people.unstarted()
    notice = submit_held(supply=supply, track=Track.START, actor=None, today=TODAY)
    assert notice is not None
    approve(document=notice, actor=people.head, today=TODAY)
    notice = issue(document=notice, actor=people.head, today=TODAY)
    Document.objects.filter(pk=notice.pk).update(sha256="0" * 64)
    happen(supply, "start", TODAY)
    last = steps(people.officer, supply)[-1]
    assert (last.title, last.turn) == ("登记送达《开工通知书》", Turn.OVERTAKEN)
    assert "开工现为“已开工”" in last.why


def test_a_look_that_is_overdue_comes_before_papers_that_are_not(people: People) -> None:
    supply = people.supply(instalments=[(1, date(2026, 12, 18), 2568000)])
    draft_paper(
        kind="payment_reminder",
        supply=supply,
        actor=None,
        today=TODAY,
        instalment=supply.instalments.get(),
        submit=False,
    )
    allow(people.officer, "create_notice", on=people.section)
    found = titles(people.officer, supply)
    assert found[0] == "现场复核是否开工"
    assert "送审《出让金缴纳提醒通知单》" in found[1:]


def test_a_reminder_of_what_is_paid_or_late_has_nothing_to_urge(people: People) -> None:
    supply = people.supply(instalments=[(1, date(2026, 12, 18), 2568000)])
    draft_paper(
        kind="payment_reminder",
        supply=supply,
        actor=None,
        today=TODAY,
        instalment=supply.instalments.get(),
        submit=True,
    )
    assert "批准《出让金缴纳提醒通知单》" in titles(people.head, supply)
    late = steps(people.head, supply, date(2026, 12, 20))[-1]
    assert (late.title, late.why[-14:]) == (
        "弃稿《出让金缴纳提醒通知单》",
        "第 1 期已经逾期，应当催缴。"[-14:],
    )
    happen(supply, "payment", TODAY, amount=Decimal(2568000))
    paid = [step for step in steps(people.head, supply) if "提醒通知单" in step.title]
    assert all("已缴清" in step.why and step.turn == Turn.OVERTAKEN for step in paid)
