"""Many rows at once, without an expression for each value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from landbureau.imports.writing import insert_rows, update_rows
from tests.imports.lots import bring, lot, sheet
from tests.ledger.models import Lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]


def test_named_fields_of_many_rows_are_saved_and_the_others_are_not() -> None:
    bring(sheet(lot(1), lot(2), lot(3)))
    rows = list(Lot.objects.order_by("number"))
    for place, row in enumerate(rows):
        row.area, row.start_on, row.remark = Decimal(place), None, "未保存"
        row.signed_on = date(2026, 4, place + 1)

    with CaptureQueriesContext(connection) as captured:
        update_rows(rows, ["area", "start_on", "signed_on"])

    assert all(query["sql"].count("UPDATE") for query in captured)
    assert list(Lot.objects.order_by("number").values_list("area", "start_on", "signed_on", "remark")) == [
        (Decimal(place), None, date(2026, 4, place + 1), "") for place in range(3)
    ]


def test_nothing_to_write_is_nothing() -> None:
    with CaptureQueriesContext(connection) as captured:
        update_rows([], ["area"])
        insert_rows(Lot, [])
    assert not captured.captured_queries
