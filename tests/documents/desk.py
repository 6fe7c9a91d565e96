"""What the tests of the desk's pages share."""

from __future__ import annotations

from io import BytesIO

from django.test import Client
from pypdf import PdfWriter

from landbureau.accounts.models import User
from landbureau.documents.pdf import Pdf


def as_(user: User) -> Client:
    """A browser in which ``user`` is signed in."""
    client = Client()
    client.force_login(user)
    return client


def blank_pdf() -> Pdf:
    """Two empty pages, the second the receipt: stands for a draft that is not rendered."""
    writer, file = PdfWriter(), BytesIO()
    for _ in range(2):
        writer.add_blank_page(595, 842)
    writer.write(file)
    return Pdf(file.getvalue(), 2, 2)
