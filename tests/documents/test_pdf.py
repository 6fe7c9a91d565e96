"""Documents on paper, read back from the PDF: text, glyphs, fonts, and the measures of GB/T 9704-2012."""

from __future__ import annotations

import logging
from collections import defaultdict
from ctypes import c_double
from functools import cache
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from pypdf import PdfReader
from pypdfium2 import PdfDocument, raw
from weasyprint import HTML

from landbureau.documents.content import Paragraph, Table
from landbureau.documents.pdf import Pdf, write_pdf
from landbureau.documents.press import _NoFetcher
from landbureau.documents.typography import balanced, form_rows
from tests.documents.factories import content

MM = 72 / 25.4
STAMP = {
    "number": "新国土资催〔2026〕17号",
    "date": "2026-11-19",
    "code": "7Q4K92MXA1B2",
    "address": "http://10.20.30.40:8000/V/7Q4K92MXA1B2",
}
RARE = "喆镕堃玥旻昇垚祎"
PLAIN = "土地出让价款缴纳事项应当按照合同约定时间办理"
MIXED = "你单位2025年12月18日签订《合同》（新土让〔2025〕31号），面积26680平方米。"
LONG_NAME = "邢台市新河县" + "高端装备制造" * 10 + "有限公司"
TITLE = "关于商请核实邢台测试有限公司宗地有关情况并协助做好土地出让价款催缴和开工建设履约督促工作的函"
RECEIPT = content()["receipt"]


def text(words: str, head: str = "", level: int = 0) -> Paragraph:
    return {"type": "paragraph", "level": level, "head": head, "text": words}


TABLE: Table = {
    "type": "table",
    "caption": "应缴款项明细",
    "header": ["期次", "缴款日期", "金额（元）"],
    "rows": [[f"第{n}期", "2026年12月18日", f"{n}000.00"] for n in range(1, 61)],
    "numeric": [False, False, True],
}
SAMPLES: dict[str, dict[str, Any]] = {
    "notice": {"stamp": STAMP},
    "draft": {},
    "markup": {
        "title": "<b>标题</b>{{ title }}",
        "addressee": "<script>甲</script>&amp;",
        "blocks": [text("<img src=file:///etc/passwd>{% now %}{甲}", "一、<b>。", 1)],
        "stamp": STAMP,
    },
    "letter": {
        "layout": "letter",
        "title": TITLE,
        "addressee": LONG_NAME,
        "blocks": [text(PLAIN * 28), text(MIXED * 12), text("甲。", "（一）楷体。", 2)],
        "attachments": ["明细表", "位置图"],
        "copies_to": ["县政府办公室", "寻寨镇人民政府"],
        "note": "联系人：张测",
        "stamp": STAMP,
    },
    "tight": {
        "addressee": "",
        "blocks": [text((PLAIN * 30)[: 26 + 28 * 14])],
        "receipt": None,
        "stamp": STAMP,
    },
    "long": {"blocks": [text((PLAIN + RARE) * 110)], "stamp": STAMP},
    "table": {"blocks": [TABLE, text("办理。")], "copies_to": ["县政府"], "stamp": {**STAMP, "address": ""}},
    "form": {
        "layout": "form",
        "title": "建设项目用地跟踪卡",
        "addressee": "",
        "form": [
            ["单位", LONG_NAME],
            ["日期", "2026年1月2日"],
            ["面积", "5平方米"],
            ["情况", "第一。\n第二。"],
            ["核查人", ""],
        ],
        "blocks": [],
        "receipt": None,
        "stamp": STAMP,
    },
    "one server": {
        "issuer": "新河县自然资源和规划局土地综合执法监察大队",
        "receipt": {**RECEIPT, "two_servers": False, "title": TITLE, "place": "寻寨镇" * 15},  # type: ignore[dict-item]
        "stamp": STAMP,
    },
}


@cache
def written(name: str) -> Pdf:
    return write_pdf(content(**SAMPLES[name]))


@cache
def pages(name: str) -> list[str]:
    """The text of each page, without blanks."""
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(written(name).data)).pages]


@cache
def lines(name: str, page: int, beyond: float = 0) -> list[tuple[float, str, float, float]]:
    """Lines from above: mm from the top to the baseline, text, mm from the left to the first and to the last
    character; only what stands more than ``beyond`` mm from the left."""
    found: dict[float, list[tuple[float, str]]] = defaultdict(list)
    with PdfDocument(written(name).data) as document:
        letters = document[page - 1].get_textpage()
        x, y = c_double(), c_double()
        for index in range(letters.count_chars()):
            raw.FPDFText_GetCharOrigin(letters, index, x, y)
            letter = letters.get_text_range(index, 1)
            if letter.strip() and x.value / MM > beyond:
                found[round(297 - y.value / MM, 1)].append((x.value / MM, letter))
        letters.close()
    return [
        (at, "".join(letter for _, letter in sorted(row)), min(row)[0], max(row)[0])
        for at, row in sorted(found.items())
    ]


def line(name: str, page: int, words: str) -> tuple[float, str, float, float]:
    return next(found for found in lines(name, page) if words in found[1])


@pytest.mark.parametrize("name", SAMPLES)
def test_everything_a_document_says_is_on_paper(name: str) -> None:
    said = content(**SAMPLES[name])
    whole = "".join(pages(name))
    expected = [said["addressee"], said["issuer"], *said["attachments"], *said["copies_to"], said["note"]]
    expected += [cell for pair in said["form"] for cell in pair]
    for block in said["blocks"]:
        if block["type"] == "paragraph":
            expected += [block["head"] + block["text"]] if len(block["text"]) < 60 else []
        else:
            expected += [block["caption"], *block["header"], *(cell for row in block["rows"] for cell in row)]
    if receipt := said["receipt"]:
        expected += ["送达回证", receipt["matter"], receipt["title"], receipt["addressee"], receipt["place"]]
    if stamp := said.get("stamp"):
        expected += [stamp["number"], "2026年11月19日", "查验码7Q4K-92MX-A1B2"]
    for words in expected:
        assert "".join(words.split()) in whole, words


@pytest.mark.parametrize("name", SAMPLES)
def test_no_character_is_missing_in_the_fonts(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "weasyprint"):
        again = write_pdf(content(**SAMPLES[name]))
    assert not [record for record in caplog.records if ".notdef" in record.message]
    assert again == written(name), "the same content gives the same file"


@pytest.mark.parametrize("name", SAMPLES)
def test_fonts_are_embedded_and_subset(name: str) -> None:
    for page in PdfReader(BytesIO(written(name).data)).pages:
        fonts = page["/Resources"]["/Font"].values()  # type: ignore[index]
        assert fonts
        for font in fonts:
            base = font.get_object()
            descriptor = base["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            embedded = descriptor.get("/FontFile3") or descriptor.get("/FontFile2")
            assert len(embedded.get_object().get_data()) < 600_000
            assert base["/BaseFont"][7] == "+"
    assert len(written(name).data) < 500_000


def test_rare_characters_are_printed_in_a_face_that_has_them() -> None:
    assert all(letter in pages("long")[0] for letter in RARE)


def test_paper_is_a4_with_the_margins_of_the_standard() -> None:
    for name in SAMPLES:
        for sheet in PdfReader(BytesIO(written(name).data)).pages:
            assert [round(float(side) / MM) for side in sheet.mediabox[2:]] == [210, 297]
    for page in (2, 3, 4):
        body = lines("long", page)[:-1]  # without the page number
        size = 16 / MM
        assert 37 < body[0][0] - 0.88 * size < 37 + 3  # half of the leading
        assert 297 - 35 - 3 < body[-1][0] + 0.12 * size < 297 - 35
        assert min(left for _, _, left, _ in body) == pytest.approx(28, abs=0.1)
        assert max(right for *_, right in body) + size == pytest.approx(210 - 26, abs=0.4)


def test_a_full_page_has_22_lines_of_28_characters_also_with_rare_ones() -> None:
    for page in (2, 3, 4):
        body = lines("long", page)[:-1]
        assert [len(words) for _, words, _, _ in body] == [28] * 22
        for above, below in pairwise(body):
            assert below[0] - above[0] == pytest.approx(225 / 22, abs=0.15)


def test_lines_broken_early_are_spread_to_the_full_measure() -> None:
    paragraph = [found for found in lines("letter", 2) if "面积" in found[1] or "签订" in found[1]]
    assert len(paragraph) > 8
    for _, words, _, right in paragraph[:-1]:
        last = 5.65 if words[-1] > "~" else 2.9
        assert right + last == pytest.approx(184, abs=0.3), words
    assert len({len(words) for _, words, _, _ in paragraph[:-1]}) > 1


def test_the_first_page_of_a_notice_keeps_to_the_lines() -> None:
    title, addressee = line("notice", 1, "测试通知"), line("notice", 1, "邢台测试有限公司：")
    body = line("notice", 1, "现通知你单位")
    assert addressee[2] == pytest.approx(28, abs=0.1)
    assert body[2] == pytest.approx(28 + 2 * 156 / 28, abs=0.2)
    assert body[0] - addressee[0] == pytest.approx(225 / 22, abs=0.15)
    assert addressee[0] - title[0] == pytest.approx(2 * 225 / 22, abs=1.5)


@pytest.mark.parametrize("name", ["notice", "letter", "form"])
def test_name_stands_centred_above_the_date_four_characters_from_the_right(name: str) -> None:
    last = (written(name).receipt_page or written(name).pages + 1) - 1
    signed = lines(name, last, beyond=105)
    date = next(found for found in signed if found[1] == "2026年11月19日")
    issuer = next(found for found in signed if found[1] == "新河县国土资源局" and found[0] > 100)
    assert date[0] - issuer[0] == pytest.approx(225 / 22, abs=0.15)
    assert 184 - (date[3] + 16 / MM) == pytest.approx(4 * 156 / 28, abs=0.7)
    assert issuer[2] + issuer[3] == pytest.approx(date[2] + date[3], abs=0.5)


def test_a_letter_has_its_mark_30_mm_from_the_edge_and_no_number_on_its_first_page() -> None:
    mark, number = line("letter", 1, "新河县国土资源局"), line("letter", 1, "〔2026〕17号")
    assert mark[0] - 36 / MM * 0.88 == pytest.approx(30, abs=2)
    assert number[3] + 16 / MM == pytest.approx(184, abs=0.5)
    assert "—1—" not in pages("letter")[0]
    assert pages("letter")[1].endswith("—2—") or "—2—" in pages("letter")[1]


def test_page_numbers_stand_outside_odd_ones_right_even_ones_left() -> None:
    for page, left in ((1, False), (2, True), (3, False)):
        number = line("long", page, f"—{page}—")
        assert number[0] > 262 + 7
        assert (number[2] < 40) == left


def test_the_receipt_begins_a_page_of_its_own_without_a_number() -> None:
    for name in SAMPLES:
        pdf = written(name)
        if SAMPLES[name].get("receipt", True) is None:
            assert pdf.receipt_page is None
            assert "送达回证" not in "".join(pages(name))
            continue
        assert pdf.receipt_page == pdf.pages
        assert "送达回证" in pages(name)[-1]
        assert "送达回证" not in "".join(pages(name)[:-1])
        assert "—" not in pages(name)[-1]


def test_two_servers_have_a_line_each() -> None:
    def rules(name: str) -> int:
        with PdfDocument(written(name).data) as document:
            return len(list(document[written(name).pages - 1].get_objects(filter=[raw.FPDF_PAGEOBJ_PATH])))

    assert rules("notice") != rules("one server")
    for name in ("notice", "one server"):
        assert "送达人签名" in pages(name)[-1]


def test_documents_have_as_many_pages_as_they_need() -> None:
    assert [written(name).pages for name in ("notice", "form", "letter")] == [2, 1, 4]
    assert written("long").pages == 7  # six and the receipt


def test_the_signature_is_never_alone_on_a_page() -> None:
    turned = []
    for count in range(12, 22):  # lines: from what fits on one page with the signature to what does not
        words = (PLAIN * 30)[: 26 + 28 * (count - 1)]
        pdf = write_pdf(content(addressee="", blocks=[text(words)], stamp=STAMP, receipt=None))
        *_, last = PdfReader(BytesIO(pdf.data)).pages
        turned.append(pdf.pages > 1)
        assert words[-56:] in "".join(last.extract_text().split()), "two lines at least"
    assert sorted(set(turned)) == [False, True]
    assert turned == sorted(turned)


def test_a_last_paragraph_of_one_line_brings_one_of_the_line_before() -> None:
    for count in range(15, 22):
        words = (PLAIN * 30)[: 26 + 28 * (count - 1)]
        blocks = [text(words), text("联系方式见附件。")]
        pdf = write_pdf(content(addressee="", blocks=blocks, stamp=STAMP, receipt=None))
        *_, last = PdfReader(BytesIO(pdf.data)).pages
        assert words[-28:] in "".join(last.extract_text().split())


def test_lines_draw_together_where_the_seal_would_stand_on_a_second_page() -> None:
    assert written("tight").pages == 1
    tops = [top for top, said, *_ in lines("tight", 1) if len(said) >= 26]
    assert len(tops) >= 14
    assert all(7.6 < lower - upper < 7.9 for upper, lower in pairwise(tops))


def test_the_head_of_a_table_is_repeated_on_every_page() -> None:
    with_rows = [page for page in pages("table") if "2026年12月18日" in page]
    assert len(with_rows) > 2
    for page in with_rows:
        assert page.count("缴款日期") == 1
    assert sum(page.count("应缴款项明细") for page in with_rows) == 1


def test_figures_of_a_table_are_flush_right() -> None:
    ends = {found[3] for found in lines("table", 2) if found[1].endswith("000.00")}
    assert len(ends) == 1


def test_figures_of_a_wide_table_are_not_broken() -> None:
    row = ["XH-2025-031", LONG_NAME, "2026年12月18日", "按合同约定分期", *["123456789.00"] * 3]
    wide: Table = {
        "type": "table",
        "caption": "明细",
        "header": ["宗地编号", "用地单位", "约定日期", "说明", "应缴（元）", "已缴（元）", "未缴（元）"],
        "rows": [row],
        "numeric": [False] * 4 + [True] * 3,
    }
    pdf = write_pdf(content(blocks=[wide], receipt=None))
    assert PdfReader(BytesIO(pdf.data)).pages[0].extract_text().count("123456789.00") == 3


def test_copies_stand_at_the_foot_of_the_last_page() -> None:
    last = written("table").receipt_page or 0
    copies, printed = line("table", last - 1, "抄送：县政府。"), line("table", last - 1, "印发")
    assert 240 < copies[0] < printed[0] < 262
    assert "新河县国土资源局2026年11月19日印发" in printed[1]
    assert "印发" not in "".join(pages("letter"))
    assert line("letter", 3, "抄送：县政府办公室，寻寨镇人民政府。")[0] > 250


def test_attachments_are_numbered_only_when_there_are_several() -> None:
    assert "附件：1.明细表2.位置图" in "".join(pages("letter"))


def test_a_draft_says_so_on_every_page_and_has_neither_number_nor_code() -> None:
    assert all("草稿" in page for page in pages("draft"))
    assert "〔〕号" in pages("draft")[0]
    assert "查验码" not in "".join(pages("draft"))
    assert "草稿" not in "".join(pages("notice"))


def test_what_users_typed_is_text_not_markup() -> None:
    whole = "".join(pages("markup"))
    assert "<b>标题</b>{{title}}" in whole
    assert "<script>甲</script>&amp;：" in whole
    assert "一、<b>。<imgsrc=file:///etc/passwd>{%now%}{甲}" in whole


def test_printing_reads_nothing_from_outside(caplog: pytest.LogCaptureFixture) -> None:
    html = "<img src='file:///etc/hostname'><link rel=stylesheet href='http://localhost/x.css'>"
    with caplog.at_level(logging.ERROR, "weasyprint"):
        HTML(string=html, url_fetcher=_NoFetcher()).render()
    assert [record.message.count("may not fetch") for record in caplog.records] == [1, 1]


def test_the_file_names_what_it_is() -> None:
    reader = PdfReader(BytesIO(written("notice").data))
    assert reader.metadata is not None
    assert reader.metadata.title == "测试通知 新国土资催〔2026〕17号"
    assert reader.metadata.author == "新河县国土资源局"
    assert reader.root_object["/Lang"] == "zh-CN"


def test_a_code_without_address_has_no_picture() -> None:
    assert "扫码或凭文号" in "".join(pages("notice"))
    assert "扫码" not in "".join(pages("table"))
    assert "凭文号、查验码核验" in "".join(pages("table"))


def test_long_titles_are_broken_evenly_where_a_phrase_ends() -> None:
    assert balanced("测试通知", 20) == ["测试通知"]
    assert balanced("关于邢台测试有限公司宗地有关情况和协助做好催缴工作的函", 20) == [
        "关于邢台测试有限公司宗地有关情况",
        "和协助做好催缴工作的函",
    ]
    for length in range(1, 120):
        title = (TITLE + "（2026年第1次）《合同》" + TITLE)[:length]
        cut = balanced(title, 20)
        assert "".join(cut) == title
        assert all(0 < len(words) <= 20 and words[0] not in "，）》" for words in cut)


def test_two_short_pairs_of_a_form_share_a_line() -> None:
    short, long = ("日期", "2026年12月18日"), ("单位", LONG_NAME)
    assert form_rows([short, short, short, long, short]) == [[short, short], [short], [long], [short]]
    assert form_rows([("情况", "甲\n乙"), short]) == [[("情况", "甲\n乙")], [short]]
