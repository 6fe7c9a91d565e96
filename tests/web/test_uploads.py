"""Uploads are judged by their content: whole photos and quiet PDFs come in, the rest is told why not."""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.base import ContentFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile
from pypdf.errors import PyPdfError
from pypdf.generic import NameObject, TextStringObject

from landbureau.web import pdfpages, uploads
from landbureau.web.uploads import (
    SizeGuard,
    UploadRefused,
    check_upload,
    clean_name,
    exif_position,
    exif_time,
    file_response,
    thumbnail,
)
from tests.web import files
from tests.web.files import photo, picture, upload

HTML = b"<!doctype html><html><body><script>alert(1)</script></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def refusal(data: bytes, name: str = "回证.jpg", **options: Any) -> str:
    with pytest.raises(UploadRefused) as refused:
        check_upload(upload(data, name), **options)
    (sentence,) = refused.value.messages
    assert sentence.endswith("。"), "one whole sentence"
    return sentence


# --- What comes in -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "name", "mime", "kept_as"),
    [
        (picture("JPEG"), "IMG_2026.JPG", "image/jpeg", "IMG_2026.JPG"),
        (picture("PNG"), "截图.png", "image/png", "截图.png"),
        (picture("WEBP"), "微信图片.webp", "image/webp", "微信图片.webp"),
        (files.pdf(), "扫描件.pdf", "application/pdf", "扫描件.pdf"),
        (picture("JPEG"), "image", "image/jpeg", "image.jpg"),
        (picture("PNG"), "微信图片.jpg", "image/png", "微信图片.png"),
        (picture("JPEG"), "回证2026.11.23", "image/jpeg", "回证2026.11.23.jpg"),
        (picture("PNG", mode="P", colour=3), "索引色.png", "image/png", "索引色.png"),
        (picture("JPEG", mode="CMYK", colour=(0, 9, 9, 9)), "印刷.jpg", "image/jpeg", "印刷.jpg"),
        (picture("JPEG", progressive=True), "渐进.jpeg", "image/jpeg", "渐进.jpeg"),
        (picture("JPEG") + HTML, "尾巴.jpg", "image/jpeg", "尾巴.jpg"),  # served as an image, it is one
    ],
)  # fmt: skip
def test_whole_photos_and_quiet_pdfs_come_in(data: bytes, name: str, mime: str, kept_as: str) -> None:
    checked = check_upload(upload(data, name))
    assert (checked.mime, checked.name, checked.size) == (mime, kept_as, len(data))
    assert check_upload(upload(data, "x")).sha256 == checked.sha256, "the name is not part of it"


@pytest.mark.parametrize("opening", [files.first_page(), files.action("/GoTo")])
def test_a_pdf_may_open_at_a_page(opening: Any) -> None:
    pdfpages.check(files.pdf(root={"/OpenAction": opening}))


def test_the_file_can_be_read_again_after_the_check() -> None:
    file = upload(picture())
    check_upload(file)
    assert file.read() == picture()


# --- What does not -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "文件是空的"),
        (HTML, "是网页或文本"),
        (SVG, "是网页或文本"),
        (picture("GIF"), "是 GIF 图片"),
        (picture("BMP"), "是 BMP 图片"),
        (picture("TIFF"), "是 TIFF 图片"),
        (b"PK\x03\x04" + b"\0" * 60, "是 Office 文档或压缩包"),
        (b"MZ\x90\0" + b"\0" * 60, "是程序"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 60, "是视频"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 60, "兼容性最佳"),
        (b"\0\0\0\x18ftypmif1" + b"\0" * 60, "兼容性最佳"),
        (bytes(range(256)), "的格式无法识别"),
        (HTML + picture(), "是网页或文本"),
        (b"\xff\xd8\xff\xe0" + HTML, "打不开或不完整"),
        (b"\xff\xd8\xff", "打不开或不完整"),
        (picture(size=(640, 480))[:900], "打不开或不完整"),
        (files.png_bomb(), "像素"),
        (files.png_bomb(60_000, 60_000), "像素"),
    ],
)
def test_what_is_no_whole_photo_is_refused_whatever_its_name(data: bytes, told: str) -> None:
    assert told in refusal(data, "回证.jpg")


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_a_photo_cut_off_anywhere_is_refused(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as importing WeasyPrint does
    noise = Image.effect_noise((96, 72), 80).convert("RGB")
    out = io.BytesIO()
    noise.save(out, kind)
    whole = out.getvalue()
    check_upload(upload(whole, "全"))
    for part in (0.3, 0.6, 0.9):
        assert "打不开或不完整" in refusal(whole[: int(len(whole) * part)], "断")
    assert ImageFile.LOAD_TRUNCATED_IMAGES, "left as others want it"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (files.pdf(password="Mima-2026"), "设有密码"),
        (files.pdf(root={"/Names": files.scripts()}), "脚本"),
        (files.pdf(root={"/OpenAction": files.action("/JavaScript")}), "打开时自动执行"),
        (files.pdf(root={"/OpenAction": files.action("/URI", URI=TextStringObject("x"))}), "打开时自动执行"),
        (files.pdf(root={"/AA": files.action("/GoTo")}), "自动执行"),
        (files.pdf_with_file(), "内嵌文件"),
        (files.pdf_with_link("/Launch"), "启动程序"),
        (files.pdf_with_link("/SubmitForm"), "提交数据"),
        (files.pdf(root={"/X": NameObject("/XFA")}).replace(b"/X /XFA", b"/XFA 1  "), "动态表单"),
        (files.pdf_with_link("/Launch").replace(b"/Launch", b"/L#61unch"), "启动程序"),
        (files.pdf(pages=0), "没有页面"),
    ],
)
def test_a_pdf_that_acts_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(pdfpages.PdfRefused, match=told):
        pdfpages.check(data)


@pytest.mark.parametrize("data", [b"%PDF-1.7\nnothing more", files.pdf()[:300]])
def test_a_damaged_pdf_does_not_open(data: bytes) -> None:
    with pytest.raises((PyPdfError, ValueError, KeyError)):
        pdfpages.check(data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"%PDF-1.4\n" + HTML, "打不开或已损坏"),
        (files.pdf(root={"/OpenAction": files.action("/JavaScript")}), "打开时自动执行"),
    ],
)
def test_a_refused_pdf_is_told_why(data: bytes, told: str) -> None:
    assert told in refusal(data, "扫描件.pdf")


def test_a_pdf_of_too_many_objects_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfpages, "MOST_OBJECTS", 20)
    with pytest.raises(pdfpages.PdfRefused, match="过多"):
        pdfpages.check(files.pdf(pages=40))


def test_a_pdf_that_takes_for_ever_to_draw_is_refused_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfpages, "MOST_CPU", 1)
    assert "过于复杂" in refusal(files.pdf_of_nested_forms(9), "套娃.pdf")


def test_a_pdf_that_never_answers_is_refused_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfpages, "MOST_TIME", 0.01)
    assert "过于复杂" in refusal(files.pdf(), "慢.pdf")


@pytest.mark.parametrize(
    ("data", "most"),
    [
        (picture(progressive=True), 64 * 48 * 4 - 1),
        (files.jpeg_of_several_scans(), 64 * 48 * 4 - 1),
        (picture("PNG"), 64 * 48 * 4 - 1),
        (picture("WEBP"), 64 * 48 * 8 - 1),
    ],
)
def test_pictures_that_need_more_memory_may_have_fewer_pixels(data: bytes, most: int, settings: Any) -> None:
    settings.UPLOAD_MOST_PIXELS = most
    assert "像素的上限" in refusal(data)
    assert check_upload(upload(picture(), "逐行.jpg")), "as cameras write it"
    settings.UPLOAD_MOST_PIXELS += 1
    assert check_upload(upload(data, "x"))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (picture(), "回证.pdf"),
        (files.pdf(), "回证.jpg"),
        (picture(), "回证.html"),
        (picture(), "回证.jpg.svg"),
        (picture(), "run.exe"),
    ],
)
def test_a_name_that_contradicts_the_content_is_refused(data: bytes, name: str) -> None:
    assert "内容却是" in refusal(data, name)


def test_a_file_above_the_limit_is_refused_with_both_sizes(settings: Any) -> None:
    settings.UPLOAD_MOST_BYTES = 1024 * 1024
    assert "2.0 MB，超过 1.0 MB" in refusal(b"\xff\xd8\xff" + b"\0" * (2 * 1024 * 1024 - 3))
    assert "超过" in refusal(picture(), most_bytes=10)


def test_each_place_says_what_it_allows() -> None:
    assert "只能上传 JPG、PNG 文件，这个文件是 PDF" in refusal(files.pdf(), "x.pdf", allowed=("jpeg", "png"))


@given(st.binary(max_size=400), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_random_bytes_are_refused_in_a_sentence_and_never_crash(data: bytes, head: bytes) -> None:
    refusal(head + data, "x")


# --- Names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\Users\\王\\回证.jpg", "回证.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
        ("回证\u202egpj.exe", "回证gpj.exe"),
        (".htaccess", "htaccess"),
        (" . ", ""),
        ("长" * 300 + ".jpeg", "长" * 115 + ".jpeg"),
        ("没有后缀" * 50, ("没有后缀" * 50)[:120]),
    ],
)
def test_names_lose_folders_and_control_characters(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@given(st.text(max_size=300))
def test_a_clean_name_is_short_printable_and_stays_as_it_is(name: str) -> None:
    clean = clean_name(name)
    assert len(clean) <= uploads.LONGEST_NAME
    assert not {"/", "\\", "\r", "\n", "\0"} & set(clean)
    assert clean_name(clean) == clean


# --- Position, time, thumbnail -----------------------------------------------------------------------


def test_the_position_and_time_of_a_photo_are_read() -> None:
    file = upload(photo())
    assert exif_position(file) == (37.52, 115.24)
    assert exif_time(file) == datetime(2026, 11, 23, 2, 40, 5, tzinfo=UTC)
    assert str(exif_time(file).tzinfo) == "Asia/Shanghai"  # type: ignore[union-attr]


def test_south_and_west_are_negative_and_a_zone_of_its_own_counts() -> None:
    file = upload(photo(references=("S", "W"), zone="+09:00"))
    assert exif_position(file) == (-37.52, -115.24)
    assert exif_time(file) == datetime(2026, 11, 23, 1, 40, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "data",
    [
        photo(latitude=(0, 0, 0), longitude=(0, 0, 0)),
        photo(latitude=(137, 0, 0)),
        photo().replace(struct.pack(">II", 115, 1), bytes(8)).replace(struct.pack("<II", 115, 1), bytes(8)),
        picture(),
        files.pdf(),
        HTML,
    ],
)
def test_nonsense_is_no_position(data: bytes) -> None:
    assert exif_position(upload(data)) is None


@pytest.mark.parametrize("taken", ["", "0000:00:00 00:00:00", "2026-11-23", "2026:13:41 10:00:00"])
def test_nonsense_is_no_time(taken: str) -> None:
    assert exif_time(upload(photo(taken=taken))) is None


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=["JPEG"])


def test_a_thumbnail_is_small_upright_and_without_the_photos_data() -> None:
    small = opened(thumbnail(upload(photo(orientation=6, size=(1200, 800))), 320))
    assert small.size == (320, 480)
    assert not small.getexif()
    assert b"Exif" not in thumbnail(upload(photo()))


def test_a_thumbnail_of_a_transparent_picture_has_a_white_ground() -> None:
    small = opened(thumbnail(upload(picture("PNG", mode="RGBA", colour=(0, 0, 0, 0)))))
    assert small.getpixel((5, 5)) == (255, 255, 255)


def test_a_thumbnail_of_a_pdf_shows_its_first_page() -> None:
    small = opened(thumbnail(upload(files.pdf(2), "x.pdf"), 200))
    assert small.width == 200
    assert small.getpixel((100, 100)) == (255, 255, 255)


# --- Going out ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mime", "download", "disposition", "sent_as", "sandboxed"),
    [
        ("image/jpeg", False, "inline", "image/jpeg", True),
        ("image/jpeg", True, "attachment", "image/jpeg", True),
        ("application/pdf", False, "inline", "application/pdf", False),
        ("text/html", False, "attachment", "application/octet-stream", True),
        ("image/svg+xml", False, "attachment", "application/octet-stream", True),
    ],
)
def test_a_kept_file_is_served_as_itself_and_may_do_nothing(
    mime: str, download: bool, disposition: str, sent_as: str, sandboxed: bool
) -> None:
    response = file_response(ContentFile(b"x"), name='回"证\r\n.jpg', mime=mime, download=download)
    assert response["Content-Type"] == sent_as
    assert response["Content-Disposition"].startswith(f"{disposition}; filename")
    assert "\n" not in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert ("sandbox" in response["Content-Security-Policy"]) is sandboxed
    assert "private" in response["Cache-Control"]


@pytest.mark.django_db
def test_a_request_that_is_too_large_is_refused_before_it_is_read(settings: Any) -> None:
    settings.UPLOAD_MOST_REQUEST_BYTES = 1000
    with pytest.raises(RequestDataTooBig):
        SizeGuard().handle_raw_input(io.BytesIO(), {}, 1001, "x")
    answer = Client().post("/accounts/login/", {"file": upload(b"x" * 2000)})
    assert answer.status_code == 413
    assert "内容过大" in answer.content.decode()
