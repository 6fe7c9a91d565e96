"""Acts on many documents of the register at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from landbureau.accounts.models import User
from landbureau.accounts.views.common import viewer
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.documents import services
from landbureau.documents.access import FAMILIES, SEAL
from landbureau.documents.forms import SealFields
from landbureau.documents.models import Document
from landbureau.documents.views.printing import PRINT_ACT
from landbureau.web.lists import BulkAct

REFUSED_TOLD = 5  # reasons in the message; of more only the number is told


def _run(act: Callable[..., Any], word: str) -> Callable[..., str]:
    def run(
        request: HttpRequest, rows: QuerySet[Document], data: dict[str, Any], seen: Mapping[int, int]
    ) -> str:
        actor, today = viewer(request), timezone.localdate()
        found = Document.objects.filter(pk__in=rows.values("pk")).order_by("pk")
        documents = [document for document in found if document.pk in seen]
        for document in documents:
            document.version = seen[document.pk]  # what was changed since is refused as stale
        done, refused = services.in_bulk(act, documents, actor=actor, today=today, **data)
        if done:
            record(
                Entry.Action.BULK,
                actor=actor,
                text=f"批量{word}文书 {len(done)} 份",
                data={"count": len(done), "documents": [str(document) for document in done]},
            )
        return _numbered(done, refused) if done and act is services.issue else _told(word, done, refused)

    return run


def _numbered(done: list[Document], refused: list[tuple[Document, str]]) -> str:
    """With the first and last number of each series, and the way to the paper."""
    numbers: dict[int | None, list[str]] = {}
    for document in done:
        numbers.setdefault(document.series_id, []).append(document.number or "")
    ranges = "，".join(f"{each[0]}至{each[-1]}" if each[1:] else each[0] for each in numbers.values())
    waits_for = "seal" if any(document.needs_seal for document in done) else "serve"
    address = reverse("documents:new_batch", query={"act": waits_for})
    told = _told("印发", done, refused, f"：{ranges}")
    return format_html('{}<a href="{}">批量打印</a>', told, address)


def _told(word: str, done: list[Document], refused: list[tuple[Document, str]], numbers: str = "") -> str:
    text = f"已{word} {len(done)} 份{numbers}。"
    if refused:
        reasons = "；".join(f"{document}：{reason}" for document, reason in refused[:REFUSED_TOLD])
        more = f"等 {len(refused)} 份" if len(refused) > REFUSED_TOLD else ""
        text += f"{len(refused)} 份没有办理：{reasons}{more}"
    return text


APPROVE = BulkAct("approve", "批准", "批准所选的 {count} 份文书？", _run(services.approve, "批准"))
ISSUE = BulkAct(
    "issue",
    "印发",
    "印发所选的 {count} 份文书？印发后编号并固定正本，不能再修改。",
    _run(services.issue, "印发"),
    icon="file-check",
)
SEALS = BulkAct(
    "seal",
    "用印登记",
    "登记所选 {count} 份文书的用印？",
    _run(services.seal, "登记用印"),
    form=SealFields,
    icon="rubber-stamp",
)
ACTS = (APPROVE, ISSUE, SEALS, PRINT_ACT)


def holds(user: User, *acts: str) -> bool:
    """Whether ``user`` may do one of these acts (names of ``access.Permissions``) somewhere."""
    codenames = {getattr(line, act) for line in FAMILIES.values() for act in acts}
    return any(user.has_perm(f"accounts.{codename}") for codename in codenames)


def acts_of(user: User) -> list[BulkAct]:
    """The acts that ``user`` holds a permission for somewhere; the services ask again for each document."""
    may = {
        APPROVE.name: holds(user, "approve", "sign"),
        ISSUE.name: holds(user, "draft", "approve", "sign"),
        SEALS.name: user.has_perm(f"accounts.{SEAL}"),
        PRINT_ACT.name: True,  # who sees a document may print it
    }
    return [act for act in ACTS if may[act.name]]
