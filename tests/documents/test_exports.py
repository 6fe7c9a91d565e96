"""The registers as files: the words and dates of the pages, and no row that the page does not show."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from landbureau.accounts.services import SERVING, assign
from landbureau.documents.models import Document, SealRecord
from tests.documents.desk import as_
from tests.documents.factories import make_issued
from tests.documents.office import DAYS, TODAY, Office
from tests.web.exported import lines_of, rows_of, sheet_of

pytestmark = pytest.mark.django_db
LIST, NUMBERS, SEALS = "/desk/documents/", "/desk/documents/numbers/", "/desk/documents/seals/"


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def office() -> Office:
    return Office()


def test_the_register_has_what_its_page_can_show(office: Office) -> None:
    document = office.document("sealed")
    Document.objects.filter(pk=document.pk).update(serve_by="2026-11-25")
    assign(user=office.officer, task=SERVING, subject=document, starts_on=TODAY)
    assert rows_of(as_(office.clerk), LIST) == [
        {
            "标题": document.title,
            "受送达人": document.addressee,
            "文号": document.number,
            "种类": document.kind.title,
            "状态": "待送达",
            "拟稿人": office.clerk.name,
            "送达人": office.officer.name,
            "应送达": "2026-11-25",
            "拟稿日期": "2026-11-23",
            "印发日期": "2026-11-23",
            "用印日期": "2026-11-23",
            "送达日期": "",
            "科室": office.section.name,
            "乡镇": office.township.name,
        }
    ]


def test_what_the_system_drafted_says_so(office: Office) -> None:
    Document.objects.filter(pk=office.document("draft").pk).update(drafted_by=None)
    (row,) = rows_of(as_(office.clerk), LIST)
    assert (row["拟稿人"], row["文号"], row["状态"]) == ("系统", "", "拟稿中")


def test_the_states_of_the_file_are_those_of_the_page(office: Office) -> None:
    for state in DAYS:
        office.document(state)
    client = as_(office.clerk)
    shown = [row.cells["state"] for row in client.get(LIST, {"size": 50}).context["table"].rows]
    exported = [row["状态"] for row in rows_of(client, LIST)]
    assert len(exported) == len(DAYS)
    assert all(f"{word}</span>" in cell for word, cell in zip(exported, shown, strict=True))


def test_the_register_costs_the_same_queries_for_any_number_of_documents(office: Office) -> None:
    client = as_(office.clerk)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            lines_of(client, LIST)
        return len(queries)

    for state in DAYS:
        office.document(state)
    cost()
    before = cost()
    for state in DAYS:
        assign(user=office.officer, task=SERVING, subject=office.document(state), starts_on=TODAY)
    assert cost() == before


@pytest.mark.parametrize("address", [LIST, NUMBERS])
def test_documents_out_of_sight_do_not_leave(office: Office, address: str) -> None:
    office.document("sealed")
    assert len(rows_of(as_(office.clerk), address)) == 1
    own = make_issued(drafted_by=office.stranger)
    assert [row["文号"] for row in rows_of(as_(office.stranger), address)] == [own.number]


def test_the_numbers_come_out_as_registered_voided_ones_too(office: Office) -> None:
    kept, voided = office.document("sealed"), office.document("voided")
    rows = rows_of(as_(office.clerk), NUMBERS)
    assert {row["文号"]: row["状态"] for row in rows} == {kept.number: "待送达", voided.number: "已作废"}
    assert list(rows[0]) == ["文号", "标题", "受送达人", "状态", "印发日期", "拟稿人", "科室"]
    assert len(rows_of(as_(office.clerk), NUMBERS, voided="true")) == 1


def test_the_register_of_the_seal_has_who_kept_it_and_who_registered(office: Office) -> None:
    document = office.document("sealed")
    SealRecord.objects.create(
        document=document, seal="新河县国土资源局", copies=3, sealed_on=TODAY, keeper="王监印",
        registered_by=office.clerk,
    )  # fmt: skip
    sheet = sheet_of(as_(office.clerk), SEALS)
    head, row = ([cell.value for cell in cells] for cells in sheet.rows)
    values = dict(zip(head, row, strict=True))
    assert values["用印日期"].date() == TODAY
    assert values["登记时间"].isoformat() == "2026-11-23T09:00:00"
    assert values | {"用印日期": "", "登记时间": ""} == {
        "文号": document.number,
        "用印日期": "",
        "标题": document.title,
        "受送达人": document.addressee,
        "印章": "新河县国土资源局",
        "份数": 3,
        "监印人": "王监印",
        "登记人": str(office.clerk),
        "登记时间": "",
        "科室": office.section.name,
    }
