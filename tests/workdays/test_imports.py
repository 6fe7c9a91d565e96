"""The yearly calendar as a table."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.base import File
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from landbureau.audit.models import Entry
from landbureau.imports.errors import ImportRefused, Wrong
from landbureau.imports.report import SheetReport
from landbureau.imports.services import begin, confirm
from landbureau.imports.targets import Row
from landbureau.imports.workbooks import write_table
from landbureau.workdays import selectors
from landbureau.workdays.imports import CalendarDays, Weekday
from landbureau.workdays.models import CalendarChange, CalendarDay
from tests.accounts.factories import TODAY
from tests.accounts.sheets import answers, bring_file, errors, only, question
from tests.factories import UserFactory, allow
from tests.imports import files
from tests.workdays.factories import day, import_notice, make_deadline, set_day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]

HEAD = ["日期", "安排", "名称", "依据", "公布日期"]
NOTICE = ("国办发明电〔2026〕99号", "2026-11-30")


def bring(*rows: Sequence[Any], head: Sequence[str] = HEAD, **options: Any) -> SheetReport:
    return only(bring_file(files.xlsx([head, *rows]), "日历.xlsx", "calendar", **options))


def counts(sheet: SheetReport) -> tuple[int, int, int]:
    assert not sheet.errors, sheet.errors
    return sheet.created, sheet.updated, sheet.unchanged


def whole_year() -> list[list[str]]:
    """The shortest list that looks like a year's: invented, the real notice of 2027 is not out."""
    return [
        ["2027-01-01", "休", "元旦", *NOTICE],
        ["2027.9.26", "班", "国庆节", *NOTICE],
        ["2027年10月1日（星期五）", "放假", "国庆节", *NOTICE],
    ]


# --- What comes in -----------------------------------------------------------------------------------------


def test_a_year_comes_in_as_one_change_of_the_calendar() -> None:
    admin = allow(UserFactory.create(), "update_calendar")

    sheet = bring(*whole_year(), actor=admin, accept=True)

    assert counts(sheet) == (3, 0, 0)
    change = CalendarChange.objects.get()
    assert (change.source, change.announced_on) == (NOTICE[0], day(NOTICE[1]))
    assert (change.complete_year, change.made_by, len(change.days)) == (2027, admin, 3)
    assert list(CalendarDay.objects.values_list("date", "is_workday", "name")) == [
        (day("2027-01-01"), False, "元旦"),
        (day("2027-09-26"), True, "国庆节"),
        (day("2027-10-01"), False, "国庆节"),
    ]
    entry = Entry.objects.get(action=Entry.Action.BULK, object_repr__startswith="修改工作日历")
    assert (entry.object_id, entry.actor) == (change.pk, admin)


def test_a_year_is_complete_only_if_that_is_answered() -> None:
    asked = question(bring(*whole_year()))
    assert (asked.code, asked.proposal) == ("complete_year", "是")

    bring(*whole_year(), choices=answers((asked, "否")))

    assert selectors.current_calendar().day(day("2027-03-10")).provisional
    assert not selectors.current_calendar().day(day("2027-10-01")).provisional
    assert errors(bring(["2027-02-08", "休", "春节", *NOTICE], choices=answers())) == []


def test_some_days_are_proposed_as_a_part_of_the_year() -> None:
    asked = question(bring(["2027-02-08", "休", "春节", *NOTICE]))

    assert (asked.row, asked.code, asked.proposal) == (2, "complete_year", "否")
    sheet = bring(["2027-02-08", "休", "春节", *NOTICE], choices=answers((asked, "也许")))
    assert errors(sheet) == [(2, "日期", "complete_year")]


def test_a_year_that_is_announced_is_not_asked_about() -> None:
    assert counts(bring(["2026-10-01", "上班", "抢险", "县政府通知", None])) == (1, 0, 0)
    import_notice()

    assert counts(bring(["2027-03-10", "休息", "", "县政府通知", None])) == (1, 0, 0)


def test_sources_and_years_are_changes_of_their_own() -> None:
    bring(
        ["2026-12-30", "休", "", "县政府通知", None],
        ["2027-01-01", "休", "元旦", *NOTICE],
        ["2027-01-02", "休", "元旦", *NOTICE],
        ["2027-01-04", "班", "抢险", "县政府通知", None],
        accept=True,
    )

    changes = CalendarChange.objects.order_by("revision").values_list("source", "complete_year")
    assert list(changes) == [(NOTICE[0], None), ("县政府通知", None), ("县政府通知", None)]


def test_the_source_with_the_most_days_makes_the_year_complete() -> None:
    bring(["2027-10-08", "班", "抢险", "县政府通知", None], *whole_year(), accept=True)

    assert CalendarChange.objects.get(complete_year=2027).source == NOTICE[0]


def test_days_without_a_source_are_asked_about_once() -> None:
    rows = [["2026-12-30", "休"], ["2026-12-31", "休"]]
    asked = question(bring(*rows, head=["日期", "是否上班"]))
    assert (asked.code, asked.proposal) == ("source", "本单位导入的日历")
    assert asked.message == "有 2 天没有写依据，以什么为依据？如通知的标题和文号。"

    bring(*rows, head=["日期", "是否上班"], choices=answers((asked, "县政府通知")))

    assert set(CalendarDay.objects.values_list("source", flat=True)) == {"县政府通知"}
    day, head = ["2026-12-29", "休"], ["日期", "是否上班"]
    blank = bring(day, head=head, choices=answers((question(bring(day, head=head)), " ")))
    assert errors(blank) == [(2, "依据", "source")]


def test_the_days_of_the_week_must_agree() -> None:
    head = ["日期", "星期", "安排", "依据"]
    sheet = bring(
        ["2026-12-28", "星期一", "休", "通知"],
        ["2026-12-29", "周 三", "休", "通知"],
        ["2026-12-30", date(2026, 12, 30), "休", "通知"],
        ["2026-12-31", "Thursday", "休", "通知"],
        ["2027-01-03", "礼拜天", "休", "通知"],
        head=head,
    )

    assert errors(sheet) == [(3, "日期", "weekday"), (5, "星期", "bad_weekday")]
    assert sheet.errors[0].message == "2026-12-29 是星期二，表中是星期三，请核对日期。"
    assert not CalendarDay.objects.exists()


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (["2026-2-30", "休", "", "通知", ""], [(2, "日期", "no_such_day")]),
        (["2026-12-30", "值班", "", "通知", ""], [(2, "安排", "unknown_choice")]),
        (["2026-12-30", "", "", "通知", ""], [(2, "安排", "required")]),
        (["2026-12-30", "休", "节" * 41, "通知", ""], [(2, "名称", "too_long")]),
    ],
)
def test_what_cannot_be_right_is_an_error(row: list[str], found: list[tuple[int, str, str]]) -> None:
    assert errors(bring(row)) == found


# --- What is there already ---------------------------------------------------------------------------------


def test_a_day_that_only_the_library_knows_is_new() -> None:
    """The bureau's own row wins over every later source: it is a decision, not a repetition."""
    assert counts(bring(["2026-10-01", "休", "国庆节", *NOTICE])) == (1, 0, 0)
    assert counts(bring(["2026-10-01", "休", "国庆节", *NOTICE])) == (0, 0, 1)
    assert CalendarChange.objects.count() == 1


def test_a_day_that_is_said_otherwise_is_shown_old_and_new() -> None:
    set_day("2026-10-01", False, "国庆节")

    sheet = bring(["2026-10-01", "班", "抢险", "县政府通知", None], dry_run=True)

    assert sheet.changes == [(2, "安排", "休息", "上班"), (2, "名称", "国庆节", "抢险")]


def test_name_and_source_stay_where_the_file_says_nothing_of_them() -> None:
    import_notice()
    kept = CalendarDay.objects.get(date="2027-02-08")

    assert counts(bring(["2027-02-08", "休"], head=["日期", "安排"])) == (0, 0, 1)
    assert counts(bring(["2027-02-08", "休", "除夕"], head=["日期", "安排", "名称"])) == (0, 1, 0)

    changed = CalendarDay.objects.get(date="2027-02-08")
    assert (changed.name, changed.source, changed.announced_on) == (
        "除夕", kept.source, kept.announced_on,
    )  # fmt: skip


def test_only_days_of_the_years_of_the_file_are_missing() -> None:
    set_day("2025-10-01", False, "国庆节")
    set_day("2026-10-01", False, "国庆节")

    sheet = bring(["2026-10-02", "休", "", "县政府通知", None])

    assert sheet.missing_names == ["2026-10-01　国庆节"]


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_the_exported_calendar_imports_unchanged(extension: str) -> None:
    import_notice()
    set_day("2026-10-01", True)
    file = io.BytesIO()
    count = write_table(file, CalendarDays(actor=None, today=TODAY), extension)

    sheet = only(bring_file(file.getvalue(), f"日历.{extension}", "calendar"))

    assert counts(sheet) == (0, 0, count)
    assert (count, sheet.missing, sheet.findings) == (22, 0, [])
    assert CalendarChange.objects.count() == 2


# --- What hangs on it --------------------------------------------------------------------------------------


def test_the_time_limits_that_would_move_are_told_and_then_move() -> None:
    moving = make_deadline(title="复核", event_on=day("2026-12-01"))  # ends on 16 December
    make_deadline(title="告知的", event_on=day("2026-12-01"), told_on=day("2026-12-02"))
    make_deadline(title="以后的", event_on=day("2026-12-20"))
    row = [str(moving.due_on), "休", "", "县政府通知", None]

    sheet = bring(row, dry_run=True)
    assert sheet.consequences == [
        "1 项未办结期限的到期日随之调整。",
        "1 项期限的到期日已告知当事人，保持不变。",
    ]
    moving.refresh_from_db()
    assert moving.due_on == day("2026-12-16")

    bring(row)
    moving.refresh_from_db()
    assert moving.due_on == day("2026-12-17")
    assert moving.changes.get().reason == "日历调整：县政府通知"


def test_a_complete_year_is_told_among_the_consequences() -> None:
    sheet = bring(*whole_year(), dry_run=True, accept=True)

    assert sheet.consequences == ["2027 年其余日期不再暂定。"]


def test_a_calendar_that_somebody_changed_meanwhile_is_not_overwritten() -> None:
    target = CalendarDays(actor=None, today=TODAY)
    target.writes = True
    target.prepare()
    set_day("2026-12-31", False)
    values = {"date": day("2026-12-30"), "is_workday": False, "name": "", "source": "县政府通知"}

    with pytest.raises(ImportRefused, match="日历已被他人修改"):
        target.write([Row(2, {**values, "announced_on": None}, findings=None)], [])  # type: ignore[arg-type]

    assert not CalendarDay.objects.filter(date="2026-12-30").exists()


def test_the_calendar_is_brought_by_who_may_change_it() -> None:
    assert CalendarDays.allows(allow(UserFactory.create(), "update_calendar"))
    assert not CalendarDays.allows(allow(UserFactory.create(), "view_calendar", "update_config"))


def test_queries_do_not_grow_with_the_days() -> None:
    def cost(month: int, days: int) -> int:
        rows = [[f"2026-{month:02}-{n:02}", "休", "", "县政府通知", None] for n in range(1, days + 1)]
        with CaptureQueriesContext(connection) as queries:
            assert bring(*rows).created == days
        return len(queries)

    cost(1, 1)  # what is asked once in a process
    assert cost(2, 2) == cost(3, 31)


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.sampled_from(["周", "星期", "礼拜", ""]))
def test_a_weekday_is_read_however_it_is_written(on: date, word: str) -> None:
    kind = Weekday()
    name = kind.show(on.weekday()).removeprefix("星期")

    assert kind.parse(word + name) == kind.parse(on) == kind.parse(kind.export(on.weekday())) == on.weekday()
    with pytest.raises(Wrong):
        kind.parse(f"{word}{name}{name}")


@pytest.mark.parametrize("sheets", [1, 2])
def test_what_would_move_is_the_same_when_it_is_confirmed(sheets: int) -> None:
    """What a person confirms covers the consequences: they are told as they were before the writing."""
    admin = allow(UserFactory.create(), "update_calendar")
    moving = make_deadline(title="复核", event_on=day("2026-12-01"))  # ends on 16 December
    days = [moving.due_on, moving.due_on + timedelta(days=1)][:sheets]
    book = {f"表{on}": [HEAD, [str(on), "休", "", "县政府通知", None]] for on in days}
    session = begin(file=File(io.BytesIO(files.xlsx(book)), "日历.xlsx"), kind="", actor=admin, today=TODAY)

    confirm(session=session, seen=session.digest, today=TODAY)

    moving.refresh_from_db()
    assert moving.due_on == days[-1] + timedelta(days=1)
    report = session.get_report()
    assert report
    assert [told for sheet in report.sheets for told in sheet.consequences] == [
        "1 项未办结期限的到期日随之调整。"
    ]
