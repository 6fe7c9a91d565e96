"""A corpus of messy files: every defect alone in every format, and all of them in pairs, go in exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest

from tests.imports import files
from tests.imports.lots import bring, codes
from tests.imports.messes import DEFECTS, Mess, blank_below_the_company
from tests.ledger.models import Lot
from tests.ledger.rows import NAMES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here"), pytest.mark.once]

FORMATS: dict[str, Callable[[Mess], bytes]] = {
    "xlsx": lambda mess: files.xlsx(mess.grid(), mess.merges()),
    "xls": lambda mess: files.xls(mess.grid(), mess.merges()),
    "ods": lambda mess: files.ods(mess.grid(), mess.merges()),
    "docx": lambda mess: files.docx(mess.grid(), mess.merges()),
    "csv": lambda mess: files.csv(mess.grid()),
    "gb18030.csv": lambda mess: files.csv(mess.grid(), "gb18030", ";"),
    "tab.txt": lambda mess: files.csv(mess.grid(), "utf-8", "\t"),
}
EXPECTED = [
    {
        "number": f"2026{n:04}",
        "method": "挂牌",
        "land_user": "新河县演示工业有限公司",
        "township": "新河镇",
        "village": "东苑村",
        "contact": "演示人",
        "area": Decimal("17342.5") + n,
        "price": Decimal(5136000) + n,
        "deposit": Decimal(1000000),
        "signed_on": date(2026, 3, 1),
        "start_on": date(2026, 9, 1),
        "completion_on": date(2028, 9, 1),
        "plot_ratio": Decimal("1.2"),
        "instalments": 2,
        "phone": f"138 0000 {n:04}",
        "remark": "",
    }
    for n in (1, 2, 3)
]


def made(defects: Sequence[Callable[[Mess], None]]) -> Mess:
    mess = Mess()
    for defect in defects:
        defect(mess)
    return mess


def assert_goes_in(mess: Mess, extension: str) -> None:
    report = bring(FORMATS[extension](mess), name=f"台账.{extension}", accept=True)
    assert report.committed, codes(report)
    held: list[dict[str, Any]] = list(Lot.objects.order_by("number").values(*NAMES))
    assert [{name: row[name] for name in EXPECTED[0]} for row in held] == EXPECTED
    asked = {code for _, _, code in codes(report)}
    assert asked <= {"foot_row"}, "a defect that changes nothing asks nothing"
    Lot.objects.all().delete()


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.__name__)
@pytest.mark.parametrize("extension", FORMATS)
def test_each_defect_alone_goes_in_exactly(extension: str, defect: Callable[[Mess], None]) -> None:
    assert_goes_in(made([defect]), extension)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.__name__)
def test_each_pair_of_defects_goes_in_exactly(defect: Callable[[Mess], None]) -> None:
    for first, second in combinations(DEFECTS, 2):
        if first is defect:
            assert_goes_in(made([first, second]), "xlsx")


def test_all_defects_that_go_together_go_in_exactly() -> None:
    apart = {"units_in_cells", "head_of_two_lines", "dates_as_numbers", "point_zero_behind_codes"}
    assert_goes_in(made([defect for defect in DEFECTS if defect.__name__ not in apart]), "ods")


def test_merged_cells_survive_only_where_the_format_has_them() -> None:
    """Without them a blank cell is carried down all the same: the column is declared so."""
    for extension in ("xlsx", "csv"):
        assert_goes_in(made([blank_below_the_company]), extension)
