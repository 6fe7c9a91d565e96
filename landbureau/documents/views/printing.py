"""Pages of batch printing: choose, watch the file being made, print it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from landbureau.accounts.models import User
from landbureau.accounts.requests import DeskRequest
from landbureau.documents.errors import DocumentError
from landbureau.documents.forms_printing import BatchForm
from landbureau.documents.models import Document, PrintBatch
from landbureau.documents.selectors import TO_SEAL, TO_SERVE, with_server
from landbureau.documents.services import printing as services
from landbureau.documents.views.common import ask_for_concern
from landbureau.jobs.selectors import worker_is_alive
from landbureau.web.access import desk_page
from landbureau.web.lists import MAX_SELECTED, BulkAct
from landbureau.web.uploads import PDF, file_response

# Paper is sealed after it was printed, and served after it was sealed.
WAITING = {"serve": ("待送达", TO_SERVE), "seal": ("待用印", TO_SEAL)}


@require_safe
@desk_page()
def batches(request: DeskRequest) -> HttpResponse:
    """What waits for the printer, and one's own batches."""
    ask_for_concern(request)
    own = PrintBatch.objects.visible_to(request.user).select_related("run")
    context = {
        "waiting": [
            {"act": act, "title": title, "count": _waiting(request.user, act).count()}
            for act, (title, _) in WAITING.items()
        ],
        "options": [name for name, chosen in _last_choice(request.user).items() if chosen],
        "batches": own.annotate(count=Count("items")),
        "days": settings.PRINT_BATCH_DAYS,
    }
    return render(request, "documents/batches.html", context)


@desk_page()
def new_batch(request: DeskRequest) -> HttpResponse:
    """Documents that wait, in route order; POST merges the ticked ones, or with ``all`` everything listed."""
    ask_for_concern(request)
    act = request.POST.get("act") or request.GET.get("act") or "serve"
    if act not in WAITING:
        raise BadRequest("no such list")
    waiting = _waiting(request.user, act)
    form = BatchForm(request.POST or None, initial=_last_choice(request.user))
    if request.method == "POST" and form.is_valid():
        chosen = waiting if "all" in request.POST else waiting.filter(pk__in=_keys(request))
        try:
            return _print(request, chosen, form.cleaned_data)
        except DocumentError as error:
            messages.error(request, error.message)
    fit, unfit = services.printable(actor=request.user, documents=waiting)
    servers = dict(with_server(waiting).values_list("pk", "server_name"))  # type: ignore[misc]  # annotated
    context = {
        "act": act,
        "title": WAITING[act][0],
        "form": form,
        "rows": [(document, servers.get(document.pk)) for document in fit[: settings.PRINT_BATCH_MOST]],
        "more": max(0, len(fit) - settings.PRINT_BATCH_MOST),
        "unfit": unfit,
        "chosen": _keys(request) if request.method == "POST" else None,
    }
    return render(request, "documents/new_batch.html", context)


def _waiting(user: User, act: str) -> QuerySet[Document]:
    """Issued documents in the person's sight that are still to be sealed or served."""
    rows: QuerySet[Document] = Document.objects.visible_to(user).filter(WAITING[act][1])
    return rows


def _last_choice(user: User) -> dict[str, Any]:
    """As this person printed last: the printer is still the same."""
    last = PrintBatch.objects.visible_to(user).first() or PrintBatch()
    return {"with_receipts": last.with_receipts, "duplex": last.duplex}


def _keys(request: HttpRequest) -> list[int]:
    keys = request.POST.getlist("pk")[:MAX_SELECTED]
    return [int(key) for key in keys if key.isdecimal() and len(key) <= 18]


def _print(request: DeskRequest, chosen: QuerySet[Document], options: dict[str, Any]) -> HttpResponse:
    """Make a batch of what can be printed and tell what was left out. Raises ``DocumentError``."""
    fit, unfit = services.printable(actor=request.user, documents=chosen)
    if unfit and not fit:
        raise DocumentError(f"所选文书都不能打印：{services.named(unfit)}。")
    batch = services.create_batch(actor=request.user, documents=fit, **options)
    if unfit:
        messages.warning(request, f"没有列入这次打印：{services.named(unfit)}。")
    return redirect(batch)


def _run_bulk(
    request: Any, rows: QuerySet[Document], options: dict[str, Any], seen: Mapping[int, int]
) -> HttpResponse:
    try:
        return _print(request, rows, options)
    except DocumentError as error:
        raise ValidationError(error.message) from error


PRINT_ACT = BulkAct(
    "print",
    "批量打印",
    "把 {count} 份文书合并打印？",
    run=_run_bulk,
    form=BatchForm,
    icon="printer",
)


@require_safe
@desk_page()
def batch(request: DeskRequest, pk: int) -> HttpResponse:
    """One batch: how far its file is, what it holds, on which pages."""
    return render(request, "documents/batch.html", _context(request, pk))


@require_safe
@desk_page()
def batch_progress(request: DeskRequest, pk: int) -> HttpResponse:
    """The part of the page that changes, asked for every two seconds until there is a file."""
    return render(request, "documents/batch_progress.html", _context(request, pk))


batch_progress.passive = True  # type: ignore[attr-defined]  # does not keep an idle session alive


def _context(request: DeskRequest, pk: int) -> dict[str, Any]:
    batch = _own(request, pk)
    documents = services.documents_of(batch)
    return {
        "batch": batch,
        "run": batch.run,
        "count": len(documents),
        "rows": list(zip(documents, services.layout_of(batch, documents), strict=True)),
        "is_stuck": not batch.pdf and not worker_is_alive(timezone.now()),
        "days": settings.PRINT_BATCH_DAYS,
    }


def _own(request: DeskRequest, pk: int) -> PrintBatch:
    own = PrintBatch.objects.visible_to(request.user).select_related("run")
    batch: PrintBatch = get_object_or_404(own, pk=pk)
    return batch


@require_safe
@desk_page()
def batch_pdf(request: DeskRequest, pk: int) -> FileResponse:
    """The merged file, to be opened; with ``?download=1`` to be kept."""
    batch = _own(request, pk)
    if not batch.pdf:
        raise Http404
    return file_response(
        batch.pdf.open("rb"),
        name=f"批量打印{timezone.localtime(batch.created_at):%Y%m%d}-{batch.pk}.pdf",
        mime=PDF,
        download=bool(request.GET.get("download")),
    )


@require_POST
@desk_page()
def merge_again(request: DeskRequest, pk: int) -> HttpResponse:
    """Once more, after the file could not be made."""
    batch = _own(request, pk)
    if not batch.pdf:
        services.merge_again(batch=batch, actor=request.user)
    return redirect(batch)
