"""Money is registered: payments, refunds, bounced payments, damages; what they do is told before."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest

from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, LandSupply
from supervision.supply.rules import PaymentState, Track
from supervision.supply.selectors.consequences import consequence_of
from supervision.supply.services.payments import (
    payments_that_may_bounce,
    record_bounced,
    record_damages,
    record_payment,
    record_refund,
)
from tests.supply.acting import People, standing
from tests.supply.factories import TODAY, happen, make_supply

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def supply(people: People) -> LandSupply:
    """Worked example 6: a million due on 2024-03-01."""
    return people.supply(
        price=Decimal(1000000), signed_on=date(2023, 9, 1), instalments=[(1, date(2024, 3, 1), 1000000)]
    )


def pay(supply: LandSupply, people: People, on: date, amount: int, **more: object) -> Event:
    return record_payment(
        supply=supply,
        on=on,
        amount=Decimal(amount),
        actor=people.clerk,
        today=TODAY,
        **more,  # type: ignore[arg-type]
    )


def test_a_payment_settles_its_instalment(supply: LandSupply, people: People) -> None:
    pay(supply, people, date(2024, 3, 11), 400000)
    pay(supply, people, date(2024, 4, 10), 600000)

    one = standing(supply).view.payment[0]
    assert one.state == PaymentState.PAID
    assert one.damages == Decimal("28000.00")


def test_before_saving_the_form_says_what_the_damages_will_be(supply: LandSupply, people: People) -> None:
    pay(supply, people, date(2024, 3, 11), 400000)

    told = consequence_of(
        "payment", standing(supply), {"on": date(2024, 4, 10), "amount": Decimal(600000), "seq": None}
    )

    assert told.lines[0] == (
        "第 1 期缴入 600,000.00 元，缴清时逾期 40 天，缴清后违约金 28,000.00 元，按日1‰。"
    )
    assert told.lines[-1] == "价款全部缴清。"
    assert Event.objects.filter(supply=supply).count() == 1, "a preview writes nothing"


def test_a_part_payment_tells_what_is_left_and_that_damages_go_on(supply: LandSupply, people: People) -> None:
    told = consequence_of(
        "payment", standing(supply, date(2024, 3, 11)), {"on": date(2024, 3, 11), "amount": Decimal(400000)}
    )

    assert (
        "尚欠 600,000.00 元，已逾期 10 天，违约金计至今天 10,000.00 元，按日1‰，缴清前继续计算"
        in told.lines[0]
    )
    assert told.lines[-1] == "此后还欠价款 600,000.00 元。"


def test_a_surplus_is_told_and_stays_visible(supply: LandSupply, people: People) -> None:
    told = consequence_of("payment", standing(supply), {"on": date(2024, 3, 1), "amount": Decimal(1200000)})
    pay(supply, people, date(2024, 3, 1), 1200000)

    assert "第 1 期缴入 1,000,000.00 元，按期缴清，没有违约金。" in told.lines
    assert "多缴 200,000.00 元，记在第 1 期，可以退款。" in told.lines
    assert standing(supply).view.payment[0].balance == Decimal(-200000)


def test_one_payment_fills_several_instalments(people: People) -> None:
    supply = people.supply()

    told = consequence_of("payment", standing(supply), {"on": date(2026, 1, 18), "amount": Decimal(3000000)})

    assert [line[:6] for line in told.lines[:2]] == ["第 1 期缴", "第 2 期缴"]
    assert "尚欠 2,136,000.00 元" in told.lines[1]


def test_without_a_rate_there_are_no_damages_to_tell(people: People) -> None:
    supply = people.supply(payment_rate=None)

    told = consequence_of("payment", standing(supply), {"on": TODAY, "amount": Decimal(2568000), "seq": 1})

    assert "合同没有约定违约金" in told.lines[0]


def test_the_same_form_sent_twice_is_one_payment(supply: LandSupply, people: People) -> None:
    key = uuid.uuid4()
    first = pay(supply, people, date(2024, 3, 1), 1000000, request_key=key)
    second = pay(supply, people, date(2024, 3, 1), 1000000, request_key=key)

    assert first == second
    assert Event.objects.filter(supply=supply, kind="payment").count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": 10, "seq": 7}, "seq"),
        ({"amount": 10, "on": date(2026, 11, 24)}, "on"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_at_its_field(
    supply: LandSupply, people: People, values: dict[str, object], field: str
) -> None:
    given = {"on": TODAY} | values
    with pytest.raises(SupplyError) as refused:
        pay(supply, people, **given)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_who_may_not_change_supplies_registers_no_payment(supply: LandSupply, people: People) -> None:
    with pytest.raises(SupplyError, match="没有“登记缴款”的权限"):
        record_payment(supply=supply, on=TODAY, amount=Decimal(1), actor=people.officer, today=TODAY)


def test_a_supply_without_instalments_takes_no_payment(people: People) -> None:
    with pytest.raises(SupplyError, match="没有分期缴款"):
        pay(people.supply(instalments=[]), people, TODAY, 1)


def test_money_may_still_move_after_the_end(supply: LandSupply, people: People) -> None:
    happen(supply, "take_back", date(2025, 1, 1))
    pay(supply, people, TODAY, 1000)
    assert Event.objects.filter(supply=supply, kind="payment").exists()


def test_a_refund_opens_the_instalment_again(supply: LandSupply, people: People) -> None:
    pay(supply, people, date(2024, 3, 1), 1000000)

    told = consequence_of("refund", standing(supply), {"on": TODAY, "amount": Decimal(300000)})
    record_refund(
        supply=supply, on=TODAY, amount=Decimal(300000), reason="多算", actor=people.clerk, today=TODAY
    )

    assert told.lines[0].startswith("第 1 期退回 300,000.00 元，尚欠 300,000.00 元，已逾期")
    assert standing(supply).view.payment[0].balance == Decimal(300000)


def test_no_more_is_refunded_than_was_paid(supply: LandSupply, people: People) -> None:
    pay(supply, people, date(2024, 3, 1), 1000)
    with pytest.raises(SupplyError, match="不能多于已缴") as refused:
        record_refund(
            supply=supply, on=TODAY, amount=Decimal(2000), reason="x", actor=people.clerk, today=TODAY
        )
    assert refused.value.field == "amount"


def test_no_more_is_refunded_than_had_come_by_that_day(supply: LandSupply, people: People) -> None:
    pay(supply, people, date(2024, 3, 1), 1000)
    with pytest.raises(SupplyError, match=r"截至 2024-02-29 已缴 0\.00 元"):
        record_refund(
            supply=supply,
            on=date(2024, 2, 29),
            amount=Decimal(500),
            reason="x",
            actor=people.clerk,
            today=TODAY,
        )


def test_a_bounced_payment_is_a_row_of_its_own_and_bounces_once(supply: LandSupply, people: People) -> None:
    other = pay(supply, people, date(2024, 2, 1), 400000)
    payment = pay(supply, people, date(2024, 3, 1), 600000)

    row = record_bounced(
        supply=supply,
        payment=payment,
        on=date(2024, 3, 5),
        reason="账号有误",
        actor=people.clerk,
        today=TODAY,
    )

    assert (row.kind, row.amount, row.answers, row.remark) == (
        "refund",
        Decimal(600000),
        payment,
        "退票：账号有误",
    )
    assert payment.in_force, "the payment itself stays"
    assert payments_that_may_bounce(supply) == [other]
    with pytest.raises(SupplyError, match="已登记退票"):
        record_bounced(supply=supply, payment=payment, on=TODAY, reason="", actor=people.clerk, today=TODAY)


def test_damages_are_kept_apart_from_the_price(people: People) -> None:
    supply = people.supply()
    happen(supply, "start", TODAY)  # three days late: 7,704 yuan

    told = consequence_of(
        "damages_payment", standing(supply), {"track": Track.START, "amount": Decimal("7704.00")}
    )
    record_damages(
        supply=supply, track=Track.START, on=TODAY, amount=Decimal("7704.00"), actor=people.clerk, today=TODAY
    )

    assert told.lines == (
        "开工违约金计至今天 7,704.00 元，已缴 0.00 元。",
        "缴后结清。",
        "违约金单独登记，不抵价款。",
    )
    assert standing(supply).balance == Decimal(5136000)


def test_more_damages_than_are_owed_are_a_warning() -> None:
    people = People()
    supply = make_supply(section=people.section, instalments=[(1, TODAY, 100)], price=Decimal(100))
    told = consequence_of("damages_payment", standing(supply), {"track": "payment", "amount": Decimal(5)})
    assert told.warnings == ("比应缴的多 5.00 元，请核对金额和环节。",)
