"""Files that people upload: judged by what they contain, and served so that they stay files.

One module for every app: receipts and their photos, photos of visits, attachments.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.files.base import File
from django.core.files.uploadhandler import FileUploadHandler
from django.http import FileResponse
from PIL import ExifTags, Image, ImageFile, ImageOps

from landbureau.web.pdfpages import PdfRefused, first_page

CHINA = ZoneInfo("Asia/Shanghai")
LONGEST_NAME = 120
PDF = "application/pdf"


@dataclass(frozen=True)
class Type:
    """A type of file that may be kept; the first of ``extensions`` is the one it is stored under."""

    mime: str
    extensions: tuple[str, ...]
    word: str


TYPES = {
    "jpeg": Type("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), "JPG"),
    "png": Type("image/png", ("png",), "PNG"),
    "webp": Type("image/webp", ("webp",), "WebP"),
    "pdf": Type(PDF, ("pdf",), "PDF"),
}
SHOWN_IN_PLACE = {kind.mime for kind in TYPES.values()}
IMAGES = ("jpeg", "png", "webp")

# What else people send, told by its first bytes: for saying what it is.
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", " GIF 图片"),
    (b"BM", " BMP 图片"),
    (b"II*\0", " TIFF 图片"),
    (b"MM\0*", " TIFF 图片"),
    (b"PK\x03\x04", " Office 文档或压缩包"),
    (b"\xd0\xcf\x11\xe0", "旧版 Office 文档"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"MZ", "程序"),
    (b"\x7fELF", "程序"),
)
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"}
HEIC = (
    "这是 HEIC 格式的照片，其他电脑多半打不开。苹果手机请在“设置－相机－格式”中选“兼容性最佳”后重拍，"
    "已拍的请先转换为 JPG 再上传。"
)

_decoding = Lock()  # one picture at a time: a large one takes a hundred megabytes


class UploadRefused(ValidationError):
    """A file that is not kept; one sentence says why, and what to do if something can be done."""


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: its true type, a clean name with the right extension, size in bytes."""

    mime: str
    extension: str
    name: str
    size: int
    sha256: str


# --- What may come in ------------------------------------------------------------------------------


def check_upload(
    file: File[bytes],
    allowed: Collection[str] = ("jpeg", "png", "webp", "pdf"),
    *,
    most_bytes: int | None = None,
) -> Checked:
    """Look into an uploaded file. ``allowed``: keys of ``TYPES``; ``most_bytes``: as in the settings.

    Images must decode to the end and keep within ``UPLOAD_MOST_PIXELS``; a PDF must open without a password
    and do nothing by itself. The file is read from its start and left there. Raises ``UploadRefused``.
    """
    most = most_bytes or settings.UPLOAD_MOST_BYTES
    if not file.size:
        raise UploadRefused("文件是空的，请重新选择。")
    if file.size > most:
        raise UploadRefused(f"文件有 {_megabytes(file.size)}，超过 {_megabytes(most)} 的上限，请缩小后再传。")
    file.seek(0)
    data = file.read()
    file.seek(0)
    kind = _kind(data)
    if kind not in allowed:
        words = "、".join(TYPES[name].word for name in allowed)
        raise UploadRefused(f"只能上传 {words} 文件，这个文件{_other(data)}。")
    name = clean_name(file.name or "")
    _check_extension(name, kind)
    if kind == "pdf":
        _first_page(data, 100)
    else:
        _check_image(data, kind)
    extension = TYPES[kind].extensions[0]
    return Checked(
        mime=TYPES[kind].mime,
        extension=extension,
        name=_with_extension(name, kind),
        size=len(data),
        sha256=sha256(data).hexdigest(),
    )


def clean_name(name: str) -> str:
    """The name of a file without folders, control and direction characters, at most 120 characters long."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C").strip(" .")
    if len(name) > LONGEST_NAME:
        stem, dot, suffix = name.rpartition(".")
        keep = LONGEST_NAME - len(suffix) - 1
        name = f"{stem[:keep]}{dot}{suffix}" if stem and keep > LONGEST_NAME // 2 else name[:LONGEST_NAME]
    return name


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"


def _kind(data: bytes) -> str:
    """The key in ``TYPES`` that the first bytes name, or an empty text."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return "pdf" if data.startswith(b"%PDF-") else ""


def _other(data: bytes) -> str:
    """What a file is that is not allowed, for the end of a sentence. Raises ``UploadRefused`` for HEIC."""
    if data[4:8] == b"ftyp":
        if data[8:12] in _HEIC_BRANDS:
            raise UploadRefused(HEIC)
        return "是视频"
    if kind := _kind(data):
        return f"是 {TYPES[kind].word}"
    for signature, word in _OTHERS:
        if data.startswith(signature):
            return f"是{word}"
    text = data.lstrip()[:1] == b"<" or not any(byte < 9 or 13 < byte < 32 for byte in data[:512])
    return "是网页或文本" if text else "的格式无法识别"


def _check_extension(name: str, kind: str) -> None:
    """A picture named like another kind of picture is a picture; anything else was named to deceive."""
    found = re.search(r"\.([A-Za-z][A-Za-z0-9]{0,9})$", name)
    family = IMAGES if kind in IMAGES else (kind,)
    if found and found[1].lower() not in {suffix for key in family for suffix in TYPES[key].extensions}:
        raise UploadRefused(f"文件名以 .{found[1]} 结尾，内容却是 {TYPES[kind].word}，请核对是否选错了文件。")


def _with_extension(name: str, kind: str) -> str:
    stem, _, suffix = name.rpartition(".")
    extensions = TYPES[kind].extensions
    if stem and suffix.lower() in extensions:
        return name
    known = {suffix for key in TYPES.values() for suffix in key.extensions}
    base = stem if stem and suffix.lower() in known else name
    return f"{(base or '文件')[: LONGEST_NAME - 6]}.{extensions[0]}"


def _check_image(data: bytes, kind: str) -> None:
    """Decode to the last line: a cut-off file fails there.

    A JPEG written line by line decodes at an eighth of its size; what has to be in the memory as a whole may
    have a quarter as many pixels, a WebP, whose decoder keeps several copies, an eighth.
    """
    try:
        with _opened(io.BytesIO(data), kind) as image:
            most = settings.UPLOAD_MOST_PIXELS // {"png": 4, "webp": 8}.get(kind, 1 if _by_lines(data) else 4)
            if image.width * image.height > most:
                raise UploadRefused(
                    f"图片有 {image.width}×{image.height} 像素，"
                    f"超过 {most // 10_000} 万像素的上限，请缩小后再传。"
                )
            image.draft("RGB", (image.width // 8, image.height // 8))
            image.load()
    except UploadRefused:
        raise
    except Image.DecompressionBombError:
        raise UploadRefused("图片的像素过多，请缩小后再传。") from None
    except Exception as error:  # whatever the decoder stumbles over: it is not a whole picture
        raise UploadRefused(f"{TYPES[kind].word} 图片打不开或不完整，请重新拍摄或重新保存后再传。") from error


def _by_lines(data: bytes) -> bool:
    """Whether a JPEG's first scan holds all colours at once, as cameras write it (ITU-T T.81, annex B)."""
    place, colours = 2, 0
    while data[place] == 0xFF:
        marker = data[place + 1]
        if marker in (0xC0, 0xC1):  # the head of a picture that is not progressive
            colours = data[place + 9]
        if marker == 0xDA:  # the head of the first scan
            return data[place + 4] == colours
        place += 1 if marker == 0xFF else 2 + int.from_bytes(data[place + 2 : place + 4])
    return False


@contextmanager
def _opened(file: IO[bytes], *kinds: str) -> Iterator[Image.Image]:
    """A picture, while no other thread decodes one.

    Pillow fails on a file that is cut off: WeasyPrint makes it fill up with grey, for everybody.
    """
    with _decoding:
        lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            with Image.open(file, formats=kinds) as image:
                yield image
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = lenient


class SizeGuard(FileUploadHandler):
    """Refuses a request before it is read when it announces more than ``UPLOAD_MOST_REQUEST_BYTES``."""

    def handle_raw_input(
        self, input_data: IO[bytes], META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        if content_length > settings.UPLOAD_MOST_REQUEST_BYTES:
            raise RequestDataTooBig("Request body exceeded settings.UPLOAD_MOST_REQUEST_BYTES.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


# --- What a photo tells ------------------------------------------------------------------------------


def exif_position(file: File[bytes]) -> tuple[float, float] | None:
    """Latitude and longitude (WGS 84, degrees) as the camera wrote them; None: none, or nonsense."""
    gps = _exif(file, ExifTags.IFD.GPSInfo)
    try:
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180) or (latitude, longitude) == (0, 0):
        return None  # NaN fails the comparison; 0, 0 is what cameras write that know nothing
    return round(latitude, 6), round(longitude, 6)


def exif_time(file: File[bytes]) -> datetime | None:
    """When the photo was taken; without a zone of its own it is China's time. None: not written."""
    exif = _exif(file, ExifTags.IFD.Exif)
    written = str(exif.get(ExifTags.Base.DateTimeOriginal, "")).strip("\0 ")
    zone = str(exif.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\0 ")
    try:
        taken = datetime.strptime(written, "%Y:%m:%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return None
    try:
        return datetime.strptime(f"{written} {zone}", "%Y:%m:%d %H:%M:%S %z").astimezone(CHINA)
    except (ValueError, OverflowError):
        return taken


def _exif(file: File[bytes], part: ExifTags.IFD) -> dict[int, Any]:
    """One part of the EXIF data of an image, empty if there is none or it cannot be read."""
    file.seek(0)
    try:
        with _opened(file, *IMAGES) as image:
            return dict(image.getexif().get_ifd(part))
    except Exception:  # a PDF, or data that Pillow stumbles over: the photo stands without them
        return {}
    finally:
        file.seek(0)


def _degrees(parts: Any, reference: Any, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if str(reference).strip("\0 ").upper() == negative else value


def thumbnail(file: File[bytes], width: int = 320) -> bytes:
    """A small JPEG, upright, without the photo's data; of a PDF its first page. Checked files only."""
    file.seek(0)
    data = file.read()
    file.seek(0)
    if _kind(data) == "pdf":
        return _small_jpeg(_first_page(data, width), width)
    with _opened(io.BytesIO(data), *IMAGES) as image:
        image.draft("RGB", (width * 4, width * 4))
        image.load()
        image.thumbnail((width * 4, width * 4), Image.Resampling.NEAREST)  # first of all, and without copies
        return _small_jpeg(ImageOps.exif_transpose(image), width)


def _first_page(data: bytes, width: int) -> Image.Image:
    try:
        return first_page(data, width)
    except PdfRefused as refused:
        raise UploadRefused(str(refused)) from None


def _small_jpeg(image: Image.Image, width: int) -> bytes:
    image.thumbnail((width, width * 2))
    if image.mode != "RGB":
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
    small = Image.frombytes("RGB", image.size, image.tobytes())  # new: nothing written in the old one
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()


# --- How it goes out -------------------------------------------------------------------------------------


def file_response(file: File[bytes], *, name: str, mime: str, download: bool = False) -> FileResponse:
    """Serve a kept file under its true type: as itself, never as a page of this site.

    Pictures and PDFs open in place unless ``download``; everything else is downloaded. The answer may load
    and run nothing. A PDF is not put into a sandbox as well: the viewers of older browsers would stay empty.
    """
    in_place = mime in SHOWN_IN_PLACE and not download
    response = FileResponse(
        file,
        as_attachment=not in_place,
        filename=clean_name(name),
        content_type=mime if mime in SHOWN_IN_PLACE else "application/octet-stream",
    )
    sandbox = "" if in_place and mime == PDF else "; sandbox"
    response.headers["Content-Security-Policy"] = f"default-src 'none'; frame-ancestors 'none'{sandbox}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
