"""Small tables that come into the admin as files: read so that no file takes the process down.

Ledgers and lists of people come in through the bureau's own import, which knows far more kinds of files.
"""

from __future__ import annotations

import csv
import io
import logging
import re
import zipfile
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.signing import BadSignature, TimestampSigner
from import_export.forms import ConfirmImportForm, ImportForm
from import_export.tmp_storages import BaseStorage
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from tablib import Dataset

from landbureau.web.exports import Csv, Xlsx
from landbureau.web.spreadsheets import harmed
from landbureau.web.uploads import clean_name

logger = logging.getLogger(__name__)

NO_TABLE = "这个文件不是 Excel（.xlsx）或 CSV，请核对是否选错了文件。"
MOST_BYTES = 1024**2
MOST_UNPACKED = 10 * 1024**2  # bytes of all parts of a workbook
MOST_BESIDE = 512 * 1024  # bytes of a part without cells: styles cost openpyxl a hundred times as much
MOST_ROWS, MOST_COLUMNS = 2000, 60
MOST_CELLS = 6 * MOST_ROWS * MOST_COLUMNS  # empty ones too, which cost as much; also tags of a part
_LAST_ROW = 1_048_576  # that Excel has
_WITH_CELLS = re.compile(r"xl/(?:worksheets/sheet\d+|sharedStrings)\.xml")
KEPT_FOR = 3600  # seconds between the preview and its confirmation


class TableXlsx(Xlsx):
    """An Excel file as it comes in: its first sheet, heads first."""

    def create_dataset(self, in_stream: bytes) -> Dataset:
        try:
            _check_parts(in_stream)
            workbook = load_workbook(io.BytesIO(in_stream), read_only=True)
            sheet = workbook.worksheets[0]
            sheet.reset_dimensions()  # what a file says about its own size is not believed
            rows = _kept(map(_values, sheet.iter_rows(max_row=_LAST_ROW)))
        except ValidationError:
            raise
        except Exception as error:  # openpyxl meets a damaged file with errors of many kinds
            logger.info("workbook not read", exc_info=error)
            raise ValidationError("这个 Excel 文件打不开或已损坏，请重新另存为 .xlsx 后再传。") from error
        return _dataset(rows)


class TableCsv(Csv):
    """A csv file as it comes in: UTF-8, or the encoding of a Chinese Windows; so bytes."""

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def create_dataset(self, in_stream: bytes, **kwargs: Any) -> Dataset:
        lines = csv.reader(io.StringIO(_decoded(in_stream), newline=""))
        try:
            rows = _kept([harmed(cell) for cell in line] for line in lines)
        except csv.Error as error:
            raise ValidationError("这个 CSV 文件的格式有误，请用 Excel 打开后另存为 .xlsx 再传。") from error
        return _dataset(rows)


FORMATS: list[type[TableXlsx] | type[TableCsv]] = [TableXlsx, TableCsv]


def _check_parts(data: bytes) -> None:
    """A zip reads no more of a part than it says; so the sum of what it says is what it can take."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
            raise ValidationError("这个 Excel 文件解压后过大，请只保留要导入的表后再传。")
        for part in parts.infolist():
            with_cells = _WITH_CELLS.fullmatch(part.filename)
            if parts.read(part).count(b"<") > MOST_CELLS if with_cells else part.file_size > MOST_BESIDE:
                raise ValidationError("这个 Excel 文件的格式或图片过多，请把表格复制到新建的文件后再传。")


def _values(cells: Iterable[Any]) -> list[Any]:
    """What the cells of a row hold. Raises ``ValidationError`` for what is computed."""
    for cell in cells:
        if cell.data_type in ("f", "e"):
            what = "是公式，请改为数值" if cell.data_type == "f" else f"是错误值 {cell.value}，请改正"
            raise ValidationError(f"单元格 {cell.coordinate} {what}后再传。")
    return [unescape(cell.value) if isinstance(cell.value, str) else cell.value for cell in cells]


def _decoded(data: bytes) -> str:
    if data.startswith(b"%PDF-") or b"\0" in data[:1024]:
        raise ValidationError(NO_TABLE)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValidationError(NO_TABLE)


def _kept(rows: Iterable[list[Any]]) -> list[list[Any]]:
    """The rows without empty cells at their ends and empty rows at the end, as many as a small table has."""
    kept: list[list[Any]] = []
    cells = 0
    for number, row in enumerate(rows):
        cells += len(row)
        while row and not _is_filled(row[-1]):
            row.pop()
        if row and number > MOST_ROWS:
            raise ValidationError(f"一次最多导入 {MOST_ROWS:,} 行，请分成几个文件。")
        if len(row) > MOST_COLUMNS or cells > MOST_CELLS:
            raise ValidationError(f"一次最多导入 {MOST_COLUMNS} 列，请删去多余的列。")
        if row:
            kept += [[]] * (number - len(kept))
            kept.append(row)
    return kept


def _dataset(rows: list[list[Any]]) -> Dataset:
    if not rows:
        raise ValidationError("这个文件是空的：第一行应为列名，数据从第二行开始。")
    width = max(map(len, rows))
    head, *body = ([*row, *[None] * (width - len(row))] for row in rows)
    return Dataset(*body, headers=[_head(value) for value in head])


def _is_filled(value: Any) -> bool:
    return value is not None and str(value).strip() != ""


def _head(value: Any) -> str:
    return "" if value is None else "".join(str(value).split())


# --- Between the two steps ---------------------------------------------------------------------------------


class FormStorage(BaseStorage):
    """Keeps the file in the form that asks for confirmation, signed: nothing is left behind on any server.

    ``name`` is what the form carries. Raises ``BadSignature`` for what was not written here or is too old.
    """

    signer = TimestampSigner(salt="landbureau.web.admin_files")

    def save(self, data: bytes) -> None:
        self.name = self.signer.sign(urlsafe_b64encode(data).decode())

    def read(self) -> bytes:
        return urlsafe_b64decode(self.signer.unsign(self.name, max_age=KEPT_FOR))

    def remove(self) -> None:
        return None


class TableImportForm(ImportForm):
    """The file alone: what kind it is shows in its content, whatever it is called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"] = forms.CharField(required=False, widget=forms.HiddenInput)
        file = self.fields["import_file"]
        file.label = "文件"
        file.widget.attrs = {"accept": ".xlsx,.csv"}
        file.help_text = (
            f"Excel（.xlsx）或 CSV，不超过 {MOST_BYTES // 1024**2} MB、{MOST_ROWS:,} 行。第一行为列名。"
        )

    @property
    def media(self) -> forms.Media:
        return forms.Media()  # the library's script guesses the format by the name

    def clean_import_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["import_file"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(f"文件超过 {MOST_BYTES // 1024**2} MB 的上限，请只保留要导入的行和列。")
        begin = file.read(4)
        file.seek(0)
        if begin == b"\xd0\xcf\x11\xe0":
            raise ValidationError("这是旧版或加密的 Excel 文件，请另存为不加密的 .xlsx 后再传。")
        self.is_workbook = begin == b"PK\x03\x04"
        return file

    def clean_format(self) -> str:
        """The place in ``FORMATS``; the file has been looked at before."""
        return str(FORMATS.index(TableXlsx if getattr(self, "is_workbook", False) else TableCsv))


class TableConfirmForm(ConfirmImportForm):
    """What was shown: the file, and how the table stood then (``seen``)."""

    resource = None  # there is one
    format = forms.ChoiceField(
        choices=[(str(place), "") for place in range(len(FORMATS))], widget=forms.HiddenInput
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def clean_import_file_name(self) -> bytes:
        """The file itself."""
        try:
            return FormStorage(name=self.cleaned_data["import_file_name"]).read()
        except BadSignature:
            raise ValidationError("核对的时间过长，请重新选择文件。") from None

    def clean_original_file_name(self) -> str:
        return clean_name(self.cleaned_data["original_file_name"])
