"""Pages of service: register, correct, the files that prove it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from landbureau.accounts.models import User
from landbureau.accounts.views.common import viewer
from landbureau.documents.forms_service import CorrectForm, ProofForm, ServeForm, initial_lines
from landbureau.documents.models import Document, Proof, ServiceRecord
from landbureau.documents.selectors_service import consequence, service_context
from landbureau.documents.services.proofs import why_not
from landbureau.documents.services.service import in_force
from landbureau.documents.views.common import allowed_to, document_or_404, revalidated, unchanged
from landbureau.web.access import desk_page
from landbureau.web.uploads import file_response


@desk_page()
def serve(request: HttpRequest, pk: int) -> HttpResponse:
    """Register how it was served; for a letter on its way, that it has arrived or how else it was served."""
    document, today = document_or_404(request, pk), timezone.localdate()
    if "serve" not in allowed_to(request, document, today):
        if document.served_on is None:
            raise PermissionDenied
        messages.info(request, "这件文书已经登记送达，没有重复登记。")
        return _to_page(request, document)
    record = in_force(document)
    return _receipt(request, document, ServeForm, record, title=_serve_word(record))


def _serve_word(record: ServiceRecord | None) -> str:
    """``record``: by which it was posted."""
    return "补登送达" if record else "登记送达"


@desk_page()
def correct_service(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a wrong registration right; the wrong one stays visible."""
    document, today = document_or_404(request, pk), timezone.localdate()
    record = in_force(document)
    if record is None or "correct" not in allowed_to(request, document, today):
        raise PermissionDenied
    return _receipt(request, document, CorrectForm, record, title="更正送达")


def service_panel(request: HttpRequest, document: Document, may: Collection[str]) -> dict[str, Any]:
    """For ``documents/parts/service.html`` beside the document: what was registered, and the form if due."""
    actor, today = viewer(request), timezone.localdate()
    context = service_context(document, actor, today)
    if "serve" in may:
        record = in_force(document)
        form = ServeForm(**_form_arguments(document, actor, record))
        context |= {
            "serve_form": form,
            "serve_word": _serve_word(record),
            "consequence": _consequence(request, form),
        }
    return context


def _form_arguments(document: Document, actor: User, record: ServiceRecord | None) -> dict[str, Any]:
    initial = {} if record else initial_lines(document, actor)
    return {"document": document, "actor": actor, "instance": record, "initial": initial}


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    """What the form was sent with; a form of files may be sent empty."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _receipt(
    request: HttpRequest,
    document: Document,
    form_class: type[ServeForm],
    record: ServiceRecord | None,
    *,
    title: str,
) -> HttpResponse:
    """Show the form, or keep the files and register. Files are kept even if a line is wrong: sent is sent."""
    actor, today = viewer(request), timezone.localdate()
    arguments = _form_arguments(document, actor, record)
    form = form_class(*_sent(request), **arguments)
    if request.method == "POST":
        valid = form.is_valid()
        form.keep(document, actor)
        if valid and form.is_valid() and (made := form.register(today)):
            messages.success(request, _told(made))
            return _to_page(request, document)
    context = {
        "document": document,
        "form": form,
        "record": record,
        "title": title,
        "proofs": document.proofs.all(),
        "consequence": _consequence(request, form),
        "today": today,
    }
    return render(request, "documents/serve.html", context)


def _to_page(request: HttpRequest, document: Document) -> HttpResponse:
    """The whole page anew, also for htmx: with its scripts and the count of what waits."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(document.get_absolute_url())
    return redirect(document)


def _consequence(request: HttpRequest, form: ServeForm) -> str:
    """What saving would do with the days in the form, or with those that the page asks about (htmx)."""
    if "method" in request.GET and not form.is_bound:
        form = ServeForm(request.GET, document=form.document, actor=form.actor)
    today = timezone.localdate()
    if form.is_bound:
        form.is_valid()
        sent = form.cleaned_data
        return consequence(sent.get("method"), sent.get("received_on"), sent.get("posted_on"), today)
    return consequence(form.chosen, form["received_on"].initial, form["posted_on"].initial, today)


def _told(record: ServiceRecord) -> str:
    if record.served_on is None:
        return "已登记，文书在途。收到回执后请补登收件日期。"
    if record.served_on > timezone.localdate():
        return f"已登记公告，{record.served_on.isoformat()} 视为送达。"
    return f"已登记送达，送达日期 {record.served_on.isoformat()}。"


@desk_page()
def add_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """Photos or scans that come later."""
    document, actor = document_or_404(request, pk), viewer(request)
    if why_not(document, actor):
        raise PermissionDenied
    form = ProofForm(*_sent(request))
    if request.method == "POST":
        form.is_valid()
        kept = form.keep(document, actor)
        if not kept and not form.errors:
            form.add_error("proofs", "请选择照片或扫描件。")
        if not form.errors:
            messages.success(request, f"已保存 {kept} 份送达证明。")
            return _to_page(request, document)
    context = {"document": document, "form": form, "proofs": document.proofs.all()}
    return render(request, "documents/add_proof.html", context)


@require_safe
@desk_page()
def proof(request: HttpRequest, pk: int, proof_pk: int) -> HttpResponseBase:
    """The file as it was uploaded."""
    found = _proof_or_404(request, pk, proof_pk)
    if answer := unchanged(request, found.sha256):
        return answer
    download = "download" in request.GET
    response = file_response(found.file.open("rb"), name=found.file_name, mime=found.mime, download=download)
    return revalidated(response, found.sha256)


@require_safe
@desk_page()
def proof_thumbnail(request: HttpRequest, pk: int, proof_pk: int) -> HttpResponseBase:
    """Its small picture."""
    found = _proof_or_404(request, pk, proof_pk)
    etag = f"{found.sha256}-small"
    if answer := unchanged(request, etag):
        return answer
    response = file_response(found.thumbnail.open("rb"), name=f"{found.pk}.jpg", mime="image/jpeg")
    return revalidated(response, etag)


def _proof_or_404(request: HttpRequest, pk: int, proof_pk: int) -> Proof:
    return get_object_or_404(document_or_404(request, pk).proofs, pk=proof_pk)
