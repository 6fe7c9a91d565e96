"""Batches for the printer: order, receipts, blank pages, damaged files, who may."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from landbureau.accounts.models import Section, User
from landbureau.audit.models import Entry
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, PrintBatch
from landbureau.documents.rules import Sheets, lay_out
from landbureau.documents.services import printing
from landbureau.documents.services.printing import create_batch, merge_again
from landbureau.documents.upkeep import clear_unnamed
from landbureau.jobs.models import JobRun
from landbureau.jobs.progress import LeaseLost, Progress
from landbureau.jobs.services import execute, run_now
from tests.documents.factories import DocumentFactory, KindFactory, make_issued
from tests.documents.paper import make_batch, make_frozen, sheets
from tests.factories import SectionFactory, TownshipFactory, UserFactory, VillageFactory, allow

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


# --- Layout -----------------------------------------------------------------------------------------


def test_receipts_follow_their_documents() -> None:
    laid = lay_out([(3, 3), (2, 2)], with_receipts=True, duplex=False)
    assert laid == [Sheets(1, 2, 3, 3), Sheets(4, 4, 5, 5)]


def test_without_receipts_only_the_documents_are_counted() -> None:
    laid = lay_out([(3, 3), (2, 2), (1, None)], with_receipts=False, duplex=False)
    assert laid == [Sheets(1, 2), Sheets(3, 3), Sheets(4, 4)]


@given(
    st.lists(
        st.tuples(st.integers(1, 6), st.integers(0, 2)).map(lambda p: (sum(p), p[0] + 1 if p[1] else None))
    ),
    st.booleans(),
)
def test_two_sided_every_part_begins_on_a_front_side(
    documents: list[tuple[int, int | None]], with_receipts: bool
) -> None:
    laid = lay_out(documents, with_receipts=with_receipts, duplex=True)
    plain = lay_out(documents, with_receipts=with_receipts, duplex=False)
    parts = [(one.first, one.last) for one in laid]
    parts += [(one.receipt_first, one.receipt_last) for one in laid if one.receipt_first and one.receipt_last]
    parts.sort()
    assert all(first % 2 == 1 for first, _ in parts)
    assert all(0 <= later[0] - earlier[1] - 1 <= 1 for earlier, later in pairwise(parts))
    assert [one.last - one.first for one in laid] == [one.last - one.first for one in plain]


# --- The merged file --------------------------------------------------------------------------------


def test_receipt_is_printed_behind_its_document(clerk: User, section: Section) -> None:
    a, b = make_frozen(own=2, section=section), make_frozen(section=section, addressee="邢台乙公司")
    batch = make_batch(clerk, a, b)
    assert sheets(batch.pdf, a, b) == ["B1", "B2r", "A1", "A2", "A3r"]
    assert batch.pages == 5
    assert batch.run is not None
    assert (batch.run.state, batch.run.done, batch.run.total) == (JobRun.State.SUCCEEDED, 2, 2)
    assert batch.run.counts == {"documents": 2, "pages": 5}


def test_receipts_can_be_left_out(clerk: User, section: Section) -> None:
    a, b = make_frozen(own=2, section=section), make_frozen(receipt=0, section=section)
    batch = make_batch(clerk, a, b, with_receipts=False)
    assert sheets(batch.pdf, a, b) == ["A1", "A2", "B1"]


def test_two_sided_blank_pages_have_the_size_of_the_paper(clerk: User, section: Section) -> None:
    a, b, c = (make_frozen(own=own, section=section) for own in (1, 2, 3))
    batch = make_batch(clerk, a, b, c, duplex=True)
    assert sheets(batch.pdf, a, b, c) == [
        "A1",
        "-",
        "A2r",
        "-",
        "B1",
        "B2",
        "B3r",
        "-",
        "C1",
        "C2",
        "C3",
        "-",
        "C4r",
    ]
    laid = printing.layout_of(batch, printing.documents_of(batch))
    assert [(one.first, one.receipt_first) for one in laid] == [(1, 3), (5, 7), (9, 13)]
    assert batch.pages == 13


def test_batch_follows_the_route(clerk: User, section: Section) -> None:
    far, near = TownshipFactory(order=2), TownshipFactory(order=1)
    second, first = VillageFactory(township=near, order=2), VillageFactory(township=near, order=1)
    places = [{}, {"township": far}, {"village": second}, {"village": first}, {"township": near}]
    nowhere, of_far, of_second, of_first, of_near = (
        make_frozen(
            section=section,
            **{"township": place["village"].township, **place} if "village" in place else place,
        )
        for place in places
    )
    also_first = make_frozen(section=section, township=near, village=first, addressee="邢台甲公司")
    batch = make_batch(clerk, nowhere, of_far, of_second, of_first, of_near, also_first)
    expected = sorted([of_first, also_first], key=lambda one: one.addressee)
    assert printing.documents_of(batch) == [*expected, of_second, of_near, of_far, nowhere]


def test_same_addressee_stays_together_in_the_order_of_numbers(clerk: User, section: Section) -> None:
    kind = KindFactory()
    documents = [
        make_frozen(section=section, kind=kind, sequence=sequence, number=f"测〔2026〕{sequence}号")
        for sequence in (10, 9, 11)
    ]
    batch = create_batch(actor=clerk, documents=documents, with_receipts=True, duplex=False)
    assert [one.sequence for one in printing.documents_of(batch)] == [9, 10, 11]


# --- What cannot be printed ---------------------------------------------------------------------------


def test_what_cannot_be_printed_is_named_with_its_reason(clerk: User, section: Section) -> None:
    draft = DocumentFactory(section=section, title="测试草稿")
    late = make_issued(section=section)
    void = make_frozen(section=section, voided_on=SEALED)
    with pytest.raises(DocumentError) as error:
        create_batch(
            actor=clerk,
            documents=[make_frozen(section=section), draft, late, void],
            with_receipts=True,
            duplex=False,
        )
    for text in ("“测试草稿”（尚未印发）", f"{late.number}（正本尚未生成）", f"{void.number}（已作废）"):
        assert text in error.value.message
    assert not PrintBatch.objects.exists()


def test_documents_out_of_sight_are_counted_not_named(clerk: User, section: Section) -> None:
    foreign = make_frozen(section=SectionFactory())
    with pytest.raises(DocumentError) as error:
        create_batch(
            actor=clerk, documents=[make_frozen(section=section), foreign], with_receipts=True, duplex=False
        )
    assert error.value.message == "有 1 份文书不在您的查看范围。"


def test_batch_has_a_largest_size(clerk: User, section: Section, settings: Any) -> None:
    settings.PRINT_BATCH_MOST = 1
    documents = [make_frozen(section=section) for _ in range(2)]
    with pytest.raises(DocumentError, match="一次最多打印 1 份，已选 2 份"):
        create_batch(actor=clerk, documents=documents, with_receipts=True, duplex=False)
    with pytest.raises(DocumentError, match="没有可以打印的文书"):
        create_batch(actor=clerk, documents=[], with_receipts=True, duplex=False)


@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_damaged_file_stops_the_batch_and_is_named(damage: str, clerk: User, section: Section) -> None:
    good, bad = make_frozen(section=section), make_frozen(section=section)
    path = Path(bad.pdf.path)
    if damage == "gone":
        path.unlink()
    else:
        data = path.read_bytes()
        path.write_bytes(data + b"\n" if damage == "changed" else data[:100])
    batch = make_batch(clerk, good, bad)
    assert batch.run is not None
    assert batch.run.state == JobRun.State.FAILED
    assert batch.run.error.startswith(f"{bad.number}的正本缺失或已损坏")
    assert not batch.pdf


def test_document_voided_or_hidden_meanwhile_is_not_printed(clerk: User, section: Section) -> None:
    void, hidden = make_frozen(section=section), make_frozen(section=section)
    for document, change, told in (
        (void, {"voided_on": SEALED}, f"{void.number}（已作废）"),
        (hidden, {"section": SectionFactory()}, "已不在您的查看范围"),
    ):
        batch = create_batch(actor=clerk, documents=[document], with_receipts=True, duplex=False)
        Document.objects.filter(pk=document.pk).update(**change)
        execute(batch.run_id)
        batch.refresh_from_db()
        assert batch.run is not None
        assert told in batch.run.error
        assert not batch.pdf


# --- Interrupted work --------------------------------------------------------------------------------


def test_killed_job_begins_anew_and_leaves_one_file(
    clerk: User, section: Section, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = make_frozen(section=section), make_frozen(section=section)
    batch = create_batch(actor=clerk, documents=[a, b], with_receipts=True, duplex=False)
    left = media / "batches" / f"{batch.pk}.pdf"
    left.parent.mkdir()
    left.write_bytes(b"half a file of the attempt before")
    JobRun.objects.filter(pk=batch.run_id).update(attempt=1, done=1, total=2)
    execute(batch.run_id)
    batch.refresh_from_db()
    assert sheets(batch.pdf, a, b) == ["A1", "A2r", "B1", "B2r"]
    assert [path.name for path in left.parent.iterdir()] == [f"{batch.pk}.pdf"]


def test_worker_that_was_too_slow_does_not_touch_the_file(clerk: User, section: Section) -> None:
    batch = make_batch(clerk, make_frozen(section=section))
    before = batch.pdf.open("rb").read()
    PrintBatch.objects.filter(pk=batch.pk).update(pdf="")
    JobRun.objects.filter(pk=batch.run_id).update(state=JobRun.State.RUNNING, attempt=5)
    slow = Progress(JobRun(pk=batch.run_id, attempt=1, args={"batch": batch.pk}))
    with pytest.raises(LeaseLost):
        printing.print_batch(slow)
    assert batch.pdf.open("rb").read() == before


def test_batch_with_a_file_is_not_merged_twice(clerk: User, section: Section) -> None:
    document = make_frozen(section=section)
    batch = make_batch(clerk, document)
    Path(document.pdf.path).unlink()
    merge_again(batch=batch, actor=clerk)
    execute(batch.run_id)
    batch.refresh_from_db()
    assert batch.run is not None
    assert batch.run.state == JobRun.State.SUCCEEDED


def test_batch_is_recorded_with_its_count_only(clerk: User, section: Section) -> None:
    batch = make_batch(clerk, make_frozen(section=section), make_frozen(section=section))
    entry = Entry.objects.get(action=Entry.Action.BULK, object_repr="批量打印 2 份文书")
    assert (entry.actor, entry.object_pk, entry.additional_data) == (clerk, str(batch.pk), {"count": 2})


def test_old_batches_go_with_their_files(clerk: User, section: Section, media: Path, settings: Any) -> None:
    document = make_frozen(section=section)
    with time_machine.travel("2026-11-06 10:00+08:00", tick=False) as clock:
        old = make_batch(clerk, document)
        clock.shift(timedelta(days=settings.PRINT_BATCH_DAYS))
        new = make_batch(clerk, document)
        assert run_now("clear_paper").counts["batches"] == 0
        clock.shift(timedelta(minutes=1))
        assert run_now("clear_paper").counts["batches"] == 1
    assert list(PrintBatch.objects.all()) == [new]
    assert [path.name for path in (media / "batches").iterdir()] == [f"{new.pk}.pdf"]
    assert Path(document.pdf.path).exists()
    assert old.pk != new.pk


def test_a_file_that_a_crash_left_unnamed_is_removed_after_a_day(section: Section, media: Path) -> None:
    document = make_frozen(section=section)
    folder = media / "documents" / "2026" / "11"
    folder.mkdir(parents=True, exist_ok=True)
    unnamed, named, strange = (
        folder / name for name in (f"{document.pk}-{'0' * 32}.pdf", f"{document.pk}-{'1' * 32}.pdf", "x.pdf")
    )
    for file in (unnamed, named, strange):
        file.touch()
    other = make_issued(section=section)
    Document.objects.filter(pk=other.pk).update(pdf=f"documents/2026/11/{other.pk}-{'1' * 32}.pdf")
    named = named.rename(folder / f"{other.pk}-{'1' * 32}.pdf")
    written = datetime.fromtimestamp(unnamed.stat().st_mtime, UTC)
    clear_unnamed("documents/2026/11", written - timedelta(hours=1))
    assert unnamed.exists(), "somebody may be about to name it"
    clear_unnamed("documents/2026/11", written + timedelta(hours=1))
    assert [file.exists() for file in (unnamed, named, strange)] == [False, True, True]
    clear_unnamed("documents/2026/12", written)
