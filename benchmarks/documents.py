"""Documents: what a frozen PDF costs beyond WeasyPrint, batch print, the memory of a worker."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from time import perf_counter

import weasyprint
from django.template.loader import render_to_string
from django.utils import timezone

from benchmarks import Result, in_turn
from landbureau.accounts.models import User
from landbureau.documents import pdf
from landbureau.documents.models import Document, Kind
from landbureau.documents.services import approve, draft_document, issue, render, submit
from landbureau.documents.services.kinds import sample
from landbureau.documents.services.printing import create_batch
from landbureau.jobs.models import JobRun
from landbureau.jobs.services import execute

TIMES = 20
RENDERED, PRINTED = 500, 200
MEMORY = """
import json, resource, sys, time
import django
django.setup()
import landbureau.celery
from landbureau.documents.services import render
first, keys = time.perf_counter(), json.loads(sys.stdin.read())
for place, key in enumerate(keys):
    if place == len(keys) - {printed}:
        first = time.perf_counter()
    assert render(key), key
print(json.dumps([resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.perf_counter() - first]))
"""


def measure() -> Iterator[Result]:
    reminder = Kind.objects.filter(code="payment_reminder")
    waiting = iter(issued(reminder, TIMES + 1))
    page = final_html(issued(reminder, 1)[0])

    def bare() -> None:
        weasyprint.HTML(string=page).write_pdf()

    whole, alone = in_turn(lambda: done(next(waiting)), bare, TIMES)
    yield Result("a document, data to store, against WeasyPrint", whole, "ms", alone, bar=1.2)

    documents = issued(Kind.objects.filter(is_active=True), RENDERED)
    worker = subprocess.run(
        [sys.executable, "-c", MEMORY.format(printed=PRINTED)],
        input=json.dumps([document.pk for document in documents]),
        capture_output=True,
        text=True,
        check=True,
    )
    peak, rendering = json.loads(worker.stdout.splitlines()[-1])
    start = perf_counter()
    batch = create_batch(
        actor=User.objects.get(username="zhaowb"),
        documents=documents[-PRINTED:],
        with_receipts=True,
        duplex=True,
    )
    assert batch.run_id
    execute(batch.run_id)
    printing = perf_counter() - start
    batch.refresh_from_db()
    assert batch.run
    assert batch.run.state == JobRun.State.SUCCEEDED, batch.run.error
    yield Result(
        f"printing {PRINTED} documents against rendering them",
        round(printing, 2),
        "s",
        round(rendering, 2),
        bar=round(1 / 6, 3),
    )
    yield Result(f"a worker's memory over {RENDERED} documents", round(peak, 1), "MiB", bar=400.0)


def issued(kinds: object, count: int) -> list[Document]:
    """Issued documents of these kinds in turn, with the samples of their fields; not rendered yet."""
    today = timezone.localdate()
    clerk, head, leader = (User.objects.get(username=name) for name in ("chenxy", "zhaowb", "zhouyj"))
    made = []
    for kind in islice(cycle(kinds), count):  # type: ignore[call-overload]
        document = draft_document(
            kind=kind,
            addressee="邢台宏远桩工装备有限公司",
            values={field.name: sample(field, today) for field in kind.fields.all()},
            section=clerk.section,
            drafter=clerk,
            today=today,
            matter="第2期出让价款缴纳提醒",
            place="寻寨镇振兴路8号",
        )
        submit(document=document, actor=clerk, today=today)
        if not document.approved_on:
            approver = leader if kind.approval == Kind.Approval.LEADER else head
            approve(document=document, actor=approver, today=today)
        issue(document=document, actor=clerk, today=today, render=False)
        made.append(document)
    return made


def done(document: Document) -> None:
    assert render(document.pk), document


def final_html(document: Document) -> str:
    """The page that is written, QR code included, with its style sheets inside: all that WeasyPrint needs."""
    content = document.content
    html = render_to_string(str(pdf.PRINT / f"{content['layout']}.html"), pdf._context(content))
    folder = pdf.settings.BASE_DIR / "templates" / pdf.PRINT
    styles = "".join(path.read_text("utf-8") for path in sorted(folder.glob("*.css")))
    assert "<svg" in html
    return html.replace("</head>", f"<style>{styles}</style></head>")
