"""The pages of batches for the printer."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from landbureau.accounts.models import Section, User
from landbureau.documents.models import PrintBatch
from landbureau.documents.services import printing
from landbureau.documents.services.printing import create_batch
from landbureau.jobs.services import execute
from tests.documents.factories import DocumentFactory, make_issued
from tests.documents.paper import make_batch, make_frozen, sheets
from tests.factories import SectionFactory, TownshipFactory, UserFactory, VillageFactory, allow
from tests.web.pages import asked

SEALED = date(2026, 11, 6)


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def section(db: None) -> Section:
    return SectionFactory()


@pytest.fixture
def clerk(section: Section) -> User:
    return allow(UserFactory(section=section), "view_document", on=section)


@pytest.fixture
def signed_in(client: Client, clerk: User) -> Client:
    client.force_login(clerk)
    return client


def test_one_click_prints_what_is_sealed_and_not_served(signed_in: Client, section: Section) -> None:
    waiting = make_frozen(section=section, sealed_on=SEALED)
    unsealed = make_frozen(section=section)
    make_frozen(section=section, sealed_on=SEALED, served_on=SEALED)
    make_frozen(section=section, sealed_on=SEALED, voided_on=SEALED)
    make_frozen(section=SectionFactory(), sealed_on=SEALED)
    page = signed_in.get(reverse("documents:batches")).content.decode()
    assert "打印全部待送达" in page
    answer = signed_in.post(
        reverse("documents:new_batch"), {"act": "serve", "all": "1", "with_receipts": "on"}
    )
    batch = PrintBatch.objects.get()
    assert answer.headers["Location"] == batch.get_absolute_url()
    assert printing.documents_of(batch) == [waiting]
    assert batch.with_receipts
    signed_in.post(reverse("documents:new_batch"), {"act": "seal", "all": "1"})
    assert printing.documents_of(PrintBatch.objects.first()) == [unsealed]


def test_only_the_ticked_documents_are_printed(signed_in: Client, section: Section) -> None:
    ticked, other = (make_frozen(section=section, sealed_on=SEALED) for _ in range(2))
    page = signed_in.get(reverse("documents:new_batch")).content.decode()
    assert ticked.number in page
    assert other.number in page
    signed_in.post(reverse("documents:new_batch"), {"act": "serve", "pk": [ticked.pk], "duplex": "on"})
    batch = PrintBatch.objects.get()
    assert printing.documents_of(batch) == [ticked]
    assert (batch.with_receipts, batch.duplex) == (False, True)
    page = signed_in.get(reverse("documents:new_batch")).content.decode()
    assert 'name="duplex" class="checkboxinput form-check-input" id="id_duplex" checked' in page.replace(
        ' aria-describedby="id_duplex_helptext"', ""
    )


def test_register_prints_the_chosen_documents(signed_in: Client, section: Section) -> None:
    chosen, draft = make_frozen(section=section), DocumentFactory(section=section, title="测试草稿")
    make_frozen(section=section)
    register = reverse("documents:documents")
    data = {"act": "print", "pk": [chosen.pk, draft.pk]}
    assert "把 2 份文书合并打印？" in signed_in.post(register, data).content.decode()
    data = asked(signed_in, register, data) | {"with_receipts": "on"}
    answer = signed_in.post(register, data, follow=True)
    batch = PrintBatch.objects.get()
    assert answer.redirect_chain[-1][0] == batch.get_absolute_url()
    assert printing.documents_of(batch) == [chosen]
    assert "没有列入这次打印：“测试草稿”（尚未印发）。" in answer.content.decode()
    only_draft = asked(signed_in, register, {"act": "print", "pk": [draft.pk]})
    page = signed_in.post(register, only_draft).content.decode()
    assert "所选文书都不能打印：“测试草稿”（尚未印发）。" in page


def test_nothing_ticked_is_said_and_what_was_typed_is_kept(signed_in: Client, section: Section) -> None:
    make_frozen(section=section, sealed_on=SEALED)
    page = signed_in.post(reverse("documents:new_batch"), {"act": "serve"}).content.decode()
    assert "没有可以打印的文书。" in page
    assert not PrintBatch.objects.exists()


def test_what_is_left_out_is_named_on_the_page_of_the_batch(signed_in: Client, section: Section) -> None:
    make_frozen(section=section, sealed_on=SEALED)
    late = make_issued(section=section, sealed_on=SEALED)
    answer = signed_in.post(reverse("documents:new_batch"), {"act": "serve", "all": "1"}, follow=True)
    assert f"没有列入这次打印：{late.number}（正本尚未生成）。" in answer.content.decode()


def test_page_of_a_batch_asks_again_until_there_is_a_file(
    signed_in: Client, clerk: User, section: Section
) -> None:
    batch = create_batch(
        actor=clerk, documents=[make_frozen(section=section)], with_receipts=True, duplex=False
    )
    address = reverse("documents:batch_progress", args=[batch.pk])
    assert f'hx-get="{address}"' in signed_in.get(batch.get_absolute_url()).content.decode()
    assert signed_in.get(reverse("documents:batch_pdf", args=[batch.pk])).status_code == 404
    execute(batch.run_id)
    page = signed_in.get(address).content.decode()
    assert "hx-get" not in page
    assert "打开打印" in page


def test_file_is_opened_or_kept(signed_in: Client, clerk: User, section: Section) -> None:
    batch = make_batch(clerk, make_frozen(section=section))
    address = reverse("documents:batch_pdf", args=[batch.pk])
    answer: Any = signed_in.get(address)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    answer = signed_in.get(address, {"download": "1"})
    assert answer.headers["Content-Disposition"].startswith("attachment")
    answer.close()


def test_failed_batch_tells_why_and_can_be_made_again(
    signed_in: Client, clerk: User, section: Section
) -> None:
    document = make_frozen(section=section)
    path = Path(document.pdf.path)
    data = path.read_bytes()
    path.unlink()
    batch = make_batch(clerk, document)
    assert "正本缺失或已损坏" in signed_in.get(batch.get_absolute_url()).content.decode()
    path.write_bytes(data)
    signed_in.post(reverse("documents:merge_again", args=[batch.pk]))
    batch.refresh_from_db()
    execute(batch.run_id)
    batch.refresh_from_db()
    assert batch.pages == 2


def test_colleague_who_sees_the_same_documents_does_not_see_the_batch(
    client: Client, clerk: User, section: Section
) -> None:
    batch = make_batch(clerk, make_frozen(section=section))
    client.force_login(allow(UserFactory(section=section), "view_document"))
    for name in ("batch", "batch_progress", "batch_pdf"):
        assert client.get(reverse(f"documents:{name}", args=[batch.pk])).status_code == 404
    assert client.post(reverse("documents:merge_again", args=[batch.pk])).status_code == 404
    assert batch.get_absolute_url() not in client.get(reverse("documents:batches")).content.decode()


def test_pages_ask_the_database_a_constant_number_of_times(
    signed_in: Client, clerk: User, section: Section, django_assert_max_num_queries: Any
) -> None:
    township = TownshipFactory()
    documents = [
        make_frozen(
            section=section, sealed_on=SEALED, township=township, village=VillageFactory(township=township)
        )
        for _ in range(4)
    ]
    batch = make_batch(clerk, *documents)
    make_batch(clerk, documents[0])
    signed_in.get(reverse("documents:batches"))
    for address, most in (
        (reverse("documents:batches"), 15),
        (reverse("documents:new_batch"), 15),
        (batch.get_absolute_url(), 13),
        (reverse("documents:batch_progress", args=[batch.pk]), 9),
    ):
        with django_assert_max_num_queries(most):
            signed_in.get(address)


def test_one_document_printed_on_both_sides_has_its_receipt_on_a_sheet_of_its_own(
    clerk: User, section: Section, client: Client
) -> None:
    document = make_frozen(section=section)
    client.force_login(clerk)
    url = reverse("documents:pdf", args=[document.pk])
    single, double = client.get(url), client.get(f"{url}?duplex=1")
    assert sheets(ContentFile(single.getvalue()), document) == ["A1", "A2r"]
    assert sheets(ContentFile(double.getvalue()), document) == ["A1", "-", "A2r"]
    assert single.headers["ETag"] != double.headers["ETag"]
    assert f'href="{url}?duplex=1"' in client.get(document.get_absolute_url()).content.decode()
