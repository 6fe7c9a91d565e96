"""The end of a supply: termination by two persons, take-back, transfer of all or a part."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from landbureau.accounts.services import SUPERVISION
from supervision.supply.errors import SupplyError
from supervision.supply.models import Correction, Event, LandSupply
from supervision.supply.rules import PaymentState, StageState
from supervision.supply.selectors.consequences import consequence_of
from supervision.supply.services.endings import (
    NewUser,
    Successor,
    approve_termination,
    decline_termination,
    propose_termination,
    record_take_back,
    split_off,
    transfer_whole,
)
from supervision.supply.services.payments import record_payment
from tests.factories import UserFactory, allow
from tests.supply.acting import HEAD, LEADER, START_DUE, People, standing
from tests.supply.factories import TODAY, happen, make_land_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


def propose(people: People, supply: LandSupply) -> Event:
    return propose_termination(supply=supply, ground="多次催缴未缴", actor=people.head, today=TODAY)


def successor(**columns: object) -> Successor:
    given = Successor("1305302026B99001", "", NewUser("新河县演示承接有限公司"))
    return replace(given, **columns)  # type: ignore[arg-type]


def test_only_what_is_late_and_demanded_can_be_terminated(people: People) -> None:
    with pytest.raises(SupplyError, match="还不能解除"):
        propose(people, people.supply())
    assert propose(people, people.terminable()).kind == "termination_proposed"


def test_an_allocation_has_no_contract_to_terminate(people: People) -> None:
    supply = people.terminable()
    LandSupply.objects.filter(pk=supply.pk).update(method="allocation")
    with pytest.raises(SupplyError, match="划拨"):
        propose(people, supply)


def test_before_it_is_proposed_the_page_says_what_is_owed(people: People) -> None:
    told = consequence_of("decide_termination", standing(people.terminable()), {})
    assert told.lines[0] == (
        "第 1 期逾期 158 天，欠 2,068,000.00 元，违约金计至今天 326,744.00 元；2026-07-20 催缴送达。"
    )
    assert told.lines[-1] == "定金 500,000.00 元 按合同约定不予返还。"


def test_an_approved_termination_ends_the_supply_with_a_notice(people: People) -> None:
    step = propose(people, people.terminable())

    event = approve_termination(supply=step.supply, step=step, actor=people.leader, today=TODAY)

    assert event.document is not None
    assert event.document.kind.code == "termination_notice"
    assert standing(step.supply).view.closed_on == TODAY


def test_who_proposed_the_termination_does_not_approve_it(people: People) -> None:
    both = allow(UserFactory(), *HEAD, on=people.section)
    allow(both, *LEADER)
    step = propose_termination(supply=people.terminable(), ground="x", actor=both, today=TODAY)
    with pytest.raises(SupplyError, match="不能再作决定"):
        approve_termination(supply=step.supply, step=step, actor=both, today=TODAY)


def test_a_declined_termination_leaves_the_supply_as_it_is(people: People) -> None:
    step = propose(people, people.terminable())
    decline_termination(supply=step.supply, step=step, reason="正在筹款", actor=people.leader, today=TODAY)

    now = standing(step.supply)
    assert now.view.closed_on is None
    assert now.office.terminations == ()
    assert propose(people, step.supply).pk


def test_what_was_paid_meanwhile_is_not_terminated(people: People) -> None:
    step = propose(people, people.terminable())
    record_payment(supply=step.supply, on=TODAY, amount=Decimal(2068000), actor=people.clerk, today=TODAY)
    with pytest.raises(SupplyError, match="不再符合"):
        approve_termination(supply=step.supply, step=step, actor=people.leader, today=TODAY)
    decline_termination(supply=step.supply, step=step, reason="已缴清", actor=people.leader, today=TODAY)


def test_a_take_back_ends_the_supply_and_needs_its_ground(people: People) -> None:
    supply = people.supply()
    with pytest.raises(SupplyError) as refused:
        record_take_back(supply=supply, on=TODAY, reason=" ", actor=people.clerk, today=TODAY)
    assert refused.value.field == "reason"
    record_take_back(supply=supply, on=TODAY, reason="县政府决定", actor=people.clerk, today=TODAY)
    assert standing(supply).view.closed_on == TODAY
    with pytest.raises(SupplyError, match="已于 2026-11-23 终止监管"):
        record_take_back(supply=supply, on=TODAY, reason="再次", actor=people.clerk, today=TODAY)


def test_a_whole_transfer_goes_on_as_a_new_supply_with_what_is_owed(people: People) -> None:
    supply = people.supply()
    happen(supply, "payment", date(2026, 1, 18), amount=Decimal(2568000))
    happen(supply, "handover", date(2026, 1, 28))
    happen(supply, "board", date(2026, 2, 3))

    new = transfer_whole(
        supply=supply, successor=successor(), on=TODAY, actor=people.clerk, today=TODAY, remark="司法拍卖"
    )

    assert standing(supply).view.closed_on == TODAY
    now = standing(new)
    assert (new.origin, new.land_user.name, new.signed_on) == (supply, "新河县演示承接有限公司", TODAY)
    assert [(one.state, one.balance) for one in now.view.payment] == [
        (PaymentState.PAID, 0),
        (PaymentState.REMINDER, Decimal(2568000)),
    ]
    assert now.view.handover.board_on == date(2026, 2, 3)
    assert (now.view.start.due_on, now.view.start.state) == (START_DUE, StageState.RECHECK)
    assert (new.price, new.parcel.area) == (supply.price, supply.parcel.area)
    officer = new.assignments.get(task=SUPERVISION, ends_on=None)
    assert officer.user == people.officer


def test_a_started_project_stays_started_with_its_new_land_user(people: People) -> None:
    supply = people.supply()
    happen(supply, "start", date(2026, 11, 1))
    happen(supply, "stop", date(2026, 11, 10))
    new = transfer_whole(supply=supply, successor=successor(), on=TODAY, actor=people.clerk, today=TODAY)
    view = standing(new).view
    assert (view.start.state, view.suspended_since) == (StageState.REACHED, date(2026, 11, 10))


def test_a_transfer_sent_twice_makes_one_supply(people: People) -> None:
    supply, key = people.supply(), uuid.uuid4()
    rows = [
        transfer_whole(
            supply=supply,
            successor=successor(),
            on=TODAY,
            actor=people.clerk,
            today=TODAY,
            request_key=key,
        )
        for _ in range(2)
    ]
    assert rows[0] == rows[1]
    assert supply.successors.count() == 1


def test_a_known_land_user_is_taken_not_doubled(people: People) -> None:
    known = make_land_user("新河县演示承接有限公司", identity="91130530MA0EXAMPLE")
    given = successor(land_user=NewUser("新河县演示承接有限公司", identity="91130530ma0example"))
    new = transfer_whole(supply=people.supply(), successor=given, on=TODAY, actor=people.clerk, today=TODAY)
    assert new.land_user == known


def test_a_name_alone_does_not_make_the_same_land_user(people: People) -> None:
    """Two persons may be called so: the notices would go to the wrong one."""
    known = make_land_user("新河县演示承接有限公司", identity="91130530MA0EXAMPLE")
    new = transfer_whole(
        supply=people.supply(), successor=successor(), on=TODAY, actor=people.clerk, today=TODAY
    )
    assert new.land_user != known


def test_an_identity_of_somebody_else_is_refused(people: People) -> None:
    make_land_user("另一家公司", identity="91130530MA0EXAMPLE")
    given = successor(land_user=NewUser("新河县演示承接有限公司", identity="91130530MA0EXAMPLE"))
    with pytest.raises(SupplyError) as refused:
        transfer_whole(supply=people.supply(), successor=given, on=TODAY, actor=people.clerk, today=TODAY)
    assert refused.value.field == "identity"


def test_a_taken_number_keeps_everything_as_it_was(people: People) -> None:
    supply, other = people.supply(), people.supply()
    with pytest.raises(SupplyError, match="已经登记过"):
        transfer_whole(
            supply=supply,
            successor=successor(supervision_number=other.number),
            on=TODAY,
            actor=people.clerk,
            today=TODAY,
        )
    assert not Event.objects.filter(supply=supply).exists()


def test_a_part_becomes_a_supply_and_the_old_one_keeps_the_rest(people: People) -> None:
    supply = people.supply()
    happen(supply, "handover", date(2026, 1, 28))

    new = split_off(
        supply=supply,
        successor=successor(area=Decimal("6680.00"), price=Decimal(1285900)),
        on=TODAY,
        actor=people.clerk,
        today=TODAY,
    )

    old = LandSupply.objects.select_related("parcel").get(pk=supply.pk)
    assert old.parcel.area == Decimal("20000.00")
    assert standing(old).view.closed_on is None
    correction = Correction.objects.get(supply=old)
    assert [change[0] for change in correction.changes] == ["成交价款", "面积"]
    now = standing(new)
    assert (new.origin, new.parcel.area) == (old, Decimal("6680.00"))
    assert now.view.start.due_on == START_DUE
    assert now.view.handover.actual_on == date(2026, 1, 28)
    assert [one.balance for one in now.view.payment] == [Decimal(642950), Decimal(642950)]


@pytest.mark.parametrize("area", [None, Decimal(0), Decimal(26680), Decimal(30000)])
def test_a_part_is_smaller_than_the_land(people: People, area: Decimal | None) -> None:
    with pytest.raises(SupplyError) as refused:
        split_off(
            supply=people.supply(),
            successor=successor(area=area),
            on=TODAY,
            actor=people.clerk,
            today=TODAY,
        )
    assert refused.value.field == "area"


def test_splits_one_after_the_other_never_exceed_the_land(people: People) -> None:
    supply = people.supply()
    for n in (1, 2):
        split_off(
            supply=supply,
            successor=successor(area=Decimal(10000), supervision_number=f"1305302026B9910{n}"),
            on=TODAY,
            actor=people.clerk,
            today=TODAY,
        )
    with pytest.raises(SupplyError, match="须小于现有的 6,680"):
        split_off(
            supply=supply,
            successor=successor(area=Decimal(10000), supervision_number="1305302026B99103"),
            on=TODAY,
            actor=people.clerk,
            today=TODAY,
        )
