"""What is read of the record."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet

from landbureau.audit.models import Entry, Reader


def entries_for(viewer: Reader) -> QuerySet[Entry]:
    """The rows that ``viewer`` may read, newest first, with what a page shows of them."""
    return (
        Entry.objects.visible_to(viewer)
        .select_related("actor__section", "actor__office")
        .defer("serialized_data", "changes_text")
    )


def history_of_person(viewer: Reader, person: Model) -> QuerySet[Entry]:
    """What ``person`` did, and what happened to the account (failed sign-ins, roles, absences)."""
    account = Q(content_type=ContentType.objects.get_for_model(get_user_model()), object_id=person.pk)
    return entries_for(viewer).filter(Q(actor=person) | account)


def history_of_object(viewer: Reader, model: type[Model], pk: str) -> QuerySet[Entry]:
    """Everything about one row, also after it was deleted. Where ``pk`` is a number, by index."""
    rows = entries_for(viewer).filter(content_type=ContentType.objects.get_for_model(model))
    return rows.filter(object_id=int(pk)) if pk.isdecimal() else rows.filter(object_pk=pk)
