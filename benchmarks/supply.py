"""Land supplies: pages and the sweep at 10,000 supplies against the same at 1,000, as much being due in both.

A page is timed in turn with a bare view, and it is these multiples that are compared: a slow moment of the
machine between the two sizes does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from benchmarks import Result, in_turn
from landbureau.accounts.demo import demo_accounts
from landbureau.accounts.models import User
from supervision.supply import rules
from supervision.supply.models import LandSupply
from supervision.supply.selectors import facts_of, terms
from supervision.supply.services import sweep
from supervision.supply.services.notices import is_monthly, repeats
from supervision.supply.services.scale import MARK, load_scale

FEW, MANY = 1_000, 10_000
BAR = 3.0
TIMES = 12
CHUNK = 500


def measure() -> Iterator[Result]:
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username=demo_accounts()[0].username))
    load_scale(supplies=FEW, today=timezone.localdate())
    few = {name: _figures(client, act) for name, act in _acts(client).items()}
    load_scale(supplies=MANY - FEW, today=timezone.localdate())
    many = {name: _figures(client, act) for name, act in _acts(client).items()}
    for name in few:
        what = f"{name}, {MANY:,} supplies against {FEW:,}"
        yield Result(what, many[name][0], "× bare", few[name][0], bar=BAR)
        yield Result(f"{what}: queries", many[name][1], "", few[name][1], bar=1.0)
    swept, one_by_one = in_turn(_sweep, _one_by_one, 3)
    yield Result(f"sweep of {MANY:,} against one by one", swept, "ms", one_by_one, bar=0.2)


def _acts(client: Client) -> dict[str, Callable[[], object]]:
    supply = LandSupply.objects.filter(supervision_number__contains=MARK).order_by("pk")[0]
    return {
        "list": partial(_get, client, reverse("supply:supplies")),
        "detail": partial(_get, client, reverse("supply:supply", args=[supply.pk])),
        "section head's page": partial(_get, client, reverse("supply:overview")),
        "sweep": _sweep,
    }


def _figures(client: Client, act: Callable[[], object]) -> tuple[float, int]:
    """How many times what a bare view takes; and the queries, once everything that is kept is kept."""
    act()
    page, bare = in_turn(act, partial(_get, client, "/bare/"), TIMES)
    with CaptureQueriesContext(connection) as queries:
        act()
    return round(page / bare, 2), len(queries)


def _get(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


def _sweep() -> None:
    """As on a first morning: what it writes is taken back."""
    with transaction.atomic():
        sweep(today=timezone.localdate())
        transaction.set_rollback(True)


def _one_by_one() -> int:
    """What the sweep does in sets, by the rules of one supply."""
    today, numbers, repeat, monthly = timezone.localdate(), terms(), repeats(), is_monthly()
    found, keys = 0, list(LandSupply.objects.order_by("pk").values_list("pk", flat=True))
    for at in range(0, len(keys), CHUNK):
        supplies = LandSupply.objects.select_related("parcel").filter(pk__in=keys[at : at + CHUNK])
        for facts in facts_of(supplies).values():
            found += len(rules.matters(facts, today, numbers, repeat, monthly=monthly))
    return found
