"""xlsx: calamine reads it, once a scan of the sheet (``sheetxml``) has said that this is safe."""

from __future__ import annotations

import io
from collections.abc import Iterator
from posixpath import normpath
from zipfile import ZipFile

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from .book import table_of
from .frames import Table
from .packages import tree_of
from .sheetxml import scan

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def read_xlsx(package: ZipFile, data: bytes) -> Iterator[Table]:
    parts = _sheet_parts(package)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for index, (about, part) in enumerate(zip(book.sheets_metadata, parts, strict=True)):
        if about.typ == SheetTypeEnum.WorkSheet:
            patches = scan(package, part, about.name)
            sheet = book.get_sheet_by_index(index)
            found = sheet.merged_cell_ranges or []
            merges = ((top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in found)
            yield table_of(sheet, merges, patches, hidden=about.visible != SheetVisibleEnum.Visible)


def _sheet_parts(package: ZipFile) -> list[str]:
    """The parts of the sheets, in the order of the workbook and found as calamine finds them."""
    relations = tree_of(package, "xl/_rels/workbook.xml.rels").iter(_RELATION)
    targets = {relation.attrib["Id"]: relation.attrib["Target"] for relation in relations}
    names = {name.lower(): name for name in package.namelist()}
    parts = []
    for sheet in tree_of(package, "xl/workbook.xml").findall(".//{*}sheet"):
        target = targets[next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")]
        path = target.removeprefix("/") if target.startswith(("/xl/", "xl/")) else f"xl/{target}"
        parts.append(names[normpath(path).lower()])
    return parts
