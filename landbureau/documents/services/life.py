"""The steps from draft to served or void. Each locks the document, sets its day, and is recorded."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from landbureau.accounts.errors import WorkError
from landbureau.accounts.models import Assignment, Bureau, User
from landbureau.accounts.services import able_to_take, assign, end_work, hand_over
from landbureau.documents import access
from landbureau.documents.content import Stamp, missing_required
from landbureau.documents.errors import DocumentError
from landbureau.documents.fonts import require_printable
from landbureau.documents.models import Document, Kind, SealRecord, Step
from landbureau.documents.rules import number_text
from landbureau.documents.services.followers import tell
from landbureau.documents.services.guards import begin, finish
from landbureau.documents.services.numbers import take_number
from landbureau.documents.services.rendering import render_later

logger = logging.getLogger(__name__)
Action = Step.Action
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 O 1 I L, which are misread on paper
CODE_LENGTH = 12


@transaction.atomic
def submit(*, document: Document, actor: User | None, today: date) -> Document:
    """Send for approval; a kind that needs none is approved at once. Raises ``DocumentError``."""
    begin(document, "submit", actor, today)
    _require_complete(document, "送审")
    document.submitted_on = today
    finish(document, ["submitted_on"], Action.SUBMITTED, actor)
    if document.kind.approval == Kind.Approval.AUTOMATIC:
        document.approved_on = today
        finish(document, ["approved_on"], Action.APPROVED, None, reason="此种文书无须批准")
    return document


@transaction.atomic
def withdraw(*, document: Document, actor: User, today: date) -> Document:
    """Take back what was sent for approval, to change it. Raises ``DocumentError``."""
    begin(document, "withdraw", actor, today)
    document.submitted_on = None
    finish(document, ["submitted_on"], Action.WITHDRAWN, actor)
    return document


@transaction.atomic
def approve(*, document: Document, actor: User, today: date) -> Document:
    """Approve what others wrote. Raises ``DocumentError``."""
    begin(document, "approve", actor, today)
    document.approved_on = today
    finish(document, ["approved_on"], Action.APPROVED, actor)
    return document


@transaction.atomic
def return_document(*, document: Document, actor: User, today: date, reason: str) -> Document:
    """Give it back to be changed, before or after approval. Raises ``DocumentError``."""
    begin(document, "return", actor, today)
    _require_reason(reason, "退回")
    document.submitted_on = document.approved_on = None
    finish(document, ["submitted_on", "approved_on"], Action.RETURNED, actor, reason=reason)
    return document


@transaction.atomic
def issue(*, document: Document, actor: User, today: date, render: bool = True) -> Document:
    """Number, code and stamp: from here on what it says is frozen. The PDF is written after commit
    (``render``: or by the caller). Raises ``DocumentError``.
    """
    begin(document, "issue", actor, today)
    _require_complete(document, "印发")
    document.take_needs()
    _require_receipt(document)
    kind, bureau = document.kind, Bureau.objects.get()
    document.organ_code, document.series, document.year = bureau.organ_code, kind.series, today.year
    document.sequence = take_number(series=kind.series, organ_code=bureau.organ_code, year=today.year)
    document.number = number_text(bureau.organ_code, kind.series.mark, today.year, document.sequence)
    document.code = _new_code()
    stamp: Stamp = {
        "number": document.number,
        "date": today.isoformat(),
        "code": document.code,
        "address": f"{public_address(bureau)}/V/{document.code}",
    }
    document.content = {**document.content, "stamp": stamp}
    document.issued_on = today
    if document.needs_service and kind.serve_within_days:
        document.serve_by = today + timedelta(days=kind.serve_within_days)
    fields = [
        "organ_code",
        "series",
        "year",
        "sequence",
        "number",
        "code",
        "content",
        "issued_on",
        "serve_by",
        "needs_seal",
        "needs_service",
        "two_servers",
    ]
    try:
        with transaction.atomic():
            finish(document, fields, Action.ISSUED, actor, data={"number": document.number})
    except IntegrityError as error:
        logger.exception("document %s not issued as %s", document.pk, document.number)
        raise DocumentError(f"文号 {document.number} 已被占用，请告知系统管理员核对文号系列。") from error
    document.attachments.update(frozen=True)
    tell(document, actor, today)
    if render:
        render_later([document.pk], actor)
    return document


@transaction.atomic
def seal(
    *, document: Document, actor: User, today: date, sealed_on: date, seal: str, keeper: str, copies: int
) -> Document:
    """Enter it in the register of the seal (用印登记). Raises ``DocumentError``."""
    begin(document, "seal", actor, today)
    if sealed_on > today:
        raise DocumentError("用印日期不能晚于今天。", "sealed_on")
    if document.issued_on and sealed_on < document.issued_on:
        raise DocumentError(f"用印日期不能早于印发日期 {document.issued_on.isoformat()}。", "sealed_on")
    if not seal.strip():
        raise DocumentError("请填写印章名称。", "seal")
    if not keeper.strip():
        raise DocumentError("请填写监印人。", "keeper")
    if copies < 1:
        raise DocumentError("用印份数至少为 1。", "copies")
    SealRecord.objects.create(
        document=document, sealed_on=sealed_on, seal=seal, keeper=keeper, copies=copies, registered_by=actor
    )
    document.sealed_on = sealed_on
    finish(document, ["sealed_on"], Action.SEALED, actor, data={"copies": copies, "seal": seal})
    return document


@transaction.atomic
def hand_to(*, document: Document, actor: User, today: date, server: User) -> Document:
    """Make ``server`` the one who serves it; the one before is relieved. Raises ``DocumentError``."""
    begin(document, "hand", actor, today)
    if not User.objects.filter(able_to_take(access.task_of(document)), pk=server.pk).exists():
        raise DocumentError(f"{server}没有送达这类文书的权限或已停用。", "server")
    held = serving(document)
    if held and held.user_id == server.pk:
        raise DocumentError(f"这件文书已由{server}送达。", "server")
    try:
        if held:
            hand_over(
                person=held.user,
                takers=[server],
                on=max(today, held.starts_on),
                reason=f"改由他人送达：{document}",
                actor=actor,
                assignments=[held.pk],
            )
        else:
            assign(user=server, task=access.task_of(document), subject=document, starts_on=today)
    except WorkError as error:
        raise DocumentError(str(error), "server") from error
    data = {"to": server.name, **({"from": held.user.name} if held else {})}
    finish(document, [], Action.HANDED, actor, reason=f"由{server}送达", data=data)
    return document


@transaction.atomic
def discard(*, document: Document, actor: User | None, today: date, reason: str) -> Document:
    """Give up a draft; it stays visible. ``actor`` None: the system, whose matter is settled.

    Raises ``DocumentError``.
    """
    return _void(document, "discard", actor, today, reason)


@transaction.atomic
def void(*, document: Document, actor: User, today: date, reason: str) -> Document:
    """Make an approved or issued document void; number and PDF stay. Raises ``DocumentError``."""
    return _void(document, "void", actor, today, reason)


def in_bulk(
    act: Callable[..., Any], documents: Sequence[Document], **arguments: Any
) -> tuple[list[Document], list[tuple[Document, str]]]:
    """Take the same step with many, each in a transaction of its own: done, and refused with the reason."""
    done, refused = [], []
    if act is issue:
        arguments["render"] = False
    for document in documents:
        try:
            act(document=document, **arguments)
        except DocumentError as error:
            refused.append((document, error.message))
        else:
            done.append(document)
    if act is issue and done:
        render_later([document.pk for document in done], arguments["actor"])
    return done, refused


def serving(document: Document) -> Assignment | None:
    """Who is to serve it, as long as it is not served."""
    rows = access.servings().filter(object_id=document.pk, ends_on=None)
    return rows.select_related("user").first()


def public_address(bureau: Bureau) -> str:
    """Where the public reaches this installation, without a slash at the end."""
    if bureau.public_url:
        return bureau.public_url.rstrip("/")
    host = next((host for host in settings.ALLOWED_HOSTS if host[:1] not in ("*", ".")), "localhost")
    return f"{'https' if settings.HTTPS else 'http'}://{host}"


def _new_code() -> str:
    """A verification code that nobody can guess (about 59 bits) and no document has."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        if not Document.objects.filter(code=code).exists():
            return code


def _void(document: Document, name: str, actor: User | None, today: date, reason: str) -> Document:
    begin(document, name, actor, today)
    _require_reason(reason, "弃稿" if name == "discard" else "作废")
    document.voided_on = today
    finish(document, ["voided_on"], Action.VOIDED, actor, reason=reason)
    end_work(task=access.task_of(document), subject=document, on=today)
    tell(document, actor, today)
    return document


def missing(document: Document) -> list[str]:
    """What must be filled before it may be sent for approval or issued, and is not."""
    names = missing_required(list(document.kind.fields.all()), document.content)
    if document.kind.needs_addressee and not document.addressee.strip():
        names = [document.kind.addressee_label, *names]
    if document.kind.own_title and document.title.strip() == document.kind.title:
        names = [f"标题（不能只写“{document.kind.title}”）", *names]
    return names


def _require_complete(document: Document, act: str) -> None:
    if names := missing(document):
        raise DocumentError(f"{act}前须填写：{'、'.join(names)}。")
    require_printable(document.content)


def _require_receipt(document: Document) -> None:
    """The receipt was composed with the draft: the kind may have been changed since."""
    receipt, kind = document.content["receipt"], document.kind
    if kind.layout == Kind.Layout.SLIP:
        return
    if bool(receipt) != kind.needs_service or (receipt and receipt["two_servers"] != kind.two_servers):
        raise DocumentError(f"“{kind}”的送达要求在拟稿后有变动，请退回重新保存后再送审、印发。")


def _require_reason(reason: str, act: str) -> None:
    if not reason.strip():
        raise DocumentError(f"请填写{act}理由。", "reason")
