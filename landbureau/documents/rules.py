"""States of a document, its number, masking: pure functions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Status(StrEnum):
    """Where a document stands (the words of the contract)."""

    DRAFT = "draft"
    APPROVED = "approved"
    ISSUED = "issued"
    SEALED = "sealed"
    SERVED = "served"
    VOIDED = "voided"


@dataclass(frozen=True)
class Dates:
    """The days of a document's steps, as far as they were taken."""

    approved_on: date | None = None
    issued_on: date | None = None
    sealed_on: date | None = None
    served_on: date | None = None
    voided_on: date | None = None


def status_of(dates: Dates, today: date) -> Status:
    """The furthest step that was taken on or before ``today``; voided beats all."""
    for day, status in (
        (dates.voided_on, Status.VOIDED),
        (dates.served_on, Status.SERVED),
        (dates.sealed_on, Status.SEALED),
        (dates.issued_on, Status.ISSUED),
        (dates.approved_on, Status.APPROVED),
    ):
        if day is not None and day <= today:
            return status
    return Status.DRAFT


def is_sent(status: Status, registered: bool) -> bool:
    """Whether service is under way: registered (posted, published), and its day is to come or unknown."""
    return registered and status in (Status.ISSUED, Status.SEALED)


def number_text(organ_code: str, mark: str, year: int, sequence: int) -> str:
    """``新国土资催〔2026〕17号``: six-angle brackets, no leading zero (GB/T 9704-2012)."""
    return f"{organ_code}{mark}〔{year}〕{sequence}号"


# --- Service (送达) --------------------------------------------------------------------------------


class DateRule(StrEnum):
    """How a method of service fixes the day of service (domain.md G.3)."""

    SIGNED = "signed"
    LEFT = "left"
    RETURNED = "returned"
    ARRIVED = "arrived"
    PUBLISHED = "published"


def served_on(rule: str, days: int, received_on: date | None, posted_on: date | None) -> date | None:
    """The day on which a document counts as served; None while it is on its way.

    The day it was signed for, left, returned as received, or arrived (民事诉讼法 87-91); ``days`` after the
    publication, whose own day does not count (art. 95). A publication's day lies ahead when it is registered.
    """
    if rule == DateRule.PUBLISHED:
        return posted_on + timedelta(days=days) if posted_on else None
    return received_on


# --- Verification ----------------------------------------------------------------------------------

_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})  # of each pair a code holds one at most
_ENDS_OF_ORGANISATIONS = "司团厂店行社局院校学园会所站室部处科股办队村组镇乡县市区府委心矿场馆业地位"
_TWO_CHARACTER_SURNAMES = (
    "欧阳司马上官诸葛司徒司空东方皇甫尉迟公孙慕容令狐长孙宇文夏侯轩辕端木独孤南宫西门百里呼延闻人赫连澹台"
    "公冶宗政濮阳淳于单于太叔申屠仲孙钟离鲜于闾丘拓跋完颜"
)
_SURNAMES = {_TWO_CHARACTER_SURNAMES[i : i + 2] for i in range(0, len(_TWO_CHARACTER_SURNAMES), 2)}


def plain_code(text: str) -> str:
    """A verification code as it is stored, however it was typed: dashes, lower case, full width, O for 0."""
    text = unicodedata.normalize("NFKC", text).upper()
    return "".join(char for char in text if char.isascii() and char.isalnum()).translate(_MISREAD)


def same_number(typed: str, number: str) -> bool:
    """Whether ``typed`` means the document's number, whatever its brackets, spaces and width."""
    return _bare(typed) == _bare(number)


def _bare(number: str) -> str:
    text = "".join(char for char in unicodedata.normalize("NFKC", number) if char.isalnum())
    return text.removesuffix("号")


def mask_addressee(name: str) -> str:
    """The addressee as the public may see it: ``邢台****有限公司``, ``张**``.

    What does not end like an organisation is taken for a person: of those only the surname stays. The stars
    do not tell how long the name is.
    """
    base = name.partition("（")[0].partition("(")[0].strip()
    if not base:
        return ""
    surname = base[:2] if base[:2] in _SURNAMES and len(base) <= 4 else base[:1]
    if len(base) <= 3 or len(surname) == 2 or base[-1] not in _ENDS_OF_ORGANISATIONS:
        return f"{surname}**"
    head, tail = (2, 4) if len(base) >= 10 else (2, 2) if len(base) >= 6 else (1, 1)
    return f"{base[:head]}****{base[-tail:]}"


# --- Printing --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sheets:
    """Where a document lies in a merged file: its own pages, and those of its receipt; counted from 1."""

    first: int
    last: int
    receipt_first: int | None = None
    receipt_last: int | None = None


def lay_out(
    documents: Iterable[tuple[int, int | None]], *, with_receipts: bool, duplex: bool
) -> list[Sheets]:
    """Where each document comes to lie; ``documents``: pages with receipt, first page of the receipt or None.

    ``duplex``: each document and each receipt begins on a front side, after a blank page where needed.
    """
    laid, used = [], 0
    for pages, receipt_page in documents:
        own = pages if receipt_page is None else receipt_page - 1
        first = _next_page(used, duplex)
        used = last = first + own - 1
        sheets = Sheets(first, last)
        if with_receipts and receipt_page is not None:
            receipt = _next_page(used, duplex)
            used = receipt + pages - own - 1
            sheets = Sheets(first, last, receipt, used)
        laid.append(sheets)
    return laid


def _next_page(used: int, duplex: bool) -> int:
    return used + (used % 2 if duplex else 0) + 1
