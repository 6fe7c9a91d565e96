"""What is written is what is there: types, texts as they are, and how the sheet looks."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from python_calamine import CalamineWorkbook

from landbureau.web.spreadsheets import (
    GROUNDS,
    TEXT,
    ColumnOut,
    SheetOut,
    harmed,
    harmless,
    write_csv,
    write_xlsx,
)

FORMULAS = ["=1+1", "+1", "-1", "@A1", "\t1", "\r1", "\n=1", " =1", "\u3000+1", "＝1", "＋1", "－1", "＠A1"]
texts = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=40)


def workbook_of(rows: Sequence[Sequence[Any]], *columns: ColumnOut, **options: Any) -> Any:
    file = io.BytesIO()
    columns = columns or tuple(ColumnOut(f"第{number}列") for number, _ in enumerate(rows[0], 1))
    assert write_xlsx(file, [SheetOut("人员", columns, rows, **options)]) == len(rows)
    return openpyxl.load_workbook(file)


def cell_of(value: Any, column: ColumnOut | None = None) -> Any:
    """The cell as it was written, read again."""
    return workbook_of([[value]], column or ColumnOut("甲")).active["A2"]


def csv_of(rows: Sequence[Sequence[Any]], head: Sequence[str] = ("甲",)) -> bytes:
    file = io.BytesIO()
    assert write_csv(file, head, rows) == len(rows)
    return file.getvalue()


# --- Excel -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kept", "number_format"),
    [
        (date(2026, 3, 1), datetime.fromisoformat("2026-03-01"), "yyyy-mm-dd"),
        (
            datetime(2026, 3, 1, 16, 30, tzinfo=UTC),
            datetime.fromisoformat("2026-03-02T00:30"),
            "yyyy-mm-dd hh:mm",
        ),
        (time(8, 5), time(8, 5), "hh:mm"),
        (Decimal("1234.50"), 1234.5, "#,##0.00"),
        (123456789012, 123456789012, "0"),
        (True, "是", "General"),
        (False, "否", "General"),
        ("", None, "General"),
        (None, None, "General"),
    ],
)
def test_values_keep_their_type(value: Any, kept: Any, number_format: str) -> None:
    cell = cell_of(value)
    assert cell.value == kept
    assert cell.number_format == number_format


@pytest.mark.parametrize(
    "value", [Decimal("12345678901234567.89"), 130530199001011234, float("inf"), date(1899, 12, 31)]
)
def test_what_excel_cannot_hold_exactly_is_a_text(value: Any) -> None:
    assert cell_of(value).value == str(value)


@pytest.mark.parametrize("text", ["=1+1", "=HYPERLINK(1)", "0319", "2026.3.1", "-5", "+86", "@甲"])
def test_a_text_that_excel_would_read_as_something_else_stays_a_text(text: str) -> None:
    cell = cell_of(text)
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", TEXT)


def test_a_column_of_codes_is_text_also_where_somebody_types_later() -> None:
    sheet = workbook_of([["0319"], [130530]], ColumnOut("电话", TEXT)).active
    assert [sheet["A2"].value, sheet["A3"].value] == ["0319", "130530"]
    assert sheet.column_dimensions["A"].number_format == TEXT


@given(texts)
def test_a_text_is_never_changed(text: str) -> None:
    file = io.BytesIO()
    write_xlsx(file, [SheetOut("人员", [ColumnOut("甲")], [[text]])])
    file.seek(0)
    assert CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()[1:] == [[text]]
    assert unescape(openpyxl.load_workbook(file).active["A2"].value) == text


def test_a_text_too_long_for_a_cell_ends_in_dots() -> None:
    kept = cell_of("字" * 40_000).value
    assert len(kept) == 32_767
    assert kept.endswith("字…")


def test_the_head_is_bold_stays_in_sight_and_can_be_filtered() -> None:
    sheet = workbook_of([["甲村", 1], ["乙村", 2]], ColumnOut("村居"), ColumnOut("顺序")).active
    assert sheet.title == "人员"
    assert [cell.value for cell in sheet[1]] == ["村居", "顺序"]
    assert all(cell.font.bold and cell.fill.fgColor.rgb.endswith("E8EDF3") for cell in sheet[1])
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"


def test_columns_are_as_wide_as_what_they_hold_a_chinese_character_counts_twice() -> None:
    sheet = workbook_of([["一二三四五六七八九十", "1234567890", "字" * 99, "x"]]).active
    widths = [sheet.column_dimensions[letter].width for letter in "ABCD"]
    assert widths == [22, 12, 60, 9]
    assert workbook_of([["x"]], ColumnOut("甲", width=33)).active.column_dimensions["A"].width == 33


def test_long_texts_are_wrapped_short_ones_are_not() -> None:
    sheet = workbook_of([["字" * 99, "短", "两\n行"]]).active
    assert [bool(cell.alignment.wrap_text) for cell in sheet[2]] == [True, False, True]


def test_a_row_is_coloured_by_what_it_holds_empty_cells_too() -> None:
    sheet = workbook_of(
        [["新增", None], ["未变", None]], colour_of=lambda row: "green" * (row[0] == "新增")
    ).active
    assert [cell.fill.fgColor.rgb[2:] for cell in sheet[2]] == [GROUNDS["green"]] * 2
    assert sheet["A3"].fill.fill_type is None


def test_a_workbook_has_as_many_sheets_as_it_is_given_under_names_that_excel_takes() -> None:
    file = io.BytesIO()
    sheets = [
        SheetOut(title, [ColumnOut("甲")], [["x"]]) for title in ("a/b[1]:*?'", "字" * 40, "字" * 40, "'")
    ]
    assert write_xlsx(file, sheets) == 4
    names = openpyxl.load_workbook(file).sheetnames
    assert names[0] == "a b 1"
    assert names[1] == "字" * 28
    assert len({name.lower() for name in names}) == 4
    assert all(len(name) <= 31 for name in names)


def test_a_sheet_without_rows_has_its_heads() -> None:
    file = io.BytesIO()
    assert write_xlsx(file, [SheetOut("空", [ColumnOut("甲"), ColumnOut("乙")], [])]) == 0
    assert [[cell.value for cell in row] for row in openpyxl.load_workbook(file).active.rows] == [
        ["甲", "乙"]
    ]


def test_the_memory_does_not_grow_with_the_rows() -> None:
    def peak(count: int) -> int:
        def rows() -> Iterator[list[Any]]:
            for number in range(count):
                yield [f"第{number}行", Decimal(number), date(2026, 1, 1)]

        tracemalloc.start()
        write_xlsx(
            io.BytesIO(), [SheetOut("多", [ColumnOut("甲"), ColumnOut("乙"), ColumnOut("丙")], rows())]
        )
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak(300)
    assert peak(6000) < peak(300) + 300_000  # the zipped file itself


# --- csv ---------------------------------------------------------------------------------------------------


def test_csv_is_as_excel_reads_it() -> None:
    data = csv_of([["甲村", Decimal("-5.00")], ["乙\n村", date(2026, 3, 1)]], ["村居", "数"])
    assert data == '\ufeff村居,数\r\n甲村,-5.00\r\n"乙\n村",2026-03-01\r\n'.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "是"),
        (0, "0"),
        (Decimal("1E+3"), "1000"),
        (130530199001011234, "130530199001011234"),
        ("0319", "0319"),
        (datetime(2026, 3, 1, 16, 30, 5, tzinfo=UTC), "2026-03-02 00:30:05"),
    ],
)
def test_values_in_csv(value: Any, text: str) -> None:
    assert csv_of([[value]]).decode("utf-8-sig") == f"甲\r\n{text}\r\n".replace("\r\n\r\n", '\r\n""\r\n')


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_of_csv_is_no_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless(f"第{text}") == f"第{text}"
    assert harmed(f"'{text}") == text
    rows = list(csv.reader(io.StringIO(csv_of([[text]]).decode("utf-8-sig"), newline="")))
    assert rows[1] == [f"'{text}"]


@given(st.one_of(texts, st.sampled_from(FORMULAS).map("'{}".format)))
def test_every_text_comes_back_from_csv_as_it_was(text: str) -> None:
    assert harmed(harmless(text)) == text
    assert not harmless(text).lstrip().startswith(("=", "+", "-", "@"))


def test_csv_of_many_rows_has_each_once_and_one_bom() -> None:
    data = csv_of([[number] for number in range(2500)])
    assert data.count(b"\xef\xbb\xbf") == 1
    assert [int(line) for line in data.decode("utf-8-sig").split("\r\n")[1:-1]] == list(range(2500))
