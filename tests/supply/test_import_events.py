"""The sheet of events: what happened to supplies, and what cannot have happened."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from landbureau.accounts.models import Bureau
from landbureau.imports.choices import Choices
from supervision.supply.models import Event, LandSupply, Notice, Regime
from supervision.supply.selectors import facts_of
from supervision.supply.services import correct_event, sweep, withdraw_event
from tests.factories import UserFactory, allow
from tests.imports import files
from tests.supply.factories import TODAY, happen, make_supply
from tests.supply.sheets import (
    bring,
    counts,
    errors,
    exported,
    found,
    happenings,
    ledger,
    only,
    question,
    supply,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]

NUMBER = "1305302025B00001"
FULL = "电子监管号 事项 日期 环节 期次 金额 新约定日期 新约定竣工日期 原因 巡查结果 已开发面积 已投资额 备注"


@pytest.fixture(autouse=True)
def _supply() -> None:
    make_supply(
        supervision_number=NUMBER,
        contract_number="新土让〔2025〕1号",
        price=Decimal(100),
        signed_on=date(2025, 3, 3),
        agreed_start_on=date(2025, 10, 1),
        agreed_completion_on=date(2027, 10, 1),
        instalments=[(1, date(2025, 4, 1), Decimal(60)), (2, date(2025, 9, 1), Decimal(40))],
    )


def the_supply() -> LandSupply:
    row: LandSupply = LandSupply.objects.get(supervision_number=NUMBER)
    return row


def events(*rows: list[Any], head: str = "电子监管号 事项 日期 环节 期次 金额", **options: Any) -> Any:
    return bring(happenings(*rows, head=head), "事项.xlsx", **options)


def kinds() -> list[tuple[str, date]]:
    return list(Event.objects.in_force().order_by("on", "pk").values_list("kind", "on"))


def test_every_kind_of_the_contract_comes_in() -> None:
    rows = [
        [NUMBER, "缴款", "2025-03-20", None, 1, 60],
        [NUMBER, "退款", "2025-03-21", None, 1, 10],
        [NUMBER, "缴违约金", "2025-04-20", "缴款", None, 1.5],
        [NUMBER, "催缴送达", "2025-05-01", None, 2],
        [NUMBER, "交地", "2025-05-02"],
        [NUMBER, "公示牌", "2025-05-03"],
        [NUMBER, "巡查", "2025年10月2日", None, None, None, None, None, None, "未开工"],
        [NUMBER, "违约认定", "2025.10.3", "开工", None, None, None, None, "政府原因"],
        [NUMBER, "延期申请", "2025-10-04"],
        [NUMBER, "延期驳回", "2025-10-05"],
        [NUMBER, "延期申请", "2025-10-06"],
        [NUMBER, "延期批准", "2025-10-07", None, None, None, "2026-01-01", "2028-01-01", "前期准备"],
        [NUMBER, "开工", "2025-12-01"],
        [NUMBER, "停工", "2026-01-01", None, None, None, None, None, "不可抗力", None, 100, "12万元", "停"],
        [NUMBER, "复工", "2026-02-01"],
        [NUMBER, "转让变更", "2026-02-02", *[None] * 9, "部分转让给某公司"],
        [NUMBER, "竣工", "2026-03-01"],
        [NUMBER, "复核验收", "2026-04-01"],
    ]
    assert counts(events(*rows, head=FULL)) == (18, 0, 0)

    happened = {event.kind: event for event in Event.objects.all()}
    assert len(happened) == 17
    assert (happened["payment"].amount, happened["payment"].seq) == (Decimal(60), 1)
    assert (happened["damages"].track, happened["damages"].amount) == ("payment", Decimal("1.50"))
    assert (happened["visit"].finding, happened["determination"].cause) == ("not_started", "government")
    approved = happened["extension_approved"]
    assert (approved.new_due_on, approved.new_completion_on) == (date(2026, 1, 1), date(2028, 1, 1))
    assert (approved.cause, happened["transfer"].partial) == ("preparatory_work", True)
    stop = happened["stop"]
    assert (stop.developed_area, stop.invested, stop.remark) == (Decimal(100), Decimal(120_000), "停")
    row = the_supply()
    assert (row.started_on, row.completed_on, row.closed_on) == (
        date(2025, 12, 1),
        date(2026, 3, 1),
        date(2026, 4, 1),
    )
    assert row.instalments.get(seq=1).settled_on is None

    assert counts(events(*rows, head=FULL)) == (0, 0, 18)
    assert counts(bring(exported("events"))) == (0, 0, 18)


def test_events_of_a_day_keep_the_order_of_the_sheet() -> None:
    happening = [[NUMBER, word, "2025-10-02"] for word in ("开工", "停工", "复工")]
    assert counts(events(*happening)) == (3, 0, 0)
    assert [kind for kind, _ in kinds()] == ["start", "stop", "resume"]


def test_alike_events_are_counted() -> None:
    twice = [[NUMBER, "缴款", "2025-03-20", None, None, 10]] * 2
    assert counts(events(*twice)) == (2, 0, 0)
    assert counts(events(*twice)) == (0, 0, 2)
    assert counts(events(*twice, twice[0])) == (1, 0, 2)


def test_a_supply_is_found_by_its_contract_however_its_brackets_look() -> None:
    head = "合同编号 事项 日期 环节 期次 金额"
    assert counts(events(["新土让[2025] 1号", "交地", "2025-05-02"], head=head)) == (1, 0, 0)


def test_an_unknown_number_is_named() -> None:
    report = events(["1305302025B00002", "交地", "2025-05-02"], [None, "交地", "2025-05-02"])
    assert errors(report) == [(2, "电子监管号", "unknown_supply"), (3, "电子监管号", "required")]
    assert "1305302025B00002" in only(report).errors[0].message


def test_what_a_kind_needs_is_an_error_at_its_cell() -> None:
    report = events(
        [NUMBER, "缴款", "2025-03-20"],
        [NUMBER, "退款", "2025-03-20", None, None, 0],
        [NUMBER, "延期批准", "2025-03-20"],
        [NUMBER, "缴款", "2025-03-20", None, 3, 5],
        [NUMBER, "缴款", None, None, None, 5],
        [NUMBER, "搬迁", "2025-03-20"],
    )
    assert errors(report) == [
        (2, "金额", "required"),
        (3, "金额", "out_of_range"),
        (4, "新约定日期", "required"),
        (5, "期次", "unknown_instalment"),
        (6, "日期", "required"),
        (7, "事项", "unknown_choice"),
    ]
    assert not Event.objects.exists()


def test_a_day_ahead_is_asked_about() -> None:
    rows = [[NUMBER, "交地", "2027-01-01"]]
    assert question(events(*rows)).code == "future_date"
    assert counts(events(*rows, accept=True)) == (1, 0, 0)
    assert counts(events(*rows)) == (0, 0, 1)


def test_a_visit_that_found_the_completion_of_what_never_started_is_asked_about() -> None:
    head = "电子监管号 事项 日期 巡查结果"
    rows = [[NUMBER, "巡查", "2026-03-01", "已竣工"]]
    asked = question(events(*rows, head=head))
    assert (asked.code, asked.column) == ("completion_without_start", "巡查结果")
    assert counts(events(*rows, head=head, accept=True)) == (1, 0, 0)
    assert the_supply().completed_on == date(2026, 3, 1)
    assert counts(events(*rows, head=head)) == (0, 0, 1), "what has happened is not asked again"


def test_such_a_visit_after_a_start_is_not() -> None:
    head = "电子监管号 事项 日期 巡查结果"
    rows = [[NUMBER, "开工", "2025-12-01"], [NUMBER, "巡查", "2026-03-01", "已竣工"]]
    assert counts(events(*rows, head=head)) == (2, 0, 0)


def test_a_refund_of_more_than_had_come_is_asked_about() -> None:
    paid = [NUMBER, "缴款", "2025-03-20", None, None, 60]
    back = [NUMBER, "退款", "2025-03-20", None, None, 61]
    asked = question(events(paid, back))
    assert (asked.row, asked.code, asked.value) == (3, "refund_beyond_paid", "61")
    assert "已缴 60.00 元" in asked.message
    too_early = [NUMBER, "退款", "2025-03-19", None, None, 10]
    assert question(events(paid, too_early)).code == "refund_beyond_paid"
    assert counts(events(paid, back, accept=True)) == (2, 0, 0)


def test_a_refund_of_what_came_with_the_deposit_is_none() -> None:
    LandSupply.objects.update(deposit=Decimal(30))
    back = [NUMBER, "退款", "2025-03-20", None, None, 30]
    assert counts(events(back)) == (1, 0, 0)
    assert question(events(back, [NUMBER, "退款", "2025-03-21", None, None, 1])).code == "refund_beyond_paid"


def test_a_completion_without_a_start_is_asked_about() -> None:
    rows = [[NUMBER, "竣工", "2026-03-01"]]
    asked = question(events(*rows))
    assert (asked.code, asked.column) == ("completion_without_start", "事项")
    assert counts(events(*rows, accept=True)) == (1, 0, 0)
    row = the_supply()
    assert (row.started_on, row.completed_on) == (None, date(2026, 3, 1))

    assert counts(events(*rows)) == (0, 0, 1)


def test_a_visit_that_found_work_is_a_start() -> None:
    head = "电子监管号 事项 日期 巡查结果"
    report = events([NUMBER, "巡查", "2025-12-01", "在建"], [NUMBER, "竣工", "2026-03-01"], head=head)
    assert counts(report) == (2, 0, 0)
    assert the_supply().started_on == date(2025, 12, 1)


def test_a_start_after_the_completion_is_an_error() -> None:
    report = events([NUMBER, "竣工", "2026-03-01"], [NUMBER, "开工", "2026-03-02"])
    assert errors(report) == [(3, "日期", "start_after_completion")]
    happen(the_supply(), "start", date(2026, 3, 2))
    assert errors(events([NUMBER, "竣工", "2026-03-01"])) == [(2, "日期", "start_after_completion")]


def test_after_its_end_a_supply_has_only_money() -> None:
    report = events(
        [NUMBER, "解除合同", "2026-03-01"],
        [NUMBER, "退款", "2026-03-02", None, None, 5],
        [NUMBER, "巡查", "2026-03-02"],
        [NUMBER, "巡查", "2026-03-01"],
    )
    assert errors(report) == [(4, "日期", "after_the_end")]
    assert "第 2 行" in only(report).errors[0].message


def test_a_changed_detail_is_a_correction() -> None:
    head = "电子监管号 事项 日期 巡查结果 备注"
    events([NUMBER, "巡查", "2025-12-01", "未开工", "围挡"], head=head)
    report = events([NUMBER, "巡查", "2025-12-01", "在建", "围挡"], head=head)

    assert counts(report) == (0, 1, 0)
    assert only(report).changes == [(2, "巡查结果", "未开工", "在建")]
    new, old = Event.objects.get(in_force=True), Event.objects.get(in_force=False)
    assert (new.corrects, new.finding, old.finding) == (old, "under_way", "not_started")
    assert (new.remark, new.reason) == ("围挡", "台账导入")
    assert the_supply().started_on == date(2025, 12, 1)
    assert counts(events([NUMBER, "巡查", "2025-12-01", "在建", "围挡"], head=head)) == (0, 0, 1)
    assert counts(bring(exported("events"))) == (0, 0, 1)


def test_what_the_office_has_corrected_or_withdrawn_stays_so() -> None:
    rows = [[NUMBER, "缴款", "2025-03-20", None, None, 10], [NUMBER, "交地", "2025-05-02"]]
    events(*rows)
    paid, handed_over = Event.objects.order_by("on")
    correct_event(event=paid, changes={"amount": Decimal(12)}, reason="错", actor=None, today=TODAY)
    withdraw_event(event=handed_over, reason="错", actor=None, today=TODAY)

    report = events(*rows)
    assert counts(report) == (0, 0, 2)
    assert only(report).consequences == ["与系统中已更正或撤销的记录相同，保留系统中的：第 2、3 行。"]
    assert [event.amount for event in Event.objects.in_force()] == [Decimal(12)]


def test_days_before_the_contract_are_told() -> None:
    report = events([NUMBER, "交地", "2025-03-01"])
    assert only(report).consequences == ["日期早于合同签订日期，照原样登记：第 2 行。"]
    assert report.committed


def test_what_the_file_lacks_is_counted_for_the_supplies_that_it_names() -> None:
    events([NUMBER, "交地", "2025-05-02"], [NUMBER, "公示牌", "2025-05-03"])
    other = make_supply()
    happen(other, "handover", date(2025, 5, 2))
    sheet = only(events([NUMBER, "交地", "2025-05-02"]))
    assert (sheet.missing, sheet.missing_names) == (1, [f"{NUMBER}　公示牌　2025-05-03"])


def test_notices_that_events_settle_are_closed() -> None:
    sweep(today=date(2025, 3, 20))
    assert Notice.objects.open().filter(kind="payment_reminder").count() == 1
    events([NUMBER, "缴款", "2025-03-20", None, None, 60], today=date(2025, 3, 21))
    assert not Notice.objects.open().filter(kind="payment_reminder").exists()


# --- A workbook with both ----------------------------------------------------------------------


@pytest.mark.parametrize("first", ["供地台账", "供后事项"])
def test_events_of_supplies_that_come_with_the_same_file(first: str) -> None:
    sheets = {
        "供地台账": ledger(supply(5, seq=2)),
        "供后事项": happenings(["1305302025B00005", "缴款", "2025-04-01", None, 2, 5_000_000]),
    }
    names = sorted(sheets, key=lambda name: name != first)
    data = files.xlsx({name: sheets[name] for name in names})

    dry = bring(data, dry_run=True)
    report = bring(data)
    assert report.committed, found(report)
    assert dry.digest() == report.digest()
    assert {sheet.kind: sheet.created for sheet in report.sheets} == {"supplies": 1, "events": 1}
    row = LandSupply.objects.get(number="1305302025B00005")
    assert row.instalments.get().settled_on == date(2025, 4, 1)
    assert bring(data).count("unchanged") == 2


def test_events_of_a_supply_whose_number_changes_with_the_same_file() -> None:
    sheets = {
        "供地台账": [["合同编号", "电子监管号"], ["演土让2号", "1305302025B00077"]],
        "供后事项": happenings(["1305302025B00077", "交地", "2025-04-01"]),
    }
    make_supply(supervision_number="", contract_number="演土让2号")
    data = files.xlsx(sheets)
    dry, report = bring(data, dry_run=True), bring(data)
    assert report.committed, found(report)
    assert dry.digest() == report.digest()
    assert LandSupply.objects.get(number="1305302025B00077").handed_over_on == date(2025, 4, 1)


def test_nothing_is_half_imported() -> None:
    sheets = {"供地台账": ledger(supply(5)), "供后事项": happenings([NUMBER, "缴款", "2025-04-01"])}
    report = bring(files.xlsx(sheets))
    assert errors(report) == [(2, "金额", "required")]
    assert not LandSupply.objects.filter(number="1305302025B00005").exists()


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods", "csv", "gb18030"])
def test_every_format_gives_the_same(form: str) -> None:
    rows = happenings([NUMBER, "缴款", date(2025, 3, 20), None, 1, 60.5], [NUMBER, "动工", "2025/12/1"])
    make: dict[str, Any] = {"xlsx": files.xlsx, "xls": files.xls, "ods": files.ods, "csv": files.csv}
    data = make[form](rows) if form in make else files.csv(rows, form)
    name = f"事项.{'csv' if form == 'gb18030' else form}"
    assert counts(bring(data, name)) == (2, 0, 0)
    assert kinds() == [("payment", date(2025, 3, 20)), ("start", date(2025, 12, 1))]


def test_answers_may_be_refused() -> None:
    rows = [[NUMBER, "竣工", "2026-03-01"]]
    asked = question(events(*rows))
    report = events(*rows, choices=Choices(answers={asked.question: "不对"}))
    assert errors(report) == [(2, "事项", "completion_without_start")]


def test_many_events_are_written_in_sets() -> None:
    rows = [[NUMBER, "巡查", "2025-12-01", None, None, None] for _ in range(40)]
    with CaptureQueriesContext(connection) as captured:
        assert counts(events(*rows)) == (40, 0, 0)
    few = len(captured)
    more = [[NUMBER, "巡查", "2025-12-02", None, None, None] for _ in range(200)]
    with CaptureQueriesContext(connection) as captured:
        assert counts(events(*more)) == (200, 0, 0)
    assert len(captured) <= few + 1
    assert len(facts_of([the_supply()])[the_supply().pk].events) == 240


def test_a_clerk_cannot_bring_in_decisions_but_history_from_before_the_go_live() -> None:
    """Else a table would approve what takes a leader."""
    section = the_supply().section
    clerk = allow(UserFactory(), "view_supply", "create_supply", "update_supply", on=section)
    Regime.objects.update(section=section)
    head = "电子监管号 事项 日期 新约定日期"
    report = events([NUMBER, "延期批准", "2025-09-02", "2026-10-01"], head=head, actor=clerk)
    assert [code for _, _, code in errors(report)] == ["needs_approver"]
    Bureau.objects.update(go_live_on=date(2026, 6, 1))
    assert events([NUMBER, "延期批准", "2025-09-02", "2026-10-01"], head=head, actor=clerk).committed
    report = events([NUMBER, "延期批准", "2025-09-02", "2049-10-01"], head=head, actor=clerk)
    assert [code for _, _, code in errors(report)] == ["needs_approver"]
