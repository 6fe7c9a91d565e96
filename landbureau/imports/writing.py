"""Many new rows at once, without an object for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models


def insert_rows(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given by the names of their fields: COPY on PostgreSQL, one prepared INSERT elsewhere.

    All rows have the same names; other fields take their defaults, as a new object has them. No signal is
    sent and no key comes back: read the rows by their own key if that is needed. Call it in a transaction.
    """
    if not rows:
        return
    connection = connections[DEFAULT_DB_ALIAS]  # not the proxy, which is asked for each value
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    given = rows[0].keys()
    blank = model()
    defaults = {field: field.pre_save(blank, True) for field in fields if field.attname not in given}
    prepare = [
        (field.attname, field.get_db_prep_save, defaults.get(field), field in defaults) for field in fields
    ]
    values = (
        [
            save(default if is_default else row[name], connection)
            for name, save, default, is_default in prepare
        ]
        for row in rows
    )
    quote = connection.ops.quote_name
    table, columns = quote(model._meta.db_table), ", ".join(quote(str(field.column)) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(values))  # noqa: S608


def update_rows(rows: Sequence[models.Model], fields: Collection[str]) -> None:
    """Save ``fields`` of many rows of one model by one prepared UPDATE.

    ``bulk_update`` builds an expression for each value, which takes twenty times as long. No signal is sent;
    values are values, no expressions. Call it in a transaction.
    """
    if not rows or not fields:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    meta = type(rows[0])._meta
    columns = [meta.get_field(name) for name in fields]
    assert all(isinstance(column, models.Field) for column in columns)
    pk = meta.pk
    save = [(column.attname, column.get_db_prep_save) for column in (*columns, pk)]  # type: ignore[union-attr]
    quote = connection.ops.quote_name
    places = ", ".join(f"{quote(str(column.column))} = %s" for column in columns)  # type: ignore[union-attr]
    sql = f"UPDATE {quote(meta.db_table)} SET {places} WHERE {quote(str(pk.column))} = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(
            sql, [[prepare(getattr(row, name), connection) for name, prepare in save] for row in rows]
        )
