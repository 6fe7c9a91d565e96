"""The PDF of an issued document: once, whoever asks how often; tried again when it failed."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from landbureau.documents import services
from landbureau.documents.models import Document
from landbureau.documents.pdf import Pdf
from landbureau.documents.services import rendering
from landbureau.jobs.models import JobRun
from landbureau.jobs.services import execute, run_now
from tests.documents.office import Office

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
PAPER = Pdf(b"%PDF-1.7 paper", pages=2, receipt_page=2)


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


class Press:
    """Stands for WeasyPrint: counts, and fails while ``broken`` or at one content."""

    def __init__(self) -> None:
        self.written: list[Any] = []
        self.broken: Exception | None = None
        self.broken_for: Any = None

    def __call__(self, content: Any) -> Pdf:
        self.written.append(content)
        if self.broken:
            raise self.broken
        if content == self.broken_for:
            raise ValueError("内容有误")
        return PAPER


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Press:
    press = Press()
    monkeypatch.setattr("landbureau.documents.pdf.write_pdf", press)
    return press


def files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def reloaded(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def test_a_real_one_is_written_from_the_content_alone_and_frozen(media: Path) -> None:
    document = Office().document("issued", rendered=False)
    assert services.render(document.pk) is True
    document = reloaded(document)
    data = document.pdf.read()
    assert data.startswith(b"%PDF-")
    assert document.sha256 == hashlib.sha256(data).hexdigest()
    assert (document.pages, document.receipt_page) == (2, 2)
    assert (document.render_until, document.render_error, document.version) == (None, "", 1)
    assert [path.suffix for path in files(media)] == [".pdf"]
    assert not set(document.pdf.name) & {document.code, document.number}
    assert len(Path(document.pdf.name).stem) == len(f"{document.pk}-") + 32


def test_it_is_never_written_again(press: Press, media: Path) -> None:
    document = Office().document("issued", rendered=False)
    assert [services.render(document.pk) for _ in range(3)] == [True, False, False]
    assert press.written == [document.content]
    assert len(files(media)) == 1


@pytest.mark.parametrize("state", ["draft", "submitted", "approved"])
def test_what_is_not_issued_is_not_written(press: Press, state: str) -> None:
    assert services.render(Office().document(state).pk) is False
    assert services.render(10**9) is False
    assert press.written == []


def test_a_voided_document_has_a_pdf_too(press: Press) -> None:
    assert services.render(Office().document("voided", rendered=False).pk) is True


def test_while_one_writes_another_does_not(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    document = Office().document("issued", rendered=False)
    asked = []

    def write(content: Any) -> Pdf:
        asked.append(services.render(document.pk))
        return PAPER

    monkeypatch.setattr("landbureau.documents.pdf.write_pdf", write)
    assert services.render(document.pk) is True
    assert asked == [False]


def test_two_who_claim_at_the_same_moment(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    document = Office().document("issued", rendered=False)
    read = rendering._unclaimed

    def overtaken(now: datetime) -> Any:
        """After the first look another one claims."""
        monkeypatch.setattr(rendering, "_unclaimed", read)
        found = read(now).filter(pk=document.pk)
        list(found)
        assert rendering._claim(document.pk, now) == 1
        return found

    monkeypatch.setattr(rendering, "_unclaimed", overtaken)
    assert services.render(document.pk) is False
    assert press.written == []


def test_a_worker_that_died_loses_its_claim_after_a_while(press: Press, clock: Any) -> None:
    document = Office().document("issued", rendered=False)
    assert rendering._claim(document.pk, timezone.now()) == 1  # and dies
    assert services.render(document.pk) is False
    clock.shift(rendering.LEASE + timedelta(minutes=1, seconds=1))
    assert services.render(document.pk) is True
    assert reloaded(document).render_attempts == 2


def test_a_worker_that_was_too_slow_leaves_no_file(
    press: Press, clock: Any, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    document = Office().document("issued", rendered=False)
    done = []

    def slow(content: Any) -> Pdf:
        if not done:
            done.append(True)
            clock.shift(timedelta(hours=1))
            assert services.render(document.pk) is True, "by another, in the meantime"
            done.append(reloaded(document).pdf.name)
        return PAPER

    monkeypatch.setattr("landbureau.documents.pdf.write_pdf", slow)
    assert services.render(document.pk) is False
    assert reloaded(document).pdf.name == done[1]
    assert len(files(media)) == 1


def test_a_row_that_cannot_be_saved_leaves_no_file(
    press: Press, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    document = Office().document("issued", rendered=False)

    def refuse(self: Document, **arguments: Any) -> None:
        raise OSError("磁盘已满")

    monkeypatch.setattr(Document, "save", refuse)
    assert services.render(document.pk) is False
    assert files(media) == []
    assert reloaded(document).render_error.startswith("已试 1 次")


def test_a_failure_is_told_and_tried_again_later_and_later(
    press: Press, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    document = Office().document("issued", rendered=False)
    press.broken = ValueError("字体缺失")
    waits = []
    for _ in range(9):
        assert services.render(document.pk) is False
        until = reloaded(document).render_until
        assert until is not None
        waits.append((until - timezone.now()) // timedelta(minutes=1))
        assert services.render(document.pk) is False, "not before its time"
        clock.move_to(until + timedelta(seconds=1))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert len(press.written) == 9
    assert reloaded(document).render_error == "已试 9 次，原因在系统日志中，请告知系统管理员。"
    assert "ValueError: 字体缺失" in caplog.text
    press.broken = None
    assert services.render(document.pk) is True
    assert reloaded(document).render_error == ""


# --- The job ----------------------------------------------------------------------------------------


def test_the_job_renders_what_it_is_given_and_one_failure_stops_no_other(press: Press) -> None:
    office = Office()
    bad, good, done = (office.document("issued", rendered=False) for _ in range(3))
    services.render(done.pk)

    press.broken_for = bad.content
    run = run_now(rendering.JOB, args={"documents": [bad.pk, good.pk, done.pk]})
    assert run.state == JobRun.State.SUCCEEDED, run.traceback
    assert run.counts == {"rendered": 1, "failed": 1}
    assert (run.done, run.total) == (3, 3)
    assert reloaded(good).sha256
    assert not reloaded(bad).sha256


def test_a_run_that_was_interrupted_goes_on_where_it_was(press: Press) -> None:
    office = Office()
    keys = [office.document("issued", rendered=False).pk for _ in range(3)]
    run = rendering.render_later(keys, None)
    JobRun.objects.filter(pk=run.pk).update(done=2, total=3, counts={"rendered": 2, "failed": 0})
    execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.counts) == (JobRun.State.SUCCEEDED, {"rendered": 3, "failed": 0})
    assert len(press.written) == 1


def test_the_upkeep_has_written_what_nobody_is_about_to_write(press: Press, clock: Any) -> None:
    office = Office()
    lost, claimed = office.document("issued", rendered=False), office.document("issued", rendered=False)
    office.document("approved")
    rendering._claim(claimed.pk, timezone.now())
    services.render(office.document("issued", rendered=False).pk)
    rendering.pick_up_documents()
    run = JobRun.objects.get()
    assert (run.args, run.trigger, run.actor) == ({"documents": [lost.pk]}, JobRun.Trigger.BEAT, None)
    rendering.pick_up_documents()
    assert JobRun.objects.count() == 1, "a run that waits is enough"
    execute(run.pk)
    rendering.pick_up_documents()
    assert JobRun.objects.count() == 1
    clock.shift(timedelta(hours=2))
    rendering.pick_up_documents()
    assert JobRun.objects.latest("pk").args == {"documents": [claimed.pk]}


def test_the_upkeep_costs_two_queries_when_nothing_waits(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        rendering.pick_up_documents()


def test_the_upkeep_takes_so_many_at_once(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "MOST_AT_ONCE", 2)
    office = Office()
    keys = [office.document("issued", rendered=False).pk for _ in range(3)]
    rendering.pick_up_documents()
    assert JobRun.objects.get().args == {"documents": keys[:2]}


def test_what_waits_for_its_pdf_is_found_by_an_index() -> None:
    """The table only grows; what waits is a few rows."""
    waiting = rendering._unclaimed(timezone.now()).order_by("issued_on", "pk")
    if connection.vendor == "postgresql":  # reads a small table as it is, whatever indexes there are
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "documents_to_render" in waiting.explain()
