"""What is stored beside the facts, and the states that queries read from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from landbureau.home.calendar_services import change_calendar
from landbureau.jobs import services as jobs
from landbureau.jobs.models import JobRun
from landbureau.workdays.selectors import DayChange, Proposal, current_calendar, proposed_calendar
from supervision.supply import rules
from supervision.supply.models import Instalment, LandSupply, Milestone, Notice, Parameter, Regime, Share
from supervision.supply.rules import Facts
from supervision.supply.selectors import facts_of, instalments_with_state, terms, with_state
from supervision.supply.services import (
    correct_event,
    due,
    moving_instalments,
    project,
    projection,
    recompute_calendar,
    sweep,
    withdraw_event,
)
from supervision.supply.services.projection import OF_INSTALMENT, PROJECTED, project_all_later
from tests.accounts.sheets import bring_file, only
from tests.imports import files
from tests.supply.factories import TODAY, happen, make_supply
from tests.supply.oracle import Oracle
from tests.supply.strategies import looks
from tests.supply.test_states import day, happened, instalment, supply
from tests.supply.written import write

pytestmark = pytest.mark.django_db
MILLION = Decimal(1_000_000)
REPEAT = {"payment_demand": 30, "start_recheck": None, "completion_recheck": None}
generated = settings(
    max_examples=8, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


def compare_states(on: date) -> None:
    """The annotation of every supply and instalment equals the function."""
    numbers = terms()
    rows = list(with_state(LandSupply.objects.select_related("parcel"), on, numbers))
    states = {row.pk: row for row in instalments_with_state(on, numbers)}
    facts = facts_of(rows)
    ids = {(one.supply_id, one.seq): one.pk for one in states.values()}
    order = [state.value for state in rules.PaymentState]
    for row in rows:
        view = rules.view_of(facts[row.pk], on, numbers)
        assert (row.start_state, row.completion_state) == (view.start.code, view.completion.code)
        assert (row.start_due_on, row.completion_due_on) == (view.start.due_on, view.completion.due_on)
        assert row.handover_state == view.handover.state
        assert row.ended_on == view.closed_on
        for one in view.payment:
            state = states[ids[row.pk, one.seq]]
            assert (state.state, state.balance, state.paid) == (one.state.value, one.balance, one.paid)
        worst = [one.state.value for one in view.payment]
        by_severity = {"TERMINABLE": 0, "OVERDUE": 1, "REMINDER": 2, "NOT_DUE": 3, "PAID": 4}
        assert set(by_severity) == set(order)
        assert row.payment_state == min(worst, key=by_severity.__getitem__, default=None)


@generated
@given(st.lists(looks(), min_size=25, max_size=40))
def test_the_annotation_equals_the_function_on_any_day(found: list[tuple[Facts, date]]) -> None:
    with transaction.atomic():
        write([facts for facts, _ in found])
        for on in sorted({on for _, on in found})[:: max(1, len(found) // 12)]:
            compare_states(on)
        transaction.set_rollback(True)


@generated
@given(st.lists(looks(), min_size=25, max_size=40), st.booleans())
def test_what_the_queries_find_due_is_what_the_rules_and_the_contract_say(
    found: list[tuple[Facts, date]], monthly: bool
) -> None:
    with transaction.atomic():
        Regime.objects.update(visit_rule="monthly" if monthly else "per_stage")
        rows = write([facts for facts, _ in found])
        numbers, facts_by_key = terms(), facts_of(rows)
        for on in sorted({on for _, on in found})[:: max(1, len(found) // 12)]:
            told: dict[int, set[tuple[str, str, date | None, int]]] = {row.pk: set() for row in rows}
            for one in due(on):
                matter = one.matter
                told[one.supply].add((matter.code.value, matter.about, matter.due_on, matter.round))
            for pk, facts in facts_by_key.items():
                said = rules.matters(facts, on, numbers, REPEAT, monthly=monthly)
                assert told[pk] == {(one.code.value, one.about, one.due_on, one.round) for one in said}
                assert told[pk] == Oracle(facts, numbers).due(on, REPEAT, monthly=monthly)
        transaction.set_rollback(True)


@pytest.mark.parametrize("part", ["0.01", "0.07", "1000.01", "33333.33", "98765432.19"])
def test_what_is_paid_to_the_cent_in_many_parts_is_paid(part: str) -> None:
    amount = Decimal(part)
    events = [
        replace(happened(rules.Kind.PAYMENT, "2024-02-01", amount=part), order=order) for order in range(13)
    ]
    write([supply(*events, instalments=[replace(instalment(1, "2024-03-01"), amount=13 * amount)])])
    one = instalments_with_state(day("2024-04-01"), terms()).get()
    assert (one.state, one.balance, one.paid) == ("PAID", 0, 13 * amount)


# --- Written anew ------------------------------------------------------------------------------------------


def project_everything() -> None:
    """As the job does that a changed number starts."""
    run = project_all_later()
    assert run is not None
    jobs.execute(run.pk)
    run.refresh_from_db()
    assert run.state == "succeeded", run.error


def test_a_run_that_was_interrupted_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [make_supply(instalments=[(1, day("2026-12-01"), MILLION)]) for _ in range(5)]
    monkeypatch.setattr(projection, "CHUNK", 2)
    done: list[list[int]] = []
    project_all_later()
    run = JobRun.objects.get(kind="project_supplies")
    JobRun.objects.filter(pk=run.pk).update(done=2)
    monkeypatch.setattr(projection, "project", lambda keys: done.append(list(keys)))
    jobs.execute(run.pk)
    assert done == [[rows[2].pk, rows[3].pk], [rows[4].pk]]
    run.refresh_from_db()
    assert (run.state, run.done, run.total, run.counts) == ("succeeded", 5, 5, {"supplies": 5})


def test_each_change_of_a_number_gets_a_run_of_its_own() -> None:
    assert project_all_later() is None, "there are no supplies"
    make_supply()
    days = Parameter.objects.get(code="remind_days")
    first = project_all_later(changed=days)
    days.version += 1
    second = project_all_later(changed=days)
    assert project_all_later(changed=days) == second != first


def stored() -> list[list[tuple[object, ...]]]:
    milestones = Milestone.objects.order_by("supply", "track", "known_from", "due_on", "event")
    shares = Share.objects.order_by("instalment", "on", "event", "amount")
    return [
        list(LandSupply.objects.order_by("pk").values_list(*PROJECTED)),
        list(Instalment.objects.order_by("pk").values_list(*OF_INSTALMENT)),
        list(milestones.values_list("supply", "track", "due_on", "known_from", "until", "visited_on")),
        list(shares.values_list("instalment", "on", "amount", "surplus")),
    ]


def test_what_follows_may_be_thrown_away_and_written_again() -> None:
    row = make_supply(
        signed_on=day("2026-01-05"),
        deposit=Decimal(100_000),
        instalments=[(1, day("2026-03-01"), MILLION), (2, day("2026-12-01"), MILLION)],
        agreed_start_on=day("2026-06-01"),
    )
    happen(row, "payment", day("2026-03-20"), amount=Decimal(1_200_000))
    happen(row, "demand", day("2026-03-10"), seq=1)
    happen(row, "extension_approved", day("2026-05-20"), new_due_on=day("2026-12-31"))
    before = stored()
    assert len(before[2]) == 2
    assert [amount for _, _, amount, _ in before[3]] == [100_000, 900_000, 300_000]
    project_everything()
    assert stored() == before


def test_a_correction_is_projected() -> None:
    row = make_supply(instalments=[(1, day("2026-12-01"), MILLION)])
    wrong = happen(row, "payment", day("2026-11-01"), amount=MILLION)
    one = Instalment.objects.get()
    assert one.settled_on == day("2026-11-01")
    right = correct_event(
        event=wrong, changes={"amount": Decimal(10)}, reason="多打了零", actor=None, today=TODAY
    )
    one.refresh_from_db()
    assert one.settled_on is None
    withdraw_event(event=right, reason="是别的宗地的", actor=None, today=TODAY)
    assert not Share.objects.exists()


def test_another_number_of_the_regime_moves_what_hangs_on_it() -> None:
    make_supply(
        instalments=[(1, day("2026-12-01"), MILLION)],
        agreed_start_on=day("2026-12-01"),
        agreed_completion_on=day("2028-12-01"),
    )
    on = day("2026-10-25")
    assert due(on) == []
    Parameter.objects.filter(code="remind_days").update(number=40)
    project_everything()
    assert [one.matter.code for one in due(on)] == ["payment_reminder", "start_reminder", "visit_due"]
    compare_states(on)


def test_a_thousand_supplies_are_projected_in_as_many_queries_as_ten() -> None:
    one = happened(rules.Kind.PAYMENT, "2024-03-01", amount=1000)
    counts = []
    for number in (10, 40):
        rows = write([supply(one, instalments=[instalment(1, "2024-03-01")])] * number)
        with CaptureQueriesContext(connection) as queries:
            project([row.pk for row in rows])
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_date_at_the_end_of_the_calendar_is_projected() -> None:
    row = make_supply(instalments=[(1, day("9999-12-31"), MILLION)], agreed_completion_on=day("9999-12-31"))
    happen(row, "handover", TODAY)
    compare_states(TODAY)


# --- The calendar ------------------------------------------------------------------------------------------

CALENDAR = [
    ["日期", "安排", "名称", "依据", "公布日期"],
    ["2026-12-01", "休", "抗洪", "县政府通知", "2026-11-20"],
]
HOLIDAY = Proposal([DayChange(day("2026-12-01"), False, "抗洪")], "县政府通知")


def rolled() -> list[date | None]:
    return list(Instalment.objects.order_by("supply", "seq").values_list("effective_due_on", flat=True))


def test_a_changed_calendar_moves_the_days_of_payment() -> None:
    make_supply(
        instalments=[(1, day("2026-12-01"), MILLION), (2, day("2026-12-05"), MILLION)],
        agreed_start_on=day("2026-12-01"),
    )
    assert rolled() == [day("2026-12-01"), day("2026-12-07")], "a Saturday rolls to Monday"
    assert moving_instalments(proposed_calendar(HOLIDAY)) == 1
    change_calendar(proposal=HOLIDAY, actor=None)
    assert rolled() == [day("2026-12-02"), day("2026-12-07")]
    assert moving_instalments(current_calendar()) == 0
    assert Instalment.objects.get(seq=1).terminable_from == day("2027-02-01")
    assert Milestone.objects.get(track="start").due_on == day("2026-12-01"), "start never rolls"


def test_a_moved_holiday_repeats_no_notice() -> None:
    make_supply(
        instalments=[(1, day("2026-12-01"), MILLION)],
        agreed_start_on=day("2028-01-01"),
        agreed_completion_on=day("2029-01-01"),
    )
    assert sweep(today=day("2026-12-01")).created["payment_reminder"] == 1
    assert sweep(today=day("2026-12-02")).created["payment_demand"] == 1
    change_calendar(proposal=HOLIDAY, actor=None)
    again = sweep(today=day("2026-12-02"))
    assert (sum(again.created.values()), again.already) == (0, 1), "it is a reminder's day again"
    assert Notice.objects.open().count() == 0, "nobody is asked to demand what is not late"
    later = sweep(today=day("2026-12-03"))
    assert (sum(later.created.values()), later.already) == (0, 1)
    assert Notice.objects.open().get().kind_id == "payment_demand", "now it is late again"


def test_what_was_paid_late_and_what_has_ended_stays_as_it_was() -> None:
    due_on = day("2026-11-20")
    paid = make_supply(instalments=[(1, due_on, MILLION)])
    happen(paid, "payment", day("2026-11-23"), amount=MILLION)
    ended = make_supply(instalments=[(1, due_on, MILLION)])
    happen(ended, "termination", day("2026-11-23"))
    early = make_supply(instalments=[(1, due_on, MILLION)])
    happen(early, "payment", day("2026-11-02"), amount=MILLION)
    change_calendar(proposal=Proposal([DayChange(due_on, False, "抗洪")], "县政府通知"), actor=None)
    assert rolled() == [due_on, due_on, day("2026-11-23")]


@pytest.mark.usefixtures("read_here")
def test_an_imported_calendar_moves_the_days_of_payment_too() -> None:
    make_supply(instalments=[(1, day("2026-12-01"), MILLION)])
    report = only(bring_file(files.xlsx(CALENDAR), "日历.xlsx", "calendar"))
    assert not report.errors
    assert rolled() == [day("2026-12-02")]
    assert "1 期价款顺延后的应缴日期随之调整。" in report.consequences


def test_recomputing_an_unchanged_calendar_moves_nothing() -> None:
    make_supply(instalments=[(1, day("2026-12-01"), MILLION), (2, None, MILLION)])
    assert recompute_calendar() == 0
