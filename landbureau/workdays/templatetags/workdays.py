"""Template tags of the calendar."""

from __future__ import annotations

from datetime import date

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from landbureau.workdays import rules

register = template.Library()

WEEKDAYS = "一二三四五六日"


@register.filter
def weekday(value: date) -> str:
    """``周四``."""
    return f"周{WEEKDAYS[value.weekday()]}"


@register.filter
def distance(value: date, today: date) -> str:
    """``还有10天``, ``今天``, ``10天前``: of a computed day, which is no duty yet."""
    days = (value - today).days
    if days == 0:
        return "今天"
    return f"还有{days}天" if days > 0 else f"{-days}天前"


@register.filter
def day_words(day: rules.Day) -> str:
    """``休息，国庆节``; ``上班（周末改上班，春节）``, with 暂定 where that is so."""
    if day.is_workday and day.is_weekend:
        words = "周末改上班"
    elif day.is_workday:
        words = "上班"
    else:
        words = "休息" if day.name or not day.is_weekend else "周末休息"
    return "，".join(filter(None, [words, day.name, "暂定" if day.provisional else ""]))


@register.simple_tag
def calendar_day(day: rules.Day, today: date) -> SafeString:
    """One cell of the year: ground, mark and label say the same."""
    mark = ""
    classes = ["wd-day"]
    if day.is_workday and day.is_weekend:
        classes.append("wd-made-up")
        mark = "班"
    elif not day.is_workday and (day.name or not day.is_weekend):
        classes.append("wd-holiday")
        mark = "休"
    elif not day.is_workday:
        classes.append("wd-weekend")
    if day.provisional:
        classes.append("wd-provisional")
        mark = f"暂{mark}"
    current = day.on == today
    if current:
        classes.append("wd-today")
    return format_html(
        '<a class="{}" href="{}" aria-label="{}" title="{}"{}>{}<small>{}</small></a>',
        " ".join(classes),
        reverse("workdays:day", args=[day.on.isoformat()]),
        f"{day.on.month}月{day.on.day}日 {weekday(day.on)} {day_words(day)}",
        day_words(day),
        SafeString(' aria-current="date"') if current else "",
        day.on.day,
        mark or "\xa0",
    )


@register.inclusion_tag("workdays/parts/result.html")
def limit_result(result: object, today: date, settled_on: date | None = None) -> dict[str, object]:
    """A computed last day with every day that was skipped or rolled over.

    Once the matter is settled nothing is left to wait for, and nothing provisional.
    """
    return {"result": result, "today": today, "open": settled_on is None}
