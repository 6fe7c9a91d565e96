"""Exports of a list, read again."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
from django.http import HttpResponse
from django.test import Client


def content_of(response: HttpResponse) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def lines_of(client: Client, address: str, **query: Any) -> list[list[str]]:
    """The lines of the csv, heads first, as they stand in the file."""
    content = content_of(client.get(address, {**query, "export": "csv"}))
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def rows_of(client: Client, address: str, **query: Any) -> list[dict[str, str]]:
    """The rows of the csv by their heads."""
    head, *lines = lines_of(client, address, **query)
    return [dict(zip(head, line, strict=True)) for line in lines]


def sheet_of(client: Client, address: str, **query: Any) -> Any:
    """The sheet of the workbook."""
    content = content_of(client.get(address, {**query, "export": "xlsx"}))
    return openpyxl.load_workbook(io.BytesIO(content)).active
