"""Rows of acts that no model signal sees."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from landbureau.audit.models import Entry


def record(
    action: int,
    *,
    actor: Model | None,
    text: str,
    subject: Model | None = None,
    data: dict[str, Any] | None = None,
    address: str | None = None,
) -> Entry:
    """Append one row: ``action`` (``Entry.Action``), by ``actor`` (None: the system), on ``subject``.

    ``text`` is what a reader of the record sees (Chinese); ``data`` holds counts, hashes and the like.
    Within a request the address is filled in by the middleware.
    """
    return Entry.objects.create(
        action=action,
        actor=actor,
        object_repr=text,
        content_type=ContentType.objects.get_for_model(subject) if subject else None,
        object_pk=str(subject.pk) if subject else "",
        object_id=subject.pk if subject and isinstance(subject.pk, int) else None,
        additional_data=data,
        remote_addr=address,
    )
