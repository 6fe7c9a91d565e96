"""Default: one proposes, another determines or returns, documents follow, the brigade accepts."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest

from landbureau.accounts.models import User
from landbureau.documents.models import Document
from landbureau.documents.services import redraft
from landbureau.home.supply_todos.steps import step_todos
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, LandSupply
from supervision.supply.rules import Cause, StageState, Track
from supervision.supply.selectors.consequences import consequence_of
from supervision.supply.selectors.next_steps import NextStep, next_steps
from supervision.supply.services.defaults import (
    accept_by_brigade,
    determine_default,
    propose_default,
    return_default,
)
from supervision.supply.services.following import follow
from tests.factories import UserFactory, allow
from tests.supply.acting import CLERK, HEAD, People, deputise, standing
from tests.supply.factories import TODAY, happen

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


def steps_of(user: User, supply: LandSupply) -> list[NextStep]:
    now = standing(supply)
    return next_steps(user, now.supply, now.view, TODAY)


def kinds_of(event: Event) -> list[str]:
    """Codes of the documents that an act on the supply has drafted."""
    return sorted(Document.objects.values_list("kind__code", flat=True))


def test_officer_and_clerk_may_propose_and_nobody_else(people: People) -> None:
    for actor in (people.officer, people.clerk):
        event = propose_default(
            supply=people.unstarted(),
            track=Track.START,
            cause=Cause.LAND_USER.value,
            ground="未见施工",
            actor=actor,
            today=TODAY,
        )
        assert (event.kind, event.cause, event.recorded_by) == ("determination_proposed", "land_user", actor)
    with pytest.raises(SupplyError, match="没有“提出违约认定”的权限"):
        propose_default(
            supply=people.unstarted(),
            track=Track.START,
            cause="land_user",
            ground="x",
            actor=people.head,
            today=TODAY,
        )


def test_only_a_stage_that_is_late_can_be_in_default(people: People) -> None:
    supply = people.supply(agreed_start_on=date(2026, 12, 1))
    with pytest.raises(SupplyError, match="没有逾期"):
        propose_default(
            supply=supply, track=Track.START, cause="land_user", ground="x", actor=people.clerk, today=TODAY
        )
    late = people.unstarted()
    with pytest.raises(SupplyError) as refused:
        propose_default(
            supply=late,
            track=Track.COMPLETION,
            cause="land_user",
            ground="x",
            actor=people.clerk,
            today=TODAY,
        )
    assert refused.value.field == "track"


def test_a_proposal_changes_no_state_and_is_made_once(people: People) -> None:
    proposal = people.proposed()
    now = standing(proposal.supply)
    assert now.view.start.cause is None
    assert now.office.proposals == (proposal,)
    with pytest.raises(SupplyError, match="等待审核"):
        people.proposed(supply=proposal.supply)


def test_the_same_proposal_sent_twice_is_one(people: People) -> None:
    supply, key = people.unstarted(), uuid.uuid4()
    rows = {
        propose_default(
            supply=supply,
            track=Track.START,
            cause="land_user",
            ground="x",
            actor=people.clerk,
            today=TODAY,
            request_key=key,
        ).pk
        for _ in range(2)
    }
    assert len(rows) == 1


def test_determining_the_land_users_default_drafts_three_documents_and_tells_the_brigade(
    people: People,
) -> None:
    proposal = people.proposed()

    event = determine_default(supply=proposal.supply, step=proposal, actor=people.head, today=TODAY)

    assert (event.kind, event.answers, event.track) == ("determination", proposal, "start")
    assert kinds_of(event) == ["brigade_transfer", "default_determination", "start_performance"]
    assert event.document is not None
    assert event.document.kind.code == "default_determination"
    transfer = Event.objects.get(kind="to_brigade")
    assert (transfer.answers, transfer.document.kind.code) == (event, "brigade_transfer")
    now = standing(proposal.supply)
    assert now.view.start.state == StageState.DEFAULT
    assert now.view.start.cause == Cause.LAND_USER
    assert now.view.start.damages == Decimal("7704.00")
    assert (now.office.proposals, now.office.handed_over) == ((), (transfer,))


def test_the_completion_has_its_own_performance_notice(people: People) -> None:
    supply = people.supply(
        agreed_start_on=date(2025, 3, 1), agreed_completion_on=date(2026, 11, 1), signed_on=date(2024, 1, 1)
    )
    happen(supply, "start", date(2025, 3, 1))
    happen(supply, "visit", date(2026, 11, 2), finding="under_way")
    step = propose_default(
        supply=supply, track=Track.COMPLETION, cause="land_user", ground="x", actor=people.clerk, today=TODAY
    )

    event = determine_default(supply=supply, step=step, actor=people.head, today=TODAY)

    assert "completion_performance" in kinds_of(event)


@pytest.mark.parametrize("cause", [Cause.GOVERNMENT, Cause.FORCE_MAJEURE, Cause.PREPARATORY_WORK])
def test_another_cause_owes_no_damages_and_goes_to_no_brigade(people: People, cause: Cause) -> None:
    proposal = people.proposed(cause)

    told = consequence_of("decide_default", standing(proposal.supply), {"step": proposal})
    event = determine_default(supply=proposal.supply, step=proposal, actor=people.head, today=TODAY)

    assert kinds_of(event) == ["default_determination"]
    now = standing(proposal.supply)
    assert (now.view.start.days_late, now.view.start.damages) == (3, Decimal("0.00"))
    assert now.office.handed_over == ()
    assert told.lines == (
        "开工约定 2026-11-20，逾期 3 天。",
        "认定后不计违约金，由本单位提出开工、竣工日期一并延期。",
    )


def test_the_proposal_of_an_exempt_cause_names_no_damages(people: People) -> None:
    now, values = standing(people.unstarted()), {"track": Track.START, "cause": Cause.LAND_USER.value}
    assert "违约金 7,704.00 元" in consequence_of("propose_default", now, values).lines[0]
    lines = consequence_of("propose_default", now, values | {"cause": Cause.GOVERNMENT.value}).lines
    assert "".join(lines).count("违约金") == 1


def test_before_it_is_determined_the_page_says_what_follows(people: People) -> None:
    proposal = people.proposed()

    told = consequence_of("decide_default", standing(proposal.supply), {"step": proposal})

    assert told.lines[0] == "开工约定 2026-11-20，逾期 3 天，违约金 7,704.00 元，按日0.5‰。"
    assert "移送监察大队" in told.lines[1]
    assert "《开工建设履约通知单》" in told.lines[1]


def test_who_proposed_does_not_determine(people: People) -> None:
    both = allow(UserFactory(), *CLERK, *HEAD, on=people.section)
    step = propose_default(
        supply=people.unstarted(),
        track=Track.START,
        cause="land_user",
        ground="x",
        actor=both,
        today=TODAY,
    )
    for act in (determine_default, return_default):
        with pytest.raises(SupplyError, match="不能再作决定"):
            act(supply=step.supply, step=step, actor=both, today=TODAY, **_reason(act))
    assert not Document.objects.exists()


def test_a_deputy_of_the_proposer_determines_only_by_a_right_of_ones_own(people: People) -> None:
    both = allow(UserFactory(), *CLERK, *HEAD, on=people.section)
    step = propose_default(
        supply=people.unstarted(), track=Track.START, cause="land_user", ground="x", actor=both, today=TODAY
    )
    deputy = UserFactory()
    deputise(both, deputy)
    with pytest.raises(SupplyError, match="代办人"):
        determine_default(supply=step.supply, step=step, actor=deputy, today=TODAY)

    deputise(both, people.head)
    assert determine_default(supply=step.supply, step=step, actor=people.head, today=TODAY).pk


def test_a_deputy_of_the_head_determines_what_others_proposed(people: People) -> None:
    proposal, deputy = people.proposed(), UserFactory()
    deputise(people.head, deputy)
    assert determine_default(supply=proposal.supply, step=proposal, actor=deputy, today=TODAY).pk


def test_a_proposal_is_decided_once(people: People) -> None:
    proposal, key = people.proposed(), uuid.uuid4()
    done = [
        determine_default(
            supply=proposal.supply, step=proposal, actor=people.head, today=TODAY, request_key=key
        ).pk
        for _ in range(2)
    ]
    assert done[0] == done[1]
    with pytest.raises(SupplyError, match="没有等待审核"):
        return_default(supply=proposal.supply, step=proposal, reason="x", actor=people.head, today=TODAY)
    assert Document.objects.count() == 3


def test_a_returned_proposal_can_be_made_again(people: People) -> None:
    proposal = people.proposed()
    with pytest.raises(SupplyError) as refused:
        return_default(supply=proposal.supply, step=proposal, reason=" ", actor=people.head, today=TODAY)
    assert refused.value.field == "reason"

    return_default(supply=proposal.supply, step=proposal, reason="请补充照片", actor=people.head, today=TODAY)

    assert standing(proposal.supply).office.proposals == ()
    assert people.proposed(supply=proposal.supply).pk
    assert not Document.objects.exists()


def test_what_was_started_meanwhile_is_returned_not_determined(people: People) -> None:
    proposal = people.proposed()
    happen(proposal.supply, "start", TODAY)
    with pytest.raises(SupplyError, match="请退回"):
        determine_default(supply=proposal.supply, step=proposal, actor=people.head, today=TODAY)
    return_default(supply=proposal.supply, step=proposal, reason="已开工", actor=people.head, today=TODAY)


def test_only_the_brigade_accepts_and_once(people: People) -> None:
    proposal = people.proposed()
    determine_default(supply=proposal.supply, step=proposal, actor=people.head, today=TODAY)
    transfer = Event.objects.get(kind="to_brigade")
    with pytest.raises(SupplyError, match="权限"):
        accept_by_brigade(supply=transfer.supply, step=transfer, actor=people.leader, today=TODAY)
    people.issue_letter(transfer)

    event = accept_by_brigade(
        supply=transfer.supply, step=transfer, note="已登记线索", actor=people.brigade, today=TODAY
    )

    assert (event.kind, event.answers, event.remark) == ("brigade_accepted", transfer, "已登记线索")
    assert standing(transfer.supply).office.handed_over == ()
    with pytest.raises(SupplyError, match="没有等待接收"):
        accept_by_brigade(supply=transfer.supply, step=transfer, actor=people.brigade, today=TODAY)


def test_a_deputy_of_the_brigade_accepts(people: People) -> None:
    proposal, deputy = people.proposed(), UserFactory()
    determine_default(supply=proposal.supply, step=proposal, actor=people.head, today=TODAY)
    deputise(people.brigade, deputy)
    transfer = Event.objects.get(kind="to_brigade")
    people.issue_letter(transfer)
    assert accept_by_brigade(supply=transfer.supply, step=transfer, actor=deputy, today=TODAY).pk


def test_the_brigade_waits_until_the_letter_is_issued(people: People) -> None:
    proposal = people.proposed()
    determine_default(supply=proposal.supply, step=proposal, actor=people.head, today=TODAY)
    transfer = Event.objects.select_related("document").get(kind="to_brigade")
    with pytest.raises(SupplyError, match="移送函尚未印发"):
        accept_by_brigade(supply=transfer.supply, step=transfer, actor=people.brigade, today=TODAY)
    assert step_todos(people.brigade, TODAY) == []
    assert [step.title for step in steps_of(people.brigade, transfer.supply)] == []
    assert transfer.document is not None
    steps = steps_of(people.head, transfer.supply)
    assert f"批准《{transfer.document.title}》" in [step.title for step in steps]

    people.issue_letter(transfer)

    (todo,) = step_todos(people.brigade, TODAY)
    assert (todo.act, todo.url.endswith(f"?step={transfer.pk}")) == ("接收", True)
    assert [step.action for step in steps_of(people.brigade, transfer.supply)] == ["接收"]


def test_a_letter_that_was_written_anew_is_the_one_to_wait_for(people: People) -> None:
    proposal = people.proposed()
    determine_default(supply=proposal.supply, step=proposal, actor=people.head, today=TODAY)
    transfer = Event.objects.get(kind="to_brigade")
    first = Document.objects.get(pk=transfer.document_id)
    Document.objects.filter(pk=first.pk).update(voided_on=TODAY)
    clerk = allow(people.clerk, "create_notice", on=people.section)
    second = redraft(document=Document.objects.get(pk=first.pk), drafter=clerk, today=TODAY)
    follow(document=second, actor=clerk, today=TODAY)
    transfer.refresh_from_db()
    assert transfer.document == second


def _reason(act: object) -> dict[str, str]:
    return {"reason": "x"} if act is return_default else {}
