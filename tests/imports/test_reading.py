"""Tables out of files: the same rows whatever the format, and what each format can say besides."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from landbureau.imports.reading import Bad, open_tables
from tests.imports import files

pytestmark = pytest.mark.usefixtures("read_here")

TEXTS = [
    ["2026年人员名册", None, None],
    [],
    ["编号", "姓名", "备注"],
    ["001", "王海燕", "寻寨镇\n国土所"],
    ["002", "赵 文博", None],
    [None, "喆镕堃", '，;\t“引号”"'],
]
READ = [(1, ["2026年人员名册"]), (3, TEXTS[2]), (4, TEXTS[3]), (5, ["002", "赵 文博"]), (6, TEXTS[5])]
MERGES = [(1, 0, 1, 2), (4, 2, 5, 2)]
WORKBOOKS = {"xlsx": files.xlsx, "xls": files.xls, "ods": files.ods}


def csv_texts(encoding: str, separator: str) -> bytes:
    return files.csv([["" if cell is None else cell for cell in row] for row in TEXTS], encoding, separator)


# --- All formats ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: files.xlsx(TEXTS, MERGES), id="xlsx"),
        pytest.param(lambda: files.xls(TEXTS, MERGES), id="xls"),
        pytest.param(lambda: files.ods(TEXTS, MERGES), id="ods"),
        pytest.param(lambda: files.docx(TEXTS, MERGES), id="docx"),
        *(
            pytest.param(lambda e=encoding, s=separator: csv_texts(e, s), id=f"csv-{encoding}-{separator!r}")
            for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16")
            for separator in ",;\t"
        ),
    ],
)
def test_every_format_gives_the_same_rows(make: Callable[[], bytes]) -> None:
    assert files.rows(make()) == READ


@pytest.mark.parametrize("make", [*WORKBOOKS.values(), files.docx])
def test_merged_cells_are_told_and_have_their_value_once(make: Callable[..., bytes]) -> None:
    ((sheet, only),) = files.read(make(TEXTS, MERGES))

    assert sheet.knows_merges
    assert sheet.merges == MERGES
    assert only == READ


def test_a_text_file_knows_no_merged_cells_and_gives_its_name_to_the_sheet() -> None:
    ((sheet, _),) = files.read(csv_texts("utf-8", ","), "乡镇.csv")

    assert (sheet.name, sheet.knows_merges, sheet.merges, sheet.width) == ("乡镇", False, [], 3)


@pytest.mark.parametrize("make", WORKBOOKS.values(), ids=WORKBOOKS)
def test_numbers_days_and_truths_keep_their_kind(make: Callable[..., bytes]) -> None:
    moment = datetime(2026, 3, 1, 10, 30)  # noqa: DTZ001  # as spreadsheets have them

    ((_, cells),) = files.rows(make([[17342.5, 3, True, False, date(2026, 3, 1), moment, "20260301"]]))

    assert cells == [17342.5, 3, True, False, date(2026, 3, 1), moment, "20260301"]
    assert [type(cell) for cell in cells[2:6]] == [bool, bool, date, datetime]


@pytest.mark.parametrize("make", WORKBOOKS.values(), ids=WORKBOOKS)
def test_rows_and_columns_before_the_table_count(make: Callable[..., bytes]) -> None:
    ((sheet, only),) = files.read(make([[], [], [None, None, "甲"], [None, None, None, "乙"]]))

    assert only == [(3, [None, None, "甲"]), (4, [None, None, None, "乙"])]
    assert sheet.width == 4


@pytest.mark.parametrize("make", WORKBOOKS.values(), ids=WORKBOOKS)
def test_sheets_come_in_order_hidden_ones_are_marked_and_blank_ones_left_out(
    make: Callable[..., bytes],
) -> None:
    data = make({"乙": [["1"]], "空": [[None, "  "]], "甲": [["2"]]}, hidden=["甲"])

    assert [(sheet.name, sheet.hidden, only) for sheet, only in files.read(data)] == [
        ("乙", False, [(1, ["1"])]),
        ("甲", True, [(1, ["2"])]),
    ]


@pytest.mark.parametrize("make", WORKBOOKS.values(), ids=WORKBOOKS)
def test_what_a_sheet_has_left_is_passed_over_when_the_next_one_is_asked_for(
    make: Callable[..., bytes],
) -> None:
    data = make({"甲": [[str(i)] for i in range(1000)], "乙": [["1"]]})

    with open_tables(io.BytesIO(data), "表") as sheets:
        first = next(sheets)
        next(first.rows)
        second = next(sheets)

        assert list(first.rows) == []
        assert list(second.rows) == [(1, ["1"])]
        assert list(sheets) == []


def test_control_characters_go_and_lines_end_in_one_way() -> None:
    assert files.rows(
        files.sheet_xml('<row><c t="inlineStr"><is><t>甲_x000D_\n乙\t_x0007_丙</t></is></c></row>')
    ) == [(1, ["甲\n乙\t丙"])]


# --- xlsx -------------------------------------------------------------------------------------------


def test_a_path_is_read_as_well_as_an_open_file(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(files.xlsx([["甲"]]))

    for file in (path, str(path)):
        with open_tables(file, "表.xlsx") as sheets:
            assert [list(sheet.rows) for sheet in sheets] == [[(1, ["甲"])]]


def test_the_name_of_a_file_does_not_matter() -> None:
    for name in ("表.xls", "表.csv", "表", ""):
        assert files.read(files.xlsx([["甲"]]), name)[0][1] == [(1, ["甲"])]


def test_a_formula_without_result_and_an_error_are_no_blank_cells() -> None:
    book = Workbook()
    book.active.append(["=1+1", "#REF!", None, "甲"])  # type: ignore[union-attr]
    book.active.append([])  # type: ignore[union-attr]
    book.active["F3"] = "=A1"  # type: ignore[index]
    file = io.BytesIO()
    book.save(file)

    ((sheet, only),) = files.read(file.getvalue())

    assert only == [
        (1, [Bad("公式没有结果"), Bad("#REF!"), None, "甲"]),
        (3, [None] * 5 + [Bad("公式没有结果")]),
    ]
    assert sheet.width == 6


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="A1"><f>1+1</f><v>2</v></c>', 2.0),
        ('<c r="A1" t="str"><f>B1&amp;""</f><v></v></c>', None),
        ('<c r="A1" t="str"><f t="shared" si="0"/><v>甲</v></c>', "甲"),
        ('<c r="A1"><f t="shared" si="0"/></c>', Bad("公式没有结果")),
        ('<c r="A1"><f>A2</f><v/></c>', Bad("公式没有结果")),
        ('<c t="e" s="1" r="A1"><f>1/0</f><v>#DIV/0!</v></c>', Bad("#DIV/0!")),
        ("<c r='A1' t='e'><v>#N/A</v></c>", Bad("#N/A")),
        ('<c r="A1"><v>1e999</v></c>', Bad("#NUM!")),
        ('<c r="A1" t="d"><v>2026-03-01</v></c>', date(2026, 3, 1)),
    ],
)
def test_formulas_and_errors(cell: str, expected: Any) -> None:
    below = '<row r="2"><c r="A2"><v>1</v></c></row>'

    assert dict(files.rows(files.sheet_xml(f'<row r="1">{cell}</row>{below}'))).get(1) == (
        None if expected is None else [expected]
    )


def test_cells_need_not_say_where_they_are_and_elements_may_have_a_prefix() -> None:
    plain = "<row><c><v>1</v></c><c/><c><f>1</f></c></row><row/><row><c/><c><v>2</v></c></row>"
    expected = [(1, [1.0, None, Bad("公式没有结果")]), (3, [None, 2.0])]
    main = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    prefixed = plain.replace("</", "</x:").replace("<r", "<x:r").replace("<c", "<x:c").replace("<v", "<x:v")
    sheet = f"<x:worksheet {main}><x:sheetData>{prefixed.replace('<f', '<x:f')}</x:sheetData></x:worksheet>"

    assert files.rows(files.sheet_xml(plain)) == expected
    assert files.rows(files.changed(files.xlsx([["甲"]]), {files.SHEET: sheet})) == expected


def test_shared_texts_keep_their_spaces_and_lose_their_pronunciation() -> None:
    texts = (
        '<si><r><t xml:space="preserve">王 </t></r><r><t>海燕</t></r><rPh><t>wang</t></rPh></si>'
        '<si><t xml:space="preserve"> 前后 </t></si>'
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    data = files.changed(
        files.sheet_xml(cells), {"xl/sharedStrings.xml": f'<sst xmlns="{main}">{texts}</sst>'}
    )

    assert files.rows(data) == [(1, ["王 海燕", " 前后 "])]


def test_dates_of_the_1904_system_and_times() -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append([date(2026, 3, 1), time(8, 30), timedelta(hours=30, minutes=5)])  # type: ignore[union-attr]
    file = io.BytesIO()
    book.save(file)

    assert files.rows(file.getvalue()) == [(1, [date(2026, 3, 1), "08:30", "30:05"])]


def test_sheets_of_charts_are_passed_over() -> None:
    book = Workbook()
    book.create_chartsheet("图", 0)
    book.active = 1
    book.worksheets[0].append(["甲"])
    file = io.BytesIO()
    book.save(file)

    assert files.rows(file.getvalue()) == [(1, ["甲"])]


def test_cells_far_away_that_are_only_formatted_do_no_harm() -> None:
    far = '<row r="1048576"><c r="XFC1048576" s="1"/><c r="XFD1048576" s="1"></c></row>'

    assert files.rows(files.sheet_xml(f'<row r="1"><c r="A1"><v>1</v></c></row>{far}')) == [(1, [1.0])]


def test_merged_ranges_end_where_the_sheet_is_used() -> None:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>'
    merges = '<mergeCells><mergeCell ref="A1:A1048576"/><mergeCell ref="C1:D2"/></mergeCells>'

    ((sheet, _),) = files.read(files.sheet_xml(cells, merges))

    assert sheet.merges == [(1, 0, 2, 0)]


# --- xls --------------------------------------------------------------------------------------------


def test_errors_of_an_old_workbook_are_no_blank_cells() -> None:
    book = files.xlwt.Workbook()
    sheet = book.add_sheet("一")
    sheet.write(0, 0, "甲")
    sheet.row(0).set_cell_error(1, "#REF!")
    sheet.write(0, 2, files.xlwt.Formula("1+1"))
    sheet.row(3).set_cell_error(4, "#N/A!")
    file = io.BytesIO()
    book.save(file)

    ((read_sheet, only),) = files.read(file.getvalue())

    assert only == [(1, ["甲", Bad("#REF!")]), (4, [None] * 4 + [Bad("#N/A")])]
    assert read_sheet.width == 5


@pytest.mark.parametrize(
    ("result", "flags", "text", "expected"),
    [
        (struct.pack("<d", 2.5), 0, "", 2.5),
        (b"\1\0\1\0\0\0\xff\xff", 0, "", True),
        (b"\0\0\0\0\0\0\xff\xff", 0, "文字", "文字"),
        (b"\2\0\x2a\0\0\0\xff\xff", 0, "", Bad("#N/A")),
        (b"\3\0\0\0\0\0\xff\xff", 0, "", None),
        (b"\3\0\0\0\0\0\xff\xff", 2, "", Bad("公式没有结果")),
    ],
)
def test_results_of_formulas_in_an_old_workbook(result: bytes, flags: int, text: str, expected: Any) -> None:
    formula = struct.pack("<HHH8sH4xH", 0, 1, 15, result, flags, 999) + b"\xff\xff"  # nobody can calculate it
    records = files.record(0x0006, formula)
    if text:
        records += files.record(0x0207, struct.pack("<HB", len(text), 1) + text.encode("utf-16-le"))

    assert files.rows(files.xls_with_records([["甲"]], records)) == [(1, files.stripped(["甲", expected]))]


def test_figures_of_a_chart_in_an_old_workbook_are_no_cells() -> None:
    figure = files.record(0x0203, struct.pack("<HHHd", 9, 9, 15, 99.0))
    chart = files.record(0x0809, struct.pack("<HHI", 0x0600, 0x0020, 0)) + figure + files.record(0x000A, b"")

    assert files.rows(files.xls_with_records([["甲", 1], ["乙", 2]], chart)) == [
        (1, ["甲", 1]),
        (2, ["乙", 2]),
    ]
