"""The process that reads a file: what it may use, and that it ends."""

from __future__ import annotations

import io
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from landbureau.imports import reading
from landbureau.imports.errors import FileRefused
from landbureau.imports.reading import Bad, frames, open_tables, tables
from landbureau.imports.reading.refusals import Refused
from tests.imports import files

TOO_COMPLEX = "文件过于复杂，读取时超出了时间或内存的限制。请只保留要导入的表，拆成几个文件后再导入。"
DAMAGED = "文件已损坏或不完整。请用 Excel 或 WPS 打开，另存为新的 .xlsx 文件后再导入。"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The reading processes that the test starts."""
    processes: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            processes.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    return processes


def read(data: bytes) -> None:
    with open_tables(io.BytesIO(data), "表.xlsx") as sheets:
        for sheet in sheets:
            for _ in sheet.rows:
                pass


def many_rows(rows: int, columns: int = 20) -> bytes:
    letters = [chr(65 + column) for column in range(columns)]
    line = "".join(f'<c r="{letter}{{0}}" t="inlineStr"><is><t>文本{{0}}</t></is></c>' for letter in letters)
    return files.sheet_xml("".join(f'<row r="{i}">{line.format(i)}</row>' for i in range(1, rows + 1)))


def test_every_kind_of_cell_comes_back_as_it_was_read() -> None:
    with open_tables(io.BytesIO(files.xlsx([["甲\n乙", 1.5, True, None, "#REF!"]])), "表") as sheets:
        assert [list(sheet.rows) for sheet in sheets] == [[(1, ["甲\n乙", 1.5, True, None, Bad("#REF!")])]]


def test_the_process_may_not_use_more_than_it_needs(started: list[subprocess.Popen[bytes]]) -> None:
    with open_tables(io.BytesIO(many_rows(5000)), "表"):
        limits = Path(f"/proc/{started[0].pid}/limits").read_text()

    hard = {line[:26].strip(): line[26:].split()[1] for line in limits.splitlines()[1:]}
    assert hard["Max cpu time"] == "60"
    assert hard["Max address space"] == str(1024**3)
    assert hard["Max file size"] == "0"
    assert hard["Max core file size"] == "0"


def test_the_process_loads_neither_django_nor_the_project() -> None:
    program = (
        "import sys, runpy\n"
        f"sys.argv[:] = ['child', '表', '60', '{1024**3}']\n"
        f"runpy.run_path({reading.child.__file__!r}, run_name='__main__')\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('django', 'landbureau')])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], input="甲,乙".encode(), capture_output=True, check=True
    )

    assert done.stdout.splitlines()[-1] == b"[]"


def test_the_process_ends_with_the_reading(started: list[subprocess.Popen[bytes]]) -> None:
    data = many_rows(5000)

    with open_tables(io.BytesIO(data), "表") as sheets:
        next(next(sheets).rows)
        assert started[0].poll() is None
    with pytest.raises(ZeroDivisionError), open_tables(io.BytesIO(data), "表"):
        raise ZeroDivisionError
    with open_tables(io.BytesIO(data), "表") as sheets:
        assert sum(1 for sheet in sheets for _ in sheet.rows) == 5000
    with pytest.raises(FileRefused):
        read(b"%PDF-1.7")

    assert len(started) == 4
    assert all(process.returncode is not None for process in started)


def test_rows_of_a_large_sheet_pass_through_without_being_kept() -> None:
    data = many_rows(20_000)
    tracemalloc.start()
    try:
        read(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < len(data) + 10 * 1024**2


def test_a_bomb_that_no_scan_sees_ends_at_the_limit_of_memory() -> None:
    """One text of 98 kB, shown in 20,000 cells: 2 GB once it is laid out."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(1, 20_001))
    texts = f'<sst xmlns="{main}"><si><t>{"字" * 32_767}</t></si></sst>'

    with pytest.raises(FileRefused, match=TOO_COMPLEX):
        read(files.changed(files.sheet_xml(cells), {"xl/sharedStrings.xml": texts}))


def test_a_package_that_understates_its_size_is_damaged() -> None:
    data = files.lying_about_its_size(many_rows(1000), files.SHEET, 1000)

    with pytest.raises(FileRefused, match=DAMAGED):
        read(data)


def test_a_file_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20\n" * 199_000

    monkeypatch.setattr(reading, "MOST_CPU", 1)
    with pytest.raises(FileRefused, match=TOO_COMPLEX):
        read(text)

    monkeypatch.setattr(reading, "MOST_TIME", 0.01)
    with pytest.raises(FileRefused, match=TOO_COMPLEX):
        read("甲,乙".encode())


@pytest.mark.parametrize(
    ("program", "logged"),
    [
        (f"import sys; sys.stdin.read(); print({frames.failure_line('Traceback …')!r})", "Traceback …"),
        ("import sys; sys.stdin.read(); print('Fatal error')", "A file could not be read."),
        ("raise SystemExit(1)", "The reading process ended with exit code 1."),
    ],
)
def test_a_failure_that_nobody_foresaw_is_logged_and_told_as_damage(
    program: str,
    logged: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "child.py"
    path.write_text(program)
    monkeypatch.setattr(reading.child, "__file__", str(path))

    with pytest.raises(FileRefused, match=DAMAGED):
        read(b"a,b," * 1_000_000)

    assert logged in caplog.text


def test_a_panic_in_the_library_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {})  # what Rust's panics are in Python

    def panics(*_: object) -> None:
        raise panic

    monkeypatch.setattr(tables, "read_text", panics)

    with pytest.raises(Refused, match=DAMAGED):
        list(tables.read_tables(b"a,b", "表"))
