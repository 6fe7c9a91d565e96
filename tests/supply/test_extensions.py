"""Extension: applied for, reviewed, decided by three persons; pending it changes nothing."""

from __future__ import annotations

import uuid
from datetime import date

import pytest

from landbureau.documents.models import Document
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event
from supervision.supply.rules import StageState, Track
from supervision.supply.selectors.consequences import consequence_of
from supervision.supply.services import correct_event
from supervision.supply.services.extensions import (
    apply_extension,
    approve_extension,
    reject_extension,
    review_extension,
)
from tests.factories import UserFactory, allow
from tests.supply.acting import CLERK, HEAD, LEADER, START_DUE, People, deputise, standing
from tests.supply.factories import TODAY, happen

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


def test_a_pending_extension_changes_nothing(people: People) -> None:
    application = people.reviewed()

    now = standing(application.supply)

    assert now.view.start.due_on == START_DUE
    assert now.view.start.state == StageState.RECHECK
    assert now.office.reviewed == (application,)


def test_an_approved_extension_brings_new_dates_and_an_amendment(people: People) -> None:
    application = people.reviewed()

    told = consequence_of("decide_extension", standing(application.supply), {"step": application})
    event = approve_extension(supply=application.supply, step=application, actor=people.leader, today=TODAY)

    view = standing(application.supply).view
    assert (view.start.due_on, view.completion.due_on) == (date(2027, 5, 20), date(2028, 11, 20))
    assert view.start.state == StageState.WAITING
    assert event.document is not None
    assert event.document.kind.code == "contract_amendment"
    assert (
        "开工由 2026-11-20 改为 2027-05-20（延长 181 天），竣工由 2028-05-20 改为 2028-11-20" in told.lines[0]
    )


def test_an_extension_of_the_completion_leaves_the_start(people: People) -> None:
    supply = people.supply(agreed_start_on=date(2027, 1, 20))
    application = people.applied(
        supply, track=Track.COMPLETION, new_due_on=date(2028, 12, 20), new_completion_on=date(2030, 1, 1)
    )
    review_extension(supply=supply, step=application, agrees=True, opinion="", actor=people.head, today=TODAY)
    approve_extension(supply=supply, step=application, actor=people.leader, today=TODAY)

    view = standing(supply).view
    assert (view.start.due_on, view.completion.due_on) == (date(2027, 1, 20), date(2028, 12, 20))


def test_a_rejected_extension_changes_nothing_and_can_be_applied_for_again(people: People) -> None:
    application = people.reviewed()
    with pytest.raises(SupplyError) as refused:
        reject_extension(
            supply=application.supply, step=application, reason="", actor=people.leader, today=TODAY
        )
    assert refused.value.field == "reason"

    reject_extension(
        supply=application.supply, step=application, reason="理由不足", actor=people.leader, today=TODAY
    )

    now = standing(application.supply)
    assert (now.view.start.due_on, now.office.applications) == (START_DUE, ())
    assert not Document.objects.exists()
    assert people.applied(application.supply).pk


def test_it_is_decided_only_after_the_review(people: People) -> None:
    application = people.applied()
    with pytest.raises(SupplyError, match="没有已经审核"):
        approve_extension(supply=application.supply, step=application, actor=people.leader, today=TODAY)


def test_it_is_reviewed_once(people: People) -> None:
    application = people.reviewed()
    with pytest.raises(SupplyError, match="没有等待审核"):
        review_extension(
            supply=application.supply,
            step=application,
            agrees=False,
            opinion="x",
            actor=people.head,
            today=TODAY,
        )


def test_applicant_reviewer_and_decider_are_three_persons(people: People) -> None:
    both = allow(UserFactory(), *CLERK, *HEAD, on=people.section)
    application = people.applied(actor=both)
    review = {
        "supply": application.supply,
        "step": application,
        "agrees": True,
        "opinion": "",
        "today": TODAY,
    }
    with pytest.raises(SupplyError, match="不能再作决定"):
        review_extension(actor=both, **review)

    second = allow(UserFactory(), *HEAD, on=people.section)
    allow(second, *LEADER)
    review_extension(actor=second, **review)
    decide = {"supply": application.supply, "step": application, "today": TODAY}
    allow(both, *LEADER)
    for actor in (second, both):
        with pytest.raises(SupplyError, match="不能再作决定"):
            approve_extension(actor=actor, **decide)
    assert approve_extension(actor=people.leader, **decide).pk


def test_a_deputy_of_the_reviewer_does_not_decide_by_that_right(people: People) -> None:
    second = allow(UserFactory(), *HEAD, on=people.section)
    allow(second, *LEADER)
    application = people.applied()
    review_extension(
        supply=application.supply, step=application, agrees=True, opinion="", actor=second, today=TODAY
    )
    deputy = UserFactory()
    deputise(second, deputy)
    with pytest.raises(SupplyError, match="代办人"):
        approve_extension(supply=application.supply, step=application, actor=deputy, today=TODAY)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"new_due_on": START_DUE}, "new_due_on"),
        ({"new_completion_on": date(2027, 5, 20)}, "new_completion_on"),
        ({"new_due_on": date(2028, 6, 1), "new_completion_on": None}, "new_completion_on"),
        ({"ground": ""}, "ground"),
        ({"on": date(2026, 11, 24)}, "on"),
    ],
)
def test_dates_that_cannot_be_are_refused_at_their_field(
    people: People, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(SupplyError) as refused:
        people.applied(**changes)
    assert refused.value.field == field


def test_one_application_for_a_stage_at_a_time(people: People) -> None:
    application = people.applied()
    with pytest.raises(SupplyError, match="正在办理"):
        people.applied(application.supply)
    assert people.applied(
        application.supply, track=Track.COMPLETION, new_due_on=date(2029, 1, 1), new_completion_on=None
    ).pk


def test_the_same_application_sent_twice_is_one(people: People) -> None:
    supply, key = people.supply(), uuid.uuid4()
    assert people.applied(supply, request_key=key) == people.applied(supply, request_key=key)
    assert Event.objects.filter(kind="extension_applied").count() == 1


def test_late_and_long_applications_are_warnings_for_the_land_users_own_only(people: People) -> None:
    now = standing(people.supply())
    values = {"track": Track.START, "on": TODAY, "new_due_on": date(2027, 12, 20), "by_office": False}

    own = consequence_of("apply_extension", now, values)
    offices = consequence_of("apply_extension", now, values | {"by_office": True})

    assert "应当在约定日期前 30 日申请（2026-10-21 以前）" in own.warnings[0]
    assert "最长延期 12 个月（至 2027-11-20）" in own.warnings[1]
    assert len(offices.warnings) == 1
    assert people.applied(now.supply, new_due_on=date(2027, 12, 20)).pk, "a warning refuses nothing"


def test_what_was_started_meanwhile_is_not_extended(people: People) -> None:
    application = people.reviewed()
    happen(application.supply, "start", TODAY)
    with pytest.raises(SupplyError, match="已经完成"):
        approve_extension(supply=application.supply, step=application, actor=people.leader, today=TODAY)


def test_a_decision_from_a_ledger_answers_the_application_before_it(people: People) -> None:
    supply = people.supply()
    happen(supply, "extension_applied", date(2026, 10, 1), new_due_on=date(2027, 5, 20))
    assert len(standing(supply).office.applications) == 1
    happen(supply, "extension_rejected", date(2026, 10, 9))
    assert standing(supply).office.applications == ()


def test_a_corrected_application_stays_answered(people: People) -> None:
    application = people.reviewed()
    reject_extension(
        supply=application.supply, step=application, reason="理由不足", actor=people.leader, today=TODAY
    )
    correct_event(
        event=application,
        changes={"new_due_on": date(2027, 6, 20)},
        reason="日期录错",
        actor=people.clerk,
        today=TODAY,
    )
    assert standing(application.supply).office.applications == ()


def test_a_corrected_application_is_reviewed_anew(people: People) -> None:
    """The opinion was about the application as it was."""
    application = people.reviewed()
    new = correct_event(
        event=application, changes={"cause": "force_majeure"}, reason="x", actor=people.clerk, today=TODAY
    )
    office = standing(application.supply).office
    assert (office.reviewed, office.unreviewed) == ((), (new,))


def test_a_decision_is_not_decided_otherwise_by_a_correction(people: People) -> None:
    application = people.reviewed()
    decision = approve_extension(
        supply=application.supply, step=application, actor=people.leader, today=TODAY
    )
    with pytest.raises(SupplyError, match="不能更正"):
        correct_event(
            event=decision,
            changes={"new_due_on": date(2049, 1, 1)},
            reason="x",
            actor=people.leader,
            today=TODAY,
        )


def test_the_office_may_propose_an_extension_for_a_default_of_the_government(people: People) -> None:
    event = apply_extension(
        supply=people.unstarted(),
        track=Track.START,
        by_office=True,
        on=TODAY,
        new_due_on=date(2027, 5, 20),
        new_completion_on=date(2028, 11, 20),
        cause="government",
        ground="交地迟延",
        actor=people.clerk,
        today=TODAY,
    )
    assert event.remark == "本单位提出：交地迟延"
