"""What the database keeps of documents, their record and their numbers, whoever asks it to forget."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from landbureau.documents import clock
from landbureau.documents.models import (
    Attachment,
    Document,
    NumberCounter,
    Proof,
    SealRecord,
    ServiceRecord,
    Step,
)
from tests.documents.factories import ServiceMethodFactory
from tests.documents.office import DAY, TODAY, Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return Office()


def refused(act: Any, *, match: str = "不能") -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        act()


def row(model: type[models.Model], office: Office) -> models.QuerySet[Any]:
    """A row of what is only appended."""
    document, by = office.document("sealed"), office.clerk
    made: Any
    if model is Step:
        made = document.steps.create(action=Step.Action.ISSUED, actor=by)
    elif model is SealRecord:
        made = SealRecord.objects.create(
            document=document, sealed_on=TODAY, seal="公章", keeper="甲", copies=1, registered_by=by
        )
    elif model is ServiceRecord:
        made = document.service_records.create(
            method=ServiceMethodFactory(), first_server="甲", request_key="1", registered_by=by
        )
    else:
        made = document.proofs.create(file="a", file_name="a", mime="a", size=1, sha256="a", uploaded_by=by)
    return model._default_manager.filter(pk=made.pk)


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Step, {"reason": "改"}),
        (Step, {"at": timezone.now()}),
        (SealRecord, {"copies": 9}),
        (ServiceRecord, {"served_on": TODAY}),
        (Proof, {"file_name": "改"}),
    ],
)
def test_what_was_done_is_neither_changed_nor_deleted(
    office: Office, model: type[models.Model], change: dict[str, Any]
) -> None:
    rows = row(model, office)
    refused(lambda: rows.update(**change), match="只能追加")
    refused(lambda: rows.delete(), match="只能追加")


def test_an_issued_document_and_its_attachments_stay(office: Office) -> None:
    document, draft = office.document("issued"), office.document("draft")
    Attachment.objects.create(document=document, title="附件", frozen=True)
    attachments = Attachment.objects.filter(document=document)
    refused(lambda: attachments.update(title="别的"))
    refused(attachments.delete)
    refused(lambda: Document.objects.filter(pk=document.pk)._raw_delete("default"))
    assert Document.objects.filter(pk=draft.pk).delete()[0]


def test_seal_and_void_are_set_once_and_the_day_of_service_may_be_corrected(office: Office) -> None:
    rows = Document.objects.filter(pk=office.document("issued").pk)
    for name in ("sealed_on", "voided_on"):
        rows.update(**{name: TODAY})
        for other in (None, TODAY + DAY):
            refused(lambda name=name, other=other: rows.update(**{name: other}), match="只登记一次")
    rows.update(served_on=TODAY)
    rows.update(served_on=None)


def test_numbers_only_go_up(office: Office) -> None:
    series = office.document("issued").kind.series
    rows = NumberCounter.objects.filter(
        pk=NumberCounter.objects.create(organ_code="甲", series=series, year=2026, last=5).pk
    )
    refused(lambda: rows.update(last=4), match="只增不减")
    refused(lambda: rows.update(year=2025), match="只增不减")
    refused(rows.delete, match="只增不减")
    rows.update(last=6)


def test_the_time_of_a_record_is_now_unless_the_demo_says_when(office: Office) -> None:
    before = timezone.now() - timedelta(days=20)
    document = office.document("draft")
    with clock.at(before):
        step = document.steps.create(action=Step.Action.DRAFTED)
    assert step.at == before
    assert document.steps.create(action=Step.Action.EDITED).at > before + timedelta(days=19)
