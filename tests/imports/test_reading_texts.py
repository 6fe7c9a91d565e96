"""What only ods files, documents and text tables can say or hide."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landbureau.imports.reading import Bad
from landbureau.web.spreadsheets import write_csv
from tests.imports import files

pytestmark = pytest.mark.usefixtures("read_here")


# --- ods --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('office:value-type="string"><text:p>甲<text:s text:c="2"/>乙<text:tab/>丙</text:p>', "甲  乙\t丙"),
        (
            'office:value-type="string"><text:p>甲<text:line-break/>乙</text:p><text:p>丙</text:p>',
            "甲\n乙\n丙",
        ),
        (
            'office:value-type="string"><office:annotation><text:p>批注</text:p></office:annotation>'
            "<text:p>甲<text:span>乙</text:span>丙</text:p>",
            "甲乙丙",
        ),
        ('office:value-type="percentage" office:value="0.5">', 0.5),
        ('office:value-type="time" office:time-value="PT08H30M00S">', "08:30"),
        ('office:value-type="date" office:date-value="2026-03-01T10:30:00">', datetime(2026, 3, 1, 10, 30)),  # noqa: DTZ001
        ('office:value-type="date" office:date-value="?"><text:p>三月</text:p>', "三月"),
        ('table:formula="of:=1">', Bad("公式没有结果")),
        (
            'table:formula="of:=1" office:value-type="string" office:string-value="" '
            'calcext:value-type="error"><text:p>#REF!</text:p>',
            Bad("#REF!"),
        ),
    ],
)
def test_cells_of_an_ods_file(cell: str, expected: Any) -> None:
    data = files.ods_xml(f"<table:table-row><table:table-cell {cell}</table:table-cell></table:table-row>")

    assert files.rows(data) == [(1, [expected])]


def test_repeated_rows_and_cells_count_and_blank_ones_at_the_end_do_no_harm() -> None:
    def row(times: int, cells: str) -> str:
        return f'<table:table-row table:number-rows-repeated="{times}">{cells}</table:table-row>'

    def cells(times: int, kind: str = "", text: str = "") -> str:
        repeated = f'table:number-columns-repeated="{times}"'
        return f"<table:table-cell {repeated} {kind}>{text}</table:table-cell>"

    texts = cells(2, 'office:value-type="string"', "<text:p>甲</text:p>")
    blank = cells(16384)
    data = files.ods_xml(row(3, blank) + row(2, cells(2) + texts + blank) + row(1048571, blank))

    assert files.rows(data) == [(4, [None, None, "甲", "甲"]), (5, [None, None, "甲", "甲"])]


# --- docx -------------------------------------------------------------------------------------------


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def table(*lines: str) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{line}</w:tr>" for line in lines) + "</w:tbl>"


def test_each_table_of_a_document_is_a_sheet() -> None:
    data = files.docx_xml(table(cell("甲")) + "<w:p/>" + table(cell("")) + table(cell("乙")))

    assert [(sheet.name, only) for sheet, only in files.read(data)] == [
        ("表1", [(1, ["甲"])]),
        ("表3", [(1, ["乙"])]),
    ]


def test_wide_and_high_cells_of_a_document_are_merged_cells() -> None:
    wide, begins, goes_on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    data = files.docx_xml(
        table(
            cell("一", wide) + cell("二", begins),
            cell("三") + cell("四") + cell("", goes_on),
            f'<w:trPr><w:gridBefore w:val="1"/></w:trPr>{cell("五")}{cell("六", begins)}',
        )
    )

    ((sheet, only),) = files.read(data)

    assert only == [(1, ["一", None, "二"]), (2, ["三", "四"]), (3, [None, "五", "六"])]
    assert sheet.merges == [(1, 0, 1, 1), (1, 2, 2, 2)]


def test_what_was_deleted_from_a_document_is_not_read() -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    paragraph = (
        f"<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:del><w:r><w:delText>旧</w:delText></w:r></w:del>"
        f"<w:moveFrom>{run.format('走')}</w:moveFrom><w:ins>{run.format('新')}</w:ins>"
        f"<w:r><w:br/><w:t>行</w:t></w:r></w:p>"
    )
    data = files.docx_xml(
        table(f"<w:trPr><w:del/></w:trPr>{cell('没')}", f"<w:tc>{paragraph}</w:tc>", cell("完"))
    )

    assert files.rows(data) == [(1, ["新\n行"]), (2, ["完"])]


# --- Text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sep=;\r\n甲;乙,丙\r\n", [["甲", "乙,丙"]]),
        ("甲\r乙\r", [["甲"], ["乙"]]),
        (
            "编号\t地址\n1\t甲镇,乙村\n2\t丙镇,丁村\n",
            [["编号", "地址"], ["1", "甲镇,乙村"], ["2", "丙镇,丁村"]],
        ),
        ("户\t金额\n1\t1,234,567\n2\t2,345,678\n", [["户", "金额"], ["1", "1,234,567"], ["2", "2,345,678"]]),
        ("编号,职责\n1,甲;乙;丙\n2,丁;戊\n", [["编号", "职责"], ["1", "甲;乙;丙"], ["2", "丁;戊"]]),
        ('编号,说明\n1,"两行\n引号""好"""\n\n2,\n', [["编号", "说明"], ["1", '两行\n引号"好"'], [], ["2"]]),
        ("'=1+1,'-3,'@甲,'王,'+86\n", [["=1+1", "-3", "@甲", "'王", "+86"]]),
        ("001,1.50,TRUE,2026-03-01\n", [["001", "1.50", "TRUE", "2026-03-01"]]),
        ("人员名册\n只有一列的名单\n", [["人员名册"], ["只有一列的名单"]]),
    ],
)
def test_text_tables(text: str, expected: list[list[str]]) -> None:
    assert files.rows(text.encode()) == [(number, cells) for number, cells in enumerate(expected, 1) if cells]


def test_a_stray_control_character_in_a_text_is_dropped() -> None:
    text = "编号,姓名\n" + "\n".join(f"{i},王海燕" for i in range(30)) + "\x1a"

    assert files.rows(text.encode("gb18030"))[-1] == (31, ["29", "王海燕"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1).filter(str.strip))
def test_what_was_protected_from_being_a_formula_is_read_as_it_was(text: str) -> None:
    file = io.BytesIO()
    write_csv(file, ["甲", "乙"], [[text, "="], [f"'{text}", f"''={text}"]])

    ((_, (_, first, second)),) = files.read(file.getvalue(), "表.csv")
    assert [first[1], second[1]] == [[text, "="], [f"'{text}", f"''={text}"]]
