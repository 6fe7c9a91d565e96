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
        "单位与人员",
        "people:staff",
        icon="users",
        children=(
            Entry(
                "人员",
                "people:staff",
                "view_staff",
                covers=(
                    "people:new",
                    "people:person",
                    "people:edit",
                    "people:move",
                    "people:leave",
                    "people:reinstate",
                    "people:reset_password",
                    "people:phone",
                    "people:work",
                    "people:access",
                    "people:grant",
                    "people:end_grant",
                ),
            ),
            Entry("国土所与村居", "people:offices", "view_round", covers=("people:office",)),
            Entry("外出委托", "people:absences", covers=("people:new_absence", "people:cancel_absence")),
            Entry("谁能做什么", "people:who", "view_staff"),
            Entry("角色", "people:roles", "view_staff", covers=("people:role",)),
            Entry("我的权限", "people:my_access"),
            Entry("单位与科室", "people:bureau", "view_config", covers=("people:edit_bureau",)),
        ),
    ),
    Entry(
        "系统管理",
        "home:status",
        icon="settings",
        children=(
            Entry("系统状态", "home:status", "view_jobs"),
            Entry("后台任务", "jobs:runs", "view_jobs", covers=("jobs:run",)),
            Entry("审计记录", "audit:entries", "view_audit", covers=("audit:person", "audit:object")),
            Entry("系统配置", "admin:index", "update_config"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The lines that this person sees, the current one marked; a group leads to its first line."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    lines = []
    for entry in NAVIGATION:
        children = [_line(child, here) for child in entry.children if _may_open(request, child)]
        if entry.children and not children:
            continue
        line = _line(entry, here)
        if children:
            line |= {"url": children[0]["url"], "active": any(child["active"] for child in children)}
        lines.append(line | {"icon": entry.icon, "children": children})
    return lines


def _may_open(request: HttpRequest, entry: Entry) -> bool:
    return entry.permission is None or request.user.has_perm(f"accounts.{entry.permission}")


def _line(entry: Entry, here: str) -> dict[str, Any]:
    return {
        "title": entry.title,
        "url": reverse(entry.url_name),
        "active": here in (entry.url_name, *entry.covers),
    }
