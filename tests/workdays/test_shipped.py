"""What is delivered is loaded after migrate, and what the bureau changed stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from landbureau.audit.models import Entry
from landbureau.workdays import shipped
from landbureau.workdays.models import FixedHoliday, TimeLimit

pytestmark = pytest.mark.django_db

HEAD = "code,group,title,event,number,unit,rolls,backwards,source,mark,note\n"
ROW = "fine_payment,处罚决定,缴纳罚款,收到处罚决定书,{number},days,1,0,{source},v,\n"


def deliver(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "time_limits.csv"
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return path


def test_after_migrate_alone_the_limits_and_holidays_are_there() -> None:
    assert TimeLimit.objects.get(code="audit_retention").span == "6个月"
    assert [(h.month, h.day) for h in FixedHoliday.objects.all()] == [
        (1, 1),
        (5, 1),
        (5, 2),
        (10, 1),
        (10, 2),
        (10, 3),
    ]


def test_loading_again_changes_nothing() -> None:
    before = list(TimeLimit.objects.values())
    assert shipped.load_time_limits() == (0, 0)
    assert shipped.load_holidays() == 0
    assert list(TimeLimit.objects.values()) == before


def test_a_row_of_a_new_delivery_is_added(tmp_path: Path) -> None:
    TimeLimit.objects.filter(code="fine_payment").delete()
    assert shipped.load_time_limits(deliver(tmp_path, ROW.format(number=15, source="行政处罚法"))) == (1, 0)
    limit = TimeLimit.objects.get(code="fine_payment")
    assert (limit.number, limit.rolls, limit.is_changed) == (15, True, False)


def test_what_a_new_delivery_adds_or_changes_is_in_the_audit_record(tmp_path: Path) -> None:
    added = ROW.format(number=3, source="新法").replace("fine_payment", "brand_new")
    shipped.load_time_limits(deliver(tmp_path, ROW.format(number=20, source="新法"), added))
    said = Entry.objects.filter(content_type__model="timelimit").order_by("pk")
    assert [entry.action for entry in said] == [Entry.Action.CREATE, Entry.Action.UPDATE]
    assert said[1].changes["number"] == [15, 20]


def test_an_untouched_row_follows_a_new_delivery(tmp_path: Path) -> None:
    shipped.load_time_limits(deliver(tmp_path, ROW.format(number=20, source="新法")))
    limit = TimeLimit.objects.get(code="fine_payment")
    assert (limit.number, limit.source, limit.is_changed) == (20, "新法", False)


def test_the_bureaus_own_values_stay_and_the_delivered_ones_are_shown(tmp_path: Path) -> None:
    TimeLimit.objects.filter(code="fine_payment").update(number=10, note="本单位已核对")
    shipped.load_time_limits(deliver(tmp_path, ROW.format(number=20, source="新法")))
    limit = TimeLimit.objects.get(code="fine_payment")
    assert (limit.number, limit.source, limit.note) == (10, "新法", "本单位已核对")
    assert limit.is_changed
    assert limit.shipped_span == "20日，末日顺延"


def test_a_fixed_holiday_that_the_bureau_moved_is_not_put_back_in_place() -> None:
    FixedHoliday.objects.filter(month=5, day=2).update(name="本单位改名")
    assert shipped.load_holidays() == 0
    assert FixedHoliday.objects.get(month=5, day=2).name == "本单位改名"
    assert FixedHoliday.objects.get(month=5, day=2).valid_from == date(2025, 1, 1)
