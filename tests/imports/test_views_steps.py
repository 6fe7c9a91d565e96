"""The five steps of one import, in the hands of who brought the file."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.imports.models import ImportSession, RememberedAnswer, RememberedColumn
from landbureau.jobs.models import JobRun
from landbureau.jobs.services import execute
from tests.factories import UserFactory, allow
from tests.imports import files
from tests.imports.lots import HEAD, lot, sheet
from tests.imports.sessions import bring_page, make_session, varied_report
from tests.ledger.models import Lot
from tests.web.pages import body_of, check_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]
AREA, SIGNED, TOWNSHIP = (HEAD.index(title) for title in ("面积", "签订日期", "乡镇"))


@pytest.fixture
def clerk(client: Client) -> User:
    user = allow(UserFactory(name="陈测"), "update_staff")
    client.force_login(user)
    return user


@pytest.fixture
def long(settings: Any) -> None:
    """Files of more than two rows are long."""
    settings.IMPORTS_AT_ONCE = 2


def act(client: Client, session: ImportSession, name: str, query: str = "", **data: Any) -> HttpResponse:
    address = reverse(f"imports:{name}", args=[session.pk])
    return client.post(f"{address}{query}", data)  # type: ignore[return-value]


def page(client: Client, session: ImportSession, query: str = "", **headers: str) -> str:
    response = client.get(f"{session.get_absolute_url()}{query}", headers=headers)
    body = body_of(response)
    assert response.status_code == 200
    check_page(response, body)
    session.refresh_from_db()
    return body


def text_of(body: str) -> str:
    """What a reader sees, without blanks between the pieces."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", body[body.index('id="main"') :]))


def question_of(session: ImportSession) -> str:
    report = session.get_report()
    assert report
    return next(finding.question for sheet in report.sheets for finding in sheet.questions)


def run_job(session: ImportSession) -> None:
    session.refresh_from_db()
    assert session.run_id
    execute(session.run_id)
    session.refresh_from_db()


# --- Heads -----------------------------------------------------------------------------------------


def odd_head() -> list[list[Any]]:
    """One column by another name, one that is nothing."""
    head = ["出让方式" if title == "供应方式" else title for title in HEAD]
    return [[*head, "土地等级"], [*lot(1), "甲级"]]


def test_columns_that_nobody_knows_are_asked_for_in_an_open_panel(client: Client, clerk: User) -> None:
    session = bring_page(clerk, odd_head())
    body = page(client, session)
    assert re.search(r'<details[^>]+id="columns"[^>]+ open>', body)
    assert "3 处待指定" in body
    assert "表中没有“供应方式”这一列。" in body
    assert "其余 19 列已认出" in body
    assert "在“识别表头”中指定" in body


def test_columns_are_given_their_meaning_checked_anew_and_remembered(client: Client, clerk: User) -> None:
    session = bring_page(clerk, odd_head())
    response = act(client, session, "columns", kind_0="lots", column_0_1="method", column_0_20="-")
    assert response.headers["Location"].startswith(session.get_absolute_url())
    body = page(client, session)
    assert session.state == "checked"
    assert "人工改过 2 列" in body
    assert not re.search(r'<details[^>]+id="columns"[^>]+ open>', body)
    act(client, session, "confirm", seen=session.digest)
    assert Lot.objects.get().method == "挂牌"
    assert dict(RememberedColumn.objects.values_list("head", "column")) == {
        "出让方式": "method",
        "土地等级": "-",
    }
    assert "沿用上次的选择" in page(client, bring_page(clerk, odd_head()))


def test_what_is_already_so_is_no_choice(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot()))
    act(client, session, "columns", kind_0="lots", column_0_0="number")
    assert "没有改动。" in page(client, session)
    assert session.choices == {}


def test_a_sheet_may_stay_out(client: Client, clerk: User) -> None:
    session = bring_page(clerk, files.xlsx({"台账": sheet(lot(1)), "旧账": sheet(lot(2))}))
    act(client, session, "columns", kind_0="lots", kind_1="-")
    page(client, session)
    assert [counts["kind"] for counts in session.counts] == ["lots", ""]


def test_a_sheet_without_the_head_of_the_chosen_table_says_so(client: Client, clerk: User) -> None:
    session = bring_page(clerk, files.xlsx({"台账": sheet(lot(1)), "说明": [["如实填写"]]}))
    act(client, session, "columns", kind_0="lots", kind_1="lots")
    assert "这个工作表里没有找到“供地台账”的表头。" in page(client, session)


@pytest.mark.parametrize("data", [{"column_0_1": "nothing"}, {"kind_0": "staff"}, {"kind_0": "x\0"}])
def test_a_choice_that_is_not_offered_is_a_bad_request(
    client: Client, clerk: User, data: dict[str, str]
) -> None:
    response = act(client, bring_page(clerk, odd_head()), "columns", **data)
    assert response.status_code == 400
    assert "这个请求无法处理" in body_of(response)


# --- Errors and questions --------------------------------------------------------------------------


def test_an_error_shows_its_place_the_value_as_typed_and_a_proposal(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1), lot(2, signed_on="2026-2-30")))
    body = page(client, session)
    assert "2026-2-30" in body
    assert 'name="text" value="2026-02-28"' in body
    assert "还有1处错误待处理" in text_of(body)
    assert re.search(r"<button[^>]+disabled>确认导入</button>", body)


def test_a_corrected_cell_is_checked_at_once_and_stays_in_sight(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1), lot(2, signed_on="2026-2-30")))
    act(client, session, "cell", sheet="Sheet1", row=3, index=SIGNED, text="2026-02-27")
    body = page(client, session)
    assert "已改正" in body
    assert "确认导入 2 行" in body
    act(client, session, "cell", sheet="Sheet1", row=3, index=SIGNED, text="2026-02-26")
    page(client, session)
    act(client, session, "confirm", seen=session.digest)
    assert f"{Lot.objects.get(number='2026B00002').signed_on}" == "2026-02-26"


def test_one_correction_serves_all_rows_with_the_same_error(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(*(lot(number, area="一百亩") for number in (1, 2, 3))))
    assert "等 3 行" in page(client, session)
    act(client, session, "cell", sheet="Sheet1", row=2, index=AREA, text="66666.67")
    page(client, session)
    act(client, session, "confirm", seen=session.digest)
    assert Lot.objects.filter(area="66666.67").count() == 3


def test_remarks_beside_the_table_can_be_left_out(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet([*lot(1), "待核"], [*lot(2), "已核"]))
    assert "有未确定的列" in page(client, session)
    assert "U 列" in page(client, session)
    act(client, session, "columns", kind_0="lots", column_0_20="-")
    assert "确认导入 2 行" in page(client, session)


def test_rows_with_the_same_error_are_left_out_with_one_click(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1), lot(2, area="很大"), lot(3, area="很大")))
    assert "不导入这 2 行" in page(client, session)
    act(client, session, "leave_out", sheet="Sheet1", row=3)
    assert "确认导入 1 行" in page(client, session)


def test_a_cell_that_was_put_right_still_shows_what_the_file_has(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1, area="一百亩")))
    act(client, session, "cell", sheet="Sheet1", row=2, index=AREA, text="66666.67")
    body = page(client, session)
    assert "已改正" in body
    assert "一百亩" in body


def test_a_proposal_is_accepted_and_remembered_for_the_next_file(client: Client, clerk: User) -> None:
    rows = sheet(lot(1, township="寻寨"))
    session = bring_page(clerk, rows)
    assert "不在乡镇名单中。" in page(client, session)
    act(client, session, "answer", question=question_of(session), answer="寻寨镇")
    assert "已采纳" in page(client, session)
    act(client, session, "confirm", seen=session.digest)
    assert Lot.objects.get().township == "寻寨镇"
    assert RememberedAnswer.objects.get().answer == "寻寨镇"
    assert "沿用上次的答复" in page(client, bring_page(clerk, sheet(lot(2, township="寻寨"))))


def test_another_answer_is_taken_from_the_options(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1, township="寻寨")))
    body = page(client, session)
    assert '<option value="寻寨镇" selected>' in body
    act(client, session, "answer", question=question_of(session), answer="白神首乡")
    assert "已答复" in page(client, session)
    act(client, session, "confirm", seen=session.digest)
    assert Lot.objects.get().township == "白神首乡"


def test_all_proposals_are_accepted_with_one_click(client: Client, clerk: User) -> None:
    foot = ["合计", *[None] * (len(HEAD) - 1)]
    session = bring_page(clerk, [*sheet(lot(1, township="寻寨")), foot])
    assert "采纳全部建议" in page(client, session)
    act(client, session, "accept")
    body = page(client, session)
    assert body.count("已采纳") == 2
    assert "采纳全部建议" not in body
    assert "确认导入 1 行" in body


def test_filters_show_what_is_open_and_stay_after_an_answer(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1, township="寻寨"), lot(2, area="一百亩")))
    body = page(client, session, "?show=questions")
    assert "寻寨" in body
    assert "一百亩" not in body
    response = act(
        client,
        session,
        "answer",
        "?show=questions&tab=missing",
        question=question_of(session),
        answer="寻寨镇",
    )
    assert response.headers["Location"].endswith("/?show=questions&tab=missing#check")
    assert "没有问题的。" not in page(client, session, "?show=questions")
    assert "没有待处理的。" not in page(client, session, "?show=open")


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("answer", {"question": "a" * 32, "answer": "是"}, 404),
        ("answer", {"answer": "是"}, 400),
        ("cell", {"sheet": "没有", "row": 3, "index": 0, "text": "x"}, 404),
        ("cell", {"sheet": "Sheet1", "row": 2, "index": 0, "text": "x"}, 404),
        ("cell", {"sheet": "Sheet1", "row": "九", "index": 0}, 400),
        ("cell", {"sheet": "Sheet1", "row": 3, "index": "9" * 5000}, 400),
        ("cell", {"sheet": "Sheet1", "row": 3, "index": SIGNED, "text": "x" * 1001}, 400),
    ],
)
def test_what_the_page_did_not_offer_is_refused(
    client: Client, clerk: User, name: str, data: dict[str, Any], status: int
) -> None:
    session = bring_page(clerk, sheet(lot(1), lot(2, signed_on="2026-2-30")))
    response = act(client, session, name, **data)
    assert response.status_code == status
    check_page(response, body_of(response))
    session.refresh_from_db()
    assert session.choices == {}


def test_an_answer_outside_the_options_is_a_bad_request(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1, township="寻寨")))
    assert act(client, session, "answer", question=question_of(session), answer="别处").status_code == 400


# --- Comparison ------------------------------------------------------------------------------------


def test_changes_are_shown_old_and_new_and_what_is_emptied_is_marked(client: Client, clerk: User) -> None:
    first = bring_page(clerk, sheet(lot(1, remark="旧的备注"), lot(2), lot(3)))
    act(client, first, "confirm", seen=first.digest)
    session = bring_page(clerk, sheet(lot(1, completion_on="2029-01-01"), lot(2), lot(4)))
    body = page(client, session)
    assert "<del>2028-09-01</del>" in body
    assert "<ins>2029-01-01</ins>" in body
    assert "将清空1个值" in text_of(body)
    assert "“表中缺失”的1条保持原样，不会删除" in text_of(body)
    assert "将新增1行、修改1行（其中清空1个值）" in text_of(body)
    assert "2026B00003" in page(client, session, "?tab=missing")
    assert "2026B00004" in page(client, session, "?tab=created")
    assert "2026B00002" in page(client, session, "?tab=unchanged")


def test_consequences_are_told_before_the_confirmation(client: Client, clerk: User) -> None:
    report = varied_report()
    report.sheets[0].findings = []
    body = page(client, make_session(clerk, report))
    assert "写入后还会：" in body
    assert "新登记的 1 人须设置初始密码。" in body


def test_long_results_have_pages_and_cost_the_same(client: Client, clerk: User) -> None:
    session = make_session(clerk)
    page(client, session)
    with CaptureQueriesContext(connection) as few:
        page(client, session)
    report = varied_report()
    rows = range(2, 3002)
    report.sheets[0].outcomes = [(row, "created", f"第{row}人") for row in rows]
    session = make_session(clerk, report)
    with CaptureQueriesContext(connection) as many:
        body = page(client, session, "?tab=created&rows=3")
    assert len(many) == len(few)
    assert "第 101–150 条，共 3,000 条" in body
    assert "第102人" in body
    assert "第101人" not in body


# --- The end ---------------------------------------------------------------------------------------


def test_a_confirmed_import_shows_what_was_written(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1), lot(2)))
    act(client, session, "confirm", seen=session.digest)
    body = page(client, session)
    assert session.state == "done"
    assert "新增2行，修改0行，全部写入。" in text_of(body)
    assert "下载结果表" in body
    assert "取消导入" not in body
    assert "确认导入" not in body


def test_a_table_that_changes_nothing_is_only_completed(client: Client, clerk: User) -> None:
    first = bring_page(clerk, sheet(lot(1)))
    act(client, first, "confirm", seen=first.digest)
    session = bring_page(clerk, sheet(lot(1)))
    assert "没有需要写入的" in page(client, session)
    act(client, session, "confirm", seen=session.digest)
    assert "表中内容与系统一致，没有写入。" in page(client, session)


def test_what_was_not_seen_is_not_written(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1)))
    act(client, session, "confirm", seen="0" * 64)
    assert "检查结果已经更新，请核对后再确认。" in page(client, session)
    assert not Lot.objects.exists()


def test_what_changed_meanwhile_is_compared_anew_and_said_once(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1), lot(2)))
    seen = session.digest
    other = bring_page(clerk, sheet(lot(2, remark="他人写的")))
    act(client, other, "confirm", seen=other.digest)
    act(client, session, "confirm", seen=seen)
    body = page(client, session)
    assert body.count("数据刚被他人改动，没有写入。") == 1
    assert "“Sheet1”第 3 行" in body
    assert "将新增1行、修改1行" in text_of(body)
    assert Lot.objects.count() == 1
    act(client, session, "confirm", seen=session.digest)
    assert Lot.objects.count() == 2


def test_leaving_leaves_nothing_behind(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1)))
    assert "取消导入" in page(client, session)
    response = client.post(reverse("imports:leave", args=[session.pk]), follow=True)
    assert "已取消导入“台账.xlsx”，没有写入任何数据。" in body_of(response)
    assert not ImportSession.objects.exists()


def test_what_was_decided_is_not_lost_with_one_click(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1, area="一百亩")))
    assert "将一并丢弃" not in page(client, session)
    act(client, session, "cell", sheet="Sheet1", row=2, index=AREA, text="66666.67")
    assert "已作的指定、答复和改正将一并丢弃。" in page(client, session)
    assert "将一并丢弃" in body_of(client.get(reverse("imports:imports")))


def test_what_is_done_can_neither_be_left_nor_changed(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1, township="寻寨")))
    act(client, session, "accept")
    session.refresh_from_db()
    act(client, session, "confirm", seen=session.digest)
    act(client, session, "leave")
    assert "已经写入或正在写入，不能取消。" in page(client, session)
    act(client, session, "answer", question=question_of(session), answer="白神首乡")
    assert "这次导入已经完成。" in page(client, session)
    act(client, session, "check")
    page(client, session)
    assert session.state == "done"


# --- In the background -----------------------------------------------------------------------------


def test_a_long_file_is_checked_in_the_background(client: Client, clerk: User, long: None) -> None:
    session = bring_page(clerk, sheet(lot(1), lot(2), lot(3)))
    body = page(client, session)
    assert session.state == "checking"
    assert reverse("imports:progress", args=[session.pk]) in body
    assert "后台处理已停止" in body, "no worker runs here"
    assert "取消导入" in body
    assert "正在检查，请等它结束。" in body_of(
        client.post(reverse("imports:accept", args=[session.pk]), follow=True)
    )
    run_job(session)
    assert "确认导入 3 行" in page(client, session)


def test_the_progress_is_a_fragment_until_the_page_has_to_come_anew(
    client: Client, clerk: User, long: None
) -> None:
    session = bring_page(clerk, sheet(lot(1), lot(2), lot(3)))
    progress = reverse("imports:progress", args=[session.pk])
    JobRun.objects.filter(pk=session.run_id).update(done=2, total=3)
    fragment = client.get(progress, headers={"hx-request": "true"})
    assert "66%" in body_of(fragment)
    assert "<html" not in body_of(fragment)
    run_job(session)
    assert client.get(progress, headers={"hx-request": "true"}).headers["HX-Refresh"] == "true"
    assert client.get(progress).headers["Location"] == session.get_absolute_url()


def test_answers_to_a_long_file_are_kept_until_it_is_checked_again(
    client: Client, clerk: User, long: None
) -> None:
    session = bring_page(clerk, sheet(lot(1, township="寻寨"), lot(2, area="一百亩"), lot(3)))
    run_job(session)
    act(client, session, "answer", question=question_of(session), answer="寻寨镇")
    body = page(client, session)
    assert session.state == "stale"
    assert "已采纳" in body
    assert "答复和改正已经记下" in body
    assert "还有1处错误待处理" in text_of(body)
    act(client, session, "cell", sheet="Sheet1", row=3, index=AREA, text="66666.67")
    body = page(client, session)
    assert "都已处理；重新检查一次" in text_of(body)
    assert not re.search(r"<button[^>]*>确认导入 ", body)
    act(client, session, "check")
    assert "正在后台检查" in page(client, session)
    run_job(session)
    assert "确认导入 3 行" in page(client, session)


def test_a_long_file_is_written_in_the_background(client: Client, clerk: User, long: None) -> None:
    session = bring_page(clerk, sheet(lot(1), lot(2), lot(3)))
    run_job(session)
    act(client, session, "confirm", seen=session.digest)
    body = page(client, session)
    assert "正在写入" in body
    assert "取消导入" not in body
    assert "不能取消" in body_of(client.post(reverse("imports:leave", args=[session.pk]), follow=True))
    run_job(session)
    assert "新增3行" in text_of(page(client, session))
    assert Lot.objects.count() == 3


@pytest.mark.parametrize(
    ("state", "told"),
    [("checking", "检查没有完成。"), ("writing", "写入没有完成，一行也没有写入。")],
)
def test_after_a_job_that_failed_the_page_says_so_and_offers_to_check_again(
    client: Client, clerk: User, state: str, told: str
) -> None:
    run = JobRun.objects.create(kind="check_import", trigger="person", state="failed", error="程序出错")
    session = make_session(clerk, state=state, run=run)
    body = page(client, session)
    assert told in body
    assert "程序出错" in body
    act(client, session, "check")
    page(client, session)
    assert session.state == "checking"
    assert session.waits


def test_a_long_file_that_turns_out_unreadable_says_why(client: Client, clerk: User) -> None:
    session = make_session(clerk, state="refused", told="没有找到“人员”的表头。")
    body = page(client, session)
    assert "没有找到“人员”的表头。" in body
    assert "重新选择文件" in body


def test_without_a_result_there_is_nothing_to_decide(client: Client, clerk: User, long: None) -> None:
    session = bring_page(clerk, sheet(lot(1), lot(2), lot(3)))
    for name in ("columns", "answer", "cell"):
        assert act(client, session, name).status_code == 404
