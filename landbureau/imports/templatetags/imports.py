"""The way to an import from the page of the table that it fills."""

from __future__ import annotations

from typing import Any

from django import template

from landbureau.imports.services import kinds_for

register = template.Library()


@register.inclusion_tag("imports/parts/link.html", takes_context=True)
def import_link(context: template.Context, *kinds: str) -> dict[str, Any]:
    """A button 导入 for whoever may import one of these tables: ``{% import_link "staff" %}``."""
    allowed = kinds_for(context["request"].user)
    mine = [kind for kind in kinds if kind in allowed]
    return {"is_shown": bool(mine), "kind": mine[0] if len(mine) == 1 else ""}
