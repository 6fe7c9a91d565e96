"""Jobs that tests declare. Each row they write can be counted: done twice, it is there twice."""

from __future__ import annotations

from time import sleep

from django.db import transaction

from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.jobs.progress import Progress
from landbureau.jobs.services import JobError


def batch(run: Progress) -> None:
    """``args``: ``name``, ``steps``, ``pause`` (seconds).

    Each step: a row and its report, in one transaction.
    """
    steps = run.args["steps"]
    for step in range(run.done, steps):
        sleep(run.args.get("pause", 0))
        with transaction.atomic():
            run.progress(step + 1, steps)
            record(Entry.Action.BULK, actor=None, text=f"{run.args['name']} {step}")
    run.counts["rows"] = steps
    run.note("全部完成")


def one_row(run: Progress) -> None:
    record(Entry.Action.BULK, actor=None, text=f"run {run.run_id}")


def refuses(run: Progress) -> None:
    raise JobError("名单是空的")


def breaks(run: Progress) -> None:
    raise ZeroDivisionError("division by zero")


def sleeps(run: Progress) -> None:
    """Long, without a report."""
    sleep(run.args["seconds"])
