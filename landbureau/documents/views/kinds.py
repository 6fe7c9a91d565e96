"""Pages about kinds: what there is, a kind with its wordings, and the editor of the wording."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.accounts.views.common import viewer
from landbureau.documents.access import FAMILIES
from landbureau.documents.content import ALWAYS, WORDS
from landbureau.documents.errors import DocumentError
from landbureau.documents.forms_kinds import WordingForm
from landbureau.documents.models import Kind, KindField, Wording
from landbureau.documents.pictures import page_png
from landbureau.documents.previews import draft_pdf
from landbureau.documents.services.kinds import sample_content, save_wording
from landbureau.documents.wordings import compare, marked, normalized
from landbureau.web.access import desk_page
from landbureau.web.lists import is_key

PREVIEW_WIDTH = 900  # pixels: sharp on the page, small on the line
DELIVERED = "delivered"
EXPLAINED = dict(
    zip(
        ALWAYS,
        (
            "受送达人或者主送机关",
            "本单位全称",
            "拟稿科室",
            "联系人姓名",
            "科室电话，没有的用单位电话",
            "本种文书的依据",
            "拟稿时填写的事由",
        ),
        strict=True,
    )
)


def _may_see(user: User) -> bool:
    codenames = [permissions.view for permissions in FAMILIES.values()]
    return user.holds_everywhere("update_config") or any(
        user.has_perm(f"accounts.{codename}") for codename in codenames
    )


def _kind_or_404(request: HttpRequest, code: str) -> Kind:
    if not _may_see(viewer(request)):
        raise PermissionDenied
    return get_object_or_404(Kind.objects.select_related("series"), code=code)


@desk_page()
def kinds(request: HttpRequest) -> HttpResponse:
    """Every kind with its series, approval, basis, and whose wording is in use."""
    if not _may_see(viewer(request)):
        raise PermissionDenied
    newest = Wording.objects.filter(kind=OuterRef("pk")).order_by("-number")
    rows = Kind.objects.select_related("series").annotate(
        wording_number=Subquery(newest.values("number")[:1]),
        wording_shipped=Subquery(newest.values("shipped")[:1]),
    )
    context = {"kinds": rows, "may_edit": viewer(request).holds_everywhere("update_config")}
    return render(request, "documents/kinds.html", context)


@desk_page()
def kind(request: HttpRequest, code: str) -> HttpResponse:
    """A kind: its facts, its fields, the wording in use, the versions."""
    row = _kind_or_404(request, code)
    wordings = list(row.wordings.select_related("written_by"))
    current = wordings[0] if wordings else None
    delivered = row.shipped.get("wording")
    context = {
        "kind": row,
        "fields": row.fields.all(),
        "current": current,
        "paragraphs": marked(current.text) if current else [],
        "wordings": wordings,
        "newly_delivered": delivered and delivered not in {wording.text for wording in wordings},
        "may_edit": viewer(request).holds_everywhere("update_config"),
    }
    return render(request, "documents/kind.html", context)


@desk_page()
def wording(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """A version and what it changed; ``?with=`` compares it with another than the one before."""
    row = _kind_or_404(request, code)
    others = {one.number: one for one in row.wordings.select_related("written_by")}
    if number not in others:
        raise Http404
    this = others[number]
    asked = request.GET.get("with", "")
    other = others.get(int(asked) if is_key(asked) else number - 1)
    context = {
        "kind": row,
        "wording": this,
        "other": other,
        "others": [one for one in others.values() if one.number != number],
        "lines": compare(other.text, this.text) if other else [],
        "paragraphs": marked(this.text),
        "newest": max(others),
        "may_edit": viewer(request).holds_everywhere("update_config"),
    }
    return render(request, "documents/kind_wording.html", context)


@desk_page("update_config", everywhere=True)
def edit_wording(request: HttpRequest, code: str) -> HttpResponse:
    """Write a new version: try it on samples, then save it. ``?from=`` begins with another text."""
    row = get_object_or_404(Kind.objects.select_related("series"), code=code)
    form = WordingForm(
        request.POST or None, initial=_begin_with(row, row.wordings.first(), request.GET.get("from", ""))
    )
    pictures: list[str] = []
    if form.is_valid():
        try:
            if form.is_preview:
                pictures = _preview(request, row, form)
            else:
                saved = save_wording(kind=row, actor=viewer(request), **form.arguments())
                messages.success(request, f"用语已保存为第{saved.number}版，以后的拟稿使用。")
                return redirect(row)
        except DocumentError as error:
            form.report(error)
    current = row.wordings.first()
    typed = normalized(form["text"].value() or "")
    context = {
        "kind": row,
        "current": current,
        "form": form,
        "pictures": pictures,
        "lines": compare(current.text, typed) if current and current.text != typed else [],
        "placeholders": _placeholders(row),
    }
    return render(request, "documents/kind_edit_wording.html", context)


def _begin_with(kind: Kind, current: Wording | None, asked: str) -> dict[str, Any]:
    """What the form begins with: the current text, a former version's, or the delivered one."""
    begin = {"text": current.text if current else "", "seen": current.number if current else 0}
    if asked == DELIVERED and kind.shipped.get("wording"):
        return begin | {"text": kind.shipped["wording"], "reason": "采用程序提供的用语"}
    if asked.isdecimal() and asked.isascii() and len(asked) < 6:
        former = get_object_or_404(kind.wordings, number=int(asked))
        return begin | {"text": former.text, "reason": f"恢复第{former.number}版"}
    return begin


def _preview(request: HttpRequest, kind: Kind, form: WordingForm) -> list[str]:
    """The pages of a sample document as pictures (``data:`` addresses: nothing is stored)."""
    content = sample_content(
        kind=kind,
        text=form.cleaned_data["text"],
        viewer=viewer(request),
        today=timezone.localdate(),
        sparse=form.cleaned_data["sparse"],
    )
    pdf = draft_pdf(content)
    last = pdf.receipt_page - 1 if pdf.receipt_page else pdf.pages
    return [
        "data:image/png;base64," + b64encode(page_png(pdf.data, page, PREVIEW_WIDTH)).decode()
        for page in range(1, last + 1)
    ]


def _placeholders(kind: Kind) -> list[tuple[str, str, bool]]:
    """What the wording may name: name, explanation, whether it always is filled in."""
    found = []
    for field in kind.fields.all():
        explained = field.help_text or field.get_type_display()
        found.append((field.name, explained, field.required))
        if field.type == KindField.Type.MONEY:
            found.append((field.name + WORDS, f"{field.name}的大写", field.required))
    return found + [(name, text, False) for name, text in EXPLAINED.items()]
