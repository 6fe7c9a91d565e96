"""Apps above are told what became of their documents, without being imported (ADR 10)."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.utils.module_loading import import_string

from landbureau.accounts.models import User
from landbureau.documents.models import Document


def tell(document: Document, actor: User | None, today: date) -> None:
    """Call each of ``settings.DOCUMENT_FOLLOWERS``: the document was issued, served or voided, or its service
    corrected.

    In the transaction of the act, after its step: what a follower writes is committed with it or not at all.
    """
    for path in settings.DOCUMENT_FOLLOWERS:
        import_string(path)(document=document, actor=actor, today=today)
