"""The navigation of the desk, by work; what a person may not open is not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class Entry:
    """A line of the navigation: ``permission`` None is open to every member of the staff.

    ``covers``: further addresses during which the line is the active one, besides ``url_name``.
    """

    title: str
    url_name: str
    permission: str | None = None
    icon: str = ""
    covers: tuple[str, ...] = ()
    children: tuple[Entry, ...] = ()


NAVIGATION = (
    Entry("工作台", "home:desk", icon="clipboard-check", covers=("home:search",)),
    Entry(
        "期限与日历",
        "workdays:deadlines",
        icon="calendar-due",
        children=(
            Entry(
                "期限台账",
                "workdays:deadlines",
                "view_deadline",
                covers=(
                    "workdays:register",
                    "workdays:deadline",
                    "workdays:settle",
                    "workdays:correct",
                    "workdays:tell",
                ),
            ),
            Entry(
                "工作日历",
                "workdays:calendar",
                "view_calendar",
                covers=("workdays:year", "workdays:day", "home:calendar_change"),
            ),
            Entry("期限计算", "workdays:calculator", "view_calendar"),
            Entry("法定时限表", "workdays:limits", "view_calendar"),
        ),
    ),
    Entry(
        "系统管理",
        "home:status",
        icon="settings",
        children=(
            Entry("系统状态", "home:status", "view_jobs"),
            Entry("后台任务", "jobs:runs", "view_jobs"),
            Entry("审计记录", "audit:entries", "view_audit"),
            Entry("系统配置", "admin:index", "update_config"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The lines that this person sees, the current one marked; a group leads to its first line."""
    match = request.resolver_match
    here = match.view_name if match else ""
    app = match.app_name if match else ""
    lines = []
    for entry in NAVIGATION:
        children = [_line(child, here) for child in entry.children if _may_open(request, child)]
        if entry.children and not children:
            continue
        apps = {name.partition(":")[0] for name in (entry.url_name, *(c.url_name for c in entry.children))}
        active = any(child["active"] for child in children) or here in (entry.url_name, *entry.covers)
        lines.append(
            {
                "title": entry.title,
                "icon": entry.icon,
                "url": children[0]["url"] if children else reverse(entry.url_name),
                "active": active or (bool(children) and app in apps - {"home"}),
                "children": children,
            }
        )
    return lines


def _may_open(request: HttpRequest, entry: Entry) -> bool:
    return entry.permission is None or request.user.has_perm(f"accounts.{entry.permission}")


def _line(entry: Entry, here: str) -> dict[str, Any]:
    return {
        "title": entry.title,
        "url": reverse(entry.url_name),
        "active": here in (entry.url_name, *entry.covers),
    }
