"""Makers of files to import: the same rows in every format, and files that must be refused."""

from __future__ import annotations

import csv as csv_format
import io
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import xlwt
from docx import Document
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P
from openpyxl import Workbook

from landbureau.imports import reading
from landbureau.imports.reading.frames import Merge
from landbureau.imports.reading.ole import CompoundFile, write_compound

Rows = Sequence[Sequence[Any]]
Sheets = Rows | Mapping[str, Rows]
Read = tuple[int, list[Any]]


def read(data: bytes, name: str = "名册.xlsx") -> list[tuple[reading.Sheet, list[Read]]]:
    """Sheets with their rows, without the blank cells at the end of a row."""
    with reading.open_tables(io.BytesIO(data), name) as sheets:
        return [(sheet, [(number, stripped(cells)) for number, cells in sheet.rows]) for sheet in sheets]


def stripped(cells: list[Any]) -> list[Any]:
    while cells and cells[-1] is None:
        cells = cells[:-1]
    return cells


def rows(data: bytes) -> list[Read]:
    """Those of the only sheet."""
    ((_, only),) = read(data)
    return only


# --- The same rows in every format -------------------------------------------------------------------


def xlsx(sheets: Sheets, merges: Sequence[Merge] = (), *, hidden: Iterable[str] = ()) -> bytes:
    """Rows, or sheets by their names. ``merges``: of the first sheet, rows from 1, columns from 0."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for title, rows in _sheets(sheets).items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if title in hidden else "visible"
    for top, left, bottom, right in merges:
        book.worksheets[0].merge_cells(None, top, left + 1, bottom, right + 1)
    return _saved(book.save)


def xls(sheets: Sheets, merges: Sequence[Merge] = (), *, hidden: Iterable[str] = ()) -> bytes:
    book = xlwt.Workbook()
    day, moment = (xlwt.easyxf(num_format_str=form) for form in ("YYYY-MM-DD", "YYYY-MM-DD HH:MM"))
    covered = {(row - 1, column) for row, column in _covered(merges)}
    for index, (title, rows) in enumerate(_sheets(sheets).items()):
        sheet = book.add_sheet(title)
        sheet.visibility = int(title in hidden)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is not None and (index or (r, c) not in covered):
                    style = (
                        moment if isinstance(value, datetime) else day if isinstance(value, date) else None
                    )
                    sheet.write(r, c, value, *[style] if style else [])
        for top, left, bottom, right in () if index else merges:
            sheet.merge(top - 1, bottom - 1, left, right)
    return _saved(book.save)


def ods(sheets: Sheets, merges: Sequence[Merge] = (), *, hidden: Iterable[str] = ()) -> bytes:
    book = OpenDocumentSpreadsheet()
    style = Style(name="hidden", family="table")
    style.addElement(TableProperties(display="false"))
    book.automaticstyles.addElement(style)
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in merges}
    covered = _covered(merges)
    for title, rows in _sheets(sheets).items():
        table = Table(name=title, **{"stylename": style} if title in hidden else {})
        for number, row in enumerate(rows, 1):
            line = TableRow()
            for column, value in enumerate(row):
                if (number, column) in covered:
                    line.addElement(CoveredTableCell())
                    continue
                cell = TableCell(**_ods_value(value))
                if (number, column) in spans:
                    down, right = spans[number, column]
                    cell.setAttribute("numberrowsspanned", str(down))
                    cell.setAttribute("numbercolumnsspanned", str(right))
                for text in str(value).split("\n") if isinstance(value, str) else ():
                    cell.addElement(P(text=text))
                line.addElement(cell)
            table.addElement(line)
        book.spreadsheet.addElement(table)
        spans, covered = {}, set()
    return _saved(book.write)


def csv(rows: Rows, encoding: str = "utf-8-sig", separator: str = ",") -> bytes:
    file = io.StringIO()
    csv_format.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue().encode(encoding)


def docx(rows: Rows, merges: Sequence[Merge] = ()) -> bytes:
    """A document with one table, a line of text before and after it."""
    document = Document()
    document.add_paragraph("附件")
    table = document.add_table(len(rows), max(map(len, rows)))
    for r, row in enumerate(rows):
        for cell, value in zip(table.rows[r].cells, row, strict=False):
            cell.text = "" if value is None else str(value)
    for top, left, bottom, right in merges:
        text = table.cell(top - 1, left).text
        table.cell(top - 1, left).merge(table.cell(bottom - 1, right)).text = text
    document.add_paragraph("以上。")
    return _saved(document.save)


def _sheets(sheets: Sheets) -> Mapping[str, Rows]:
    return sheets if isinstance(sheets, Mapping) else {"Sheet1": sheets}


def _covered(merges: Sequence[Merge]) -> set[tuple[int, int]]:
    """The places in merged ranges but the top left one: row from 1, column from 0."""
    return {
        (row, column)
        for top, left, bottom, right in merges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }


def _ods_value(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"valuetype": "boolean", "booleanvalue": str(value).lower()}
    if isinstance(value, int | float):
        return {"valuetype": "float", "value": repr(value)}
    if isinstance(value, date):
        return {"valuetype": "date", "datevalue": value.isoformat()}
    return {"valuetype": "string"}


def _saved(save: Callable[[Any], object]) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()


# --- Taken apart and put together differently ------------------------------------------------------

SHEET = "xl/worksheets/sheet1.xml"


def package(parts: Mapping[str, bytes | str]) -> bytes:
    """A zip file with these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(data: bytes, parts: Mapping[str, bytes | str]) -> bytes:
    """The same package with some parts replaced or added."""
    return package({**parts_of(data), **parts})


def sheet_xml(cells: str, after: str = "") -> bytes:
    """A workbook whose only sheet has this in its ``sheetData``, and after it."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData>{after}</worksheet>'
    return changed(xlsx([["甲"]]), {SHEET: sheet})


def ods_xml(rows: str, *, styles: str = "") -> bytes:
    """An ods file whose only sheet has these rows."""
    names = {
        name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
        for name in ("office", "table", "text", "style")
    }
    names["calcext"] = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
    spaces = " ".join(f'xmlns:{name}="{urn}"' for name, urn in names.items())
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="表">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return changed(ods([["甲"]]), {"content.xml": content})


def xls_with_records(rows: Rows, records: bytes) -> bytes:
    """The sheet has these records behind its cells."""
    stream = CompoundFile(xls(rows)).read("Workbook")
    end = stream.rindex(record(0x000A, b""))
    return write_compound("Workbook", stream[:end] + records + stream[end:])


def record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def docx_xml(body: str) -> bytes:
    """A document with this body."""
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    xml = f'<w:document xmlns:w="{main}"><w:body>{body}</w:body></w:document>'
    return changed(docx([["甲"]]), {"word/document.xml": xml})


# --- To be refused ----------------------------------------------------------------------------------


def compound(name: str) -> bytes:
    """A compound file whose only stream has this name."""
    data = xls([["甲"]])
    text = name.encode("utf-16-le")
    at = data.index("Workbook\0".encode("utf-16-le"))
    return data[:at] + text.ljust(64, b"\0") + struct.pack("<H", len(text) + 2) + data[at + 66 :]


def encrypted_ooxml() -> bytes:
    """An xlsx or docx with a password, as Excel and Word save it."""
    return compound("EncryptedPackage")


def encrypted_xls() -> bytes:
    """A record of the workbook is the one that announces a password."""
    data = bytearray(xls([["甲"]]))
    begin = struct.unpack_from("<HH", data, 512)
    assert begin == (0x0809, 16)
    struct.pack_into("<H", data, 512 + 4 + 16, 0x002F)
    return bytes(data)


def encrypted_ods() -> bytes:
    data = ods([["甲"]])
    name = "META-INF/manifest.xml"
    entry = b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    return changed(data, {name: parts_of(data)[name].replace(b"</manifest:manifest>", entry)})


def xls_with_macros() -> bytes:
    """A second entry of the directory is the storage of macros."""
    data = bytearray(xls([["甲"]]))
    at = data.index("Workbook\0".encode("utf-16-le"))
    name = "_VBA_PROJECT_CUR".encode("utf-16-le")
    struct.pack_into("<64sHB", data, at + 128, name, len(name) + 2, 1)
    struct.pack_into("<I", data, at + 72, 2)  # right of the first
    return bytes(data)


def lying_about_its_size(data: bytes, part: str, size: int) -> bytes:
    """The same package; the directory says another unpacked size of this part."""
    at = data.rindex(part.encode()) - 46
    assert data[at : at + 4] == b"PK\1\2"
    return data[: at + 24] + struct.pack("<I", size) + data[at + 28 :]


def with_flag_of_a_password(data: bytes) -> bytes:
    """The first part of the package is marked as encrypted."""
    at = data.index(b"PK\1\2") + 8
    return data[:at] + struct.pack("<H", 1) + data[at + 2 :]


def with_twin(data: bytes, part: str) -> bytes:
    """The package holds this part a second time."""
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr(part, "<worksheet/>")
    return file.getvalue()


def without(data: bytes, part: str) -> bytes:
    return package({name: content for name, content in parts_of(data).items() if name != part})


def xls_with_cells(*places: tuple[int, int]) -> bytes:
    """A number in each of these rows and columns, from 0."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("一")
    for row, column in places:
        sheet.write(row, column, 1)
    return _saved(book.save)
