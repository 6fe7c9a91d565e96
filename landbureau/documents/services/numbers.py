"""Numbers of documents: gap-free in each series and year, never reused."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from landbureau.documents.models import NumberCounter, Series


def take_number(*, series: Series, organ_code: str, year: int) -> int:
    """The next number, from 1. The counter's row stays locked until the caller's transaction ends: if that
    fails, the number is as if it had never been taken.

    Raises ``TransactionManagementError`` outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("a number is taken in the transaction of its document")
    counter = NumberCounter.objects.filter(organ_code=organ_code, series=series, year=year)
    if not counter.update(last=F("last") + 1):
        NumberCounter.objects.get_or_create(organ_code=organ_code, series=series, year=year)
        counter.update(last=F("last") + 1)
    return counter.values_list("last", flat=True).get()
