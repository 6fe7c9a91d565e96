"""The filters of a list: one bar, removable chips, and no rows on a condition that makes no sense."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import Model, QuerySet
from django.utils import timezone

from landbureau.web.forms import use_native_widgets


@dataclass(frozen=True)
class Chip:
    """One active condition, and the parameters of the address that hold it."""

    label: str
    text: str
    names: tuple[str, ...]


class DeskFilterSet(django_filters.FilterSet):
    """Base of all filter sets. ``secondary`` names the filters that stand under 更多条件."""

    secondary: tuple[str, ...] = ()

    @property
    def form(self) -> forms.Form:
        if not hasattr(self, "_form"):
            form = super().form
            use_native_widgets(form)
            for name, field in form.fields.items():
                field.label = field.label or self.filters[name].label
                _dress(field)
        return self._form

    @property
    def qs(self) -> QuerySet[Any]:
        """The filtered rows; none while a condition is wrong (the bar says which)."""
        if self.is_bound and not self.form.is_valid():
            return self.queryset.none()
        return super().qs

    def bar_fields(self) -> list[forms.BoundField]:
        return [field for field in self.form if field.name not in self.secondary]

    def more_fields(self) -> list[forms.BoundField]:
        return [field for field in self.form if field.name in self.secondary]

    def more_is_open(self, presets: Collection[tuple[str, str]] = ()) -> bool:
        """Whether something is set under 更多条件. What a preset sets (name, value) stands as a chip."""
        own = [name for name in self._active() if name in self.secondary and not self._is_set(name, presets)]
        return bool(own) or any(field.errors for field in self.more_fields())

    def _is_set(self, name: str, presets: Collection[tuple[str, str]]) -> bool:
        return all(
            (parameter, value) in presets
            for parameter in self._parameters(name)
            for value in self.data.getlist(parameter)
        )

    def chips(self) -> list[Chip]:
        return [
            Chip(
                str(self.form.fields[name].label),
                _text(self.form.fields[name], value),
                self._parameters(name),
            )
            for name, value in self._active().items()
        ]

    def is_active(self) -> bool:
        return bool(self._active()) or bool(self.form.errors)

    def _active(self) -> dict[str, Any]:
        if not self.is_bound:
            return {}
        self.form.is_valid()
        return {
            name: value
            for name, value in self.form.cleaned_data.items()
            if not _is_empty(value) and not isinstance(self.form.fields[name].widget, forms.HiddenInput)
        }

    def _parameters(self, name: str) -> tuple[str, ...]:
        suffixes = getattr(self.form.fields[name].widget, "suffixes", [None])
        return tuple(f"{name}_{suffix}" if suffix else name for suffix in suffixes)


def _is_empty(value: Any) -> bool:
    if isinstance(value, slice):
        return value.start is None and value.stop is None
    if isinstance(value, QuerySet):
        return not value
    return value is None or value in ("", [], ())


def _text(field: forms.Field, value: Any) -> str:
    """What a chip says: the words of the choice, never its code."""
    if isinstance(value, slice):
        start, stop = _plain(value.start), _plain(value.stop)
        if start and stop:
            return start if start == stop else f"{start} 至 {stop}"
        return f"{start} 起" if start else f"至 {stop}"
    if isinstance(value, Model):
        return str(value)
    if isinstance(value, QuerySet | list | tuple | set):
        return "、".join(_text(field, item) for item in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    choices = dict(_flat(getattr(field, "choices", ())))
    return str(choices.get(str(value), choices.get(value, _plain(value))))


def _flat(choices: Any) -> Iterator[tuple[Any, str]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield value, label


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return "" if value is None else str(value)


def _dress(field: forms.Field) -> None:
    """Give a field the looks of the bar: the control itself says what it filters."""
    widget, label = field.widget, str(field.label or "")
    if isinstance(field, forms.ModelMultipleChoiceField | forms.MultipleChoiceField):
        field.widget = forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})
        field.widget.choices = field.choices
    elif isinstance(field, forms.NullBooleanField):
        field.widget = forms.Select(
            attrs={"class": "form-select", "aria-label": label},
            choices=[("", f"{label}：不限"), ("true", f"{label}：是"), ("false", f"{label}：否")],
        )
    elif isinstance(widget, forms.Select):
        widget.attrs.update({"class": "form-select", "aria-label": label})
        if hasattr(field, "empty_label"):
            field.empty_label = f"{label}：不限"
        if not isinstance(field, forms.ModelChoiceField):
            field.choices = [  # type: ignore[attr-defined]
                (value, f"{label}：不限" if value == "" else text)
                for value, text in field.choices  # type: ignore[attr-defined]
            ]
    elif isinstance(widget, forms.MultiWidget):
        for part, word in zip(widget.widgets, ("自", "至"), strict=False):
            part.attrs.update({"class": "form-control", "aria-label": f"{label}{word}"})
    elif not isinstance(widget, forms.HiddenInput):
        widget.attrs.update({"class": "form-control", "placeholder": label, "aria-label": label})
