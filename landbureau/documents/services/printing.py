"""Batches for the printer: frozen files merged in route order, never rendered again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from io import BytesIO
from tempfile import TemporaryFile

from django.conf import settings
from django.core.files import File
from django.db import transaction
from pypdf import PaperSize, PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from landbureau.accounts.models import User
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, PrintBatch, PrintItem
from landbureau.documents.rules import Sheets, lay_out
from landbureau.jobs.models import JobRun
from landbureau.jobs.progress import Progress
from landbureau.jobs.services import JobError, enqueue

JOB = "print_batch"
REPORT_EVERY = 10  # documents
NAMED = 5  # documents in a message; of more only the number is told


def printable(
    *, actor: User, documents: Iterable[Document]
) -> tuple[list[Document], list[tuple[Document, str]]]:
    """Of ``documents`` those that can be printed now, in route order, and the others with the reason."""
    chosen = [document.pk for document in documents]
    rows = Document.objects.visible_to(actor).filter(pk__in=chosen).defer("content")
    fit: list[Document] = []
    unfit: list[tuple[Document, str]] = []
    for document in rows.select_related("township", "village"):
        reason = _obstacle(document)
        if reason:
            unfit.append((document, reason))
        else:
            fit.append(document)
    return sorted(fit, key=_on_the_route), sorted(unfit, key=lambda pair: _on_the_route(pair[0]))


def _obstacle(document: Document) -> str:
    """Why it cannot be printed as it stands; empty if it can."""
    if document.voided_on is not None:
        return "已作废"
    if not document.is_issued:
        return "尚未印发"
    return "" if document.sha256 else "正本尚未生成"


def _on_the_route(document: Document) -> tuple[object, ...]:
    """Townships and villages in the order in which they are driven to; what belongs to none comes last."""
    township, village = document.township, document.village
    return (
        township is None,
        (township.order, township.name) if township else (),
        village is None,
        (village.order, village.name) if village else (),
        document.addressee,
        document.series_id or 0,
        document.year or 0,
        document.sequence or 0,
        document.pk,
    )


def named(documents: Iterable[tuple[Document, str]]) -> str:
    """``新国土资催〔2026〕17号（已作废）、…``: the first few, and how many there are."""
    pairs = list(documents)
    words = "、".join(
        f"{document.number or f'“{document.title}”'}（{reason}）" for document, reason in pairs[:NAMED]
    )
    return f"{words}等 {len(pairs)} 份" if len(pairs) > NAMED else words


@transaction.atomic
def create_batch(
    *, actor: User, documents: Iterable[Document], with_receipts: bool, duplex: bool
) -> PrintBatch:
    """Put ``documents`` into route order and have them merged by the worker.

    Raises ``DocumentError`` if there are none or too many, and names those that cannot be printed.
    """
    chosen = {document.pk: document for document in documents}
    fit, unfit = printable(actor=actor, documents=chosen.values())
    if unfit:
        raise DocumentError(f"以下文书不能打印：{named(unfit)}。")
    if len(fit) < len(chosen):
        raise DocumentError(f"有 {len(chosen) - len(fit)} 份文书不在您的查看范围。")
    if not fit:
        raise DocumentError("没有可以打印的文书。")
    if len(fit) > settings.PRINT_BATCH_MOST:
        raise DocumentError(f"一次最多打印 {settings.PRINT_BATCH_MOST} 份，已选 {len(fit)} 份，请分批打印。")
    batch = PrintBatch.objects.create(created_by=actor, with_receipts=with_receipts, duplex=duplex)
    PrintItem.objects.bulk_create(
        PrintItem(batch=batch, document=document, order=order) for order, document in enumerate(fit, 1)
    )
    record(
        Entry.Action.BULK,
        actor=actor,
        text=f"批量打印 {len(fit)} 份文书",
        subject=batch,
        data={"count": len(fit)},
    )
    merge_again(batch=batch, actor=actor)
    return batch


@transaction.atomic
def merge_again(*, batch: PrintBatch, actor: User) -> None:
    """Queue the merging of a batch that has no file; it is not queued twice."""
    batch.run = enqueue(JOB, trigger=JobRun.Trigger.PERSON, actor=actor, args={"batch": batch.pk})
    batch.save(update_fields=["run"])


def documents_of(batch: PrintBatch) -> list[Document]:
    """Its documents in their order, with township and village."""
    items = batch.items.select_related("document__township", "document__village")
    return [item.document for item in items.defer("document__content").order_by("order")]


def layout_of(batch: PrintBatch, documents: Sequence[Document]) -> list[Sheets]:
    """On which pages of the merged file they lie."""
    return lay_out(
        [(document.pages or 0, document.receipt_page) for document in documents],
        with_receipts=batch.with_receipts,
        duplex=batch.duplex,
    )


def print_batch(run: Progress) -> None:
    """The job: check the fingerprint of every frozen file, merge them all, keep one file.

    An attempt after a kill begins anew: nothing was stored. Raises ``JobError`` when a document may not be
    printed any more, and names the one whose file is damaged.
    """
    batch = PrintBatch.objects.select_related("created_by").filter(pk=run.args["batch"]).first()
    if batch is None:
        raise JobError("这次批量打印已被清理，请重新选择文书。")
    if batch.pdf:
        return
    documents = documents_of(batch)
    fit, unfit = printable(actor=batch.created_by, documents=documents)
    if unfit or len(fit) < len(documents):
        raise JobError(f"有文书不能再打印：{named(unfit) or '已不在您的查看范围'}。请重新选择文书。")
    run.progress(0, len(documents))
    writer = PdfWriter()
    for done, (document, sheets) in enumerate(zip(documents, layout_of(batch, documents), strict=True), 1):
        try:
            _append(writer, _frozen(document), document.pages or 0, document.receipt_page, sheets)
        except (PyPdfError, IndexError) as error:
            raise _damaged(document) from error
        if done % REPORT_EVERY == 0:
            run.progress(done)
    with TemporaryFile() as file:
        writer.write(file)
        _store(run, batch, File(file), pages=len(writer.pages))


def for_both_sides(data: bytes, pages: int, receipt_page: int | None) -> bytes:
    """A document for a printer that turns the paper: the receipt begins on a sheet of its own."""
    writer = PdfWriter()
    [sheets] = lay_out([(pages, receipt_page)], with_receipts=True, duplex=True)
    _append(writer, data, pages, receipt_page, sheets)
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def _append(writer: PdfWriter, data: bytes, pages: int, receipt_page: int | None, sheets: Sheets) -> None:
    """Its own pages, then its receipt, each after a blank page if the layout leaves one free."""
    reader = PdfReader(BytesIO(data))
    own = pages if receipt_page is None else receipt_page - 1
    parts = [(sheets.first, (0, own))]
    if sheets.receipt_first is not None:
        parts.append((sheets.receipt_first, (own, pages)))
    for first, part in parts:
        if len(writer.pages) + 1 < first:
            writer.add_blank_page(PaperSize.A4.width, PaperSize.A4.height)
        writer.append(reader, pages=part, import_outline=False)


def _frozen(document: Document) -> bytes:
    """The file as it was issued. Raises ``JobError`` if it is not that any more."""
    try:
        with document.pdf.open("rb") as file:
            data: bytes = file.read()
    except OSError as error:
        raise _damaged(document) from error
    if hashlib.sha256(data).hexdigest() != document.sha256:
        raise _damaged(document)
    return data


def _damaged(document: Document) -> JobError:
    return JobError(
        f"{document.number}的正本缺失或已损坏，与印发时的文件指纹不符，没有打印。请联系管理员从备份恢复这份文件。"
    )


@transaction.atomic
def _store(run: Progress, batch: PrintBatch, file: File, *, pages: int) -> None:
    """One file for each batch: whoever does not hold the run any more fails before touching it."""
    run.progress(run.total or 0)
    name = f"batches/{batch.pk}.pdf"
    batch.pdf.storage.delete(name)  # of an attempt that was killed between file and row
    batch.pdf.save(f"{batch.pk}.pdf", file, save=False)
    batch.pages = pages
    batch.save(update_fields=["pdf", "pages"])
    run.counts.update({"documents": run.total or 0, "pages": pages})
