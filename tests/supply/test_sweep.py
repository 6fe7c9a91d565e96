"""The sweep: what is due gets one notice, whenever and however often it is run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from landbureau.accounts import demo as people
from landbureau.accounts.models import Bureau as Profile
from landbureau.accounts.models import User
from landbureau.audit.models import Entry
from supervision.supply import demo
from supervision.supply.models import LandSupply, Notice, Regime
from supervision.supply.rules import NoticeCode
from supervision.supply.selectors import facts_of, terms
from supervision.supply.services import (
    correct_event,
    due,
    held_back,
    release,
    set_instalments,
    sweep,
    withdraw_event,
)
from supervision.supply.services.notices import BY_FACTS, repeats
from tests.factories import SectionFactory, UserFactory
from tests.supply.bureau import Bureau
from tests.supply.factories import TODAY, happen, make_supply
from tests.supply.oracle import Oracle
from tests.supply.strategies import TERMS
from tests.supply.test_states import day, instalment, supply
from tests.supply.written import write

ROOT = Path(__file__).resolve().parents[2]
MILLION = Decimal(1_000_000)
DAY = timedelta(days=1)
of_database = pytest.mark.django_db


def created(on: date) -> dict[str, int]:
    """What a sweep of the day wrote, without the zeros."""
    return {kind: n for kind, n in sweep(today=on).created.items() if n}


def opened() -> dict[str, date | None]:
    return dict(Notice.objects.open().values_list("kind", "due_on"))


def calm(**contract: Any) -> LandSupply:
    """Nothing is missing, nothing is due but what the test says."""
    far = {"agreed_start_on": date(2030, 1, 1), "agreed_completion_on": date(2032, 1, 1)}
    return make_supply(**far | contract)


# --- Once --------------------------------------------------------------------------------------------------


@of_database
def test_second_sweep_creates_no_second_notice() -> None:
    make_supply(
        signed_on=date(2026, 1, 5),
        price=MILLION,
        instalments=[(1, date(2026, 12, 1), 500_000), (2, date(2026, 11, 1), 500_000)],
        agreed_start_on=date(2026, 11, 20),
        agreed_completion_on=date(2028, 11, 20),
    )
    assert created(TODAY) == {"payment_reminder": 1, "payment_demand": 1, "start_recheck": 1}
    second = sweep(today=TODAY)
    assert not any(second.created.values())
    assert second.already == 3


@of_database
def test_a_run_tells_every_kind_with_zeros_what_was_there_and_what_is_unfit() -> None:
    make_supply(instalments=[(1, None, MILLION)])
    run = sweep(today=TODAY)
    assert set(run.created) == {code.value for code in NoticeCode}
    assert (run.created["data_gap"], run.already, run.excluded) == (3, 0, 3)
    again = sweep(today=TODAY)
    assert (again.created["data_gap"], again.already, again.excluded) == (0, 3, 3)


@of_database
def test_a_run_is_one_line_of_the_audit_record() -> None:
    calm(instalments=[(1, date(2026, 12, 1), MILLION)])
    person = UserFactory()
    before = Entry.objects.count()
    run = sweep(today=TODAY, actor=person)
    entry = Entry.objects.latest("pk")
    assert Entry.objects.count() == before + 1
    assert (entry.actor, entry.object_pk) == (person, str(run.pk))
    assert entry.additional_data == {"created": 1, "already": 0, "excluded": 0}


@of_database
def test_a_missed_night_changes_nothing_for_what_is_still_due() -> None:
    calm(instalments=[(1, date(2026, 12, 1), MILLION)], agreed_start_on=date(2026, 12, 1))
    for on in (day("2026-11-20"), day("2026-12-05")):
        sweep(today=on)
    told = Notice.objects.values_list("kind", "due_on", "round").order_by("kind")
    assert set(told) == {
        ("payment_reminder", day("2026-12-01"), 1),
        ("payment_demand", day("2026-12-01"), 1),
        ("start_reminder", day("2026-12-01"), 1),
        ("start_recheck", day("2026-12-01"), 1),
        ("visit_due", day("2026-12-01"), 1),
    }


@of_database
def test_what_passed_in_missed_nights_is_not_made_up() -> None:
    calm(instalments=[(1, date(2026, 12, 1), MILLION)])
    assert created(day("2026-12-05")) == {"payment_demand": 1}


@of_database
def test_an_amended_date_is_told_anew() -> None:
    row = calm(agreed_start_on=date(2026, 11, 20))
    happen(row, "visit", day("2026-11-10"))
    assert created(TODAY) == {"start_recheck": 1}
    happen(row, "extension_approved", TODAY, new_due_on=day("2026-12-20"))
    assert opened() == {}
    assert created(TODAY) == {"start_reminder": 1, "visit_due": 1}
    assert created(day("2026-12-21")) == {"start_recheck": 1}
    assert Notice.objects.filter(kind="start_recheck").count() == 2


@of_database
def test_a_demand_is_told_again_after_thirty_days_and_takes_the_place_of_the_last() -> None:
    calm(instalments=[(1, date(2026, 11, 20), MILLION)])
    assert created(day("2026-11-21")) == {"payment_demand": 1}
    assert created(day("2026-12-20")) == {}
    assert created(day("2026-12-21")) == {"payment_demand": 1}
    first, second = Notice.objects.order_by("pk")
    assert (first.round, first.closed_because) == (1, "已由下一次提醒接替")
    assert (second.round, second.closed_on) == (2, None)


# --- Closed and opened again -------------------------------------------------------------------------------


@of_database
@pytest.mark.parametrize(
    ("kind", "details", "kinds", "reason"),
    [
        ("payment", {"amount": MILLION}, {"payment_reminder"}, "已缴清"),
        ("start", {}, {"start_recheck"}, "已开工"),
        ("visit", {}, {"start_recheck"}, "已复核"),
        ("visit", {}, {"visit_due"}, "已巡查"),
        ("completion", {}, {"completion_reminder"}, "已竣工"),
        ("extension_approved", {"new_due_on": date(2027, 9, 1)}, {"start_recheck"}, "已延期"),
        ("termination", {}, {"payment_reminder", "start_recheck", "completion_reminder"}, "监管终止"),
    ],
)
def test_a_fact_closes_what_it_settles_and_its_withdrawal_opens_it_again(
    kind: str, details: dict[str, Any], kinds: Collection[str], reason: str
) -> None:
    row = make_supply(
        instalments=[(1, date(2026, 12, 1), MILLION)],
        agreed_start_on=date(2026, 11, 20),
        agreed_completion_on=date(2026, 12, 1),
    )
    sweep(today=TODAY)
    before = opened()
    assert kinds <= set(before)
    event = happen(row, kind, TODAY, **details)
    closed = dict(Notice.objects.exclude(closed_on=None).values_list("kind", "closed_because"))
    assert {closed[code] for code in kinds} == {reason}
    withdraw_event(event=event, reason="登记错误", actor=None, today=TODAY)
    assert opened() == before
    assert created(TODAY) == {}


@of_database
def test_a_notice_stays_when_its_instalment_is_taken_out_of_the_contract() -> None:
    row = calm(instalments=[(1, date(2026, 12, 1), MILLION), (2, date(2028, 12, 1), MILLION)])
    sweep(today=TODAY)
    lines = [(one.seq, one.due_on, one.amount) for one in row.instalments.all()]

    def agree(count: int) -> Notice:
        set_instalments(supply=row, instalments=lines[-count:], reason="补充协议", actor=None, today=TODAY)
        return Notice.objects.get()

    gone = agree(1)
    assert (gone.instalment, gone.closed_because) == (None, "日期或金额已更正")
    back = agree(2)
    assert (back.instalment, back.closed_on) == (row.instalments.get(seq=1), None)


@of_database
def test_a_gap_is_closed_when_the_fact_is_there() -> None:
    row = calm(agreed_start_on=None)
    sweep(today=TODAY)
    assert opened() == {"data_gap": None}
    happen(row, "handover", TODAY)
    assert Notice.objects.get().closed_because == "资料已补录"


@of_database
def test_a_demand_that_was_served_closes_the_notice() -> None:
    row = calm(instalments=[(1, date(2026, 11, 20), MILLION), (12, date(2026, 11, 19), MILLION)])
    sweep(today=TODAY)
    happen(row, "demand", TODAY, seq=12)
    [left] = Notice.objects.open()
    assert left.key == "payment_demand:1:2026-11-20:1"
    assert Notice.objects.get(key__startswith="payment_demand:12:").closed_because == "已催缴"


@of_database
def test_what_another_kind_follows_is_closed_by_the_next_sweep() -> None:
    calm(
        instalments=[(1, date(2026, 12, 1), MILLION)],
        agreed_start_on=date(2026, 12, 1),
        agreed_completion_on=date(2026, 12, 1),
    )
    sweep(today=TODAY)
    sweep(today=day("2026-12-03"))
    closed = Notice.objects.exclude(closed_on=None).values_list("kind", "track", "closed_because")
    assert set(closed) == {
        ("payment_reminder", "payment", "已逾期，改为催缴"),
        ("start_reminder", "start", "约定日期已过，改为复核"),
        ("completion_reminder", "completion", "约定日期已过，改为复核"),
        ("visit_due", "start", "本阶段已过，改为复核"),
        ("visit_due", "completion", "本阶段已过，改为复核"),
    }
    assert set(opened()) == {"payment_demand", "start_recheck", "completion_recheck"}


@of_database
def test_what_the_office_has_closed_is_not_opened_by_facts() -> None:
    row = calm(instalments=[(1, date(2026, 12, 1), MILLION)])
    sweep(today=TODAY)
    Notice.objects.update(closed_on=TODAY, closed_because="已送达")
    happen(row, "visit", TODAY)
    sweep(today=TODAY)
    assert opened() == {}


@of_database
def test_a_sweep_of_a_past_day_leaves_alone_what_was_found_since() -> None:
    calm(instalments=[(1, date(2026, 12, 1), MILLION)])
    sweep(today=TODAY)
    assert created(day("2026-08-01")) == {}
    assert opened() == {"payment_reminder": date(2026, 12, 1)}


@of_database
def test_a_payment_that_moves_to_another_supply_closes_one_and_opens_the_other() -> None:
    row = calm(instalments=[(1, date(2026, 12, 1), MILLION)])
    wrong = happen(row, "payment", TODAY, amount=MILLION)
    sweep(today=TODAY)
    assert opened() == {}
    correct_event(
        event=wrong, changes={"amount": Decimal(100_000)}, reason="多打了零", actor=None, today=TODAY
    )
    assert created(TODAY) == {"payment_reminder": 1}


@of_database
def test_the_day_on_which_a_supply_ended_can_be_corrected_to_a_later_one() -> None:
    row = calm(instalments=[(1, date(2026, 12, 1), MILLION)])
    wrong = happen(row, "termination", day("2026-11-01"))
    correct_event(event=wrong, changes={"on": TODAY}, reason="日期有误", actor=None, today=TODAY)
    row.refresh_from_db()
    assert row.closed_on == TODAY


# --- Go-live -----------------------------------------------------------------------------------------------


def go_live(on: date | None) -> None:
    Profile.objects.update(go_live_on=on)


@pytest.fixture
def leader(db: None) -> User:
    return UserFactory()


@pytest.fixture
def old_ledger(db: None) -> LandSupply:
    """A demand, a recheck and a visit fell due before the bureau went live; a reminder is of today."""
    go_live(day("2026-12-01"))
    return make_supply(
        instalments=[(1, date(2026, 3, 2), MILLION), (2, date(2026, 12, 20), MILLION)],
        agreed_start_on=date(2026, 11, 30),
        agreed_completion_on=date(2026, 9, 30),
    )


def test_what_fell_due_before_go_live_is_held_back(old_ledger: LandSupply) -> None:
    run = sweep(today=day("2026-12-01"))
    assert {kind: n for kind, n in run.created.items() if n} == {"payment_reminder": 1}
    held = held_back(day("2026-12-01"))
    assert [one.matter.code for one in held] == [
        "completion_recheck",
        "payment_demand",
        "start_recheck",
        "visit_due",
    ]
    assert run.excluded == 4


def test_what_was_confirmed_is_written_once_and_goes_on(old_ledger: LandSupply, leader: User) -> None:
    today = day("2026-12-01")
    confirmed = [one for one in held_back(today) if one.matter.code == "payment_demand"]
    assert release(found=confirmed, today=today, actor=leader) == 1
    assert release(found=confirmed, today=today, actor=leader) == 0
    assert len(held_back(today)) == 3
    run = sweep(today=today)
    assert (run.created["payment_demand"], run.already, run.excluded) == (0, 1, 3)
    later = today + timedelta(days=30)
    sweep(today=later)
    rounds = Notice.objects.filter(key__startswith="payment_demand:1:").values_list("round", flat=True)
    assert set(rounds) == {10, 11}, "it repeats without another confirmation"


def test_all_of_the_review_list_is_released_at_once(old_ledger: LandSupply, leader: User) -> None:
    today = day("2026-12-01")
    assert release(found=held_back(today), today=today, actor=leader) == 4
    assert held_back(today) == []
    assert Entry.objects.latest("pk").additional_data == {"created": 4}


def test_without_go_live_nothing_is_held_back(old_ledger: LandSupply) -> None:
    go_live(None)
    assert held_back(day("2026-12-01")) == []
    assert sweep(today=day("2026-12-01")).excluded == 0


@of_database
def test_the_visit_of_the_month_of_go_live_is_due_in_that_month() -> None:
    Regime.objects.update(visit_rule=Regime.VisitRule.MONTHLY)
    go_live(day("2026-11-16"))
    calm()
    assert created(day("2026-11-16")) == {"visit_due": 1}
    assert held_back(day("2026-10-31"))[0].matter.due_on == day("2026-10-01")


# --- Cost --------------------------------------------------------------------------------------------------


@of_database
@pytest.mark.parametrize("monthly", [False, True])
def test_the_queries_do_not_grow_with_the_number_of_supplies(monthly: bool) -> None:
    if monthly:
        Regime.objects.update(visit_rule=Regime.VisitRule.MONTHLY)
    go_live(day("2024-03-01"))
    section = SectionFactory()
    counts = []
    for number in (5, 60):
        write(
            [
                supply(
                    instalments=[instalment(1, "2024-03-01"), instalment(2, None)],
                    agreed_start_on="2024-02-20",
                    agreed_completion_on="2024-03-20",
                )
            ]
            * number,
            section,
        )
        with CaptureQueriesContext(connection) as finding:
            assert due(day("2024-03-05"))
        sweep(today=day("2024-03-05"))
        with CaptureQueriesContext(connection) as sweeping:
            sweep(today=day("2024-03-05"))
        counts.append((len(finding), len(sweeping)))
    assert counts[0] == counts[1]
    assert counts[0][0] <= 14


@of_database
def test_the_sweep_asks_by_the_indexes_of_what_is_open() -> None:
    """Work follows what is due: each query begins with an index that holds only that."""
    write([supply(instalments=[instalment(1, "2024-03-01")], agreed_start_on="2024-03-01")] * 20)
    write([supply(instalments=[instalment(1, "2030-03-01")], agreed_start_on="2030-03-01")] * 400)
    with CaptureQueriesContext(connection) as queries:
        due(day("2024-03-05"))
    asked = [
        query["sql"]
        for query in queries
        if query["sql"].startswith(('SELECT "supply_instalment"."id"', 'SELECT "supply_milestone"'))
    ]
    assert len(asked) == 6
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a table of some rows is read whole: that is cheaper
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("ANALYZE supply_instalment, supply_milestone, supply_landsupply")
        plans = []
        for sql in asked:
            cursor.execute(explain + sql)
            plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    wanted = [
        ["instalments_unsettled"],
        ["instalments_settled"],
        ["milestones_open"],
        ["milestones_replaced", "milestones_reached"],
        ["milestones_open"],
        ["milestones_replaced", "milestones_reached"],
    ]
    for plan, names in zip(plans, wanted, strict=True):
        assert all(name in plan for name in names), plan


# --- A bureau over more than a year ------------------------------------------------------------------------


def run_a_bureau(
    begins_on: date, days: int, tell: Callable[[date], Iterable[LandSupply]], *, monthly: bool = False
) -> int:
    """Sweep twice on each day but some missed ones; each day's notices are those of the oracle.

    ``tell``: what is entered on a day; it gives the supplies that changed. How many notices there are.
    """
    numbers, repeat = terms(), repeats()
    assert numbers == TERMS
    oracles: dict[int, Oracle] = {}
    known: set[tuple[int, str]] = set()
    changed = list(LandSupply.objects.all())
    for n in range(days):
        today = begins_on + n * DAY
        changed += tell(today)
        if n % 23 == 7:
            continue  # a missed night
        rows = LandSupply.objects.select_related("parcel").filter(pk__in={row.pk for row in changed})
        oracles |= {pk: Oracle(facts, numbers) for pk, facts in facts_of(rows).items()}
        changed = []
        wanted = {
            (pk, f"{kind}:{about}:{on or ''}:{times}")
            for pk, oracle in oracles.items()
            for kind, about, on, times in oracle.due(today, repeat, monthly=monthly)
        }
        first = sweep(today=today)
        written = set(Notice.objects.filter(sweep=first).values_list("supply", "key"))
        assert written == wanted - known, today
        second = sweep(today=today)
        assert not any(second.created.values())
        assert second.already == len(wanted)
        known |= wanted
        rows_open = Notice.objects.open().values_list("supply", "key")
        followed = Notice.objects.exclude(closed_on=None).exclude(closed_because__in=BY_FACTS)
        assert set(rows_open) | (set(followed.values_list("supply", "key")) & wanted) == wanted, today
    assert Notice.objects.count() == len(known)
    return len(known)


@pytest.mark.once
@of_database
def test_a_bureau_at_work_leaves_no_notice_out_and_doubles_none() -> None:
    """Facts come in day by day, some of them late, some of them wrong."""
    bureau = Bureau(date(2025, 3, 1), days=150, seed=20261123).populate(45, section=SectionFactory())
    assert run_a_bureau(bureau.begins_on, bureau.days, bureau.tell) > 120


@pytest.mark.once
@of_database
def test_the_same_where_every_project_is_visited_each_month() -> None:
    Regime.objects.update(visit_rule=Regime.VisitRule.MONTHLY)
    bureau = Bureau(date(2025, 3, 1), days=64, seed=7).populate(20, section=SectionFactory())
    assert run_a_bureau(bureau.begins_on, bureau.days, bureau.tell, monthly=True) > 50


@pytest.mark.once
@of_database
def test_four_hundred_days_of_the_demo_leave_no_notice_out_and_double_none(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(demo, "catch_up", lambda people, today: None)  # papers: no facts, and other sweeps
    people.load(TODAY)
    demo.load(TODAY)
    assert LandSupply.objects.count() == 180
    assert run_a_bureau(TODAY - 250 * DAY, 400, lambda today: ()) > 300


# --- Several at once ---------------------------------------------------------------------------------------


@pytest.mark.processes
def test_sweeps_at_the_same_moment_give_each_notice_once(scratch_env: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.supply.races"],
        cwd=ROOT,
        env=scratch_env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    after = json.loads(done.stdout)
    assert after["statuses"] == [0] * 4, done.stderr
    assert after["missing"] == [], "none is missing"
    assert after["doubled"] == 0
    assert after["created"] == after["notices"], "each run counts what it has written itself"
    assert after["open"] == after["due"], "what was settled at the same moment is closed by the next sweep"
