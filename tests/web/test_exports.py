"""The menu 导出 of a list: what is filtered is what comes out, and the record says so."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from tablib import Dataset

from landbureau.accounts.models import Township, User, Village
from landbureau.audit.models import Entry
from landbureau.web.exports import FORMATS, DeskResource
from tests.factories import OfficeFactory, TownshipFactory, UserFactory, VillageFactory, allow
from tests.web.demo import VillageList, VillageResource
from tests.web.exported import content_of, lines_of, sheet_of
from tests.web.pages import body_of, check_headers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
LIST = "/demo/list/"
HEADS = ["村居", "乡镇", "国土所", "路线顺序", "行政区划代码", "下次巡查"]


@pytest.fixture(autouse=True)
def _saturday() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 28, 9, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False):
        yield


@pytest.fixture
def town() -> Township:
    Village.objects.all().delete()
    return TownshipFactory(name="测寨镇", code="0130530", office=OfficeFactory(name="测寨国土所"))


def exported(client: Client, **query: Any) -> list[list[str]]:
    return lines_of(client, LIST, **query)


def names(rows: list[list[str]]) -> list[str]:
    return [row[0] for row in rows[1:]]


# --- What comes out ----------------------------------------------------------------------------------------


def test_a_list_comes_out_with_all_its_columns_the_hidden_ones_too(browser: Client, town: Township) -> None:
    VillageFactory(name="甲村", order=3, township=town)
    rows = exported(browser, col="order")
    assert rows == [HEADS, ["甲村", "测寨镇", "测寨国土所", "3", "0130530", "2026-12-01"]]


def test_all_pages_come_out_not_only_the_one_that_is_shown(browser: Client, town: Township) -> None:
    for number in range(45):
        VillageFactory(name=f"{number:02}村", order=number, township=town)
    assert names(exported(browser, page=2, size=20)) == [f"{number:02}村" for number in range(45)]


def test_what_is_filtered_comes_out_in_the_order_that_is_shown(browser: Client, town: Township) -> None:
    for name, order in (("甲村", 1), ("乙村", 2), ("丙社区", 3)):
        VillageFactory(name=name, order=order, township=town)
    assert names(exported(browser)) == ["甲村", "乙村", "丙社区"]
    assert names(exported(browser, kind="rural", sort="-order")) == ["乙村", "甲村"]
    assert names(exported(browser, sort=["-nonsense", "-order"])) == ["丙社区", "乙村", "甲村"]


def test_excel_gets_dates_numbers_and_codes_as_what_they_are(browser: Client, town: Township) -> None:
    VillageFactory(name="=1+1", order=3, township=town)
    sheet = sheet_of(browser, LIST)
    assert sheet.title == "村居列表"
    assert [cell.value for cell in sheet[1]] == HEADS
    name, _, _, order, code, due = sheet[2]
    assert (name.value, name.data_type) == ("=1+1", "s")
    assert order.value == 3
    assert (code.value, code.number_format) == ("0130530", "@")
    assert (due.value.date().isoformat(), due.number_format) == ("2026-12-01", "yyyy-mm-dd")


def test_an_export_of_nothing_has_its_heads(browser: Client, town: Township) -> None:
    assert exported(browser, q="没有的村") == [HEADS]


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_file_has_a_chinese_name_and_is_neither_kept_nor_run_by_the_browser(
    browser: Client, town: Township, name: str
) -> None:
    response = browser.get(LIST, {"export": name})
    check_headers(response)
    disposition = response.headers["Content-Disposition"]
    assert disposition == f"attachment; filename*=utf-8''{quote(f'村居列表-20261128.{name}')}"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert int(response.headers["Content-Length"]) == len(content_of(response))


def test_query_count_does_not_grow_with_the_rows(
    browser: Client, town: Township, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(VillageResource, "chunk_size", 10)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            exported(browser)
        return len(queries)

    VillageFactory(township=town)
    exported(browser)
    few = count()
    for _ in range(40):
        VillageFactory(township=TownshipFactory())
    assert len(exported(browser)) == 42
    assert count() == few


def test_a_resource_is_one_of_import_export(town: Township, alice: User) -> None:
    VillageFactory(name="=甲村", order=0, township=town)
    dataset = VillageResource(viewer=alice, today=date(2026, 11, 28)).export(Village.objects.all())
    assert isinstance(dataset, Dataset)
    assert dataset.headers == HEADS
    assert list(map(str, dataset[0][:2])) == ["=甲村", "测寨镇"]


# --- The menu ----------------------------------------------------------------------------------------------


def test_the_menu_says_how_many_rows_and_keeps_the_conditions(browser: Client, town: Township) -> None:
    for number in range(3):
        VillageFactory(name=f"{number}村", township=town)
    VillageFactory(name="社区", township=town)
    body = body_of(browser.get(LIST, {"q": "村", "sort": "-order", "page": 1}))
    assert "导出符合条件的 3 个" in body
    links = re.findall(r'href="(\?export=[^"]+)">([^<]+)<', body)
    assert [word for _, word in links] == ["Excel（.xlsx）", "CSV"]
    assert links[1][0] == "?export=csv&amp;q=%E6%9D%91&amp;sort=-order"
    assert len(names(exported(browser, q="村", sort="-order"))) == 3
    assert "导出全部 4 个" in body_of(browser.get(LIST))


def test_an_empty_list_offers_no_export(browser: Client, town: Township) -> None:
    assert "导出" not in body_of(browser.get(LIST))


def test_a_list_without_a_resource_has_no_export(
    browser: Client, town: Township, monkeypatch: pytest.MonkeyPatch
) -> None:
    VillageFactory(township=town)
    monkeypatch.setattr(VillageList, "resource_class", None)
    assert "导出" not in body_of(browser.get(LIST))
    assert browser.get(LIST, {"export": "csv"}).status_code == 404


@pytest.mark.parametrize("name", ["", "pdf", "XLSX"])
def test_a_format_that_nobody_offers_is_not_there(browser: Client, town: Township, name: str) -> None:
    assert browser.get(LIST, {"export": name}).status_code == 404


def test_a_wrong_condition_exports_nothing_and_shows_the_page(browser: Client, town: Township) -> None:
    VillageFactory(name="甲村", township=town)
    response = browser.get(LIST, {"export": "csv", "visited_after": "gestern"}, follow=True)
    body = body_of(response)
    assert response.redirect_chain == [(f"{LIST}?visited_after=gestern", 302)]
    assert "没有导出：请先改正筛选条件。" in body
    assert "输入一个有效的日期。" in body
    assert not Entry.objects.filter(action=Entry.Action.EXPORT).exists()


def test_too_many_rows_are_told_in_a_sentence_instead_of_half_a_file(
    browser: Client, town: Township, settings: Settings
) -> None:
    settings.EXPORT_MOST_ROWS = 2
    for _ in range(2):
        VillageFactory(township=town)
    assert len(names(exported(browser))) == 2
    VillageFactory(township=town)
    body = body_of(browser.get(LIST, {"export": "xlsx", "sort": "order"}, follow=True))
    assert "没有导出：一次最多导出 2 行，请先用筛选条件缩小范围。" in body
    assert Entry.objects.filter(action=Entry.Action.EXPORT).count() == 1


# --- The record --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_an_export_is_recorded_with_its_conditions_and_the_fingerprint_of_the_file(
    browser: Client, alice: User, town: Township, name: str
) -> None:
    VillageFactory(name="甲村", order=2, township=town)
    content = content_of(browser.get(LIST, {"export": name, "kind": "rural", "order_min": "1"}))
    entry = Entry.objects.get(action=Entry.Action.EXPORT)
    assert (entry.actor, entry.object_repr, entry.remote_addr) == (alice, "村居列表", "127.0.0.1")
    assert entry.additional_data == {
        "count": 1,
        "filters": ["类别：农村", "路线顺序：1 起"],
        "file": f"村居列表-20261128.{name}",
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def test_an_export_without_conditions_records_none(browser: Client, town: Township) -> None:
    exported(browser)
    assert "filters" not in Entry.objects.get(action=Entry.Action.EXPORT).additional_data


def test_a_file_that_cannot_be_recorded_does_not_leave(
    alice: User, town: Township, settings: Settings
) -> None:
    settings.EXPORT_RECORDER = "tests.web.demo.broken"
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    response = client.get(LIST, {"export": "csv"})
    assert response.status_code == 500
    assert "Content-Disposition" not in response.headers


def test_the_record_shows_an_export_in_the_words_of_the_page(client: Client, town: Township) -> None:
    client.force_login(allow(UserFactory(), "view_audit"))
    exported(client, kind="rural")
    body = body_of(client.get("/desk/audit/"))
    for words in ("村居列表-20261128.csv", "类别：农村", "SHA-256"):
        assert words in body


def test_every_resource_names_each_of_its_columns_once_and_in_chinese() -> None:
    found = [
        resource for resource in DeskResource.__subclasses__() if resource.__module__.startswith("landbureau")
    ]
    assert found
    for resource in found:
        heads = [field.column_name for field in resource.fields.values()]
        assert len(set(heads)) == len(heads), resource
        assert all(re.search("[\u4e00-\u9fff]", head) for head in heads), resource
