"""Acts on one document: at once by a button, or after a form where a reason or data are needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from landbureau.accounts.views.common import viewer
from landbureau.documents import services
from landbureau.documents.errors import DocumentError
from landbureau.documents.forms import ActForm, HandForm, ReasonForm, SealForm, VoidForm, refusals_at
from landbureau.documents.models import Document
from landbureau.documents.services.guards import out_of_turn
from landbureau.documents.transitions import TRANSITIONS
from landbureau.documents.views.common import allowed_to, document_or_404, seal_initial
from landbureau.web.access import desk_page
from landbureau.web.views import back


@dataclass(frozen=True)
class Act:
    """What the page of an act says. ``consequence``: what follows, shown before it is done."""

    run: Callable[..., Document]
    told: str
    consequence: str
    form: type[ActForm] = ActForm
    danger: bool = False


ACTS = {
    "submit": Act(services.submit, "已送审。", "送审后不能再修改；需要修改时先撤回。"),
    "withdraw": Act(services.withdraw, "已撤回，可以修改。", "撤回后可以修改，改好再送审。"),
    "approve": Act(services.approve, "已批准。", "批准后即可印发。"),
    "return": Act(services.return_document, "已退回拟稿人。", "拟稿人看到理由，改好后再送审。", ReasonForm),
    "issue": Act(services.issue, "已印发，文号 {number}。", "印发后编号并固定正本，不能再修改。"),
    "seal": Act(services.seal, "已登记用印。", "按实际盖章的情况登记。", SealForm),
    "hand": Act(services.hand_to, "已交办送达。", "送达人会在待办中看到这件文书。", HandForm),
    "discard": Act(services.discard, "已弃稿。", "弃稿后不能恢复，留有记录。", ReasonForm, True),
    "void": Act(
        services.void, "已作废。", "作废后公开查验显示“已作废”；编过的号保留，不再使用。", VoidForm, True
    ),
}


@desk_page()
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Ask (GET), or do it (POST) and go back to where it was asked for."""
    if name not in ACTS:
        raise Http404
    document, today = document_or_404(request, pk), timezone.localdate()
    chosen, step = ACTS[name], TRANSITIONS[name]
    if name not in allowed_to(request, document, today):
        if reason := out_of_turn(document, step, today):  # a colleague was quicker, or the page is old
            messages.warning(request, reason)
            return redirect(document)
        raise PermissionDenied
    form = chosen.form(request.POST or None, document=document, initial=_initial(request, name))
    if request.method == "POST" and form.is_valid():
        document.version = form.cleaned_data["version"]
        with refusals_at(form):
            done = chosen.run(document=document, actor=viewer(request), today=today, **form.arguments())
            messages.success(request, chosen.told.format(number=done.number))
            if form.cleaned_data.get("redraft"):
                return _redraft(request, done)
            return redirect(back(request, done.get_absolute_url()))
        form.look_again(document)
    context = {"document": document, "act": chosen, "step": step, "form": form, "today": today}
    return render(request, "documents/act.html", context)


def _initial(request: HttpRequest, name: str) -> dict[str, Any]:
    initial: dict[str, Any] = {"next": request.GET.get("next", "")}
    if name == "seal":
        initial |= seal_initial(request)
    return initial


@desk_page()
def redraft(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a voided document anew (POST only)."""
    document = document_or_404(request, pk)
    if request.method != "POST":
        return redirect(document)
    return _redraft(request, document)


def _redraft(request: HttpRequest, document: Document) -> HttpResponse:
    try:
        draft = services.redraft(document=document, drafter=viewer(request), today=timezone.localdate())
    except DocumentError as error:
        messages.error(request, error.message)
        return redirect(document)
    messages.success(request, "已按原内容拟成新稿，请核对修改后送审。")
    return redirect("documents:edit", draft.pk)
