"""The register, a document with its pages, the registers of the seal and of the numbers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from landbureau.accounts.views.common import viewer
from landbureau.documents import access, selectors, services
from landbureau.documents.display import next_step, returned_by, state_word, timeline
from landbureau.documents.exports import DocumentResource, NumberResource, SealResource
from landbureau.documents.filters import DocumentFilter, NumberFilter, SealFilter
from landbureau.documents.forms import SealForm
from landbureau.documents.models import Attachment, Document, SealRecord, Step
from landbureau.documents.pictures import page_png
from landbureau.documents.rules import is_sent
from landbureau.documents.services.drafting import place_of
from landbureau.documents.services.printing import for_both_sides
from landbureau.documents.tables import DocumentTable, NumberTable, SealTable
from landbureau.documents.views import bulk
from landbureau.documents.views.common import (
    PAGE_WIDTHS,
    RegisterPage,
    allowed_to,
    document_or_404,
    paper_of,
    pdf_bytes,
    revalidated,
    seal_initial,
    unchanged,
)
from landbureau.documents.views.service import service_panel
from landbureau.jobs.selectors import worker_is_alive
from landbureau.web.access import desk_page
from landbureau.web.lists import BoundedPaginator, BulkAct, Preset, is_key
from landbureau.web.uploads import file_response

USUAL_WAIT = timedelta(minutes=1)  # for the file of an issued document
ZOOMS = (100, 150, 200)  # per cent of the column's width


class DocumentList(RegisterPage):
    """文书登记簿: newest first."""

    table_class = DocumentTable
    filterset_class = DocumentFilter
    resource_class = DocumentResource
    paginator_class = BoundedPaginator
    template_name = "documents/documents.html"
    title = "全部文书"
    unit = "份"
    default_order = "最近拟稿的在前"
    presets = (
        Preset("待我批准", {"todo": "approve"}),
        Preset("我拟的", {"mine": "true"}, counted=False),
        Preset("已印发未用印", {"state": "unsealed"}),
        Preset("待送达", {"state": "unserved"}),
        Preset("送达在途", {"state": "sent"}, counted=False),
        Preset("已送达缺证明", {"todo": "proof"}),
        Preset("待我送达", {"todo": "serve"}),
        Preset("已作废", {"state": "voided"}, counted=False),
    )
    bulk_acts = bulk.ACTS
    empty_title = "还没有文书"
    empty_text = "拟稿后在这里查看办理进度；与您的科室、乡镇有关的文书也在这里。"

    def get_queryset(self) -> QuerySet[Document]:
        reader, today = viewer(self.request), timezone.localdate()
        rows = selectors.with_server(selectors.with_status(Document.objects.visible_to(reader), today))
        related = rows.select_related("kind", "drafted_by", "section", "township")
        return related.defer("content").order_by("-pk")

    def describe(self, row: Document) -> str:
        number, drafter = row.number or "未编号", row.drafted_by or "系统自动"
        return "　".join(filter(None, [row.title, row.addressee, number, f"拟稿 {drafter}"]))

    def get_bulk_acts(self) -> list[BulkAct]:
        return bulk.acts_of(viewer(self.request))

    def get_presets(self) -> list[Preset]:
        """Without those that can never hold anything for the reader; what is served first for officers."""
        reader = viewer(self.request)
        needs = {"待我批准": ("approve", "sign"), "我拟的": ("draft",), "待我送达": ("serve",)}
        presets = [
            preset
            for preset in self.presets
            if preset.title not in needs or bulk.holds(reader, *needs[preset.title])
        ]
        if reader.office_id:
            presets.sort(key=lambda preset: preset.title != "待我送达")
        return presets

    def get_context(self, rows: QuerySet[Document]) -> dict[str, Any]:
        return {"may_draft": access.may_draft(viewer(self.request))}


class NumberList(RegisterPage):
    """编号登记: every number given, voided ones struck."""

    table_class = NumberTable
    filterset_class = NumberFilter
    resource_class = NumberResource
    paginator_class = BoundedPaginator
    template_name = "documents/numbers.html"
    title = "编号登记"
    unit = "号"
    page_size = 50
    default_order = "按系列、年份，最近的号在前"
    empty_title = "还没有编号的文书"
    empty_text = "文书印发时自动编号，作废的号保留，不再使用。"

    def get_queryset(self) -> QuerySet[Document]:
        issued = Document.objects.visible_to(viewer(self.request)).exclude(number=None)
        rows = selectors.with_status(issued, timezone.localdate())
        related = rows.select_related("kind", "drafted_by", "section").defer("content")
        return related.order_by("organ_code", "series__order", "-year", "-sequence")

    def get_context(self, rows: QuerySet[Document]) -> dict[str, Any]:
        voided = rows.exclude(voided_on=None).count()
        return {"totals": f"其中作废 {voided} 号" if voided else ""}


class SealList(RegisterPage):
    """用印登记簿."""

    table_class = SealTable
    filterset_class = SealFilter
    resource_class = SealResource
    paginator_class = BoundedPaginator
    template_name = "documents/seals.html"
    title = "用印登记簿"
    unit = "次"
    page_size = 50
    default_order = "最近用印的在前"
    empty_title = "还没有用印登记"
    empty_text = "文书印发后，在文书页面或“已印发未用印”清单中登记用印。"

    def get_queryset(self) -> QuerySet[SealRecord]:
        documents = Document.objects.visible_to(viewer(self.request)).order_by()
        rows = SealRecord.objects.filter(document__in=documents.values("pk"))
        related = rows.select_related("document__section", "registered_by").defer("document__content")
        return related.order_by("-sealed_on", "-pk")


@require_safe
@desk_page()
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """A document: its pages, what was done with it, the next step."""
    return render(request, "documents/document.html", page_context(request, document_or_404(request, pk)))


def page_context(request: HttpRequest, document: Document) -> dict[str, Any]:
    """All that the page of a document shows."""
    today = timezone.localdate()
    may = allowed_to(request, document, today)
    server = selectors.server_of(document)
    status = document.status(today)
    steps = list(document.steps.select_related("actor"))
    service = service_panel(request, document, may)
    sent = is_sent(status, bool(service["records"]))
    colour, word = state_word(status, document, sent)
    return {
        "document": document,
        "today": today,
        "status": status,
        "state_colour": colour,
        "state_word": word,
        "may": may,
        "next_step": next_step(may.values()),
        "lines": timeline(document, steps, status, server.name if server else "", sent),
        "returned": returned_by(steps),
        "server": server,
        "attachments": document.attachments.all(),
        "place": place_of(document.content),
        "missing": [] if document.submitted_on or document.voided_on else services.missing(document),
        "seal_form": SealForm(document=document, initial=seal_initial(request)) if "seal" in may else None,
        "void_reason": next((step.reason for step in steps if step.action == Step.Action.VOIDED), ""),
        "may_redraft": bool(document.voided_on) and access.may(viewer(request), "draft", document),
        "subject": _subject(request, document),
        "subject_label": document.content_type.name if document.content_type else "",
        "replaces_visible": _is_visible(request, document.replaces_id),
        "lookups": document.lookups.count() if document.is_issued else 0,
        "successor": document.replaced_by.order_by("-pk").first(),
        **viewer_context(request, document),
        **service,
    }


def _is_visible(request: HttpRequest, pk: int | None) -> bool:
    return pk is not None and Document.objects.visible_to(viewer(request)).filter(pk=pk).exists()


def _subject(request: HttpRequest, document: Document) -> Any:
    """The row that caused the document, if it has a page that the reader may open."""
    subject = document.subject
    if subject is None or not hasattr(subject, "get_absolute_url"):
        return None
    rows: Any = type(subject)._default_manager
    if hasattr(rows, "visible_to"):
        rows = rows.visible_to(viewer(request))
    return subject if rows.filter(pk=subject.pk).exists() else None


# --- Pages and files ---------------------------------------------------------------------------------


def viewer_context(request: HttpRequest, document: Document) -> dict[str, Any]:
    """The pages as pictures; ``paper`` None: the file is still being made."""
    zoom = request.GET.get("zoom", "")
    paper = paper_of(document)
    return {
        "paper": paper,
        "wait": "" if paper else _wait(document, timezone.now()),
        "page_numbers": range(1, paper.pages + 1) if paper else (),
        "widths": PAGE_WIDTHS,
        "zoom": int(zoom) if is_key(zoom) and int(zoom) in ZOOMS else ZOOMS[0],
        "zooms": ZOOMS,
    }


def _wait(document: Document, now: datetime) -> str:
    """What to expect while the file is being made: it comes in a moment, takes long, or nobody makes it."""
    if not worker_is_alive(now):
        return "stopped"
    late = document.steps.filter(action=Step.Action.ISSUED, at__lte=now - USUAL_WAIT)
    return "long" if late.exists() else "moment"


@require_safe
@desk_page()
def pages(request: HttpRequest, pk: int) -> HttpResponse:
    """The pages alone, asked for while the file is being made; then the page anew, with its next step."""
    found = document_or_404(request, pk)
    if found.sha256:
        return HttpResponseClientRefresh()
    context = {"document": found, **viewer_context(request, found)}
    return render(request, "documents/parts/viewer.html", context)


pages.passive = True  # type: ignore[attr-defined]  # does not keep an idle session alive


@require_safe
@desk_page()
def page(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """One page as a picture."""
    found = document_or_404(request, pk)
    asked = request.GET.get("w", "")
    width = int(asked) if is_key(asked) and int(asked) in PAGE_WIDTHS else PAGE_WIDTHS[0]
    paper = paper_of(found)
    if paper is None or not 1 <= number <= paper.pages:
        raise Http404
    etag = f"{paper.etag}-{number}-{width}"
    if same := unchanged(request, etag):
        return same
    picture = page_png(pdf_bytes(found), number, width)
    return revalidated(HttpResponse(picture, content_type="image/png"), etag)


@require_safe
@desk_page()
def pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The frozen file, its fingerprint as the ETag, or the draft as it would be printed; with ``?duplex=1``
    for printing on both sides."""
    found = document_or_404(request, pk)
    paper = paper_of(found)
    if paper is None:
        raise Http404
    duplex = "duplex" in request.GET
    etag = f"{paper.etag}-duplex" if duplex else paper.etag
    if same := unchanged(request, etag):
        return same
    data = pdf_bytes(found)
    if duplex:
        data = for_both_sides(data, paper.pages, paper.receipt_page)
    name, download = found.number or f"{found.title}（草稿）", "download" in request.GET
    response = file_response(ContentFile(data), name=f"{name}.pdf", mime="application/pdf", download=download)
    return revalidated(response, etag)


@require_safe
@desk_page()
def attachment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file of an attachment of a document that the reader may see."""
    documents = Document.objects.visible_to(viewer(request)).order_by()
    found = get_object_or_404(Attachment.objects.exclude(file=""), pk=pk, document__in=documents.values("pk"))
    return file_response(
        found.file.open("rb"), name=found.file_name, mime=found.mime, download="download" in request.GET
    )
