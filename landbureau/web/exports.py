"""What leaves a page as a file: the columns of a list, its formats, and the line in the audit record.

``EXPORT_RECORDER`` names the function that records an export (people and the record stand above this app).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from django.conf import settings
from django.core.files import File
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest
from django.utils.module_loading import import_string
from import_export.fields import Field
from import_export.formats import base_formats
from import_export.resources import Resource

from landbureau.web.spreadsheets import ColumnOut, SheetOut, write_csv, write_xlsx
from landbureau.web.uploads import file_response

_IN_MEMORY = 5 * 1024 * 1024  # bytes; a larger file is kept on disk while it is sent


# --- Columns -----------------------------------------------------------------------------------------------


class Column(Field):
    """A column of an export: its head, and the attribute of a row (``owner``, ``kind__title``, a method).

    What needs more than that is the resource's ``dehydrate_<name>(row)``. Values stay what they are: a date
    is a date in the file. ``number_format``, ``width``: as in ``spreadsheets.ColumnOut``.
    """

    def __init__(self, head: str, attribute: str = "", *, number_format: str = "", width: float = 0) -> None:
        super().__init__(attribute=attribute or None, column_name=head, readonly=True)
        self.number_format, self.width = number_format, width

    def export(self, instance: Any, **kwargs: Any) -> Any:
        return self.get_value(instance)


class SheetResource(Resource):
    """A resource of import-export that writes its rows as they come from the database."""

    chunk_size = 500

    def prepare(self, rows: Sequence[Any]) -> None:
        """Fetch what the columns of these rows need and the list's query has not: in so many queries."""

    def sheet(self, title: str, rows: QuerySet[Any]) -> SheetOut:
        """The rows in their order; the number of queries does not grow with them."""
        fields = {name: self.fields[name] for name in self.get_export_order()}
        columns = [
            ColumnOut(field.column_name, getattr(field, "number_format", ""), getattr(field, "width", 0))
            for field in fields.values()
        ]
        values = [getattr(self, f"dehydrate_{name}", field.export) for name, field in fields.items()]
        return SheetOut(title, columns, self._cells(rows, values))

    def _cells(self, rows: QuerySet[Any], values: Sequence[Callable[[Any], Any]]) -> Iterator[list[Any]]:
        found = rows.iterator(chunk_size=self.chunk_size)
        while chunk := list(islice(found, self.chunk_size)):
            self.prepare(chunk)
            yield from ([value(row) for value in values] for row in chunk)


class DeskResource(SheetResource):
    """The columns of a list of the desk, hidden ones included, in the words of the page.

    ``viewer`` sees the rows; what the page masks for this person is masked here too. ``today``: of states.
    """

    def __init__(self, *, viewer: Any, today: date) -> None:
        super().__init__()
        self.viewer, self.today = viewer, today


# --- Formats -----------------------------------------------------------------------------------------------


class Xlsx(base_formats.XLSX):
    """import-export's xlsx, written by ``spreadsheets``."""

    word = "Excel（.xlsx）"

    def write(self, file: IO[bytes], sheet: SheetOut) -> int:
        return write_xlsx(file, [sheet])


class Csv(base_formats.CSV):
    """import-export's csv, written by ``spreadsheets``."""

    word = "CSV"

    def write(self, file: IO[bytes], sheet: SheetOut) -> int:
        return write_csv(file, sheet.heads, sheet.rows)


FORMATS: dict[str, type[Xlsx] | type[Csv]] = {"xlsx": Xlsx, "csv": Csv}


# --- Leaving the building ----------------------------------------------------------------------------------


def too_many(rows: QuerySet[Any]) -> str:
    """What to tell when there are more rows than go into one file; empty if there are not."""
    most = settings.EXPORT_MOST_ROWS
    if rows.order_by().values("pk")[: most + 1].count() <= most:
        return ""
    return f"没有导出：一次最多导出 {most:,} 行，请先用筛选条件缩小范围。"


def export_response(
    request: HttpRequest, name: str, sheet: SheetOut, *, today: date, filters: Sequence[str] = ()
) -> FileResponse:
    """The sheet as a file to be kept, recorded before it is sent. ``name``: a key of ``FORMATS``.

    ``today``: in its name. ``filters``: the conditions in words.
    """
    # The response that sends the file closes it.
    file = cast(IO[bytes], SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115
    form = FORMATS[name]()
    count = form.write(file, sheet)
    file.seek(0)
    file_name = f"{sheet.title}-{today:%Y%m%d}.{name}"
    recorder = import_string(settings.EXPORT_RECORDER)
    recorder(
        request.user,
        sheet.title,
        count=count,
        filters=list(filters),
        file=file_name,
        sha256=hashlib.file_digest(file, "sha256").hexdigest(),  # type: ignore[arg-type]
    )
    file.seek(0)
    return file_response(File(file), name=file_name, mime=form.CONTENT_TYPE, download=True)
