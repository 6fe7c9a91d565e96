"""Proofs of service: photos and scans of the receipt, appended as they were uploaded."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from landbureau.accounts.models import User
from landbureau.documents import access
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, Proof
from landbureau.web.uploads import check_upload, exif_position, exif_time, thumbnail

MOST_PROOFS = 30  # of one document: a receipt and the photos of a service fill a handful


def add_proof(*, document: Document, actor: User, file: UploadedFile) -> Proof:
    """Keep a photo or scan with its position and time; the same file again is the same proof.

    Raises ``UploadRefused`` (what is wrong with the file), ``DocumentError`` (not by this person, not now).
    """
    if reason := why_not(document, actor):
        raise DocumentError(reason, "proofs")
    checked = check_upload(file)
    if kept := document.proofs.filter(sha256=checked.sha256).first():
        return kept
    if document.proofs.count() >= MOST_PROOFS:
        raise DocumentError(f"一件文书最多保存 {MOST_PROOFS} 份证明。", "proofs")
    position = exif_position(file)
    proof = Proof(
        document=document,
        file_name=checked.name,
        mime=checked.mime,
        size=checked.size,
        sha256=checked.sha256,
        taken_at=exif_time(file),
        latitude=str(position[0]) if position else None,
        longitude=str(position[1]) if position else None,
        uploaded_by=actor,
    )
    name = checked.sha256[:16]  # nothing of the name that the sender chose reaches the disk
    proof.file.save(f"{name}.{checked.extension}", file, save=False)
    proof.thumbnail.save(f"{name}-small.jpg", ContentFile(thumbnail(file)), save=False)
    try:
        with transaction.atomic():
            rows = Document.objects.filter(pk=document.pk)
            rows.select_for_update(no_key=True).get()  # it may be being registered as served
            proof.save()
            rows.update(lacks_proof=False)
    except BaseException as error:
        proof.file.delete(save=False)
        proof.thumbnail.delete(save=False)
        if isinstance(error, IntegrityError) and (
            kept := document.proofs.filter(sha256=checked.sha256).first()
        ):
            return kept  # the same file, sent twice at once
        raise
    return proof


def why_not(document: Document, actor: User) -> str:
    """Why ``actor`` may not add proofs to it; empty: may."""
    if not document.needs_service:
        return f"“{document.kind}”无须送达。"
    if not document.is_issued or document.voided_on:
        return "只有已印发、未作废的文书可以添加送达证明。"
    return "" if access.may(actor, "correct", document) else "您没有登记送达这件文书的权限。"
