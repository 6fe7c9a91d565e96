"""What was issued stays as it is: no service changes it, and the database refuses to."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F

from landbureau.documents import freeze, services
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, Kind
from tests.documents.office import CLERK, DAY, TODAY, Office
from tests.factories import UserFactory, allow

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return Office()


def test_no_service_changes_what_was_issued(office: Office) -> None:
    document = office.document("approved")
    services.issue(document=document, actor=office.clerk, today=TODAY)
    Document.objects.filter(pk=document.pk).update(sha256="a" * 64, pdf="documents/x.pdf", pages=2)
    names = [*freeze.FROM_ISSUE, *freeze.FROM_RENDERING]

    def frozen() -> Any:
        return Document.objects.filter(pk=document.pk).values(*names).get()

    before = frozen()
    document.refresh_from_db()
    mighty = allow(UserFactory(), *CLERK, "approve_document", "sign_document")
    how = {"document": document, "actor": mighty, "today": TODAY}
    with pytest.raises(DocumentError):
        services.attach(**how, title="附件")
    with pytest.raises(DocumentError):
        services.return_document(**how, reason="改")
    with pytest.raises(DocumentError):
        services.issue(**how)
    assert services.render(document.pk) is False
    services.seal(
        document=document,
        actor=mighty,
        today=TODAY,
        sealed_on=TODAY,
        seal="局公章",
        keeper="刘印",
        copies=2,
    )
    services.hand_to(document=document, actor=mighty, today=TODAY, server=office.officer)
    services.void(**how, reason="对象有误")
    assert frozen() == before


@pytest.mark.parametrize("name", [*freeze.FROM_ISSUE, *freeze.FROM_RENDERING])
def test_the_database_refuses_to_change_what_is_frozen(office: Office, name: str) -> None:
    document = office.document("issued")
    rows = Document.objects.filter(pk=document.pk)
    rows.update(pdf="documents/x.pdf", sha256="a" * 64, pages=2, receipt_page=2)
    other: dict[str, Any] = {
        "kind_id": office.document("draft").kind_id,
        "wording_id": office.document("draft").wording_id,
        "series_id": office.document("draft").kind.series_id,
        "family": Kind.Family.NOTICE,
        "content": {},
        **dict.fromkeys(("drafted_on", "submitted_on", "approved_on", "issued_on"), TODAY + DAY),
        "needs_seal": False,
        "needs_service": False,
        "two_servers": True,
        "drafted_by_id": office.other.pk,
        "year": F("year") + 1,
        "sequence": F("sequence") + 1,
        "pages": None,
        "receipt_page": None,
    }
    with pytest.raises(DatabaseError, match="不能修改"), transaction.atomic():
        rows.update(**{name: other.get(name, "别的")})
    rows.update(**{name: F(name)}, served_on=TODAY)
    assert rows.get().served_on == TODAY


def test_a_draft_is_free(office: Office) -> None:
    document = office.document("approved")
    Document.objects.filter(pk=document.pk).update(title="新题", content={}, matter="新事由")
    assert Document.objects.get(pk=document.pk).title == "新题"
