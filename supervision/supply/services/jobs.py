"""What runs at night, from the command line and from a button: one sweep, the same for all three."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.jobs.progress import Progress
from supervision.supply.models import Sweep
from supervision.supply.services.following import catch_up
from supervision.supply.services.papers import draft_soon
from supervision.supply.services.sweep import sweep


@dataclass(frozen=True)
class Swept:
    """``served``: services that were made up for."""

    run: Sweep
    served: int


def daily_sweep(*, on: date, today: date, actor: User | None = None) -> Swept:
    """Find what is due on ``on``, then have its documents drafted. Doing it again changes nothing.

    Services whose day has come are made up for first, so that nobody is reminded of what was served; none is
    that lies ahead of ``today``, also if the sweep looks ahead.
    """
    served = catch_up(min(on, today))
    run = sweep(today=on, actor=actor)
    draft_soon(actor)
    return Swept(run, served)


def nightly_sweep(run: Progress) -> None:
    """Job: the sweep of today."""
    today = timezone.localdate()
    done = daily_sweep(on=today, today=today)
    run.counts |= {
        "served": done.served,
        "created": sum(done.run.created.values()),
        "already": done.run.already,
        "excluded": done.run.excluded,
    }
