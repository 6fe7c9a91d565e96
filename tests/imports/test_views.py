"""The list of imports: who may, a file is brought or refused, tables to take away, the admin's part."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from guardian.models import UserObjectPermission
from openpyxl import load_workbook

from landbureau.accounts.models import User
from landbureau.audit.models import Entry
from landbureau.imports.errors import FileRefused
from landbureau.imports.models import ImportSession, RememberedAnswer, RememberedColumn
from landbureau.imports.report import Report
from tests.factories import SectionFactory, UserFactory, allow
from tests.imports import files
from tests.imports.lots import HEAD, lot, sheet
from tests.imports.sessions import bring_page, clear_report, make_session
from tests.ledger.models import Lot
from tests.web.pages import body_of, check_page

LIST = "/desk/imports/"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]


@pytest.fixture
def clerk(client: Client) -> User:
    """May import the ledger and the staff, and is signed in."""
    user = allow(UserFactory(name="陈测"), "update_staff", "view_staff")
    client.force_login(user)
    return user


def post(client: Client, data: bytes, name: str = "台账.xlsx", **fields: str) -> Any:
    return client.post(LIST, {"file": SimpleUploadedFile(name, data), **fields})


def rows_of(data: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(data)).worksheets[0].values)


# --- Who may -----------------------------------------------------------------------------------------------


def test_who_may_import_nothing_has_no_such_page(client: Client) -> None:
    client.force_login(allow(UserFactory(), "update_staff", on=SectionFactory()))
    assert client.get(LIST).status_code == 403
    assert post(client, files.xlsx(sheet(lot()))).status_code == 403
    assert LIST not in body_of(client.get("/desk/"))


def test_the_import_of_somebody_else_is_not_there(client: Client, clerk: User) -> None:
    other = make_session(allow(UserFactory(), "update_staff"))
    for page in ("session", "progress", "result", "restore"):
        assert client.get(reverse(f"imports:{page}", args=[other.pk])).status_code == 404
    for act in ("columns", "answer", "cell", "leave_out", "accept", "check", "confirm", "leave"):
        assert client.post(reverse(f"imports:{act}", args=[other.pk])).status_code == 404
    assert ImportSession.objects.get() == other
    assert "人员名单" not in body_of(client.get(LIST))


def test_a_permission_that_was_taken_away_closes_the_own_import(client: Client) -> None:
    user = UserFactory()
    session = make_session(user)
    client.force_login(user)
    assert client.get(session.get_absolute_url()).status_code == 403


def test_the_navigation_leads_to_imports_for_who_may(client: Client, clerk: User) -> None:
    assert f'href="{LIST}"' in body_of(client.get("/desk/"))


@pytest.mark.parametrize(
    ("page", "permissions", "link"),
    [
        ("people:staff", ["view_staff", "update_staff"], f'href="{LIST}?kind=staff"'),
        ("people:bureau", ["view_config", "update_config"], f'href="{LIST}"'),
        ("workdays:calendar", ["view_calendar", "update_calendar"], f'href="{LIST}?kind=calendar"'),
    ],
)
def test_pages_of_tables_lead_to_their_import_for_who_may(
    client: Client, page: str, permissions: list[str], link: str
) -> None:
    button = f'<a class="btn btn-plain" {link}>'
    client.force_login(allow(UserFactory(), *permissions))
    assert button in body_of(client.get(reverse(page)))
    client.force_login(allow(UserFactory(), permissions[0]))
    assert button not in body_of(client.get(reverse(page)))


# --- A file is brought -----------------------------------------------------------------------------------


def test_the_page_offers_the_kinds_that_one_may_import(client: Client, clerk: User) -> None:
    response = client.get(LIST, {"kind": "staff"})
    body = body_of(response)
    check_page(response, body)
    assert [value for value, _ in response.context["form"].fields["kind"].choices] == ["", "lots", "staff"]
    assert '<option value="staff" selected>' in body
    assert "不超过 30 MB" in body
    assert reverse("people:staff") in body


def test_a_file_is_checked_and_nothing_is_written_yet(client: Client, clerk: User) -> None:
    response = post(client, files.xlsx(sheet(lot(1), lot(2))))
    session = ImportSession.objects.get()
    assert response.headers["Location"] == session.get_absolute_url()
    assert (session.actor, session.kind, session.rows, session.state) == (clerk, "", 2, "checked")
    assert "确认导入 2 行" in body_of(client.get(session.get_absolute_url()))
    assert not Lot.objects.exists()


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "空.xlsx", "文件是空的，请重新选择。"),
        (b"%PDF-1.7", "公告.pdf", "不是"),
        (files.xlsx([["甲", "乙"], [1, 2]]), "别的.xlsx", "没有认出可以导入的表"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_field(
    client: Client, clerk: User, data: bytes, name: str, told: str
) -> None:
    response = post(client, data, name)
    assert response.status_code == 200
    (error,) = response.context["form"].errors["file"]
    assert told in error
    check_page(response, body_of(response))
    assert not ImportSession.objects.exists()


def test_without_a_file_the_form_asks_for_one(client: Client, clerk: User) -> None:
    assert client.post(LIST, {"kind": ""}).context["form"].errors["file"]


def test_a_kind_that_one_may_not_import_cannot_be_chosen(client: Client, clerk: User) -> None:
    response = post(client, files.xlsx(sheet(lot())), kind="townships")
    assert "kind" in response.context["form"].errors
    assert not ImportSession.objects.exists()


def test_who_may_import_one_table_need_not_choose(client: Client) -> None:
    client.force_login(allow(UserFactory(), "update_calendar"))
    assert list(client.get(LIST).context["form"].fields["kind"].choices) == [("calendar", "工作日历")]


def test_own_imports_are_listed_those_under_way_first(client: Client, clerk: User) -> None:
    make_session(clerk, name="未完.csv")
    make_session(clerk, clear_report(), name="做完.csv", state="done")
    body = body_of(client.get(LIST))
    assert body.index("未完.csv") < body.index("做完.csv")
    assert body.count(">继续</a>") == 1
    assert "未确认" in body
    assert "已导入" in body


def test_the_list_has_pages_and_costs_the_same_however_many_there_are(client: Client, clerk: User) -> None:
    make_session(clerk)
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    report = Report()
    for _ in range(24):
        make_session(clerk, report)
    with CaptureQueriesContext(connection) as many:
        body = body_of(client.get(LIST))
    assert len(many) == len(few)
    assert "共 25 次" in body


# --- Tables to take away --------------------------------------------------------------------------------


def test_an_empty_table_has_the_heads_that_are_recognised(client: Client, clerk: User) -> None:
    response = client.get(reverse("imports:empty_table", args=["lots"]))
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert rows_of(body_bytes(response)) == [tuple(HEAD)]
    assert not Entry.objects.filter(action=Entry.Action.DOWNLOAD).exists()


def body_bytes(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_what_the_system_holds_comes_back_unchanged_and_leaves_a_record(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1), lot(2)))
    client.post(reverse("imports:confirm", args=[session.pk]), {"seen": session.digest})
    data = body_bytes(client.get(reverse("imports:table", args=["lots"])))
    assert len(rows_of(data)) == 3
    assert Entry.objects.filter(action=Entry.Action.EXPORT, actor=clerk).count() == 1
    again = bring_page(clerk, data)
    assert [(counts["created"], counts["unchanged"]) for counts in again.counts] == [(0, 2)]


@pytest.mark.parametrize("page", ["imports:table", "imports:empty_table"])
@pytest.mark.parametrize("kind", ["townships", "nothing"])
def test_a_table_that_one_may_not_import_is_not_there(
    client: Client, clerk: User, page: str, kind: str
) -> None:
    assert client.get(reverse(page, args=[kind])).status_code == 404


def test_a_result_is_taken_away_on_the_record(client: Client, clerk: User) -> None:
    session = bring_page(clerk, sheet(lot(1), lot(2, signed_on="2026-2-30")))
    response = client.get(reverse("imports:result", args=[session.pk]))
    head, good, bad = rows_of(body_bytes(response))
    assert head[-2:] == ("导入结果", "导入说明")
    assert (good[-2], bad[-2]) == ("新增", "未通过")
    assert "attachment" in response.headers["Content-Disposition"]
    (entry,) = Entry.objects.filter(action=Entry.Action.DOWNLOAD)
    assert entry.actor == clerk
    assert "台账.xlsx" in entry.object_repr


def test_what_was_changed_can_be_taken_away_and_undoes_the_change(client: Client, clerk: User) -> None:
    first = bring_page(clerk, sheet(lot(1), lot(2)))
    client.post(reverse("imports:confirm", args=[first.pk]), {"seen": first.digest})
    assert client.get(reverse("imports:restore", args=[first.pk])).status_code == 404, "nothing was changed"
    second = bring_page(clerk, sheet(lot(1, remark="改过"), lot(3)))
    client.post(reverse("imports:confirm", args=[second.pk]), {"seen": second.digest})
    assert "下载导入前的数据" in body_of(client.get(second.get_absolute_url()))
    before = body_bytes(client.get(reverse("imports:restore", args=[second.pk])))
    undo = bring_page(clerk, before)
    client.post(reverse("imports:confirm", args=[undo.pk]), {"seen": undo.digest})
    assert Lot.objects.get(number="2026B00001").remark == ""
    assert Lot.objects.count() == 3


def test_files_that_have_been_cleared_away_are_not_there(client: Client, clerk: User) -> None:
    session = make_session(clerk, clear_report(), state="done")
    for file in session.files():
        file.delete(save=False)
    session.save()
    assert client.get(reverse("imports:result", args=[session.pk])).status_code == 404
    body = body_of(client.get(session.get_absolute_url()))
    assert "文件已按期清理" in body


# --- What was remembered --------------------------------------------------------------------------------


def test_what_was_remembered_can_be_looked_at_and_forgotten(client: Client) -> None:
    user = allow(UserFactory(name="林测"), "update_config", "view_config")
    client.force_login(user)
    column = RememberedColumn.objects.create(
        kind="staff", head="岗位名称", column="position", decided_by=user
    )
    RememberedColumn.objects.create(kind="staff", head="备注栏", column="-", decided_by=user)
    answer = RememberedAnswer.objects.create(
        kind="staff", question="a" * 32, column="科室", value="办公", message="不在名单中。", answer="办公室"
    )
    body = body_of(client.get(reverse("admin:imports_rememberedcolumn_changelist")))
    for text in ("岗位名称", "职务", "不导入", "林测"):
        assert text in body
    assert "办公室" in body_of(client.get(reverse("admin:imports_rememberedanswer_changelist")))
    page = reverse("admin:imports_rememberedcolumn_change", args=[column.pk])
    assert client.post(page, {"column": "name"}).status_code == 403
    delete = {"action": "delete_selected", "_selected_action": [column.pk], "post": "yes"}
    client.post(reverse("admin:imports_rememberedcolumn_changelist"), delete)
    client.post(reverse("admin:imports_rememberedanswer_delete", args=[answer.pk]), {"post": "yes"})
    assert list(RememberedColumn.objects.values_list("head", flat=True)) == ["备注栏"]
    assert not RememberedAnswer.objects.exists()


def test_who_may_not_import_the_table_any_more_has_no_such_import(client: Client) -> None:
    user = allow(UserFactory(), "update_config", "update_staff")
    client.force_login(user)
    session = make_session(user)
    assert client.get(session.get_absolute_url()).status_code == 200

    UserObjectPermission.objects.filter(user=user, permission__codename="update_staff").delete()

    for name in ("session", "result", "restore"):
        assert client.get(reverse(f"imports:{name}", args=[session.pk])).status_code == 404


def test_a_file_that_cannot_be_read_again_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    user = allow(UserFactory(), "update_staff")
    client.force_login(user)
    session = make_session(user)

    def refuse(*args: Any) -> None:
        raise FileRefused("正在处理的表格较多，请过一会儿再试。")

    monkeypatch.setattr("landbureau.imports.workbooks.result", refuse)
    response = client.get(reverse("imports:result", args=[session.pk]), follow=True)
    assert "请过一会儿再试" in response.content.decode()
