"""Writing a draft: choose a kind, fill the form, look at the pages, keep it, send it for approval."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from landbureau.accounts.models import Section
from landbureau.accounts.views.common import viewer
from landbureau.documents import services
from landbureau.documents.access import sections_to_draft, townships_to_draft
from landbureau.documents.display import returned_by
from landbureau.documents.errors import DocumentError
from landbureau.documents.forms import refusals_at
from landbureau.documents.forms_draft import BaseAttachments, DraftForm, attachments_form
from landbureau.documents.models import Document, Kind
from landbureau.documents.pictures import page_png
from landbureau.documents.previews import draft_pdf
from landbureau.documents.services.guards import out_of_turn
from landbureau.documents.transitions import TRANSITIONS
from landbureau.documents.views.common import PAGE_WIDTHS, allowed_to, document_or_404
from landbureau.web.access import desk_page
from landbureau.web.versions import EditConflict

MOST_PREVIEWED = 8  # pages shown beside the form; all of them after saving


@desk_page()
def new(request: HttpRequest) -> HttpResponse:
    """Choose a kind: those of the families that the person may draft."""
    groups = [
        {"title": Kind.Family(family).label, "kinds": list(_kinds(family))} for family in _families(request)
    ]
    if not groups:
        raise PermissionDenied
    return render(request, "documents/new.html", {"groups": [group for group in groups if group["kinds"]]})


def _families(request: HttpRequest) -> list[str]:
    return [family for family in Kind.Family.values if sections_to_draft(viewer(request), family).exists()]


def _kinds(family: str) -> Any:
    return Kind.objects.filter(family=family, by_hand=True, is_active=True).select_related("series")


@desk_page()
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """A new document of a kind."""
    kind = get_object_or_404(Kind, code=code, by_hand=True, is_active=True)
    sections = sections_to_draft(viewer(request), kind.family)
    if not sections:
        raise PermissionDenied
    form = DraftForm(
        request.POST or None,
        instance=Document(),
        kind=kind,
        sections=sections,
        townships=townships_to_draft(viewer(request), kind.family),
        strict=_submits(request),
        viewer=viewer(request),
    )
    attachments = attachments_form(request.POST or None, request.FILES or None)
    if _to_be_saved(request, form, attachments):
        with refusals_at(form, form.names_of_errors), transaction.atomic():
            document = services.draft_document(
                kind=kind,
                section=form.cleaned_data["section"],
                drafter=viewer(request),
                today=timezone.localdate(),
                attachments=attachments.titles(),
                **form.arguments(),
            )
            _finish(request, document, attachments)
            return redirect(document)
    return _form_page(request, form, attachments, kind, None)


@desk_page()
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft that is not sent for approval."""
    document, today = document_or_404(request, pk), timezone.localdate()
    if "edit" not in allowed_to(request, document, today):
        reason = out_of_turn(document, TRANSITIONS["edit"], today)
        if not reason:
            raise PermissionDenied
        if request.method != "POST":  # what was typed is kept: the service refuses it, beside the form
            messages.warning(request, reason)
            return redirect(document)
    form = DraftForm(
        request.POST or None,
        instance=document_or_404(request, pk),  # the form writes what was typed into its own copy
        kind=document.kind,
        sections=Section.objects.none(),
        townships=townships_to_draft(viewer(request), document.family),
        strict=_submits(request),
        viewer=viewer(request),
    )
    attachments = attachments_form(
        request.POST or None, request.FILES or None, document.content["attachments"]
    )
    if _to_be_saved(request, form, attachments):
        try:
            with refusals_at(form, form.names_of_errors), transaction.atomic():
                services.edit_draft(
                    document=document,
                    version=form.cleaned_data["version"],
                    actor=viewer(request),
                    today=today,
                    attachments=attachments.titles(),
                    **{"place": ""} | form.arguments(),
                )
                _finish(request, document, attachments)
                return redirect(document)
        except EditConflict as conflict:
            form.report_conflict(conflict.current)
    return _form_page(request, form, attachments, document.kind, document)


def _submits(request: HttpRequest) -> bool:
    return request.POST.get("act") == "submit"


def _to_be_saved(request: HttpRequest, form: DraftForm, attachments: BaseAttachments) -> bool:
    """Whether the form was sent to be kept and is right; both parts are asked, so that both show errors."""
    valid = request.method == "POST" and all([form.is_valid(), attachments.is_valid()])
    return valid and request.POST.get("act") != "preview"


def _finish(request: HttpRequest, document: Document, attachments: BaseAttachments) -> None:
    """Keep the chosen files and send it for approval if that was the button."""
    actor, today = viewer(request), timezone.localdate()
    for title, file in attachments.chosen_files():
        services.attach(document=document, actor=actor, today=today, title=title, file=file)
    if _submits(request):
        services.submit(document=document, actor=actor, today=today)
        messages.success(request, _submitted(document))
    else:
        messages.success(request, "草稿已保存。核对后送审。")


def _submitted(document: Document) -> str:
    return "已送审。" if not document.approved_on else "此种文书无须批准，可以印发。"


def _form_page(
    request: HttpRequest,
    form: DraftForm,
    attachments: BaseAttachments,
    kind: Kind,
    document: Document | None,
) -> HttpResponse:
    files = {row.title: row for row in document.attachments.exclude(file="")} if document else {}
    context = {
        "form": form,
        "attachments": attachments,
        "files": files,
        "kind": kind,
        "document": document,
        "returned": returned_by(document.steps.select_related("actor")) if document else None,
        **_preview(request, form, attachments, kind, document),
    }
    return render(request, "documents/draft.html", context)


# --- The pages beside the form ---------------------------------------------------------------------------


def _preview(
    request: HttpRequest,
    form: DraftForm,
    attachments: BaseAttachments,
    kind: Kind,
    document: Document | None,
) -> dict[str, Any]:
    """The pages as they would be printed with what was typed; nothing is kept."""
    if request.POST.get("act") != "preview":
        if document is None or request.method == "POST":
            return {}
        return _pictures(draft_pdf(document.content))
    if not (form.is_valid() and attachments.is_valid()):
        return {"unfit": True}
    arguments = form.arguments()
    for name in ("township", "village"):
        del arguments[name]
    try:
        content = services.preview(
            kind=kind,
            section=document.section if document else form.cleaned_data["section"],
            drafter=(document and document.drafted_by) or viewer(request),
            attachments=attachments.titles(),
            **arguments,
        )
    except DocumentError as error:
        form.add_error(form.names_of_errors.get(error.field), error.message)
        return {"unfit": True}
    return _pictures(draft_pdf(content))


def _pictures(written: Any) -> dict[str, Any]:
    shown = min(written.pages, MOST_PREVIEWED)
    return {
        "pictures": [
            "data:image/png;base64," + b64encode(page_png(written.data, number, PAGE_WIDTHS[0])).decode()
            for number in range(1, shown + 1)
        ],
        "pages": written.pages,
        "receipt_page": written.receipt_page,
    }
