"""Writes about documents: drafts, their life, numbers, PDFs."""

from landbureau.documents.services.drafting import (
    attach,
    draft_document,
    edit_draft,
    preview,
    redraft,
)
from landbureau.documents.services.guards import StaleDocument, allowed
from landbureau.documents.services.life import (
    approve,
    discard,
    hand_to,
    in_bulk,
    issue,
    missing,
    return_document,
    seal,
    submit,
    void,
    withdraw,
)
from landbureau.documents.services.numbers import take_number
from landbureau.documents.services.proofs import add_proof
from landbureau.documents.services.rendering import render
from landbureau.documents.services.service import complete_service, correct_service, register_service

__all__ = [
    "StaleDocument",
    "add_proof",
    "allowed",
    "approve",
    "attach",
    "complete_service",
    "correct_service",
    "discard",
    "draft_document",
    "edit_draft",
    "hand_to",
    "in_bulk",
    "issue",
    "missing",
    "preview",
    "redraft",
    "register_service",
    "render",
    "return_document",
    "seal",
    "submit",
    "take_number",
    "void",
    "withdraw",
]
