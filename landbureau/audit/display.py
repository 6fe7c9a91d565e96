"""A row of the record in the words of the pages: field names in Chinese, values as people know them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.urls import reverse
from django.utils import timezone

from landbureau.audit.models import UNRECORDED_FIELDS, Entry, Reader
from landbureau.audit.sight import fits, hidden_from

EMPTY = "（空）"
HIDDEN = "（内容不在您的查看范围）"
LONGEST = 200  # characters of one value that are shown

# Names of what ``services.record`` is given as ``data``; a key that is not here is shown as it is.
DATA_LABELS = {
    "already": "已有",
    "backup_of": "备份时间",
    "batch": "打印批次",
    "before": "此日之前",
    "count": "数量",
    "created": "新增",
    "days": "日期数",
    "documents": "文书",
    "excluded": "未处理",
    "fields": "栏目",
    "file": "文件",
    "files": "文件数",
    "folder": "文件夹",
    "filters": "条件",
    "from": "自",
    "kept": "原有数据",
    "migrated": "升级步数",
    "moved": "调整的期限",
    "payments": "调整的应缴日期",
    "reason": "事由",
    "removed": "删除",
    "rows": "行数",
    "sha256": "SHA-256",
    "size": "字节数",
    "to": "至",
    "unchanged": "未变",
    "updated": "修改",
}

_ACTION = Entry.Action
COLOURS = {
    _ACTION.DELETE: "red",
    _ACTION.SIGN_IN_FAILED: "orange",
    _ACTION.LOCKED_OUT: "red",
    _ACTION.EXPORT: "blue",
    _ACTION.DOWNLOAD: "blue",
    _ACTION.REVEAL: "blue",
    _ACTION.RESTORE: "orange",
    _ACTION.ARCHIVE: "orange",
}


@dataclass(frozen=True)
class Change:
    """One field, old and new, as text. ``old`` None: the row is new, or things were added to a list."""

    field: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        if self.old is None:
            return f"{self.field}：{self.new}"
        return f"{self.field}：{self.old} → {self.new if self.new is not None else '（已删除）'}"


@dataclass(frozen=True)
class Line:
    """One row, ready to be shown."""

    entry: Entry
    who: str
    unit: str
    action: str
    colour: str
    kind: str
    subject: str
    subject_pk: str
    history_url: str
    changes: list[Change]
    facts: list[tuple[str, str]]

    @property
    def text(self) -> str:
        """Changes and facts on one line, for exports."""
        return "；".join([*map(str, self.changes), *(f"{label}：{value}" for label, value in self.facts)])


def lines_of(entries: Iterable[Entry], viewer: Reader) -> list[Line]:
    """The rows as ``viewer`` may see them: of objects out of sight only who did what kind of thing, and when.

    Related rows are fetched once per kind, however many entries there are.
    """
    entries = list(entries)
    kinds = {entry.content_type_id: _model_of(entry) for entry in entries}
    hidden = hidden_from(viewer, entries)
    names = _names_of_related([entry for entry in entries if entry.pk not in hidden], kinds)
    return [
        _line(entry, kinds[entry.content_type_id], names, is_hidden=entry.pk in hidden) for entry in entries
    ]


def kind_of(model: type[models.Model] | None) -> str:
    return str(model._meta.verbose_name) if model else ""


def _line(
    entry: Entry, model: type[models.Model] | None, names: Mapping[Any, str], *, is_hidden: bool
) -> Line:
    facts = (entry.additional_data or {}).items()
    return Line(
        entry=entry,
        who=str(entry.actor) if entry.actor else "系统" if _is_by_system(entry) else "未登录",
        unit=str(getattr(entry.actor, "unit", None) or ""),
        action=entry.get_action_display(),
        colour=COLOURS.get(entry.action, "grey"),
        kind=kind_of(model),
        subject=HIDDEN if is_hidden else entry.object_repr,
        subject_pk="" if is_hidden else entry.object_pk,
        history_url=(
            reverse("audit:object", args=[model._meta.app_label, model._meta.model_name, entry.object_pk])
            if model and not is_hidden
            else ""
        ),
        changes=[] if is_hidden else _changes(entry, model, names),
        facts=[] if is_hidden else [(DATA_LABELS.get(key, key), _plain(value)) for key, value in facts],
    )


def _is_by_system(entry: Entry) -> bool:
    return entry.action not in (_ACTION.SIGN_IN_FAILED, _ACTION.LOCKED_OUT)


def _model_of(entry: Entry) -> type[models.Model] | None:
    """The model of the object; None for acts on nothing, and for models that are gone."""
    if entry.content_type_id is None:
        return None
    return ContentType.objects.get_for_id(entry.content_type_id).model_class()


def _changes(entry: Entry, model: type[models.Model] | None, names: Mapping[Any, str]) -> list[Change]:
    changes = dict(entry.changes or {})
    for generic in model._meta.private_fields if model else []:
        if isinstance(generic, GenericForeignKey) and generic.name in changes:
            changes.pop(generic.ct_field, None)  # the object itself says more than its type and number
            changes.pop(generic.fk_field, None)
    found = []
    for name, values in sorted(changes.items(), key=lambda item: _place_of(model, item[0])):
        if name in UNRECORDED_FIELDS:
            continue
        field = _field_of(model, name)
        label = _label_of(field, name)
        if isinstance(values, dict):  # a many-to-many field
            word = "增加" if values["operation"] == "add" else "移除"
            found.append(Change(f"{label}（{word}）", None, "、".join(values["objects"])))
            continue
        old, new = (_value(field, value, names) for value in values)
        if entry.action == _ACTION.CREATE:
            if new not in (EMPTY, "否"):  # a new row is not everything that it is not
                found.append(Change(label, None, new))
        elif entry.action == _ACTION.DELETE:
            if old != EMPTY:
                found.append(Change(label, old, None))
        else:
            found.append(Change(label, old, new))
    return found


def _field_of(model: type[models.Model] | None, name: str) -> Any:
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:  # of an earlier version
        return None


def _place_of(model: type[models.Model] | None, name: str) -> int:
    """django-auditlog stores fields in any order; people know them in that of the form."""
    names = [field.name for field in model._meta.get_fields()] if model else []
    return names.index(name) if name in names else len(names)


def _label_of(field: Any, name: str) -> str:
    if isinstance(field, GenericForeignKey):
        return "对象"
    return str(getattr(field, "verbose_name", name))


def _value(field: Any, value: Any, names: Mapping[Any, str]) -> str:
    if value in (None, "", "None"):
        return EMPTY
    if isinstance(field, models.ForeignKey):
        return names.get((field.related_model, str(value)), f"（编号 {value}）")
    if getattr(field, "choices", None):
        return str({str(code): label for code, label in field.flatchoices}.get(str(value), value))
    if isinstance(field, models.BooleanField):
        return "是" if value in (True, "True") else "否"
    if isinstance(field, models.DateTimeField):
        return _moment(value)
    return _plain(value)


def _moment(value: str) -> str:
    """django-auditlog stores moments in UTC, without saying so."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return _plain(value)
    if timezone.is_naive(moment):
        moment = moment.replace(tzinfo=UTC)
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        text = "、".join(map(str, value))
    elif isinstance(value, dict | list):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _names_of_related(
    entries: Iterable[Entry], kinds: Mapping[int | None, type[models.Model] | None]
) -> dict[Any, str]:
    """``(model, key as text)`` → text, for all that foreign keys in the changes point to."""
    wanted: dict[type[models.Model], set[str]] = defaultdict(set)
    for entry in entries:
        for name, values in (entry.changes or {}).items():
            field = _field_of(kinds[entry.content_type_id], name)
            if isinstance(field, models.ForeignKey) and isinstance(values, list):
                wanted[field.related_model].update(str(v) for v in values if v not in (None, "", "None"))
    names = {}
    for model, keys in wanted.items():
        usable = [key for key in keys if fits(model, key)]
        rows = model._default_manager.filter(pk__in=usable).select_related(*_in_its_text(model))
        names.update({(model, str(row.pk)): _text_of(model, row) for row in rows})
    return names


def _in_its_text(model: type[models.Model]) -> list[str]:
    """Foreign keys that the row's text may name (a village names its township)."""
    return [
        field.name
        for field in model._meta.fields
        if isinstance(field, models.ForeignKey) and not field.null and field.related_model is not model
    ]


def _text_of(model: type[models.Model], row: models.Model) -> str:
    if isinstance(row, ContentType):
        return kind_of(row.model_class()) or row.model
    return str(row)
