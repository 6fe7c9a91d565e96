"""Pages of PDFs as pictures. Our own are drawn here; foreign ones in a process of their own, with bounds.

PDFium must not be entered by two threads, and neither it nor pypdf bounds the time or memory that a hostile
file can cost. So ``first_page`` starts this file as a program: it imports nothing of the project.
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
from threading import Lock
from typing import Any

import pypdfium2
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

MOST_OBJECTS = 50_000
MOST_CPU = 5  # seconds that a foreign file may cost; a scan of a page takes a tenth of one
MOST_TIME = 20  # seconds by the clock, on a busy machine
MOST_MEMORY = 512 * 1024**2  # bytes of addresses: a page scanned at 600 dpi takes half of it
REFUSED = 3  # what the program returns for a file that it could read and does not like

# Names that make a PDF act: run scripts, start programs, carry files, fetch or send data.
_ACTIVE = {
    "/JavaScript": "脚本",
    "/JS": "脚本",
    "/Launch": "启动程序的动作",
    "/EmbeddedFile": "内嵌文件",
    "/EmbeddedFiles": "内嵌文件",
    "/RichMedia": "多媒体内容",
    "/XFA": "动态表单",
    "/SubmitForm": "提交数据的动作",
    "/ImportData": "导入数据的动作",
    "/AA": "自动执行的动作",
}
_PASSIVE = {"/GoTo", "/Named"}  # on opening: turn to a page, nothing else

_pdfium = Lock()
_foreign = Lock()  # each may take ``MOST_MEMORY``


class PdfRefused(Exception):
    """A foreign PDF that is not kept; its text is one Chinese sentence."""


def page_picture(pdf: bytes, page: int, width: int) -> Image.Image:
    """Page ``page`` (from 1) of one of our own PDFs, ``width`` pixels wide. ``IndexError``: no such page."""
    with _pdfium, pypdfium2.PdfDocument(pdf) as document:
        if not 1 <= page <= len(document):
            raise IndexError(f"no page {page} of {len(document)}")
        sheet = document[page - 1]
        wide, high = max(sheet.get_width(), 1), max(sheet.get_height(), 1)
        scale = min(width / wide, 4 * width / high)  # a strip is no reason to fill the memory
        return sheet.render(scale=scale).to_pil().copy()


def first_page(pdf: bytes, width: int) -> Image.Image:
    """The first page of a foreign PDF that opens and does nothing by itself. Raises ``PdfRefused``."""
    program = [sys.executable, "-I", __file__, str(width), str(MOST_CPU)]
    with _foreign:
        try:
            done = subprocess.run(  # noqa: S603  # this file
                program, input=pdf, capture_output=True, env={}, timeout=MOST_TIME, check=False
            )
        except subprocess.TimeoutExpired:
            raise PdfRefused("PDF 过于复杂，无法检查。请打印成新的 PDF 或扫描后再传。") from None
    if done.returncode == REFUSED:
        raise PdfRefused(done.stdout.decode())
    if done.returncode < 0:  # stopped by a signal: no more time
        raise PdfRefused("PDF 过于复杂，无法检查。请打印成新的 PDF 或扫描后再传。")
    if done.returncode:
        raise PdfRefused("PDF 打不开或已损坏，请重新生成后再传。")
    return Image.open(io.BytesIO(done.stdout), formats=["PNG"])


def check(pdf: bytes) -> None:
    """Raise ``PdfRefused`` unless the PDF has pages, no password, and does nothing by itself.

    A damaged one raises whatever the reader stumbles over.
    """
    reader = PdfReader(io.BytesIO(pdf))
    if reader.is_encrypted:
        raise PdfRefused("PDF 设有密码，请去掉密码后再传。")
    if not len(reader.pages):
        raise PdfRefused("PDF 没有页面，请重新生成后再传。")
    if found := _active_content(reader):
        raise PdfRefused(f"PDF 含有{found}，不能保存。请打印成新的 PDF 或扫描后再传。")


def _active_content(reader: PdfReader) -> str:
    """What the PDF would do by itself, in words; looks at every object that its catalogue leads to."""
    seen: set[int] = set()
    waiting: list[Any] = [reader.trailer]
    looked = 0
    while waiting:
        value = waiting.pop()
        looked += 1
        if len(seen) > MOST_OBJECTS or looked > 20 * MOST_OBJECTS:
            return "过多的内容"
        if isinstance(value, IndirectObject):
            if value.idnum in seen:
                continue
            seen.add(value.idnum)
            value = value.get_object()
        if isinstance(value, DictionaryObject):
            if word := _act_of(value):
                return word
            waiting.extend(value.raw_get(name) for name in value)
        elif isinstance(value, ArrayObject):
            waiting.extend(value)
    return ""


def _act_of(dictionary: DictionaryObject) -> str:
    """What this dictionary makes a PDF do, by its entries or its type. Turning to a page is nothing."""
    opening = dictionary.get("/OpenAction")
    if isinstance(opening, DictionaryObject) and str(opening.get("/S")) not in _PASSIVE:
        return "打开时自动执行的动作"
    names = [str(name) for name in dictionary]
    types = [str(dictionary.get(name, "")) for name in ("/S", "/Type", "/Subtype")]
    return next((_ACTIVE[name] for name in (*names, *types) if name in _ACTIVE), "")


def main() -> int:
    """The program: a PDF comes in, its first page goes out as PNG, or the sentence why not."""
    width, seconds = (int(text) for text in sys.argv[1:])
    for limit, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    pdf = sys.stdin.buffer.read()
    try:
        check(pdf)
    except PdfRefused as refused:
        sys.stdout.buffer.write(str(refused).encode())
        return REFUSED
    page_picture(pdf, 1, width).save(sys.stdout.buffer, "PNG")
    return 0


if __name__ == "__main__":
    sys.exit(main())
