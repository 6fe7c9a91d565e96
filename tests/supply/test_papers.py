"""Documents are drafted from notices once, whatever happens; what is settled first is given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from landbureau.accounts.models import Section, User
from landbureau.documents.models import Document
from landbureau.documents.services import approve, discard
from landbureau.jobs.models import JobRun
from landbureau.jobs.rules import ZONE
from landbureau.jobs.services import run_now
from supervision.supply import kinds
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, LandSupply, Notice
from supervision.supply.rules import Track
from supervision.supply.services import correct_contract, sweep, withdraw_event
from supervision.supply.services import papers as service
from supervision.supply.services.papers import draft_paper, submit_held
from tests.factories import TownshipFactory, UserFactory, allow
from tests.supply.factories import TODAY, happen, make_land_user, make_supply

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)
DUE = TODAY - 10 * DAY


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def priced(due_on: date = DUE, **contract: Any) -> LandSupply:
    """A grant with one instalment and dates of start and completion far ahead."""
    values: dict[str, Any] = {
        "signed_on": date(2026, 1, 5),
        "price": Decimal(1_000_000),
        "agreed_start_on": TODAY + 200 * DAY,
        "agreed_completion_on": TODAY + 800 * DAY,
        "instalments": [(1, due_on, Decimal(1_000_000))],
        "land_user": make_land_user("新河县喆堃有限公司", address="新河镇演示路1号"),
        "township": TownshipFactory(),
    }
    return make_supply(**values | contract)


def building(start_on: date, completion_on: date, **contract: Any) -> LandSupply:
    return make_supply(
        signed_on=date(2026, 1, 5),
        agreed_start_on=start_on,
        agreed_completion_on=completion_on,
        **contract,
    )


def drafted() -> dict[str, Any]:
    run = run_now("draft_notices")
    assert run.state == JobRun.State.SUCCEEDED, run.traceback
    return run.counts


def the_notice(kind: str) -> Notice:
    return Notice.objects.select_related("document", "kind").get(kind__code=kind)


def people(section: Section) -> tuple[User, User]:
    clerk = allow(UserFactory(section=section), "create_notice", "view_notice", on=section)
    head = allow(UserFactory(), "approve_notice", "view_notice", on=section)
    return clerk, head


# --- Drafted by an act -----------------------------------------------------------------------------------


def test_a_paper_says_to_whom_and_where_and_who_is_asked() -> None:
    officer = UserFactory(name="王镕堃")
    township = TownshipFactory()
    supply = priced(township=township, officer=officer)
    due = supply.instalments.get()
    document = draft_paper(kind=kinds.PAYMENT_DEMAND, supply=supply, actor=None, today=TODAY, instalment=due)
    assert (document.subject, document.section, document.township) == (due, supply.section, township)
    assert document.addressee == "新河县喆堃有限公司"
    assert document.content["receipt"]["place"] == "新河镇演示路1号"
    assert document.content["contact"]["person"] == "王镕堃"
    assert document.matter == f"第1期出让金催缴（{supply.contract_number}）"
    assert document.submitted_on == TODAY


def test_who_may_not_draft_is_not_the_drafter() -> None:
    supply = building(TODAY + 10 * DAY, TODAY + 500 * DAY)
    clerk, head = people(supply.section)
    given: dict[str, Any] = {"kind": kinds.START_REMINDER, "supply": supply, "today": TODAY}
    assert draft_paper(actor=clerk, **given).drafted_by == clerk
    document = draft_paper(actor=head, **given)
    assert document.drafted_by is None
    approve(document=document, actor=head, today=TODAY)


def test_the_brigade_gets_the_transfer_with_what_belongs_to_it() -> None:
    supply = building(TODAY - 20 * DAY, TODAY + 500 * DAY)
    event = happen(supply, "to_brigade", TODAY, track="start", cause="land_user")
    document = draft_paper(kind=kinds.BRIGADE_TRANSFER, supply=supply, actor=None, today=TODAY, event=event)
    assert document.addressee == "监察大队"
    assert document.subject == event
    assert document.content["attachments"][0] == "违约认定书"


def test_what_is_missing_is_told_to_who_acts() -> None:
    supply = building(TODAY + 10 * DAY, TODAY + 500 * DAY, location="")
    with pytest.raises(SupplyError, match="送审前须填写：宗地坐落"):
        draft_paper(kind=kinds.START_REMINDER, supply=supply, actor=None, today=TODAY)
    assert not Document.objects.exists()


# --- Drafted from notices --------------------------------------------------------------------------------


def test_each_notice_gets_its_document_once() -> None:
    supply = priced()
    building(TODAY + 10 * DAY, TODAY + 20 * DAY)
    sweep(today=TODAY)
    assert drafted() == {"drafted": 3, "failed": 0, "voided": 0}
    demand = the_notice("payment_demand").document
    assert demand is not None
    assert (demand.subject, demand.submitted_on) == (supply.instalments.get(), TODAY)
    assert the_notice("start_reminder").document.submitted_on == TODAY  # type: ignore[union-attr]
    assert the_notice("completion_reminder").document.submitted_on is None  # type: ignore[union-attr]
    sweep(today=TODAY)
    assert drafted()["drafted"] == 0
    assert Document.objects.count() == 3
    assert not Notice.objects.exclude(error="").exists()


def test_one_bad_row_stops_nothing_and_is_tried_again_later() -> None:
    bad = priced(payment_rate=Decimal(50))  # more than any contract has: refused by the kind's field
    priced()
    sweep(today=TODAY)
    assert drafted() == {"drafted": 1, "failed": 1, "voided": 0}
    notice = Notice.objects.get(supply=bad, kind__code="payment_demand")
    assert notice.error == "违约金千分比不能大于 10‰。"
    assert notice.claimed_until is not None
    assert drafted() == {"drafted": 0, "failed": 0, "voided": 0}, "not before its time"

    row = LandSupply.objects.get(pk=bad.pk)
    correct_contract(
        supply=row,
        version=row.version,
        contract={"payment_rate": Decimal(1)},
        parcel={},
        reason="多写一个零",
        actor=None,
        today=TODAY,
    )
    with time_machine.travel(MORNING + timedelta(minutes=2), tick=False):
        assert drafted()["drafted"] == 1
    notice.refresh_from_db()
    assert (notice.error, notice.attempts, notice.claimed_until) == ("", 2, None)


def test_what_lacks_a_fact_is_drafted_and_left_to_the_section() -> None:
    priced(area=None)
    sweep(today=TODAY)
    assert drafted()["drafted"] == 1
    notice = the_notice("payment_demand")
    assert notice.document is not None
    assert notice.document.submitted_on is None
    assert notice.error == "已拟稿，未能送审：送审前须填写：面积。"


def test_a_crash_leaves_neither_document_nor_link(monkeypatch: pytest.MonkeyPatch) -> None:
    priced()
    sweep(today=TODAY)

    def crash(**arguments: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(service, "send_for_approval", crash)
        assert drafted()["failed"] == 1
    assert not Document.objects.exists()
    notice = the_notice("payment_demand")
    assert (notice.document, notice.error) == (None, "已试 1 次，原因在系统日志中，请告知系统管理员。")
    with time_machine.travel(MORNING + timedelta(hours=1), tick=False):
        assert drafted()["drafted"] == 1
    assert Document.objects.count() == 1


def test_a_claim_of_a_worker_that_died_ends_by_itself() -> None:
    priced()
    sweep(today=TODAY)
    notice = the_notice("payment_demand")
    assert service._claim(notice.pk, timezone.now()) == 1
    assert service._claim(notice.pk, timezone.now()) is None, "somebody has it"
    assert service.draft_for_notice(notice.pk, TODAY) is None
    with time_machine.travel(MORNING + timedelta(minutes=10), tick=False):
        assert drafted()["drafted"] == 1
    assert not service._draft_claimed(notice.pk, 1, TODAY), "the slow worker comes back too late"
    assert Document.objects.count() == 1


def test_one_that_was_drafted_by_hand_is_taken() -> None:
    supply = priced()
    sweep(today=TODAY)
    by_hand = draft_paper(
        kind=kinds.PAYMENT_DEMAND,
        supply=supply,
        actor=None,
        today=TODAY,
        instalment=supply.instalments.get(),
    )
    drafted()
    assert the_notice("payment_demand").document == by_hand
    assert Document.objects.count() == 1


def test_the_upkeep_orders_drafting_only_where_something_waits() -> None:
    service.pick_up_notices()
    assert not JobRun.objects.exists()
    priced()
    sweep(today=TODAY)
    service.pick_up_notices()
    service.pick_up_notices()
    assert JobRun.objects.get().kind == "draft_notices"


def test_the_night_sweeps_and_orders_the_documents() -> None:
    priced()
    run = run_now("sweep")
    assert run.counts == {"served": 0, "created": 1, "already": 0, "excluded": 0}
    assert JobRun.objects.filter(kind="draft_notices", state=JobRun.State.QUEUED).count() == 1
    again = run_now("sweep")
    assert (again.counts["created"], again.counts["already"]) == (0, 1)


# --- Settled meanwhile -----------------------------------------------------------------------------------


def test_completed_before_the_reminder_was_issued_its_draft_is_given_up() -> None:
    """Worked example 22."""
    supply = building(date(2026, 2, 1), TODAY + 20 * DAY)
    happen(supply, "start", date(2026, 2, 1))
    sweep(today=TODAY)
    drafted()
    held = the_notice("completion_reminder").document
    happen(supply, "completion", TODAY)
    assert held is not None
    held.refresh_from_db()
    assert held.voided_on == TODAY
    assert held.steps.last().reason == "已竣工，不再发出"
    assert the_notice("completion_reminder").closed_because == "已竣工"


def test_paid_before_approval_the_draft_is_given_up_and_comes_back_if_the_payment_was_wrong() -> None:
    supply = priced(TODAY + 20 * DAY)
    sweep(today=TODAY)
    drafted()
    first = the_notice("payment_reminder").document
    payment = happen(supply, "payment", TODAY, amount=Decimal(1_000_000))
    assert first is not None
    first.refresh_from_db()
    assert first.voided_on == TODAY
    withdraw_event(event=payment, reason="记错项目", actor=None, today=TODAY)
    assert the_notice("payment_reminder").closed_on is None
    assert drafted()["drafted"] == 1
    assert the_notice("payment_reminder").document not in (None, first)


def test_what_was_approved_is_left_to_people() -> None:
    supply = priced(TODAY + 20 * DAY)
    _, head = people(supply.section)
    sweep(today=TODAY)
    drafted()
    document = the_notice("payment_reminder").document
    assert document is not None
    approve(document=document, actor=head, today=TODAY)
    happen(supply, "payment", TODAY, amount=Decimal(1_000_000))
    assert drafted()["voided"] == 0
    document.refresh_from_db()
    assert document.voided_on is None


def test_the_job_gives_up_drafts_that_were_left_behind() -> None:
    priced(TODAY + 20 * DAY)
    sweep(today=TODAY)
    drafted()
    Notice.objects.update(closed_on=TODAY, closed_because="已缴清")
    assert drafted() == {"drafted": 0, "failed": 0, "voided": 1}
    assert drafted()["voided"] == 0


def test_what_a_person_gave_up_is_drafted_again_only_by_hand() -> None:
    supply = priced()
    clerk, _ = people(supply.section)
    sweep(today=TODAY)
    drafted()
    document = the_notice("payment_demand").document
    assert document is not None
    discard(document=document, actor=clerk, today=TODAY, reason="已电话联系")
    notice = the_notice("payment_demand")
    assert (notice.closed_on, notice.document, notice.error) == (None, None, service.VOIDED)
    assert drafted()["drafted"] == 0


# --- After a visit ---------------------------------------------------------------------------------------


def visited(supply: LandSupply, track: Track) -> Document | None:
    happen(supply, "visit", TODAY, finding="not_started" if track == Track.START else "under_way")
    return submit_held(supply=supply, track=track, actor=None, today=TODAY)


def test_the_held_reminder_is_sent_for_approval_when_a_visit_found_the_project_unfinished() -> None:
    supply = building(date(2026, 2, 1), TODAY + 20 * DAY)
    happen(supply, "start", date(2026, 2, 1))
    sweep(today=TODAY)
    drafted()
    held = the_notice("completion_reminder").document
    sent = visited(supply, Track.COMPLETION)
    assert sent == held
    assert sent is not None
    assert sent.submitted_on == TODAY
    assert visited(supply, Track.COMPLETION) == sent


def test_the_held_reminder_is_drafted_by_the_visit_if_the_job_has_not_come_to_it() -> None:
    supply = building(date(2026, 2, 1), TODAY + 20 * DAY)
    happen(supply, "start", date(2026, 2, 1))
    sweep(today=TODAY)
    sent = visited(supply, Track.COMPLETION)
    assert sent is not None
    assert the_notice("completion_reminder").document == sent
    assert drafted()["drafted"] == 0
    said = "".join(block["text"] for block in sent.content["blocks"])
    assert "2026年11月23日现场巡查，项目尚未竣工" in said


def test_a_visit_after_the_date_that_found_no_start_asks_for_it_once() -> None:
    supply = building(TODAY - 5 * DAY, TODAY + 500 * DAY)
    document = visited(supply, Track.START)
    assert document is not None
    assert (document.kind.code, document.submitted_on) == (kinds.START_NOTICE, TODAY)
    assert document.subject == Event.objects.get(kind="visit")
    assert visited(supply, Track.START) is None
    assert Document.objects.count() == 1


@pytest.mark.parametrize("facts", ["before the date", "started", "ended"])
def test_no_notice_of_start_where_none_is_due(facts: str) -> None:
    due_on = TODAY + DAY if facts == "before the date" else TODAY - 5 * DAY
    supply = building(due_on, TODAY + 500 * DAY)
    if facts != "before the date":
        happen(supply, {"started": "start", "ended": "take_back"}[facts], TODAY)
    assert submit_held(supply=supply, track=Track.START, actor=None, today=TODAY) is None
    assert submit_held(supply=supply, track=Track.COMPLETION, actor=None, today=TODAY) is None
    assert not Document.objects.exists()
