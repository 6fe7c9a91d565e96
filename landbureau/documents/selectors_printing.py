"""What waits for the printer."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from landbureau.accounts.models import User
from landbureau.documents.models import Document

# Paper is sealed after it was printed, and served after it was sealed.
WAITING = {
    "serve": Q(kind__needs_service=True) & (Q(kind__needs_seal=False) | Q(sealed_on__isnull=False)),
    "seal": Q(kind__needs_seal=True, sealed_on=None),
}


def waiting_for(user: User, act: str, today: date) -> QuerySet[Document]:
    """Issued documents in the person's sight that are still to be sealed or served (a key of ``WAITING``)."""
    on_the_way = Document.objects.visible_to(user).filter(
        issued_on__lte=today, served_on=None, voided_on=None
    )
    rows: QuerySet[Document] = on_the_way.filter(WAITING[act])
    return rows
