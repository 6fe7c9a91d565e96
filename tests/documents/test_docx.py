"""A draft as a Word file: content, order, faces and measures read back; nothing of the library in it."""

from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document as read_docx
from docx.oxml.ns import qn

from landbureau.documents.docx import write_docx
from landbureau.documents.models import Document
from tests.documents.factories import DocumentFactory, content
from tests.factories import UserFactory, allow

TODAY = date(2026, 11, 23)
TABLE = {
    "type": "table",
    "caption": "宗地明细",
    "header": ["宗地", "面积"],
    "rows": [["甲地块", "100.00"], ["乙地块", "200.50"]],
    "numeric": [False, True],
}
TEXT = [
    {"type": "paragraph", "level": 0, "head": "", "text": "现通知如下："},
    {"type": "paragraph", "level": 1, "head": "一、应缴款项。", "text": "第2期。"},
    {"type": "paragraph", "level": 2, "head": "（一）方式。", "text": "转账。"},
    TABLE,
]


def word(**changes: Any) -> Any:
    return read_docx(BytesIO(write_docx(content(**changes), today=TODAY)))


def faces(run: Any) -> set[str]:
    fonts = run._r.rPr.rFonts
    return {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia", "cs")}


def test_everything_is_there_in_the_order_of_the_standard() -> None:
    file = word(
        blocks=TEXT,
        attachments=["宗地图", "明细表"],
        copies_to=["县财政局", "县税务局"],
        note="联系电话0319-0000000",
    )
    lines = [line.text for line in file.paragraphs if line.text]
    assert lines == [
        "新河县国土资源局",
        "〔　　　　〕　　号",
        "测试通知",
        "邢台测试有限公司：",
        "现通知如下：",
        "一、应缴款项。第2期。",
        "（一）方式。转账。",
        "宗地明细",
        "附件：1.\t宗地图",
        "2.\t明细表",
        "新河县国土资源局",
        "　　　　年　月　日",
        "（联系电话0319-0000000）",
        "抄送：县财政局，县税务局。",
    ]
    (table,) = file.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [TABLE["header"], *TABLE["rows"]]


def test_the_faces_are_named_for_latin_and_chinese_characters_alike() -> None:
    lines = {line.text: line for line in word(blocks=TEXT).paragraphs}
    title = lines["测试通知"].runs[0]
    assert (faces(title), title.font.size.pt) == ({"方正小标宋简体"}, 22)
    head, text = lines["一、应缴款项。第2期。"].runs
    assert (faces(head), faces(text), text.font.size.pt) == ({"黑体"}, {"仿宋_GB2312"}, 16)
    assert faces(lines["（一）方式。转账。"].runs[0]) == {"楷体_GB2312"}


def test_the_issuers_mark_is_red_over_a_red_rule() -> None:
    for layout in ("notice", "letter"):
        file = word(layout=layout)
        mark, number = file.paragraphs[:2]
        assert str(mark.runs[0].font.color.rgb) == "D40000"
        assert faces(mark.runs[0]) == {"方正小标宋简体"}
        ruled = mark if layout == "letter" else number
        assert ruled._p.pPr.find(qn("w:pBdr")).find(qn("w:bottom")).get(qn("w:color")) == "D40000"


def test_the_page_has_the_margins_and_the_grid_of_the_standard() -> None:
    (section,) = word().sections
    edges = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    assert [round(edge.mm) for edge in edges] == [37, 28, 26, 35]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    grid = section._sectPr.find(qn("w:docGrid"))
    pitch, space = (int(grid.get(qn(f"w:{name}"))) for name in ("linePitch", "charSpace"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    height, width = 225 / 25.4 * 1440, 156 / 25.4 * 72
    assert (int(height / pitch), int(width / (16 + space / 4096))) == (22, 28)


def test_a_tables_header_is_repeated_and_figures_are_flush_right() -> None:
    (table,) = word(blocks=TEXT).tables
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    name, figure = (cell.paragraphs[0].alignment for cell in table.rows[1].cells)
    assert (int(name), int(figure)) == (0, 2)


def test_odd_pages_have_their_number_right_and_even_pages_left() -> None:
    file = word()
    (section,) = file.sections
    assert file.settings.odd_and_even_pages_header_footer
    for footer, side in ((section.footer, 2), (section.even_page_footer, 0)):
        (line,) = footer.paragraphs
        assert int(line.alignment) == side
        assert "PAGE" in line._p.xml
        assert line.text.strip("— ") == ""


def test_a_letters_first_page_has_its_double_rule_and_no_number() -> None:
    (section,) = word(layout="letter").sections
    (line,) = section.first_page_footer.paragraphs
    assert section.different_first_page_header_footer
    assert "PAGE" not in line._p.xml
    assert line._p.pPr.find(qn("w:pBdr")).find(qn("w:bottom")).get(qn("w:color")) == "D40000"
    assert round(156 - line.paragraph_format.left_indent.mm - line.paragraph_format.right_indent.mm) == 170
    assert "PAGE" in section.footer.paragraphs[0]._p.xml
    assert not word(layout="notice").sections[0].different_first_page_header_footer


def test_a_receipt_of_its_own_is_its_form_and_nothing_else() -> None:
    receipt = {
        "matter": "委托送达",
        "title": "行政处罚决定书，1份",
        "number": "罚决〔2026〕3号",
        "addressee": "邢台测试有限公司",
        "place": "测试路1号",
        "two_servers": True,
        "methods": ["直接送达", "留置送达"],
        "entrusted_by": "",
        "remark": "",
    }
    file = word(layout="slip", blocks=[], receipt=receipt)
    (table,) = file.tables
    heads = [row.cells[0].text for row in table.rows]
    assert heads[:4] == ["事由", "文书名称", "文书字号", "受送达人"]
    assert heads.count("送达人签名") == 2
    assert "□直接送达　□留置送达" in [row.cells[1].text for row in table.rows]
    assert not any("年　月　日" in line.text for line in file.paragraphs)


def test_a_form_is_a_table_with_lines_for_signatures() -> None:
    file = word(
        layout="form",
        blocks=[],
        form=[("用地单位", "邢台测试有限公司东区项目部"), ("环节", "开工"), ("日期", "")],
    )
    form, hands = file.tables
    assert [cell.text for cell in form.rows[0].cells[:2]] == ["用地单位", "邢台测试有限公司东区项目部"]
    assert [cell.text for cell in form.rows[1].cells] == ["环节", "开工", "日期", ""]
    assert hands.rows[0].cells[0].text == "经办人签名"
    assert file.paragraphs[0].text == "测试通知"


def test_optional_parts_leave_no_trace_and_a_letter_needs_no_addressee() -> None:
    lines = [line.text for line in word(addressee="", blocks=[]).paragraphs]
    assert not any(mark in text for text in lines for mark in ("：", "附件", "抄送", "（"))


def test_characters_that_xml_forbids_are_left_out() -> None:
    blocks = [{"type": "paragraph", "level": 0, "head": "", "text": "甲\x01乙\ufffe喆镕堃"}]
    assert "甲乙喆镕堃" in [line.text for line in word(blocks=blocks).paragraphs]


def test_the_file_carries_its_title_and_nothing_of_the_library() -> None:
    data = write_docx(content(), today=TODAY)
    properties = read_docx(BytesIO(data)).core_properties
    assert (properties.title, properties.author) == ("测试通知", "新河县国土资源局")
    assert (properties.created.date(), properties.modified.date()) == (TODAY, TODAY)
    assert properties.last_modified_by == properties.comments == ""
    with zipfile.ZipFile(BytesIO(data)) as parts:
        assert parts.testzip() is None
        assert not any("thumbnail" in name or "app.xml" in name for name in parts.namelist())
        settings = parts.read("word/settings.xml")
        assert b"ja-JP" not in settings
        assert not any(b"python" in parts.read(name).lower() for name in parts.namelist())


@pytest.mark.django_db
def test_a_draft_is_downloaded_under_its_title_and_an_issued_document_is_not(client: Client) -> None:
    draft = DocumentFactory(title="关于核查的函")
    client.force_login(allow(UserFactory(), "view_document"))
    url = reverse("documents:docx", args=[draft.pk])
    answer = client.get(url)
    assert read_docx(BytesIO(answer.content)).core_properties.title == "测试通知"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E5%85%B3")
    assert answer["X-Content-Type-Options"] == "nosniff"
    Document.objects.filter(pk=draft.pk).update(issued_on=TODAY, number="新国土资函〔2026〕1号", code="Q1")
    assert client.get(url).status_code == 404
