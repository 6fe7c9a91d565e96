"""What the pages of documents share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from landbureau.accounts.views.common import viewer
from landbureau.documents.access import FAMILIES, SEAL
from landbureau.documents.models import Document
from landbureau.documents.previews import draft_pdf, fingerprint
from landbureau.documents.services import allowed
from landbureau.documents.transitions import Transition
from landbureau.web.lists import ListPage

ACTS = ("view", "draft", "approve", "sign", "serve")
PAGE_WIDTHS = (800, 1600)
"""Pixels of the pictures of pages: as the screen shows them, and enlarged or on a fine screen."""


def ask_for_concern(request: HttpRequest) -> None:
    """403 for who has nothing to do with documents: neither a permission nor a document of their own."""
    user = viewer(request)
    held = {SEAL, *(getattr(line, act) for line in FAMILIES.values() for act in ACTS)}
    if any(user.has_perm(f"accounts.{codename}") for codename in sorted(held)):
        return
    if not Document.objects.visible_to(user).exists():
        raise PermissionDenied


class RegisterPage(ListPage):
    """Base of the registers: rows are those in sight, and the page is for those whom documents concern."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        ask_for_concern(request)
        return super().dispatch(request, *args, **kwargs)


def visible_documents(request: HttpRequest) -> QuerySet[Document]:
    people = ("kind__series", "section", "township__office", "village", "drafted_by")
    documents: QuerySet[Document] = Document.objects.visible_to(viewer(request)).select_related(*people)
    return documents


def document_or_404(request: HttpRequest, pk: int) -> Document:
    """The document, if the reader may see it."""
    return get_object_or_404(visible_documents(request), pk=pk)


def allowed_to(request: HttpRequest, document: Document, today: date) -> dict[str, Transition]:
    """What the reader can do with it now, by name."""
    return {step.name: step for step in allowed(viewer(request), document, today)}


@dataclass(frozen=True)
class Paper:
    """The pages to be looked at: the frozen file, or the draft as it would be printed."""

    etag: str
    pages: int
    receipt_page: int | None
    is_frozen: bool


def paper_of(document: Document) -> Paper | None:
    """None while the file of an issued document is still being made."""
    if document.is_issued:
        if not document.sha256 or not document.pages:
            return None
        return Paper(document.sha256, document.pages, document.receipt_page, True)
    written = draft_pdf(document.content)
    return Paper(fingerprint(document.content), written.pages, written.receipt_page, False)


def pdf_bytes(document: Document) -> bytes:
    """What ``paper_of`` describes."""
    if not document.is_issued:
        return draft_pdf(document.content).data
    with document.pdf.open("rb") as file:
        data: bytes = file.read()
    return data


def unchanged(request: HttpRequest, etag: str) -> HttpResponseBase | None:
    """The answer to a browser that has it already."""
    return get_conditional_response(request, etag=quote_etag(etag))


def revalidated(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """The browser may keep it, and asks before showing it again: who may see it can change."""
    response.headers["ETag"] = quote_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def seal_initial(request: HttpRequest) -> dict[str, Any]:
    """A line of the register of the seal as it usually is: today, by who registers it."""
    return {"sealed_on": timezone.localdate(), "keeper": viewer(request).name}
