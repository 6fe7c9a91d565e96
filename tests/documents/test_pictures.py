"""Pages of a PDF as pictures."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdfium2 import PdfDocument

from landbureau.documents.pdf import write_pdf
from landbureau.documents.pictures import page_png
from landbureau.web.pdfpages import page_picture
from tests.documents.factories import content


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return write_pdf(content()).data


def test_a_page_is_a_picture_of_the_width_that_was_asked_for(pdf: bytes) -> None:
    picture = Image.open(BytesIO(page_png(pdf, 1, 600)))
    assert (picture.format, picture.width) == ("PNG", 600)
    assert abs(picture.height - 600 * 297 / 210) < 2


def test_a_page_has_white_paper_black_letters_and_a_red_head(pdf: bytes) -> None:
    picture = Image.open(BytesIO(page_png(pdf, 1, 600))).convert("RGB")
    assert picture.getpixel((0, 0)) == (255, 255, 255)
    head = picture.crop((0, 0, 600, 200)).tobytes()
    whole = picture.tobytes()
    red = sum(r > 150 and g < 80 for r, g in zip(head[::3], head[1::3], strict=True))
    black = sum(r + g < 80 for r, g in zip(whole[::3], whole[1::3], strict=True))
    assert red > 1000
    assert black > 500


@pytest.mark.parametrize("page", [0, -1, 3])
def test_there_are_no_pictures_of_pages_that_are_not_there(pdf: bytes, page: int) -> None:
    with pytest.raises(IndexError):
        page_png(pdf, page, 100)


def test_only_one_thread_at_a_time_is_in_the_library(pdf: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[int] = []

    class Watched(PdfDocument):
        def __enter__(self) -> Any:
            inside.append(threading.get_ident())
            return super().__enter__()

        def __exit__(self, *what: Any) -> None:
            super().__exit__(*what)
            inside.append(threading.get_ident())

    monkeypatch.setattr("pypdfium2.PdfDocument", Watched)

    def draw(number: int) -> int:
        if number % 2:
            return page_picture(pdf, 1, 100).width
        return Image.open(BytesIO(page_png(pdf, 1, 100))).width

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(draw, range(12))) == {100}
    assert len(inside) == 24
    assert inside[::2] == inside[1::2], "who enters leaves before the next one comes"


def test_several_threads_get_the_pages_they_asked_for() -> None:
    writer = PdfWriter()
    for tall in (100, 200, 300):
        writer.add_blank_page(100, tall)
    file = BytesIO()
    writer.write(file)

    def height(page: int) -> int:
        return Image.open(BytesIO(page_png(file.getvalue(), page, 100))).height

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(height, [1, 2, 3] * 8)) == [100, 200, 300] * 8
