"""Office files that are zip packages (xlsx, docx, ods): what is inside, and whether it may be opened."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from . import refusals
from .refusals import Refused

MOST_UNPACKED = 400 * 1024**2  # bytes of all parts together; 100,000 rows of 20 columns take 110 MB
MOST_RATIO = (
    250  # of a part: what it unpacks to; text of tables shrinks to a tenth, in extreme cases a hundredth
)
FREE_OF_RATIO = 10 * 1024**2  # bytes; a smaller part may shrink as it likes
MOST_PARTS = 5_000
MOST_TREE = 16 * 1024**2  # bytes of a part that is parsed as a whole
LOOKED_AT = 64 * 1024  # bytes of a part in which its first element must begin

_ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".bz2", ".xz", ".tar", ".xlsx", ".xlsm", ".docx", ".ods", ".jar")
_CONTENT_TYPES = "[Content_Types].xml"


def open_package(data: bytes) -> ZipFile:
    """The package, if it is harmless to unpack. Raises ``Refused``, or ``BadZipFile`` and its like."""
    package = ZipFile(io.BytesIO(data))
    parts = package.infolist()
    if len(parts) > MOST_PARTS:
        raise Refused(refusals.PARTS)
    if any(part.flag_bits & 1 for part in parts):
        raise Refused(refusals.ENCRYPTED)
    names = {part.filename.lower() for part in parts}
    packed = sum(part.compress_size for part in parts)
    known = all(part.compress_type in (ZIP_STORED, ZIP_DEFLATED) for part in parts)
    if len(names) < len(parts) or packed > len(data) or not known:
        raise Refused(refusals.DAMAGED)  # two parts of one name, or in one place: readers would disagree
    if any(map(_is_bomb, parts)):
        raise Refused(refusals.RATIO)
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise refusals.unpacks_too_large(MOST_UNPACKED)
    return package


def kind_of(package: ZipFile) -> str:
    """``xlsx``, ``docx`` or ``ods``. Raises ``Refused`` for anything else, and for what it must not hold."""
    names = package.namelist()
    if "mimetype" in names:
        kind = _opendocument(package)
    elif _CONTENT_TYPES in names:
        kind = _office_open_xml(package)
    else:
        raise Refused(refusals.ARCHIVE)
    if any(name.lower().endswith(_ARCHIVES) and "/embeddings/" not in name for name in names):
        raise Refused(refusals.NESTED)
    for name in names:
        if name.lower().endswith((".xml", ".rels")):
            _check_prologue(package, name)
    return kind


def tree_of(package: ZipFile, name: str) -> ElementTree.Element:
    """A small part as a tree. Raises ``KeyError`` if it is missing, ``ParseError`` if it is broken."""
    if package.getinfo(name).file_size > MOST_TREE:
        raise Refused(refusals.TOO_COMPLEX)
    return ElementTree.fromstring(package.read(name))  # noqa: S314  # declarations are refused before


def empty(element: ElementTree.Element) -> None:
    """Take out what is in an element; the text behind it stays."""
    del element[:]
    element.text = None


def _is_bomb(part: ZipInfo) -> bool:
    return part.file_size > FREE_OF_RATIO and part.file_size > MOST_RATIO * part.compress_size


def _office_open_xml(package: ZipFile) -> str:
    with package.open(_CONTENT_TYPES) as stream:
        types = stream.read(MOST_TREE)
    names = [name.lower() for name in package.namelist()]
    if b"macroEnabled" in types or any(
        name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names
    ):
        raise Refused(refusals.MACROS)
    if re.search(rb"spreadsheetml\.(sheet|template)\.main\+xml", types):
        return "xlsx"
    if re.search(rb"wordprocessingml\.(document|template)\.main\+xml", types):
        return "docx"
    if b"ms-excel.sheet.binary" in types:
        raise refusals.save_as_xlsx("二进制格式的工作簿（.xlsb）")
    if b"presentationml" in types:
        raise refusals.no_table_file("演示文稿")
    raise Refused(refusals.ARCHIVE)


def _opendocument(package: ZipFile) -> str:
    with package.open("mimetype") as stream:
        kind = stream.read(100)
    if not kind.startswith(b"application/vnd.oasis.opendocument."):
        raise Refused(refusals.ARCHIVE)
    with package.open("META-INF/manifest.xml") as stream:
        if b"encryption-data" in stream.read(MOST_TREE):
            raise Refused(refusals.ENCRYPTED)
    if any(map(_is_script, package.infolist())):
        raise Refused(refusals.MACROS)
    if not kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        raise refusals.no_table_file("其他格式的 OpenDocument 文件")
    return "ods"


def _is_script(part: ZipInfo) -> bool:
    """Whether it is a macro; lists of libraries stay behind where there was one."""
    listing = part.filename.endswith(("script-lc.xml", "script-lb.xml"))
    return part.filename.startswith(("Basic/", "Scripts/")) and part.file_size > 0 and not listing


def _check_prologue(package: ZipFile, name: str) -> None:
    """Refuse a part that declares entities, or hides its beginning behind a long comment."""
    with package.open(name) as stream:
        start = stream.read(LOOKED_AT).replace(b"\0", b"")  # UTF-16 too
    if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
        raise Refused(refusals.ENTITIES)
    if start and not re.search(rb"<[^?!]", start):
        raise Refused(refusals.DAMAGED)
