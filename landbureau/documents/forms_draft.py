"""The form of a draft: one field for each field of the kind, and what every document has."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from landbureau.accounts.models import Section, Township, User, Village
from landbureau.documents.limits import beyond_limits
from landbureau.documents.models import Document, Kind, KindField
from landbureau.web.forms import DeskForm, VersionedModelForm, use_native_widgets
from landbureau.web.models import Versioned
from landbureau.web.uploads import Checked, check_upload

MOST_COLUMNS, MOST_ROWS = 12, 300  # of a pasted table
MOST_ATTACHMENTS = 20
SPARE_ATTACHMENTS = 2  # empty lines offered
LONGEST_TEXT = 20_000  # characters of a field with several paragraphs: about 30 pages
SEPARATORS = "、，,；;\n"


class AmountField(forms.DecimalField):
    """A number as people write and paste it: ``2,568,000.00``, ``２，５６８，０００．００``."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs know integers
        text = unicodedata.normalize("NFKC", str(value or ""))
        return super().to_python("".join(text.replace(",", "").split()))


class TableField(forms.CharField):
    """Cells pasted from Excel: a line a row, cells separated by tabs, the first row the header."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join("\t".join(row) for row in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        rows = [[cell.strip() for cell in line.split("\t")] for line in text.splitlines() if line.strip()]
        width = max(map(len, rows), default=0)
        if len(rows) == 1:
            raise ValidationError("只有一行：第一行是表头，下面还须有内容。")
        if width > MOST_COLUMNS or len(rows) > MOST_ROWS:
            raise ValidationError(
                f"表格有 {len(rows)} 行 {width} 列，最多 {MOST_ROWS} 行 {MOST_COLUMNS} 列，请改作附件。"
            )
        return [row + [""] * (width - len(row)) for row in rows]

    def clean(self, value: Any) -> Any:
        rows = self.to_python(value)
        if self.required and not rows:
            raise ValidationError(self.error_messages["required"], code="required")
        return rows

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != data)


def field_for(field: KindField) -> forms.Field:
    """The form field of a kind's field."""
    common: dict[str, Any] = {"label": field.name, "help_text": field.help_text}
    match field.type:
        case KindField.Type.DATE:
            return forms.DateField(**common)
        case KindField.Type.MONEY:
            return AmountField(max_digits=16, decimal_places=2, **common)
        case KindField.Type.NUMBER:
            return AmountField(max_digits=18, decimal_places=6, min_value=0, **common)
        case KindField.Type.INTEGER:
            return AmountField(max_digits=12, decimal_places=0, min_value=0, **common)
        case KindField.Type.LONG:
            return forms.CharField(
                max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 8}), **common
            )
        case KindField.Type.TABLE:
            common["help_text"] = "；".join(filter(None, [field.help_text, "可从 Excel 复制单元格后粘贴"]))
            return TableField(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}), **common)
        case _:
            return forms.CharField(max_length=200, **common)


class VillagesByTownship(forms.models.ModelChoiceIterator):
    """Villages under their townships."""

    def __iter__(self) -> Any:
        yield "", self.field.empty_label
        groups: dict[str, list[Any]] = {}
        for village in self.queryset:
            groups.setdefault(village.township.name, []).append((village.pk, village.name))
        yield from groups.items()


class VillageChoice(forms.ModelChoiceField):
    iterator = VillagesByTownship


class DraftForm(VersionedModelForm):
    """``strict``: what must be filled before issue must be there (when the draft is sent for approval).

    ``sections``: those in which the person may draft; ``townships``: those of which one must be chosen.
    A new document has an unsaved ``instance``.
    """

    place = forms.CharField(label="送达地址", max_length=120, required=False)
    village = VillageChoice(
        label="村居",
        queryset=Village.objects.select_related("township").order_by("township__order", "order", "name"),
        required=False,
        empty_label="不选",
    )
    copies_to = forms.CharField(
        label="抄送", max_length=300, required=False, help_text="多个单位之间用顿号或逗号隔开"
    )
    note = forms.CharField(label="附注", max_length=120, required=False, help_text="印在成文日期下方的括号内")

    instance: Document

    class Meta:
        model = Document
        fields: ClassVar[list[str]] = ["title", "addressee", "matter", "section", "township", "village"]

    def __init__(
        self,
        *args: Any,
        kind: Kind,
        sections: QuerySet[Section],
        townships: QuerySet[Township] | None = None,
        strict: bool = False,
        viewer: User | None = None,
        **kwargs: Any,
    ) -> None:
        self.viewer = viewer
        self.kind = kind
        self.strict = strict
        self.kind_fields = list(kind.fields.all())
        super().__init__(*args, **kwargs)
        self._arrange(sections)
        self.bound_to_townships = townships is not None
        if townships is not None:
            self._bind_to(townships)
        for field in self.kind_fields:
            self.fields[self.name_of(field)] = shown = field_for(field)
            shown.unit = _unit(field)  # type: ignore[attr-defined]
            shown.required = field.required
        use_native_widgets(self)
        self._fill()

    def _arrange(self, sections: QuerySet[Section]) -> None:
        fields: dict[str, Any] = self.fields
        fields["addressee"].label = self.kind.addressee_label
        if self.kind.own_title:
            fields["title"].help_text = f"由事由和文种组成，如：关于核对宗地界址的{self.kind.title}"
        fields["addressee"].required = self.kind.needs_addressee
        fields["matter"].required = self.kind.needs_service
        use = "印在送达回证上" if self.kind.needs_service else "便于查找"
        fields["matter"].help_text = f"一句话写明所为何事，{use}"
        fields["township"].empty_label = "不选"
        fields["township"].widget.attrs["data-narrows"] = "id_village"
        fields["township"].help_text = "批量打印和送达按乡镇、村居排路线"
        if self.instance.pk:
            del fields["section"]
        else:
            fields["section"].queryset = sections
            fields["section"].empty_label = None
            if len(sections) == 1:
                fields["section"].widget = forms.HiddenInput()
                self.initial["section"] = sections[0].pk
        if not self.kind.needs_service:
            del fields["place"]

    def _bind_to(self, townships: QuerySet[Township]) -> None:
        fields: dict[str, Any] = self.fields
        fields["township"].queryset, fields["township"].required = townships, True
        fields["village"].queryset = fields["village"].queryset.filter(township__in=townships)
        if len(townships) == 1:
            self.initial.setdefault("township", townships[0].pk)

    def _fill(self) -> None:
        """What the row keeps in its content."""
        if not self.instance.pk:
            self.initial["title"] = "" if self.kind.own_title else self.kind.title
            return
        content: Any = self.instance.content
        self.initial = {
            **self.initial,
            "place": (content["receipt"] or {}).get("place", ""),
            "copies_to": "、".join(content["copies_to"]),
            "note": content["note"],
        }
        for field in self.kind_fields:
            self.initial[self.name_of(field)] = content["values"].get(field.name, "")

    @staticmethod
    def name_of(field: KindField) -> str:
        return f"value_{field.pk}"

    @property
    def names_of_errors(self) -> dict[str, str]:
        """The form field for each name by which a ``DocumentError`` may name its field."""
        return {field.name: self.name_of(field) for field in self.kind_fields}

    def value_fields(self) -> list[forms.BoundField]:
        """The kind's own fields, for the template."""
        return [self[self.name_of(field)] for field in self.kind_fields]

    def full_clean(self) -> None:
        """A draft may be kept half filled: without ``strict`` only the title must be there."""
        needed = [name for name, field in self.fields.items() if field.required and name != "title"]
        keep = {"version", "section"} | ({"township"} if self.bound_to_townships else set())
        for name in needed:
            self.fields[name].required = self.strict or name in keep
        super().full_clean()
        for name in needed:
            self.fields[name].required = True

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        township, village = self.cleaned_data.get("township"), self.cleaned_data.get("village")
        if village and township and village.township_id != township.pk:
            self.add_error("village", f"{village.name}不属于{township}。")
        elif village and not township:
            self.cleaned_data["township"] = village.township
        names = self.names_of_errors
        for name, message in beyond_limits(self.kind_fields, self.values()).items():
            self.add_error(names[name], message)
        return cleaned

    def values(self) -> dict[str, Any]:
        """The kind's fields by name, as ``content.compose`` takes them."""
        return {field.name: self.cleaned_data.get(self.name_of(field)) for field in self.kind_fields}

    def arguments(self) -> dict[str, Any]:
        """What the services take, without the attachments."""
        cleaned = self.cleaned_data
        return {
            "addressee": cleaned["addressee"],
            "values": self.values(),
            "title": cleaned["title"],
            "matter": cleaned["matter"],
            "place": cleaned.get("place", ""),
            "township": cleaned["township"],
            "village": cleaned["village"],
            "copies_to": _parts(cleaned["copies_to"]),
            "note": cleaned["note"],
        }

    def changed_by(self, row: Versioned) -> str:
        assert isinstance(row, Document)
        last = row.steps.select_related("actor").last()
        if last is None:
            return super().changed_by(row)
        at = timezone.localtime(last.at)
        when = f"{at:%H:%M}" if at.date() == timezone.localdate() else f"{at:%Y-%m-%d %H:%M}"
        who = "您本人在另一窗口" if self.viewer and last.actor == self.viewer else str(last.actor or "系统")
        return f"已由{who} {when} {last.get_action_display()}"

    def shown_values(self, row: Versioned) -> dict[str, str]:
        shown = super().shown_values(row)
        assert isinstance(row, Document)
        content: Any = row.content
        for field in self.kind_fields:
            shown[self.name_of(field)] = _plain(content["values"].get(field.name, ""))
        receipt = content["receipt"] or {}
        more = {"place": receipt.get("place", ""), "copies_to": "、".join(content["copies_to"])}
        return (
            shown
            | {name: text for name, text in more.items() if name in self.fields}
            | {"note": content["note"]}
        )


def _unit(field: KindField) -> str:
    return field.unit or ("元" if field.type == KindField.Type.MONEY else "")


def _plain(value: object) -> str:
    if isinstance(value, list):
        return f"{len(value)} 行的表格：{'、'.join(' '.join(row) for row in value)[:60]}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _parts(text: str) -> list[str]:
    for separator in SEPARATORS:
        text = text.replace(separator, "\n")
    return [part.strip() for part in text.splitlines() if part.strip()]


# --- Attachments -----------------------------------------------------------------------------------------


class AttachmentForm(DeskForm):
    """A line of the list of attachments: its name, and the file if it is to be kept here."""

    title = forms.CharField(label="附件名称", max_length=120, required=False)
    file = forms.FileField(label="文件", required=False)
    checked: Checked | None = None

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file:
            self.checked = check_upload(file)
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.checked and not cleaned.get("title"):
            cleaned["title"] = self.checked.name.rpartition(".")[0] or self.checked.name
        return cleaned


class BaseAttachments(forms.BaseFormSet):
    """The attachments in their order; a line without a name is none."""

    def clean(self) -> None:
        titles = self.titles()
        if len(set(titles)) < len(titles):
            raise ValidationError("有两份附件同名，请改成不同的名称。")

    def lines(self) -> Iterable[Any]:
        return [form for form in self.forms if form.is_valid() and form.cleaned_data.get("title")]

    def titles(self) -> list[str]:
        return [form.cleaned_data["title"] for form in self.lines()]

    def chosen_files(self) -> list[tuple[str, Any]]:
        """Newly chosen files with the titles of their lines."""
        return [
            (form.cleaned_data["title"], form.cleaned_data["file"]) for form in self.lines() if form.checked
        ]


Attachments = forms.formset_factory(
    AttachmentForm,
    formset=BaseAttachments,
    extra=SPARE_ATTACHMENTS,
    max_num=MOST_ATTACHMENTS,
    absolute_max=MOST_ATTACHMENTS,
    validate_max=True,
)


def attachments_form(data: Any, files: Any, titles: Sequence[str] = ()) -> BaseAttachments:
    """The list of attachments as it stands, with empty lines to add."""
    initial = [{"title": title} for title in titles]
    formset: Any = Attachments(data, files, prefix="attachments", initial=initial)
    return cast(BaseAttachments, formset)
