"""An office with its people, and documents at every point of their life, as the services leave them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from landbureau.accounts.models import Section, Township, User
from landbureau.documents.models import Document
from tests.documents.factories import DocumentFactory, KindFactory, WordingFactory, make_issued
from tests.factories import SectionFactory, TownshipFactory, UserFactory, allow

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
DAYS: dict[str, dict[str, date]] = {
    "draft": {},
    "submitted": {"submitted_on": TODAY},
    "approved": {"submitted_on": TODAY, "approved_on": TODAY},
    "issued": {"issued_on": TODAY},
    "sealed": {"issued_on": TODAY, "sealed_on": TODAY},
    "announced": {"issued_on": TODAY, "sealed_on": TODAY, "served_on": TODAY + 30 * DAY},
    "served": {"issued_on": TODAY, "sealed_on": TODAY, "served_on": TODAY},
    "voided": {"issued_on": TODAY, "voided_on": TODAY},
}
CLERK = ("create_document", "seal_document", "serve_document", "view_document")


class Office:
    """A section whose ``clerk`` drafted everything; ``other`` is a clerk too, ``stranger`` one elsewhere,
    ``brigade`` one who works on what is their own."""

    def __init__(self) -> None:
        self.section: Section = SectionFactory(phone="0319-1234567")
        self.township: Township = TownshipFactory()
        self.clerk: User = allow(UserFactory(section=self.section), *CLERK, on=self.section)
        self.other: User = allow(UserFactory(section=self.section), *CLERK, on=self.section)
        self.head: User = allow(UserFactory(), "approve_document", "view_document", on=self.section)
        self.leader: User = allow(UserFactory(), "approve_document", "sign_document", "view_document")
        self.officer: User = allow(UserFactory(), "serve_document", "view_document", on=self.township.office)
        self.brigade: User = UserFactory()
        allow(self.brigade, *CLERK, on=self.brigade)
        self.stranger: User = allow(
            UserFactory(), *CLERK, "approve_document", "sign_document", on=SectionFactory()
        )

    def document(self, state: str, *, rendered: bool = True, **kind: Any) -> Document:
        """One of a kind with these properties, standing at a key of ``DAYS``.

        An issued one has the marks of a PDF unless not ``rendered``; the file itself is not there.
        """
        fields = {
            "kind": KindFactory(**kind),
            "section": self.section,
            "township": self.township,
            "drafted_on": TODAY,
            "drafted_by": self.clerk,
            **DAYS[state],
        }
        fields["wording"] = WordingFactory(kind=fields["kind"], text="现通知如下。")
        if "issued_on" not in fields:
            return DocumentFactory(**fields)  # type: ignore[no-any-return]
        marks = {"pdf": "documents/x.pdf", "sha256": "a" * 64, "pages": 2, "receipt_page": 2}
        return make_issued(on=TODAY, **(marks if rendered else {}), **fields)
