"""What of the record its reader may not see: the record tells nobody more than the pages do.

A model whose manager has ``visible_to(viewer)`` says who sees which of its rows; where the record asks
something else than the pages, the manager also has ``visible_in_record(viewer)``, which wins. Models with
neither are no secret.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from landbureau.audit.models import Entry, Reader


def hidden_from(viewer: Reader, entries: Iterable[Entry]) -> set[int]:
    """Keys of the entries on objects that ``viewer`` may not see; one query for each kind of object.

    Of an object that is gone nobody can tell who might see it: only who sees all of its kind.
    """
    by_kind: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.content_type_id is not None:
            by_kind[entry.content_type_id].append(entry)
    hidden: set[int] = set()
    for kind, found in by_kind.items():
        model = ContentType.objects.get_for_id(kind).model_class()
        rows = _seen_by(viewer, model) if model else None
        if model is None or rows is None:
            continue
        keys = {entry.object_pk for entry in found if fits(model, entry.object_pk)}
        seen = {str(pk) for pk in rows.filter(pk__in=keys).order_by().values_list("pk", flat=True)}
        hidden.update(entry.pk for entry in found if entry.object_pk not in seen)
    return hidden


def may_see(viewer: Reader, model: type[models.Model], pk: str) -> bool:
    """Whether the object itself is one that ``viewer`` may see."""
    rows = _seen_by(viewer, model)
    return rows is None or (fits(model, pk) and rows.filter(pk=pk).exists())


def on_seen_objects(viewer: Reader) -> Q:
    """The rows of which ``viewer`` sees the text: a search in the text must not tell what it hides."""
    seen = Q()
    for model in apps.get_models():
        rows = _seen_by(viewer, model)
        if rows is not None and model is not Entry:
            kind = ContentType.objects.get_for_model(model)
            seen &= ~Q(content_type=kind) | Q(object_id__in=rows.order_by().values("pk"))
    return seen


def fits(model: type[models.Model], key: str) -> bool:
    """Whether the key, kept as text, can be one of the model's."""
    return key.isdecimal() or not isinstance(model._meta.pk, models.AutoField | models.IntegerField)


def _seen_by(viewer: Reader, model: type[models.Model]) -> models.QuerySet[models.Model] | None:
    """The rows that ``viewer`` may see; None: all, also those that are gone."""
    manager = model._default_manager
    visible = getattr(manager, "visible_in_record", None) or getattr(manager, "visible_to", None)
    if visible is None or viewer.is_superuser:
        return None
    rows: models.QuerySet[models.Model] = visible(viewer)
    return rows if rows.query.has_filters() else None
