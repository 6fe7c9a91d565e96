"""What a document says: the JSON that is kept in ``Document.content`` and is all that rendering reads.

Composed from the kind, its wording and the values of its fields when the document is drafted; number, date
and code are added on issue, then it is frozen.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NotRequired, TypedDict

from cn2an import an2cn

from landbureau.documents.amounts import in_figures, in_words, money
from landbureau.documents.columns import problem
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Kind, KindField, Wording


class Paragraph(TypedDict):
    """A paragraph. ``level``: 0 body text, 1 ``一、``, 2 ``（一）``, 3 ``1.``, 4 ``（1）`` (GB/T 9704-2012);
    ``head`` is the part that is set in the level's typeface (up to the first full stop), may be empty: an
    item that is one sentence is text."""

    type: Literal["paragraph"]
    level: int
    head: str
    text: str


class Table(TypedDict):
    """A table: cells as text; ``numeric``: columns set flush right."""

    type: Literal["table"]
    caption: str
    header: list[str]
    rows: list[list[str]]
    numeric: list[bool]


class Contact(TypedDict):
    """Whom to ask: section, person, telephone."""

    section: str
    person: str
    phone: str


class Receipt(TypedDict):
    """What is printed on the receipt (送达回证) behind the document; ``methods`` to tick: their titles.

    ``number``, ``entrusted_by``, ``remark``: only on one that stands alone, for a document of others."""

    matter: str
    title: str
    addressee: str
    place: str
    two_servers: bool
    methods: list[str]
    number: NotRequired[str]
    entrusted_by: NotRequired[str]
    remark: NotRequired[str]


class Stamp(TypedDict):
    """What issue adds: ``date`` is ISO, ``address`` the short address in the QR code (empty: no QR code)."""

    number: str
    date: str
    code: str
    address: str


class Content(TypedDict):
    """``form`` (label, value) pairs belong to the layout ``form``, as does ``hands``: who signs it, where the
    wording says so; ``values`` are the raw values of the fields by name (dates ISO, amounts with two decimals
    in yuan), kept for editing the draft."""

    version: int
    layout: str
    issuer: str
    title: str
    addressee: str
    blocks: list[Paragraph | Table]
    form: list[tuple[str, str]]
    attachments: list[str]
    copies_to: list[str]
    note: str
    contact: Contact
    receipt: Receipt | None
    values: dict[str, object]
    hands: NotRequired[list[str]]
    stamp: NotRequired[Stamp]


VERSION = 1
ALWAYS = ("受送达人", "单位", "科室", "联系人", "联系电话", "依据", "事由")  # in every wording
SLIP_FIELDS = ("文书名称", "文书字号", "委托机关", "送达地点", "备注")  # of the kind that is a receipt itself
HANDS = "签名栏："  # begins the line of a form's wording that names who signs it
NOBODY, USUAL_HANDS = "无", ["经办人", "负责人"]
WORDS = "大写"  # {应缴金额大写} is {应缴金额} in words
LONGEST_HEAD = 28  # characters, a line: a longer first sentence is text, not a heading

PLACEHOLDER = re.compile(r"\{([^{}\[\]]*)\}")
OPTIONAL = re.compile(r"\[\[((?:(?!\[\[|\]\]).)*)\]\]")
LEVELS = (
    re.compile(r"()([一二三四五六七八九十]{1,3})(、)"),
    re.compile(r"(（)([一二三四五六七八九十]{1,3})(）)"),
    re.compile(r"()([0-9]{1,2})([.．](?![0-9]))"),
    re.compile(r"(（)([0-9]{1,2})(）)"),
)
FIGURE = re.compile(r"[-+]?[0-9][0-9,]*(\.[0-9]+)?[%‰]?")


def compose(
    *,
    kind: Kind,
    wording: Wording,
    fields: Sequence[KindField],
    values: Mapping[str, Any],
    issuer: str,
    title: str,
    addressee: str,
    matter: str,
    place: str,
    contact: Contact,
    attachments: Sequence[str] = (),
    copies_to: Sequence[str] = (),
    note: str = "",
    methods: Sequence[str] = (),
) -> Content:
    """The content of a draft. ``values`` by field name as of their type, or as ``Content.values`` keeps them.

    A required field that is still empty appears as ``【名称】`` (``missing_required`` keeps such a draft from
    being issued), an optional one as nothing. Raises ``DocumentError`` for an unknown field or placeholder
    and, with the field's name, for a value that does not fit its field.
    """
    filled = {field.name: _Filled(field, values.get(field.name)) for field in fields}
    for name in values:
        if name not in filled:
            raise DocumentError(f"没有“{name}”这一栏目", name)
    people = (contact["section"], contact["person"], contact["phone"])
    texts = dict(zip(ALWAYS, (addressee, issuer, *people, kind.legal_basis, matter), strict=True))
    hands = _named_hands(wording.text) if kind.layout == Kind.Layout.FORM else None
    for name, value in filled.items():
        texts[name] = value.text
        if value.field.type == KindField.Type.MONEY:
            texts.setdefault(name + WORDS, in_words(str(value.raw)) if value.raw else "")
    content: Content = {
        "version": VERSION,
        "layout": kind.layout,
        "issuer": issuer,
        "title": title,
        "addressee": addressee,
        "blocks": _blocks(wording.text, texts, filled),
        "form": _form(kind, filled, addressee, matter) if kind.layout == Kind.Layout.FORM else [],
        "attachments": [text.strip() for text in attachments if text.strip()],
        "copies_to": [text.strip() for text in copies_to if text.strip()],
        "note": note.strip(),
        "contact": contact,
        "receipt": _receipt(kind, filled, title, addressee, matter, place, methods),
        "values": {name: value.raw for name, value in filled.items()},
    }
    if hands is not None:
        content["hands"] = hands
    return content


def hands_of(content: Content) -> list[str]:
    """The labels of the lines that are signed under a form: ``经办人签名``, ``甲方（盖章）``."""
    return [hand if hand.endswith("）") else f"{hand}签名" for hand in content.get("hands", USUAL_HANDS)]


def missing_required(fields: Sequence[KindField], content: Content) -> list[str]:
    """Names of the fields that must be filled before issue and are not."""
    return [field.name for field in fields if field.required and not content["values"].get(field.name)]


def placeholders(text: str) -> list[str]:
    """The names used in a wording, in order, each once."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


def names_of(fields: Sequence[KindField]) -> list[str]:
    """Every name that the wording of a kind with these fields may use."""
    words = [field.name + WORDS for field in fields if field.type == KindField.Type.MONEY]
    return [*(field.name for field in fields), *words, *ALWAYS]


def check_wording(text: str, names: Collection[str]) -> list[str]:
    """What is wrong with a wording, paragraph by paragraph; ``names`` as of ``names_of``."""
    errors = [] if text.strip() else ["用语不能为空"]
    for number, line in enumerate(text.splitlines(), 1):
        place = f"第{number}段"
        errors += [
            f"{place}：没有名为“{name}”的栏目"
            for name in placeholders(line)
            if name not in names and name not in ALWAYS
        ]
        inside = OPTIONAL.sub(r"\1", line)
        if "[[" in inside or "]]" in inside:
            errors.append(f"{place}：[[ 与 ]] 不成对或嵌套")
        if re.search(r"[{}]", PLACEHOLDER.sub("", line)):
            errors.append(f"{place}：花括号 {{ 与 }} 不成对")
    return errors


def day_text(day: date) -> str:
    """``2026年11月19日``, no leading zeros (GB/T 9704-2012, 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass
class _Filled:
    """A field with its value: as it is kept (``raw``) and as it is written (``text``); both empty if none."""

    field: KindField
    value: Any

    def __post_init__(self) -> None:
        self.raw: str | list[list[str]] = ""
        self.text = ""
        if self.value is None or self.value == [] or (isinstance(self.value, str) and not self.value.strip()):
            return
        try:
            self._read()
        except (TypeError, ValueError, ArithmeticError) as error:
            raise DocumentError(f"“{self.field.name}”填写有误：{error}", self.field.name) from None

    def _read(self) -> None:
        value, kinds = self.value, KindField.Type
        match self.field.type:
            case kinds.DATE:
                if isinstance(value, datetime) or not isinstance(value, str | date):
                    raise TypeError("应为日期")
                day = _day(value) if isinstance(value, str) else value
                self.raw, self.text = day.isoformat(), day_text(day)
            case kinds.MONEY:
                amount = money(_figure(value))
                self.raw, self.text = str(amount), in_figures(amount)
            case kinds.NUMBER | kinds.INTEGER:
                figure = _figure(value) + 0
                if figure < 0:
                    raise ValueError("不能是负数")
                if self.field.type == kinds.INTEGER and figure % 1:
                    raise ValueError("应为整数")
                self.raw = f"{figure.normalize():f}"
                self.text = self.raw + self.field.unit
            case kinds.TABLE:
                self.raw = _cells(value)
            case kinds.LONG:
                lines = [line.strip() for line in _string(value).splitlines()]
                self.raw = self.text = "\n".join(line for line in lines if line)
            case _:
                self.raw = self.text = " ".join(_string(value).split())


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("应为文字")
    return value.strip()


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("应为日期") from None


def _figure(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError("应为数字")
    try:
        figure = Decimal(value)
    except ArithmeticError:
        raise ValueError("应为数字") from None
    if not figure.is_finite():
        raise ValueError("应为数字")
    return figure


def _cells(value: Any) -> list[list[str]]:
    """Header and rows; rows without any text are left out."""
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise TypeError("应为表格")
    rows = [[_string(cell) for cell in row] for row in value]
    if any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("各行的列数不一致")
    return [row for row in rows if any(row)]


def _form(kind: Kind, filled: Mapping[str, _Filled], addressee: str, matter: str) -> list[tuple[str, str]]:
    """The lines of a form; what is not known yet stays blank, to be filled by hand."""
    known = [(label, text) for label, text in ((kind.addressee_label, addressee), ("事由", matter)) if text]
    return known + [
        (name, value.text) for name, value in filled.items() if value.field.type != KindField.Type.TABLE
    ]


def _receipt(
    kind: Kind,
    filled: Mapping[str, _Filled],
    title: str,
    addressee: str,
    matter: str,
    place: str,
    methods: Sequence[str],
) -> Receipt | None:
    """The receipt behind a document that is served, or the one that is the document itself."""
    is_slip = kind.layout == Kind.Layout.SLIP
    if not (kind.needs_service or is_slip):
        return None
    receipt: Receipt = {
        "matter": matter,
        "title": title,
        "addressee": addressee,
        "place": place,
        "two_servers": kind.two_servers,
        "methods": list(methods),
    }
    if is_slip:
        name, number, organ, where, remark = (
            filled[name].text if name in filled else "" for name in SLIP_FIELDS
        )
        receipt |= {"title": name, "number": number, "place": where, "entrusted_by": organ, "remark": remark}
    return receipt


def _named_hands(wording: str) -> list[str] | None:
    """Who signs, by the wording's line ``签名栏：甲方（盖章）、乙方（盖章）``; None: not said."""
    line = next((line for line in wording.splitlines() if line.startswith(HANDS)), None)
    if line is None:
        return None
    names = [name.strip() for name in line.removeprefix(HANDS).split("、")]
    return [name for name in names if name and name != NOBODY]


def _blocks(wording: str, texts: Mapping[str, str], filled: Mapping[str, _Filled]) -> list[Paragraph | Table]:
    def known(name: str) -> bool:
        if name not in texts:
            raise DocumentError(f"用语中的“{name}”没有对应的栏目")
        return bool(filled[name].raw if name in filled else texts[name])

    def chosen(match: re.Match[str]) -> str:
        there = [known(name) for name in placeholders(match[1])]
        return match[1] if all(there) else ""

    def written(match: re.Match[str]) -> str:
        name = match[1]
        if not known(name):
            asked = name.removesuffix(WORDS) if name not in filled else name
            return f"【{name}】" if asked in filled and filled[asked].field.required else ""
        if name in filled and filled[name].field.type == KindField.Type.TABLE:
            raise DocumentError(f"表格“{name}”在用语中须单独成段")
        return texts[name].replace("\n", "")

    blocks: list[Paragraph | Table] = []
    numbered: list[Paragraph] = []
    dropped = False
    for line in wording.splitlines():
        if line.startswith(HANDS):
            continue
        template = OPTIONAL.sub(chosen, line).strip()
        only = PLACEHOLDER.fullmatch(template)
        if only and known(only[1]) and only[1] in filled:
            value = filled[only[1]]
            if isinstance(value.raw, list):
                blocks.append(_table(value.field.name, value.raw))
                continue
            if value.field.type == KindField.Type.LONG:
                blocks += [_paragraph(text) for text in value.text.splitlines()]
                continue
        if text := PLACEHOLDER.sub(written, template).strip():
            paragraph = _paragraph(text)
            blocks.append(paragraph)
            numbered.append(paragraph)
        elif line.strip():
            dropped = True
    if dropped:
        _renumber(numbered)
    return blocks


def _paragraph(text: str) -> Paragraph:
    level = next((number for number, mark in enumerate(LEVELS, 1) if mark.match(text)), 0)
    head = ""
    if level in (1, 2):
        sentence = text[: text.find("。") + 1]
        is_item = sentence == text  # one sentence of a list, which is set like its longer siblings
        head = (sentence or text) if len(sentence or text) <= LONGEST_HEAD and not is_item else ""
    return {"type": "paragraph", "level": level, "head": head, "text": text[len(head) :]}


def _renumber(paragraphs: Sequence[Paragraph]) -> None:
    """Close the gaps that paragraphs left out have torn into 一、二、三 of the wording."""
    counts = [0, 0, 0, 0]
    for paragraph in paragraphs:
        level = paragraph["level"]
        if not level:
            continue
        counts[level - 1] += 1
        counts[level:] = [0] * (4 - level)
        number = counts[level - 1]
        numeral = an2cn(number, "low") if level < 3 else str(number)
        part: Literal["head", "text"] = "head" if paragraph["head"] else "text"
        paragraph[part] = LEVELS[level - 1].sub(rf"\g<1>{numeral}\g<3>", paragraph[part], count=1)


def _table(name: str, cells: list[list[str]]) -> Table:
    header, *rows = cells
    if reason := problem(header, rows):
        raise DocumentError(f"表格“{name}”{reason}，请作为附件。", name)
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    return {
        "type": "table",
        "caption": name,
        "header": header,
        "rows": rows,
        "numeric": [
            any(column) and all(not cell or FIGURE.fullmatch(cell) for cell in column) for column in columns
        ],
    }
