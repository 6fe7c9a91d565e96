"""Numbers of documents: gap-free in each series and year, never reused."""

from __future__ import annotations

from django.db import transaction

from landbureau.documents.models import Series

NEXT = """
    INSERT INTO documents_numbercounter (organ_code, series_id, year, last) VALUES (%s, %s, %s, 1)
    ON CONFLICT (organ_code, series_id, year) DO UPDATE SET last = documents_numbercounter.last + 1
    RETURNING last
"""  # one statement makes the counter, locks it and counts: what the ORM does in three, two of which may race


def take_number(*, series: Series, organ_code: str, year: int) -> int:
    """The next number, from 1. The counter's row stays locked until the caller's transaction ends: if that
    fails, the number is as if it had never been taken.

    Raises ``TransactionManagementError`` outside a transaction.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a number is taken in the transaction of its document")
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [organ_code, series.pk, year])
        number: int = cursor.fetchone()[0]
    return number
