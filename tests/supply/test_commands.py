"""``sweep`` and ``supplies``: for scripts and people."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings

from landbureau.jobs.models import JobRun
from supervision.supply.management.commands import supplies as command
from supervision.supply.management.commands.supplies import in_json, states_of
from supervision.supply.models import LandSupply, Notice, Sweep
from supervision.supply.rules import Facts, view_of
from supervision.supply.services import jobs
from tests.factories import SectionFactory, TownshipFactory
from tests.supply.factories import TODAY, happen, make_land_user, make_supply
from tests.supply.oracle import Oracle
from tests.supply.strategies import TERMS, looks
from tests.supply.test_states import day, supply
from tests.supply.written import write

pytestmark = pytest.mark.django_db
MILLION = Decimal(1_000_000)
KINDS = {
    "payment_reminder",
    "payment_demand",
    "start_reminder",
    "start_recheck",
    "completion_reminder",
    "completion_recheck",
    "visit_due",
    "idle_suspected",
    "data_gap",
}
NOT_IDLE = {
    "state": "NONE",
    "type": None,
    "since": None,
    "cause": None,
    "fee": None,
    "take_back_from": None,
}


def answer(capsys: pytest.CaptureFixture[str], name: str, *arguments: str) -> Any:
    call_command(name, *arguments, "--format", "json")
    return json.loads(capsys.readouterr().out)


def said(capsys: pytest.CaptureFixture[str], name: str, *arguments: str) -> str:
    call_command(name, *arguments)
    return capsys.readouterr().out


@pytest.fixture
def full() -> LandSupply:
    """A supply of which everything is known."""
    row = make_supply(
        supervision_number="1305302026B00001",
        land_user=make_land_user("新河县演示纺织有限公司"),
        township=TownshipFactory(name="演示镇"),
        signed_on=day("2026-01-05"),
        price=Decimal(1_500_000),
        instalments=[(1, day("2026-02-05"), 500_000), (2, day("2026-12-05"), MILLION)],
        agreed_handover_on=day("2026-01-20"),
        agreed_start_on=day("2026-11-13"),
        agreed_completion_on=day("2028-11-20"),
        start_rate=Decimal("0.5"),
    )
    happen(row, "payment", day("2026-02-25"), amount=Decimal(500_000))
    happen(row, "handover", day("2026-01-25"))
    return row


# --- supplies ----------------------------------------------------------------------------------------------


def test_a_supply_as_json(full: LandSupply, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "supplies", "--date", "2026-11-23") == [
        {
            "number": "1305302026B00001",
            "land_user": "新河县演示纺织有限公司",
            "township": "演示镇",
            "closed_on": None,
            "payment": [
                {
                    "seq": 1,
                    "due_on": "2026-02-05",
                    "effective_due_on": "2026-02-05",
                    "state": "PAID",
                    "amount": "500000.00",
                    "balance": "0.00",
                    "days_late": 20,
                    "damages": "10000.00",
                },
                {
                    "seq": 2,
                    "due_on": "2026-12-05",
                    "effective_due_on": "2026-12-07",
                    "state": "REMINDER",
                    "amount": "1000000.00",
                    "balance": "1000000.00",
                    "days_late": 0,
                    "damages": "0.00",
                },
            ],
            "handover": {"agreed_on": "2026-01-20", "actual_on": "2026-01-25", "state": "HANDED_OVER"},
            "start": {
                "due_on": "2026-11-13",
                "state": "START_RECHECK",
                "days_late": 10,
                "damages": "7500.00",
            },
            "completion": {"due_on": "2028-11-20", "state": "WAITING", "days_late": 0, "damages": None},
            "idle": NOT_IDLE,
        }
    ]


def test_what_is_unknown_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    make_supply(supervision_number="", contract_number="新土划〔2026〕1号", method="allocation")
    [row] = answer(capsys, "supplies")
    assert (row["number"], row["township"], row["payment"]) == ("新土划〔2026〕1号", None, [])
    assert row["start"] == {"due_on": None, "state": "WAITING", "days_late": None, "damages": None}


def test_the_default_is_today(full: LandSupply, capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel("2026-11-13T09:00:00+08:00", tick=False):
        [row] = answer(capsys, "supplies")
    assert row["start"]["state"] == "START_REMINDER"


def test_a_supply_is_listed_from_its_signing_and_without_one_always(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_supply(supervision_number="B", signed_on=day("2026-05-01"))
    make_supply(supervision_number="A")
    listed = {
        on: [row["number"] for row in answer(capsys, "supplies", "--date", on)]
        for on in ("2026-04-30", "2026-05-01")
    }
    assert listed == {"2026-04-30": ["A"], "2026-05-01": ["A", "B"]}


def test_the_order_is_that_of_the_numbers_on_every_database(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = ["b1", "B10", "B9", "新土让〔2025〕2号", "1305", "新土让〔2025〕10号"]
    for number in numbers:
        make_supply(supervision_number=number)
    assert [row["number"] for row in answer(capsys, "supplies")] == sorted(numbers)


def test_a_supply_that_ended_is_shown_as_of_that_day(
    full: LandSupply, capsys: pytest.CaptureFixture[str]
) -> None:
    happen(full, "termination", day("2026-11-14"))
    [row] = answer(capsys, "supplies", "--date", "2027-06-01")
    assert row["closed_on"] == "2026-11-14"
    assert (row["start"]["state"], row["start"]["days_late"]) == ("START_RECHECK", 1)
    assert answer(capsys, "supplies", "--date", "2026-11-13")[0]["closed_on"] is None


def test_one_supply_by_its_number(full: LandSupply, capsys: pytest.CaptureFixture[str]) -> None:
    make_supply()
    [row] = answer(capsys, "supplies", "--number", "1305302026B00001")
    assert row["number"] == "1305302026B00001"
    assert answer(capsys, "supplies", "--number", "1305302026B00001", "--date", "2025-01-01") == []


def test_an_unknown_number_is_refused_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="没有编号为“X1”的供地") as refused:
        call_command("supplies", "--number", "X1", "--format", "json")
    assert refused.value.returncode == 1
    assert json.loads(capsys.readouterr().out) == {"error": "没有编号为“X1”的供地。"}


@pytest.mark.parametrize("name", ["supplies", "sweep"])
def test_what_is_no_date_is_wrong_usage(name: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command(name, "--date", "2026-02-30")
    assert refused.value.returncode == 2


def test_the_same_for_people(full: LandSupply, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "supplies", "--date", "2026-11-23")
    assert text.splitlines() == [
        "1305302026B00001　新河县演示纺织有限公司　演示镇",
        "　　第1期 500000.00 元，未缴 0.00 元　约定 2026-02-05　已缴清　迟 20 天　违约金 10000.00 元",
        "　　第2期 1000000.00 元，未缴 1000000.00 元　约定 2026-12-07　提醒期",
        "　　交地　约定 2026-01-20　待挂公示牌",
        "　　开工　约定 2026-11-13　待复核　迟 10 天　违约金 7500.00 元",
        "　　竣工　约定 2028-11-20　未到期",
        "共 1 宗。",
    ]


def test_the_queries_are_those_of_a_chunk(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "CHUNK", 20)
    section = SectionFactory()
    counts = []
    for _ in range(3):
        write([supply()] * 20, section)
        with CaptureQueriesContext(connection) as queries:
            answer(capsys, "supplies")
        counts.append(len(queries))
    assert counts == [2 + 3, 2 + 3 * 2, 2 + 3 * 3]


@settings(max_examples=60, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(looks())
def test_the_json_says_what_the_contract_says(look: tuple[Facts, date]) -> None:
    facts, on = look
    shown = in_json(states_of(view_of(facts, on, TERMS)))
    expected = json.loads(json.dumps(Oracle(facts, TERMS).states(on), default=_text))
    assert json.loads(json.dumps(shown, default=str)) == expected | {"idle": NOT_IDLE}


def _text(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, Decimal) else value.isoformat()


# --- sweep -------------------------------------------------------------------------------------------------


def test_a_sweep_as_json(full: LandSupply, capsys: pytest.CaptureFixture[str]) -> None:
    first = answer(capsys, "sweep", "--date", "2026-11-23")
    assert set(first) == {"date", "created", "already", "excluded", "seconds"}
    assert first["date"] == "2026-11-23"
    assert set(first["created"]) == KINDS
    told = {kind: n for kind, n in first["created"].items() if n}
    assert told == {"payment_reminder": 1, "start_recheck": 1}
    assert (first["already"], first["excluded"]) == (0, 0)
    second = answer(capsys, "sweep", "--date", "2026-11-23")
    assert second["created"] == dict.fromkeys(KINDS, 0)
    assert second["already"] == 2


def test_the_default_of_a_sweep_is_today(capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel("2026-11-22T22:00:00Z", tick=False):  # six in the morning in Shanghai
        assert answer(capsys, "sweep")["date"] == "2026-11-23"
    assert Sweep.objects.get().on == TODAY


def test_a_sweep_for_people(full: LandSupply, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "sweep", "--date", "2026-11-23")
    assert text.startswith("2026-11-23 扫描完成，用时 ")
    assert "新增：出让金缴纳提醒 1 项，开工复核 1 项。已有 0 项，未处理 0 项。" in text
    assert "新增：无。已有 2 项" in said(capsys, "sweep", "--date", "2026-11-23")


def test_both_work_on_an_empty_database(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "supplies") == []
    assert said(capsys, "supplies") == "共 0 宗。\n"
    assert answer(capsys, "sweep")["created"] == dict.fromkeys(KINDS, 0)
    assert not Notice.objects.exists()


def test_a_sweep_from_the_command_line_does_what_the_nightly_job_does(full: LandSupply) -> None:
    call_command("sweep", "--date", "2026-11-23")
    assert JobRun.objects.get().kind == "draft_notices"


def test_a_sweep_that_looks_ahead_registers_no_service_ahead_of_its_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[date] = []
    monkeypatch.setattr(jobs, "catch_up", lambda today: asked.append(today) or 0)
    with time_machine.travel("2026-11-23T02:00:00Z", tick=False):
        call_command("sweep", "--date", "2027-11-23")
        call_command("sweep", "--date", "2026-01-05")
    assert asked == [TODAY, date(2026, 1, 5)]


@pytest.mark.parametrize("name", ["sweep", "supplies", "indicators"])
@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31"])
def test_days_beyond_all_contracts_are_wrong_usage(full: LandSupply, name: str, on: str) -> None:
    with pytest.raises(CommandError, match="应在 1900 年到 2199 年之间") as refused:
        call_command(name, "--date", on)
    assert refused.value.returncode == 2


@pytest.mark.parametrize("name", ["sweep", "supplies", "indicators"])
@pytest.mark.parametrize("on", ["1900-01-01", "2199-12-31"])
def test_the_first_and_the_last_day_that_may_be_asked_about_have_an_answer(
    full: LandSupply, capsys: pytest.CaptureFixture[str], name: str, on: str
) -> None:
    supply = make_supply(
        signed_on=None,
        agreed_start_on=date(9999, 12, 31),
        agreed_completion_on=date(1, 1, 1),
        instalments=[(1, date(1, 1, 1), MILLION), (2, date(9999, 12, 31), MILLION)],
    )
    assert supply.pk
    answer(capsys, name, "--date", on)
