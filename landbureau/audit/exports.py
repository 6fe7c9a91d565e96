"""The record as a file: leaving the building is itself recorded, before the file does."""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO

from django.db.models import QuerySet
from django.utils import timezone

from landbureau.audit.display import Line, lines_of
from landbureau.audit.models import Entry, Reader

LIMIT = 100_000  # rows of one file: what is ready within a request
COLUMNS = ("时间", "人员", "科室/所", "操作", "对象类型", "对象", "对象编号", "变动与说明", "来源地址")
FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BATCH = 500
_IN_MEMORY = 5 * 1024 * 1024  # bytes; a larger file is kept on disk while it is sent


@dataclass(frozen=True)
class Export:
    """``file`` is at its beginning; ``count`` data rows; ``sha256`` of the whole file."""

    file: IO[bytes]
    count: int
    sha256: str


def write_csv(rows: QuerySet[Entry], viewer: Reader) -> Export:
    """What ``viewer`` may see of the rows: UTF-8 with BOM, as Excel wants it; no cell is a formula."""
    digest = hashlib.sha256()
    # The response that sends the file closes it.
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    count = 0
    for batch in _batches(rows):
        text = io.StringIO()
        writer = csv.writer(text)
        if not count:
            text.write("\ufeff")
            writer.writerow(COLUMNS)
        writer.writerows([harmless(cell) for cell in _cells(line)] for line in lines_of(batch, viewer))
        content = text.getvalue().encode()
        digest.update(content)
        file.write(content)
        count += len(batch)
    file.seek(0)
    return Export(file, count, digest.hexdigest())


def harmless(cell: str) -> str:
    """An apostrophe before what a spreadsheet would take for a formula (OWASP, CSV injection).

    Blanks before it are no protection; Chinese versions read the full-width signs as well.
    """
    is_formula = cell.startswith(("\t", "\r", "\n")) or cell.lstrip().startswith(FORMULA_SIGNS)
    return f"'{cell}" if is_formula else cell


def _batches(rows: QuerySet[Entry]) -> Iterator[list[Entry]]:
    reading = rows.iterator(chunk_size=_BATCH)
    yield list(islice(reading, _BATCH))  # an empty list still has its heads
    while batch := list(islice(reading, _BATCH)):
        yield batch


def _cells(line: Line) -> tuple[str, ...]:
    entry = line.entry
    return (
        f"{timezone.localtime(entry.timestamp):%Y-%m-%d %H:%M:%S}",
        line.who,
        line.unit,
        line.action,
        line.kind,
        line.subject,
        line.subject_pk,
        line.text,
        entry.remote_addr or "",
    )
