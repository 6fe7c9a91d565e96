"""Frozen documents without rendering: blank pages whose size says whose they are; batches of them."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from pypdf import PdfReader, PdfWriter

from landbureau.accounts.models import User
from landbureau.documents.models import Document, PrintBatch
from landbureau.documents.services.printing import create_batch
from landbureau.jobs.services import execute
from tests.documents.factories import make_issued

RECEIPT = 500  # height of a receipt's pages in points; others are 300


def make_frozen(*, own: int = 1, receipt: int = 1, **fields: Any) -> Document:
    """An issued document with a PDF of ``own`` pages and a receipt of ``receipt`` pages.

    Widths of its pages: 1000 points, ten for its key, one for each page before.
    """
    document = make_issued(**fields)
    writer = PdfWriter()
    for page in range(own + receipt):
        writer.add_blank_page(1000 + 10 * document.pk + page, RECEIPT if page >= own else 300)
    file = BytesIO()
    writer.write(file)
    document.pdf.save(f"{document.pk}.pdf", ContentFile(file.getvalue()), save=False)
    document.sha256 = hashlib.sha256(file.getvalue()).hexdigest()
    document.pages, document.receipt_page = own + receipt, own + 1 if receipt else None
    document.save()
    return document


def sheets(pdf: Any, *documents: Document) -> list[str]:
    """The pages of a merged file: ``A1`` the first page of the first document, ``A2r`` of its receipt,
    ``-`` a blank one."""
    named = []
    with pdf.open("rb") as file:
        for page in PdfReader(file).pages:
            width, height = round(page.mediabox.width), round(page.mediabox.height)
            if (width, height) == (595, 842):
                named.append("-")
                continue
            place = [document.pk for document in documents].index((width - 1000) // 10)
            named.append(f"{'ABCDEFGH'[place]}{(width - 1000) % 10 + 1}{'r' if height == RECEIPT else ''}")
    return named


def make_batch(
    clerk: User, *documents: Document, with_receipts: bool = True, duplex: bool = False
) -> PrintBatch:
    """A batch whose job has run."""
    batch = create_batch(actor=clerk, documents=documents, with_receipts=with_receipts, duplex=duplex)
    execute(batch.run_id)
    batch.refresh_from_db()
    return batch
