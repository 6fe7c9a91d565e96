"""Two imports of one table never write at the same time."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from django.db import connection

from landbureau.imports.targets import Target

SPACE = 20260102  # any number that no other advisory lock of the database uses


def lock_tables(kinds: Iterable[type[Target]]) -> None:
    """Until the transaction ends; then what each table wants locked before its rows, in the order in which
    they are declared. On SQLite there is one writer at a time."""
    kinds = list(kinds)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for key in sorted({crc32(kind.name.encode()) & 0x7FFFFFFF for kind in kinds}):
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SPACE, key])
    for kind in kinds:
        kind.lock()
