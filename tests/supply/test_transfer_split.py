"""What a transfer or a split takes over: nothing is lost, nothing is owed or counted twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbureau.accounts.models import Bureau
from supervision.supply import rules, words
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, Instalment, LandSupply, Notice
from supervision.supply.rules import Cause, Facts, Kind, Moved, PaymentState, StageState, View
from supervision.supply.selectors import facts_of, terms
from supervision.supply.selectors.arrears import arrears, total, unpaid
from supervision.supply.selectors.consequences import consequence_of
from supervision.supply.selectors.detail import detail_of
from supervision.supply.selectors.indicators import count
from supervision.supply.selectors.lists import lines_of
from supervision.supply.selectors.overview import overview
from supervision.supply.selectors.states import instalments_with_state
from supervision.supply.services import defaults, sweep
from supervision.supply.services.corrections import correct_event, withdraw_event
from supervision.supply.services.endings import NewUser, Successor, split_off, transfer_whole
from supervision.supply.services.notices import close_notice
from supervision.supply.services.sweep import held_back
from supervision.supply.transitions import TRANSITIONS
from tests.supply.acting import START_DUE, People, standing
from tests.supply.factories import TODAY, happen
from tests.supply.strategies import TERMS, looks

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CENT = Decimal("0.01")
AFTER = (TODAY, TODAY + DAY, date(2027, 3, 1), date(2028, 9, 30))


@pytest.fixture
def people() -> People:
    return People()


def late(people: People, **columns: Any) -> LandSupply:
    """Its first instalment is late and paid in part, its start is late."""
    supply = people.supply(**columns)
    happen(supply, "payment", date(2026, 3, 1), amount=Decimal(568_000))
    happen(supply, "handover", date(2026, 1, 28))
    return supply


def transfer(people: People, supply: LandSupply, on: date = TODAY, n: int = 1) -> LandSupply:
    given = Successor(f"1305302026B9900{n}", "", NewUser(f"新河县演示承接{n}有限公司"))
    return transfer_whole(supply=supply, successor=given, on=on, actor=people.clerk, today=max(on, TODAY))


def split(people: People, supply: LandSupply, on: date = TODAY, n: int = 1, **columns: Any) -> LandSupply:
    given = Successor(f"1305302026B9910{n}", "", NewUser(f"新河县演示分立{n}有限公司"), area=Decimal(6670))
    given = replace(given, **columns)
    return split_off(supply=supply, successor=given, on=on, actor=people.clerk, today=max(on, TODAY))


def fresh(supply: LandSupply) -> LandSupply:
    return LandSupply.objects.select_related("parcel").get(pk=supply.pk)


def view(supply: LandSupply, on: date) -> View:
    supply = fresh(supply)
    return rules.view_of(facts_of([supply])[supply.pk], on, terms())


def damages(one: View) -> Decimal:
    parts = [*(part.damages for part in one.payment), one.start.damages, one.completion.damages]
    return sum((part or Decimal(0) for part in parts), Decimal(0))


def balance(one: View) -> Decimal:
    return sum((part.balance for part in one.payment), Decimal(0))


# --- Damages are additive over splits ------------------------------------------------------------------


@settings(max_examples=300)
@given(looks(), st.integers(0, 400), st.integers(1, 99), st.integers(0, 800))
def test_the_damages_of_the_parts_make_those_of_the_undivided_supply(
    look: tuple[Facts, date], wait: int, percent: int, later: int
) -> None:
    """To the cent that each sum is rounded; no cap, and no money paid back (it had stopped damages)."""
    facts, day = look
    on = day + wait * DAY
    events = tuple(event for event in facts.until(on).events if event.kind != Kind.REFUND)
    facts = replace(facts.until(on), damages_cap=None, events=events)
    price = facts.price
    divided = rules.divide(rules.view_of(facts, on, TERMS), price, None, Decimal(100), Decimal(percent))
    moved = Moved(
        price=divided.price or Decimal(0), area=Decimal(0), instalments=tuple(divided.instalments.items())
    )
    gone = rules.Event(Kind.TRANSFER, on, order=10**6, partial=True, moved=moved)
    old = replace(facts, events=(*facts.events, gone))
    new = replace(
        facts,
        price=divided.price,
        deposit=None,
        instalments=tuple(replace(one, amount=divided.instalments[one.seq]) for one in facts.instalments),
        events=tuple(event for event in facts.events if event.kind != Kind.PAYMENT),
    )
    asked = on + later * DAY
    whole, kept, part = (rules.view_of(one, asked, TERMS) for one in (facts, old, new))
    if whole.closed_on is not None:
        return
    few = CENT * (2 * len(facts.instalments) + 4)
    assert abs(damages(kept) + damages(part) - damages(whole)) <= few
    assert balance(kept) + balance(part) == balance(whole)
    assert rules.view_of(old, on - DAY, TERMS) == rules.view_of(facts, on - DAY, TERMS)


@pytest.mark.parametrize("price", [None, Decimal(1_285_900), Decimal(5_136_000), Decimal(0)])
def test_a_split_divides_all_that_damages_are_counted_by(people: People, price: Decimal | None) -> None:
    columns = {"investment": Decimal(90_000_000), "required_area": Decimal(20_000)}
    same, old = late(people, **columns), late(people, **columns)
    new = split(people, old, price=price)

    old, new = fresh(old), fresh(new)
    assert old.price is not None
    assert new.price is not None
    assert old.price + new.price == Decimal(5_136_000)
    assert old.investment + new.investment == Decimal(90_000_000)
    assert (old.required_area, new.required_area) == (Decimal(15_000), Decimal(5_000))
    assert (old.parcel.area, new.parcel.area) == (Decimal(20_010), Decimal(6_670))
    for on in AFTER:
        kept, part, whole = view(old, on), view(new, on), view(same, on)
        assert abs(damages(kept) + damages(part) - damages(whole)) <= 4 * CENT
        assert balance(kept) + balance(part) == balance(whole)


def test_before_its_day_the_split_changes_nothing(people: People) -> None:
    same, old = late(people), late(people)
    split(people, old)
    yesterday = TODAY - DAY
    assert view(old, yesterday) == view(same, yesterday)
    rows = instalments_with_state(yesterday, terms()).order_by("seq")
    shown = [[(one.state, one.balance) for one in rows.filter(supply=supply)] for supply in (old, same)]
    assert shown[0] == shown[1]


def test_a_part_is_divided_again_and_the_sum_stays(people: People) -> None:
    same, old = late(people), late(people)
    first = split(people, old, on=TODAY)
    second = split(people, first, on=TODAY + DAY, n=2, area=Decimal(3_000))
    third = split(people, old, on=TODAY + 2 * DAY, n=3)
    for on in AFTER[2:]:
        parts = [view(one, on) for one in (old, first, second, third)]
        assert abs(sum(map(damages, parts)) - damages(view(same, on))) <= 8 * CENT
        assert sum(map(balance, parts)) == balance(view(same, on))


def test_an_earlier_split_is_not_entered_behind_a_later_one(people: People) -> None:
    supply = late(people)
    split(people, supply)
    with pytest.raises(SupplyError, match="已经分割过"):
        split(people, supply, on=TODAY - DAY, n=2)


def test_the_page_says_how_both_are_divided_before_it_is_done(people: People) -> None:
    told = "".join(consequence_of("split", standing(late(people)), {"area": Decimal(6_670)}).lines)
    assert "分出 6,670.00 m²，这宗留下 20,010.00 m²，合计 26,680.00 m²" in told
    assert "分出 1,284,000.00 元，留下 3,852,000.00 元，合计 5,136,000.00 元" in told
    assert "分出 1,142,000.00 元，留下 3,426,000.00 元，合计 4,568,000.00 元" in told


def test_the_queries_say_of_the_parts_what_the_rules_say(people: People) -> None:
    old = late(people)
    new = split(people, old)
    for on in (TODAY - DAY, *AFTER):
        found = {(one.supply, one.seq): one for one in unpaid(Instalment.objects.all(), on, terms())}
        for supply in (old, new):
            if supply == new and on < TODAY:
                continue
            for one in view(supply, on).payment:
                line = found[supply.pk, one.seq]
                said = (line.amount, line.balance, line.damages, line.state)
                assert said == (one.amount, one.balance, one.damages, one.state)


def test_a_split_is_not_undone_by_a_withdrawal(people: People) -> None:
    supply = late(people)
    split(people, supply)
    event = Event.objects.get(supply=supply, kind="transfer")
    with pytest.raises(SupplyError, match="不能撤销"):
        withdraw_event(event=event, reason="录错", actor=people.clerk, today=TODAY)
    new = correct_event(
        event=event, changes={"remark": "分出东部"}, reason="笔误", actor=people.clerk, today=TODAY
    )
    assert new.moved == event.moved
    assert balance(view(supply, TODAY)) == Decimal(3_426_000)


# --- The balance goes over -----------------------------------------------------------------------------


def test_after_a_whole_transfer_the_debt_stands_once(people: People) -> None:
    same, old = late(people), late(people)
    before = total(arrears(LandSupply.objects.filter(pk=old.pk), TODAY, terms()))
    new = transfer(people, old)

    kept = view(old, TODAY)
    assert (balance(kept), kept.moved) == (0, Decimal(4_568_000))
    assert kept.start.damages == 0
    assert kept.payment[0].damages == Decimal("23288.00"), "what was paid late stays with who paid it"
    for on in AFTER:
        assert damages(view(old, on)) + damages(view(new, on)) == damages(view(same, on))
    LandSupply.objects.filter(pk=same.pk).update(closed_on=date(2026, 1, 1))
    both = arrears(LandSupply.objects.all(), TODAY, terms())
    assert [one.supply for one in both] == [new.pk]
    assert total(both)[0] == before[0]
    assert overview(LandSupply.objects.all(), TODAY).overdue["payment"] == 1


def test_the_old_supply_says_that_the_rest_has_gone_and_takes_no_payment(people: People) -> None:
    old = late(people)
    new = transfer(people, old)
    now = standing(old)
    assert "余款已随转" in TRANSITIONS["payment"].refusal(now)
    assert TRANSITIONS["payment"].refusal(standing(new)) == ""
    line = lines_of([fresh(old)], TODAY, terms())[old.pk]
    assert (line.payment.word, line.balance) == (words.MOVED, 0)
    detail = detail_of(fresh(old), people.clerk, TODAY)
    assert detail.money.balance == 0
    assert {part.word for part in detail.money.parts} == {words.MOVED}


def test_what_was_paid_of_the_damages_goes_over_with_them(people: People) -> None:
    old = late(people)
    happen(old, "damages", TODAY, amount=Decimal(5_000), track="start")
    happen(old, "damages", TODAY, amount=Decimal(30_000), track="payment")
    before = detail_of(fresh(old), people.clerk, TODAY).money
    new = transfer(people, old)
    kept, gone = (detail_of(fresh(one), people.clerk, TODAY).money for one in (old, new))
    assert kept.damages_left == 0
    assert gone.damages_left == before.damages_left


def test_a_transfer_from_a_ledger_moves_nothing(people: People) -> None:
    old = late(people)
    happen(old, "transfer", TODAY)
    assert balance(view(old, TODAY)) == Decimal(4_568_000)


def test_a_withdrawn_transfer_gives_the_debt_back(people: People) -> None:
    old = late(people)
    new = transfer(people, old)
    happen(new, "take_back", TODAY)
    event = Event.objects.get(supply=old, kind="transfer")
    withdraw_event(event=event, reason="登记到了另一宗", actor=people.clerk, today=TODAY)
    assert balance(view(old, TODAY)) == Decimal(4_568_000)


def test_the_collection_rate_counts_an_instalment_once(people: People) -> None:
    old = late(people)
    before = count(LandSupply.objects.all(), TODAY).collection
    split(people, old)
    after = count(LandSupply.objects.all(), TODAY).collection
    assert (after.done, after.all) == (before.done, before.all)
    transfer(people, old, n=2)
    moved = count(LandSupply.objects.all(), TODAY).collection
    assert moved.open == before.open


# --- The state is taken over ---------------------------------------------------------------------------


def determined(people: People, cause: Cause = Cause.LAND_USER) -> LandSupply:
    supply = people.unstarted()
    Event.objects.create(
        supply=supply,
        kind="determination",
        on=TODAY,
        track="start",
        cause=cause.value,
        recorded_by=people.head,
    )
    return supply


@pytest.mark.parametrize("act", [transfer, split])
def test_a_default_that_was_found_and_determined_stays(people: People, act: Any) -> None:
    old = determined(people, Cause.GOVERNMENT)
    new = act(people, old, TODAY)
    for supply in (old, new):
        stage = view(supply, TODAY).start
        assert (stage.state, stage.cause) == (StageState.DEFAULT, Cause.GOVERNMENT)
        assert stage.damages == 0
    rows = new.events.filter(kind="determination")
    assert [row.inherited_from.supply for row in rows if row.inherited_from] == [old]


def test_what_waits_for_the_brigade_goes_on_waiting_for_it(people: People) -> None:
    step = people.proposed()
    defaults.determine_default(supply=step.supply, step=step, actor=people.head, today=TODAY)
    new = transfer(people, step.supply)
    (waiting,) = standing(new).office.handed_over
    assert waiting.document is not None
    assert waiting.answers is not None
    assert waiting.answers.kind == "determination"
    assert waiting.answers.supply == new


def test_what_the_brigade_has_accepted_is_not_handed_over_again(people: People) -> None:
    old = determined(people)
    handed = happen(old, "to_brigade", TODAY, track="start")
    happen(old, "brigade_accepted", TODAY, track="start", answers=handed)
    assert standing(transfer(people, old)).office.handed_over == ()


def test_a_demand_that_was_served_needs_no_second(people: People) -> None:
    old = people.terminable()
    new = transfer(people, old)
    assert [one.state for one in view(new, TODAY).payment] == [PaymentState.TERMINABLE]
    sweep(today=TODAY)
    assert not Notice.objects.filter(supply=new, kind="payment_demand").exists()


def test_a_late_completion_is_judged_by_the_date_of_its_day(people: People) -> None:
    old = people.supply()
    happen(old, "start", START_DUE + DAY)
    happen(old, "extension_approved", START_DUE + 2 * DAY, track="start", new_due_on=date(2027, 5, 20))
    new = transfer(people, old)
    assert view(new, TODAY).start.days_late == 1


@pytest.mark.parametrize("act", [transfer, split])
def test_what_was_rechecked_is_not_told_again(people: People, act: Any) -> None:
    old = people.supply()
    sweep(today=TODAY)
    assert Notice.objects.filter(supply=old, kind="start_recheck").exists()
    happen(old, "visit", TODAY, finding="not_started")
    new = act(people, old, TODAY)
    sweep(today=TODAY + DAY)
    told = set(Notice.objects.filter(supply=new).values_list("kind", flat=True))
    assert not told & {"start_recheck", "visit_due"}


def test_what_the_office_had_settled_is_not_told_again_but_what_was_open_is(people: People) -> None:
    settled, open_ = people.supply(), people.supply()
    sweep(today=TODAY)
    close_notice(Notice.objects.get(supply=settled, kind="start_recheck"), TODAY, "已处理")
    first, second = transfer(people, settled), transfer(people, open_, n=2)
    third = transfer(people, first, TODAY + DAY, n=3)
    sweep(today=TODAY + DAY)
    told = Notice.objects.filter(kind="start_recheck")
    assert not told.filter(supply__in=(first, third)).exists()
    assert told.filter(supply=second).count() == 1


def test_with_a_day_of_going_live_the_new_supply_is_no_arrear_of_old_days(people: People) -> None:
    old = people.supply()
    sweep(today=TODAY)  # confirmed: its notice is there
    Bureau.objects.update(go_live_on=TODAY)
    new = transfer(people, old)
    assert not [one for one in held_back(TODAY) if one.supply == new.pk]
    sweep(today=TODAY)
    assert Notice.objects.filter(supply=new, kind="start_recheck").exists()


# --- Counted once --------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [transfer, split])
@pytest.mark.parametrize("days", [-2, -1, 0, 1, 2, 3])
def test_a_date_and_its_visit_are_counted_once_for_what_began_after_them(
    people: People, act: Any, days: int
) -> None:
    """``days``: from the date to the transfer. A part that began before the date has one of its own."""
    on = START_DUE + days * DAY
    act(people, people.supply(), on)
    values = count(LandSupply.objects.all(), TODAY + 10 * DAY).values()
    is_split = act is split
    assert values["start_on_time"][1].all == (2 if is_split and days < 0 else 1)
    assert values["visits"][1].all == (2 if is_split and days <= 0 else 1)


def test_a_visit_before_the_transfer_counts_in_the_stage_that_goes_on(people: People) -> None:
    old = people.supply()
    happen(old, "visit", START_DUE - 5 * DAY, finding="not_started")
    transfer(people, old, START_DUE - 2 * DAY)
    visits = count(LandSupply.objects.all(), TODAY).values()["visits"][1]
    assert (visits.done, visits.all) == (1, 1)
