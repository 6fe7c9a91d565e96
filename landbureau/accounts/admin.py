"""Configuration of the bureau's parts. People, grants and work are facts: they have pages of their own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from landbureau.accounts.models import Bureau, Section, SectionAlias, Township, TownshipOffice, Village
from landbureau.web.admin_site import ConfigurationInline, VersionedModelAdmin
from landbureau.web.admin_tables import TableAdmin, TableResource


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


class SectionTable(TableResource):
    class Meta:
        model = Section
        fields = ("name", "kind", "phone", "summary", "order", "is_active")
        import_id_fields = ("name",)


@admin.register(Section)
class SectionAdmin(TableAdmin):
    resource_classes = (SectionTable,)
    list_display = ["name", "kind", "summary", "order", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["name", "aliases__name"]
    inlines = [AliasInline]


class TownshipOfficeTable(TableResource):
    class Meta:
        model = TownshipOffice
        fields = ("name", "phone", "address", "order", "is_active")
        import_id_fields = ("name",)


@admin.register(TownshipOffice)
class TownshipOfficeAdmin(TableAdmin):
    resource_classes = (TownshipOfficeTable,)
    list_display = ["name", "phone", "order", "is_active"]
    search_fields = ["name"]


class TownshipTable(TableResource):
    related = {"office": "name"}

    class Meta:
        model = Township
        fields = ("name", "code", "office", "order")
        import_id_fields = ("name",)


@admin.register(Township)
class TownshipAdmin(TableAdmin):
    resource_classes = (TownshipTable,)
    list_display = ["name", "code", "office", "order"]
    list_filter = ["office"]
    search_fields = ["name"]
    inlines = [VillageInline]
