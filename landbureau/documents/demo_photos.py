"""Photos of receipts for the demo: drawn, and obviously so."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image, ImageDraw, ImageFont

SIZE, SHEET = (960, 1280), (760, 1040)
TABLE, PAPER, PRINT, INK, RED = "#6b5844", "#f7f6f0", "#22252a", "#24418f", "#c03028"
FACES = (
    settings.BASE_DIR / "var" / "fonts" / "FandolKai-Regular.otf",
    Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"),
)


def receipt_photo(
    lines: Sequence[tuple[str, str]], *, taken: datetime, position: tuple[float, float], turn: float
) -> SimpleUploadedFile:
    """A JPEG of a sheet on a table with these labels and handwritten words.

    ``position``: latitude and longitude in degrees; ``turn``: degrees by which the sheet lies askew.
    """
    sheet = Image.new("RGB", SHEET, PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((SHEET[0] / 2, 80), "送 达 回 证", PRINT, _font(52), "mm")
    height = 88
    for row, (label, words) in enumerate(lines):
        top = 140 + row * height
        draw.rectangle((50, top, SHEET[0] - 50, top + height), outline=PRINT, width=2)
        draw.line((210, top, 210, top + height), PRINT, 2)
        draw.text((130, top + height / 2), label, PRINT, _font(26), "mm")
        size = min(30, int((SHEET[0] - 290) / max(len(words), 1)))
        draw.text((230, top + height / 2), words, INK, _font(size), "lm")
    draw.rounded_rectangle((430, 890, 700, 970), 12, outline=RED, width=5)
    draw.text((565, 930), "演示照片", RED, _font(48), "mm")
    photo = Image.new("RGB", SIZE, TABLE)
    lying = sheet.rotate(turn, Image.Resampling.BILINEAR, expand=True, fillcolor=TABLE)
    photo.paste(lying, ((SIZE[0] - lying.width) // 2, (SIZE[1] - lying.height) // 2))
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=80, exif=phone_exif(taken, position))
    return SimpleUploadedFile(f"回证{taken:%m%d-%H%M}.jpg", out.getvalue(), "image/jpeg")


def phone_exif(taken: datetime, position: tuple[float, float]) -> Image.Exif:
    """Time and place (latitude and longitude in degrees) as a phone writes them into a photo."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{taken:%Y:%m:%d %H:%M:%S}"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", _sexagesimal(position[0])
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", _sexagesimal(position[1])
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 3)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    face = next((path for path in FACES if path.exists()), None)
    return ImageFont.truetype(str(face), size) if face else ImageFont.load_default(size)
