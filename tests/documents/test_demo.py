"""The demo's documents: every kind, every state, made once, for both bureaus."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings as project
from django.core.files.base import ContentFile
from django.utils import timezone

from landbureau.accounts import demo as people
from landbureau.accounts.loading import load_bureau
from landbureau.accounts.models import Bureau, Section, SectionAlias, Township, TownshipOffice
from landbureau.documents import demo
from landbureau.documents.demo_photos import receipt_photo
from landbureau.documents.models import Document, Kind, Proof, SealRecord, ServiceMethod, ServiceRecord, Step
from landbureau.documents.pdf import write_pdf
from landbureau.documents.rules import Status
from landbureau.documents.selectors import TO_RENDER, with_status
from landbureau.jobs.models import JobRun
from landbureau.web.uploads import CHINA, check_upload, exif_position, exif_time
from landbureau.workdays.selectors import current_calendar
from supervision.supply.models import Regime
from tests.documents.desk import blank_pdf

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
ADDRESS = "http://127.0.0.1:8001"
Action = Step.Action
KINDS = {"letter", "notice", "payment_reminder", "payment_demand", "tracking_card", "service_receipt"}
"""The others are drafted from supplies, by their own demo."""


def loaded(bureau: str, settings: Any, today: date = TODAY) -> dict[str, int]:
    """Load the demo of a bureau with its people."""
    settings.BUREAU = bureau
    if bureau != "xinhe":
        Regime.objects.all().delete()  # it names sections
        for model in (Township, TownshipOffice, SectionAlias, Section, Bureau):
            model.objects.all().delete()
        load_bureau(bureau)
    people.load(today)
    return demo.load(today, ADDRESS)


@pytest.fixture(autouse=True)
def _media(tmp_path: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("landbureau.documents.pdf.write_pdf", lambda content: blank_pdf())


@pytest.mark.parametrize("bureau", ["xinhe", pytest.param("hongjiang", marks=pytest.mark.once)])
def test_every_kind_and_every_state_is_there_at_once_and_nothing_twice(bureau: str, settings: Any) -> None:
    created = loaded(bureau, settings)

    assert created == {"documents": Document.objects.count()}
    assert 40 <= created["documents"] <= 60
    assert kinds_and_states() == (KINDS, set(Status))
    assert set(Step.objects.values_list("action", flat=True)) == set(Action) - {Action.WITHDRAWN}
    sealed = Document.objects.filter(sealed_on__isnull=False).values_list("township__name", flat=True)
    assert set(sealed) >= set(Township.objects.values_list("name", flat=True))
    check_what_waits()
    check_what_was_served()
    check_numbers()
    check_times()
    check_rendering()

    before = tables()
    assert demo.load(TODAY + timedelta(days=30), "http://127.0.0.1:9000") == {"documents": 0}
    assert tables() == before


def kinds_and_states() -> tuple[set[str], set[str]]:
    rows = with_status(Document.objects.all(), TODAY)
    return {row.kind.code for row in rows.select_related("kind")}, {row.state for row in rows}


def check_what_waits() -> None:
    drafts = Document.objects.filter(approved_on=None, voided_on=None)
    assert drafts.filter(submitted_on=None).exists()
    assert drafts.filter(submitted_on__isnull=False, kind__approval=Kind.Approval.SECTION_HEAD).exists()
    assert drafts.filter(submitted_on__isnull=False, kind__approval=Kind.Approval.LEADER).exists()
    sealed = Document.objects.filter(sealed_on__isnull=False, served_on=None, voided_on=None)
    assert sealed.filter(serve_by__lt=TODAY, service_records=None).exists()
    assert sealed.filter(serve_by__gte=TODAY).exists()
    voided = Document.objects.filter(voided_on__isnull=False)
    assert voided.filter(number=None).exists()
    assert voided.filter(number__isnull=False, replaced_by__isnull=False).exists()


def check_what_was_served() -> None:
    methods = set(ServiceRecord.objects.values_list("method__code", flat=True))
    assert methods == set(ServiceMethod.objects.values_list("code", flat=True))
    assert Document.objects.filter(served_on=None, service_records__method__code="post").exists()
    assert Document.objects.filter(served_on__gt=TODAY).exists(), "a public notice is running"
    served = Document.objects.filter(served_on__lte=TODAY)
    assert served.filter(proofs__isnull=False).exists()
    assert served.filter(proofs=None, service_records__method__needs_proof=True).exists()
    assert Proof.objects.exclude(latitude=None).count() == Proof.objects.count() > 5


def check_numbers() -> None:
    """Without gaps, in the order of their days, with the demo's address in the code."""
    issued = Document.objects.exclude(number=None).order_by("series", "sequence")
    for one, after in pairwise(issued):
        if one.series_id == after.series_id:
            assert after.sequence == one.sequence + 1
            assert after.issued_on >= one.issued_on
    assert all(row.content["stamp"]["address"] == f"{ADDRESS}/V/{row.code}" for row in issued)


def check_times() -> None:
    """In working hours of the last weeks, each step after the one before."""
    calendar = current_calendar()
    for document in Document.objects.prefetch_related("steps"):
        steps = sorted(document.steps.all(), key=lambda step: step.pk)
        times = [timezone.localtime(step.at) for step in steps]
        assert times == sorted(times)
        assert all(8 <= at.hour <= 18 and calendar.day(at.date()).is_workday for at in times)
        assert TODAY - timedelta(days=75) < times[0].date() <= times[-1].date() < TODAY
        assert times[0].date() == document.drafted_on
    for record in (*ServiceRecord.objects.all(), *SealRecord.objects.all()):
        assert record.registered_at.date() < TODAY


def check_rendering() -> None:
    """What was sealed has a PDF, the worker is asked once for the others; one document is long and has
    characters that few fonts have."""
    assert not Document.objects.filter(sealed_on__isnull=False, sha256="").exists()
    run = JobRun.objects.get()
    to_render = set(Document.objects.filter(TO_RENDER).values_list("pk", flat=True))
    assert (run.kind, set(run.args["documents"])) == ("render_documents", to_render)
    longest = Document.objects.get(matter="供后监管核查情况")
    assert write_pdf(longest.content).pages == 6
    assert {"喆", "镕", "堃"} <= set(str(longest.content["blocks"]))


def tables() -> list[list[dict[str, Any]]]:
    models = (Bureau, Document, Step, ServiceRecord, Proof, JobRun)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.once
def test_after_long_holidays_several_steps_fall_on_one_day(settings: Any) -> None:
    assert loaded("xinhe", settings, date(2026, 10, 9))["documents"]


def test_photos_look_like_uploads_of_a_phone() -> None:
    when = datetime(2026, 11, 20, 15, 40, tzinfo=CHINA)
    photo = receipt_photo([("事由", "测试")], taken=when, position=(37.5261, 115.2473), turn=2)

    assert check_upload(ContentFile(photo.read(), photo.name)).mime == "image/jpeg"
    assert exif_position(photo) == (37.5261, 115.2473)
    assert exif_time(photo) == when


@pytest.mark.parametrize("path", sorted((project.FIXTURES_DIR / "demo").glob("documents-*.csv")))
def test_what_the_rows_name_exists(path: Any) -> None:
    bureau = path.stem.removeprefix("documents-")
    folder = project.FIXTURES_DIR / "demo"
    villages = {(row["乡镇"], row["村居"]) for row in demo.read_table(folder / f"villages-{bureau}.csv")}
    names = {row["用户名"] for row in demo.read_table(folder / f"people-{bureau}.csv")}
    for row in demo.read_table(path):
        assert row["乡镇"] == "" or (row["乡镇"], row["村居"]) in villages
        assert {row["拟稿人"], row["批准人"], row["送达人"]} - {""} <= names
