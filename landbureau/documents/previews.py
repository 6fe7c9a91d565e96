"""PDFs of drafts: written when somebody looks, kept for a day by what they say."""

from __future__ import annotations

import hashlib
import json

from django.core.cache import caches

from landbureau.documents.content import Content
from landbureau.documents.pdf import Pdf, write_pdf


def fingerprint(content: Content) -> str:
    """SHA-256 of the content: the same content gives the same pages."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def draft_pdf(content: Content) -> Pdf:
    """The PDF of a draft, from the cache ``previews`` if somebody looked at it before."""
    cache, key = caches["previews"], f"draft-{fingerprint(content)}"
    if kept := cache.get(key):
        return Pdf(*kept)
    written = write_pdf(content)
    cache.set(key, (written.data, written.pages, written.receipt_page))
    return written
