"""Spreadsheets in: 20,000 rows of 20 columns against import-export row by row, and against a bare COPY.

On the PostgreSQL of ``scripts/testservers.py``, in a process of its own:

    python scripts/testservers.py python -m benchmarks.imports
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import Result

ROWS, LONG = 20_000, 100_000
CHANGED = 10  # every tenth row of the second file
MEMORY_BAR = 600  # MiB
TODAY = date(2026, 11, 23)


def measure() -> Iterator[Result]:
    """The figures of the other process."""
    command = [sys.executable, "scripts/testservers.py", sys.executable, "-m", "benchmarks.imports"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    for figures in json.loads(done.stdout.splitlines()[-1]):
        yield Result(**figures)


# --- The other process ---------------------------------------------------------------------------------


def figures() -> Iterator[Result]:
    from django.db import connection

    kind = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}[connection.vendor]
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "first.xlsx", Path(folder) / "second.xlsx"
        write(first, ROWS)
        write(second, ROWS, changed=CHANGED)
        for name, path, prepare in (("first", first, empty), ("second", second, lambda: ours(first))):
            prepare()
            mine = timed(lambda path=path: ours(path))
            assert_written(path is second)
            prepare()
            plain = timed(lambda path=path: row_by_row(path))
            assert_written(path is second)
            bare = timed(lambda path=path: copied(path))
            what = f"{name} import of {ROWS:,} rows, {kind}"
            yield Result(
                f"{what}: against row by row", ROWS / mine, "rows/s", ROWS / plain, bar=10, at_least=True
            )
            yield Result(f"{what}: against read and COPY", mine, "s", bare, 8)
        long = Path(folder) / "long.xlsx"
        write(long, LONG)
        yield Result(f"memory of {LONG:,} rows, with the reader", memory(long), "MiB", bar=MEMORY_BAR)


def write(path: Path, rows: int, changed: int = 0) -> None:
    """A ledger as xlsx; every ``changed``-th row with another date of completion."""
    from openpyxl import Workbook

    from tests.ledger.rows import HEAD, lot

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("台账")
    sheet.append(HEAD)
    for number in range(1, rows + 1):
        other = {"completion_on": date(2029, 1, 1)} if changed and number % changed == 0 else {}
        sheet.append(lot(number, **other))
    workbook.save(path)


def empty() -> None:
    from tests.ledger.models import Lot

    Lot.objects.all().delete()


def ours(path: Path) -> None:
    from landbureau.imports.services import import_file

    report = import_file(path, today=TODAY, kinds=("lots",))
    assert report.committed, report.sheets[0].findings[:3]


def assert_written(with_changes: bool) -> None:
    from tests.ledger.models import Lot

    assert Lot.objects.count() == ROWS
    assert Lot.objects.filter(completion_on=date(2029, 1, 1)).count() == (
        ROWS // CHANGED if with_changes else 0
    )


def row_by_row(path: Path) -> None:
    """A plain resource of django-import-export with the same checks; the file read by the same reader."""
    from import_export import fields, resources, widgets
    from python_calamine import CalamineWorkbook
    from tablib import Dataset

    from landbureau.imports.values import Text
    from tests.ledger.imports import TOWNSHIPS, Lots
    from tests.ledger.models import Lot

    class Cleaned(widgets.Widget):
        def __init__(self, kind: Any) -> None:
            super().__init__()
            self.kind = kind

        def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
            value = self.kind.parse(None if value == "" else value, None)
            return "" if value is None and isinstance(self.kind, Text) else value

    class LotResource(resources.ModelResource):
        class Meta:
            model = Lot
            import_id_fields = ("number",)
            skip_unchanged = True
            use_transactions = True

        def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            assert instance.township in TOWNSHIPS
            assert not instance.deposit or instance.deposit <= instance.price

    for column in Lots.columns:
        LotResource.fields[column.name] = fields.Field(column.name, column.title, Cleaned(column.kind))
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    dataset = Dataset(*rows[1:], headers=rows[0])
    result = LotResource().import_data(dataset, raise_errors=True)
    assert result.total_rows == ROWS


def copied(path: Path) -> None:
    """What cannot be gone below: read the file, and COPY what is in it."""
    from django.db import connection, transaction
    from python_calamine import CalamineWorkbook

    from tests.ledger.rows import NAMES

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE copied (LIKE ledger_lot) ON COMMIT DROP")
        cursor.execute("ALTER TABLE copied DROP COLUMN id")
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        columns = ", ".join(f'"{name}"' for name in NAMES)
        with cursor.copy(f"COPY copied ({columns}) FROM STDIN") as copy:
            for row in rows[1:]:
                row[NAMES.index("instalments")] = int(row[NAMES.index("instalments")])
                copy.write_row(row)


def memory(path: Path) -> float:
    """MiB at the most that an import takes: its own process and the reader's, as if at the same moment."""
    program = (
        "import resource, django; django.setup();"
        "from pathlib import Path; from benchmarks.imports import empty, ours; empty();"
        f"ours(Path({str(path)!r}));"
        "print(sum(resource.getrusage(who).ru_maxrss"
        " for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024)"
    )
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True)
    return round(float(done.stdout.splitlines()[-1]), 1)


def timed(act: Callable[[], None]) -> float:
    begun = perf_counter()
    act()
    return round(perf_counter() - begun, 2)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="landbureau-bench-") as folder:
        os.environ |= {"DATA_DIR": folder, "DEMO": "1", "HTTPS": "0"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings_ledger"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", run_syncdb=True, verbosity=0)
        told = [
            {
                "name": row.name,
                "value": round(row.value, 2),
                "unit": row.unit,
                "baseline": row.baseline and round(row.baseline, 2),
                "bar": row.bar,
                "at_least": row.at_least,
            }
            for row in figures()
        ]
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
