"""What was decided about earlier files: to be looked at, and forgotten where it was a mistake."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from landbureau.imports.choices import NOT_IMPORTED
from landbureau.imports.models import RememberedAnswer, RememberedColumn
from landbureau.imports.targets import targets
from landbureau.web.admin_site import ConfigurationModelAdmin, may_configure


class RememberedAdmin(ConfigurationModelAdmin):
    """Rows are written by confirmed imports; one that is deleted is asked about again in the next file."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_configure(request)

    @admin.display(description="表的种类", ordering="kind")
    def table(self, row: RememberedColumn | RememberedAnswer) -> str:
        known = targets()
        return known[row.kind].title if row.kind in known else row.kind


@admin.register(RememberedColumn)
class RememberedColumnAdmin(RememberedAdmin):
    list_display = ("head", "table", "item", "decided_by", "decided_at")
    list_select_related = ("decided_by",)
    search_fields = ("head",)
    fields = ("head", "table", "item", "decided_by", "decided_at")

    @admin.display(description="对应的项")
    def item(self, row: RememberedColumn) -> str:
        columns = targets()[row.kind].columns if row.kind in targets() else ()
        titles = {column.name: column.title for column in columns}
        return titles.get(row.column, "不导入" if row.column == NOT_IMPORTED else row.column)


@admin.register(RememberedAnswer)
class RememberedAnswerAdmin(RememberedAdmin):
    list_display = ("column", "value", "message", "answer", "table", "decided_by", "decided_at")
    list_select_related = ("decided_by",)
    search_fields = ("column", "value", "answer")
    fields = ("table", "column", "value", "message", "answer", "decided_by", "decided_at")
