"""Forms of the desk: native inputs, units in the field, and the version a form was opened with."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from landbureau.web.models import Versioned
from landbureau.web.versions import display_value, save_edit

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def validate_reach(value: date) -> None:
    """A day that somebody can mean; the databases and the time zone fail on the first and the last years."""
    if not EARLIEST <= value <= LATEST:
        raise forms.ValidationError(f"日期须在{EARLIEST.year}年至{LATEST.year}年之间。")


def use_native_widgets(form: forms.BaseForm) -> None:
    """Let the browser's own date and time inputs do the work; they speak ISO 8601 only."""
    for field in form.fields.values():
        widgets = [field.widget, *getattr(field.widget, "widgets", [])]
        parts = [field, *getattr(field, "fields", [])]
        for part, widget in zip(parts, widgets, strict=False):
            if isinstance(part, forms.DateTimeField) and isinstance(widget, forms.DateTimeInput):
                widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
            elif isinstance(part, forms.DateField) and isinstance(widget, forms.TextInput):
                _become_date_input(widget)
                part.validators.append(validate_reach)
            elif isinstance(part, forms.TimeField) and isinstance(widget, forms.TimeInput):
                widget.input_type, widget.format = "time", "%H:%M"


def _become_date_input(widget: forms.TextInput) -> None:
    widget.input_type = "date"
    if isinstance(widget, forms.DateInput):
        widget.format = "%Y-%m-%d"


class DeskFormMixin:
    """Native inputs; ``units = {"area": "m²"}`` puts the unit into the field."""

    units: ClassVar[dict[str, str]] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        use_native_widgets(self)  # type: ignore[arg-type]
        for name, unit in self.units.items():
            if name in self.fields:
                self.fields[name].unit = unit  # type: ignore[attr-defined]
        for field in self.fields.values():
            if isinstance(field, forms.DecimalField | forms.FloatField):
                field.widget.attrs.setdefault("inputmode", "decimal")


class DeskForm(DeskFormMixin, forms.Form):
    """A form of the desk that edits no row."""


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files under one name, shown by ``web/parts/upload.html``.

    Their number and names are all that is looked at here; whoever keeps them checks them (``web.uploads``).
    """

    widget = FilesInput
    accept = "image/jpeg,image/png,image/webp,application/pdf"

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [file for file in data or [] if isinstance(file, UploadedFile)]
        if self.required and not files:
            raise forms.ValidationError("请选择文件。", code="required")
        return files

    @property
    def most_bytes(self) -> int:
        """What one file may have at most."""
        most: int = settings.UPLOAD_MOST_BYTES
        return most


class DeskModelForm(DeskFormMixin, forms.ModelForm):
    """A form of the desk for a row that is not versioned."""


class VersionedModelForm(DeskModelForm):
    """Carries the version that the form was opened with, and what it then showed.

    If somebody else has saved meanwhile, the form is invalid: it lists what the other changed, keeps what
    was typed, and takes the next submission as a decision made in that knowledge.
    """

    version = forms.IntegerField(
        widget=forms.HiddenInput,
        required=False,
        error_messages={
            "required": "页面缺少版本号，请重新打开后再改。",
            "invalid": "页面版本号无效，请重新打开后再改。",
        },
    )
    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    instance: Versioned

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].required = bool(self.instance.pk)
        self._show(self.instance)

    def _own_fields(self) -> list[str]:
        names = {
            field.name for field in (*self._meta.model._meta.fields, *self._meta.model._meta.many_to_many)
        }
        return [name for name in self.fields if name in names and name != "version"]

    def shown_values(self, row: Versioned) -> dict[str, str]:
        """The row's values by form field, in the words of the page; what a conflict is told by."""
        return {name: display_value(row, name) for name in self._own_fields()}

    def _show(self, row: Versioned) -> None:
        shown = self.shown_values(row) if row.pk else {}
        self.initial["version"] = row.version
        self.initial["opened"] = json.dumps(shown, ensure_ascii=False)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        opened = self.cleaned_data.get("version")
        if self.instance.pk and opened is not None and opened != self.initial["version"]:
            self.report_conflict(self.instance)
        return cleaned

    def changed_by(self, row: Versioned) -> str:
        """Who changed it meanwhile, as far as the form knows."""
        return "已被他人修改"

    def report_conflict(self, row: Versioned) -> None:
        """Say what the other writer changed; ``row`` is how things stand now."""
        row = type(row)._default_manager.get(pk=row.pk)  # the form's own instance holds typed values
        try:
            opened: dict[str, str] = dict(json.loads(self.data.get(self.add_prefix("opened")) or "{}"))
        except (ValueError, TypeError):
            opened = {}
        changes = [
            f"“{self.fields[name].label}”由“{opened[name] or '空'}”改为“{value or '空'}”"
            for name, value in self.shown_values(row).items()
            if name in opened and opened[name] != value
        ]
        told = f"：{'；'.join(changes)}" if changes else ""
        self.add_error(
            None,
            f"您打开之后，这条记录{self.changed_by(row)}{told}。您填写的内容仍在下面，核对后再次保存，将以您填写的为准。",
        )
        self._show(row)
        typed = QueryDict(mutable=True)
        typed.update(self.data)
        typed[self.add_prefix("version")] = str(row.version)
        typed[self.add_prefix("opened")] = self.initial["opened"]
        self.data = typed

    def save(self, commit: bool = True) -> Any:
        """Save by compare-and-set. Raises ``versions.EditConflict`` if another save came in between."""
        if not commit or not self.instance.pk:
            return super().save(commit)
        opened = self.cleaned_data.get("version")
        if opened is not None:
            self.instance.version = opened
        many = {field.name for field in self._meta.model._meta.many_to_many}
        save_edit(self.instance, [name for name in self._own_fields() if name not in many])
        self._save_m2m()  # type: ignore[attr-defined]
        return self.instance
