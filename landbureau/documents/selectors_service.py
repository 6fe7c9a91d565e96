"""Reads about service: what was registered, what proves it, what is still missing; who could go along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from landbureau.accounts.models import User
from landbureau.documents import receipt, rules
from landbureau.documents.models import Document, ServiceMethod, ServiceRecord
from landbureau.documents.services.proofs import why_not


@dataclass(frozen=True)
class Registered:
    """A record with its filled-in lines as (title, value), in the order of the receipt."""

    record: ServiceRecord
    facts: list[tuple[str, Any]]


def service_context(document: Document, viewer: User, today: date) -> dict[str, Any]:
    """For ``documents/parts/service.html``; ``records``: newest first, the first is in force."""
    found = document.service_records.select_related("method", "registered_by").order_by("-pk")
    records = [Registered(record, facts_of(record)) for record in found]
    proofs = list(document.proofs.select_related("uploaded_by"))
    return {
        "records": records,
        "proofs": proofs,
        "service_notes": _notes(document, records[0].record, bool(proofs), today) if records else [],
        "may_add_proof": not why_not(document, viewer),
    }


def facts_of(record: ServiceRecord) -> list[tuple[str, Any]]:
    rule = record.method.date_rule
    lines = ((receipt.title(name, rule), getattr(record, name)) for name in receipt.TITLES)
    return [(title, value) for title, value in lines if value not in ("", None)]


def _notes(document: Document, record: ServiceRecord, has_proof: bool, today: date) -> list[str]:
    """What is still to be done or to come; of a voided document nothing is."""
    notes: list[str] = []
    if document.voided_on:
        return notes
    if record.served_on is None:
        notes.append("在途：收到回执后补登收件日期；退回的，改用其他方式送达。")
    elif record.served_on > today:
        notes.append(f"公告期内：{record.served_on.isoformat()} 视为送达。")
    if record.method.needs_proof and not has_proof:
        notes.append("缺送达证明：请补传回证的照片或扫描件。")
    return notes


def consequence(
    method: ServiceMethod | None, received_on: date | None, posted_on: date | None, today: date
) -> str:
    """What registering will do, in a sentence; empty as long as it cannot be told."""
    if method is None:
        return ""
    day = rules.served_on(method.date_rule, method.days, received_on, posted_on)
    if day is None:
        if method.date_rule == rules.DateRule.RETURNED and posted_on:
            return "文书在途；收到回执后补登收件日期，以该日为送达日期。"
        return ""
    if method.date_rule == rules.DateRule.PUBLISHED:
        until = "视为送达" if day > today else "已视为送达"
        return f"自公告之日起满 {method.days} 日，{day.isoformat()} {until}。"
    return f"送达日期记为 {day.isoformat()}。"


def colleagues(document: Document, person: User) -> QuerySet[User]:
    """Who may go along: the people of the person's unit and of the document's office and section."""
    near = Q(section=document.section_id)
    if document.township:
        near |= Q(office=document.township.office_id)
    if person.office_id:
        near |= Q(office=person.office_id)
    if person.section_id:
        near |= Q(section=person.section_id)
    return User.objects.filter(near, is_active=True).order_by("name")
