"""Acts of two persons on the same documents at the same moments, through the services: for ``races.py``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import time
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType

from landbureau.accounts.errors import WorkError
from landbureau.accounts.models import Assignment
from landbureau.accounts.services import SERVING, assign, hand_over
from landbureau.documents import services
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, ServiceMethod, ServiceRecord, Step
from tests.documents.office import DAY, TODAY, Office
from tests.documents.processes import ended, fork, meet

EACH = 12  # documents that are raced for in each way
RECEIPT = {
    "place": "寻寨镇振兴路8号",
    "received_on": TODAY,
    "received_at": time(10, 40),
    "receiver": "高志远",
    "relation": "法定代表人",
    "first_server": "王海燕",
    "second_server": "李国强",
}


def approve_twice(side: int, document: Document, office: Office) -> None:
    services.approve(document=document, actor=(office.head, office.leader)[side], today=TODAY)


def serve_twice(side: int, document: Document, office: Office, key: str = "") -> None:
    services.register_service(
        document=document,
        actor=(office.officer, office.clerk)[side],
        today=TODAY,
        method=ServiceMethod.objects.get(code="direct"),
        request_key=key or f"{side}-{document.pk}",
        **RECEIPT,
    )


def send_twice(side: int, document: Document, office: Office) -> None:
    """The same form, sent again because no answer came: both get the one record."""
    serve_twice(side, document, office, key=f"same-{document.pk}")


def issue_and_void(side: int, document: Document, office: Office) -> None:
    if side:
        services.void(document=document, actor=office.head, today=TODAY, reason="重复")
    else:
        refused = services.in_bulk(services.issue, [document], actor=office.clerk, today=TODAY)[1]
        if refused:
            raise DocumentError(refused[0][1])


def hand_to_and_over(side: int, document: Document, office: Office) -> None:
    """While a document is handed to another, the one who has it gives up their work."""
    held = Assignment.objects.get(task=SERVING, object_id=document.pk, ends_on=None)
    meet(f"held-{document.pk}", side)
    if side:
        hand_over(
            person=office.officer,
            takers=[office.brigade],
            on=TODAY,
            reason="",
            actor=office.clerk,
            assignments=[held.pk],
        )
    else:
        services.hand_to(document=document, actor=office.clerk, today=TODAY, server=office.other)


RACES: dict[str, tuple[str, Callable[[int, Document, Office], None]]] = {
    "approve": ("submitted", approve_twice),
    "serve": ("sealed", serve_twice),
    "send": ("sealed", send_twice),
    "issue": ("approved", issue_and_void),
    "hand": ("sealed", hand_to_and_over),
}


def race(side: int, keys: dict[str, list[int]], office: Office) -> None:
    """Which acts were done. A refusal is no fault; anything else is."""
    done: dict[str, list[int]] = {name: [] for name in RACES}
    for name, (_, act) in RACES.items():
        for key in keys[name]:
            document = Document.objects.get(pk=key)
            meet(f"{name}-{key}", side)
            try:
                act(side, document, office)
            except (DocumentError, WorkError):
                continue
            done[name].append(key)
    (settings.DATA_DIR / f"done-{side}").write_text(json.dumps(done))


def race_of_services(office: Office) -> dict[str, Any]:
    keys = {}
    for name, (state, _) in RACES.items():
        kind = office.document(state).kind
        documents = [office.document(state) for _ in range(EACH)]
        keys[name] = [document.pk for document in documents]
        if name == "issue":
            Document.objects.filter(pk__in=keys[name]).update(kind=kind)
        if name == "hand":
            for document in documents:
                assign(user=office.officer, task=SERVING, subject=document, starts_on=TODAY - DAY)
    pids = [fork(lambda side=side: race(side, keys, office)) for side in (0, 1)]  # type: ignore[misc]
    statuses = [ended(pid) for pid in pids]
    done = [json.loads((settings.DATA_DIR / f"done-{side}").read_text()) for side in (0, 1)]
    issued = Document.objects.filter(pk__in=keys["issue"]).exclude(number=None)
    servings = Assignment.objects.filter(
        task=SERVING,
        ends_on=None,
        content_type=ContentType.objects.get_for_model(Document),
        object_id__in=keys["hand"],
    )
    return {
        "statuses": statuses,
        "done": {name: sorted(done[0][name] + done[1][name]) for name in RACES},
        "keys": keys,
        "approved": Step.objects.filter(document__in=keys["approve"], action="approved").count(),
        "records": sorted(ServiceRecord.objects.values_list("document", flat=True)),
        "numbers": sorted(issued.values_list("sequence", flat=True)),
        "both": issued.exclude(voided_on=None).count(),
        "servings": sorted(servings.values_list("object_id", flat=True)),
    }
