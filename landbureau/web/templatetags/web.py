"""Template tags of the frame; ``docs/frame.md`` lists them with examples."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import template
from django.core.paginator import Page
from django.template.context import RenderContext
from django.template.defaultfilters import stringfilter
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils import timezone
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString

from landbureau.web.masking import mask_phone

register = template.Library()

STATE_COLOURS = ("grey", "blue", "orange", "red", "purple", "green")


@register.simple_tag(takes_context=True)
def block_text(context: template.Context, name: str) -> str:
    """The text of another block of this page, so that ``<title>`` repeats the heading."""
    render_context: RenderContext = context.render_context
    blocks = render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    return SafeString(" ".join(strip_tags(block.render(context)).split())) if block else ""


# --- Dates and numbers ---------------------------------------------------------------------------


@register.filter
def date_iso(value: date | datetime | None) -> str:
    """``2026-12-01``; a time as ``2026-12-01 14:30`` in Shanghai; nothing for None."""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value) if timezone.is_aware(value) else value:%Y-%m-%d %H:%M}"
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else ""


@register.filter
def date_short(value: date | None, today: date | None = None) -> str:
    """``12-01`` within the current year, else ``2025-12-01``: for dense places."""
    if not isinstance(value, date):
        return ""
    today = today or timezone.localdate()
    return f"{value:%m-%d}" if value.year == today.year else f"{value:%Y-%m-%d}"


@register.filter
def relative_days(value: date | None, today: date | None = None) -> str:
    """``还有10天``, ``今天`` or ``逾期3天``, counted from ``today`` (default: the day in Shanghai)."""
    if not isinstance(value, date):
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    days = (value - (today or timezone.localdate())).days
    if days == 0:
        return "今天"
    return f"还有{days}天" if days > 0 else f"逾期{-days}天"


@register.filter
def number(value: int | float | Decimal | None) -> str:
    """A whole number or the decimal as it is, with thousands separators: ``1,234``."""
    return "" if value is None or value == "" else f"{value:,}"


@register.filter
def money(value: Decimal | float | None) -> str:
    """元 with two places: ``28,000.00``."""
    return "" if value is None or value == "" else f"{value:,.2f}"


register.filter("mask_phone", stringfilter(mask_phone))


@register.filter
def sentences(texts: Iterable[Any]) -> str:
    """Several errors as one sentence: ``太短；缺数字。`` (no full stop before a semicolon)."""
    *first, last = map(str, texts) if texts else ("",)
    return "；".join([*(text.removesuffix("。") for text in first), last])


# --- Pieces -----------------------------------------------------------------------------------------


@register.simple_tag
def state(colour: str, word: str, badge: bool = False) -> SafeString:
    """Dot and word; ``badge=True`` gives it a ground. The colours are those of screens.md."""
    if colour not in STATE_COLOURS:
        raise template.TemplateSyntaxError(f"state: {colour!r} is none of {STATE_COLOURS}")
    return format_html(
        '<span class="lb-state lb-state-{}{}">{}</span>', colour, " lb-state-badge" if badge else "", word
    )


@register.inclusion_tag("web/parts/pager.html", takes_context=True)
def paginate(context: template.Context, page: Page[Any], unit: str = "条") -> dict[str, Any]:
    """Range, page size and page links of ``page``; the other parameters of the address stay."""
    return {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "gap": page.paginator.ELLIPSIS,
        "unit": unit,
        "sizes": context.get("page_sizes"),
        "orders": context.get("orders"),
        "request": context["request"],
    }


@register.inclusion_tag("web/parts/filter_bar.html", takes_context=True)
def filter_bar(context: template.Context, filter: Any) -> dict[str, Any]:
    """The filters of a list in one bar, below them the active ones as removable chips."""
    request = context["request"]
    kept = [
        (name, value)
        for name in ("sort", "size", "col")
        for value in request.GET.getlist(name)
        if name not in filter.form.fields
    ]
    presets = {pair for preset in context.get("presets") or () for pair in parse_qsl(preset["query"])}
    return {
        "filter": filter,
        "more_is_open": filter.more_is_open(presets),
        "kept": kept,
        "request": request,
        "totals": context.get("totals"),
    }


@register.inclusion_tag("web/parts/empty.html")
def empty_state(
    title: str, text: str = "", icon: str = "inbox", url: str = "", action: str = ""
) -> dict[str, str]:
    """What a list says when nothing is there, and what to do next."""
    return {"title": title, "text": text, "icon": icon, "url": url, "action": action}


@register.inclusion_tag("web/parts/figure.html")
def figure(
    label: str, value: Any, unit: str = "", note: str = "", url: str = "", colour: str = ""
) -> dict[str, Any]:
    """One key figure, inside ``<ul class="lb-figures">``; ``url`` opens the list behind it."""
    return {"label": label, "value": value, "unit": unit, "note": note, "url": url, "colour": colour}


@register.inclusion_tag("web/parts/progress.html")
def progress(done: int, total: int | None, label: str = "") -> dict[str, Any]:
    """A bar with its percentage; ``total`` None: it is not known how much there is."""
    percent = min(100, done * 100 // total) if total else None
    return {"done": done, "total": total, "percent": percent, "label": label}


@register.inclusion_tag("web/parts/tabs.html", takes_context=True)
def tabs(context: template.Context, items: list[dict[str, Any]], label: str = "分页") -> dict[str, Any]:
    """Tabs as links: ``title``, ``url`` and optionally ``count``, ``active``."""
    path = context["request"].path
    return {"items": [{"active": item["url"] == path, **item} for item in items], "label": label}


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The address's parameters with ``changes``; None removes one. ``<a href="?{% query sort='name' %}">``"""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            params.pop(name, None)
        else:
            params[name] = str(value)
    return urlencode(sorted(params.lists()), doseq=True)


@register.simple_tag(takes_context=True)
def parameters_without(context: template.Context, *names: str) -> list[tuple[str, str]]:
    """Name and value of the address's parameters but ``names``, for hidden fields of a form.

    In a template ``request.GET.lists`` would be the parameter of that name, if somebody typed one.
    """
    params = context["request"].GET
    return [(name, value) for name in params if name not in names for value in params.getlist(name)]


@register.simple_tag(takes_context=True)
def without(context: template.Context, names: tuple[str, ...]) -> str:
    """The address's parameters without ``names`` and without the page."""
    params = context["request"].GET.copy()
    for name in (*names, "page"):
        params.pop(name, None)
    return urlencode(sorted(params.lists()), doseq=True)
