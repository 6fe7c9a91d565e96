"""A draft as a Word file, for the bureau's own office system: reads the content alone, as ``pdf`` does.

The faces are named as GB/T 9704-2012 has them; the measures are those of ``print.css``. Content and order
are those of the PDF, without receipt, number and date: these belong to the issued document.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from docx import Document as new_document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as Align
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from landbureau.documents.content import Content, Paragraph, Receipt, Table, hands_of
from landbureau.documents.pdf import TITLE_LINE
from landbureau.documents.typography import balanced, form_rows

FANGSONG, HEI, KAI = "仿宋_GB2312", "黑体", "楷体_GB2312"
TITLE_FACE, SONG = "方正小标宋简体", "宋体"
LEVEL_FACES = {1: HEI, 2: KAI}
RED, RED_HEX = RGBColor(0xD4, 0, 0), "D40000"
LINE = Pt(28.95)  # 225 mm / 22 lines
CHARACTER = Mm(156 / 28)
LINE_PITCH, CHARACTER_SPACE = 579, -864  # the same as twips, and as 1/4096 pt against 16 pt
MARK_SIZES = ((10, 36), (13, 30), (19, 22))  # characters of the issuer's mark: points
WIDER = Mm(7)  # the rules of a letter are 170 mm wide, the text 156 mm
SIGNED = Mm(32.4)  # indent that centres name over date, the date four characters from the right
NO_DAY = "年　　月　　日"
NO_NUMBER, NO_DATE = "〔　　　　〕　　号", "　　　　年　月　日"
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # not in XML


def write_docx(content: Content, *, today: date) -> bytes:
    """The draft as ``.docx``; ``today`` is its day of making, so that nothing else dates it."""
    word = new_document()
    _set_properties(word, content, today)
    _set_styles(word)
    _set_page(word.sections[0])
    _add_page_numbers(word)
    if content["layout"] == "slip" and content["receipt"]:
        _slip(word, content["issuer"], content["receipt"])
    elif content["layout"] == "form":
        _title(word, content["title"])
        _line(word, NO_NUMBER, Align.RIGHT)
        _form(word, form_rows(content["form"]))
    else:
        _head(word, content)
        _title(word, content["title"])
        if content["addressee"]:
            _line(word, f"{content['addressee']}：")
    for block in content["blocks"]:
        if block["type"] == "paragraph":
            _text(word, block)
        else:
            _table(word, block)
    if content["layout"] == "form" and (hands := hands_of(content)):
        _form(word, [[(hand, ""), ("日期", NO_DAY)] for hand in hands])
    if content["layout"] != "slip":
        _end(word, content)
    file = BytesIO()
    word.save(file)
    return file.getvalue()


def _set_properties(word: Any, content: Content, today: date) -> None:
    """Title and issuer; nothing of the library that wrote the file."""
    properties = word.core_properties
    properties.title, properties.author = _legal(content["title"]), _legal(content["issuer"])
    properties.comments = properties.last_modified_by = ""
    properties.language = "zh-CN"
    properties.created = properties.modified = datetime.combine(today, time())
    for name, relation in list(word.part.package.rels.items()):
        if relation.reltype in (RELATION.THUMBNAIL, RELATION.EXTENDED_PROPERTIES):
            del word.part.package.rels[name]
    language = word.settings.element.find(qn("w:themeFontLang"))
    language.set(qn("w:val"), "zh-CN")
    language.set(qn("w:eastAsia"), "zh-CN")


def _set_styles(word: Any) -> None:
    normal = word.styles["Normal"]
    _set_face(normal.element.get_or_add_rPr(), FANGSONG)
    normal.font.size = Pt(16)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing = LINE
    normal.paragraph_format.widow_control = False
    language = word.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    language.set(qn("w:eastAsia"), "zh-CN")


def _set_page(section: Any) -> None:
    """A4, the margins of the standard, a grid of 22 lines of 28 characters."""
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(23)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), str(LINE_PITCH))
    grid.set(qn("w:charSpace"), str(CHARACTER_SPACE))


def _add_page_numbers(word: Any) -> None:
    """``— 1 —``: odd pages right, even pages left, one character in."""
    word.settings.odd_and_even_pages_header_footer = True
    section = word.sections[0]
    for footer, align in ((section.footer, Align.RIGHT), (section.even_page_footer, Align.LEFT)):
        line = footer.paragraphs[0]
        line.alignment = align
        line.paragraph_format.left_indent = line.paragraph_format.right_indent = Pt(14)
        _run(line, "— ", SONG, 14)
        for kind, code in (("begin", ""), ("", "PAGE"), ("end", "")):
            run = _run(line, "", SONG, 14)
            part = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                part.set(qn("w:fldCharType"), kind)
            else:
                part.text = code
            run._r.append(part)
        _run(line, " —", SONG, 14)


def _head(word: Any, content: Content) -> None:
    """The issuer's mark in red with its rule, and the place of the number."""
    issuer = content["issuer"]
    size = next((points for most, points in MARK_SIZES if len(issuer) <= most), 16)
    mark = _line(word, align=Align.CENTER)
    _run(mark, issuer, TITLE_FACE, size).font.color.rgb = RED
    mark.paragraph_format.line_spacing = Pt(57.9)
    is_letter = content["layout"] == "letter"
    if is_letter:
        _letter_foot(word.sections[0])
        mark.paragraph_format.left_indent = mark.paragraph_format.right_indent = -WIDER
    number = _line(word, NO_NUMBER, Align.RIGHT if is_letter else Align.CENTER)
    if is_letter:
        _set_border(mark, "bottom", "thickThinSmallGap", 24, RED_HEX)
    else:
        _set_border(number, "bottom", "single", 14, RED_HEX, space=11)
    _line(word)


def _letter_foot(section: Any) -> None:
    """On the first page the double rule 20 mm above the edge stands for the page number."""
    section.different_first_page_header_footer = True
    line = section.first_page_footer.paragraphs[0]
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = -WIDER
    _set_border(line, "bottom", "thinThickSmallGap", 24, RED_HEX)


def _title(word: Any, title: str) -> None:
    lines = balanced(title, TITLE_LINE)
    for text in lines:
        _run(_line(word, align=Align.CENTER), text, TITLE_FACE, 22)
    _line(word)


def _text(word: Any, block: Paragraph) -> None:
    line = _line(word)
    line.paragraph_format.first_line_indent = CHARACTER * 2
    if block["head"]:
        _run(line, block["head"], LEVEL_FACES.get(block["level"], FANGSONG))
    _run(line, block["text"])


def _table(word: Any, block: Table) -> None:
    """With its header on every page; a row is not torn."""
    caption = _line(word, align=Align.CENTER)
    caption.paragraph_format.keep_with_next = True
    _run(caption, block["caption"], HEI, 14)
    table = _grid(word, 1 + len(block["rows"]), len(block["header"]))
    for cell, text in zip(table.rows[0].cells, block["header"], strict=True):
        _fill(cell, text, Align.CENTER, HEI, 12)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row, texts in zip(table.rows[1:], block["rows"], strict=True):
        for cell, text, numeric in zip(row.cells, texts, block["numeric"], strict=True):
            _fill(cell, text, Align.RIGHT if numeric else Align.LEFT, FANGSONG, 12)


def _form(word: Any, rows: Any) -> None:
    """Pairs of label and value, two to a row where they are short."""
    table = _grid(word, len(rows), 4)
    for column, width in zip(table.columns, (32, 46, 32, 46), strict=True):
        column.width = Mm(width)
    for row, pairs in zip(table.rows, rows, strict=True):
        cells = row.cells
        if len(pairs) == 1:
            cells[1].merge(cells[3])
        for place, (label, value) in enumerate(pairs):
            _fill(cells[2 * place], label, Align.CENTER, FANGSONG, 14)
            _fill(cells[2 * place + 1], value, Align.LEFT, FANGSONG, 14)
        row.height = Mm(12)


def _slip(word: Any, issuer: str, receipt: Receipt) -> None:
    """The receipt that is a paper of its own: what is known, and the lines to be filled by hand."""
    _line(word, issuer, Align.CENTER)
    _title(word, "送 达 回 证")
    _line(word, NO_NUMBER, Align.RIGHT)
    entrusted = receipt.get("entrusted_by", "")
    servers = ["送达人签名"] * (1 + receipt["two_servers"])
    rows: list[list[tuple[str, str]]] = [
        [("事由", receipt["matter"])],
        [("文书名称", receipt["title"])],
        [("文书字号", receipt.get("number", ""))],
        *([[("委托机关", entrusted)]] if entrusted else []),
        [("受送达人", receipt["addressee"])],
        [("送达地点", receipt["place"])],
        [("送达时间", "　　　　年　　月　　日　　时　　分")],
        [("送达方式", "　".join(f"□{method}" for method in receipt["methods"]))],
        [("收件人签名或盖章", ""), ("与受送达人关系", "")],
        [("邮寄或公告日期", NO_DAY), ("邮件号或公告载体", "")],
        [("拒收事由", "")],
        [("见证人签名", ""), ("日期", NO_DAY)],
        *([(server, ""), ("日期", NO_DAY)] for server in servers),
        [("备注", receipt.get("remark", ""))],
    ]
    _form(word, rows)


def _end(word: Any, content: Content) -> None:
    """Attachments, signature with room for the seal, note, copies."""
    attachments = content["attachments"]
    numbered = len(attachments) > 1
    if attachments:
        _line(word)
    for number, attachment in enumerate(attachments, 1):
        first = "附件：" if number == 1 else ""
        line = _line(word, first + (f"{number}.\t" if numbered else "") + attachment)
        width = (1 if len(attachments) < 10 else 2) if numbered else 0  # characters of the numbers' column
        line.paragraph_format.left_indent = CHARACTER * (5 + width)  # where the tab leads, too
        line.paragraph_format.first_line_indent = -CHARACTER * (len(first) + width)
    _line(word)
    _line(word)
    for text in (content["issuer"], NO_DATE):
        line = _line(word, text, Align.CENTER)
        line.paragraph_format.left_indent = SIGNED
    if content["note"]:
        _line(word, f"（{content['note']}）").paragraph_format.first_line_indent = CHARACTER * 2
    if content["copies_to"]:
        copies = _line(word)
        _run(copies, f"抄送：{'，'.join(content['copies_to'])}。", size=14)
        copies.paragraph_format.space_before = LINE
        copies.paragraph_format.left_indent = Pt(14 * 4)
        copies.paragraph_format.first_line_indent = -Pt(14 * 3)
        if content["layout"] != "letter":
            _set_border(copies, "top", "single", 8, "000000")
            _set_border(copies, "bottom", "single", 8, "000000")


def _line(word: Any, text: str = "", align: Any = None) -> Any:
    line = word.add_paragraph()
    line.alignment = align
    if text:
        _run(line, text)
    return line


def _run(line: Any, text: str, face: str = FANGSONG, size: int = 16) -> Any:
    run = line.add_run(_legal(text))
    run.font.size = Pt(size)
    _set_face(run._r.get_or_add_rPr(), face)
    return run


def _set_face(properties: Any, face: str) -> None:
    """For Latin and for Chinese characters: Word looks them up apart."""
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), face)


def _set_border(line: Any, side: str, style: str, eighths: int, colour: str, space: int = 1) -> None:
    """A rule above or below a paragraph, ``eighths`` of a point thick."""
    properties = line._p.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.insert_element_before(
            borders, "w:shd", "w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )
    border = OxmlElement(f"w:{side}")
    for name, value in (("val", style), ("sz", eighths), ("space", space), ("color", colour)):
        border.set(qn(f"w:{name}"), str(value))
    borders.append(border)


def _grid(word: Any, rows: int, columns: int) -> Any:
    table = word.add_table(rows=rows, cols=columns, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return table


def _fill(cell: Any, text: str, align: Any, face: str, size: int) -> None:
    line = cell.paragraphs[0]
    line.alignment = align
    line.paragraph_format.line_spacing = Pt(size * 1.4)
    _run(line, text, face, size)


def _legal(text: str) -> str:
    return ILLEGAL.sub("", text)
