"""``archive_audit``: not before the time of retention is over."""

from __future__ import annotations

import json
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command

from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.home.management.commands.archive_audit import removable_from
from landbureau.workdays.models import TimeLimit

SHANGHAI = ZoneInfo("Asia/Shanghai")


def run(day: date, *args: str) -> str:
    out = StringIO()
    with time_machine.travel(datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI), tick=False):
        call_command("archive_audit", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def row_of_april() -> None:
    with time_machine.travel(datetime(2026, 4, 30, 23, 0, tzinfo=SHANGHAI), tick=False):
        record(Entry.Action.BULK, actor=None, text="四月")


@pytest.mark.django_db(transaction=True)
def test_the_day_before_it_is_refused_with_the_day(row_of_april: None, tmp_path: Path) -> None:
    """A row of 30 April is kept to 30 October."""
    with pytest.raises(CommandError, match="2026-10-31 起才能归档") as refusal:
        run(date(2026, 10, 30), "--before", "2026-05-01", "--out", str(tmp_path / "old.jsonl"))
    assert refusal.value.returncode == 1
    assert Entry.objects.filter(object_repr="四月").exists()
    assert not list(tmp_path.iterdir())


@pytest.mark.django_db(transaction=True)
def test_on_the_day_it_is_done(row_of_april: None, tmp_path: Path) -> None:
    out = tmp_path / "old.jsonl.gz"
    answer = json.loads(
        run(date(2026, 10, 31), "--before", "2026-05-01", "--out", str(out), "--format", "json")
    )
    assert answer["count"] == 1
    assert answer["path"] == str(out)
    assert answer["from"].startswith("2026-04-30")
    assert not Entry.objects.filter(object_repr="四月").exists()


@pytest.mark.django_db(transaction=True)
def test_it_is_said_in_chinese(row_of_april: None, tmp_path: Path) -> None:
    told = run(date(2026, 10, 31), "--before", "2026-05-01", "--out", str(tmp_path / "old.jsonl"))
    assert "1 条审计记录" in told


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("number", "unit", "day"),
    [(12, "months", date(2027, 5, 1)), (3, "months", date(2026, 10, 31)), (2, "years", date(2028, 5, 1))],
)
def test_the_bureau_may_keep_longer_but_not_shorter(number: int, unit: str, day: date) -> None:
    TimeLimit.objects.filter(code="audit_retention").update(number=number, unit=unit)
    assert removable_from(date(2026, 5, 1)) == day
