"""A file as tables, whatever its format. Formats are told by what the file contains, not by its name.

``read_tables`` is what the reading process does (``child``); it can be called in any other, too.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import chain, islice
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from python_calamine import CalamineError

from . import refusals
from .docx import read_docx
from .frames import MOST_SHEETS, Frame, Table
from .ods import read_ods
from .ole import MAGIC, CompoundFile
from .packages import kind_of, open_package
from .refusals import Refused
from .text import read_text
from .xls import read_xls
from .xlsx import read_xlsx

CHUNK = 200  # rows handed over at a time

# What the readers of formats raise over broken content.
_BROKEN = (
    CalamineError,
    BadZipFile,
    zlib.error,
    ParseError,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    ValueError,
)
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
_PROGRAMS = (b"MZ", b"\x7fELF")
_ARCHIVES = (b"Rar!\x1a", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")


def read_tables(data: bytes, name: str) -> Iterator[Frame]:
    """The sheets that are not blank: a head, then its rows. ``name``: what the file is called.

    Raises ``Refused``, at once or while it is iterated.
    """
    found = False
    try:
        for count, table in enumerate(_tables(data, name), 1):
            if count > MOST_SHEETS:
                raise refusals.too_many_sheets(MOST_SHEETS)
            rows = iter(table.rows)
            first = next(rows, None)
            if first is None:
                continue
            found = True
            yield table.head()
            rows = chain([first], rows)
            while some := list(islice(rows, CHUNK)):
                yield some
    except _BROKEN:
        raise Refused(refusals.DAMAGED) from None
    except MemoryError:
        raise Refused(refusals.TOO_COMPLEX) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of a library in Rust
            raise
        raise Refused(refusals.DAMAGED) from None
    if not found:
        raise Refused(refusals.NO_TABLE)


def _tables(data: bytes, name: str) -> Iterator[Table]:
    if not data:
        raise Refused(refusals.EMPTY)
    if data.startswith(MAGIC):
        return read_xls(_workbook_stream(data))
    if data.startswith((b"PK\3\4", b"PK\5\6")):
        package = open_package(data)
        kind = kind_of(package)
        if kind == "xlsx":
            return read_xlsx(package, data)
        return read_ods(package) if kind == "ods" else read_docx(package)
    _refuse_others(data)
    return read_text(data, name)


def _workbook_stream(data: bytes) -> bytes:
    """Of a workbook in a compound file. Raises ``Refused`` for all else that such files hold."""
    file = CompoundFile(data)
    if "EncryptedPackage" in file.entries or "EncryptionInfo" in file.entries:
        raise Refused(refusals.ENCRYPTED)
    if "WordDocument" in file.entries:
        raise Refused(refusals.OLD_WORD)
    if "_VBA_PROJECT_CUR" in file.entries:
        raise Refused(refusals.MACROS)
    for name in ("Workbook", "Book"):
        if name in file.entries:
            return file.read(name)
    raise refusals.no_table_file("其他格式的旧版 Office 文件")


def _refuse_others(data: bytes) -> None:
    binary = b"\0" in data[:1024]
    if data.startswith(b"%PDF"):
        raise refusals.no_table_file(" PDF 文件")
    if data.startswith(_PICTURES) or data[4:8] == b"ftyp" or (binary and data.startswith((b"BM", b"RIFF"))):
        raise refusals.no_table_file("图片或影像")
    if data.startswith(_ARCHIVES):
        raise Refused(refusals.ARCHIVE)
    if binary and data.startswith(_PROGRAMS):
        raise refusals.no_table_file("程序")
    if data.startswith(b"{\\rtf"):
        raise refusals.no_table_file("写字板（RTF）文档")
    if data.startswith((b"\x09\0\4\0", b"\x09\2\6\0", b"\x09\4\6\0", b"\x09\x08")) and binary:
        raise refusals.save_as_xlsx("很旧的 Excel 文件")
