"""What a document says: the JSON that is kept in ``Document.content`` and is all that rendering reads.

Composed from the kind, its wording and the values of its fields when the document is drafted; number, date
and code are added on issue, then it is frozen.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Paragraph(TypedDict):
    """A paragraph. ``level``: 0 body text, 1 ``一、``, 2 ``（一）``, 3 ``1.``, 4 ``（1）`` (GB/T 9704-2012);
    ``head`` is the part that is set in the level's typeface (up to the first full stop), may be empty."""

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
    """What is printed on the receipt (送达回证) behind the document."""

    matter: str
    title: str
    addressee: str
    place: str
    two_servers: bool


class Stamp(TypedDict):
    """What issue adds: ``date`` is ISO, ``address`` the short address in the QR code (empty: no QR code)."""

    number: str
    date: str
    code: str
    address: str


class Content(TypedDict):
    """``form`` (label, value) pairs belong to the layout ``form``; ``values`` are the raw values of the
    fields by name (dates ISO, amounts with two decimals in yuan), kept for editing the draft."""

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
    stamp: NotRequired[Stamp]
