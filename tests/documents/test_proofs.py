"""Proofs of service: kept as they were sent, once each, and shown to nobody who may not see the document."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse
from PIL import Image

from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, Proof
from landbureau.documents.services import add_proof, proofs
from landbureau.web.uploads import UploadRefused
from tests.documents.office import Office
from tests.web.files import pdf, photo, picture, upload
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def document(office: Office) -> Document:
    return office.document("sealed")


def stored() -> list[Path]:
    return [path for path in (Path(project.MEDIA_ROOT) / "proofs").rglob("*") if path.is_file()]


def test_a_photo_is_kept_as_it_was_sent_with_position_and_time(office: Office, document: Document) -> None:
    data = photo(size=(800, 600), orientation=6)
    proof = add_proof(document=document, actor=office.officer, file=upload(data, "IMG_20261123.jpg"))
    proof.refresh_from_db()
    assert proof.file.read() == data
    assert (proof.file_name, proof.mime, proof.size) == ("IMG_20261123.jpg", "image/jpeg", len(data))
    assert (proof.latitude, proof.longitude) == (Decimal("37.52"), Decimal("115.24"))
    assert proof.taken_at == datetime(2026, 11, 23, 2, 40, 5, tzinfo=UTC)
    assert Image.open(io.BytesIO(proof.thumbnail.read())).size == (320, 427)
    assert proof.uploaded_by == office.officer


def test_a_scan_has_a_thumbnail_and_no_position(office: Office, document: Document) -> None:
    proof = add_proof(document=document, actor=office.officer, file=upload(pdf(), "回证.pdf"))
    assert (proof.mime, proof.latitude, proof.taken_at) == ("application/pdf", None, None)
    assert proof.file.name.endswith(".pdf")
    assert proof.thumbnail.name.endswith(".jpg")


def test_the_name_that_was_sent_does_not_reach_the_disk(office: Office, document: Document) -> None:
    proof = add_proof(document=document, actor=office.officer, file=upload(picture(), "../../../王.jpg"))
    assert proof.file_name == "王.jpg"
    assert "王" not in proof.file.name
    assert Path(proof.file.path).is_relative_to(project.MEDIA_ROOT)


def test_the_same_file_twice_is_the_same_proof(office: Office, document: Document) -> None:
    first = add_proof(document=document, actor=office.officer, file=upload(picture(), "a.jpg"))
    before = stored()
    again = add_proof(document=document, actor=office.officer, file=upload(picture(), "b.jpg"))
    assert first == again
    assert stored() == before
    other = add_proof(document=office.document("sealed"), actor=office.officer, file=upload(picture()))
    assert other != first, "on another document it is another proof"


def test_a_race_for_the_same_file_leaves_one_proof_and_no_stray_file(
    office: Office, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(file: Any) -> bytes:
        monkeypatch.undo()
        add_proof(document=document, actor=office.officer, file=upload(picture(), "a.jpg"))
        return b"small"

    before = set(stored())
    monkeypatch.setattr(proofs, "thumbnail", meanwhile)
    kept = add_proof(document=document, actor=office.officer, file=upload(picture(), "b.jpg"))
    assert kept.file_name == "a.jpg"
    assert len(set(stored()) - before) == 2, "the photo and its small picture"


def test_a_failed_write_leaves_no_file(
    office: Office, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(proof: Proof, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the database is gone")

    before = stored()
    monkeypatch.setattr(Proof, "save", save)
    with pytest.raises(RuntimeError):
        add_proof(document=document, actor=office.officer, file=upload(picture()))
    assert stored() == before


def test_what_is_no_photo_is_refused_and_not_kept(office: Office, document: Document) -> None:
    before = stored()
    with pytest.raises(UploadRefused, match="只能上传"):
        add_proof(document=document, actor=office.officer, file=upload(b"<html></html>"))
    assert stored() == before


@pytest.mark.parametrize("state", ["draft", "approved", "voided"])
def test_only_what_was_issued_has_proofs(office: Office, state: str) -> None:
    with pytest.raises(DocumentError, match="已印发、未作废"):
        add_proof(document=office.document(state), actor=office.clerk, file=upload(picture()))


def test_who_may_not_serve_adds_no_proof(office: Office, document: Document) -> None:
    with pytest.raises(DocumentError, match="没有登记送达这件文书的权限"):
        add_proof(document=document, actor=office.head, file=upload(picture()))
    unserved = office.document("sealed", needs_service=False)
    with pytest.raises(DocumentError, match="无须送达"):
        add_proof(document=unserved, actor=office.officer, file=upload(picture()))


def test_a_document_takes_no_flood_of_proofs(
    office: Office, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofs, "MOST_PROOFS", 1)
    add_proof(document=document, actor=office.officer, file=upload(picture()))
    with pytest.raises(DocumentError, match="最多保存 1 份"):
        add_proof(document=document, actor=office.officer, file=upload(picture(colour="#000")))


def test_proofs_are_served_as_files_and_only_beside_their_document(
    office: Office, document: Document
) -> None:
    proof = add_proof(document=document, actor=office.officer, file=upload(photo(), "回证.jpg"))
    client = Client()
    client.force_login(office.officer)
    address = reverse("documents:proof", args=[document.pk, proof.pk])
    answer = client.get(address)
    assert body_of(answer)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.get(address, {"download": 1})["Content-Disposition"].startswith("attachment")
    elsewhere = office.document("sealed")
    for name in ("proof", "proof_thumbnail"):
        assert client.get(reverse(f"documents:{name}", args=[document.pk, proof.pk])).status_code == 200
        assert client.get(reverse(f"documents:{name}", args=[elsewhere.pk, proof.pk])).status_code == 404
    client.force_login(office.stranger)
    for name in ("proof", "proof_thumbnail"):
        assert client.get(reverse(f"documents:{name}", args=[document.pk, proof.pk])).status_code == 404


def test_proofs_come_later_on_a_page_of_their_own(office: Office, document: Document) -> None:
    client, address = Client(), reverse("documents:add_proof", args=[document.pk])
    client.force_login(office.officer)
    assert "请选择照片或扫描件。" in body_of(client.post(address))
    files = [upload(picture(), "好.jpg"), upload(b"MZ\x90\0\0\0", "坏.jpg")]
    body = body_of(client.post(address, {"proofs": files}))
    assert "坏.jpg：只能上传 JPG、PNG、WebP、PDF 文件，这个文件是程序。" in body
    assert "已保存 1 份：好.jpg" in body
    answer = client.post(address, {"proofs": [upload(pdf(), "回证.pdf")]})
    assert answer.status_code == 302
    assert document.proofs.count() == 2
