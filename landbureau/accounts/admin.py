"""Configuration of the bureau's parts. People, grants and work are facts: they have pages of their own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from landbureau.accounts.models import Bureau, Section, SectionAlias, Township, TownshipOffice, Village
from landbureau.web.admin_site import ConfigurationInline, VersionedModelAdmin


class AliasInline(ConfigurationInline):
    model = SectionAlias


class VillageInline(ConfigurationInline):
    model = Village
    can_delete = False  # rounds, later supplies and cases, stay with their village
    extra = 3


@admin.register(Bureau)
class BureauAdmin(VersionedModelAdmin):
    """The one row; it is loaded, not added."""

    list_display = ["name", "organ_code", "phone", "go_live_on"]
    readonly_fields = ["code"]

    def has_add_permission(self, request: Any) -> bool:
        return False


@admin.register(Section)
class SectionAdmin(VersionedModelAdmin):
    list_display = ["name", "kind", "summary", "order", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["name", "aliases__name"]
    inlines = [AliasInline]


@admin.register(TownshipOffice)
class TownshipOfficeAdmin(VersionedModelAdmin):
    list_display = ["name", "phone", "order", "is_active"]
    search_fields = ["name"]


@admin.register(Township)
class TownshipAdmin(VersionedModelAdmin):
    list_display = ["name", "code", "office", "order"]
    list_filter = ["office"]
    search_fields = ["name"]
    inlines = [VillageInline]
