"""Calendar, supplies, land users: who locks in this order never waits in a circle (docs/supply.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from landbureau.imports.locks import lock_tables
from supervision.supply.imports import Supplies, supplies
from supervision.supply.services import endings, projection, set_instalments
from supervision.supply.services import supplies as contracts
from supervision.supply.services.endings import NewUser, Successor, split_off, transfer_whole
from supervision.supply.services.land_users import holding
from tests.supply.acting import People
from tests.supply.factories import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def locks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was locked, in the order of the first time."""
    taken: list[str] = []

    def watch(module: Any, name: str, what: str) -> None:
        original: Callable[..., Any] = getattr(module, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            if what not in taken:
                taken.append(what)
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, watched)

    for module in (contracts, endings, projection, supplies):
        watch(module, "lock_calendar", "calendar")
    watch(contracts, "lock_supply", "supply")
    watch(endings, "begin", "supply")
    watch(contracts, "holding", "land user")
    return taken


def test_instalments_lock_the_calendar_first(locks: list[str]) -> None:
    supply = People().supply()
    locks.clear()
    set_instalments(
        supply=supply,
        instalments=[(1, date(2026, 3, 1), Decimal(1))],
        reason="录错",
        actor=None,
        today=TODAY,
    )
    assert locks == ["calendar", "supply"]


@pytest.mark.parametrize("act", [transfer_whole, split_off])
def test_a_transfer_locks_calendar_supply_and_land_user(locks: list[str], act: Any) -> None:
    people = People()
    supply = people.supply()
    locks.clear()
    successor = Successor("1305302026B80001", "", NewUser("新河县后继机械有限公司"), area=Decimal(100))
    act(supply=supply, successor=successor, on=TODAY, actor=people.clerk, today=TODAY)
    assert locks == ["calendar", "supply", "land user"]
    assert holding(supply.land_user) == supply.land_user


def test_a_ledger_locks_the_calendar_before_its_rows(locks: list[str]) -> None:
    lock_tables([Supplies])
    assert locks == ["calendar"]
