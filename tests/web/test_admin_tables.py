"""Configuration tables out of the admin and in again: what a file changes is shown, then done; or nothing."""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import time_machine
from django.conf import settings
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from landbureau.accounts.models import Section, Township, TownshipOffice, User
from landbureau.audit.models import Entry
from landbureau.documents.models import Kind
from landbureau.web import admin_files
from landbureau.web.admin_tables import TableAdmin
from landbureau.workdays.models import TimeLimit
from supervision.supply.models import CheckItem, DeviationKind, Regime
from tests.factories import OfficeFactory, SectionFactory, TownshipFactory, UserFactory, allow
from tests.web.exported import content_of
from tests.web.pages import body_of, check_headers, check_text

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 28, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
TABLES = [model for model, page in admin.site._registry.items() if isinstance(page, TableAdmin)]
HEADS = ["名称", "类别", "电话", "职能简述", "排序", "在用"]


@pytest.fixture(autouse=True)
def _saturday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def right(client: Client) -> User:
    user = allow(UserFactory(name="林志远"), "update_config", "view_config", "update_series")
    client.force_login(user)
    return user


@pytest.fixture
def section() -> Section:
    Regime.objects.all().delete()  # it names sections
    Section.objects.all().delete()
    return SectionFactory(name="试验甲股", phone="0319-1", order=3)


def address(model: Any, page: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def exported(client: Client, model: Any, name: str = "xlsx", **query: Any) -> bytes:
    return content_of(client.get(address(model, "export"), {"export": name, **query}))


def preview(client: Client, model: Any, data: bytes, name: str = "表.xlsx") -> HttpResponse:
    """The page after a file was chosen."""
    form = {"resource": "0", "format": "", "import_file": SimpleUploadedFile(name, data)}
    response = client.post(address(model, "import"), form)
    assert response.status_code == 200
    check_headers(response)
    check_text(body_of(response))
    return response


def confirmed(client: Client, model: Any, page: HttpResponse, **changes: str) -> str:
    """The page after 确认导入, with its message."""
    form = page.context["confirm_form"]
    data = {field.name: field.value() for field in form} | changes
    response = client.post(address(model, "process_import"), data, follow=True)
    assert response.redirect_chain
    check_text(body_of(response))
    return body_of(response)


def refused(client: Client, model: Any, data: bytes, name: str = "表.xlsx") -> str:
    """What the page says about a file that cannot be imported."""
    page = preview(client, model, data, name)
    assert "confirm_form" not in page.context
    return re.sub(r"(<[^>]+>|\s)+", " ", body_of(page))


# --- Who, and what the pages are ---------------------------------------------------------------------------


def test_the_tables_are_those_that_a_bureau_edits_in_bulk() -> None:
    ours = {Section, TownshipOffice, Township, TimeLimit, Kind, CheckItem, DeviationKind}
    assert set(TABLES) == ours


@pytest.mark.parametrize("model", TABLES)
@pytest.mark.parametrize(
    ("page", "method"), [("import", "get"), ("export", "get"), ("process_import", "post")]
)
def test_the_pages_are_for_those_who_may_change_the_configuration(model: Any, page: str, method: str) -> None:
    url = address(model, page)
    response = getattr(Client(), method)(url)
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("admin:login"))
    other = allow(UserFactory(), "update_config", on=SectionFactory())
    for user, status in ((UserFactory(), 403), (other, 403)):
        client = Client()
        client.force_login(user)
        assert getattr(client, method)(url, follow=True).status_code == status
    client.force_login(allow(UserFactory(), "update_config"))
    response = getattr(client, method)(url)
    assert response.status_code == (302 if page == "process_import" else 200)
    check_headers(response)
    if page == "import":
        check_text(body_of(response))


@pytest.mark.parametrize("model", TABLES)
def test_a_list_offers_both_and_a_confirmation_is_posted(client: Client, right: User, model: Any) -> None:
    response = client.get(address(model, "changelist"), {"q": "甲"})
    check_text(body_of(response))
    assert f'href="{address(model, "import")}"' in body_of(response)
    assert f'href="{address(model, "export")}?export=xlsx&amp;q=%E7%94%B2"' in body_of(response)
    assert client.get(address(model, "process_import")).status_code == 405


# --- Out ---------------------------------------------------------------------------------------------------


def test_a_table_comes_out_in_the_words_of_its_pages(client: Client, right: User, section: Section) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(exported(client, Section))).active
    assert sheet.title == "科室"
    rows = [[cell.value for cell in row] for row in sheet.rows]
    assert rows == [HEADS, ["试验甲股", "股室", "0319-1", None, 3, "是"]]


def test_what_the_list_shows_comes_out_and_is_recorded(client: Client, right: User, section: Section) -> None:
    SectionFactory(name="试验乙股", is_active=False)
    data = exported(client, Section, "csv", is_active__exact="0")
    assert [line.split(",")[0] for line in data.decode("utf-8-sig").splitlines()] == ["名称", "试验乙股"]
    entry = Entry.objects.get(action=Entry.Action.EXPORT)
    assert (entry.actor, entry.object_repr) == (right, "科室")
    assert entry.additional_data == {
        "count": 1,
        "file": "科室-20261128.csv",
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def test_nonsense_in_the_address_of_an_export(client: Client, right: User) -> None:
    assert client.get(address(Section, "export"), {"export": "pdf"}).status_code == 404
    response = client.get(address(Section, "export"), {"nonsense": "1"})
    assert response.headers["Location"] == address(Section, "changelist")


# --- In ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", TABLES)
@pytest.mark.parametrize("name", ["xlsx", "csv"])
def test_what_is_exported_imports_unchanged(client: Client, right: User, model: Any, name: str) -> None:
    SectionFactory(name="=1+1", summary="'=x", phone="0319")
    TownshipFactory(code="0130530", office=OfficeFactory(phone="-1"))
    rows = list(model.objects.order_by("pk").values())
    assert rows
    body = body_of(preview(client, model, exported(client, model, name), f"表.{name}"))
    assert f"新增 0 行，修改 0 行，未变 {len(rows)} 行" in body
    assert "文件与表中的内容相同" in body
    assert "确认导入" not in body
    assert list(model.objects.order_by("pk").values()) == rows


def test_a_change_is_shown_old_and_new_then_done(client: Client, right: User, section: Section) -> None:
    SectionFactory(name="试验乙股")
    data = workbook(
        [HEADS, ["试验甲股", "监察大队", "0319-2", "", 3, "否"], ["试验丙股", "股室", "", "", 9, "是"]]
    )
    page = preview(client, Section, data)
    body = body_of(page)
    assert "新增 1 行，修改 1 行，未变 0 行" in body
    for change in (
        "<span>类别</span> <del>股室</del> → <ins>监察大队</ins>",
        "<span>电话</span> <del>0319-1</del> → <ins>0319-2</ins>",
        "<span>在用</span> <del>是</del> → <ins>否</ins>",
    ):
        assert change in body
    assert "<del>3</del>" not in body, "what stays is not shown"
    section.refresh_from_db()
    assert section.phone == "0319-1", "nothing is done before it was confirmed"

    assert "导入完成：新增 1 行，修改 1 行，未变 0 行。" in confirmed(client, Section, page)
    version = section.version
    section.refresh_from_db()
    assert (section.kind, section.phone, section.is_active) == ("brigade", "0319-2", False)
    assert section.version == version + 1
    assert set(Section.objects.values_list("name", flat=True)) == {"试验甲股", "试验乙股", "试验丙股"}


def test_each_changed_row_and_the_file_are_recorded(client: Client, right: User, section: Section) -> None:
    data = workbook([["名称", "电话"], ["试验甲股", "0319-2"]])
    confirmed(client, Section, preview(client, Section, data, "改电话.xlsx"))
    row = Entry.objects.get(action=Entry.Action.UPDATE, object_pk=str(section.pk))
    assert row.changes["phone"] == ["0319-1", "0319-2"]
    entry = Entry.objects.get(action=Entry.Action.IMPORT)
    assert (row.actor, entry.actor, entry.object_repr) == (right, right, "科室")
    assert entry.additional_data == {
        "created": 0,
        "updated": 1,
        "unchanged": 0,
        "file": "改电话.xlsx",
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def test_a_form_that_was_open_meanwhile_learns_of_the_import(
    client: Client, right: User, section: Section
) -> None:
    page = reverse("admin:accounts_section_change", args=[section.pk])
    form = client.get(page).context["adminform"].form
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    data |= {"aliases-TOTAL_FORMS": 0, "aliases-INITIAL_FORMS": 0, "summary": "我的修改"}
    imported = workbook([["名称", "电话"], ["试验甲股", "0319-2"]])
    confirmed(client, Section, preview(client, Section, imported))
    assert "“电话”由“0319-1”改为“0319-2”" in body_of(client.post(page, data))
    section.refresh_from_db()
    assert section.summary == ""


def test_columns_that_the_file_lacks_stay_and_blank_cells_empty_a_field(
    client: Client, right: User, section: Section
) -> None:
    page = preview(client, Section, workbook([["名称", "电话"], ["试验甲股", None]]))
    assert "<del>0319-1</del> → <ins>（空）</ins>" in body_of(page)
    confirmed(client, Section, page)
    section.refresh_from_db()
    assert (section.phone, section.order) == ("", 3)


def test_numbers_of_excel_are_taken_as_they_are_meant(client: Client, right: User, section: Section) -> None:
    data = workbook([["名称", "电话", "排序", "在用"], [" 试验甲股 ", 3192222.0, "12", True]])
    confirmed(client, Section, preview(client, Section, data))
    section.refresh_from_db()
    assert (section.phone, section.order) == ("3192222", 12)


def test_a_row_of_another_table_is_named_by_its_name(client: Client, right: User) -> None:
    town, office = TownshipFactory(name="测寨镇"), OfficeFactory(name="测寨国土所")
    page = preview(client, Township, workbook([["名称", "国土所"], ["测寨镇", "测寨国土所"]]))
    assert "→ <ins>测寨国土所</ins>" in body_of(page)
    confirmed(client, Township, page)
    town.refresh_from_db()
    assert town.office == office


def test_a_table_of_chinese_windows_is_read(client: Client, right: User, section: Section) -> None:
    data = "名称,电话\r\n试验甲股,'+86\r\n\r\n".encode("gb18030")
    confirmed(client, Section, preview(client, Section, data, "表.csv"))
    section.refresh_from_db()
    assert section.phone == "+86"


# --- What is wrong with a file -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([HEADS[:2], ["试验甲股", "科"]], "2 类别 应为“股室”、“事业单位”、“监察大队”之一，现为“科”。"),
        ([["名称", "排序"], ["试验甲股", "3a"]], "2 排序 应为整数，现为“3a”。"),
        ([["名称", "排序"], ["试验甲股", None]], "2 排序 这个字段是必填项。"),
        ([["名称", "在用"], ["试验甲股", None]], "2 在用 应为“是”、“否”之一，现为空。"),
        ([["名称", "在用"], ["试验甲股", "开"]], "2 在用 应为“是”、“否”之一，现为“开”。"),
        ([["名称", "电话"], ["试验甲股", "1" * 31]], "2 电话 确保该变量包含不超过 30 字符 (目前字符数 31)。"),
        ([["名称", "电话"], [None, "1"]], "2 名称 这个字段是必填项。"),
        (
            [["名称", "排序"], ["试验甲股", 1], ["试验甲股", 2]],
            "第3行与第2行的“名称”都是“试验甲股”，请只留一行。",
        ),
        (
            [["名称", "电 话", "手机"], ["试验甲股", "1", "2"]],
            "文件中有本表没有的列：手机。本表的列是：名称、类别、电话",
        ),
        ([["名称", "电话", "电话"], ["试验甲股", "1", "2"]], "文件中有重复的列：电话。"),
        ([["名称", None, "电话"], ["试验甲股", "1", "2"]], "文件中有本表没有的列：（空）。"),
        ([["电话"], ["1"]], "文件中缺少“名称”列，无法对应到表中的行。"),
        ([["名称", "电话"], ["试验甲股", "=1+1"]], "单元格 B2 是公式，请改为数值后再传。"),
        ([["名称"]], "文件中没有数据行：第一行应为列名，数据从第二行开始。"),
        ([], "这个文件是空的：第一行应为列名，数据从第二行开始。"),
        ([["名称"], *[[f"{number}股"] for number in range(2001)]], "一次最多导入 2,000 行，请分成几个文件。"),
        ([["名称", *range(60)], ["试验甲股"]], "一次最多导入 60 列，请删去多余的列。"),
    ],
)
def test_what_is_wrong_is_told_in_chinese_and_nothing_is_done(
    client: Client, right: User, section: Section, rows: list[list[Any]], told: str
) -> None:
    before = list(Section.objects.values())
    assert told in refused(client, Section, workbook(rows))
    assert list(Section.objects.values()) == before
    assert not Entry.objects.filter(action=Entry.Action.IMPORT).exists()


def test_of_a_file_with_one_wrong_row_no_row_is_taken(client: Client, right: User, section: Section) -> None:
    rows = [["名称", "排序"], ["试验甲股", 8], ["试验乙股", "x"], ["试验丙股", "y"]]
    text = refused(client, Section, workbook(rows))
    assert "文件中有 2 行有误，没有导入任何内容。" in text
    section.refresh_from_db()
    assert section.order == 3
    assert Section.objects.count() == 1


def test_a_row_that_names_another_table_wrongly_is_told(client: Client, right: User) -> None:
    TownshipFactory(name="测寨镇")
    assert "没有“某国土所”这个国土所。" in refused(
        client, Township, workbook([["名称", "国土所"], ["测寨镇", "某国土所"]])
    )


def test_what_a_page_only_shows_cannot_be_changed_by_a_file(client: Client, right: User) -> None:
    limit = TimeLimit.objects.get(code="statement")
    rows = [["代码", "起算事件", "数量"], [limit.code, "另一事件", limit.number + 1]]
    assert "这一列不能改动。" in refused(client, TimeLimit, workbook(rows))
    rows = [["代码", "起算事件", "数量"], [limit.code, limit.event, limit.number + 1]]
    confirmed(client, TimeLimit, preview(client, TimeLimit, workbook(rows)))
    number = limit.number
    limit.refresh_from_db()
    assert limit.number == number + 1
    assert limit.is_changed


def test_a_table_that_is_not_added_to_takes_no_new_row(client: Client, right: User) -> None:
    rows = [["代码", "数量"], ["brand-new", 3]]
    assert "没有“brand-new”这项法定期限，此表不能新增。" in refused(client, TimeLimit, workbook(rows))


def test_the_rules_of_the_pages_form_hold_for_a_file(client: Client, right: User) -> None:
    kind = Kind.objects.filter(needs_service=True).first()
    assert kind
    rows = [["代码", "须送达", "须两人送达"], [kind.code, "否", "是"]]
    assert "不须送达的文书没有这一项。" in refused(client, Kind, workbook(rows))
    assert "这一列不能改动。" in refused(client, Kind, workbook([["代码", "版式"], [kind.code, "表单"]]))


# --- Between preview and confirmation ----------------------------------------------------------------------


def test_a_change_in_between_is_not_overwritten(client: Client, right: User, section: Section) -> None:
    page = preview(client, Section, workbook([["名称", "电话"], ["试验甲股", "0319-2"]]))
    Section.objects.filter(pk=section.pk).update(phone="0319-9", version=section.version + 1)
    body = confirmed(client, Section, page)
    assert "没有导入：核对之后，表中的内容已被他人修改。请重新选择文件，核对后再导入。" in body
    section.refresh_from_db()
    assert section.phone == "0319-9"


def test_a_second_click_does_nothing_more(client: Client, right: User, section: Section) -> None:
    page = preview(client, Section, workbook([["名称", "电话"], ["试验甲股", "0319-2"]]))
    confirmed(client, Section, page)
    assert "没有导入" in confirmed(client, Section, page)
    assert Entry.objects.filter(action=Entry.Action.IMPORT).count() == 1


def test_what_another_table_lost_in_between_is_told(client: Client, right: User) -> None:
    town, office = TownshipFactory(name="测寨镇"), OfficeFactory(name="测寨国土所")
    page = preview(client, Township, workbook([["名称", "国土所"], ["测寨镇", "测寨国土所"]]))
    TownshipOffice.objects.filter(pk=office.pk).update(name="改名国土所")
    assert "没有导入：第2行：没有“测寨国土所”这个国土所。" in confirmed(client, Township, page)
    old = town.office
    town.refresh_from_db()
    assert town.office == old


@pytest.mark.parametrize(
    "changes",
    [
        {"import_file_name": "/etc/passwd"},
        {"import_file_name": "eA==:1abc:forged"},
        {"import_file_name": ""},
        {"format": "7"},
        {"seen": ""},
        {"original_file_name": ""},
    ],
)
def test_a_confirmation_that_the_page_did_not_write_does_nothing(
    client: Client, right: User, section: Section, changes: dict[str, str]
) -> None:
    page = preview(client, Section, workbook([["名称", "电话"], ["试验甲股", "0319-2"]]))
    assert "没有导入：核对的时间过长或页面不完整，请重新选择文件。" in confirmed(
        client, Section, page, **changes
    )
    section.refresh_from_db()
    assert section.phone == "0319-1"


def test_a_file_that_is_confirmed_as_of_another_kind_is_told(
    client: Client, right: User, section: Section
) -> None:
    page = preview(client, Section, workbook([["名称", "电话"], ["试验甲股", "0319-2"]]))
    text = confirmed(client, Section, page, format="1")
    assert "没有导入：这个文件不是 Excel（.xlsx）或 CSV，请核对是否选错了文件。" in text
    section.refresh_from_db()
    assert section.phone == "0319-1"


def test_a_preview_of_yesterday_is_not_confirmed(client: Client, right: User, section: Section) -> None:
    page = preview(client, Section, workbook([["名称", "电话"], ["试验甲股", "0319-2"]]))
    storage = admin_files.FormStorage(name=page.context["confirm_form"].initial["import_file_name"])
    assert storage.read()
    with (
        time_machine.travel(NOW + timedelta(days=1), tick=False),
        pytest.raises(admin_files.BadSignature),
    ):
        storage.read()


def test_a_preview_leaves_no_file_behind(
    client: Client, right: User, section: Section, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # others write into the common one meanwhile

    def files() -> set[Path]:
        folders = (Path(settings.MEDIA_ROOT), tmp_path)
        return {path for folder in folders if folder.exists() for path in folder.iterdir()}

    before = files()
    preview(client, Section, workbook([["名称", "电话"], ["试验甲股", "0319-2"]]))
    assert {path for path in files() - before if path.stat().st_size} == set()


# --- Files that would take the process down ----------------------------------------------------------------


def swollen(part: str, place: bytes, piece: bytes, times: int) -> bytes:
    """A workbook with ``piece`` so many times before ``place``: each costs the reader an object."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["名称"]]))) as old,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            if name == part:
                data = data.replace(place, piece * times + place)
            new.writestr(name, data)
    return changed.getvalue()


STYLES, SHEET = "xl/styles.xml", "xl/worksheets/sheet1.xml"


def bomb(size: int) -> bytes:
    """A workbook whose sheet is small as it is packed and ``size`` bytes large."""
    file = io.BytesIO(workbook([["名称"], ["甲股"]]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet2.xml", b" " * size)
    return file.getvalue()


def far(reference: str, dimension: str = "") -> bytes:
    """A workbook with one cell far away."""
    source = io.BytesIO(workbook([["名称"], ["甲股"]]))
    file = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                row = re.sub("[A-Z]", "", reference)
                cell = f'<row r="{row}"><c r="{reference}"><v>1</v></c></row></sheetData>'
                data = data.replace(b"</sheetData>", cell.encode())
                data = re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="{dimension}"'.encode(), data)
            new.writestr(part.filename, data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"x" * (1024**2 + 1), "文件超过 1 MB 的上限，请只保留要导入的行和列。"),
        (bomb(admin_files.MOST_UNPACKED), "这个 Excel 文件解压后过大，请只保留要导入的表后再传。"),
        (swollen(STYLES, b"</cellXfs>", b"<xf/>", 200_000), "这个 Excel 文件的格式或图片过多，请把表格复制"),
        (swollen(SHEET, b"</row>", b"<c/>", 800_000), "这个 Excel 文件的格式或图片过多，请把表格复制"),
        (swollen(SHEET, b"</sheetData>", b'<row><c r="XFD3"/></row>', 100), "一次最多导入 60 列"),
        (b"%PDF-1.7 no table", "这个文件不是 Excel（.xlsx）或 CSV，请核对是否选错了文件。"),
        (far("A1048576", "A1:XFD1048576"), "一次最多导入 2,000 行"),
        (far("XFD3", "A1:XFD1048576"), "一次最多导入 60 列"),
        (workbook([["名称"]])[:-40], "这个 Excel 文件打不开或已损坏，请重新另存为 .xlsx 后再传。"),
        (b"PK\x03\x04 no zip", "这个 Excel 文件打不开或已损坏"),
        (b"\xd0\xcf\x11\xe0 old", "这是旧版或加密的 Excel 文件，请另存为不加密的 .xlsx 后再传。"),
        (b"\xff\xfe\xff\xff\x80", "这个文件不是 Excel（.xlsx）或 CSV，请核对是否选错了文件。"),
        (b"x" * 200_000, "这个 CSV 文件的格式有误，请用 Excel 打开后另存为 .xlsx 再传。"),
        (b"", "提交的是空文件。"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else "file",
)
def test_a_file_that_is_none_is_refused_in_one_sentence(
    client: Client, right: User, data: bytes, told: str
) -> None:
    assert told in refused(client, Section, data)
