"""Synthetic data for measurements: from a fixed seed, in sets, with as much that is due however many."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from supervision.supply import rules
from supervision.supply.models import Event, Instalment, LandSupply, LandUser, Parcel
from supervision.supply.selectors import facts_of, terms
from supervision.supply.services import scale
from supervision.supply.services.sweep import due
from tests.supply.factories import make_supply

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def told() -> list[Any]:
    """Everything that was written, without keys and times."""
    supplies = LandSupply.objects.order_by("number")
    return [
        list(supplies.values_list("number", "price", "signed_on", "parcel__area", "parcel__location")),
        list(
            supplies.values_list("instalments__due_on", "instalments__amount").order_by(
                "number", "instalments__seq"
            )
        ),
        list(
            supplies.values_list("events__kind", "events__on").order_by("number", "events__on", "events__pk")
        ),
    ]


def empty() -> None:
    for model in (Event, LandSupply, Parcel, LandUser):
        model.objects.all().delete()


def test_the_same_number_gives_the_same_rows() -> None:
    scale.load_scale(supplies=40, today=TODAY)
    first = told()
    empty()
    scale.load_scale(supplies=15, today=TODAY)
    scale.load_scale(supplies=25, today=TODAY)

    assert told() == first


def test_the_command_says_what_it_wrote() -> None:
    out = StringIO()
    with time_machine.travel(TODAY):
        call_command("loadscale", supplies=30, format="json", stdout=out)

    answer = json.loads(out.getvalue())
    assert answer == {
        "supplies": 30,
        "instalments": 90,
        "events": answer["events"],
        "seconds": answer["seconds"],
    }
    assert (LandSupply.objects.count(), Instalment.objects.count()) == (30, 90)
    assert 5 * 30 <= answer["events"] == Event.objects.count() <= 8 * 30


@pytest.mark.parametrize("number", ["0", "-3", "viele", "200001"])
def test_a_number_that_makes_no_sense_is_refused(number: str) -> None:
    with pytest.raises(CommandError, match="整数"):
        call_command("loadscale", "--supplies", number)


def test_real_supplies_are_not_mixed_with_invented_ones() -> None:
    make_supply()

    with pytest.raises(CommandError, match="规模测试"):
        call_command("loadscale", supplies=1)
    assert LandSupply.objects.count() == 1


def test_what_is_due_does_not_grow_with_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "DUE", 24)
    scale.load_scale(supplies=30, today=TODAY)
    few = len(due(TODAY))
    scale.load_scale(supplies=60, today=TODAY)

    assert len(due(TODAY)) == few > 20
    supplies = list(LandSupply.objects.select_related("parcel"))
    states = set()
    for facts in facts_of(supplies).values():
        view = rules.view_of(facts, TODAY, terms())
        states |= {view.start.code, view.completion.code, *(one.state.value for one in view.payment)}
    assert {"REMINDER", "OVERDUE", "START_REMINDER", "START_RECHECK"} <= states
    assert {"COMPLETION_REMINDER", "COMPLETION_RECHECK"} <= states
    assert not Event.objects.filter(on__gt=TODAY + timedelta(days=0)).exists()


def test_it_is_written_in_sets() -> None:
    with CaptureQueriesContext(connection) as few:
        scale.load_scale(supplies=20, today=TODAY)
    with CaptureQueriesContext(connection) as many:
        scale.load_scale(supplies=100, today=TODAY)

    assert len(many) - len(few) < 40
