"""Two imports of one table never write at the same time."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from django.db import connection

SPACE = 20260102  # any number that no other advisory lock of the database uses


def lock_tables(kinds: Iterable[str]) -> None:
    """Until the transaction ends. SQLite needs nothing: it has one writer at a time."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for key in sorted({crc32(kind.encode()) & 0x7FFFFFFF for kind in kinds}):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SPACE, key])
