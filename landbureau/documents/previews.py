"""PDFs of drafts: written when somebody looks, kept for a day by what they say."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.cache import caches

from landbureau.documents.content import Content
from landbureau.documents.pdf import Pdf, write_pdf


@cache
def layout_version() -> str:
    """SHA-256 of the files that lay a document out: an upgrade shows its own layout at once."""
    here = Path(settings.BASE_DIR)
    files = [*(here / "templates/documents/print").glob("*.*"), *(here / "landbureau/documents").glob("*.py")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()


def fingerprint(content: Content) -> str:
    """SHA-256 of the content and of what lays it out: the same gives the same pages."""
    said = json.dumps([layout_version(), content], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def draft_pdf(content: Content) -> Pdf:
    """The PDF of a draft, from the cache ``previews`` if somebody looked at it before."""
    cache, key = caches["previews"], f"draft-{fingerprint(content)}"
    if kept := cache.get(key):
        return Pdf(*kept)
    written = write_pdf(content)
    cache.set(key, (written.data, written.pages, written.receipt_page))
    return written
