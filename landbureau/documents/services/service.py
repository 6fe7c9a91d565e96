"""送达: the receipt is registered, completed when a letter's slip comes back, corrected by a new record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from landbureau.accounts.models import User
from landbureau.accounts.services import end_work
from landbureau.documents import access, receipt, rules
from landbureau.documents.errors import DocumentError, ServiceRefused
from landbureau.documents.models import Document, ServiceMethod, ServiceRecord, Step
from landbureau.documents.services.followers import tell
from landbureau.documents.services.guards import begin, finish

Lines = Mapping[str, Any]
MOST_SAID = 200  # characters of a step's reason


@transaction.atomic
def register_service(
    *,
    document: Document,
    actor: User,
    today: date,
    method: ServiceMethod,
    request_key: str,
    **lines: Any,
) -> ServiceRecord:
    """Register how a document was served, or that it was posted; ``lines``: names of ``receipt.TITLES``.

    Lines that the method does not use are left out. ``request_key`` names the submission: the same again
    returns the record that it made. Raises ``ServiceRefused`` (what is wrong, by line), ``DocumentError``.
    """
    if record := _made_by(document, request_key):
        return record
    begin(document, "serve", actor, today)
    if in_force(document):
        raise DocumentError("这件文书已有送达登记，请补登回执或改用其他方式。")
    return _append(document, actor, today, method, request_key, lines)


@transaction.atomic
def complete_service(
    *,
    record: ServiceRecord,
    actor: User,
    today: date,
    request_key: str,
    method: ServiceMethod | None = None,
    **lines: Any,
) -> ServiceRecord:
    """The slip of a letter has come back, or the letter itself, and the document is served by another method.

    ``lines`` replace those of ``record``, which stays. Raises as ``register_service``.
    """
    document = record.document
    if made := _made_by(document, request_key):
        return made
    begin(document, "serve", actor, today)
    _require_in_force(record)
    method = method or record.method
    reason = "补登回执" if method == record.method else f"由{record.method}改为{method}"
    lines = _lines(record) | lines
    return _append(document, actor, today, method, request_key, lines, corrects=record, reason=reason)


@transaction.atomic
def correct_service(
    *,
    record: ServiceRecord,
    actor: User,
    today: date,
    request_key: str,
    reason: str,
    method: ServiceMethod | None = None,
    **lines: Any,
) -> ServiceRecord:
    """Put a wrong registration right by a new record with a reason; the wrong one stays visible.

    Raises as ``register_service``.
    """
    document = record.document
    if made := _made_by(document, request_key):
        return made
    begin(document, "correct", actor, today)
    _require_in_force(record)
    if not reason.strip():
        raise DocumentError("请填写更正理由。", "reason")
    lines, method = _lines(record) | lines, method or record.method
    return _append(
        document, actor, today, method, request_key, lines, corrects=record, reason=reason, correction=True
    )


def in_force(document: Document) -> ServiceRecord | None:
    """The record that counts: the latest of its corrections."""
    records = document.service_records.select_related("method", "registered_by")
    return records.filter(corrected_by=None).first()


def requirements(document: Document, method: ServiceMethod, *, has_proof: bool) -> receipt.Requirements:
    """What the receipt of this document must hold with this method."""
    return receipt.Requirements(
        rule=method.date_rule,
        required=method.required,
        two_servers=document.two_servers,
        not_before=document.sealed_on or document.issued_on,
        not_before_title="用印日期" if document.sealed_on else "印发日期",
        has_proof=has_proof,
    )


def _made_by(document: Document, request_key: str) -> ServiceRecord | None:
    """What this submission has made already. Locks the document: of two at once the second sees the first."""
    Document.objects.select_for_update(no_key=True, of=("self",)).get(pk=document.pk)
    record = ServiceRecord.objects.select_related("method").filter(request_key=request_key).first()
    if record and record.document_id != document.pk:
        raise DocumentError("这次提交属于另一件文书，请重新打开页面。")
    return record


def _require_in_force(record: ServiceRecord) -> None:
    current = in_force(record.document)
    if current is None or current.pk != record.pk:
        raise DocumentError("这条送达登记刚刚已被更正，请核对后再办理。")


def _lines(record: ServiceRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in receipt.TITLES}


def _append(
    document: Document,
    actor: User,
    today: date,
    method: ServiceMethod,
    request_key: str,
    lines: Lines,
    *,
    corrects: ServiceRecord | None = None,
    reason: str = "",
    correction: bool = False,
) -> ServiceRecord:
    """Append the record, take over its day, and record the step."""
    if unknown := lines.keys() - receipt.TITLES.keys():
        raise TypeError(f"no lines of the receipt: {', '.join(sorted(unknown))}")
    used = receipt.lines_of(method.date_rule, method.required)
    kept = {name: value for name, value in lines.items() if name in used}
    has_proof = document.proofs.exists()
    needs = requirements(document, method, has_proof=has_proof)
    if problems := receipt.problems(kept, needs, today):
        raise ServiceRefused(problems)
    before = document.served_on
    record = ServiceRecord.objects.create(
        document=document,
        method=method,
        served_on=rules.served_on(
            method.date_rule, method.days, kept.get("received_on"), kept.get("posted_on")
        ),
        corrects=corrects,
        reason=reason,
        request_key=request_key,
        registered_by=actor,
        **kept,
    )
    document.served_on = record.served_on
    document.lacks_proof = method.needs_proof and not has_proof
    data = {"method": method.title, "served_on": _iso(record.served_on)}
    if correction:
        action, data = Step.Action.CORRECTED, data | {"before": _iso(before)}
        said = f"送达日期 {_word(before)} → {_word(record.served_on)}。{reason}"
    else:
        action = Step.Action.SERVED if record.served_on else Step.Action.SENT
        said = f"{method}，送达日期 {_word(record.served_on)}" if record.served_on else f"{method}，在途"
    finish(document, ["served_on", "lacks_proof"], action, actor, reason=said[:MOST_SAID], data=data)
    if record.served_on:
        end_work(task=access.task_of(document), subject=document, on=today)
    tell(document, actor, today)
    return record


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _word(day: date | None) -> str:
    return day.isoformat() if day else "在途"
