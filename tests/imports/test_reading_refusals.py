"""Files that are refused, each with the sentence that its bringer reads."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest

from landbureau.imports.errors import FileRefused
from landbureau.imports.reading import open_tables
from tests.imports import files

pytestmark = pytest.mark.usefixtures("read_here")

ENCRYPTED = "文件设有密码，请在 Excel 或 WPS 中去掉密码后再导入。"
MACROS = "文件带有宏，不能导入。请另存为不带宏的 .xlsx 文件后再导入。"
DAMAGED = "文件已损坏或不完整。请用 Excel 或 WPS 打开，另存为新的 .xlsx 文件后再导入。"
ONLY_THE_TABLES = "请只保留要导入的表，另存为新的 .xlsx 文件后再导入。"
RATIO = f"文件的压缩比异常，解压后会占满内存，不能导入。{ONLY_THE_TABLES}"
NESTED = f"文件里还装着压缩包，不能导入。{ONLY_THE_TABLES}"
ENTITIES = f"文件里有指向外部内容的声明（DOCTYPE），不能导入。{ONLY_THE_TABLES}"
NESTED_TABLE = "文档的表格里还套着表格，无法确定行和列。请把里面的表格移出，或改用 .xlsx 文件导入。"
ARCHIVE = "这是压缩包，请解压后选择里面的表格文件。"
NO_TABLE = "文件里没有表格内容，请检查是否选错了文件。"
WEB_PAGE = "这其实是网页（HTML、XML）格式的表格，请用 Excel 或 WPS 打开，另存为 .xlsx 文件后再导入。"
ENCODING = "看不出文件的文字编码，请用 Excel 或 WPS 打开，另存为 .xlsx 文件后再导入。"
FORMATS = "请选择 .xlsx、.xls、.ods、.csv 文件，或带表格的 .docx 文件。"
FAR = "请删除多余的{}（包括远处误填的单元格）"


def refusal(data: bytes, name: str = "表.xlsx") -> str:
    with pytest.raises(FileRefused) as refused:
        _read(data, name)
    return str(refused.value)


def _read(data: bytes, name: str) -> None:
    with open_tables(io.BytesIO(data), name) as sheets:
        for sheet in sheets:
            list(sheet.rows)


def with_entity(data: bytes, part: str) -> bytes:
    declaration = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    xml = files.parts_of(data)[part]
    end = xml.index(b"?>") + 2 if xml.startswith(b"<?xml") else 0
    return files.changed(data, {part: xml[:end] + declaration + xml[end:]})


def far(reference: str) -> bytes:
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return files.sheet_xml(
        f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{reference}"><v>1</v></c></row>'
    )


def in_ods(attributes: str, row: str = "") -> bytes:
    text = f'<table:table-cell office:value-type="float" office:value="1" {attributes}/>'
    return files.ods_xml(f"<table:table-row {row}>{text}</table:table-row>")


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "文件是空的，请重新选择。"),
    # Passwords
    "encrypted xlsx or docx": (files.encrypted_ooxml, ENCRYPTED),
    "encrypted xls": (files.encrypted_xls, ENCRYPTED),
    "encrypted ods": (files.encrypted_ods, ENCRYPTED),
    "encrypted zip": (lambda: files.with_flag_of_a_password(files.xlsx([["甲"]])), ENCRYPTED),
    # Macros
    "xlsm": (lambda: files.changed(files.xlsx([["甲"]]), {"xl/vbaProject.bin": b"x"}), MACROS),
    "docm": (lambda: files.changed(files.docx([["甲"]]), {"word/vbaProject.bin": b"x"}), MACROS),
    "old macro sheet": (
        lambda: files.changed(files.xlsx([["甲"]]), {"xl/macrosheets/sheet1.xml": "<x/>"}),
        MACROS,
    ),
    "macros in ods": (lambda: files.changed(files.ods([["甲"]]), {"Basic/Standard/A.xml": "<x/>"}), MACROS),
    "scripts in ods": (lambda: files.changed(files.ods([["甲"]]), {"Scripts/python/a.py": "1"}), MACROS),
    "macros in xls": (files.xls_with_macros, MACROS),
    # Damage
    "cut off xlsx": (lambda: files.xlsx([["甲"]])[:-100], DAMAGED),
    "cut off xls": (lambda: files.xls([["甲"]])[:1000], DAMAGED),
    "broken xml": (
        lambda: files.changed(files.xlsx([["甲"]]), {files.SHEET: "<worksheet><sheetData><row"}),
        DAMAGED,
    ),
    "broken ods": (lambda: files.changed(files.ods([["甲"]]), {"content.xml": "<a><b></a>"}), DAMAGED),
    "broken docx": (lambda: files.changed(files.docx([["甲"]]), {"word/document.xml": "<a>"}), DAMAGED),
    "sheet that is not there": (lambda: files.without(files.xlsx([["甲"]]), files.SHEET), DAMAGED),
    "one part twice": (lambda: files.with_twin(files.xlsx([["甲"]]), files.SHEET), DAMAGED),
    "merged ranges over each other": (
        lambda: files.sheet_xml(
            '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>1</v></c></row>',
            '<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A1:B1"/></mergeCells>',
        ),
        DAMAGED,
    ),
    # Bombs
    "ratio": (lambda: files.changed(files.xlsx([["甲"]]), {"xl/media/a.bin": bytes(20 * 1024**2)}), RATIO),
    "size": (
        lambda: files.lying_about_its_size(
            files.changed(files.xlsx([["甲"]]), {"xl/media/a.bin": random.Random(1).randbytes(3 * 1024**2)}),
            "xl/media/a.bin",
            500 * 1024**2,
        ),
        f"文件解压后超过 400 MB，不能导入。{ONLY_THE_TABLES}",
    ),
    "parts": (
        lambda: files.changed(files.xlsx([["甲"]]), {f"xl/media/{i}": "" for i in range(5001)}),
        f"文件内部的部件过多，不能导入。{ONLY_THE_TABLES}",
    ),
    "nested": (
        lambda: files.changed(files.xlsx([["甲"]]), {"xl/media/a.ZIP": files.package({"a": "b"})}),
        NESTED,
    ),
    "nested ods": (
        lambda: files.changed(files.ods([["甲"]]), {"Object 1/a.xlsx": files.xlsx([["甲"]])}),
        NESTED,
    ),
    "entity in a sheet": (lambda: with_entity(files.xlsx([["甲"]]), files.SHEET), ENTITIES),
    "entity in ods": (lambda: with_entity(files.ods([["甲"]]), "content.xml"), ENTITIES),
    "entity in docx": (lambda: with_entity(files.docx([["甲"]]), "word/document.xml"), ENTITIES),
    "entity behind a long comment": (
        lambda: files.changed(files.xlsx([["甲"]]), {files.SHEET: f"<!--{'x' * 70_000}--><!DOCTYPE x><x/>"}),
        DAMAGED,
    ),
    # Extent
    "far cell": (
        lambda: far("XFD1048576"),
        f"“Sheet1”用到了第 1048576 行，超过 200000 行的上限。{FAR.format('行')}或拆成几个文件。",
    ),
    "far column": (
        lambda: far("KO5"),
        f"“Sheet1”用到了第 301 列，超过 300 列的上限。{FAR.format('列')}。",
    ),
    "many cells": (
        lambda: far("CV200000"),
        "“Sheet1”有 200000 行、100 列，超过 10000000 个单元格的上限，请拆成几个文件后再导入。",
    ),
    "far cell without reference": (
        lambda: files.sheet_xml('<row r="1">' + "<c><v>1</v></c>" * 301 + "</row>"),
        f"“Sheet1”用到了第 301 列，超过 300 列的上限。{FAR.format('列')}。",
    ),
    "far cell in xls": (
        lambda: files.xls_with_cells((0, 0), (65535, 255)),
        "“第 1 个工作表”有 65536 行、256 列，超过 10000000 个单元格的上限，请拆成几个文件后再导入。",
    ),
    "repeated cells": (
        lambda: in_ods('table:number-columns-repeated="16384"'),
        f"“表”用到了第 16384 列，超过 300 列的上限。{FAR.format('列')}。",
    ),
    "repeated rows": (
        lambda: in_ods("", 'table:number-rows-repeated="1048576"'),
        f"“表”用到了第 1048576 行，超过 200000 行的上限。{FAR.format('行')}或拆成几个文件。",
    ),
    "wide cell in docx": (
        lambda: files.docx_xml(
            '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="99999"/></w:tcPr></w:tc></w:tr></w:tbl>'
        ),
        f"“表1”用到了第 99999 列，超过 300 列的上限。{FAR.format('列')}。",
    ),
    "wide text": (
        lambda: b"a," * 300 + b"b",
        f"“表”用到了第 301 列，超过 300 列的上限。{FAR.format('列')}。",
    ),
    "long text": (
        lambda: b"a\n" * 200_001,
        f"“表”用到了第 200001 行，超过 200000 行的上限。{FAR.format('行')}或拆成几个文件。",
    ),
    "many sheets": (
        lambda: files.xlsx({f"表{i}": [["甲"]] for i in range(51)}),
        "文件里的表超过 50 个，请只保留要导入的表后再导入。",
    ),
    "long cell": (
        lambda: files.csv([["编号", "字" * 32_768]]),
        "有一个单元格超过 32767 个字，请检查文件内容是否错乱。",
    ),
    # Other contents
    "nothing in it": (lambda: files.xlsx([[None, "  "]]), NO_TABLE),
    "blank text": (lambda: b" \n,,\n", NO_TABLE),
    "document without a table": (lambda: files.docx_xml("<w:p/>"), NO_TABLE),
    "table in a table": (
        lambda: files.docx_xml("<w:tbl><w:tr><w:tc><w:tbl/><w:p/></w:tc></w:tr></w:tbl>"),
        NESTED_TABLE,
    ),
    "error value of a later Excel": (
        lambda: files.sheet_xml('<row r="2"><c r="B2" t="e"><v>#SPILL!</v></c></row>'),
        "“Sheet1”第 2 行第 2 列是错误值“#SPILL!”，请改正后再导入。",
    ),
    "unpaired quotes": (
        lambda: '编号,姓名\n1,王海燕\n2,"赵文博\n3,林志远\n'.encode(),
        "第 3 行的双引号不成对。请改正，或用 Excel 或 WPS 打开，另存为 .xlsx 文件后再导入。",
    ),
    "broken utf-8": (lambda: ("编号,姓名,单位\n" * 20).encode()[:-3], ENCODING),
    "unknown encoding": (lambda: b"\xff\xff,\xff\n", ENCODING),
    "zip": (lambda: files.package({"名册.xlsx": files.xlsx([["甲"]])}), ARCHIVE),
    "rar": (lambda: b"Rar!\x1a\x07\x00" + bytes(50), ARCHIVE),
    "old Word": (
        lambda: files.compound("WordDocument"),
        "这是旧版 Word 文档（.doc），请用 Word 或 WPS 另存为 .docx 文件后再导入。",
    ),
    "old PowerPoint": (
        lambda: files.compound("PowerPoint Document"),
        f"这是其他格式的旧版 Office 文件，不是表格。{FORMATS}",
    ),
    "xlsb": (
        lambda: files.package({"[Content_Types].xml": "<Types>ms-excel.sheet.binary.main</Types>"}),
        "这是二进制格式的工作簿（.xlsb），请用 Excel 或 WPS 打开，另存为 .xlsx 文件后再导入。",
    ),
    "pptx": (
        lambda: files.package({"[Content_Types].xml": "<Types>presentationml</Types>"}),
        f"这是演示文稿，不是表格。{FORMATS}",
    ),
    "odt": (
        lambda: files.changed(files.ods([["甲"]]), {"mimetype": "application/vnd.oasis.opendocument.text"}),
        f"这是其他格式的 OpenDocument 文件，不是表格。{FORMATS}",
    ),
    "very old Excel": (
        lambda: b"\x09\x04\x06\x00\x00\x00\x10\x00" + bytes(50),
        "这是很旧的 Excel 文件，请用 Excel 或 WPS 打开，另存为 .xlsx 文件后再导入。",
    ),
    "web page": (lambda: "\n<HTML><table><tr><td>甲</td></tr></table></HTML>".encode("gb18030"), WEB_PAGE),
    "XML of Excel 2003": (lambda: b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', WEB_PAGE),
    "pdf": (lambda: b"%PDF-1.7\n", f"这是 PDF 文件，不是表格。{FORMATS}"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(50), f"这是图片或影像，不是表格。{FORMATS}"),
    "program": (lambda: b"MZ\x90\x00" + bytes(50), f"这是程序，不是表格。{FORMATS}"),
    "rtf": (lambda: b"{\\rtf1 }", f"这是写字板（RTF）文档，不是表格。{FORMATS}"),
    "other binary": (lambda: bytes(range(256)) * 4, f"这是其他格式的文件，不是表格。{FORMATS}"),
}


@pytest.mark.parametrize(("make", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_file_is_refused_in_a_sentence(make: Callable[[], bytes], sentence: str) -> None:
    assert refusal(make()) == sentence


def test_a_large_file_is_refused_unread() -> None:
    class Unread(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise AssertionError("it was read")

    with (
        pytest.raises(FileRefused, match=r"文件有 1\.5 MB，超过 1 MB 的上限，请拆成几个文件后再导入。"),
        open_tables(Unread(bytes(1536 * 1024)), "表", most_bytes=1024**2),
    ):
        pass


def test_embedded_objects_and_names_like_programs_are_no_reason_to_refuse() -> None:
    data = files.changed(files.xlsx([["甲"]]), {"xl/embeddings/a.xlsx": files.xlsx([["乙"]])})
    left = files.changed(
        files.ods([["甲"]]), {"Basic/Standard/script-lb.xml": "<x/>", "Basic/script-lc.xml": "<x/>"}
    )

    for kept in (data, left, "MZ编号,BM姓名\n1,王海燕\n".encode()):
        with open_tables(io.BytesIO(kept), "表") as sheets:
            assert len([list(sheet.rows) for sheet in sheets]) == 1
