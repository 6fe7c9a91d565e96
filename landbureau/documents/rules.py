"""States of a document, its number, masking: pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Status(StrEnum):
    """Where a document stands (the words of the contract)."""

    DRAFT = "draft"
    APPROVED = "approved"
    ISSUED = "issued"
    SEALED = "sealed"
    SERVED = "served"
    VOIDED = "voided"


@dataclass(frozen=True)
class Dates:
    """The days of a document's steps, as far as they were taken."""

    approved_on: date | None = None
    issued_on: date | None = None
    sealed_on: date | None = None
    served_on: date | None = None
    voided_on: date | None = None


def status_of(dates: Dates, today: date) -> Status:
    """The furthest step that was taken on or before ``today``; voided beats all."""
    for day, status in (
        (dates.voided_on, Status.VOIDED),
        (dates.served_on, Status.SERVED),
        (dates.sealed_on, Status.SEALED),
        (dates.issued_on, Status.ISSUED),
        (dates.approved_on, Status.APPROVED),
    ):
        if day is not None and day <= today:
            return status
    return Status.DRAFT


def number_text(organ_code: str, mark: str, year: int, sequence: int) -> str:
    """``新国土资催〔2026〕17号``: six-angle brackets, no leading zero (GB/T 9704-2012)."""
    return f"{organ_code}{mark}〔{year}〕{sequence}号"
