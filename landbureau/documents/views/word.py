"""A draft as a Word file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from landbureau.documents.docx import write_docx
from landbureau.documents.views.common import document_or_404
from landbureau.web.access import desk_page

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
@desk_page()
def docx(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft for the bureau's office system. Once issued, the document is its PDF alone."""
    document = document_or_404(request, pk)
    if document.is_issued:
        raise Http404
    today = timezone.localdate()
    response = HttpResponse(write_docx(document.content, today=today), content_type=WORD)
    name = f"{document.title}（草稿{today:%Y%m%d}）.docx"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    return response
