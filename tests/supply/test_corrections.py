"""A correction may not say what the act would have refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from supervision.supply.errors import SupplyError
from supervision.supply.forms_corrections import EventForm
from supervision.supply.models import Event, LandSupply
from supervision.supply.services import correct_event, withdraw_event
from supervision.supply.services.payments import payments_that_may_bounce, record_bounced
from tests.documents.desk import as_
from tests.supply.acting import START_DUE, People
from tests.supply.factories import TODAY, happen
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def people() -> People:
    return People()


def correct(event: Event, **changes: Any) -> Event:
    return correct_event(event=event, changes=changes, reason="录错", actor=None, today=TODAY)


def refused(event: Event, **changes: Any) -> tuple[str, str]:
    """The field and the message."""
    with pytest.raises(SupplyError) as caught:
        correct(event, **changes)
    event.refresh_from_db()
    assert event.in_force
    return caught.value.field, caught.value.message


def on(month: int, day: int, year: int = 2026) -> date:
    return date(year, month, day)


# --- Money -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["payment", "refund", "damages"])
@pytest.mark.parametrize("amount", [Decimal(0), Decimal(-5), None])
def test_an_amount_stays_above_zero(people: People, kind: str, amount: Any) -> None:
    supply = people.supply()
    happen(supply, "payment", on(1, 18), amount=Decimal(1000))
    event = happen(supply, kind, on(2, 1), amount=Decimal(10), track="start" if kind == "damages" else "")
    assert refused(event, amount=amount) == ("amount", "金额须大于 0。")


@pytest.mark.parametrize("kind", ["payment", "refund", "demand"])
def test_an_instalment_must_be_one_of_the_supply(people: People, kind: str) -> None:
    supply = people.supply()
    happen(supply, "payment", on(1, 10), amount=Decimal(1000))
    details = {} if kind == "demand" else {"amount": Decimal(10)}
    event = happen(supply, kind, on(2, 1), seq=1, **details)
    assert refused(event, seq=3) == ("seq", "没有第 3 期。")
    assert correct(event, seq=2).seq == 2


def test_no_more_is_refunded_than_was_paid(people: People) -> None:
    supply = people.supply()
    payment = happen(supply, "payment", on(1, 10), amount=Decimal(1000))
    refund = happen(supply, "refund", on(2, 1), amount=Decimal(1000))
    assert refused(refund, amount=Decimal(1001))[0] == "amount"
    assert refused(payment, amount=Decimal(999))[0] == "amount"
    with pytest.raises(SupplyError, match="多于已缴"):
        withdraw_event(event=payment, reason="错", actor=None, today=TODAY)


def test_a_payment_that_bounced_and_its_return_stay_alike(people: People) -> None:
    supply = people.supply()
    payment = happen(supply, "payment", on(1, 10), amount=Decimal(1000))
    returned = record_bounced(
        supply=supply, payment=payment, on=on(1, 12), reason="账号有误", actor=people.clerk, today=TODAY
    )
    assert "先撤销退票" in refused(payment, amount=Decimal(5))[1]
    with pytest.raises(SupplyError, match="先撤销退票"):
        withdraw_event(event=payment, reason="错", actor=None, today=TODAY)
    assert refused(returned, amount=Decimal(5))[0] == "amount"
    assert refused(returned, on=on(1, 9))[0] == "on"
    withdraw_event(event=returned, reason="没有退票", actor=None, today=TODAY)
    new = correct(payment, amount=Decimal(5))
    assert payments_that_may_bounce(supply) == [new]


# --- Stages ------------------------------------------------------------------------------------------------


def test_a_stage_is_one_that_the_supply_and_the_kind_have(people: People) -> None:
    supply = people.supply(instalments=[])
    damages = happen(supply, "damages", on(2, 1), amount=Decimal(10), track="start")
    assert refused(damages, track="payment")[0] == "track"
    assert refused(damages, track="")[0] == "track"
    assert correct(damages, track="completion").track == "completion"
    proposal = people.proposed()
    assert refused(proposal, track="payment")[0] == "track"
    assert refused(proposal, track="completion") == (
        "track",
        "竣工没有逾期，或者已提出违约认定，不能改为竣工。",
    )
    assert refused(proposal, cause="")[0] == "cause"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"new_due_on": START_DUE}, "new_due_on"),
        ({"new_due_on": None}, "new_due_on"),
        ({"new_due_on": date(2028, 11, 20)}, "new_completion_on"),
        ({"new_completion_on": date(2028, 5, 19)}, "new_completion_on"),
        ({"new_completion_on": date(2027, 5, 20)}, "new_completion_on"),
        ({"track": "completion"}, "new_due_on"),
        ({"cause": ""}, "cause"),
        ({"remark": ""}, "remark"),
    ],
)
def test_the_dates_of_an_application_stay_such_as_can_be_applied_for(
    people: People, changes: dict[str, Any], field: str
) -> None:
    assert refused(people.applied(), **changes)[0] == field


def test_an_application_for_the_completion_has_no_second_completion(people: People) -> None:
    new = correct(people.applied(), track="completion", new_due_on=date(2029, 5, 20))
    assert (new.track, new.new_due_on, new.new_completion_on) == ("completion", date(2029, 5, 20), None)


def test_an_approval_of_a_ledger_keeps_a_date_and_its_order(people: People) -> None:
    supply = people.supply()
    approval = happen(supply, "extension_approved", on(10, 1), track="start", new_due_on=date(2027, 5, 20))
    assert refused(approval, new_due_on=None)[0] == "new_due_on"
    assert refused(approval, new_due_on=START_DUE)[0] == "new_due_on"
    new = correct(approval, new_due_on=date(2027, 6, 20))
    supply.refresh_from_db()
    assert supply.milestones.get(track="start", until=None).due_on == new.new_due_on


# --- The site ----------------------------------------------------------------------------------------------


def built(people: People) -> tuple[LandSupply, dict[str, Event]]:
    """Handed over, board up, started, stopped, resumed, completed, accepted: a month each."""
    supply = people.supply()
    days = {
        "handover": on(1, 10),
        "board": on(2, 10),
        "start": on(3, 10),
        "stop": on(4, 10),
        "resume": on(5, 10),
        "completion": on(6, 10),
        "acceptance": on(7, 10),
    }
    return supply, {kind: happen(supply, kind, day, remark="照片为据") for kind, day in days.items()}


@pytest.mark.parametrize(
    ("kind", "day", "words"),
    [
        ("board", on(1, 9), "公示牌悬挂日期"),
        ("handover", on(2, 11), "公示牌悬挂日期"),
        ("start", on(4, 11), "停工日期"),
        ("stop", on(3, 9), "停工日期"),
        ("stop", on(5, 11), "没有停工记录"),
        ("resume", on(4, 9), "没有停工记录"),
        ("completion", on(3, 9), "竣工日期"),
        ("completion", on(7, 11), "复核验收"),
        ("acceptance", on(6, 9), "终止监管不能早于"),
    ],
)
def test_a_day_stays_in_the_order_of_building(people: People, kind: str, day: date, words: str) -> None:
    _, events = built(people)
    field, message = refused(events[kind], on=day)
    assert (field, words in message or "终止监管" in message) == ("on", True), message


def test_what_later_facts_rest_on_is_not_withdrawn(people: People) -> None:
    _, events = built(people)
    for kind in ("stop", "completion"):
        with pytest.raises(SupplyError):
            withdraw_event(event=events[kind], reason="错", actor=None, today=TODAY)
    for kind in ("acceptance", "completion", "resume", "stop", "start"):
        withdraw_event(event=events[kind], reason="错", actor=None, today=TODAY)


def test_what_a_ledger_brought_out_of_order_is_corrected_step_by_step(people: People) -> None:
    """Only a new contradiction is refused."""
    supply = people.supply()
    happen(supply, "completion", on(3, 1))
    start = happen(supply, "start", on(4, 1), remark="照片为据")
    assert correct(start, remark="监理记录").remark == "监理记录"


def test_area_and_ground_stay_as_the_act_wants_them(people: People) -> None:
    supply = people.supply()
    visit = happen(supply, "visit", on(2, 1), finding="not_started", developed_area=Decimal(10))
    assert refused(visit, developed_area=Decimal(26681))[0] == "developed_area"
    assert refused(visit, developed_area=Decimal(-1))[0] == "developed_area"
    assert refused(visit, invested=Decimal(-1))[0] == "invested"
    start = happen(supply, "start", on(3, 1), remark="监理记录")
    assert refused(start, remark="")[0] == "remark"
    assert refused(start, remark="长" * 401)[0] == "remark"


def test_a_problem_stays_one_of_the_kinds_and_is_followed_up_after_it_was_found(people: People) -> None:
    supply = people.supply()
    found = happen(supply, "deviation", on(3, 1), deviation="moved")
    assert refused(found, deviation="")[0] == "deviation"
    assert refused(found, deviation="unheard_of")[0] == "deviation"
    followed = happen(supply, "deviation_followed", on(4, 1), answers=found, remark="已责令改正")
    assert refused(followed, on=on(2, 1))[0] == "on"


def test_columns_that_a_kind_has_not_are_a_mistake_of_the_program(people: People) -> None:
    event = happen(people.supply(), "handover", on(2, 1))
    with pytest.raises(ValueError, match="amount"):
        correct(event, amount=Decimal(5))


# --- The form ----------------------------------------------------------------------------------------------


def test_the_form_offers_the_stages_that_there_are_and_needs_what_the_act_needs(people: People) -> None:
    damages = happen(people.supply(), "damages", on(2, 1), amount=Decimal(10), track="start")
    fields: Any = EventForm(event=damages).fields
    assert [value for value, _ in fields["track"].choices] == ["payment", "start", "completion"]
    assert fields["track"].required
    application: Any = EventForm(event=people.applied()).fields
    assert [value for value, _ in application["track"].choices] == ["start", "completion"]
    assert application["new_due_on"].required
    stop: Any = EventForm(event=Event(supply=damages.supply, kind="stop")).fields
    assert "cause" in stop


def test_what_is_refused_is_told_at_its_field(people: People) -> None:
    event = happen(people.supply(), "payment", on(1, 10), amount=Decimal(1000), seq=1)
    url = reverse("supply:correct_event", args=[event.pk])
    data = {"on": "2026-01-10", "amount": "0", "seq": "9", "reason": "录错"}
    assert "金额须大于 0" in body_of(as_(people.clerk).post(url, data))
    assert "没有第 9 期" in body_of(as_(people.clerk).post(url, data | {"amount": "5"}))
