"""Rows of acts that no model signal sees: sign-ins, bulk acts, exports, downloads, backups."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from landbureau.audit.models import Entry

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def record(
    action: int,
    *,
    actor: Model | None,
    text: str,
    subject: Model | None = None,
    data: Mapping[str, Any] | None = None,
    address: str | None = None,
) -> Entry:
    """Append one row: ``action`` (``Entry.Action``), by ``actor``, on ``subject``, from ``address``.

    Within a request, person and address that are not given are those of the request; elsewhere no actor
    means the system. ``text`` is what a reader of the record sees (Chinese). ``data`` holds counts, hashes
    and the like, never secrets; the page names its keys with ``display.DATA_LABELS``.
    """
    return Entry.objects.create(
        action=action,
        actor=actor,
        object_repr=_CONTROL.sub(" ", text),
        content_type=ContentType.objects.get_for_model(subject) if subject else None,
        object_pk=str(subject.pk) if subject else "",
        object_id=subject.pk if subject and isinstance(subject.pk, int) else None,
        additional_data=json.loads(json.dumps(data, cls=DjangoJSONEncoder)) if data else None,
        remote_addr=address,
    )


def record_export(
    actor: Model, title: str, *, count: int, filters: Sequence[str], file: str, sha256: str
) -> Entry:
    """A table leaves the building: which, how many rows, under what conditions, and the file's fingerprint.

    ``settings.EXPORT_RECORDER``: called by ``web.exports`` before the file is sent.
    """
    data = {"count": count, "filters": list(filters), "file": file, "sha256": sha256}
    if not filters:
        del data["filters"]
    return record(Entry.Action.EXPORT, actor=actor, text=title, data=data)


def record_import(actor: Model, title: str, *, counts: Mapping[str, int], file: str, sha256: str) -> Entry:
    """A configuration table was changed by a file. ``settings.IMPORT_RECORDER``: called by the admin.

    ``counts``: rows ``created``, ``updated`` and ``unchanged``.
    """
    data = {**counts, "file": file, "sha256": sha256}
    return record(Entry.Action.IMPORT, actor=actor, text=title, data=data)
