"""Files that came to harm on their way: they are read or refused, nothing else."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from landbureau.imports.errors import FileRefused
from landbureau.imports.reading import open_tables
from tests.imports import files

pytestmark = pytest.mark.usefixtures("read_here")

ROWS: list[list[Any]] = [
    ["人员名册", None, None],
    ["编号", "姓名", "日期"],
    ["001", "王海燕", date(2026, 3, 1)],
    ["002", "赵\n文博", 12.5],
]
TEXTS = [["" if cell is None else str(cell) for cell in row] for row in ROWS]
MERGES = [(1, 0, 1, 2)]
VALID = {
    "xlsx": lambda: files.xlsx(ROWS, MERGES),
    "xls": lambda: files.xls({"一": ROWS, "二": ROWS}, MERGES),
    "ods": lambda: files.ods(ROWS, MERGES),
    "docx": lambda: files.docx(TEXTS, MERGES),
    "csv": lambda: files.csv(TEXTS, "gb18030"),
}
PARTS = {"xlsx": files.SHEET, "ods": "content.xml", "docx": "word/document.xml"}
WORDS = [b"<", b'"', b"\0", b"\xff", b"999999999", b"-1", b'r="XFD1048576"', b't="e"', b"<f/>", b"</row>"]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Cut off, or with some bytes changed, lost, doubled or put in."""
    if chance.random() < 0.1:
        return data[: chance.randrange(len(data))]
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        at = chance.randrange(len(changed))
        match chance.randrange(5):
            case 0 | 1:
                changed[at] = chance.randrange(256)
            case 2:
                del changed[at : at + min(chance.randrange(50), len(changed) - 1)]
            case 3:
                changed[at:at] = changed[at : at + 50]
            case _:
                changed[at:at] = chance.choice(WORDS)
    return bytes(changed)


def outcome(data: bytes) -> str:
    try:
        with open_tables(io.BytesIO(data), "名册") as sheets:
            return "read" if [list(sheet.rows) for sheet in sheets] else "nothing"
    except FileRefused as refused:
        return "refused" if str(refused).endswith("。") else str(refused)


@pytest.mark.parametrize("make", VALID.values(), ids=VALID)
def test_a_mutated_file_is_read_or_refused(make: Callable[[], bytes]) -> None:
    valid, chance = make(), random.Random(20261123)

    outcomes = {outcome(mutated(valid, chance)) for _ in range(300)}

    assert outcome(valid) == "read"
    assert outcomes <= {"read", "refused"}
    assert "refused" in outcomes


@pytest.mark.parametrize(("kind", "part"), PARTS.items())
def test_a_package_with_mutated_content_is_read_or_refused(kind: str, part: str) -> None:
    valid, chance = VALID[kind](), random.Random(20261123)
    xml = files.parts_of(valid)[part]

    outcomes = {outcome(files.changed(valid, {part: mutated(xml, chance)})) for _ in range(300)}

    assert outcomes == {"read", "refused"}
