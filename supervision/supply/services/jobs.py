"""What runs at night."""

from __future__ import annotations

from django.utils import timezone

from landbureau.jobs.progress import Progress
from supervision.supply.services.following import catch_up
from supervision.supply.services.papers import draft_later
from supervision.supply.services.sweep import sweep


def nightly_sweep(run: Progress) -> None:
    """Job: find what is due today, then have its documents drafted. Doing it again changes nothing.

    Services whose day has come are made up for first, so that nobody is reminded of what was served.
    """
    today = timezone.localdate()
    run.counts["served"] = catch_up(today)
    done = sweep(today=today)
    run.counts |= {
        "created": sum(done.created.values()),
        "already": done.already,
        "excluded": done.excluded,
    }
    draft_later()
