"""The public page that tells whether a document is one of the bureau's. Open to everyone."""

from __future__ import annotations

import math

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from landbureau.documents.models import Document
from landbureau.documents.rules import Status, mask_addressee
from landbureau.documents.services.verification import TooManyLookups, look_up
from landbureau.web.network import client_ip

NOWHERE = "::"  # who sends no readable address shares one limit with all others like that


class VerifyForm(forms.Form):
    """Sent by GET: it changes nothing, and works without a cookie."""

    number = forms.CharField(label="文号", max_length=60, help_text="如 新国土资催〔2026〕17号，括号可以不输")
    code = forms.CharField(label="查验码", max_length=40, help_text="印在二维码旁，不分大小写，横线可以不输")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for field in self.fields.values():
            field.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        self.fields["number"].error_messages["required"] = "请输入文号。"
        self.fields["code"].error_messages |= {"required": "请输入查验码。"}
        self.fields["code"].widget.attrs["autocapitalize"] = "characters"


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Number and code as printed on the paper; both right: on to the answer."""
    form = VerifyForm(request.GET if "code" in request.GET or "number" in request.GET else None)
    if not form.is_valid():
        return _page(request, form)
    try:
        found = look_up(
            code=form.cleaned_data["code"],
            number=form.cleaned_data["number"],
            address=client_ip(request) or NOWHERE,
            now=timezone.now(),
        )
    except TooManyLookups as error:
        return _too_many(request, form, error)
    if found is None:
        return _page(request, form, nothing=True, status=404)
    return redirect("verify:code", found.code)


@require_safe
def code(request: HttpRequest, code: str) -> HttpResponse:
    """The address in the QR code."""
    try:
        found = look_up(code=code, address=client_ip(request) or NOWHERE, now=timezone.now())
    except TooManyLookups as error:
        return _too_many(request, VerifyForm(), error)
    if found is None:
        return _page(request, VerifyForm(), nothing=True, status=404)
    return _page(request, VerifyForm(), found=_public_facts(found))


def _public_facts(document: Document) -> dict[str, object]:
    """All that the public learns."""
    return {
        "title": document.title,
        "number": document.number,
        "issued_on": document.issued_on,
        "addressee": mask_addressee(document.addressee),
        "voided_on": document.voided_on if document.status(timezone.localdate()) == Status.VOIDED else None,
        "fingerprint": [document.sha256[start : start + 8] for start in range(0, len(document.sha256), 8)],
    }


def _too_many(request: HttpRequest, form: VerifyForm, error: TooManyLookups) -> HttpResponse:
    seconds = max(1, math.ceil((error.until - timezone.now()).total_seconds()))
    answer = _page(request, form, minutes=math.ceil(seconds / 60), status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def _page(request: HttpRequest, form: VerifyForm, *, status: int = 200, **context: object) -> HttpResponse:
    answer = render(request, "documents/verify.html", {"form": form, **context}, status=status)
    answer["X-Robots-Tag"] = "noindex, nofollow"
    add_never_cache_headers(answer)
    return answer
