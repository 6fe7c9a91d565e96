"""Two sweeps at the same moments, while two clerks record payments; ``test_sweep.py`` starts it.

``python -m tests.supply.races``: migrates the database of its environment, forks the processes, prints one
JSON document: what is in the database afterwards.
"""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from decimal import Decimal

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from supervision.supply.models import LandSupply, Notice, Sweep  # noqa: E402
from supervision.supply.services import append_event, due, sweep  # noqa: E402
from tests.documents.processes import ended, fork, meet  # noqa: E402
from tests.factories import SectionFactory  # noqa: E402
from tests.supply.test_states import instalment, supply  # noqa: E402
from tests.supply.written import write  # noqa: E402

BEGIN = date(2026, 3, 1)
NIGHTS = 40
DAY = timedelta(days=1)


def sweeper(side: int) -> None:
    for n in range(NIGHTS):
        meet(f"night-{n}", side)
        sweep(today=BEGIN + n * DAY)


def clerk(keys: list[int]) -> None:
    for n, key in enumerate(keys):
        append_event(
            supply=LandSupply.objects.get(pk=key),
            kind="payment" if n % 2 else "visit",
            on=BEGIN - DAY if n % 2 else BEGIN + n % NIGHTS * DAY,
            actor=None,
            today=BEGIN + NIGHTS * DAY,
            **({"amount": Decimal(1000)} if n % 2 else {}),
        )


def main() -> None:
    call_command("migrate", verbosity=0)
    histories = [
        supply(
            instalments=[instalment(1, (BEGIN + n % 60 * DAY).isoformat(), 1000)],
            agreed_start_on=(BEGIN + n % 50 * DAY).isoformat(),
            agreed_completion_on=(BEGIN + n % 70 * DAY).isoformat(),
        )
        for n in range(80)
    ]
    keys = [row.pk for row in write(histories, SectionFactory())]
    work = [
        lambda: sweeper(0),
        lambda: sweeper(1),
        lambda: clerk(keys[::3]),
        lambda: clerk(keys[1::3]),
    ]
    pids = [fork(one) for one in work]
    statuses = [ended(pid) for pid in pids]
    last = BEGIN + NIGHTS * DAY
    sweep(today=last)
    notices = list(Notice.objects.values_list("supply", "key"))
    found = {one.identity for one in due(last)}
    answer = {
        "statuses": statuses,
        "missing": sorted(found - set(notices)),
        "doubled": len(notices) - len(set(notices)),
        "notices": len(notices),
        "created": sum(sum(run.created.values()) for run in Sweep.objects.all()),
        "open": sorted(Notice.objects.open().values_list("supply", "key")),
        "due": sorted(found),
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
