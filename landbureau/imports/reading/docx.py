"""docx: its tables, each as a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, iterparse
from zipfile import ZipFile

from . import refusals
from .book import merges_within
from .cells import Cell, clean_text
from .frames import Merge, Row, Table, check_size
from .packages import empty, tree_of
from .refusals import Refused

_SPACES = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# Deleted or moved away, said twice, in a drawing, or no text at all.
_NOT_TEXT = {"del", "moveFrom", "rt", "txbxContent", "pPr", "rPr", "sectPr", "instrText", "delText"}
FALLBACK = (
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same, for old programs
)
_NAMES = {space + name: name for space in _SPACES for name in ("tbl", "tr", *_SIGNS, *_NOT_TEXT)}


def read_docx(package: ZipFile) -> Iterator[Table]:
    count = 0
    table: _Table | None = None
    fallback = False
    with package.open(_main_part(package)) as stream:
        for event, element in iterparse(stream, ("start", "end")):  # noqa: S314  # declarations are refused before
            if element.tag == FALLBACK:
                fallback = event == "start"
            name = _NAMES.get(element.tag)
            if name is None or fallback:
                continue
            if event == "start":
                if name == "tbl":
                    if table:
                        raise Refused(refusals.NESTED_TABLE)
                    count += 1
                    table = _Table(f"表{count}")
            elif name in _NOT_TEXT:
                empty(element)
            elif name in _SIGNS:
                element.text = _SIGNS[name]
            elif table and name == "tr":
                table.add(element)
                empty(element)
            elif table and name == "tbl":
                yield table.table()
                table = None


def _main_part(package: ZipFile) -> str:
    for relation in tree_of(package, "_rels/.rels"):
        if relation.get("Type", "").endswith("/officeDocument"):
            return relation.attrib["Target"].removeprefix("/")
    raise Refused(refusals.DAMAGED)


class _Table:
    """The rows of one table as they come."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[Row] = []
        self.merges: list[list[int]] = []
        self.number = self.width = 0
        self.going_on: dict[int, list[int]] = {}  # merges that the next row may continue, by their column

    def table(self) -> Table:
        merges: list[Merge] = [(top, left, bottom, right) for top, left, bottom, right in self.merges]
        return Table(
            self.name, self.width, self.number, self.rows, merges_within(merges, self.number, self.width)
        )

    def add(self, row: Element) -> None:
        word = row.tag.removesuffix("tr")
        if row.find(f"{word}trPr/{word}del") is not None:
            return
        self.number += 1
        column = _number(row.find(f"{word}trPr/{word}gridBefore"), 0)
        cells: list[Cell] = []
        going_on: dict[int, list[int]] = {}
        for item in row.iter(f"{word}tc"):
            right = column + _number(item.find(f"{word}tcPr/{word}gridSpan"), 1) - 1
            self.width = max(self.width, right + 1)
            check_size(self.name, self.number, self.width)
            cells += [None] * (column - len(cells))
            down = item.find(f"{word}tcPr/{word}vMerge")
            above = self.going_on.get(column)
            if down is not None and above and above[3] == right and _value(down) != "restart":
                above[2] = self.number  # what the cell itself holds is not shown
                going_on[column] = above
            else:
                merge = [self.number, column, self.number, right]
                self.merges.append(merge)
                if down is not None:
                    going_on[column] = merge
                cells.append(_text(item, word))
            column = right + 1
        self.going_on = going_on
        if cells.count(None) < len(cells):
            self.rows.append((self.number, cells))


def _text(cell: Element, word: str) -> str | None:
    texts = {f"{word}t", *(word + sign for sign in _SIGNS)}
    lines = [
        "".join([item.text or "" for item in paragraph.iter() if item.tag in texts])
        for paragraph in cell.iter(f"{word}p")
    ]
    return clean_text("\n".join(lines))


def _number(element: Element | None, otherwise: int) -> int:
    return otherwise if element is None else max(int(_value(element)), otherwise)


def _value(element: Element) -> str:
    """The attribute ``w:val``."""
    return next((value for name, value in element.attrib.items() if name.endswith("}val")), "")
