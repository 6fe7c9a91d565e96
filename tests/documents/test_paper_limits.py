"""Documents with more, longer or wider contents than usual."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdfium2 import PdfDocument, raw

from landbureau.documents.columns import MOST_CHARACTERS, MOST_ROWS, columns_of, problem
from landbureau.documents.content import Table, _paragraph, _table
from landbureau.documents.pdf import Pdf, write_pdf
from landbureau.documents.typography import balanced
from tests.documents.factories import content
from tests.documents.test_pdf import MM, PLAIN, STAMP, TITLE, text

RIGHT = (210 - 26) * MM
CELLS = st.text(st.sampled_from("国土1.0,年AW"), max_size=12)


def written(**changes: Any) -> Pdf:
    return write_pdf(content(**{"stamp": STAMP, "receipt": None, **changes}))


def texts(pdf: Pdf) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf.data)).pages]


def right_edge(pdf: Pdf) -> float:
    """Points from the left to the end of the last character or rule."""
    edges = []
    with PdfDocument(pdf.data) as document:
        for page in document:
            letters = page.get_textpage()
            boxes = [letters.get_charbox(at) for at in range(letters.count_chars())]
            edges += [box[2] for at, box in enumerate(boxes) if letters.get_text_range(at, 1).strip()]
            edges += [rule.get_bounds()[2] for rule in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH])]
            letters.close()
    return max(edges)


def amounts(columns: int, amount: str) -> Table:
    header = ["序号", *(f"第{number}期金额（元）" for number in range(1, columns))]
    return _table("明细", [header, ["1", *[amount] * (columns - 1)]])


def test_tables_of_many_amounts_stay_within_the_type_area() -> None:
    tables = [amounts(10, "123456.00"), amounts(11, "12345.00"), amounts(12, "12345.00")]
    too_wide: Table = {**tables[2], "rows": [["1", *["123456789.00"] * 11]]}
    pdf = written(blocks=[*tables, too_wide])
    assert right_edge(pdf) < RIGHT + 0.3 * MM
    assert texts(pdf)[0].count("12345.00") == 21, "no figure is broken"


@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1)))
def test_usual_tables_fit_in_the_largest_type(cells: list[list[str]]) -> None:
    header, *rows = cells
    assert columns_of([head[:4] for head in header], [[cell[:8] for cell in row] for row in rows]).size == 12


def test_the_type_of_a_table_steps_down_before_its_heads_are_broken() -> None:
    sizes = [
        columns_of(table["header"], table["rows"]) for table in (amounts(n, "1.00") for n in range(5, 13))
    ]
    assert [found.size for found in sizes if found.whole_heads] == sorted(
        (found.size for found in sizes if found.whole_heads), reverse=True
    )
    assert {found.size for found in sizes} >= {12, 10.5, 9, 8}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([["序号", "说明"], ["1", "长" * (MOST_CHARACTERS + 1)]], "第1行“说明”栏有301个字，超过300个字"),
        ([["序号"], *[["1"]] * (MOST_ROWS + 1)], "有301行，超过300行"),
        ([["金额"] * 12, ["123456789.00"] * 12], "有12栏，在纸上放不下"),
        ([["说明"], *[["长" * 200]] * 101], "有20200个字，超过20000个字"),
        ([["说明"], ["长" * MOST_CHARACTERS]], ""),
        ([["序号"]], ""),
    ],
)
def test_a_table_that_is_no_part_of_a_letter_is_refused(cells: list[list[str]], reason: str) -> None:
    assert problem(cells[0], cells[1:]) == reason


def test_a_row_of_long_cells_goes_on_overleaf_below_the_head() -> None:
    table = _table("明细表", [["序号", "说明"], ["1", PLAIN * 13], ["2", "完"]])
    pages = texts(written(blocks=[*[text("甲。")] * 9, table]))
    assert len(pages) == 2
    assert "明细表序号说明1" in pages[0]
    assert PLAIN in pages[0]
    assert "序号说明土地" in pages[1]


def test_many_attachments_go_on_overleaf_with_their_numbers() -> None:
    names = [f"宗地{number}位置图" for number in range(1, 26)]
    pages = texts(written(blocks=[text(PLAIN * 6)], attachments=names))
    assert len(pages) == 2
    assert "附件：1.宗地1位置图2.宗地2位置图" in pages[0]
    assert "10.宗地10位置图" in "".join(pages)
    assert "25.宗地25位置图" in pages[1]


def test_the_copies_are_never_alone_on_the_last_page() -> None:
    for count in (8, 9, 10):  # lines: from what just fits to what does not
        *_, last = texts(written(blocks=[text("甲" * 26)] * count, copies_to=["县财政局"]))
        assert "抄送：县财政局。" in last
        assert "查验码7Q4K-92MX-A1B2" in last
        assert "甲" * 26 in last


@pytest.mark.parametrize("length", [40, 60, 120])
def test_the_receipt_is_one_page_however_long_its_entries(length: int) -> None:
    entries = {
        "matter": "事" * length,
        "title": "题" * length,
        "addressee": "人" * length,
        "place": "地" * length,
    }
    receipt = {"two_servers": True, "methods": [f"第{way}种方式送达" for way in range(7)], **entries}
    pdf = written(receipt=receipt)
    assert (pdf.pages, pdf.receipt_page) == (2, 2)
    assert "记录送达过程。" in texts(pdf)[1]


def test_an_item_of_one_sentence_is_no_heading() -> None:
    assert [
        _paragraph(item)["head"] for item in ("一、交齐余款。", "二、开工。应于月底前。", "三、其他")
    ] == [
        "",
        "二、开工。",
        "三、其他",
    ]


def test_titles_and_names_are_not_broken_within_a_word() -> None:
    title = "关于邢台宏远桩工装备有限公司国有建设用地使用权出让价款缴纳以及开工建设有关情况的函"
    for text_, most in ((title, 20), (TITLE, 20), (TITLE, 18), (title, 22)):
        for cut in balanced(text_, most)[:-1]:
            assert cut.endswith(
                ("公司", "使用权", "价款", "缴纳", "情况", "土地出让", "国有建设用地", "催缴")
            ), cut
    name = "洪江市自然资源和规划局洪江区管理委员会国土分局"
    assert balanced(name, 15) == ["洪江市自然资源和规划局", "洪江区管理委员会国土分局"]
