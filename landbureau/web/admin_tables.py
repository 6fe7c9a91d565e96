"""Configuration tables that leave the admin as a file and come back changed.

import-export shows what a file would change and does it; what a row may hold is decided by the form of the
page: an import is as if somebody had typed it. Nothing is deleted; all of a file comes in, or nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import models, transaction
from django.forms import ModelForm, model_to_dict
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.module_loading import import_string
from django.views.decorators.http import require_POST
from import_export.admin import ImportExportMixin
from import_export.fields import Field
from import_export.resources import Diff, ModelResource
from import_export.results import Result, RowResult
from import_export.widgets import Widget
from tablib import Dataset

from landbureau.web import exports
from landbureau.web.admin_files import FORMATS, FormStorage, TableConfirmForm, TableImportForm
from landbureau.web.admin_site import VersionedModelAdmin
from landbureau.web.models import Versioned
from landbureau.web.versions import save_edit

# --- Cells: from the words of the page to a value, and back ------------------------------------------------


class Cell(Widget):
    """One cell; ``clean`` raises ``ValueError`` with what is wrong (Chinese)."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return self.read(_text(value))

    def read(self, text: str) -> Any:
        return text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


class WholeNumber(Cell):
    def read(self, text: str) -> int | None:
        if text and not (text.isdecimal() and len(text) < 10):
            raise ValueError(f"应为整数，现为“{text}”。")
        return int(text) if text else None


class Choice(Cell):
    """One of ``words``: word → value."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        super().__init__()
        self.words = words

    def read(self, text: str) -> Any:
        if text not in self.words:
            known, found = "、".join(f"“{word}”" for word in self.words), f"“{text}”" if text else "空"
            raise ValueError(f"应为{known}之一，现为{found}。")
        return self.words[text]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return next((word for word, known in self.words.items() if known == value), "")


class Row(Cell):
    """A row of another table, named by its unique field ``by``."""

    def __init__(self, model: type[models.Model], by: str) -> None:
        super().__init__()
        self.model, self.by = model, by

    def read(self, text: str) -> models.Model:
        row = self.model._default_manager.filter(**{self.by: text}).first()
        if row is None:
            raise ValueError(f"没有“{text}”这个{self.model._meta.verbose_name}。")
        return row

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(getattr(value, self.by, ""))


def _text(value: Any) -> str:
    """What somebody typed; Excel makes a number of a code, and a truth of 是 in other languages."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


# --- The table as a resource -------------------------------------------------------------------------------


class Changes(Diff):
    """What a row changes: ``(head, old, new)``; of a new row what it has, without old."""

    def __init__(self, resource: TableResource, instance: Any, new: bool) -> None:
        super().__init__(resource, instance, new)
        self.heads = resource.get_diff_headers()

    def as_html(self) -> list[tuple[str, Any, Any]]:
        values = zip(self.heads, self.left, self.right, strict=True)
        if self.new:
            return [(head, None, new) for head, _, new in values if new not in ("", None)]
        return [(head, _shown(old), _shown(new)) for head, old, new in values if old != new]


def _shown(value: Any) -> Any:
    return "（空）" if value in ("", None) else value


class TableResource(exports.SheetResource, ModelResource):
    """A configuration table: ``Meta.model``, ``fields`` in their order, and ``import_id_fields``: the one
    unique field by which a row is known. ``related``: the unique field that names a row of another table."""

    related: ClassVar[dict[str, str]] = {}

    class Meta:
        skip_unchanged = True

    def __init__(self, *, table: TableAdmin, request: HttpRequest, seen: str = "") -> None:
        super().__init__()
        self.table, self.request, self.seen = table, request, seen
        self.key = self.fields[self._meta.import_id_fields[0]]
        self.changed: list[str] = []  # fields of the row at hand

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Field:
        return Field(field_name, str(django_field.verbose_name), cls.cell_of(django_field), readonly=readonly)

    @classmethod
    def cell_of(cls, field: Any) -> Cell:
        if isinstance(field, models.ForeignKey):
            return Row(field.related_model, cls.related[field.name])
        if field.choices:
            return Choice({str(word): value for value, word in field.flatchoices})
        if isinstance(field, models.BooleanField):
            return Choice({"是": True, "否": False})
        if isinstance(field, models.IntegerField):
            return WholeNumber()
        if isinstance(field, models.CharField):
            return Cell()
        raise TypeError(f"no cell for {field}")

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return Changes

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().select_related(*self.related)

    # --- The file as a whole ---

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        self.request.seen = self.table.fingerprint()  # type: ignore[attr-defined]  # for the confirmation
        if self.seen not in ("", self.request.seen):  # type: ignore[attr-defined]
            raise ValidationError("核对之后，表中的内容已被他人修改。请重新选择文件，核对后再导入。")
        self._check_heads(dataset.headers)
        first: dict[str, int] = {}
        for number, value in enumerate(dataset[self.key.column_name], 2):
            text = _text(value)
            if text and first.setdefault(text, number) != number:
                raise ValidationError(
                    f"第{number}行与第{first[text]}行的“{self.key.column_name}”都是“{text}”，请只留一行。"
                )

    def _check_heads(self, heads: Sequence[str]) -> None:
        known = [field.column_name for field in self.fields.values()]
        if unknown := [head or "（空）" for head in heads if head not in known]:
            raise ValidationError(
                f"文件中有本表没有的列：{'、'.join(unknown)}。本表的列是：{'、'.join(known)}。"
            )
        if twice := sorted({head for head in heads if heads.count(head) > 1}):
            raise ValidationError(f"文件中有重复的列：{'、'.join(twice)}。")
        if self.key.column_name not in heads:
            raise ValidationError(f"文件中缺少“{self.key.column_name}”列，无法对应到表中的行。")

    def after_import(self, dataset: Dataset, result: Result, **kwargs: Any) -> None:
        """Keys are the database's own: no sequence to put right, which only its owner could."""

    # --- A row ---

    def import_row(self, row: Mapping[str, Any], instance_loader: Any, **kwargs: Any) -> RowResult:
        result = super().import_row(row, instance_loader, **kwargs)
        for error in result.errors:  # not of the file: a mistake of the program
            raise error.error
        return result

    def after_init_instance(self, instance: Any, new: bool, row: Mapping[str, Any], **kwargs: Any) -> None:
        if new and not self.table.has_add_permission(self.request):
            head, name = self.key.column_name, self._meta.model._meta.verbose_name
            raise ValidationError({head: f"没有“{_text(row[head])}”这项{name}，此表不能新增。"})

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        self.changed = [
            name
            for name, field in self.fields.items()
            if field.get_value(instance) != field.get_value(original)
        ]
        return not self.changed and not import_validation_errors

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """As the page's form would: its fields and rules, what it only shows cannot be changed."""
        errors: dict[str, Any] = dict(import_validation_errors or {})
        form = self.table.form_for(self.request, instance)
        for name, found in form.errors.as_data().items():
            errors.setdefault(name, found)
        for name in self.changed:
            if instance.pk and name not in form.fields:
                errors.setdefault(name, "这一列不能改动。")
        if errors:
            raise ValidationError({self._head(name): found for name, found in errors.items()})

    def _head(self, name: str) -> str:
        return str(self.fields[name].column_name) if name in self.fields else NON_FIELD_ERRORS

    def do_instance_save(self, instance: Any, is_create: bool) -> None:
        if is_create:
            instance.save(force_insert=True)
        else:
            save_edit(instance, self.changed)

    def handle_import_error(self, result: Result, error: Exception, raise_errors: bool = False) -> None:
        if not isinstance(error, ValidationError):
            raise error
        super().handle_import_error(result, error, raise_errors)

    def after_import_row(self, row: Any, row_result: RowResult, **kwargs: Any) -> None:
        row_result.number = kwargs["row_number"] + 1  # as the sheet counts, with its head


# --- Its pages ---------------------------------------------------------------------------------------------


class TableAdmin(ImportExportMixin, VersionedModelAdmin):
    """A table with 导出 and 导入 beside its list. ``resource_classes``: one ``TableResource``."""

    formats = FORMATS
    import_form_class = TableImportForm
    confirm_form_class = TableConfirmForm
    tmp_storage_class = FormStorage
    skip_admin_log = True  # the audit record has every row of it

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_resource_kwargs(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        confirmed = getattr(kwargs.get("form"), "cleaned_data", {})
        return {"table": self, "request": request, "seen": confirmed.get("seen", "")}

    def form_for(self, request: HttpRequest, instance: Versioned) -> ModelForm:
        """The form of the page, filled in with what the row holds."""
        row = instance if instance.pk else None
        fields = flatten_fieldsets(self.get_fieldsets(request, row))
        form_class = self.get_form(request, row, change=bool(row), fields=fields)
        data = model_to_dict(instance, form_class.base_fields) | {"version": instance.version}
        form: ModelForm = form_class(data, instance=instance)
        return form

    def fingerprint(self) -> str:
        """How the table stands, locked until the transaction ends; another one after any change."""
        rows = self.model._default_manager.select_for_update().order_by("pk")
        return hashlib.sha256(repr(list(rows.values_list("pk", "version"))).encode()).hexdigest()

    def _page(self, name: str) -> HttpResponseBase:
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}")

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        """What search and filters of the list show, in its order."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        params = request.GET.copy()
        name = (params.pop("export", None) or ["xlsx"])[-1]
        if name not in exports.FORMATS:
            raise Http404
        request.GET = params  # type: ignore[assignment]  # without what is no filter of the list
        try:
            rows = self.get_export_queryset(request)
        except IncorrectLookupParameters:
            return self._page("changelist")
        resource = self.resource_classes[0](**self.get_export_resource_kwargs(request))
        title = str(self.opts.verbose_name_plural)
        sheet = resource.sheet(title, rows.select_related(*resource.related))
        return exports.export_response(request, name, sheet, today=timezone.localdate())

    def add_data_read_fail_error_to_form(self, form: TableImportForm, e: Exception) -> None:
        if not isinstance(e, ValidationError):
            raise e
        form.add_error("import_file", e)

    def get_confirm_form_initial(self, request: HttpRequest, import_form: Any) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_confirm_form_initial(request, import_form)
        return initial | {"seen": request.seen} if import_form else initial  # type: ignore[attr-defined]

    @method_decorator(require_POST)
    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Do what was shown, all of it; nothing if the table has changed since."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = self.create_confirm_form(request)
        if not form.is_valid():
            messages.error(request, "没有导入：核对的时间过长或页面不完整，请重新选择文件。")
            return self._page("import")
        data: bytes = form.cleaned_data["import_file_name"]
        try:
            dataset = FORMATS[int(form.cleaned_data["format"])]().create_dataset(data)
        except ValidationError as error:
            messages.error(request, f"没有导入：{'；'.join(error.messages)}")
            return self._page("import")
        with transaction.atomic():
            result = self.process_dataset(dataset, form, request, rollback_on_validation_errors=True)
            if problem := _problem(result):
                messages.error(request, f"没有导入：{problem}")
                return self._page("import")
            recorder: Callable[..., Any] = import_string(settings.IMPORT_RECORDER)
            recorder(
                request.user,
                str(self.opts.verbose_name_plural),
                counts=_counts(result),
                file=form.cleaned_data["original_file_name"],
                sha256=hashlib.sha256(data).hexdigest(),
            )
        answer: HttpResponseBase = self.process_result(result, request)
        return answer

    def add_success_message(self, result: Result, request: HttpRequest) -> None:
        words = zip(("新增", "修改", "未变"), _counts(result).values(), strict=True)
        messages.success(request, f"导入完成：{'，'.join(f'{word} {count} 行' for word, count in words)}。")


def _counts(result: Result) -> dict[str, int]:
    return {
        "created": result.totals[RowResult.IMPORT_TYPE_NEW],
        "updated": result.totals[RowResult.IMPORT_TYPE_UPDATE],
        "unchanged": result.totals[RowResult.IMPORT_TYPE_SKIP],
    }


def _problem(result: Result) -> str:
    """The first thing that stands against it; empty: nothing."""
    if result.base_errors:
        return "；".join(result.base_errors[0].error.messages)
    if result.invalid_rows:
        row = result.invalid_rows[0]
        return f"第{row.number + 1}行：{'；'.join(row.error.messages)}"
    return ""
