"""Configuration: the limits of the law and the fixed holidays."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from landbureau.web.admin_site import ConfigurationModelAdmin
from landbureau.workdays.models import FixedHoliday, TimeLimit


@admin.register(TimeLimit)
class TimeLimitAdmin(ConfigurationModelAdmin):
    """The bureau changes how a limit counts; what it is and where it comes from is delivered."""

    list_display = ("title", "group", "event", "span", "rolls", "source", "mark", "changed")
    list_display_links = ("title",)
    list_filter = ("group", "mark")
    search_fields = ("title", "event", "source", "note")
    readonly_fields = ("code", "group", "event", "backwards", "shipped_span")
    fieldsets = (
        (None, {"fields": ("title", "code", "group", "event")}),
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

    @admin.display(description="出厂值")
    def shipped_span(self, limit: TimeLimit) -> str:
        return limit.shipped_span


@admin.register(FixedHoliday)
class FixedHolidayAdmin(ConfigurationModelAdmin):
    list_display = ("__str__", "source", "valid_from")
