"""Two people edit the same row: the second is told what the first changed, and loses nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from landbureau.web.models import Versioned


class EditConflict(ValidationError):
    """The row has been changed since it was opened; ``current`` is how it stands now."""

    def __init__(self, current: Versioned) -> None:
        self.current = current
        super().__init__(
            "您打开之后，这条记录已被他人修改，您的修改尚未保存。请重新打开后再改。", code="conflict"
        )


def save_edit(instance: Versioned, fields: Iterable[str]) -> None:
    """Save ``fields`` of a row if it still has the version that ``instance`` was opened with.

    Raises ``EditConflict`` otherwise; nothing is written then. The row is locked while it is compared,
    and saved by ``save()``, so that the audit record sees the change.
    """
    opened = instance.version
    with transaction.atomic():
        current = type(instance)._default_manager.select_for_update().get(pk=instance.pk)
        if current.version != opened:
            raise EditConflict(current)
        instance.version = opened + 1
        try:
            instance.save(update_fields=[*dict.fromkeys(fields), "version"])
        except BaseException:
            instance.version = opened
            raise


def label_of(instance: models.Model, name: str) -> str:
    """A field's Chinese name."""
    return str(getattr(instance._meta.get_field(name), "verbose_name", name))


def display_value(instance: models.Model, name: str) -> str:
    """A field's value in the words of the pages: the label of a choice, 是/否, dates as 2026-12-01."""
    field = instance._meta.get_field(name)
    if isinstance(field, models.ManyToManyField):
        return "、".join(str(item) for item in getattr(instance, name).all()) if instance.pk else ""
    if getattr(field, "choices", None):
        return str(getattr(instance, f"get_{name}_display")())
    value: Any = getattr(instance, name)
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)
