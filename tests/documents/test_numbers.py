"""Numbers one after the other; several at once are in ``test_races.py``."""

from __future__ import annotations

import pytest
from django.db import transaction

from landbureau.documents.models import NumberCounter
from landbureau.documents.services import take_number
from tests.documents.factories import SeriesFactory

pytestmark = pytest.mark.django_db


def test_each_organ_series_and_year_counts_from_one() -> None:
    one, other = SeriesFactory(), SeriesFactory()
    asked = [(one, "甲", 2026), (one, "甲", 2026), (other, "甲", 2026), (one, "乙", 2026), (one, "甲", 2027)]
    taken = [take_number(series=series, organ_code=organ, year=year) for series, organ, year in asked]
    assert taken == [1, 2, 1, 1, 1]
    assert take_number(series=one, organ_code="甲", year=2026) == 3
    assert (
        str(NumberCounter.objects.get(series=one, organ_code="甲", year=2026)) == f"甲{one.mark}〔2026〕3号"
    )


def test_the_number_of_an_act_that_failed_is_taken_by_the_next() -> None:
    series = SeriesFactory()
    with transaction.atomic():
        assert take_number(series=series, organ_code="甲", year=2026) == 1
        transaction.set_rollback(True)
    assert take_number(series=series, organ_code="甲", year=2026) == 1


@pytest.mark.django_db(transaction=True)
def test_no_number_without_the_transaction_of_its_document() -> None:
    series = SeriesFactory()
    with pytest.raises(transaction.TransactionManagementError):
        take_number(series=series, organ_code="甲", year=2026)
    assert not NumberCounter.objects.exists()
