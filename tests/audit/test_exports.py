"""The record as a file: what its reader may see, whole lines of it, and that it left."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from landbureau.accounts.models import User
from landbureau.audit.exports import EntryResource
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from tests.factories import SectionFactory, UserFactory, allow
from tests.web.exported import lines_of, rows_of, sheet_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
LIST = "/desk/audit/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def auditor(client: Client) -> User:
    """Signed in, may read everything."""
    user = allow(UserFactory(name="钱审计", section=SectionFactory(name="试验甲股")), "view_audit")
    client.force_login(user)
    return user


def test_a_line_has_all_that_the_page_shows(client: Client, auditor: User) -> None:
    act = {"subject": auditor, "data": {"count": 3}, "address": "10.1.2.3"}
    record(Entry.Action.BULK, actor=auditor, text="批量改派", **act)
    assert rows_of(client, LIST, text="改派") == [
        {
            "时间": "2026-11-23 09:00:00",
            "人员": "钱审计",
            "科室/所": "试验甲股",
            "操作": "批量操作",
            "对象类型": "人员",
            "对象": "批量改派",
            "对象编号": str(auditor.pk),
            "变动与说明": "数量：3",
            "来源地址": "10.1.2.3",
        }
    ]


def test_the_workbook_has_the_second_and_keys_as_text(client: Client, auditor: User) -> None:
    record(Entry.Action.BULK, actor=auditor, text="批量改派", subject=auditor)
    sheet = sheet_of(client, LIST, text="改派")
    assert sheet["A2"].value.isoformat() == "2026-11-23T09:00:00"
    assert sheet["A2"].number_format == "yyyy-mm-dd hh:mm:ss"
    assert sheet["G2"].value == str(auditor.pk)


def test_what_is_filtered_comes_out_newest_first(client: Client, auditor: User) -> None:
    for text in ("要的一", "要的二", "不要"):
        record(Entry.Action.BULK, actor=auditor, text=text)
    assert [row["对象"] for row in rows_of(client, LIST, text="要的")] == ["要的二", "要的一"]


def test_lines_in_several_chunks_are_each_there_once(
    client: Client, auditor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EntryResource, "chunk_size", 2)
    for number in range(5):
        record(Entry.Action.BULK, actor=auditor, text=f"第{number}条")
    assert [row["对象"] for row in rows_of(client, LIST, text="条")] == [f"第{n}条" for n in (4, 3, 2, 1, 0)]


def test_a_chunk_costs_the_same_whatever_it_holds(client: Client, auditor: User) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            lines_of(client, LIST, action=Entry.Action.BULK)
        return len(queries)

    record(Entry.Action.BULK, actor=auditor, text="批量", subject=auditor)
    count()
    few = count()
    for _ in range(30):
        user = UserFactory(section=SectionFactory())
        record(Entry.Action.BULK, actor=user, text="批量", subject=user)
    assert count() == few


def test_one_exports_what_one_may_read(client: Client) -> None:
    section = SectionFactory()
    head = allow(UserFactory(section=section), "view_audit", on=section)
    record(Entry.Action.BULK, actor=UserFactory(section=section), text="本科室的事")
    record(Entry.Action.BULK, actor=UserFactory(section=SectionFactory()), text="别处的事")
    client.force_login(head)
    rows = rows_of(client, LIST, action=Entry.Action.BULK)
    assert [row["对象"] for row in rows] == ["本科室的事"]
    assert Entry.objects.get(action=Entry.Action.EXPORT).additional_data["count"] == 1
