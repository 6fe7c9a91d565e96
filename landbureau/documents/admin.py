"""Configuration: series, kinds with their fields, methods of service. Wordings have pages of their own,
numbers in use (``NumberCounter``) none: they cannot be edited."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from landbureau.documents.content import ALWAYS, WORDS
from landbureau.documents.limits import AMOUNTS
from landbureau.documents.models import Kind, KindField, NumberCounter, Series, ServiceMethod, ServiceRecord
from landbureau.web.admin_site import ConfigurationInline, VersionedModelAdmin
from landbureau.web.admin_tables import TableAdmin, TableResource
from landbureau.web.forms import VersionedModelForm

FIELD_NAME = re.compile(r"[^{}\[\]【】\s]+")


def may_set_series(request: HttpRequest) -> bool:
    user: Any = request.user
    return bool(user.is_active and user.holds_everywhere("update_series"))


class SeriesForm(VersionedModelForm):
    def clean_mark(self) -> str:
        """Two series with one mark would give the same number twice."""
        mark: str = self.cleaned_data["mark"].strip()
        if Series.objects.filter(mark=mark).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("另一个系列已用这个字，文号会重复。")
        series: Any = self.instance
        if series.pk and mark != self.initial["mark"] and series.has_numbers:
            raise forms.ValidationError("这个系列已编过号，字不能再改。需要新的字时，请另设系列。")
        return mark


@admin.register(Series)
class SeriesAdmin(VersionedModelAdmin):
    """Also needs ``update_series``; who may only change the configuration reads it."""

    form = SeriesForm
    list_display = ("name", "mark", "order", "numbers")
    fieldsets = ((None, {"fields": ("name", "code", "mark", "order", "numbers", "version", "opened")}),)
    readonly_fields = ("numbers",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("code", "numbers") if obj else ("numbers",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and may_set_series(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_set_series(request)

    @admin.display(description="已编到")
    def numbers(self, series: Series) -> str:
        counters = NumberCounter.objects.filter(series=series, last__gt=0).order_by("-year", "organ_code")
        return "；".join(map(str, counters)) or "尚未编号"


class KindForm(VersionedModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"legal_basis", "note"} & self.fields.keys():
            self.fields[name].widget = forms.Textarea(attrs={"rows": 2, "cols": 90})

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("needs_service") is False:
            for name in ("two_servers", "serve_within_days"):
                if cleaned.get(name):
                    self.add_error(name, "不须送达的文书没有这一项。")
        return cleaned


class FieldForm(forms.ModelForm):
    """What a field is called and holds stays: wordings and drafts hang on it."""

    SIZES: ClassVar = {"name": 14, "unit": 5, "help_text": 36, "sample": 20, "at_most": 10, "not_before": 10}
    OF_OTHERS: ClassVar = {
        "at_most": (AMOUNTS, "没有这个名称的数或金额栏目。"),
        "not_before": ((KindField.Type.DATE,), "没有这个名称的日期栏目。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.SIZES.keys() & self.fields.keys():
            self.fields[name].widget.attrs |= {"size": self.SIZES[name], "class": ""}
        for name in {"name", "type"} & self.fields.keys():
            self.fields[name].disabled = bool(self.instance.pk)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not FIELD_NAME.fullmatch(name):
            raise forms.ValidationError("名称中不能有空格和括号。")
        if name in ALWAYS or name.endswith(WORDS):
            raise forms.ValidationError("这个名称由系统使用，请换一个。")
        return name

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        for name, (types, message) in self.OF_OTHERS.items():
            others = KindField.objects.filter(kind=self.instance.kind_id, type__in=types)
            other = cleaned.get(name)
            if other and not others.filter(name=other).exclude(pk=self.instance.pk).exists():
                self.add_error(name, message)
        return cleaned


class FieldInline(ConfigurationInline):
    model = KindField
    form = FieldForm
    fields = (
        "order", "name", "type", "unit", "required", "help_text", "sample",
        "lowest", "highest", "at_most", "not_before",
    )  # fmt: skip
    can_delete = False
    extra = 1


class KindTable(TableResource):
    related = {"series": "mark"}

    class Meta:
        model = Kind
        fields = (
            "code", "title", "family", "layout", "series", "approval", "addressee_label", "own_title",
            "needs_seal", "by_hand", "needs_service", "two_servers", "serve_within_days", "repeat_after_days",
            "legal_basis", "mark", "note", "is_active", "order",
        )  # fmt: skip
        import_id_fields = ("code",)


@admin.register(Kind)
class KindAdmin(TableAdmin):
    """What may be decided about a kind. A kind of the bureau's own is added here, its wording on the desk."""

    resource_classes = (KindTable,)
    form = KindForm
    list_display = ("title", "family", "series", "approval", "needs_seal", "needs_service", "is_active")
    list_filter = ("family", "approval", "is_active")
    search_fields = ("title", "legal_basis", "note")
    inlines = (FieldInline,)
    readonly_fields = ("wording",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    "code",
                    "family",
                    "layout",
                    "addressee_label",
                    "own_title",
                    "wording",
                    "order",
                    "is_active",
                    "version",
                    "opened",
                )
            },
        ),
        (
            "编号与批准",
            {
                "fields": ("series", "approval", "needs_seal", "by_hand"),
                "description": "改动只影响以后的办理；已印发的文书不变。",
            },
        ),
        ("送达", {"fields": ("needs_service", "two_servers", "serve_within_days", "repeat_after_days")}),
        ("依据", {"fields": ("legal_basis", "mark", "note")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("wording", "code", "family", "layout") if obj else ("wording",)

    @admin.display(description="用语")
    def wording(self, kind: Kind) -> str:
        if not kind.pk:
            return "保存后在文书种类页面编写"
        return format_html('<a href="{}">查看和修改</a>', reverse("documents:kind", args=[kind.code]))


@admin.register(ServiceMethod)
class ServiceMethodAdmin(VersionedModelAdmin):
    """The methods are the law's: what they ask for is delivered, days and proof may be adapted."""

    list_display = ("title", "date_rule", "days", "needs_proof", "source", "mark")
    readonly_fields = ("code", "date_rule", "asked")
    fieldsets = (
        (
            None,
            {"fields": ("title", "code", "date_rule", "days", "asked", "needs_proof", "version", "opened")},
        ),
        ("依据", {"fields": ("source", "mark", "note")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="必填栏目")
    def asked(self, method: ServiceMethod) -> str:
        return "、".join(str(label_for_field(name, ServiceRecord)) for name in method.required)
