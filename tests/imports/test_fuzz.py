"""Ten thousand mutations of valid files: never a crash, never half a commit."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from landbureau.imports.errors import ImportRefused
from tests.imports import files
from tests.imports.lots import bring
from tests.ledger.models import Lot
from tests.ledger.rows import lot, sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here"), pytest.mark.once]

BATCHES, EACH = 20, 500
ROWS = sheet(lot(1), lot(2), lot(3, township="寻寨镇", price=None, deposit=None))
VALID: dict[str, bytes] = {
    "xlsx": files.xlsx(ROWS, merges=[(2, 2, 3, 2)]),
    "xls": files.xls(ROWS),
    "ods": files.ods(ROWS),
    "docx": files.docx(ROWS),
    "csv": files.csv(ROWS),
    "gb.csv": files.csv(ROWS, "gb18030", "\t"),
}
# What a cell of a stranger may hold.
NASTY: tuple[Any, ...] = (
    "", " ", "\u00a0", "无", "—", "=1+1", "=A1", "#REF!", "NaN", "inf", "1e400", "-0",
    "9" * 400, "１２３", "二〇二六年三月一日", "2026-02-30", "0000-00-00", "99999999",
    "1/1/26", "2026.3", "TRUE",
    "\u202e倒", "喆\U0002000b",
    "\U0001f600", "'", '"', ",;\t", "甲\n乙", "a" * 5000, "１,２３４．５６万元", "5亩",
    1e308, -1.5, 0.1 + 0.2, 1e15, 123456789012345678.0, True, date(1, 1, 1), date(9999, 12, 31), 2**63,
    "合计", "电子监管号", "注：", "2026B00001",
)  # fmt: skip


def bytes_changed(data: bytes, dice: random.Random) -> bytes:
    """A few bytes other, gone, doubled, or the end cut off."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 8))):
        at, length = dice.randrange(len(changed)), dice.choice((1, 1, 4, 64))
        match dice.randrange(4):
            case 0:
                changed[at] = dice.randrange(256)
            case 1:
                del changed[at : at + length]
            case 2:
                changed[at:at] = changed[at : at + length]
            case 3:
                changed[at : at + length] = dice.randbytes(length)
    return bytes(changed[: dice.randrange(len(changed))] if dice.random() < 0.1 else changed) or b"\0"


def cells_changed(dice: random.Random) -> list[list[Any]]:
    """Cells with nasty values, rows and columns doubled, gone, exchanged."""
    rows = [list(row) for row in ROWS]
    for _ in range(dice.choice((1, 1, 2, 5))):
        row, column = dice.randrange(len(rows)), dice.randrange(len(rows[0]))
        match dice.randrange(6):
            case 0 | 1 | 2:
                rows[row][column] = dice.choice(NASTY)
            case 3:
                rows.insert(row, list(rows[dice.randrange(len(rows))]))
            case 4:
                for line in rows:
                    line.insert(column, line.pop(dice.randrange(len(line))))
            case 5 if len(rows) > 2:
                del rows[row]
    return rows


def workbook_of(rows: list[list[Any]]) -> bytes:
    """With the values that a workbook can hold at all."""
    return files.xlsx([[None if not _fits(value) else value for value in row] for row in rows])


def _fits(value: Any) -> bool:
    return not (isinstance(value, date) and value.year < 1900)


MUTATIONS: tuple[Callable[[random.Random], tuple[bytes, str]], ...] = (
    *(
        lambda dice, name=name: (bytes_changed(VALID[name], dice), f"台账.{name}")  # type: ignore[misc]
        for name in VALID
    ),
    lambda dice: (files.csv(cells_changed(dice)), "台账.csv"),
    lambda dice: (files.csv(cells_changed(dice)), "台账.csv"),
    lambda dice: (workbook_of(cells_changed(dice)), "台账.xlsx"),
    lambda dice: (bytes_changed(files.csv(cells_changed(dice)), dice), "台账.csv"),
)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_mutated_file_goes_in_whole_or_not_at_all(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbureau.imports.engine.CHUNK", 1)  # rows are written before the last is read
    dice = random.Random(batch)
    committed = 0
    for number in range(EACH):
        data, name = dice.choice(MUTATIONS)(dice)
        with transaction.atomic():
            committed += whole_or_not_at_all(data, name, accept=number % 2 == 0)
            transaction.set_rollback(True)
    assert committed > EACH // 50, "mutations must leave some files whole, or nothing is tested"


def whole_or_not_at_all(data: bytes, name: str, *, accept: bool) -> bool:
    try:
        report = bring(data, name=name, accept=accept)
    except ImportRefused:
        assert not Lot.objects.exists()
        return False
    written = Lot.objects.count()
    assert written == (sum(sheet.created for sheet in report.sheets) if report.committed else 0)
    assert report.committed == report.is_clear
    return report.committed
