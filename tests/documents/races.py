"""What several processes do to the same documents at once, some of them killed; ``test_races.py`` starts it.

``python -m tests.documents.races``: migrates the database of its environment, forks the processes, prints
one JSON document: what is in the database afterwards.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from landbureau.documents import pdf, services  # noqa: E402
from landbureau.documents.errors import DocumentError  # noqa: E402
from landbureau.documents.models import Document, NumberCounter, Step  # noqa: E402
from landbureau.documents.services import rendering, take_number  # noqa: E402
from tests.documents.office import TODAY, Office  # noqa: E402
from tests.documents.processes import ended, fork, meet  # noqa: E402
from tests.documents.races_of_services import race_of_services  # noqa: E402

NUMBERS = 3_000
AT_ONCE = (1, 50, 50, 50)  # numbers in a transaction of each worker
KILLS = 6
SHARED = 24  # documents that two want to issue, and two to render, at the same moment
FAIR = 0.002
"""Seconds between two transactions of a worker: SQLite gives its lock to whoever asks just then, and one that
asks again at once keeps all others from it until they give up."""
ORGAN, YEAR = "新国土资", 2026


class Enough(Exception):
    """The last number was taken; this one is given back."""


class Taker:
    """Takes number and document in one transaction, as ``services.issue`` does, but for what costs time."""

    def __init__(self, template: Document) -> None:
        self.series = template.series
        fields = [field for field in Document._meta.concrete_fields if not field.primary_key]
        names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
        self.insert = f"INSERT INTO documents_document ({names}) VALUES ({', '.join(['%s'] * len(fields))})"
        self.values = {
            field.column: field.get_db_prep_save(getattr(template, field.attname), connection)
            for field in fields
        }

    def take(self, count: int) -> None:
        rows = []
        with transaction.atomic(), connection.cursor() as cursor:
            for _ in range(count):
                number = take_number(series=self.series, organ_code=ORGAN, year=YEAR)
                if number > NUMBERS:
                    raise Enough
                self.values |= {"sequence": number, "number": f"{number}号", "code": f"{number:012}"}
                rows.append(list(self.values.values()))
            cursor.executemany(self.insert, rows)

    def take_all(self, at_once: int) -> None:
        for count in (at_once, 1):  # the last few are fewer than a handful
            with suppress(Enough):
                while True:
                    self.take(count)
                    time.sleep(FAIR)

    def take_and_hang(self) -> None:
        """Killed with a number in its hand."""
        with transaction.atomic():
            self.take(1)
            (settings.DATA_DIR / "hanging").touch()
            time.sleep(60)


def last_number(template: Document) -> int:
    counter = NumberCounter.objects.filter(series=template.series)
    return counter.values_list("last", flat=True).first() or 0


def wait(until: Callable[[], bool], seconds: int = 120) -> None:
    """Fails instead of waiting for processes that have died."""
    last = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < last, "nothing goes on"
        time.sleep(0.01)


def kill(pid: int) -> bool:
    os.kill(pid, signal.SIGKILL)
    return ended(pid) == -signal.SIGKILL


def number_in_parallel(template: Document) -> dict[str, Any]:
    """Workers take numbers until all are taken; now and then one is killed and replaced."""

    def start(at_once: int) -> tuple[int, int]:
        return fork(lambda: Taker(template).take_all(at_once)), at_once

    # It has the first number; the others wait for it from their start.
    hanging = fork(lambda: Taker(template).take_and_hang())
    wait(lambda: (settings.DATA_DIR / "hanging").exists())
    workers = [start(at_once) for at_once in AT_ONCE]
    killed = kill(hanging)
    for turn in range(1, KILLS + 1):
        wait(lambda so_many=NUMBERS * turn // (KILLS + 2): last_number(template) >= so_many)
        time.sleep(random.random() / 100)
        pid, at_once = workers.pop(0)
        killed += kill(pid)
        workers.append(start(at_once))
    statuses = [ended(pid) for pid, _ in workers]
    taken = Document.objects.filter(series=template.series, year=YEAR).values_list("sequence", flat=True)
    return {
        "killed": killed,
        "statuses": statuses,
        "taken": sorted(taken) == list(range(1, NUMBERS + 1)),
        "last": last_number(template),
    }


def issue_all(side: int, keys: list[int], office: Office) -> None:
    done = 0
    for document in [Document.objects.get(pk=key) for key in keys]:
        meet(f"issue-{document.pk}", side)
        try:
            services.issue(document=document, actor=office.clerk, today=TODAY)
        except DocumentError:
            continue
        done += 1
    (settings.DATA_DIR / f"issued-{side}").write_text(str(done))


def render_all(side: int, keys: list[int]) -> None:
    done = 0
    # What is raced for is who writes, not what; and WeasyPrint takes a second to import.
    pdf.write_pdf = lambda content: pdf.Pdf(b"%PDF-", pages=2, receipt_page=2)
    for key in keys:
        meet(f"render-{key}", side)
        done += rendering.render(key)
    (settings.DATA_DIR / f"rendered-{side}").write_text(str(done))


def counted(name: str) -> int:
    return sum(int((settings.DATA_DIR / f"{name}-{side}").read_text()) for side in (0, 1))


def race_for_the_same(office: Office) -> dict[str, Any]:
    """Two processes issue, then render, the same documents at the same moments."""
    kind = office.document("approved").kind
    keys = [office.document("approved").pk for _ in range(SHARED)]
    Document.objects.filter(pk__in=keys).update(kind=kind)
    pids = [fork(lambda side=side: issue_all(side, keys, office)) for side in (0, 1)]
    statuses = [ended(pid) for pid in pids]
    pids = [fork(lambda side=side: render_all(side, keys)) for side in (0, 1)]
    statuses += [ended(pid) for pid in pids]
    rows = Document.objects.filter(pk__in=keys)
    return {
        "statuses": statuses,
        "issued": counted("issued"),
        "numbers": sorted(rows.values_list("sequence", flat=True)),
        "steps": Step.objects.filter(document__in=keys, action=Step.Action.ISSUED).count(),
        "rendered": counted("rendered"),
        "without_pdf": rows.filter(sha256="").count(),
        "files": len(list((settings.MEDIA_ROOT / "documents").rglob("*.pdf"))),
    }


def main() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    office = Office()
    same = race_for_the_same(office)
    template = office.document("approved")
    template.organ_code, template.series, template.year = ORGAN, template.kind.series, YEAR
    template.issued_on = TODAY
    return {"same": same, "services": race_of_services(office), "numbers": number_in_parallel(template)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main()))
