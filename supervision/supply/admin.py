"""Configuration of the regime: numbers, kinds, checks, indicators; what happened is never here."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest

from landbureau.accounts.models import User
from landbureau.web.admin_site import VersionedModelAdmin
from landbureau.web.admin_tables import TableAdmin, TableResource
from landbureau.web.forms import VersionedModelForm
from supervision.supply.models import CheckItem, DeviationKind, Indicator, NoticeKind, Parameter, Regime
from supervision.supply.services import project_all_later

LAW = ("source", "mark")
VERSION = ("version", "opened")
COUNTED = ("日", "工作日", "月", "年")
"""Units of which there are no parts."""


class Delivered(VersionedModelAdmin):
    """Rows whose codes the program knows: their values are the bureau's, none is added."""

    readonly_fields: ClassVar[tuple[str, ...]] = ("code",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class ParameterForm(VersionedModelForm):
    def clean_number(self) -> Decimal:
        number: Decimal = self.cleaned_data["number"]
        unit: Any = self.instance
        if unit.unit in COUNTED and number != number.to_integral_value():
            raise forms.ValidationError(f"以“{unit.unit}”计的须为整数。")
        return number


@admin.register(Parameter)
class ParameterAdmin(Delivered):
    """A changed number moves what hangs on it: reminders, lines of termination, derived dates."""

    form = ParameterForm
    list_display = ("title", "number", "unit", "source", "mark")
    search_fields = ("title", "note", "source")
    readonly_fields = ("code", "unit")
    fieldsets = (
        (
            None,
            {
                "fields": ("title", "code", "number", "unit", "note", *VERSION),
                "description": "保存后，全部供地的提醒、可解除和推算日期在后台按新的数值重新计算。",
            },
        ),
        ("依据", {"fields": LAW}),
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            run = None
            if "number" in form.changed_data:
                run = project_all_later(changed=obj, actor=cast(User, request.user))
        if run is not None:
            told = "正在后台按新的数值重新计算全部供地，完成前列表和提醒仍按原来的数值；进度见“后台任务”。"
            messages.info(request, told)


@admin.register(NoticeKind)
class NoticeKindAdmin(Delivered):
    list_display = ("title", "doer", "act", "document_kind", "held", "repeat_after_days")
    search_fields = ("title", "act", "source")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    "code",
                    "doer",
                    "act",
                    "document_kind",
                    "held",
                    "repeat_after_days",
                    *VERSION,
                )
            },
        ),
        ("依据", {"fields": LAW}),
    )


@admin.register(Indicator)
class IndicatorAdmin(Delivered):
    """How an indicator is counted is the program's; what is required is the bureau's or its superior's."""

    list_display = ("title", "required", "unit", "source", "mark")
    search_fields = ("title", "formula", "source")
    readonly_fields = ("code", "formula", "unit")
    fieldsets = (
        (None, {"fields": ("title", "code", "formula", "required", "unit", *VERSION)}),
        ("依据", {"fields": LAW}),
    )


@admin.register(Regime)
class RegimeAdmin(Delivered):
    """The one row; it is delivered."""

    list_display = ("title", "section", "brigade", "officer_title", "visit_rule")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    "code",
                    "subjects",
                    "section",
                    "brigade",
                    "officer_title",
                    "visit_rule",
                    "source",
                    *VERSION,
                )
            },
        ),
    )


class BureausOwn(TableAdmin):
    """Tables that the bureau may extend; a code stays what it is, since rows hold it."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("code",) if obj else ()


class DeviationTable(TableResource):
    class Meta:
        model = DeviationKind
        fields = ("code", "title", "question", "measure", "asked", "order", *LAW)
        import_id_fields = ("code",)


@admin.register(DeviationKind)
class DeviationKindAdmin(BureausOwn):
    resource_classes = (DeviationTable,)
    list_display = ("title", "question", "measure", "asked", "order")
    list_filter = ("asked",)
    search_fields = ("title", "question", "measure")
    fieldsets = (
        (None, {"fields": ("title", "code", "question", "measure", "asked", "order", *VERSION)}),
        ("依据", {"fields": LAW}),
    )


class CheckItemTable(TableResource):
    class Meta:
        model = CheckItem
        fields = ("code", "title", "order", *LAW)
        import_id_fields = ("code",)


@admin.register(CheckItem)
class CheckItemAdmin(BureausOwn):
    resource_classes = (CheckItemTable,)
    list_display = ("title", "source", "mark", "order")
    search_fields = ("title", "source")
    fieldsets = (
        (None, {"fields": ("title", "code", "order", *VERSION)}),
        ("依据", {"fields": LAW}),
    )
