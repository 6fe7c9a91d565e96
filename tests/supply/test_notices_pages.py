"""The list of notices, printing its documents, and the button that sweeps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from landbureau.accounts.models import Bureau, User
from landbureau.documents.models import Document, PrintBatch, PrintItem, ServiceRecord
from landbureau.jobs.models import JobRun
from supervision.supply import rules
from supervision.supply.errors import SupplyError
from supervision.supply.models import Notice, NoticeKind, Sweep
from supervision.supply.rules import Gap
from supervision.supply.selectors import notices
from supervision.supply.selectors.sweeps import last_sweep
from supervision.supply.services import sweep
from tests.documents.factories import KindFactory, ServiceMethodFactory, make_issued
from tests.factories import SectionFactory, TownshipFactory, UserFactory, allow
from tests.supply.factories import TODAY
from tests.supply.office import DAY, SupplyOffice, as_, fresh
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db
K = rules.Kind
PAGE = "/desk/supply/notices/"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def office() -> SupplyOffice:
    return SupplyOffice()


def lines(user: User, **query: Any) -> list[Any]:
    """Of all that is open, unless told otherwise."""
    response = as_(user).get(PAGE, {"state": "open"} | query)
    assert response.status_code == 200
    return list(response.context["table"].lines)


def one_of_each(office: SupplyOffice) -> None:
    office.supply(instalments=[(1, TODAY + 20 * DAY, 500_000)])
    office.late()
    office.supply(agreed_start_on=TODAY + 10 * DAY)
    office.supply(agreed_start_on=TODAY - 3 * DAY)
    office.supply(agreed_completion_on=TODAY + 10 * DAY, agreed_start_on=date(2026, 2, 1))
    office.supply(agreed_completion_on=TODAY - 3 * DAY, agreed_start_on=date(2026, 2, 1))
    office.supply(agreed_start_on=None)
    sweep(today=TODAY)


# --- Words ------------------------------------------------------------------------------------------------


def test_each_kind_says_why_with_what_was_computed(office: SupplyOffice) -> None:
    one_of_each(office)
    told = {line.kind: line.why for line in lines(office.head, size=50)}
    assert told["缴款提醒"] == "第1期应缴 2026-12-13（顺延至 2026-12-14），尚欠 500,000.00 元。"
    assert told["催缴"].endswith(
        "第1期应缴 2026-10-16，逾期 38 天，欠 1,860,000.00 元，违约金 70,680.00 元。"
    )
    assert told["催缴"].startswith("第1期应缴"), "the second period, but nobody was told before"
    assert told["开工提醒"] == "约定 2026-12-03 开工，还有 10 天。"
    assert "约定 2026-11-20 竣工，已过 3 天，须现场复核是否竣工。" in told["竣工复核"]
    assert told["巡查"].endswith("阶段须巡查一次，2026-12-04 前完成。")
    assert told["资料缺失"].startswith("没有约定开工日期")


@pytest.mark.parametrize("gap", list(Gap))
def test_every_gap_has_words_and_a_place_to_repair_it(office: SupplyOffice, gap: Gap) -> None:
    supply = office.supply()
    run = Sweep.objects.create(on=TODAY)
    about = f"{gap.value}-2" if gap == Gap.INSTALMENT_DATE else gap.value
    Notice.objects.create(
        supply=supply, kind_id="data_gap", gap=about, key=f"data_gap:{about}::1", sweep=run, found_on=TODAY
    )
    (line,) = lines(office.clerk)
    assert line.why.endswith("。")
    assert "{" not in line.why
    allow(office.clerk, "create_visit", on=office.section)
    (line,) = lines(office.clerk)
    assert line.act in ("补录资料", "现场核查")


def test_the_button_is_what_the_reader_may_do(office: SupplyOffice) -> None:
    supply = office.supply(agreed_start_on=TODAY - 3 * DAY)
    sweep(today=TODAY)
    assert {line.act for line in lines(office.officer)} == {"现场复核"}
    assert {line.url for line in lines(office.officer)} == {reverse("supply:visit", args=[supply.pk])}
    assert {line.act for line in lines(office.head)} == {"查看"}


def test_the_state_of_the_document_is_shown_to_who_may_see_it(office: SupplyOffice) -> None:
    supply = office.late()
    sweep(today=TODAY)
    document = make_issued(
        kind=KindFactory(family="notice"), section=office.section, on=TODAY, township=office.township
    )
    Notice.objects.filter(supply=supply).update(document=document)
    (line,) = lines(office.head)
    assert line.state is not None
    assert line.document == document
    allow(stranger := UserFactory(), "view_supply", "view_notice", on=office.office)
    allow(stranger, "view_supply", on=office.section)
    assert lines(stranger)[0].document == document


# --- The list ---------------------------------------------------------------------------------------------


def test_only_open_notices_are_listed_until_others_are_asked_for(office: SupplyOffice) -> None:
    one_of_each(office)
    settled = Notice.objects.filter(kind="payment_demand")
    settled.update(closed_on=TODAY, closed_because="已缴清")
    kinds = {line.kind for line in lines(office.head, size=50)}
    assert "催缴" not in kinds
    assert [line.kind for line in lines(office.head, state="done")] == ["催缴"]
    assert "已缴清" in body_of(as_(office.head).get(PAGE, {"state": "done"}))


def test_today_kind_officer_township_and_failure_narrow_the_list(office: SupplyOffice) -> None:
    office.late()
    office.late(township=TownshipFactory(), officer=None)
    sweep(today=TODAY - DAY)
    office.supply(agreed_start_on=TODAY - 3 * DAY, officer=office.colleague)
    sweep(today=TODAY)
    Notice.objects.filter(kind="payment_demand", supply__parcel__township=office.township).update(
        error="送达地址未填"
    )
    assert [line.kind for line in lines(office.head, found="today")] == ["开工复核"]
    assert len(lines(office.head, kind="payment_demand")) == 2
    assert len(lines(office.head, officer=office.colleague.pk)) == 1
    assert len(lines(office.head, officer="nobody")) == 1
    assert len(lines(office.head, township=office.township.pk)) == 2
    assert len(lines(office.head, doer="officer")) == 1
    assert len(lines(office.head, state="failed")) == 1
    assert "送达地址未填" in body_of(as_(office.head).get(PAGE, {"state": "failed"}))


def test_the_kinds_are_counted_within_the_other_conditions(office: SupplyOffice) -> None:
    one_of_each(office)
    context = as_(office.head).get(PAGE, {"state": "open"}).context
    assert sum(one["count"] for one in context["kinds"]) == Notice.objects.count()
    of_kind = as_(office.head).get(PAGE, {"kind": "payment_demand"}).context
    assert of_kind["kinds"] == [one | {"active": one["code"] == "payment_demand"} for one in context["kinds"]]
    assert as_(office.stranger).get(PAGE).context["kinds"] == []


def test_the_list_costs_the_same_however_many_notices(office: SupplyOffice) -> None:
    client = as_(office.head)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE, {"size": 100}).status_code == 200
        return len(queries)

    for _ in range(6):  # so many that the desk tells them as one line
        one_of_each(office)
    cost()
    before = cost()
    for _ in range(2):
        one_of_each(office)
    assert cost() == before


def test_what_a_page_says_costs_nine_queries(office: SupplyOffice) -> None:
    """Numbers, unpaid money (three), what was told before, documents, officers; whom the reader deputises
    for, and the scopes."""
    one_of_each(office)
    rows = list(notices.notices_for(office.head))
    Notice.objects.filter(pk=rows[0].pk).update(document=make_issued(section=office.section))
    rows = list(notices.notices_for(office.head))
    reader = fresh(office.head)
    with CaptureQueriesContext(connection) as queries:
        notices.lines(rows, reader, TODAY)
    assert len(queries) == 9


def test_the_list_can_be_taken_away_as_a_file(office: SupplyOffice) -> None:
    one_of_each(office)
    response = as_(office.head).get(PAGE, {"export": "csv", "kind": "payment_demand"})
    text = body_of(response)
    assert "逾期 38 天" in text
    assert "王海燕" in text
    assert text.count("\n") == 2


# --- What was told before ---------------------------------------------------------------------------------


def test_a_demand_says_which_it_is_by_those_that_were_issued(office: SupplyOffice) -> None:
    """Due 70 days ago, swept from day 1: three rounds, of which only the first was issued."""
    supply = office.late(days=70)
    for days in (69, 38, 0):
        sweep(today=TODAY - days * DAY)
    first, second, third = Notice.objects.filter(kind="payment_demand").order_by("round")
    assert [row.round for row in (first, second, third)] == [1, 2, 3]

    def told() -> str:
        (line,) = lines(office.head, q=supply.number)
        return str(line.why)

    assert told().startswith("第1期应缴"), "drafts that never went out were not told"
    document = make_issued(section=office.section, on=TODAY - 60 * DAY)
    Notice.objects.filter(pk=first.pk).update(document=document)
    assert told().startswith("第 2 次。第1期应缴")
    Document.objects.filter(pk=document.pk).update(voided_on=TODAY)
    assert told().startswith("第1期应缴")


def test_a_recheck_counts_the_notices_that_were_written(office: SupplyOffice) -> None:
    NoticeKind.objects.filter(code="start_recheck").update(repeat_after_days=10)
    office.supply(agreed_start_on=TODAY - 35 * DAY)
    for days in (34, 0):
        sweep(today=TODAY - days * DAY)
    (line,) = lines(office.head, kind="start_recheck")
    assert line.notice.round == 4
    assert line.why.startswith("第 2 次。约定")


# --- Documents that did not come --------------------------------------------------------------------------


def test_a_failed_draft_is_drafted_again_once_the_data_are_right(office: SupplyOffice) -> None:
    office.late()
    sweep(today=TODAY)
    notice = Notice.objects.get()
    Notice.objects.update(
        error="送达地址未填。", attempts=3, claimed_until=timezone.now() + timedelta(hours=6)
    )
    (line,) = lines(office.clerk, state="failed")
    address = reverse("supply:redraft", args=[notice.pk])
    assert (line.act, line.url) == ("重新起草", address)
    assert lines(office.head)[0].act == "查看"
    assert "送达地址未填。" in body_of(as_(office.clerk).get(address))
    response = as_(office.clerk).post(address)
    notice.refresh_from_db()
    assert notice.document is not None
    assert response["Location"] == notice.document.get_absolute_url()
    assert notice.document.drafted_by is None, "the head may approve it, and the clerk issue it"
    assert as_(office.clerk).get(address)["Location"] == notice.document.get_absolute_url()


def test_a_draft_that_fails_again_says_why(office: SupplyOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    office.late()
    sweep(today=TODAY)
    notice = Notice.objects.get()
    Notice.objects.update(error="送达地址未填。")

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise SupplyError("还是没有送达地址。")

    monkeypatch.setattr("supervision.supply.services.papers.draft_paper", refuse)
    page = body_of(as_(office.clerk).post(reverse("supply:redraft", args=[notice.pk])))
    assert "还是没有送达地址。" in page
    assert Notice.objects.get().document is None


def test_who_drafts_no_notices_there_drafts_none_again(office: SupplyOffice) -> None:
    office.late()
    sweep(today=TODAY)
    Notice.objects.update(error="送达地址未填。")
    address = reverse("supply:redraft", args=[Notice.objects.get().pk])
    for person in (office.head, office.officer, office.leader):
        assert as_(person).post(address).status_code == 403
    elsewhere = allow(UserFactory(), "create_notice", "view_notice", "view_supply", on=SectionFactory())
    assert as_(elsewhere).post(address).status_code == 404


# --- Today ------------------------------------------------------------------------------------------------


def test_the_page_opens_with_what_is_to_be_handed_over_unprinted_first(office: SupplyOffice) -> None:
    printed, posted, fresh_one = (issued_for(office) for _ in range(3))
    PrintItem.objects.create(
        batch=PrintBatch.objects.create(created_by=office.head, with_receipts=True), document=printed, order=1
    )
    ServiceRecord.objects.create(
        document=posted, method=ServiceMethodFactory(), first_server="王海燕", registered_by=office.officer
    )
    office.late()
    sweep(today=TODAY)
    context = as_(office.head).get(PAGE).context
    assert [line.document for line in context["table"].lines] == [fresh_one, printed]
    assert [line.printed for line in context["table"].lines] == [False, True]
    assert context["to_print"].ready == 1
    assert [(tab["title"], tab["count"]) for tab in context["tabs"] if tab["active"]] == [
        ("待打印、待送达", 2)
    ]
    assert len(lines(office.head)) == 4


def test_the_button_counts_exactly_what_it_prints(office: SupplyOffice) -> None:
    issued_for(office)
    issued_for(office, pdf="", sha256="", pages=None, receipt_page=None)
    issued_for(office, section=SectionFactory(), township=TownshipFactory())  # out of sight
    page = body_of(as_(office.head).get(PAGE))
    assert "打印未打印的文书（1 份）" in page
    assert "1 份文书的正本还在生成" in page
    as_(office.head).post(PAGE)
    assert PrintBatch.objects.get().items.count() == 1
    assert as_(office.head).get(PAGE).context["to_print"].ready == 0
    assert "没有还未打印的文书" in body_of(as_(office.head).post(PAGE, follow=True))


def test_an_empty_page_of_today_leads_to_what_is_open(office: SupplyOffice) -> None:
    office.supply(agreed_start_on=TODAY - 3 * DAY)
    sweep(today=TODAY)
    assert 'href="?state=open"' in body_of(as_(office.head).get(PAGE))


# --- Printing ---------------------------------------------------------------------------------------------


def issued_for(office: SupplyOffice, **columns: Any) -> Document:
    supply = office.late()
    sweep(today=TODAY)
    values = {
        "pdf": "documents/x.pdf",
        "sha256": "a" * 64,
        "pages": 2,
        "receipt_page": 2,
        "township": office.township,
        "section": office.section,
    }
    document: Document = make_issued(kind=KindFactory(family="notice"), on=TODAY, **values | columns)
    Notice.objects.filter(supply=supply).update(document=document)
    return document


def test_the_documents_of_the_list_are_merged_with_their_receipts_in_route_order(
    office: SupplyOffice,
) -> None:
    later = issued_for(office, township=TownshipFactory(order=9))
    first = issued_for(office, township=TownshipFactory(order=1))
    issued_for(office, served_on=TODAY)
    response = as_(office.head).post(PAGE)
    batch = PrintBatch.objects.get()
    assert response["Location"] == batch.get_absolute_url()
    assert batch.with_receipts
    assert [item.document for item in batch.items.order_by("order")] == [first, later]


def test_what_is_not_rendered_yet_is_named(office: SupplyOffice) -> None:
    document = issued_for(office, pdf="", sha256="", pages=None, receipt_page=None)
    client = as_(office.head)
    page = body_of(client.post(PAGE, follow=True))
    assert not PrintBatch.objects.exists()
    assert f"{document.number}（正本尚未生成）" in page


def test_ticked_documents_go_to_the_acts_of_the_register(office: SupplyOffice) -> None:
    allow(office.head, "approve_notice", "view_document", on=office.section)
    document = issued_for(office)
    page = body_of(as_(office.head).get(PAGE))
    assert f'name="pk" value="{document.pk}" form="bulk"' in page
    assert f'action="{reverse("documents:documents")}"' in page
    assert 'name="act" value="print"' in page


# --- The sweep --------------------------------------------------------------------------------------------


def test_the_button_sweeps_and_tells_what_it_found(office: SupplyOffice) -> None:
    office.late()
    response = as_(office.head).post(reverse("supply:run_sweep"), follow=True)
    assert "已扫描 2026-11-23。新增 1 项：催缴 1。需要文书的随后自动拟稿。" in body_of(response)
    run = Sweep.objects.get()
    assert (run.made_by, run.on) == (office.head, TODAY)
    assert JobRun.objects.filter(kind="draft_notices").exists(), "its documents are drafted"
    again = as_(office.head).post(reverse("supply:run_sweep"), follow=True)
    assert "没有新增。原有 1 项不变。" in body_of(again)
    assert Notice.objects.count() == 1


def test_the_button_tells_gaps_and_what_is_held_back_apart(office: SupplyOffice) -> None:
    Bureau.objects.update(go_live_on=TODAY)
    office.supply(agreed_start_on=None)
    office.late()
    office.late(days=20)
    page = body_of(as_(office.head).post(reverse("supply:run_sweep"), follow=True))
    assert "1 项缺少资料，无法计算，列在“资料缺失”。" in page
    assert "2 项在启用日期以前就已到期，等待核实，没有生成通知。" in page


def test_who_may_neither_approve_nor_run_jobs_does_not_sweep(office: SupplyOffice) -> None:
    for person in (office.officer, office.clerk, UserFactory()):
        assert as_(person).post(reverse("supply:run_sweep")).status_code == 403
    assert as_(allow(UserFactory(), "run_jobs")).post(reverse("supply:run_sweep")).status_code == 302
    assert as_(office.head).get(reverse("supply:run_sweep")).status_code == 405


def test_the_last_sweep_is_told_within_the_readers_scope(office: SupplyOffice) -> None:
    assert last_sweep(office.head, TODAY) is None
    office.late()
    office.supply(agreed_start_on=None)
    sweep(today=TODAY)
    found = last_sweep(fresh(office.head), TODAY)
    assert found is not None
    assert (found.created, found.gaps) == (2, 1)
    other = last_sweep(fresh(office.stranger), TODAY)
    assert other is not None
    assert (other.created, other.gaps) == (0, 0)
    assert "1 项缺少资料，去补录" in body_of(as_(office.clerk).get(PAGE))


def test_who_may_not_enter_what_is_missing_is_not_asked_to(office: SupplyOffice) -> None:
    office.supply(agreed_start_on=None)
    sweep(today=TODAY)
    for person in (office.head, office.leader):
        for address in (PAGE, "/desk/"):
            page = body_of(as_(person).get(address))
            assert "1 项缺少资料" in page
            assert "去补录" not in page
    assert "去补录" in body_of(as_(office.clerk).get("/desk/"))
