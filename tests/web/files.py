"""Files as people upload them, good, wrong and hostile: made here, so that the repository holds none."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)


def upload(data: bytes, name: str = "回证.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (64, 48), colour: Any = "#c96", **options: Any
) -> bytes:
    out = io.BytesIO()
    Image.new(options.pop("mode", "RGB"), size, colour).save(out, kind, **options)
    return out.getvalue()


def photo(
    *,
    latitude: Any = (37, 31, 12.0),
    longitude: Any = (115, 14, 24.0),
    references: tuple[str, str] = ("N", "E"),
    taken: str = "2026:11:23 10:40:05",
    zone: str = "",
    orientation: int = 1,
    size: tuple[int, int] = (64, 48),
    colour: str = "#c96",
) -> bytes:
    """A phone's JPEG with position, time and orientation in its EXIF data."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    if zone:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] = zone
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLongitudeRef] = references
    gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLongitude] = latitude, longitude
    return picture(size=size, colour=colour, exif=exif)


def pdf(pages: int = 1, *, password: str = "", root: dict[str, Any] | None = None) -> bytes:
    """A PDF of blank pages; ``root``: entries added to its catalogue."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=200, height=280)
    for name, value in (root or {}).items():
        writer.root_object[NameObject(name)] = value
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def action(kind: str, **entries: Any) -> DictionaryObject:
    values = {NameObject(f"/{name}"): value for name, value in entries.items()}
    return DictionaryObject({NameObject("/S"): NameObject(kind), **values})


def scripts() -> DictionaryObject:
    """The names of a catalogue with a script that runs on opening."""
    tree = DictionaryObject(
        {NameObject("/Names"): ArrayObject([TextStringObject("x"), action("/JavaScript")])}
    )
    return DictionaryObject({NameObject("/JavaScript"): tree})


def first_page() -> ArrayObject:
    return ArrayObject([NumberObject(0), NameObject("/Fit")])


def pdf_with_file() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(width=200, height=280)
    writer.add_attachment("付款.exe", b"MZ")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf_with_link(kind: str) -> bytes:
    """The action hangs on a link of the page, not on the catalogue."""
    writer = PdfWriter()
    page = writer.add_blank_page(width=200, height=280)
    link = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/A"): action(kind, F=TextStringObject("cmd.exe")),
        }
    )
    page[NameObject("/Annots")] = ArrayObject([writer._add_object(link)])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf_of_nested_forms(levels: int) -> bytes:
    """Two kilobytes that draw 10 ** ``levels`` lines: each form draws the next one ten times."""
    writer = PdfWriter()
    page = writer.add_blank_page(width=200, height=280)
    inner: Any = None
    for _ in range(levels):
        form = DecodedStreamObject()
        form.set_data((b"/F Do " if inner else b"0 0 m 200 280 l S ") * 10)
        form[NameObject("/Type")] = NameObject("/XObject")
        form[NameObject("/Subtype")] = NameObject("/Form")
        form[NameObject("/BBox")] = ArrayObject(NumberObject(side) for side in (0, 0, 200, 280))
        form[NameObject("/Resources")] = _named_form(inner)
        inner = writer._add_object(form)
    content = DecodedStreamObject()
    content.set_data(b"/F Do")
    page[NameObject("/Resources")] = _named_form(inner)
    page[NameObject("/Contents")] = writer._add_object(content)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _named_form(form: Any) -> DictionaryObject:
    forms = DictionaryObject({NameObject("/F"): form} if form else {})
    return DictionaryObject({NameObject("/XObject"): forms})


def jpeg_of_several_scans() -> bytes:
    """64×48 pixels of grey, not progressive, each colour in a scan of its own."""
    whole = picture(subsampling=0)
    start = whole.index(b"\xff\xda")
    scans = b""
    for at, block in ((start + 5, "001010"), (start + 7, "0000"), (start + 9, "0000")):
        bits = block * 48  # no change of brightness, end of block: in the usual tables
        data = int(bits, 2).to_bytes(len(bits) // 8)
        scans += b"\xff\xda\0\x08\1" + whole[at : at + 2] + b"\0\x3f\0" + data
    return whole[:start] + scans + b"\xff\xd9"


def png_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few kilobytes that claims to be 900 megapixels large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
