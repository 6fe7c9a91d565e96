"""Configuration: the limits of the law and the fixed holidays."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from landbureau.web.admin_site import ConfigurationModelAdmin
from landbureau.web.admin_tables import TableAdmin, TableResource
from landbureau.workdays.models import FixedHoliday, TimeLimit


class TimeLimitTable(TableResource):
    class Meta:
        model = TimeLimit
        fields = (
            "code", "group", "title", "event", "number", "unit", "rolls", "backwards",
            "source", "mark", "note",
        )  # fmt: skip
        import_id_fields = ("code",)


@admin.register(TimeLimit)
class TimeLimitAdmin(TableAdmin):
    """The bureau changes how a limit counts; what it is and where it comes from is delivered."""

    resource_classes = (TimeLimitTable,)
    list_display = ("title", "group", "event", "span", "rolls", "source", "mark", "changed")
    list_display_links = ("title",)
    list_filter = ("group", "mark")
    search_fields = ("title", "event", "source", "note")
    readonly_fields = ("code", "group", "event", "backwards", "shipped_span")
    fieldsets = (
        (None, {"fields": ("title", "code", "group", "event", "version", "opened")}),
        (
            "期限",
            {
                "fields": (("number", "unit"), "rolls", "backwards", "shipped_span"),
                "description": "改动只影响以后登记的期限；已在台账中的期限不变。",
            },
        ),
        ("依据", {"fields": ("source", "mark", "note")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="期限", ordering="number")
    def span(self, limit: TimeLimit) -> str:
        return limit.span

    @admin.display(description="已改动", boolean=True)
    def changed(self, limit: TimeLimit) -> bool:
        return limit.is_changed

    @admin.display(description="初始值")
    def shipped_span(self, limit: TimeLimit) -> str:
        return limit.shipped_span


@admin.register(FixedHoliday)
class FixedHolidayAdmin(ConfigurationModelAdmin):
    """To be read only: a change of the calendar has to show and move the time limits that hang on it."""

    HINT = "固定节日随程序更新，此处仅供查看；要改动某一天，请在“工作日历”中修改，系统会先列出受影响的期限。"
    list_display = ("__str__", "source", "valid_from")
    fieldsets = ((None, {"fields": ("month", "day", "name", "source", "valid_from"), "description": HINT}),)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"subtitle": self.HINT} | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
